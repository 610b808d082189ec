"""Measure the explorer: states, edges and steps of each default scope, and steps a second.

An edge is a step tried in an abstract state; the steps performed are these and the repetitions of
the traces that lead there. Both implementations are driven and compared in full after each edge.
Each target is explored in a process of its own, since it may end that; with `--supervised`, by the
supervisor, which goes on behind what ends a process, and whose seconds are wall time.
"""

from __future__ import annotations

import argparse
import subprocess
import sys
import time

from fixtures.targets import load
from stateful.engines.explorer import Explorer
from stateful.engines.scopes import SCOPES
from stateful.engines.units.explorer import explorer_unit
from stateful.processes.events import DivergenceFound, ProcessLost, UnitFinished
from stateful.processes.supervisor import Supervisor

_HEAD = f"{'scope':<22}{'depth':>6}{'states':>8}{'edges':>9}{'steps':>9}{'found':>7}{'s':>7}"


def _line(name: str, depth: int, counts: tuple[int, int, int, int], seconds: float) -> str:
    states, edges, steps, found = counts
    rates = f"{edges / seconds:>10,.0f}{steps / seconds:>10,.0f}"
    return f"{name:<22}{depth:>6}{states:>8,}{edges:>9,}{steps:>9,}{found:>7}{seconds:>7.2f}{rates}"


def measure(target: str, names: list[str], deeper: int) -> None:
    """Explore here, and print a line for each scope; what one finds is not masked in the next."""
    one, other = load("ref"), load(target)
    total = [0, 0, 0, 0]
    spent = 0.0
    print(f"{_HEAD}{'edges/s':>10}{'steps/s':>10}")
    for name in names:
        depth = SCOPES[name].depth + deeper
        explorer = Explorer(one, other, SCOPES[name])
        began = time.process_time()
        for _ in explorer.divergences(depth):
            pass
        seconds = time.process_time() - began
        seen = explorer.result(depth)
        counts = (seen.states, seen.edges, seen.steps, len(seen.divergences))
        print(_line(name, depth, counts, seconds), flush=True)
        total = [sum(pair) for pair in zip(total, counts, strict=True)]
        spent += seconds
    states, edges, steps, found = total
    print(_line("together", 0, (states, edges, steps, found), spent))


def supervise(target: str, names: list[str], deeper: int, workers: int) -> None:
    """Explore in processes, and print a line for each scope."""
    found = [0] * len(names)
    lost = 0
    began = time.monotonic()
    units = [explorer_unit(target, name, SCOPES[name].depth + deeper) for name in names]
    print(f"{_HEAD}{'edges/s':>10}{'steps/s':>10}")
    with Supervisor(workers) as supervisor:
        for event in supervisor.run(units):
            if isinstance(event, DivergenceFound):
                found[event.unit] += 1
            elif isinstance(event, ProcessLost):
                lost += not event.unexplained
            elif isinstance(event, UnitFinished):
                seen = event.result
                counts = (seen["states"], seen["edges"], seen["steps"], found[event.unit])
                print(_line(names[event.unit], seen["depth"], counts, event.seconds), flush=True)
    seconds = time.monotonic() - began
    print(
        f"{sum(found)} divergences, {lost} processes lost, {seconds:.1f} s with {workers} workers"
    )


def main() -> None:
    """Measure and print a table for each target."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n", 1)[0])
    parser.add_argument("targets", nargs="*", default=["ref", "persistent-py"])
    parser.add_argument("--scope", action="append", choices=SCOPES)
    parser.add_argument("--deeper", type=int, default=0, help="steps beyond the default depth")
    parser.add_argument("--supervised", action="store_true")
    parser.add_argument("--workers", type=int, default=2)
    parser.add_argument("--here", action="store_true", help=argparse.SUPPRESS)
    given = parser.parse_args()
    names = given.scope or list(SCOPES)
    for target in given.targets:
        if given.supervised:
            print(target, flush=True)
            supervise(target, names, given.deeper, given.workers)
        elif given.here:
            measure(target, names, given.deeper)
        else:
            print(target, flush=True)
            scopes = [text for name in names for text in ("--scope", name)]
            command = [sys.executable, "-m", "benchmarks.explorer_speed", target, "--here"]
            ended = subprocess.run(
                [*command, "--deeper", str(given.deeper), *scopes], check=False
            ).returncode
            if ended:
                print(f"{target} ended its process with {ended}; try --supervised")


if __name__ == "__main__":
    main()
