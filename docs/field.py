"""Implementations in the field, judged: ``python docs/field.py PYTHON TARGET...``.

``PYTHON`` is an interpreter in which the targets are installed. `generate.py` makes the page of
what is stored.
"""

from __future__ import annotations

import platform
import sys
from collections import Counter
from pathlib import Path
from typing import Any

from packaging.version import Version

DOCS = Path(__file__).parent
sys.path.insert(0, str(DOCS.parent))

from conformance.clauses import registry  # noqa: E402
from conformance.clauses.registry import CLAUSES  # noqa: E402
from conformance.judging import in_processes  # noqa: E402
from conformance.judging.in_process import FAIL, INCONCLUSIVE, NOT_RUN, PASS  # noqa: E402
from conformance.judging.verdicts import Results, collect  # noqa: E402
from docs import releases  # noqa: E402
from fixtures.adapters import TARGETS  # noqa: E402
from fixtures.targets import TargetError  # noqa: E402
from stateful.processes.isolation import Launch  # noqa: E402

STORED = DOCS / "field.json"
_PATIENCE = 6.0


def measured(launch: Launch) -> dict[str, Any]:
    """What one target does: its clauses by verdict, and what it is."""
    chosen = releases.clauses()
    checks = [check for clause in chosen for check in registry.checks_of(clause.id)]
    results: Results = collect(in_processes.run(launch, checks, workers=1), chosen)
    subject = results.subject
    return {
        "version": subject.version,
        "python": f"{subject.interpreter} {subject.python}",
        "written": subject.written_in,
        "verdicts": {
            verdict: [each.clause.id for each in results.with_verdict(verdict)]
            for verdict in sorted({each.verdict for each in results.clauses})
        },
        "lost": sorted(each.clause.id for each in results.clauses if each.lost),
    }


def judge(python: str, targets: list[str]) -> None:
    """Judge ``targets`` in ``python``, and store each as soon as it is judged."""
    data = stored()
    for target in targets:
        launch = Launch(target, python, _PATIENCE)
        try:
            told = measured(launch)
        except TargetError as error:
            told = {"problem": error.problem}
        data[f"{target} on {told['python']}" if "python" in told else target] = {
            "target": target,
            **told,
        }
        print(target, told.get("problem", "judged"), flush=True)
        releases.store(STORED, data)


def stored() -> dict[str, Any]:
    """What was measured, by target and interpreter."""
    return releases.stored_in(STORED)


def rows() -> list[tuple[str, ...]]:
    """A row for each implementation or release and a column for each area, below the heading.

    A cell tells how many clauses of an area are kept, of those that could be judged.
    """
    registry.load()
    areas = list(dict.fromkeys(clause.area for clause in releases.clauses()))
    table = [("implementation", "on", *areas)]
    for name, told in sorted(_judged().items(), key=lambda each: _order(each[0])):
        table.append((name, told["python"], *_cells(told["verdicts"], areas)))
    return table


def _judged() -> dict[str, dict[str, Any]]:
    found = {}
    for told in stored().values():
        if "problem" not in told:
            name = f"{told['target']} {told['version']}"
            found[f"{name} ({told['python']})"] = told
    for release, by_target in releases.stored().items():
        for target, told in by_target.items():
            if "problem" not in told:
                found[f"{target} {release}"] = told
    return found


def _order(name: str) -> tuple[str, Version]:
    words = name.split()
    return words[0], Version(words[1])


def _cells(verdicts: dict[str, list[str]], areas: list[str]) -> list[str]:
    given = {id: verdict for verdict, ids in verdicts.items() for id in ids}
    cells = []
    for area in areas:
        # A clause that is newer than the run was not asked.
        counts = Counter(given.get(each.id) for each in releases.clauses() if each.area == area)
        judged = counts[PASS] + counts[FAIL] + counts[INCONCLUSIVE] + counts[NOT_RUN]
        cells.append(f"{counts[PASS]}/{judged}" if judged else "-")
    return cells


def lines() -> list[str]:
    """What each adapted target is, and what was found of it, below the table."""
    found = []
    for told in stored().values():
        if "problem" in told or told["target"] not in TARGETS:
            continue
        failing = [id for id in told["verdicts"].get(FAIL, []) if id in CLAUSES]
        found.append(
            f"- {told['target']} {told['version']}, {told['written']} on {told['python']}: "
            f"{len(failing)} clauses fail"
            + (f"; the process is lost in {', '.join(told['lost'])}" if told["lost"] else "")
        )
    return sorted(found)


if __name__ == "__main__":
    if len(sys.argv) < 3:
        sys.exit(f"usage: {Path(__file__).name} PYTHON TARGET... ({platform.python_version()})")
    judge(sys.argv[1], sys.argv[2:])
