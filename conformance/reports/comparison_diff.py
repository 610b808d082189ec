"""Two implementations in the terminal, read like a diff: what is worse now, then what is better."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from itertools import groupby

from rich.console import Console
from rich.text import Text

from conformance.comparing.changes import (
    BETTER,
    KINDS,
    OTHER,
    WORSE,
    Changes,
    CheckChange,
    ClauseChange,
    DivergenceChange,
)
from conformance.comparing.comparison import Comparison
from conformance.explain.evidence import settings
from conformance.explain.sources import in_words
from conformance.judging.causes.differing import differing
from conformance.judging.events import CheckFinished
from conformance.judging.in_process import FAIL, NOT_RUN, PASS
from conformance.reports.terminal import STYLES, line

_COLOURS = {WORSE: "red", BETTER: "green", OTHER: "yellow"}
_SIGNS = {WORSE: "-", BETTER: "+", OTHER: "~"}
#: How many checks of a clause, and divergences of a kind, are shown; the rest are counted.
_CHECKS, _DIVERGENCES = 2, 20


def show_changes(
    comparison: Comparison, changes: Changes, console: Console, kinds: Sequence[str] = KINDS
) -> None:
    """Print an index of what changed, then each change in full; only those of ``kinds``."""
    shown = [(kind, changes.of_kind(kind)) for kind in KINDS if kind in kinds]
    before, after = (column.label for column in comparison.columns)
    console.print(Text.assemble((before, "bold"), " -> ", (after, "bold")), soft_wrap=True)
    for kind, found in shown:
        if found:
            console.print(_index(kind, found), soft_wrap=True)
    for kind, found in shown:
        if found:
            console.rule(kind, align="left", style=_COLOURS[kind])
            _clauses(found.clauses, console)
            _divergences(found.divergences, console)


def words(changes: Changes) -> str:
    """How much changed, in a few words."""
    told = []
    for kind in KINDS:
        found = changes.of_kind(kind)
        number = len(found.clauses) + len(found.divergences)
        if number:
            told.append(f"{number} {'otherwise' if kind == OTHER else kind}")
    return ", ".join(told)


def _index(kind: str, found: Changes) -> Text:
    """What changed in one way, in a line: clauses by their causes, then divergences."""
    parts = []
    for _, members in _by_cause(found.clauses):
        ids = ", ".join(each.row.clause.id for each in members)
        parts.append(f"{ids} (one cause)" if len(members) > 1 else ids)
    if found.divergences:
        parts.append(f"{len(found.divergences)} divergences from the reference")
    return Text.assemble((f"{_SIGNS[kind]} {kind}: ", _COLOURS[kind]), "; ".join(parts))


def _by_cause(clauses: Iterable[ClauseChange]) -> list[tuple[object, list[ClauseChange]]]:
    """Clauses next to one another that have one cause."""

    def key(each: ClauseChange) -> object:
        return each.row.clause.id if each.cause is None else each.cause.name

    return [(name, list(members)) for name, members in groupby(clauses, key=key)]


def _clauses(clauses: Sequence[ClauseChange], console: Console) -> None:
    for _, members in _by_cause(clauses):
        cause = members[0].cause
        if cause is not None and (len(members) > 1 or not cause.is_derived):
            line(console, "cause", f"{cause.name}: {cause.sentence}")
        for each in members:
            _clause(each, console)
        console.print()


def _clause(change: ClauseChange, console: Console) -> None:
    clause = change.row.clause
    before, after = change.verdicts
    console.print(
        Text.assemble(
            (f"{clause.id} ", "bold"),
            f"({clause.level}) ",
            (before, STYLES[before]),
            " -> ",
            (after, STYLES[after]),
        )
    )
    # The sentence of a contested clause is not what an implementation has to do.
    line(console, "", in_words(clause.decision or clause.sentence))
    for check in change.checks[:_CHECKS]:
        _check(check, console)
    if len(change.checks) > _CHECKS:
        line(console, "", f"and {len(change.checks) - _CHECKS} more checks that changed")


def _check(change: CheckChange, console: Console) -> None:
    told = next(each for each in (change.after, change.before) if each is not None)
    failing = next(
        (each for each in (change.after, change.before) if each and each.verdict == FAIL), None
    )
    line(console, "check", change.name)
    for number, step in enumerate((failing or told).words):
        line(console, "" if number else "done", step)
    if failing is not None:
        line(console, "looked at", failing.what)
    for sign, each in (("-", change.before), ("+", change.after)):
        line(console, sign, _outcome(each))


def _outcome(check: CheckFinished | None) -> str:
    """What came of a check, in a line."""
    if check is None:
        return NOT_RUN
    if check.verdict == PASS:
        return f"as expected{f': {check.what}' if check.what else ''}"
    if check.verdict != FAIL:
        return f"{check.verdict}: {check.what}"
    parts = (
        f"{name}{' ' if name else ''}{got}, expected {expected}"
        for name, expected, got in differing(check.expected, check.got)
    )
    return "; ".join(parts)


def _divergences(found: Sequence[DivergenceChange], console: Console) -> None:
    for change in found[:_DIVERGENCES]:
        divergence = change.row.divergence
        console.print(Text(str(divergence.signature), style="bold"), soft_wrap=True)
        finding = next(each for each in reversed(change.row.findings) if each is not None)
        if finding.cause is not None:
            line(console, "cause", f"{finding.cause.name}: {finding.cause.sentence}")
        line(console, "with", settings(divergence.trace.world))
        for number, step in enumerate(divergence.trace.words()[: divergence.step + 1]):
            line(console, "" if number else "done", step)
        line(console, "expected", divergence.expected)
        for sign, answer in zip("-+", change.row.answers, strict=True):
            line(console, sign, "as expected" if answer is None else answer)
    if len(found) > _DIVERGENCES:
        more = len(found) - _DIVERGENCES
        console.print(f"and {more} more: see --html or --report-json", highlight=False)


__all__ = ["show_changes", "words"]
