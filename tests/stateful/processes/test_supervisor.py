"""Units of work go on whatever the target does, and what it does becomes a divergence."""

from __future__ import annotations

import os
import re
import signal
import time
from collections.abc import Iterable
from types import SimpleNamespace
from typing import Any

import pytest

from stateful.engines.units.walker import walker_unit
from stateful.lockstep.divergence import CRASH, Divergence, Signature
from stateful.processes import child
from stateful.processes import supervisor as supervisor_module
from stateful.processes.child import Limits
from stateful.processes.events import (
    DivergenceFound,
    ProcessLost,
    Progress,
    UnitEvent,
    UnitFailed,
    UnitFinished,
)
from stateful.processes.patience import SPINS, STOPPED, WAITS
from stateful.processes.pools import pool as pool_module
from stateful.processes.supervisor import Supervisor, Unit
from stateful.processes.table import use
from stateful.processes.work import Post

#: Nothing but what hangs uses so much CPU between two words.
LIMITS = Limits(seconds=0.5, megabytes=512)


def _run(units: Iterable[Unit], workers: int = 1, **options: Any) -> list[UnitEvent]:
    with Supervisor(workers, LIMITS) as supervisor:
        return list(supervisor.run(units, **options))


def _run_until_the_first_progress(
    monkeypatch: pytest.MonkeyPatch, units: Iterable[Unit], workers: int = 1
) -> list[UnitEvent]:
    """Run until the deadline, which the supervisor's clock passes with the first event."""
    now = [0.0]
    for module in (pool_module, supervisor_module):
        monkeypatch.setattr(module, "time", SimpleNamespace(monotonic=lambda: now[0]))
    events: list[UnitEvent] = []
    with Supervisor(workers, LIMITS) as supervisor:
        for event in supervisor.run(units, deadline=1.0):
            events.append(event)
            if isinstance(event, Progress):
                now[0] = 2.0
            assert len(events) < 1000, "it goes on after the deadline"
    return events


def _found(events: Iterable[UnitEvent]) -> list[Divergence]:
    return [event.divergence for event in events if isinstance(event, DivergenceFound)]


@pytest.mark.parametrize(
    ("target", "how"),
    [
        ("crashes", "was killed by SIGABRT"),
        ("exits", "ended by itself with exit code 7"),
        ("hangs", "did not answer, and used more and more CPU"),
    ],
)
def test_a_process_that_is_lost_is_a_divergence_and_the_search_goes_on(
    target: str, how: str
) -> None:
    unit = walker_unit(f"tests.hostile:{target}_in_the_middle", seed=2, steps=300)
    events = _run([unit])
    found = {(each.signature.operation, each.signature.field): each for each in _found(events)}
    lost = found["mru", CRASH]
    assert lost.actual == how
    assert lost.expected == "returns"
    assert lost.trace.operations[-1]["op"] == "mru"
    # An object in the ring, and the call; a step or two more could not be left out.
    assert 2 <= len(lost.trace.operations) <= 8
    assert ("incrgc", "value") in found
    (finished,) = [event for event in events if isinstance(event, UnitFinished)]
    assert events[-1] is finished
    steps = sum(event.done.get("steps", 0) for event in events if isinstance(event, Progress))
    assert steps > 200


def _pause(post: Post) -> None:
    signal.pause()


def _spin(post: Post) -> None:
    signal.pthread_sigmask(signal.SIG_BLOCK, signal.valid_signals())
    while True:
        pass


def _backtrack(post: Post) -> None:
    re.match(r"(a+)+b", "a" * 60)


def _stop(post: Post) -> None:
    os.kill(os.getpid(), signal.SIGSTOP)


def _leave_a_holder_of_the_pipe(post: Post) -> None:
    if os.fork() == 0:
        signal.pause()
    os._exit(7)


def _close_everything(post: Post) -> None:
    os.closerange(0, 1000)
    os._exit(7)


def _close_everything_and_pause(post: Post) -> None:
    os.closerange(0, 1000)
    signal.pause()


@pytest.mark.parametrize(
    ("work", "how"),
    [
        (_pause, WAITS),
        (_spin, SPINS),
        (_backtrack, SPINS),
        (_stop, STOPPED),
        (_leave_a_holder_of_the_pipe, "ended by itself with exit code 7"),
        (_close_everything, "ended by itself with exit code 7"),
        (_close_everything_and_pause, WAITS),
    ],
)
def test_it_is_told_how_a_process_was_lost(work: child.Work, how: str) -> None:
    assert child.run(work, Limits(seconds=0.2), lambda kind, content: None) == how


