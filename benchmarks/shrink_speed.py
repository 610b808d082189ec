"""Measure how long it takes to shrink a trace of 200 steps to its shortest.

Each trace is the longest beginning of a random run, at most 200 steps, after whose last step a
wrong implementation differs for the first time; runs that differ earlier are filled up with steps
in front that make no difference.
"""

from __future__ import annotations

import argparse
import statistics
import time

from fixtures.implementation import Implementation
from fixtures.targets import load
from stateful.engines.walker import Draws
from stateful.lockstep.divergence import Divergence
from stateful.lockstep.lockstep import divergence, first_difference, quiet_garbage
from stateful.lockstep.shrink import shrink_divergence
from stateful.traces.step import Step
from tests.wrong import load_all, make

#: Wrong implementations whose faults show seldom enough, or need some steps to show.
CHOSEN = (
    "records no access",
    "evicts from the most recently used object on",
    "asks objects whether they are equal",
    "keeps one object too many",
    "does not notice changes of sticky objects",
    "stays sticky when _p_changed is set to False",
)
STEPS = 200


def long_divergence(
    reference: Implementation, target: Implementation, draws: Draws, number: int
) -> Divergence | None:
    """A divergence whose trace has `STEPS` steps; None if the run shows none."""
    run = draws.run(number)
    steps = [*run.population, *run.steps]
    found = first_difference(reference, target, run.config, steps[: 2 * STEPS])
    if found is None or len(found.performed) > STEPS:
        return None
    # What makes no difference: the same run of the reference with itself, up to the culprit.
    harmless = [Step.of({"op": "timestamp", "arguments": [bytes(8)]})]
    filled = harmless * (STEPS - len(found.performed)) + found.performed
    again = first_difference(reference, target, run.config, filled)
    return None if again is None else divergence(reference, run.config, again)


def measure(seed: int, traces: int) -> list[tuple[str, float, int]]:
    """For each trace: the wrong implementation, seconds of CPU, and how many steps are left."""
    reference = load("ref")
    load_all()
    measured = []
    for name in CHOSEN:
        target = make(name)
        draws = Draws(reference, target, seed)
        number = 0
        wanted = traces
        while wanted and number < 50 * traces:
            with quiet_garbage():
                found = long_divergence(reference, target, draws, number)
                number += 1
                if found is None:
                    continue
                start = time.process_time()
                smallest = shrink_divergence(reference, target, found)
                spent = time.process_time() - start
            measured.append((name, spent, len(smallest.trace.operations)))
            wanted -= 1
    return measured


def main() -> None:
    """Measure and print a table in Markdown."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n", 1)[0])
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--traces", type=int, default=10, help="for each wrong implementation")
    given = parser.parse_args()
    measured = measure(given.seed, given.traces)
    print("| wrong implementation | traces | median ms | most ms | steps left, median |")
    print("|---|---|---|---|---|")
    for name in (*CHOSEN, ""):
        rows = [row for row in measured if not name or row[0] == name]
        times = [1000 * spent for _, spent, _ in rows] or [0.0]
        left = [length for _, _, length in rows] or [0]
        print(
            f"| {name or 'all'} | {len(rows)} | {statistics.median(times):.0f} | "
            f"{max(times):.0f} | {statistics.median(left):.0f} |"
        )


if __name__ == "__main__":
    main()
