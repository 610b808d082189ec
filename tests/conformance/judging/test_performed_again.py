"""A check that fails is performed again: what others have left behind is no verdict on it."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from conformance.clauses import registry
from conformance.clauses.registry import CHECKS, Check
from conformance.judging.in_process import FAIL, PASS
from conformance.judging.in_processes import CheckAgent
from stateful.processes.isolation import Launch


@pytest.fixture
def check() -> Check:
    """A check that makes one object."""
    registry.load()
    return next(each for each in CHECKS.values() if each.clause == "STATE-01")


@pytest.fixture
def agent(request: pytest.FixtureRequest) -> Iterator[CheckAgent]:
    made = CheckAgent(Launch(request.param))
    yield made
    made.close()


@pytest.mark.parametrize(
    "agent", ["tests.conformance.judging.wearing_out:implementation"], indirect=True
)
def test_what_fails_only_behind_others_is_told_apart(agent: CheckAgent, check: Check) -> None:
    first, second = agent.run(check), agent.run(check)
    assert (first.verdict, first.aftermath) == (PASS, "")
    assert second.verdict == PASS
    assert second.aftermath.startswith("other checks came before it, and it got ")


@pytest.mark.parametrize("agent", ["tests.wrong.targets:wrong_new_object"], indirect=True)
def test_what_fails_again_fails(agent: CheckAgent, check: Check) -> None:
    found = [agent.run(check) for _ in range(2)]
    assert [(each.verdict, each.aftermath) for each in found] == [(FAIL, "")] * 2
