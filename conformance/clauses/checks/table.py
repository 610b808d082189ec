"""The checks that are made from the state x event table: one for each cell and clause.

A check performs the event of a row on an object in the state of a column and looks at the facets
that its clause demands in that cell, so that a facet that is not as it should be fails under the
clause that says how it should be. All but the ring is looked at without a cache, too.
"""

import importlib
import pkgutil
from typing import Any, Dict, Tuple

from conformance.clauses import checks, registry, table
from conformance.clauses.expect import calls, equal, raises, succeeds
from conformance.clauses.table.notation import (
    AS_BEFORE,
    DATA,
    NOTHING,
    Demand,
    Row,
    data_of,
    value_of,
)
from fixtures.states import CHANGED, GHOST, STICKY, UPTODATE, given
from fixtures.values import Ref
from fixtures.world import CacheState, ObjectState, Observation, World

#: State -> what _p_state, _p_changed and _p_jar read in it.
_LOOKS: Dict[str, Tuple[Any, Any, Any]] = {
    "unsaved": (UPTODATE, False, None),
    "added": (UPTODATE, False, Ref("jar", "jar")),
    "ghost": (GHOST, None, Ref("jar", "jar")),
    "saved": (UPTODATE, False, Ref("jar", "jar")),
    "changed": (CHANGED, True, Ref("jar", "jar")),
    "sticky": (STICKY, False, Ref("jar", "jar")),
}


def _scene(world: World, state: str) -> None:
    given(world, "saved" if state in ("changed", "sticky") else state)
    if state != "ghost":
        for name in sorted(set(DATA) - {"x"}):
            world.do("set", "a", name, DATA[name])
    if state == "changed":
        world.do("set", "a", "_p_changed", True)
    if state == "sticky":
        world.do("make_sticky", "a")
    given(world, "changed", "b")


def the_table_holds(world: World, event: str, state: str, clause: str, cached: bool) -> None:
    row = table.row(event)
    demands = row.demands(state)[clause]
    _scene(world, state)
    for step in row.steps[:-1]:
        world.apply(step)
    before = world.object("a")
    rings = cached and any(demand.facet == "ring" for demand in demands)
    ring_before = world.cache() if rings else None
    seen = world.apply(row.steps[-1])
    gives = [demand for demand in row.cells[state] if demand.facet == "gives"]
    if not gives:
        succeeds(seen)
    after = world.object("a")
    if row.request and after == before and not any(demand.facet == "state" for demand in demands):
        world.note(f"{event} was ignored")
        return
    for demand in demands:
        if demand.facet != "ring":
            _facet_holds(demand, state, seen, before, after)
        elif ring_before is not None:
            _ring_holds(demand, ring_before, world.cache())


def _facet_holds(
    demand: Demand, state: str, seen: Observation, before: ObjectState, after: ObjectState
) -> None:
    expected = demand.expected
    if demand.facet == "gives" and expected.startswith("!"):
        raises(seen, expected[1:])
    elif demand.facet == "gives":
        succeeds(seen)
        equal(seen.value, value_of(expected), "the value")
    elif demand.facet == "calls":
        wanted = [] if expected == NOTHING else expected.split()
        calls(seen, *(f"{call} a" for call in wanted))
    elif demand.facet == "data":
        equal(after.dict, data_of(expected, before.dict), "the instance dict")
    else:
        looks = _LOOKS[state if expected == AS_BEFORE else expected]
        equal(after.state, looks[0], "_p_state")
        equal(after.changed, looks[1], "_p_changed")
        equal(after.jar, looks[2], "_p_jar")


def _ring_holds(demand: Demand, before: CacheState, after: CacheState) -> None:
    if demand.expected == AS_BEFORE:
        wanted = before.ring
    elif demand.expected == NOTHING:
        wanted = ()
    else:
        wanted = tuple(demand.expected.split())
    equal(after.ring, wanted, "the ring, the least recently used first")
    equal(after.ringlen, len(wanted), "the length of the ring")
    equal(after.non_ghost_count, len(wanted), "the number of non-ghosts")


def _declare(row: Row, state: str) -> None:
    needs = row.needs + (("sticky",) if state == "sticky" else ())
    for clause, demands in row.demands(state).items():
        arguments: Dict[str, Any] = {"event": row.event, "state": state, "clause": clause}
        facets = {demand.facet for demand in demands}
        kinds = [("", True)]
        if row.cacheless and facets - {"ring"}:
            kinds.append((", no cache", False))
        for words, cached in kinds:
            registry.check(
                clause,
                needs=needs + (("cache",) if cached and "ring" in facets else ()),
                world={**row.world, "cache": cached},
                each={f"{row.event} in {state}{words}": {**arguments, "cached": cached}},
            )(the_table_holds)


# Clauses are declared in the files of their areas, before checks can be made for them.
for _found in pkgutil.iter_modules(checks.__path__):
    importlib.import_module(f"{checks.__name__}.{_found.name}")
for _row in table.rows():
    for _state in table.columns():
        _declare(_row, _state)
