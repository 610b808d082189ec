"""Divergences in words: what was done, to what, what differs, and which clauses that is about."""

from __future__ import annotations

import re
import textwrap

from conformance.clauses import registry
from fixtures.operations import OPERATIONS
from fixtures.samples import SAMPLES
from stateful.lockstep.divergence import ANY, Signature
from stateful.replay.saved import Saved

_FIELDS = {
    "value": "what it returns",
    "error": "whether it raises, and what",
    "calls": "the calls that it makes, of the data manager and of hooks",
    "calls.seen": "what its calls see (the calls themselves are the same)",
    "names": "which objects there are",
    "references": "which weak references there are",
    "observation": "whether what comes of it can be looked at",
    "crash": "the process ends or hangs",
}
_WORDS = {
    "with oid": "with an oid but in no cache",
    "with odd oid": "with an oid that is none",
    "cached": "in a cache",
}
_ARGUMENT = re.compile(r"\{(\w+)(?::\w+)?\}")


def explain_signature(signature: Signature) -> str:
    """A signature in words, part by part. Raises ValueError if it names no operation."""
    if signature.operation == ANY:
        rows = [("done", "any operation"), *in_words(signature)]
        return "\n".join([str(signature), "", *(_row(key, text) for key, text in rows)])
    name, _, more = signature.operation.partition(" ")
    if name not in OPERATIONS:
        raise ValueError(f"signature: {name!r} is no operation")
    operation = OPERATIONS[name]
    rows = [
        ("done", _ARGUMENT.sub(r"<\1>", operation.words) + (f" ({more})" if more else "")),
        *in_words(signature),
    ]
    registry.load()
    for id in operation.clauses:
        rows.append((id, registry.CLAUSES[id].sentence))
    return "\n".join([str(signature), "", *(_row(key, text) for key, text in rows)])


def in_words(signature: Signature) -> list[tuple[str, str]]:
    """What a signature says of what is touched, and of what differs: names and texts."""
    return [*_to(signature), ("differs", _field(signature.field))]


def _to(signature: Signature) -> list[tuple[str, str]]:
    parts = signature.before.split("; ")
    return [("to", _part(part)) for part in parts if part not in ("-", "")]


def explain_saved(saved: Saved) -> str:
    """What a file holds: the divergence or the trace, in words, and how to go on."""
    parts = []
    if saved.signature is not None:
        parts.append(explain_signature(saved.signature))
    if saved.about:
        parts.append(textwrap.fill(saved.about, 96))
    expected = [str(each["does"]) for each in saved.expected or ()]
    steps = [
        f"  {number}. {line}" + (f" - {expected[number - 1]}" if expected else "")
        for number, line in enumerate(saved.trace.words(), 1)
    ]
    parts.append("\n".join(["Steps:", *steps]))
    if saved.divergence is not None:
        rows = (("expected", saved.divergence.expected), ("got", saved.divergence.actual))
        parts.append("\n".join(_row(key, text) for key, text in rows))
    if saved.clauses:
        registry.load()
        known = (registry.CLAUSES[id] for id in saved.clauses if id in registry.CLAUSES)
        parts.append("\n".join(_row(clause.id, clause.sentence) for clause in known))
    parts.append(f"Replay it: persistent-conformance replay {saved.name} --target TARGET")
    return "\n\n".join(parts)


def _row(key: str, text: str) -> str:
    return textwrap.fill(
        " ".join(text.split()), 96, initial_indent=f"{key:>10}  ", subsequent_indent=" " * 12
    )


def _field(field: str) -> str:
    if field == ANY:
        return "anything"
    if field in _FIELDS:
        return _FIELDS[field]
    kind, _, what = field.partition(".")
    if kind == "cache":
        return f"{what} of a cache, afterwards"
    return f"{what} of an object, afterwards" if kind == "object" else field


def _part(part: str) -> str:
    if part == ANY:
        return "anything"
    kind, _, rest = part.partition(" ")
    if kind == "planned":
        return f"inside a call of {rest}"
    if kind in ("oids:", "cache:"):
        what = "oids of objects that are" if kind == "oids:" else "a cache that holds objects:"
        return f"{what} {', '.join(rest.split())}"
    status, _, more = rest.partition(" ")
    special = f" (which {SAMPLES[kind].words})" if kind in SAMPLES else ""
    where = f", {_WORDS.get(more, more)}" if more else ""
    return f"an object of the class {kind}{special}: {status or kind}{where}"
