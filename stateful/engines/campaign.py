"""Campaigns: the engines together, over several processes, until their time is over.

What is known - from the beginning, or found by any engine on the way - is masked in all units that
begin later, so that the search goes on behind it. Units are dealt in turn from the engines; the
first ones are short, since what they find is frequent and hides the rest.
"""

from __future__ import annotations

import time
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field, replace

from stateful.engines.engine import Engine, Sides
from stateful.engines.units import ENGINES
from stateful.lockstep.divergence import Signature
from stateful.processes.child import Limits
from stateful.processes.events import UnitEvent
from stateful.processes.pools.pool import Pool
from stateful.processes.pools.source import with_source
from stateful.processes.supervisor import Supervisor
from stateful.processes.work import Unit


@dataclass(frozen=True)
class Plan:
    """What a campaign is about.

    ``sides`` take part; ``engines`` are keys of `ENGINES`; ``seconds`` is the wall time that it may
    take; ``workers`` how many processes work at a time; ``seed`` chooses what is drawn at random.
    With ``cover_source``, the last event tells how much of the target's source was reached, by the
    units that came to their ends. Engines that draw examples share them in the database at
    ``examples``, if there is one.
    """

    sides: Sides
    engines: tuple[str, ...] = ("walker",)
    seconds: float = 60.0
    workers: int = 2
    seed: int = 0
    cover_source: bool = False
    limits: Limits = field(default_factory=Limits)
    examples: str | None = None

    def __post_init__(self) -> None:
        if self.seconds <= 0:
            raise ValueError(f"seconds: {self.seconds!r} leaves no time")
        if self.workers < 1:
            raise ValueError(f"workers: {self.workers!r} is not at least 1")
        unknown = [engine for engine in self.engines if engine not in ENGINES]
        if unknown or not self.engines:
            raise ValueError(
                f"engines: {', '.join(map(repr, unknown)) or 'none'} given; known: "
                f"{', '.join(ENGINES)}"
            )


def units(plan: Plan) -> Iterator[Unit]:
    """The units of all engines of a plan, dealt in turn."""
    making = [_units(ENGINES[engine], plan) for engine in plan.engines]
    while making:
        for each in tuple(making):
            unit = next(each, None)
            if unit is None:
                making.remove(each)
            else:
                yield unit


def _units(engine: Engine, plan: Plan) -> Iterator[Unit]:
    made = engine.campaign(plan.sides, plan.seed)
    if plan.examples is None or not engine.draws_examples:
        return made
    shared = {"database": plan.examples}
    return (replace(unit, arguments={**unit.arguments, **shared}) for unit in made)


def campaign(
    plan: Plan, known: Iterable[Signature] = (), pool: Pool | None = None
) -> Iterator[UnitEvent]:
    """Carry out ``plan``, and yield events as they happen: each distinct divergence once.

    Units are performed by ``pool``, or by processes of this machine.
    """
    if pool is None:
        with Supervisor(plan.workers, plan.limits) as supervisor:
            yield from campaign(plan, known, supervisor)
        return
    deadline = time.monotonic() + plan.seconds
    events = pool.run(units(plan), known, deadline=deadline, cover=plan.cover_source)
    yield from with_source(events, plan.sides.target, plan.cover_source)


__all__ = ["Plan", "campaign", "units"]
