"""Workers of dask.distributed perform units as processes of this machine do, also if they die."""

from __future__ import annotations

import json
import os
import shutil
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

import dask
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


def _scheduler(make: Any, folder: Path, *options: str) -> tuple[subprocess.Popen[bytes], str]:
    """A scheduler, and the file that says where it is."""
    file = str(folder / "scheduler.json")
    place = ("--host", "127.0.0.1", "--port", "0", "--no-dashboard", "--scheduler-file", file)
    return make("scheduler", *place, *options), file


def _worker(make: Any, file: str, *options: str) -> subprocess.Popen[bytes]:
    place = ("--host", "127.0.0.1", "--no-dashboard", "--scheduler-file", file)
    made: subprocess.Popen[bytes] = make(
        "worker", *place, "--nthreads", "1", "--no-nanny", *options
    )
    return made


def _address(file: str) -> str:
    with Client(scheduler_file=file, set_as_default=False) as client:
        return str(client.scheduler.address)


def test_workers_that_are_killed_in_the_middle_of_units_change_nothing(
    living: object, tmp_path: Path
) -> None:
    with _processes() as make:
        _, file = _scheduler(make, tmp_path)
        workers = [_worker(make, file), _worker(make, file)]
        events = []
        with Fleet(DaskTransport(_address(file), LAUNCHES), versions(LAUNCHES), LIMITS) as fleet:
            for event in fleet.run(_units(), share=False):
                events.append(event)
                if isinstance(event, (DivergenceFound, Progress)) and workers:
                    # It has told something of its unit, and has more to tell.
                    os.kill(workers.pop().pid, signal.SIGKILL)
                    _worker(make, file)
    gone = [event for event in events if isinstance(event, WorkerLeft)]
    assert len(gone) == 2
    assert [number for event in gone for number in event.units]
    assert _told(events) == living


def test_when_the_scheduler_dies_what_was_found_is_kept_and_the_work_ends(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setattr(by_dask, "_ANSWER", 10)
    units = [walker_unit(TARGET, seed, 10**6) for seed in range(2)]
    with _processes() as make:
        scheduler, file = _scheduler(make, tmp_path)
        _worker(make, file)
        events = []
        with Fleet(DaskTransport(_address(file), LAUNCHES), versions(LAUNCHES), LIMITS) as fleet:
            for event in fleet.run(units):
                events.append(event)
                if isinstance(event, DivergenceFound):
                    scheduler.kill()
    assert [event for event in events if isinstance(event, DivergenceFound)]
    failed = [event for event in events if isinstance(event, UnitFailed)]
    assert failed
    assert all(event.why.startswith("the scheduler is gone") for event in failed)


def test_a_scheduler_that_is_stopped_is_gone_after_a_while(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setattr(by_dask, "_ANSWER", 10)
    with _processes() as make:
        scheduler, file = _scheduler(make, tmp_path)
        transport = DaskTransport(_address(file), LAUNCHES)
        with transport:
            assert transport.workers() == {}
            scheduler.send_signal(signal.SIGSTOP)
            # It has only just been asked, and is not missed yet.
            assert transport.workers() == {}
            monkeypatch.setattr(by_dask, "_SILENT", 0)
            with pytest.raises(FleetError, match="the scheduler is gone") as raised:
                transport.workers()
            monkeypatch.setattr(by_dask, "_ANSWER", 0.1)
    assert raised.value.started


def test_a_fleet_is_reached_by_tls(tmp_path: Path) -> None:
    if shutil.which("openssl") is None:
        pytest.skip("there is no openssl")
    key, certificate = str(tmp_path / "key.pem"), str(tmp_path / "certificate.pem")
    made = ("req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2", "-subj", "/CN=it")
    command = ["openssl", *made, "-keyout", key, "-out", certificate]
    subprocess.run(command, check=True, capture_output=True)
    options = ("--tls-ca-file", certificate, "--tls-cert", certificate, "--tls-key", key)
    client = {
        "distributed.comm.require-encryption": True,
        "distributed.comm.tls.ca-file": certificate,
        "distributed.comm.tls.client.cert": certificate,
        "distributed.comm.tls.client.key": key,
    }
    launches = [Launch("ref")]
    with _processes() as make:
        _, file = _scheduler(make, tmp_path, "--protocol", "tls", *options)
        _worker(make, file, *options)
        with dask.config.set(client):
            address = _address(file)
            assert address.startswith("tls://")
            with Fleet(DaskTransport(address, launches), versions(launches), LIMITS) as fleet:
                events = list(fleet.run([walker_unit("ref", 0, 10)]))
    assert [event for event in events if isinstance(event, UnitFinished)]


def _kills_the_worker(post: Post) -> None:
    os.kill(os.getppid(), signal.SIGKILL)


def _eats_memory(post: Post) -> None:
    bytearray(1 << 30)


def test_a_unit_that_kills_or_eats_memory_fails_and_the_worker_goes_on() -> None:
    hostile = [_kills_the_worker, _eats_memory]
    units = [Unit("hostile", f"{__name__}:{each.__name__}") for each in hostile]
    launches, limits = [Launch("ref")], Limits(seconds=60, megabytes=512)
    with Fleet(DaskTransport(LOCAL, launches, 1), versions(launches), limits) as fleet:
        events = list(fleet.run([*units, walker_unit("ref", 0, 10)]))
    failed = {event.unit: event.why for event in events if isinstance(event, UnitFailed)}
    assert set(failed) == {0, 1}
    assert "was killed by SIGKILL" in failed[0]
    assert "used more than 512 megabytes" in failed[1]
    assert [event.unit for event in events if isinstance(event, UnitFinished)] == [2]
    assert not [event for event in events if isinstance(event, WorkerLeft)]


@pytest.mark.parametrize("address", ["tcp://127.0.0.1:1", "tls://127.0.0.1:1", "it://1", "1:1:1"])
def test_a_scheduler_that_does_not_answer_is_one_message(
    monkeypatch: pytest.MonkeyPatch, address: str
) -> None:
    monkeypatch.setattr(by_dask, "_ANSWER", 0.2)
    with pytest.raises(FleetError, match=f"no scheduler answers at '{address}'") as raised:
        DaskTransport(address, LAUNCHES)
    assert not raised.value.started
