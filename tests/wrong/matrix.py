"""The kill matrix: which wrong implementation makes the checks of which clause fail."""

from __future__ import annotations

import multiprocessing
import signal
from collections.abc import Sequence
from types import FrameType

from conformance.clauses import registry
from conformance.judging.in_process import FAIL, run_check
from fixtures.implementation import Implementation
from tests.wrong.making import WRONG, Wrong, load_all, running

#: Seconds of CPU, a thousand times what a check takes, after which one of a wrong implementation
#: counts as hanging, hence as failing.
LIMIT = 60


def kill_matrix(areas: Sequence[str] | None = None, jobs: int = 1) -> dict[str, list[str]]:
    """Clause id -> names of the wrong implementations that fail one of its checks."""
    registry.load()
    load_all()
    clauses = [
        clause.id
        for clause in registry.CLAUSES.values()
        if clause.unchecked is None and (not areas or clause.area in areas)
    ]
    matrix: dict[str, list[str]] = {id: [] for id in clauses}
    # One process for each: what a wrong implementation leaves behind hurts no other.
    with multiprocessing.get_context("spawn").Pool(jobs, maxtasksperchild=1) as pool:
        asked = [(name, clauses) for name in WRONG]
        for name, broken in pool.imap(_broken_by, asked):
            for id in broken:
                matrix[id].append(name)
    return matrix


def _broken_by(asked: tuple[str, list[str]]) -> tuple[str, list[str]]:
    name, clauses = asked
    registry.load()
    load_all()
    broken = [
        id for id in clauses if breaks(WRONG[name], [check.id for check in registry.checks_of(id)])
    ]
    return name, broken


def breaks(declared: Wrong, checks: Sequence[str]) -> bool:
    """Whether the wrong implementation fails a check with one of these ids, or hangs in it."""
    with running(declared.name) as implementation:
        return any(_fails(implementation, check) for check in checks)


def _fails(implementation: Implementation, check: str) -> bool:
    def expired(number: int, frame: FrameType | None) -> None:
        raise TimeoutError

    before = signal.signal(signal.SIGVTALRM, expired)
    signal.setitimer(signal.ITIMER_VIRTUAL, LIMIT)
    try:
        return run_check(implementation, check)["verdict"] == FAIL
    except TimeoutError:
        return True
    finally:
        signal.setitimer(signal.ITIMER_VIRTUAL, 0)
        signal.signal(signal.SIGVTALRM, before)


def shortcomings(matrix: dict[str, list[str]], areas: Sequence[str] | None = None) -> list[str]:
    """MUST clauses that nothing breaks, and wrong implementations that break less than they say."""
    found = [
        f"no wrong implementation breaks {clause}"
        for clause, killers in matrix.items()
        if not killers and registry.CLAUSES[clause].level == registry.MUST
    ]
    for declared in WRONG.values():
        for clause in declared.breaks:
            if clause in matrix and declared.name not in matrix[clause]:
                found.append(f"{declared.name!r} does not break {clause}")
            if clause not in registry.CLAUSES:
                found.append(f"{declared.name!r} breaks {clause!r}, which is no clause")
    return found
