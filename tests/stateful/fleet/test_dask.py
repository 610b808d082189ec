"""Workers of dask.distributed perform units as processes of this machine do, also if they die."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from collections import Counter
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

pytest.importorskip("distributed")

from distributed import Client

from stateful.engines.scopes import SCOPES
from stateful.engines.units.explorer import explorer_unit
from stateful.engines.units.walker import walker_unit
from stateful.fleet import dask as by_dask
from stateful.fleet.dask import LOCAL, DaskTransport
from stateful.fleet.pool import Fleet
from stateful.fleet.transport import FleetError
from stateful.fleet.versions import versions
from stateful.processes.child import Limits
from stateful.processes.events import (
    DivergenceFound,
    ProcessLost,
    Progress,
    UnitEvent,
    UnitFailed,
    UnitFinished,
    WorkerJoined,
    WorkerLeft,
)
from stateful.processes.isolation import Launch
from stateful.processes.supervisor import Supervisor
from stateful.processes.work import Post, Unit

pytestmark = [
    # Closing what dask has opened is for the loop of dask, which may be gone by then.
    pytest.mark.filterwarnings("ignore::ResourceWarning"),
    pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning"),
]

_TOP = Path(__file__).parents[3]
TARGET = "tests.hostile:crashes_in_the_middle"
LAUNCHES = [Launch(TARGET)]
LIMITS = Limits(seconds=60)


def _units() -> list[Unit]:
    return [
        walker_unit(TARGET, 0, 300),
        walker_unit(TARGET, 1, 300),
        explorer_unit(TARGET, next(iter(SCOPES)), 1),
    ]


def _told(events: Iterable[UnitEvent]) -> object:
    """All that is the same whoever performs the units."""
    done: Counter[tuple[int, str]] = Counter()
    rest: Counter[object] = Counter()
    covered = set()
    for event in events:
        if isinstance(event, Progress):
            done.update({(event.unit, name): count for name, count in event.done.items()})
            covered.update((event.engine, *pair) for pair in event.covered)
        elif isinstance(event, DivergenceFound):
            rest[event.unit, json.dumps(event.divergence.to_json(), sort_keys=True)] += 1
        elif isinstance(event, (ProcessLost, UnitFinished, UnitFailed)):
            rest[event.unit, type(event)] += 1
    return done, rest, covered


@pytest.fixture(scope="module")
def living() -> object:
    """What processes of this machine tell."""
    with Supervisor(2, LIMITS) as supervisor:
        events = list(supervisor.run(_units(), share=False))
    assert not [event for event in events if isinstance(event, UnitFailed)]
    assert [event for event in events if isinstance(event, ProcessLost)]
    return _told(events)


def test_a_local_cluster_tells_what_processes_do(living: object) -> None:
    with Fleet(DaskTransport(LOCAL, LAUNCHES), versions(LAUNCHES), LIMITS) as fleet:
        events = list(fleet.run(_units(), share=False))
    assert _told(events) == living
    joined = [event for event in events if isinstance(event, WorkerJoined)]
    assert joined
    assert all(TARGET in event.versions for event in joined)


@contextmanager
def _processes() -> Iterator[Any]:
    """Makes processes of dask, by command and arguments, and ends them."""
    made: list[subprocess.Popen[bytes]] = []

    def make(command: str, *arguments: str) -> subprocess.Popen[bytes]:
        process = subprocess.Popen(
            [sys.executable, "-m", f"distributed.cli.dask_{command}", *arguments],
            cwd=_TOP,
            env={**os.environ, "PYTHONPATH": str(_TOP)},
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        made.append(process)
        return process

    try:
        yield make
    finally:
        for process in made:
            process.kill()
            process.wait()


def test_workers_that_are_killed_in_the_middle_of_units_change_nothing(
    living: object, tmp_path: Path
) -> None:
    file = tmp_path / "scheduler.json"
    with _processes() as make:
        make(
            "scheduler",
            "--host",
            "127.0.0.1",
            "--port",
            "0",
            "--no-dashboard",
            "--scheduler-file",
            str(file),
        )

        def worker() -> subprocess.Popen[bytes]:
            process: subprocess.Popen[bytes] = make(
                "worker",
                "--scheduler-file",
                str(file),
                "--nthreads",
                "1",
                "--no-nanny",
                "--no-dashboard",
                "--host",
                "127.0.0.1",
            )
            return process

        workers = [worker(), worker()]
        with Client(scheduler_file=str(file), set_as_default=False) as client:
            address = client.scheduler.address
        events = []
        with Fleet(DaskTransport(address, LAUNCHES), versions(LAUNCHES), LIMITS) as fleet:
            for event in fleet.run(_units(), share=False):
                events.append(event)
                if isinstance(event, DivergenceFound) and workers:
                    # It has told something of its unit, and has more to tell.
                    os.kill(workers.pop().pid, signal.SIGKILL)
                    worker()
    gone = [event for event in events if isinstance(event, WorkerLeft)]
    assert len(gone) == 2
    assert [number for event in gone for number in event.units]
    assert _told(events) == living


def _kills_the_worker(post: Post) -> None:
    os.kill(os.getppid(), signal.SIGKILL)


def test_a_unit_that_kills_who_performs_it_fails_and_the_worker_goes_on() -> None:
    units = [Unit("hostile", f"{__name__}:_kills_the_worker"), walker_unit("ref", 0, 10)]
    launches = [Launch("ref")]
    with Fleet(DaskTransport(LOCAL, launches, 1), versions(launches), LIMITS) as fleet:
        events = list(fleet.run(units))
    (failed,) = [event for event in events if isinstance(event, UnitFailed)]
    assert failed.unit == 0
    assert "was killed by SIGKILL" in failed.why
    assert [event.unit for event in events if isinstance(event, UnitFinished)] == [1]


def test_a_scheduler_that_does_not_answer_is_one_message(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(by_dask, "_ANSWER", 0.2)
    with pytest.raises(FleetError, match="no scheduler answers at 'tcp:") as raised:
        DaskTransport("tcp://127.0.0.1:1", LAUNCHES)
    assert not raised.value.started
