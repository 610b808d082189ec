"""A divergence that a run found, in words: all that a reader needs to judge it."""

from __future__ import annotations

import textwrap
from collections.abc import Iterator, Mapping
from typing import Any

from conformance.clauses import registry
from conformance.clauses.registry import CLAUSES, Clause
from conformance.explain.evidence import by_thing, settings
from conformance.explain.signature import in_words
from conformance.explain.sources import in_words as spelt
from conformance.explain.sources import sources
from stateful.lockstep.divergence import Signature

#: How wide the names before the texts are.
_INDENT = 12


def explain_finding(target: str, told: Mapping[str, Any]) -> str:
    """The divergence ``told`` by a report.json about ``target``."""
    registry.load()
    differs = {each["what"]: (each["expected"], each["actual"]) for each in told.get("differs", ())}
    lines = [
        f"{told['id']}: {told['signature']}",
        "",
        *(row for key, text in _story(target, told) for row in _rows(key, text)),
    ]
    first = (
        Signature.parse(told["signature"]).field.partition(".")[2],
        told["expected"],
        told["actual"],
    )
    for thing, fields in by_thing(differs).items():
        for field, expected, got in fields:
            if (field, expected, got) == first:
                continue
            lines += _rows("also", f"{thing} {field}: expected {expected}, got {got}".strip())
    clause = CLAUSES.get(told.get("clause", ""))
    if clause is not None:
        lines += ["", *(row for key, text in why(clause) for row in _rows(key, text))]
    alone = f"persistent-conformance replay {told['id']} --target {target}"
    return "\n".join([*lines, "", *_rows("alone", alone)])


def why(clause: Clause) -> Iterator[tuple[str, str]]:
    """What a clause says, and why that is right: names and texts."""
    yield clause.id, clause.sentence
    if clause.decision:
        yield "decision", spelt(clause.decision)
    for source in sources(clause.source):
        yield "says", str(source)


def _story(target: str, told: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    if told.get("cause"):
        yield "cause", f"{told['cause']}: {told.get('because', '')}"
    yield "target", target
    yield "with", settings(told["trace"]["world"])
    for number, step in enumerate(told["steps"][: told["step"] + 1]):
        yield "" if number else "done", step
    yield from in_words(Signature.parse(told["signature"]))
    yield "expected", told["expected"]
    yield "got", told["actual"]


def _rows(key: str, text: str) -> list[str]:
    return textwrap.wrap(
        " ".join(text.split()),
        96,
        initial_indent=f"{key:>{_INDENT - 2}}  ",
        subsequent_indent=" " * _INDENT,
        break_long_words=False,
        break_on_hyphens=False,
    )


__all__ = ["explain_finding", "why"]
