"""Whatever a target does, it ends its own process only, and says how."""

from __future__ import annotations

import os
import select
import subprocess
import sys
from collections import deque
from itertools import repeat
from pathlib import Path

import pytest

import conformance
from fixtures.implementation import Implementation
from fixtures.targets import TargetError
from stateful.processes.isolation import Agent, AgentError, AgentLost, Launch
from stateful.processes.patience import WAITS

_PACKAGES = (Path(conformance.__file__).parent,)
#: Seconds of CPU that nothing uses but what hangs.
PATIENT = 300.0
#: Milliseconds, only so that a failure ends.
_LONG = 120_000
_RUN = "conformance.judging.in_process:run_check"


def _agent(target: str, python: str | None = None) -> Agent:
    return Agent(Launch(f"tests.hostile:{target}", python, packages=_PACKAGES))


def _activates(agent: Agent, timeout: float = PATIENT) -> dict[str, object]:
    result: dict[str, object] = agent.call(
        "tests.stateful.processes.test_isolation:activate_a_ghost", timeout, name="a"
    )
    return result


def activate_a_ghost(implementation: object, name: str) -> dict[str, object]:
    """What the agent is asked to do."""
    from fixtures.world import World

    world = World(implementation)  # type: ignore[arg-type]
    world.do("ghost", name)
    seen = world.attempt("activate", name)
    return {"error": seen.error}


@pytest.mark.parametrize(
    ("target", "how"),
    [
        ("aborts_when_activated", "was killed by SIGABRT"),
        ("exits_when_activated", "ended by itself with exit code 7"),
    ],
)
def test_a_target_that_ends_its_process_is_lost(target: str, how: str) -> None:
    with _agent(target) as agent, pytest.raises(AgentLost) as caught:
        _activates(agent)
    assert caught.value.how == how


def test_a_target_that_hangs_is_lost() -> None:
    with (
        _agent("hangs_when_activated") as agent,
        pytest.raises(AgentLost, match=WAITS),
    ):
        _activates(agent, timeout=0.3)


@pytest.mark.skipif(not hasattr(os, "pidfd_open"), reason="processes have no descriptors here")
def test_a_target_that_never_returns_ends_with_whoever_waits_for_it(tmp_path: Path) -> None:
    told = tmp_path / "pid"
    os.mkfifo(told)
    asking = f"""
from stateful.processes.isolation import Agent, Launch
Agent(Launch("ref")).call("{__name__}:never_return", 1000.0, path={str(told)!r})
"""
    with subprocess.Popen([sys.executable, "-c", asking]) as asks:
        # It is there when it spins.
        descriptor = os.pidfd_open(int(told.read_text()))
        asks.kill()
    ended = select.poll()
    ended.register(descriptor, select.POLLIN)
    assert ended.poll(_LONG)
    os.close(descriptor)


def never_return(implementation: Implementation, path: str) -> None:
    """Spin in C, where no handler that Python calls for a signal is called."""
    Path(path).write_text(str(os.getpid()))
    deque(repeat(0), maxlen=0)


def test_what_a_target_prints_does_not_get_between_the_messages() -> None:
    with _agent("prints_when_activated") as agent:
        assert _activates(agent) == {"error": None}
        assert _activates(agent) == {"error": None}


def test_an_exit_inside_an_operation_is_its_outcome() -> None:
    with _agent("raises_system_exit_when_activated") as agent:
        assert _activates(agent) == {"error": "SystemExit"}


def test_an_error_of_the_called_function_arrives_with_its_traceback() -> None:
    with _agent("fine") as agent:
        with pytest.raises(AgentError, match="KeyError"):
            agent.call(_RUN, PATIENT, check="no such check")
        assert _activates(agent) == {"error": None}


def test_an_agent_tells_of_its_implementation() -> None:
    with _agent("only_persistent") as agent:
        assert agent.about["name"] == "bare"
        assert agent.about["parts"] == ["persistent"]


@pytest.mark.parametrize(
    ("target", "started", "problem"),
    [
        ("no_such_package", False, "there is no module 'no_such_package'"),
        ("tests.no_such_module:X", False, "there is no module 'tests.no_such_module'"),
        ("json", False, "'json' has no class Persistent"),
        ("tests.hostile:missing", False, "has no attribute 'missing'"),
        ("tests.hostile:NOT_AN_IMPLEMENTATION", False, "gives 'int', not an Implementation"),
        ("tests.hostile:HOLDER.Inner", False, "gives 'Inner', not an Implementation"),
        ("tests.hostile:factory_of_a_number", False, "gives 'int', not an Implementation"),
        ("tests.hostile:factory_that_raises", True, "raised RuntimeError: the licence has expired"),
        ("tests.hostile:factory_that_kills", True, "was killed by SIGKILL"),
        ("tests.broken", True, "raised ZeroDivisionError"),
        ("tests.needy", True, "it needs the module 'no_such_dependency'"),
        (" ref", False, "is not a name"),
        ("", False, "is not a name"),
    ],
)
def test_a_bad_target_is_one_clear_error(target: str, started: bool, problem: str) -> None:
    with pytest.raises(TargetError) as caught:
        Agent(Launch(target))
    assert problem in str(caught.value)
    assert caught.value.started is started
    assert caught.value.way_out


@pytest.mark.parametrize("python", ["/nowhere/python", str(Path(__file__))])
def test_a_bad_interpreter_is_one_clear_error(python: str) -> None:
    with pytest.raises(TargetError, match="cannot be run"):
        _agent("fine", python)


def test_an_interpreter_that_is_none_is_one_clear_error() -> None:
    with pytest.raises(TargetError, match=r"ended by itself|no JSON|was killed"):
        _agent("fine", "/bin/true")


def test_another_interpreter_is_used() -> None:
    with _agent("fine", sys.executable) as agent:
        assert agent.about["python"] == sys.version.split()[0]
