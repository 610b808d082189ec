"""Count the distinct divergences that a campaign finds in some seconds of CPU, and their traces.

The engines search together, with nothing known; what others cover is not counted. The seconds are
those of all processes that search, read from ``/proc``. For a released implementation, the clauses
of the causes of which something was found are counted too.
"""

from __future__ import annotations

import argparse
import os
import statistics
import time
from collections.abc import Collection, Iterator, Sequence
from contextlib import closing
from pathlib import Path

from conformance.judging.causes import Cause, cause_of, shipped
from stateful.engines.budgets import distinct
from stateful.engines.campaign import Plan, campaign
from stateful.engines.engine import Sides
from stateful.engines.units import ENGINES
from stateful.lockstep.divergence import CRASH, Divergence
from stateful.processes.events import DivergenceFound, UnitEvent
from stateful.processes.isolation import Launch

_TICKS = os.sysconf("SC_CLK_TCK")


def _stat(pid: str) -> tuple[int, int] | None:
    """The parent of a process, and its clock ticks with those of the children that it outlived."""
    try:
        text = Path(f"/proc/{pid}/stat").read_text(encoding="utf-8")
    except OSError:
        return None
    fields = text.rpartition(")")[2].split()
    return int(fields[1]), sum(map(int, fields[11:15]))


def cpu_seconds() -> float:
    """Seconds of CPU that all descendants of this process have used."""
    names = [entry.name for entry in Path("/proc").iterdir()]
    found = {int(pid): _stat(pid) for pid in names if pid.isdigit()}
    known = {pid: stat for pid, stat in found.items() if stat is not None}
    inside, total = {os.getpid()}, 0
    grown = True
    while grown:
        grown = False
        for pid, (parent, ticks) in list(known.items()):
            if parent in inside:
                del known[pid]
                inside.add(pid)
                total += ticks
                grown = True
    return total / _TICKS


def snapshots(
    target: str, engines: Sequence[str], seconds: Sequence[float], seed: int
) -> Iterator[tuple[float, tuple[Divergence, ...]]]:
    """What has been found after each number of seconds, from one campaign with one worker."""
    waiting = sorted(seconds)
    events: list[UnitEvent] = []
    looked = 0.0
    plan = Plan(
        Sides(Launch(target)), tuple(engines), seconds=20 * waiting[-1] + 10, workers=1, seed=seed
    )
    with closing(campaign(plan)) as told:  # type: ignore[type-var]
        for event in told:
            if isinstance(event, DivergenceFound):
                events.append(event)
            if time.monotonic() - looked > 0.1:
                spent = cpu_seconds()
                while waiting and spent >= waiting[0]:
                    yield waiting.pop(0), distinct(events)
                looked = time.monotonic()
            if not waiting:
                return


def summary(found: Sequence[Divergence], causes: Collection[Cause]) -> str:
    """How many, of how many clauses, how many of them crashes; the lengths of their traces."""
    held = (cause_of(each, causes) for each in found)
    seen = {cause.clause for cause in held if cause is not None}
    lengths = [len(each.trace.operations) for each in found] or [0]
    crashes = sum(each.signature.field == CRASH for each in found)
    operations = len({each.signature.operation for each in found})
    short = sum(length <= 6 for length in lengths) / len(lengths)
    middle = statistics.median(lengths)
    explained = f"{len(seen)} of {len({cause.clause for cause in causes})}"
    return f"{len(found)} | {explained} | {operations} | {crashes} | {middle:.0f} | {short:.0%}"


def main() -> None:
    """Measure and print a table in Markdown."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n", 1)[0])
    parser.add_argument("targets", nargs="*", default=["persistent-c", "persistent-py"])
    parser.add_argument("--seconds", type=float, nargs="+", default=[1.0, 10.0, 60.0])
    parser.add_argument("--engines", default=",".join(ENGINES))
    parser.add_argument("--seed", type=int, default=0)
    given = parser.parse_args()
    columns = ("divergences", "clauses", "operations", "crashes", "median steps", "up to 6 steps")
    print(f"| target | CPU s | {' | '.join(columns)} |")
    print("|---" * (len(columns) + 2) + "|")
    for target in given.targets:
        causes = shipped(target)
        for spent, found in snapshots(target, given.engines.split(","), given.seconds, given.seed):
            print(f"| {target} | {spent:g} | {summary(found, causes)} |", flush=True)


if __name__ == "__main__":
    main()
