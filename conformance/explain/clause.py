"""Clauses and operations in words."""

from __future__ import annotations

import functools
import textwrap
from collections import Counter
from collections.abc import Sequence

from conformance.clauses import registry
from conformance.clauses.registry import Check, Clause
from conformance.explain.example import example_of, observations
from conformance.explain.sources import in_words, sources
from conformance.judging.confirmed import ConfirmedFailure, confirmed_failures
from conformance.judging.in_process import UNSUPPORTED, run_check
from fixtures.operations import Operation
from fixtures.targets import load
from stateful.lockstep.recorded import Seen
from stateful.replay.corpus import corpus
from stateful.replay.saved import Saved
from stateful.traces.trace import Trace


def explain_clause(clause: Clause) -> str:
    """A clause: sentence, level, source, decision, an example, and who is known to fail it."""
    source = "\n".join(f"Source: {source}" for source in sources(clause.source))
    parts = [f"{clause.id} ({clause.level})", _wrapped(clause.sentence), source]
    if clause.decision:
        parts.append(_wrapped(f"Decision: {in_words(clause.decision)}"))
    checks = registry.checks_of(clause.id)
    if clause.unchecked:
        parts.append(_wrapped(f"Not checked: {clause.unchecked}"))
    elif checks:
        parts.append("\n".join(["Checks:", *_series(checks)]))
        parts.extend(_example(clause))
    if checks:
        parts.append("\n".join(["Implementations:", *_known(clause, checks)]))
    return "\n\n".join(parts)


def explain_operation(operation: Operation) -> str:
    """An operation: its words, its arguments with their domains, the clauses that it exercises."""
    lines = [operation.name, f"  {operation.words}", "", "Arguments:"]
    for name, domain in operation.arguments.items():
        among = f": {', '.join(map(repr, domain.values))}" if domain.values else ""
        default = f" (default {operation.defaults[name]!r})" if name in operation.defaults else ""
        lines.append(f"  {name}: {domain.kind}{among}{default}")
    if not operation.arguments:
        lines.append("  none")
    if operation.needs:
        lines += ["", f"Needs: {', '.join(operation.needs)}"]
    if operation.clauses:
        lines += ["", f"Exercises: {', '.join(operation.clauses)}"]
        failing = [
            f"  {name}: {', '.join(ids)}"
            for name in _implementations()
            if (ids := [id for id in operation.clauses if _failure(id, name) is not None])
        ]
        if failing:
            lines += ["", "Known to fail some of these:", *failing]
    return "\n".join([*lines, *_performed(operation)])


@functools.lru_cache(maxsize=1)
def _corpus() -> tuple[Saved, ...]:
    return corpus()


def _performed(operation: Operation) -> list[str]:
    """An example of the operation: from the shortest trace of the corpus that holds it, or a check.

    Of the trace, only what comes up to the operation is shown.
    """
    found = [
        (place, saved.name, saved.trace, saved.expected or ())
        for saved in _corpus()
        if (place := _place(operation, saved.trace)) is not None
    ]
    if found:
        place, name, trace, steps = min(found, key=lambda each: (each[0], each[1]))
        return _shown(name, trace.words()[: place + 1], steps)
    for clause in operation.clauses:
        made = example_of(clause, load("ref"), operation.name)
        if made is not None:
            count = (_place(operation, made.trace) or 0) + 1
            return _shown(made.check, made.trace.words()[:count], made.recording.steps)
    return []


def _shown(name: str, words: Sequence[str], steps: Sequence[Seen]) -> list[str]:
    return ["", f"Example ({name}):", *observations(words, steps)]


def _place(operation: Operation, trace: Trace) -> int | None:
    """The number of the first step of ``trace`` that performs ``operation``."""
    steps = enumerate(trace.operations)
    return next((number for number, made in steps if made["op"] == operation.name), None)


def _implementations() -> list[str]:
    """The releases that the project knows."""
    return sorted({f"{each.target} {each.version}" for each in confirmed_failures()})


def _failure(clause: str, name: str) -> ConfirmedFailure | None:
    failing = confirmed_failures(clause)
    return next((each for each in failing if f"{each.target} {each.version}" == name), None)


def _known(clause: Clause, checks: list[Check]) -> list[str]:
    """What the reference and each known release make of a clause, a paragraph each."""
    told = {"ref": _of_reference(checks)}
    for name in _implementations():
        failure = _failure(clause.id, name)
        told[name] = "no failure is known" if failure is None else f"fails: {failure.what}"
    return [
        textwrap.fill(f"{name}: {what}", 96, initial_indent="  ", subsequent_indent="    ")
        for name, what in told.items()
    ]


def _of_reference(checks: list[Check]) -> str:
    seen = run_check(load("ref"), checks[0].id)
    return f"cannot: {seen['what']}" if seen["verdict"] == UNSUPPORTED else "as the clause says"


def _series(checks: list[Check]) -> list[str]:
    """A line for each check; one for all of those that differ in their arguments only."""
    counts = Counter(check.name.partition("[")[0] for check in checks)
    return [f"  {name}{f' ({count} cases)' if count > 1 else ''}" for name, count in counts.items()]


def _example(clause: Clause) -> list[str]:
    """An example of a clause, as the reference performs it."""
    found = example_of(clause.id, load("ref"))
    if found is None:
        return []
    steps = observations(found.trace.words(), found.recording.steps)
    return ["\n".join([f"Example ({found.check}), and what the reference does:", *steps])]


def _wrapped(text: str) -> str:
    return textwrap.fill(text, width=96)
