"""A target in another interpreter is walked over as one in this is."""

from __future__ import annotations

import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from stateful.engines.elsewhere import Elsewhere
from stateful.engines.engine import Sides
from stateful.engines.walker import Walked
from stateful.engines.walking_elsewhere import WalkElsewhere
from stateful.lockstep.divergence import CRASH
from stateful.processes.isolation import Launch
from tests.conftest import Run


def _sides(target: str, accepted: str | None = None) -> Sides:
    beside = None if accepted is None else Launch(accepted, None, 300.0)
    return Sides(Launch(target, sys.executable, 300.0), beside)


def _walk(target: str, steps: int, seed: int = 0, accepted: str | None = None) -> Walked:
    with Elsewhere(_sides(target, accepted)) as there:
        walked = WalkElsewhere(there, seed)
        for _ in walked.divergences(steps):
            pass
        return walked.result


def test_the_reference_does_not_differ_from_itself_over_there() -> None:
    result = _walk("ref", 1500)
    assert result.divergences == []
    assert result.flaky == 0
    assert result.steps >= 1500


def test_what_a_fault_shows_is_found_and_shrunk() -> None:
    result = _walk("tests.wrong.targets:wrong_new_object", 800)
    signatures = [str(found.signature) for found in result.divergences]
    assert any(each.startswith("create ") and "object.state" in each for each in signatures)
    assert len(signatures) == len(set(signatures))
    assert min(len(found.trace.operations) for found in result.divergences) == 1


def test_a_walk_over_there_depends_on_its_arguments_only() -> None:
    one, other = (_walk("tests.wrong.targets:wrong_new_object", 400, seed=3) for _ in range(2))
    assert one == other


def test_what_ends_the_process_over_there_is_a_divergence() -> None:
    told, lost = False, None
    with Elsewhere(_sides("tests.hostile:crashes_in_the_middle")) as there:
        for found in WalkElsewhere(there, 2).divergences(2000):
            told = told or "incrgc" in found.signature.operation
            if found.signature.field == CRASH:
                lost = found
            if told and lost is not None:
                break
    assert told
    assert lost is not None
    assert (lost.signature.operation, lost.actual) == ("mru", "was killed by SIGABRT")


def test_garbage_that_a_target_prints_over_there_does_no_harm() -> None:
    result = _walk("tests.hostile:prints_in_the_middle", 500, seed=1)
    # Also inside a call, where it was planned.
    assert all("incrgc" in str(found.signature) for found in result.divergences)
    assert result.divergences


@pytest.mark.usefixtures("small")
def test_fuzz_and_check_search_in_another_interpreter(
    run: Run, counted: Callable[[int], None], tmp_path: Path
) -> None:
    counted(2)
    there = ("--python", sys.executable)
    fuzzed = run("fuzz", "ref", *there, "--max-time", 3600, "--output", tmp_path)
    assert fuzzed.exit_code == 0, fuzzed.output
    assert "walker" in fuzzed.output
    checked = run("check", "ref", *there, "--engines", "walker", "--quiet")
    assert checked.exit_code == 0, checked.output
    assert "0 divergences, " in checked.output
