"""Measure what a fleet costs: beside processes of this machine, and with 200 simulated workers.

``beside`` performs the same walks by two processes and by a local cluster with two workers, in
turn. ``steps`` counts the steps per second of CPU of 1, 2, 4 and 8 processes, with all that the
coordinator, the scheduler and the workers use. ``many`` has 200 units performed at a time
by workers in another process that tell what walks of some seconds would, while a third of them is
lost; it says how much of a core the coordinator uses, and whether every finding arrived.
"""

from __future__ import annotations

import argparse
import os
import random
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from typing import Any

from distributed import LocalCluster

from stateful.engines.units.walker import walker_unit
from stateful.fleet import worker as fleet_worker
from stateful.fleet.dask import LOCAL, DaskTransport
from stateful.fleet.pool import Fleet
from stateful.fleet.versions import versions
from stateful.lockstep.divergence import Divergence, Signature
from stateful.processes.events import (
    DivergenceFound,
    Progress,
    UnitFailed,
    UnitFinished,
    WorkerJoined,
    WorkerLeft,
)
from stateful.processes.isolation import Launch
from stateful.processes.pools.pool import Pool
from stateful.processes.supervisor import Message, Supervisor
from stateful.processes.table import use
from stateful.processes.work import Checkpoint, Unit
from stateful.traces.trace import Trace

#: Seconds that a simulated unit takes, at least and at most, and between two things it tells.
_UNIT, _TELL = (2.0, 6.0), 0.5
#: Pairs that a simulated unit covers each time it tells, of so many; signatures that are known.
_PAIRS, _ALL_PAIRS, _KNOWN = 50, 3000, 400
#: How many processes are compared.
_WORKERS = (1, 2, 4, 8)
#: Units that a worker of dask performs at a time, each in a place of its own, unless it is said.
_EACH = 10
#: One of so many simulated units finds something.
_FINDS = 5

Make = Callable[[str, int], Pool]


def _local(target: str, workers: int) -> Pool:
    return Supervisor(workers)


def _fleet(target: str, workers: int) -> Pool:
    launches = [Launch(target)]
    return Fleet(DaskTransport(LOCAL, launches, workers), versions(launches))


POOLS: dict[str, Make] = {"processes": _local, "fleet": _fleet}


def performed(make: Make, target: str, workers: int, units: int, steps: int) -> tuple[float, float]:
    """Seconds on the clock for ``units`` walks, and of CPU for everything, once all is started."""
    with make(target, workers) as pool:
        for _ in pool.run([walker_unit(target, 0, 10) for _ in range(workers)], share=False):
            pass
        began, before = time.perf_counter(), use(os.getpid()).cpu
        walks = [walker_unit(target, seed, steps) for seed in range(units)]
        done = sum(isinstance(event, UnitFinished) for event in pool.run(walks, share=False))
        took, cpu = time.perf_counter() - began, use(os.getpid()).cpu - before
    assert done == units, f"{done} of {units} units were performed to their ends"
    return took, cpu


def beside(target: str, units: int, steps: int, rounds: int) -> None:
    """Print how long both take, side by side: the best of some rounds."""
    best = {name: (float("inf"), float("inf")) for name in POOLS}
    for _ in range(rounds):
        for name, make in POOLS.items():
            took = performed(make, target, 2, units, steps)
            best[name] = tuple(map(min, best[name], took))  # type: ignore[assignment]
    for name, (wall, cpu) in best.items():
        print(f"{name:>9}, 2 workers: {wall:6.1f} s, {cpu:6.1f} s of CPU")
    (wall, cpu), (other, other_cpu) = best["processes"], best["fleet"]
    print(f"the fleet takes {other / wall:.2f} times as long, and {other_cpu / cpu:.2f} of the CPU")


def per_second(target: str, units: int, steps: int, rounds: int) -> None:
    """Print the steps per second of CPU by the number of processes: the best of some rounds."""
    best: dict[tuple[int, str], float] = {}
    for _ in range(rounds):
        for workers in _WORKERS:
            for name, make in POOLS.items():
                _, cpu = performed(make, target, workers, max(units, workers), steps)
                count = max(units, workers) * steps / cpu
                best[workers, name] = max(best.get((workers, name), 0.0), count)
    for workers in _WORKERS:
        told = ", ".join(f"{name} {best[workers, name]:8,.0f}" for name in POOLS)
        print(f"{workers} workers, steps per CPU second: {told}")


def divergence(number: int) -> Divergence:
    """What the unit with this number finds."""
    made = {"op": "ghost", "object": "a", "sample": "Plain"}
    trace = Trace.from_json({"schema": 1, "world": {}, "operations": [made] * 5})
    return Divergence(Signature(f"get {number}", "Plain ghost cached", "value"), trace, 4, "1", "2")


