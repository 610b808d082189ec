"""``check --list``: the clauses that would be judged, and their checks."""

from __future__ import annotations

from collections.abc import Sequence

from conformance.clauses.registry import Check, Clause
from conformance.reports.plain import echo


def list_clauses(clauses: Sequence[Clause], checks: Sequence[Check], with_checks: bool) -> None:
    """Print a line for each clause, below it one for each of its checks if they are asked for."""
    by_clause: dict[str, list[str]] = {clause.id: [] for clause in clauses}
    for check in checks:
        by_clause[check.clause].append(check.name)
    for clause in clauses:
        echo(f"{clause.id:<10} {clause.level:<9} {clause.sentence}")
        for name in by_clause[clause.id] if with_checks else ():
            echo(f"  {name}")
    echo(f"{len(clauses)} clauses, {len(checks)} checks")


__all__ = ["list_clauses"]
