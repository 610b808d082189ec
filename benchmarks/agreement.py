"""Walk a target beside the reference, and list what no cause explains.

The walk is cut into units of work that processes of their own perform, so that whatever the target
does they end themselves only. What a baseline knows is masked; what the causes of a released
implementation explain is counted. Each other divergence is written, as JSON, a line each, to the
output as soon as it is found.
"""

from __future__ import annotations

import argparse
import json
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import TextIO

from conformance.judging.baseline.file import read
from conformance.judging.causes import cause_of, shipped
from stateful.engines.units.walker import walker_unit
from stateful.lockstep.divergence import Divergence, Signature
from stateful.processes.events import DivergenceFound, ProcessLost, Progress, UnitFailed
from stateful.processes.supervisor import Supervisor
from stateful.processes.work import Unit

#: Steps in one unit.
STEPS = 20_000


def known_in(baseline: Path | None, found: list[Path]) -> Iterator[Signature]:
    """The signatures in a baseline, and in what earlier walks have found."""
    if baseline is not None:
        for entry in read(baseline).divergences:
            yield entry.signature
            yield from entry.divergence.despite
    for path in found:
        for line in path.read_text(encoding="utf-8").splitlines():
            yield Divergence.from_json(json.loads(line)).signature


def units(target: str, seed: int, steps: int) -> Iterator[Unit]:
    """As many walks, of different seeds, as make up ``steps``."""
    for number in range(-(-steps // STEPS)):
        yield walker_unit(target, seed * 1000 + number, min(STEPS, steps - number * STEPS))


def agree(given: argparse.Namespace, output: TextIO | None) -> int:
    """Walk; return how many divergences nothing explains."""
    began = time.monotonic()
    steps = lost = new = held = 0
    known = list(known_in(given.baseline, given.found))
    causes = shipped(given.target)
    with Supervisor(given.workers) as supervisor:
        for event in supervisor.run(units(given.target, given.seed, given.steps), known):
            if isinstance(event, Progress):
                steps += event.done.get("steps", 0)
            elif isinstance(event, ProcessLost):
                lost += 1
            elif isinstance(event, UnitFailed):
                sys.exit(event.why)
            elif isinstance(event, DivergenceFound) and cause_of(event.divergence, causes):
                held += 1
            elif isinstance(event, DivergenceFound):
                new += 1
                print(event.divergence.signature)
                if output is not None:
                    output.write(json.dumps(event.divergence.to_json()) + "\n")
                    output.flush()
    seconds = time.monotonic() - began
    print(
        f"{given.target}: {steps:,} steps, {new} divergences outside {len(known)} known "
        f"signatures and {len(causes)} causes, {held} in these; {lost} processes lost, "
        f"{seconds:.0f} s"
    )
    return new


def main() -> None:
    """Walk and print; the exit code is 1 if anything new was found."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n", 1)[0])
    parser.add_argument("target", nargs="?", default="persistent-c")
    parser.add_argument("--steps", type=int, default=1_000_000)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--workers", type=int, default=1)
    parser.add_argument("--baseline", type=Path)
    parser.add_argument("--found", type=Path, nargs="*", default=[], help="output of earlier walks")
    parser.add_argument("-o", "--output", type=Path)
    given = parser.parse_args()
    if given.steps < 1 or given.workers < 1:
        parser.error("--steps and --workers have to be at least 1")
    if given.output is None:
        sys.exit(agree(given, None) > 0)
    with given.output.open("w", encoding="utf-8") as output:
        sys.exit(agree(given, output) > 0)


if __name__ == "__main__":
    main()