def test_what_a_lost_process_has_started_ends_with_it() -> None:
    told: list[int] = []

    def work(post: Post) -> None:
        started = os.fork()
        if started == 0:
            signal.pause()
        post.tell(started)
        os.kill(os.getpid(), signal.SIGKILL)

    assert child.run(work, LIMITS, lambda kind, content: told.append(content)) is not None
    # Whoever adopts it asks for its exit code, sooner or later.
    while not use(told[0]).states <= {"Z"}:
        pass


def test_memory_that_cannot_be_had_is_an_error_of_the_operation() -> None:
    found = _found(_run([walker_unit("tests.hostile:eats_memory_in_the_middle", 2, 300)]))
    outcomes = {each.actual for each in found if each.signature.operation == "mru"}
    assert outcomes == {"raises MemoryError"}


def test_what_a_target_prints_gets_nowhere(capfd: pytest.CaptureFixture[str]) -> None:
    events = _run([walker_unit("tests.hostile:prints_in_the_middle", seed=2, steps=300)])
    assert _found(events)
    assert all("incrgc" in str(each.signature) for each in _found(events))
    assert not any(isinstance(event, ProcessLost) for event in events)
    assert capfd.readouterr() == ("", "")


def test_workers_share_what_they_found() -> None:
    target = "tests.hostile:crashes_in_the_middle"
    events = _run((walker_unit(target, seed, 300) for seed in (2, 6, 8)), workers=2)
    signatures = [each.signature for each in _found(events)]
    assert len(signatures) == len(set(signatures))
    finished = {event.unit for event in events if isinstance(event, UnitFinished)}
    assert finished == {0, 1, 2}


def test_what_is_known_is_not_found_again() -> None:
    unit = walker_unit("tests.hostile:crashes_in_the_middle", seed=2, steps=600)
    first = _run([unit])
    known = [each.signature for each in _found(first)]
    assert known
    again = _run([unit], known=known)
    assert not {each.signature for each in _found(again)} & set(known)
    lost, lost_again = (
        sum(isinstance(e, ProcessLost) for e in events) for events in (first, again)
    )
    assert lost_again < lost


def test_work_stops_at_the_deadline(monkeypatch: pytest.MonkeyPatch) -> None:
    endless = (walker_unit("ref", seed, 10**9) for seed in range(10))
    events = _run_until_the_first_progress(monkeypatch, endless, workers=2)
    assert sum(event.done["steps"] for event in events if isinstance(event, Progress)) > 0
    assert not any(isinstance(event, UnitFinished) for event in events)


def fails(post: Post, target: str) -> None:
    post.part(1)
    raise ZeroDivisionError(target)


def finds_and_stays(post: Post, target: str) -> None:
    """Tells of something that is being shrunk, and never comes to an end with it."""
    post.part(1)
    post.shrinking(_TRACE)
    post.count(steps=1)
    post.flush()
    time.sleep(3600)


_TRACE = Divergence.from_json(
    {
        "signature": "create | - | value",
        "despite": [],
        "step": 0,
        "expected": "1",
        "actual": "2",
        "trace": {
            "schema": 1,
            "world": {},
            "operations": [{"op": "create", "object": "a"}],
        },
    }
)


def test_a_unit_that_raises_has_failed_and_the_next_one_is_performed() -> None:
    units = [Unit("test", f"{__name__}:fails", {"target": "ref"}), walker_unit("ref", 0, 100)]
    events = _run(units)
    (failed,) = [event for event in events if isinstance(event, UnitFailed)]
    assert failed.unit == 0
    assert "ZeroDivisionError: ref" in failed.why
    assert any(isinstance(event, UnitFinished) and event.unit == 1 for event in events)


def test_a_target_that_cannot_be_loaded_fails_its_units() -> None:
    events = _run([walker_unit("tests.hostile:factory_that_kills", 0, 100)])
    _, failed = events
    assert isinstance(failed, UnitFailed)
    assert "factory_that_kills" in failed.why


def test_what_was_being_shrunk_at_the_deadline_is_not_lost(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    unit = Unit("test", f"{__name__}:finds_and_stays", {"target": "ref"})
    events = _run_until_the_first_progress(monkeypatch, [unit])
    assert [each.signature for each in _found(events)] == [Signature("create", "-", "value")]


def test_no_workers_are_refused() -> None:
    with pytest.raises(ValueError, match="workers: 0 is not at least 1"):
        Supervisor(0)
