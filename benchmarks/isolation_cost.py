"""Measure what isolation costs: the same walk in this process, in a child, in another interpreter.

The target is the reference under its own name, so that nothing differs and nothing is shrunk: what
is measured is driving and comparing. Each way is timed several times in turn, without the time that
processes take to start, and the best time counts. A target in another interpreter works while the
reference does, so that this way needs two cores that have nothing else to do.
"""

from __future__ import annotations

import argparse
import sys
import time
from collections.abc import Callable

from stateful.engines.remote import RemoteWalk

from fixtures.targets import load
from stateful.engines.units.walker import walker_unit
from stateful.engines.walker import Walk
from stateful.processes.events import Progress, UnitFinished
from stateful.processes.supervisor import Supervisor


def in_process(target: str, steps: int, seed: int) -> float:
    """Steps a second in this process."""
    walked = Walk(load("ref"), load(target), seed)
    began = time.perf_counter()
    for _ in walked.divergences(steps):
        sys.exit(f"{target} differs from the reference: measure one that does not")
    return walked.result.steps / (time.perf_counter() - began)


def in_a_child(target: str, steps: int, seed: int) -> float:
    """Steps a second in a process of its own, forked by a worker that has started."""
    with Supervisor(1) as supervisor:
        for _ in supervisor.run([walker_unit(target, seed, 10)]):
            pass
        done = 0
        seconds = 0.0
        for event in supervisor.run([walker_unit(target, seed, steps)]):
            if isinstance(event, Progress):
                done += event.done.get("steps", 0)
            elif isinstance(event, UnitFinished):
                seconds = event.seconds
    return done / seconds


def in_another_interpreter(target: str, steps: int, seed: int) -> float:
    """Steps a second with the target in an interpreter of its own, whole traces in a message."""
    with RemoteWalk(load("ref"), target, sys.executable, seed) as walked:
        began = time.perf_counter()
        for _ in walked.divergences(steps):
            sys.exit(f"{target} differs from the reference: measure one that does not")
        return walked.result.steps / (time.perf_counter() - began)


WAYS: dict[str, Callable[[str, int, int], float]] = {
    "in this process": in_process,
    "in a child": in_a_child,
    "in another interpreter": in_another_interpreter,
}


def main() -> None:
    """Measure and print the table."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n", 1)[0])
    parser.add_argument("target", nargs="?", default="ref")
    parser.add_argument("--steps", type=int, default=30_000)
    parser.add_argument("--rounds", type=int, default=5)
    given = parser.parse_args()
    best = dict.fromkeys(WAYS, 0.0)
    for seed in range(given.rounds):
        for name, way in WAYS.items():
            best[name] = max(best[name], way(given.target, given.steps, seed))
    alone = best["in this process"]
    for name, rate in best.items():
        print(f"{name:<24} {rate:>10,.0f} steps/s  factor {alone / rate:.2f}")


if __name__ == "__main__":
    main()
