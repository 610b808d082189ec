"""Clauses and operations in words."""

from __future__ import annotations

import textwrap
from collections import Counter

from conformance import registry
from conformance.known import known_failures
from conformance.registry import Check, Clause
from conformance.runner import run_check
from fixtures.operations import Operation
from fixtures.targets import TargetError, load


def explain_clause(clause: Clause) -> str:
    """A clause: sentence, level, source, decision, an example, and who is known to fail it."""
    parts = [f"{clause.id} ({clause.level})", _wrapped(clause.sentence), f"Source: {clause.source}"]
    if clause.decision:
        parts.append(_wrapped(f"Decision: {clause.decision}"))
    checks = registry.checks_of(clause.id)
    if clause.unchecked:
        parts.append(_wrapped(f"Not checked: {clause.unchecked}"))
    elif checks:
        parts.append("\n".join(["Checks:", *_series(checks)]))
        parts.extend(_example(checks))
    known = known_failures(clause.id)
    if known:
        rows = "\n".join(
            textwrap.fill(
                f"{failure.target} {failure.version}: {failure.what}",
                width=96,
                initial_indent="  ",
                subsequent_indent="    ",
            )
            for failure in known
        )
        parts.append(f"Known to fail it:\n{rows}")
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
    return "\n".join(lines)


def _series(checks: list[Check]) -> list[str]:
    """A line for each check; one for all of those that differ in their arguments only."""
    counts = Counter(check.name.partition("[")[0] for check in checks)
    return [f"  {name}{f' ({count} cases)' if count > 1 else ''}" for name, count in counts.items()]


def _example(checks: list[Check]) -> list[str]:
    """The steps of the first check that is a trace, as the reference performs it.

    A check that is not one of a series says more.
    """
    try:
        reference = load("ref")
    except TargetError:
        return []
    for check in sorted(checks, key=lambda check: bool(check.arguments)):
        words = run_check(reference, check.id).get("words")
        if words:
            steps = "\n".join(f"  {line}" for line in words)
            return [f"Example ({check.name}):\n{steps}"]
    return []


def _wrapped(text: str) -> str:
    return textwrap.fill(text, width=96)
