"""Measure the walker against the floor of lock-step.

The floor is what bare loops allow that perform the same steps, one on the reference and one on the
target: 1 / (1/r + 1/t) steps a second. The same recorded runs, in which nothing differs, are then
driven in lock-step with the cheap comparison after each step, and with the full one. Each is timed
several times in turn, and the best time counts.
"""

from __future__ import annotations

import argparse
import os
import random
import signal
import sys
import time
from collections.abc import Callable, Sequence
from functools import partial
from typing import Any

from fixtures.implementation import Implementation
from fixtures.targets import load
from fixtures.world import World
from stateful.engines.walker import INTERVAL, Draws
from stateful.lockstep.lockstep import (
    Comparing,
    Lockstep,
    first_difference,
    perform_alone,
    quiet_garbage,
)
from stateful.traces.step import Step

NEVER = 1 << 30

Recorded = list[tuple[dict[str, Any], list[Step]]]


def record(reference: Implementation, target: Implementation, seed: int, runs: int) -> Recorded:
    """Runs in which nothing differs: steps that differ or that end the process are left out."""
    draws = Draws(reference, target, seed)
    found: Recorded = []
    for number in range(runs):
        run = draws.run(number)
        steps = [*run.population, *run.steps[: run.length]]
        while steps:
            safe = _in_child(partial(_length, reference, target, run, steps))
            if safe is None or safe >= len(steps):
                break
            del steps[safe]
        else:
            continue
        if safe is not None:
            performed = _performed(reference, target, run.config, steps)
            found.append((run.config, performed))
    return found


def _length(reference: Implementation, target: Implementation, run: Any, steps: list[Step]) -> int:
    """How many of ``steps`` can be performed before one differs."""
    driven = Lockstep(reference, target, run.config)
    for number, step in enumerate(steps):
        if driven.can(step) and (driven.perform(step) or driven.compare()):
            return number
    return len(steps)


def _in_child(function: Callable[[], int]) -> int | None:
    """What ``function`` returns, called in a process of its own; None if that ends."""
    read, write = os.pipe()
    child = os.fork()
    if child == 0:
        os.dup2(os.open(os.devnull, os.O_WRONLY), 2)
        signal.alarm(10)
        os.write(write, str(function()).encode())
        os._exit(0)
    os.close(write)
    answer = os.read(read, 100)
    os.close(read)
    os.waitpid(child, 0)
    return int(answer) if answer else None


def _performed(
    reference: Implementation, target: Implementation, config: dict[str, Any], steps: list[Step]
) -> list[Step]:
    driven = Lockstep(reference, target, config)
    performed = []
    for step in steps:
        if driven.can(step):
            performed.append(step)
            driven.perform(step)
    driven.close()
    return performed


def bare(implementation: Implementation, recorded: Recorded) -> None:
    """Perform the steps on one implementation."""
    for config, steps in recorded:
        world = World(implementation, config)
        world.keep_no_trace()
        for step in steps:
            perform_alone(world, step)
        world.close()


def lockstep(
    reference: Implementation,
    target: Implementation,
    recorded: Recorded,
    interval: int,
    comparing: Comparing = Comparing.TOUCHED,
) -> None:
    """Perform the steps on both, with everything compared after each ``interval`` steps.

    After each step, so much is compared as ``comparing`` says.
    """
    for config, steps in recorded:
        driven = Lockstep(reference, target, config, comparing)
        until = interval
        for step in steps:
            if not driven.can(step) or driven.perform(step) is not None:
                sys.exit("the recorded steps differ now")
            until -= 1
            if until == 0:
                until = interval
                if driven.compare() is not None:
                    sys.exit("the recorded steps differ now")
        driven.close()


def measure(target_name: str, seed: int, runs: int, rounds: int) -> dict[str, float]:
    """Steps a second of the bare loops and of lock-step with each kind of comparison."""
    reference, target = load("ref"), load(target_name)
    recorded = record(reference, target, seed, runs)
    # Collecting garbage costs the same in each loop and says nothing of any.
    for _, steps in recorded:
        steps[:] = [step for step in steps if step.operation.name != "collect"]
    recorded = [
        (config, steps)
        for config, steps in recorded
        if first_difference(reference, target, config, steps) is None
    ]
    random.Random(seed).shuffle(recorded)
    total = sum(len(steps) for _, steps in recorded)
    loops: Sequence[tuple[str, Callable[[], None]]] = (
        ("bare reference", lambda: bare(reference, recorded)),
        ("bare target", lambda: bare(target, recorded)),
        ("cheap", lambda: lockstep(reference, target, recorded, NEVER)),
        (f"full every {INTERVAL}", lambda: lockstep(reference, target, recorded, INTERVAL)),
        ("full", lambda: lockstep(reference, target, recorded, INTERVAL, Comparing.REACHED)),
        ("everything", lambda: lockstep(reference, target, recorded, NEVER, Comparing.ALL)),
    )
    best: dict[str, float] = {}
    with quiet_garbage():
        for _ in range(rounds):
            for name, loop in loops:
                start = time.process_time()
                loop()
                rate = total / (time.process_time() - start)
                best[name] = max(best.get(name, 0.0), rate)
    return {"steps": total, **best}


def main() -> None:
    """Measure and print the table."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n", 1)[0])
    parser.add_argument("targets", nargs="*", default=["persistent-c", "persistent-py"])
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--runs", type=int, default=40)
    parser.add_argument("--rounds", type=int, default=7)
    given = parser.parse_args()
    for target in given.targets:
        rates = measure(target, given.seed, given.runs, given.rounds)
        floor = 1 / (1 / rates["bare reference"] + 1 / rates["bare target"])
        print(f"{target}: {rates.pop('steps'):.0f} steps, floor {floor:,.0f} steps/s")
        for name, rate in rates.items():
            print(f"  {name:<16} {rate:>12,.0f} steps/s {rate / floor:>8.2f} of the floor")


if __name__ == "__main__":
    main()
