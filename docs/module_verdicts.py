"""The verdicts on persistent modules: measured, stored beside the pages, drawn as a table."""

from __future__ import annotations

import json
import platform
from pathlib import Path
from typing import Any

from conformance.clauses import registry
from conformance.clauses.registry import CLAUSES, Check, Clause
from conformance.judging import in_processes
from conformance.judging.events import CheckFinished, RunStarted
from stateful.processes.isolation import Launch

AREAS = ("PM", "PC", "PF", "PI")
TARGETS = ("ref", "persistent-c", "persistent-py")
STORED = Path(__file__).parent / "module-verdicts.json"


def measure() -> dict[str, Any]:
    """Run every check of persistent modules on every target."""
    checks = [check for clause in module_clauses() for check in registry.checks_of(clause.id)]
    return {
        "python": platform.python_version(),
        "targets": [_measured(target, checks) for target in TARGETS],
    }


def _measured(target: str, checks: list[Check]) -> dict[str, Any]:
    verdicts: dict[str, str] = {}
    about: dict[str, str] = {}
    for event in in_processes.run(Launch(target), checks):
        if isinstance(event, RunStarted):
            about = {"target": target, "version": event.subject.version}
        if isinstance(event, CheckFinished):
            verdicts[event.check] = event.verdict
    return {**about, "verdicts": dict(sorted(verdicts.items()))}


def store(measured: dict[str, Any]) -> None:
    """Write what was measured."""
    STORED.write_text(json.dumps(measured, indent=1) + "\n", encoding="utf-8")


def stored() -> dict[str, Any]:
    """What was measured last."""
    found: dict[str, Any] = json.loads(STORED.read_text(encoding="utf-8"))
    return found


def module_clauses() -> list[Clause]:
    """The clauses of persistent modules, by area and number."""
    found = [clause for clause in CLAUSES.values() if clause.area in AREAS]
    return sorted(found, key=lambda clause: (AREAS.index(clause.area), clause.id))


def verdict_of(clause: Clause, target: dict[str, Any]) -> str:
    """The verdicts on the checks of ``clause`` in one word, or the number of each."""
    found = [target["verdicts"].get(check.id, "not-run") for check in registry.checks_of(clause.id)]
    if len(set(found)) == 1:
        return found[0]
    return ", ".join(f"{found.count(verdict)} {verdict}" for verdict in sorted(set(found))) or "-"


def rows() -> list[tuple[str, ...]]:
    """One row for each clause, below the heading."""
    targets = stored()["targets"]
    table = [("clause", "level", "sentence", "checks", *(each["target"] for each in targets))]
    for clause in module_clauses():
        made = registry.checks_of(clause.id)
        names = dict.fromkeys(check.name.partition("[")[0] for check in made)
        shown = [f"`{name}`{_times(name, made)}" for name in names]
        checks = ", ".join(shown) or f"none: {clause.unchecked}"
        verdicts = [verdict_of(clause, target) for target in targets]
        table.append((clause.id, clause.level, clause.sentence, checks, *verdicts))
    return table


def _times(name: str, checks: list[Check]) -> str:
    number = sum(check.name.partition("[")[0] == name for check in checks)
    return f" ({number} cases)" if number > 1 else ""
