"""A loss that does not repeat when the part is performed alone is no finding: it is made good."""

from __future__ import annotations

import os
import signal
from pathlib import Path
from typing import Any

import pytest

from stateful.engines.units.explorer import explorer_unit
from stateful.engines.units.walker import walker_unit
from stateful.processes.child import Limits
from stateful.processes.events import DivergenceFound, ProcessLost, UnitEvent, UnitFinished
from stateful.processes.forkserver import ForkServer
from stateful.processes.isolation import Launch
from stateful.processes.supervisor import Supervisor, Unit
from stateful.processes.target import Target
from stateful.processes.work import Post

LIMITS = Limits(seconds=60.0)


def is_killed_once(
    post: Post, target: str, function: str, note: str, lost: int, arguments: Any
) -> Any:
    """Perform another unit; in the part of this number the process is killed, the first time."""
    parts = 0
    begin = post.part

    def part(position: Any) -> None:
        nonlocal parts
        parts += 1
        begin(position)
        if parts == lost and not Path(note).exists():
            Path(note).touch()
            os.kill(os.getpid(), signal.SIGKILL)

    post.part = part  # type: ignore[method-assign]
    return Unit("test", function, {"target": target, **arguments}).perform(post)


def _events(unit: Unit) -> list[UnitEvent]:
    with Supervisor(1, LIMITS) as supervisor:
        return list(supervisor.run([unit]))


def _signatures(events: list[UnitEvent]) -> list[str]:
    return [str(each.divergence.signature) for each in events if isinstance(each, DivergenceFound)]


@pytest.mark.parametrize(
    ("unit", "lost"),
    [
        (walker_unit("tests.hostile:prints_in_the_middle", 1, 1000), 2),
        (explorer_unit("tests.hostile:prints_in_the_middle", "one", 1), 2),
    ],
    ids=["walker", "explorer"],
)
def test_what_was_lost_by_chance_changes_nothing(unit: Unit, lost: int, tmp_path: Path) -> None:
    arguments = dict(unit.arguments)
    disturbed = Unit(
        unit.engine,
        f"{__name__}:is_killed_once",
        {
            "target": arguments.pop("target"),
            "function": unit.function,
            "note": str(tmp_path / "note"),
            "lost": lost,
            "arguments": arguments,
        },
    )
    events = _events(disturbed)
    assert _signatures(events) == _signatures(_events(unit))
    assert sum(isinstance(event, UnitFinished) for event in events) == 1
    losses = [event for event in events if isinstance(event, ProcessLost)]
    assert [each.how for each in losses] == ["was killed by SIGKILL"] * 2
    assert [each.unexplained for each in losses] == [False, True]


def test_a_part_that_is_lost_again_and_again_by_chance_is_left_out() -> None:
    told: list[tuple[str, Any]] = []
    ForkServer(lambda *each: told.append(each), LIMITS).perform(
        Unit("test", f"{__name__}:is_killed_unless_alone", {"target": "ref"}), []
    )
    assert [content for kind, content in told if kind == "end"] == [[1, 3]]
    assert sum(kind == "unexplained" for kind, _ in told) == 2


def is_killed_unless_alone(post: Post, target: str) -> list[int]:
    if post.only is not None:
        return []
    done = []
    for number in range(1, 4):
        before = -1 if post.after is None else post.after - bool(post.again)
        if number > before:
            post.part(number)
            if number == 2:
                os.kill(os.getpid(), signal.SIGKILL)
        done.append(number)
    return [number for number in done if number != 2]


def test_a_call_in_which_a_process_is_killed_is_made_again_in_a_fresh_one(tmp_path: Path) -> None:
    function = f"{__name__}:dies_once"
    with Target(Launch("ref")) as target:
        result, earlier = target.fairly(lambda: target.call(function, note=str(tmp_path / "note")))
    assert result == "alive"
    assert earlier is not None
    assert earlier.how == "was killed by SIGKILL"


def dies_once(implementation: Any, note: str) -> str:
    """What the agent is asked to do."""
    if not Path(note).exists():
        Path(note).touch()
        os.kill(os.getpid(), signal.SIGKILL)
    return "alive"
