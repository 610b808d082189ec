"""Citing: which clauses say what a step does in a state, found in what their checks do.

A check that ends with some step in some abstract state is about that step there. Where the state x
event table has a cell for it, the table also says which part of what happens each clause demands.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from conformance.clauses import registry, table
from conformance.clauses.checks.table import the_table_holds
from conformance.clauses.registry import Check
from conformance.judging.in_process import PASS, run_check
from fixtures.implementation import Implementation
from fixtures.world import World
from stateful.lockstep.abstract import before
from stateful.lockstep.lockstep import perform_alone, quiet_garbage
from stateful.traces.step import Step
from stateful.traces.trace import Trace

#: What is done, without names of objects, and the abstract state of what it touches.
Cell = tuple[str, str]


@dataclass(frozen=True)
class Cited:
    """A clause that speaks of a cell: ``demands`` are the facets that it demands there.

    Without demands, a check of the clause ends with the cell, or the clause is about the
    operation as such if not even ``here``.
    """

    clause: str
    demands: tuple[str, ...] = ()
    here: bool = True


class Citations:
    """Finds the clauses for the steps that ``labels`` name, by the checks that end with them.

    ``reference`` performs the checks.
    """

    def __init__(self, reference: Implementation, labels: Iterable[str]) -> None:
        registry.load()
        self._found: dict[Cell, dict[str, dict[str, None]]] = {}
        wanted = set(labels)
        with quiet_garbage():
            for check in registry.CHECKS.values():
                cell = _last_cell(reference, check, wanted)
                if cell is not None:
                    facets = self._found.setdefault(cell, {}).setdefault(check.clause, {})
                    facets.update(dict.fromkeys(_demands(check)))

    def of(self, step: Step, before: str, decides: str = "") -> tuple[Cited, ...]:
        """The clauses for ``step`` where it meets the abstract state ``before``.

        The one that ``decides``, if there is one, comes first; then those that are about just this
        only.
        """
        found = self._found.get((step.label, before), {})
        if decides:
            rest = {clause: demands for clause, demands in found.items() if clause != decides}
            return (
                Cited(decides, tuple(found.get(decides, ()))),
                *(Cited(clause, tuple(demands)) for clause, demands in rest.items() if demands),
            )
        demanding = [Cited(clause, tuple(demands)) for clause, demands in found.items() if demands]
        if demanding:
            return tuple(demanding)
        if found:
            return tuple(Cited(clause) for clause in found)
        return tuple(Cited(clause, here=False) for clause in step.operation.clauses)


def _last_cell(reference: Implementation, check: Check, wanted: set[str]) -> Cell | None:
    if check.because is not None:
        return None
    done = run_check(reference, check.id)
    if done["verdict"] != PASS or not done["trace"]["operations"]:
        return None
    trace = Trace.from_json(done["trace"])
    *way, last = map(Step.of, trace.operations)
    if last.label not in wanted:
        return None
    return last.label, _met(reference, trace.world, way, last)


def _met(
    reference: Implementation, config: Mapping[str, object], way: Iterable[Step], last: Step
) -> str:
    world = World(reference, config)
    world.keep_no_trace()
    try:
        for step in way:
            perform_alone(world, step)
        return before(world, last)
    finally:
        world.close()


def _demands(check: Check) -> tuple[str, ...]:
    """The facets of which the clause of a check that is a cell of the table demands something.

    What it demands of data and rings goes by the scene of the table, and is left out.
    """
    if check.function is not the_table_holds:
        return ()
    row, state = table.row(check.arguments["event"]), check.arguments["state"]
    return tuple(demand.facet for demand in row.demands(state)[check.clause])


__all__ = ["Cell", "Citations", "Cited"]
