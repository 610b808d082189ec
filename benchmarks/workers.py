"""Measure what a second worker brings, and whether memory stays flat over a long run.

The same units of the walker are performed by one worker and by two, several times in turn; the best
times count. Memory is the resident set of a child while it walks on and on, read at intervals.
"""

from __future__ import annotations

import argparse
import time
from collections.abc import Iterator
from pathlib import Path

from fixtures.targets import load
from stateful.engines.units.walker import walker_unit
from stateful.engines.walker import Walk
from stateful.lockstep.lockstep import quiet_garbage
from stateful.processes.supervisor import Supervisor


def seconds(target: str, workers: int, units: int, steps: int) -> float:
    """How long ``workers`` take for ``units`` walks, without the time that they take to start."""
    with Supervisor(workers) as supervisor:
        for _ in supervisor.run([walker_unit(target, 0, 10) for _ in range(workers)], share=False):
            pass
        began = time.perf_counter()
        for _ in supervisor.run(
            (walker_unit(target, seed, steps) for seed in range(units)), share=False
        ):
            pass
        return time.perf_counter() - began


def memory(target: str, steps: int, looks: int) -> Iterator[tuple[int, float]]:
    """Yield steps performed and megabytes resident, at intervals of a walk in this process."""
    walked = Walk(load("ref"), load(target), 0)
    number = 0
    with quiet_garbage():
        for look in range(1, looks + 1):
            while walked.result.steps < steps * look // looks:
                walked.perform(number)
                number += 1
            status = Path("/proc/self/status").read_text().splitlines()
            resident = next(line for line in status if "VmRSS" in line)
            yield walked.result.steps, int(resident.split()[1]) / 1024


def main() -> None:
    """Measure and print both."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n", 1)[0])
    parser.add_argument("target", nargs="?", default="ref")
    parser.add_argument("--units", type=int, default=8)
    parser.add_argument("--steps", type=int, default=20_000)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--long", type=int, default=1_000_000, help="steps of the long run")
    given = parser.parse_args()
    best = {1: float("inf"), 2: float("inf")}
    for _ in range(given.rounds):
        for workers in best:
            took = seconds(given.target, workers, given.units, given.steps)
            best[workers] = min(best[workers], took)
    total = given.units * given.steps
    for workers, took in best.items():
        print(f"{workers} workers: {total / took:>10,.0f} steps/s")
    print(f"two workers give {best[1] / best[2]:.2f} times one")
    for steps, megabytes in memory(given.target, given.long, 5):
        print(f"after {steps:>10,} steps {megabytes:>7.1f} MB")


if __name__ == "__main__":
    main()
