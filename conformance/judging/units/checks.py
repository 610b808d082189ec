"""Clause checks as units of work, for a pool that may be on many machines."""

from __future__ import annotations

import time
from collections.abc import Generator, Iterator, Sequence
from dataclasses import asdict
from typing import Any

from conformance.clauses import registry
from conformance.clauses.registry import Check
from conformance.judging.events import CheckEvent, CheckFinished, RunFinished, RunStarted
from conformance.judging.in_process import NOT_RUN
from conformance.judging.in_processes import AreaPatience, Checker, subject_of
from stateful.processes.events import UnitFailed, UnitTold, WorkerEvent
from stateful.processes.isolation import Launch
from stateful.processes.pool import Pool
from stateful.processes.work import Post, Unit

#: The engine of these units, and how many checks each of them makes.
_ENGINE, _CHECKS = "checks", 48
_WORKERS = WorkerEvent.__args__


def run(
    launch: Launch, checks: Sequence[Check], pool: Pool
) -> Generator[CheckEvent | WorkerEvent, None, None]:
    """Run ``checks`` on a target by means of ``pool``; see `conformance.judging.in_processes.run`.

    The target is started here too, to say what it is. Raises `TargetError`.
    """
    began = time.monotonic()
    yield RunStarted(subject_of(launch), len(checks))
    shards = [checks[first : first + _CHECKS] for first in range(0, len(checks), _CHECKS)]
    units = [unit(launch, [check.id for check in shard]) for shard in shards]
    told: set[str] = set()
    for event in pool.run(units, share=False) if units else ():
        if isinstance(event, UnitTold):
            finished = CheckFinished(**{**event.content, "words": tuple(event.content["words"])})
            if finished.check not in told:
                told.add(finished.check)
                yield finished
        elif isinstance(event, UnitFailed):
            rest = [check for check in shards[event.unit] if check.id not in told]
            yield from _not_run(rest, event.why)
        elif isinstance(event, _WORKERS):
            yield event
    yield RunFinished(time.monotonic() - began)


def unit(launch: Launch, checks: Sequence[str]) -> Unit:
    """Making the checks with these ids, one after the other, in a process of the target."""
    arguments = {
        "launch": [launch.target, launch.python, launch.timeout],
        "checks": list(checks),
    }
    return Unit(_ENGINE, "conformance.judging.units.checks:perform", arguments)


def perform(post: Post, launch: Sequence[Any], checks: Sequence[str]) -> None:
    """Make the checks, and tell what came of each, as JSON."""
    registry.load()
    by = Launch(*launch)
    with Checker(by, AreaPatience(by.timeout), []) as checker:
        for check in checks:
            post.alive()
            post.tell(asdict(checker.run(registry.CHECKS[check])))


def _not_run(checks: Sequence[Check], why: str) -> Iterator[CheckFinished]:
    for check in checks:
        yield CheckFinished(check.id, check.clause, NOT_RUN, why)


__all__ = ["perform", "run", "unit"]
