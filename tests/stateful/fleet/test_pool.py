"""A fleet tells the same whoever performs its units, and however many workers are lost."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Any

import pytest

from conformance.judging.units.workers import Workers
from stateful.fleet import pool as fleet_pool
from stateful.fleet.deal import LOSSES
from stateful.fleet.pool import Fleet
from stateful.fleet.transport import Arrived, FleetError, Told
from stateful.lockstep.divergence import Signature
from stateful.processes.events import (
    DivergenceFound,
    ProcessLost,
    Progress,
    SourcePerformed,
    UnitBegun,
    UnitEvent,
    UnitFailed,
    UnitFinished,
    WorkerJoined,
    WorkerLeft,
    WorkerRefused,
)
from stateful.processes.pools import pool as pools
from stateful.processes.supervisor import Message
from stateful.processes.work import Unit
from tests.stateful.fleet.simulated import VERSIONS, Clock, Simulated, perform, scripted

UNITS = [
    scripted(4, {1: "set"}),
    scripted(7, {0: "get", 5: "set"}, loses=[3]),
    scripted(1),
    scripted(5, {4: "delete"}, loses=[0, 4]),
]
KNOWN = Signature("delete", "Plain", "value")


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Clock:
    """What time it is for the fleet."""
    clock = Clock()
    for module in (fleet_pool, pools):
        monkeypatch.setattr(module, "time", clock)
    return clock


@pytest.fixture
def transport(clock: Clock) -> Simulated:
    return Simulated(clock)


def _run(transport: Simulated, units: Iterable[Unit] = UNITS, **options: Any) -> list[UnitEvent]:
    with Fleet(transport, VERSIONS) as fleet:
        return list(fleet.run(units, **options))


def _told(events: Iterable[UnitEvent]) -> object:
    """All that is to be the same: what was done, found and lost, by unit."""
    done: Counter[tuple[int, str]] = Counter()
    rest: Counter[object] = Counter()
    covered = set()
    for event in events:
        if isinstance(event, Progress):
            done.update({(event.unit, name): count for name, count in event.done.items()})
            covered.update(event.covered)
        elif isinstance(event, DivergenceFound):
            rest[event.unit, str(event.divergence.signature)] += 1
        elif isinstance(event, SourcePerformed):
            rest[event.unit, str(sorted(event.performed["it:it.py"]))] += 1
        elif isinstance(event, (ProcessLost, UnitBegun, UnitFinished, UnitFailed)):
            rest[event.unit, type(event)] += 1
    return done, rest, covered


def _found(events: Iterable[UnitEvent]) -> list[str]:
    found = [event.divergence for event in events if isinstance(event, DivergenceFound)]
    return [str(each.signature) for each in found]


@pytest.mark.parametrize("seed", range(12))
def test_totals_and_findings_are_those_of_workers_that_live(clock: Clock, seed: int) -> None:
    living = _run(Simulated(clock), share=False)
    dying = Simulated(clock, dies=0.1, seed=seed)
    events = _run(dying, share=False)
    gone = [event for event in events if isinstance(event, WorkerLeft)]
    assert len(gone) == dying.died > 0
    assert _told(events) == _told(living)


def test_source_that_a_lost_process_has_performed_does_not_count(transport: Simulated) -> None:
    events = _run(transport, [scripted(5, loses=[2])])
    (told,) = [event for event in events if isinstance(event, SourcePerformed)]
    assert told.performed == {"it:it.py": {(2, 3), (3, 4)}}


def test_what_is_found_is_known_to_units_that_begin_later(clock: Clock) -> None:
    transport = Simulated(clock, count=1)
    events = _run(transport, known=[KNOWN])
    found = [
        str(event.divergence.signature) for event in events if isinstance(event, DivergenceFound)
    ]
    assert found == ["set | Plain | value", "get | Plain | value"]
    assert [len(request["known"]) for request in transport.requests] == [1, 2, 3, 3]


def test_who_goes_on_with_a_unit_knows_what_was_known_when_it_began(clock: Clock) -> None:
    transport = Simulated(clock, dies=0.2, seed=5)
    _run(transport)
    by_unit: dict[str, set[tuple[str, ...]]] = {}
    for request in transport.requests:
        by_unit.setdefault(str(request["unit"]), set()).add(tuple(request["known"]))
    assert len(transport.requests) > len(UNITS)
    assert all(len(each) == 1 for each in by_unit.values())


def test_a_unit_with_which_workers_are_lost_again_and_again_is_given_up(
    clock: Clock,
) -> None:
    transport = Simulated(clock, dies=1.0)
    events = _run(transport, [scripted(3)])
    (failed,) = [event for event in events if isinstance(event, UnitFailed)]
    assert failed.why.startswith(f"{LOSSES} workers were lost with it")
    assert transport.died == LOSSES


def test_a_worker_that_has_something_else_gets_no_work(transport: Simulated) -> None:
    transport.versions = {"harness": "2"}
    told = []
    with (
        Fleet(transport, VERSIONS) as fleet,
        pytest.raises(FleetError, match="harness is 2 there, and 1 here") as raised,
    ):
        for event in fleet.run(UNITS):
            told.append(event)
    assert raised.value.started
    assert {type(event) for event in told} == {WorkerRefused}
    assert not transport.requests


class _Mixed(Simulated):
    """Its first worker has something else."""

    def introduce(self, address: str) -> None:
        self.versions = {"harness": "2"} if address == "worker-0" else VERSIONS
        super().introduce(address)


def test_others_do_the_work_of_a_worker_that_is_refused_and_the_report_says_why(
    clock: Clock,
) -> None:
    transport = _Mixed(clock)
    events = _run(transport, share=False)
    assert _told(events) == _told(_run(Simulated(clock), share=False))
    workers = Workers.told(events)
    assert {event.address for event in workers.joined} == {"worker-1", "worker-2"}
    (refused,) = workers.to_json()["refused"]
    assert refused == {"address": "worker-0", "why": "harness is 2 there, and 1 here"}
    assert f"1 refused (worker-0: {refused['why']}); on each: harness 1" in str(workers)


class _Stopping(Simulated):
    """Its first worker is out of sight for a while, and tells on as if nothing had been."""

    looks = 0

    def workers(self) -> Mapping[str, int]:
        self.looks += 1
        there = super().workers()
        if 5 <= self.looks < 9:
            del there["worker-0"]
        return there

    def cancel(self, deals: Sequence[str]) -> None:
        """It does not hear that nobody wants it any more."""
        self.cancelled += deals


@pytest.mark.parametrize("seed", range(6))
def test_what_a_worker_tells_that_was_given_up_does_not_count(clock: Clock, seed: int) -> None:
    units = [*UNITS, *(scripted(9, {number: "get"}) for number in range(4))]
    transport = _Stopping(clock, seed=seed)
    events = _run(transport, units, share=False)
    joined = [event.address for event in events if isinstance(event, WorkerJoined)]
    assert joined.count("worker-0") == 2
    assert [event.units for event in events if isinstance(event, WorkerLeft)] != [()]
    assert _told(events) == _told(_run(Simulated(clock), units, share=False))


def test_workers_are_named_with_what_they_have(transport: Simulated) -> None:
    joined = [event for event in _run(transport) if isinstance(event, WorkerJoined)]
    assert {event.address for event in joined} == {"worker-0", "worker-1", "worker-2"}
    assert all(event.versions == VERSIONS for event in joined)


def test_the_fleet_serves_one_run_after_the_other(transport: Simulated) -> None:
    with Fleet(transport, VERSIONS) as fleet:
        first = list(fleet.run(UNITS, share=False))
        second = list(fleet.run(UNITS, share=False))
    assert _told(first) == _told(second)
    assert not [event for event in second if isinstance(event, WorkerJoined)]


def test_at_the_deadline_what_is_being_shrunk_is_told_and_the_rest_is_called_off(
    transport: Simulated,
) -> None:
    def shrinks(unit: Mapping[str, Any], begun: Mapping[str, Any]) -> Iterator[list[Message]]:
        yield next(iter(perform(unit, begun)))
        while True:
            yield []

    transport.performing = shrinks
    events = _run(transport, [scripted(1, {0: "set"})], deadline=20.0)
    assert _found(events) == ["set | Plain | value"]
    assert transport.cancelled == ["0-0"]


class _Restarting(Simulated):
    """After some batches of its first deal, the worker begins that again under the same address."""

    def receive(self, seconds: float) -> Sequence[Arrived]:
        arrived = super().receive(seconds)
        return [
            replace(each, batch=0)
            if isinstance(each, Told) and each.batch == 3 and len(self.requests) == 1
            else each
            for each in arrived
        ]


def test_what_does_not_follow_is_not_counted(clock: Clock) -> None:
    transport = _Restarting(clock)
    events = _run(transport, [scripted(4)])
    assert [request["begun"]["after"] for request in transport.requests] == [None, 1]
    assert transport.cancelled == ["0-0"]
    assert _told(events) == _told(_run(Simulated(clock), [scripted(4)]))
