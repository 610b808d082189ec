"""What the engines do in a check. The same run finds the same.

Budgets are numbers of steps and depths, never times. Nothing that one unit finds is masked in
another one, since which of them comes first depends on the machine.
"""

from __future__ import annotations

from collections.abc import Iterable

from stateful.engines.engine import Sides
from stateful.engines.units import ENGINES
from stateful.lockstep.divergence import Divergence, Masked
from stateful.processes.events import DivergenceFound, UnitEvent
from stateful.processes.work import Unit


def units(sides: Sides, engines: Iterable[str]) -> list[Unit]:
    """The units of these engines at the budgets of a check. Raises KeyError."""
    # Walks take longest.
    ordered = sorted(engines, reverse=True)
    return [unit for engine in ordered for unit in ENGINES[engine].check(sides)]


def distinct(events: Iterable[UnitEvent]) -> tuple[Divergence, ...]:
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
