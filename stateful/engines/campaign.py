"""Campaigns: the engines together, over several processes, until their time is over.

What is known - from the beginning, or found by any engine on the way - is masked in all units that
begin later, so that the search goes on behind it. Units are dealt in turn from the engines; the
first ones are short, since what they find is frequent and hides the rest.
"""

from __future__ import annotations

import itertools
import time
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field

from stateful.engines.scopes import SCOPES
from stateful.engines.units.explorer import explorer_unit
from stateful.engines.units.machines import EXAMPLES, MACHINES, machine_unit
from stateful.engines.units.walker import STEPS, remote_unit, walker_unit
from stateful.lockstep.divergence import Signature
from stateful.processes.child import Limits
from stateful.processes.events import Event, SourceReached
from stateful.processes.isolation import Launch
from stateful.processes.source import data_folder, reached
from stateful.processes.supervisor import Supervisor
from stateful.processes.work import Unit

#: Steps of the first units of the walker, and examples of the first ones of the machines: what they
#: find is masked in the longer ones.
_FIRST_STEPS, _FIRST_EXAMPLES = 1000, 5
#: The engines that can drive a target in another interpreter.
REMOTE = ("walker",)
#: Scopes are explored to depth 1 first, all of them, and so on to this one; then all the way.
_SHALLOW = 2


@dataclass(frozen=True)
class Plan:
    """What a campaign is about.

    ``target`` and ``reference`` are names of implementations; ``engines`` are keys of `ENGINES`;
    ``seconds`` is the wall time that it may take; ``workers`` how many processes work at a time;
    ``seed`` chooses what is drawn at random. ``python`` is the interpreter of the target, if it is
    another one: then `REMOTE` engines only. With ``cover_source``, the last event tells how much of
    the target's source was reached, by the units that came to their ends.
    """

    target: str
    engines: tuple[str, ...] = ("walker",)
    seconds: float = 60.0
    workers: int = 2
    seed: int = 0
    reference: str = "ref"
    python: str | None = None
    cover_source: bool = False
    limits: Limits = field(default_factory=Limits)

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
        local = [engine for engine in self.engines if engine not in REMOTE]
        if self.python is not None and local:
            raise ValueError(
                f"engines: {', '.join(local)} cannot drive a target in another interpreter; "
                f"{', '.join(REMOTE)} can"
            )


def _walker(plan: Plan) -> Iterator[Unit]:
    steps = _FIRST_STEPS
    number = 0
    while True:
        seed = plan.seed + number
        if plan.python is None:
            yield walker_unit(plan.target, seed, steps, plan.reference)
        else:
            yield remote_unit(Launch(plan.target, plan.python), seed, steps, plan.reference)
        number += 1
        if number % (2 * plan.workers) == 0:
            steps = min(2 * steps, STEPS)


def _explorer(plan: Plan) -> Iterator[Unit]:
    deepest = max(scope.depth for scope in SCOPES.values())
    for depth in (*range(1, _SHALLOW + 1), deepest):
        for name, scope in SCOPES.items():
            if depth <= _SHALLOW or scope.depth > _SHALLOW:
                yield explorer_unit(
                    plan.target, name, min(depth, scope.depth), reference=plan.reference
                )


def _machines(plan: Plan) -> Iterator[Unit]:
    for number in itertools.count():
        machine = MACHINES[number % len(MACHINES)]
        examples = min(_FIRST_EXAMPLES * 2 ** (number // (2 * plan.workers)), EXAMPLES)
        yield machine_unit(plan.target, plan.seed + number, machine, examples, plan.reference)


#: Each engine makes the units of a campaign, as many as it has: name -> units for a plan.
ENGINES: Mapping[str, Callable[[Plan], Iterator[Unit]]] = {
    "explorer": _explorer,
    "walker": _walker,
    "machines": _machines,
}


def units(plan: Plan) -> Iterator[Unit]:
    """The units of all engines of a plan, dealt in turn."""
    making = [ENGINES[engine](plan) for engine in plan.engines]
    while making:
        for each in tuple(making):
            unit = next(each, None)
            if unit is None:
                making.remove(each)
            else:
                yield unit


def campaign(plan: Plan, known: Iterable[Signature] = ()) -> Iterator[Event]:
    """Carry out ``plan``, and yield events as they happen: each distinct divergence once."""
    deadline = time.monotonic() + plan.seconds
    with data_folder() as data:
        cover = data if plan.cover_source else None
        with Supervisor(plan.workers, plan.limits, cover) as supervisor:
            yield from supervisor.run(units(plan), known, deadline=deadline)
        if cover is not None:
            yield SourceReached(reached(cover))


__all__ = ["ENGINES", "Plan", "campaign", "units"]
