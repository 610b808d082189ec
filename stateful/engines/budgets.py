"""Default budgets: what each engine does in a check. The same run finds the same.

They are numbers of steps and depths, never times. Nothing that one unit finds is masked in another
one, since which of them comes first depends on the machine.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping

from stateful.engines.scopes import SCOPES
from stateful.engines.units.explorer import explorer_unit
from stateful.engines.units.machines import MACHINES, machine_unit
from stateful.engines.units.walker import remote_unit, walker_unit
from stateful.lockstep.divergence import Divergence, Masked
from stateful.processes.events import DivergenceFound, Event
from stateful.processes.isolation import Launch
from stateful.processes.work import Unit

#: How deep each scope is explored, unless its own depth is less, how far each walk goes, how many
#: examples each machine runs. Deeper, an implementation that crashes often takes minutes.
DEPTH = 2
STEPS = 6_000
WALKS = 2
EXAMPLES = 40


def _explorer(launch: Launch) -> Iterator[Unit]:
    # The largest first, so that the workers come to their ends together.
    for name, scope in sorted(SCOPES.items(), key=lambda item: -len(item[1].operations)):
        yield explorer_unit(launch.target, name, min(DEPTH, scope.depth))


def _walker(launch: Launch) -> Iterator[Unit]:
    for seed in range(WALKS):
        if launch.python is None:
            yield walker_unit(launch.target, seed, STEPS)
        else:
            yield remote_unit(launch, seed, STEPS)


def _machines(launch: Launch) -> Iterator[Unit]:
    for seed, machine in enumerate(MACHINES):
        yield machine_unit(launch.target, seed, machine, EXAMPLES)


#: The units of each engine for a target, by its name.
BUDGETS: Mapping[str, Callable[[Launch], Iterator[Unit]]] = {
    "explorer": _explorer,
    "walker": _walker,
    "machines": _machines,
}


def units(launch: Launch, engines: Iterable[str]) -> list[Unit]:
    """The units of these engines at their default budgets. Raises KeyError.

    For a target in another interpreter, they have to be among `stateful.engines.campaign.REMOTE`.
    """
    # Walks take longest.
    ordered = sorted(engines, reverse=True)
    return [unit for engine in ordered for unit in BUDGETS[engine](launch)]


def distinct(events: Iterable[Event]) -> tuple[Divergence, ...]:
    """The divergences in ``events`` without those that others cover, the shortest traces first.

    They do not depend on which unit was finished first.
    """
    found = [event for event in events if isinstance(event, DivergenceFound)]
    found.sort(key=lambda event: (len(event.divergence.trace.operations), event.unit))
    known = Masked()
    kept = []
    for event in found:
        signature = event.divergence.signature
        if not known.holds(signature):
            kept.append(event.divergence)
        known.add(signature)
    return tuple(kept)
