"""Measure how many steps a second the machines perform.

A step is an operation that was performed in both worlds and compared. Each machine runs sessions of
Hypothesis in processes of their own, since a target may end its process. First it learns what is
known to differ, then sessions in which nothing new differs are timed; those that find something or
are lost do not count. Rates are of CPU time: all of it, and of the best session.
"""

from __future__ import annotations

import argparse
import functools
import json
import os
import signal
import time
from collections.abc import Callable
from typing import Any

from fixtures.targets import load
from stateful.lockstep.divergence import Signature
from stateful.lockstep.lockstep import quiet_garbage
from stateful.machines import MACHINES
from stateful.machines.unit import Sessions

_EXAMPLES = 25
_SECONDS = 30


def in_child(function: Callable[[], Any]) -> Any:
    """What ``function`` returns, called in a process of its own; None if that ends."""
    read, write = os.pipe()
    child = os.fork()
    if child == 0:
        os.close(read)
        nothing = os.open(os.devnull, os.O_WRONLY)
        for descriptor in (1, 2):
            os.dup2(nothing, descriptor)
        signal.alarm(_SECONDS)
        os.write(write, json.dumps(function()).encode())
        os._exit(0)
    os.close(write)
    with os.fdopen(read) as answers:
        answer = answers.read()
    os.waitpid(child, 0)
    return json.loads(answer) if answer else None


def session(target: str, machine: str, number: int, known: list[str]) -> dict[str, Any]:
    """One session: what it found, how many steps it performed, in how much time."""
    one = Sessions(load("ref"), load(target), 0, map(Signature.parse, known), machine)
    with quiet_garbage():
        # Building strategies and pools once is no part of the rate.
        one.perform(number, 1)
        steps = one.result.steps
        start = time.process_time()
        found = one.perform(number + 1, _EXAMPLES)
        seconds = time.process_time() - start
    return {
        "found": [str(each.signature) for each in one.result.divergences],
        "new": found is not None,
        "steps": one.result.steps - steps,
        "seconds": seconds,
    }


def measure(target: str, machine: str, learning: int, rounds: int) -> tuple[float, float, int, int]:
    """Steps a second on average and at best, the steps, and how many sessions did not count."""
    known: list[str] = []
    for number in range(learning):
        seen = in_child(functools.partial(session, target, machine, 2 * number, known))
        if seen is not None:
            known += seen["found"]
        if seen is not None and not seen["found"] and number > 10:
            break
    steps, seconds, best, left_out, counted, number = 0, 0.0, 0.0, 0, 0, 1000
    while counted < rounds and left_out < 20 * rounds:
        number += 2
        seen = in_child(functools.partial(session, target, machine, number, known))
        if seen is None or seen["new"]:
            left_out += 1
            known += seen["found"] if seen else []
            continue
        counted += 1
        steps += seen["steps"]
        seconds += seen["seconds"]
        best = max(best, seen["steps"] / seen["seconds"])
    return (steps / seconds if seconds else 0.0), best, steps, left_out


def main() -> None:
    """Measure and print the table."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n", 1)[0])
    parser.add_argument("targets", nargs="*", default=["ref", "persistent-c", "persistent-py"])
    parser.add_argument("--learning", type=int, default=150)
    parser.add_argument("--rounds", type=int, default=10)
    given = parser.parse_args()
    for target in given.targets:
        load(target)
        for machine in MACHINES:
            mean, best, steps, left_out = measure(target, machine, given.learning, given.rounds)
            print(
                f"{target:<14} {machine:<8} {mean:>8,.0f} steps/s, {best:>8,.0f} in the best "
                f"session; {steps:,} steps, {left_out} sessions left out",
                flush=True,
            )


if __name__ == "__main__":
    main()