class Simulated:
    """A server that performs nothing, and tells what one tells that walks: see `Server`."""

    def __init__(self) -> None:
        self._telling: Iterator[Sequence[Message]] = iter(())

    def begin(
        self,
        unit: Unit,
        known: Sequence[str],
        limits: Any,
        cover: bool = False,
        begun: Checkpoint | None = None,
    ) -> None:
        """Have ``unit`` told of."""
        self._telling = self._told(unit.arguments["number"], (begun and begun.after) or 0)

    def _told(self, number: int, first: int) -> Iterator[Sequence[Message]]:
        drawn = random.Random(number)
        parts = round(drawn.uniform(*_UNIT) / _TELL)
        for part in range(first, parts):
            pairs = [[f"get {drawn.randrange(_ALL_PAIRS)}", "Plain ghost"] for _ in range(_PAIRS)]
            told: list[Message] = [("checkpoint", {"after": part, "known": []})]
            if number % _FINDS == 0 and part == parts // 2:
                found = divergence(number).to_json()
                yield [*told, ("shrinking", found)]
                told = [("found", found)]
            yield [*told, ("progress", {"done": {"steps": 1000}, "covered": pairs})]
        yield [("end", {})]

    def has_told(self, seconds: float) -> bool:
        """Wait as long as a walk takes until it tells something."""
        time.sleep(min(seconds, _TELL))
        return True

    def messages(self) -> Iterator[Message]:
        """What it tells next."""
        yield from next(self._telling, ())

    def silent(self) -> Iterator[Message]:
        """Nothing is to be looked after."""
        return iter(())

    def close(self) -> None:
        """Nothing is to be ended."""


def serve(places: int, seconds: float, each: int) -> None:
    """Be a scheduler with workers for so many units, of whom a third is lost within the seconds.

    ``each`` of them has so many places.
    """
    fleet_worker.Server = Simulated  # type: ignore[assignment,misc]
    with LocalCluster(
        n_workers=places // each,
        threads_per_worker=each,
        processes=False,
        protocol="tcp://",
        dashboard_address=None,
        worker_dashboard_address=None,
        memory_limit=0,
        silence_logs="CRITICAL",
    ) as cluster:
        print(cluster.scheduler_address, flush=True)
        sys.stdin.readline()
        scheduler = cluster.scheduler
        lost = random.Random(0).sample(sorted(scheduler.workers), len(scheduler.workers) // 3)
        stop = threading.Event()
        threading.Thread(target=lambda: (sys.stdin.readline(), stop.set()), daemon=True).start()
        for address in lost:
            stop.wait(seconds / len(lost))
            cluster.loop.add_callback(scheduler.remove_worker, address, stimulus_id="lost")
        stop.wait()
        os._exit(0)


def many(places: int, seconds: float, each: int) -> None:
    """Print what it takes to coordinate so many simulated workers, and whether all arrived."""
    command = [sys.executable, "-m", "benchmarks.fleet", "serve", str(places), str(seconds)]
    command += ["--each", str(each)]
    server = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
    assert server.stdin is not None
    assert server.stdout is not None
    address = server.stdout.readline().strip()
    usual = places / (sum(_UNIT) / 2)
    units = round(usual * seconds)
    expected = {number for number in range(units) if number % _FINDS == 0}
    known = [Signature(f"set {number}", "Plain saved cached", "value") for number in range(_KNOWN)]
    joined = left = finished = failed = told = 0
    found: list[int] = []
    steps = 0
    began = used = 0.0
    with Fleet(DaskTransport(address, []), versions([])) as fleet:
        for event in fleet.run(_simulated(units), known):
            told += 1
            if isinstance(event, WorkerJoined):
                joined += 1
                if joined == places // each:
                    began, used = time.monotonic(), time.process_time()
                    server.stdin.write("all are there\n")
                    server.stdin.flush()
            left += isinstance(event, WorkerLeft)
            finished += isinstance(event, UnitFinished)
            failed += isinstance(event, UnitFailed)
            if isinstance(event, Progress):
                steps += event.done.get("steps", 0)
            elif isinstance(event, DivergenceFound):
                found.append(int(event.divergence.signature.operation.split()[1]))
        took, cpu = time.monotonic() - began, time.process_time() - used
    server.communicate("that is all\n")
    print(f"{joined} workers joined, {left} were lost; {finished} of {units} units came to an end")
    print(
        f"{finished / took:.0f} units, {len(found) / took:.0f} findings, {told / took:.0f} events/s"
    )
    print(f"the coordinator used {cpu / took:.1%} of a core in {took:.0f} s")
    cost = cpu / units
    print(f"{cost * 1000:.1f} ms a unit: {cost * usual:.1%} of a core at {usual:.0f} units/s")
    print(f"findings: {len(found)}, lost: {len(expected - set(found))}, twice: {_twice(found)}")
    assert not failed
    assert finished == units
    assert sorted(found) == sorted(expected)


def _simulated(units: int) -> Iterator[Unit]:
    for number in range(units):
        yield Unit("walker", "", {"number": number})


def _twice(found: Sequence[int]) -> int:
    return len(found) - len(set(found))


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n", 1)[0])
    commands = parser.add_subparsers(dest="command", required=True)
    for name in ("beside", "steps"):
        command = commands.add_parser(name)
        command.add_argument("target", nargs="?", default="ref")
        command.add_argument("--units", type=int, default=8)
        command.add_argument("--steps", type=int, default=10_000)
        command.add_argument("--rounds", type=int, default=3)
    for name in ("many", "serve"):
        command = commands.add_parser(name)
        command.add_argument("places", nargs="?", type=int, default=200)
        command.add_argument("seconds", nargs="?", type=float, default=60)
        command.add_argument("--each", type=int, default=_EACH)
    given = parser.parse_args()
    if given.command == "beside":
        beside(given.target, given.units, given.steps, given.rounds)
    elif given.command == "steps":
        per_second(given.target, given.units, given.steps, given.rounds)
    elif given.command == "many":
        many(given.places, given.seconds, given.each)
    else:
        serve(given.places, given.seconds, given.each)


if __name__ == "__main__":
    main()
