"""Behind the first difference, the target is driven on alone."""

from __future__ import annotations

import pytest

from fixtures.targets import load
from stateful.engines.units.walker import walker_unit
from stateful.engines.walker import walk
from stateful.lockstep.divergence import COUNTS, CRASH, SYSTEM_ERROR
from stateful.processes.events import DivergenceFound
from stateful.processes.isolation import Launch
from stateful.processes.supervisor import Supervisor
from stateful.replay.replaying import DIVERGES, FIXED, Replayer

REFERENCE = load("ref")


@pytest.mark.parametrize(
    ("target", "field"),
    [
        ("tests.hostile:raises_behind_a_difference", SYSTEM_ERROR),
        ("tests.hostile:miscounts_behind_a_difference", COUNTS),
    ],
)
def test_what_is_wrong_whatever_the_reference_does_is_a_finding(target: str, field: str) -> None:
    result = walk(REFERENCE, load(target), 0, 20_000)
    # The difference is one of its own, and known from then on.
    assert any(each.signature.field not in (field, CRASH) for each in result.divergences)
    found = [each for each in result.divergences if each.signature.field == field]
    assert found, [str(each.signature) for each in result.divergences]
    shortest = min(found, key=lambda each: len(each.trace.operations))
    operations = [made["op"] for made in shortest.trace.operations]
    # It may be performed inside a call.
    assert "minimize" in shortest.trace.dumps()
    assert operations[-1] == "mru"
    assert len(operations) <= 6
    with Replayer(Launch(target)) as replayer:
        again = replayer.replay_divergence(shortest)
    assert again.verdict == DIVERGES
    assert again.found is not None
    assert (again.found.signature, again.found.step) == (shortest.signature, shortest.step)
    with Replayer(Launch("ref")) as replayer:
        assert replayer.replay_divergence(shortest).verdict == FIXED


def test_a_crash_behind_a_difference_is_a_finding() -> None:
    with Supervisor() as supervisor:
        unit = walker_unit("tests.hostile:crashes_behind_a_difference", 0, 6000)
        events = list(supervisor.run([unit]))
    found = [each.divergence for each in events if isinstance(each, DivergenceFound)]
    crashes = [each for each in found if each.signature.field == CRASH]
    assert {each.signature.operation for each in crashes} == {"mru"}
    assert all("minimize" in each.trace.dumps() for each in crashes)


def test_nothing_is_wrong_with_the_reference_alone() -> None:
    result = walk(REFERENCE, REFERENCE, 1, 2000)
    assert result.divergences == []
