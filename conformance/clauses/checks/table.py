"""The checks that are made from the state x event table: one for each cell and clause.

A check performs the event of a row on an object in the state of a column and looks at the facets
that its clause demands in that cell, so that a facet that is not as it should be fails under the
clause that says how it should be. All but the ring is looked at without a cache, too, and what is
demanded of slots as well on an object that has them.
"""

import importlib
import pkgutil
import re
from typing import Any, Dict, Mapping, Tuple

from conformance.clauses import checks, registry, table
from conformance.clauses.expect import calls, equal, looks, raises, succeeds
from conformance.clauses.table.notation import (
    AS_BEFORE,
    DATA,
    NOTHING,
    SLOTS,
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


#: What is as before where the state is.
_KEPT = ("oid", "serial", "size")


def _scene(world: World, state: str, slots: bool) -> None:
    start = "saved" if state in ("changed", "sticky") else state
    if slots:
        given(world, start, sample="Slotted", data=(None, {"x": 1}))
    else:
        given(world, start)
    if state != "ghost":
        for name in sorted(set(DATA) - {"x"}):
            world.do("set", "a", SLOTS[name] if slots else name, DATA[name])
    if state == "changed":
        world.do("set", "a", "_p_changed", True)
    if state == "sticky":
        world.do("make_sticky", "a")
    given(world, "changed", "b")


def the_table_holds(
    world: World, event: str, state: str, clause: str, cached: bool, slots: bool = False
) -> None:
    row = table.row(event)
    demands = row.demands(state)[clause]
    _scene(world, state, slots)
    steps = [_on_slots(made) if slots else made for made in row.steps]
    for made in steps[:-1]:
        world.apply(made)
    before = world.object("a")
    rings = cached and any(demand.facet == "ring" for demand in demands)
    ring_before = world.cache() if rings else None
    seen = world.apply(steps[-1])
    gives = [demand for demand in row.cells[state] if demand.facet == "gives"]
    if not gives:
        succeeds(seen)
    after = world.object("a")
    if row.request and after == before and not any(demand.facet == "state" for demand in demands):
        world.note(f"{event} was ignored")
        return
    for demand in demands:
        if demand.facet == "data":
            _data_holds(demand.expected, slots, before, after)
        elif demand.facet != "ring":
            _facet_holds(demand, state, seen, after)
        elif ring_before is not None:
            _ring_holds(demand, ring_before, world.cache())
        if (demand.facet, demand.expected) == ("state", AS_BEFORE):
            kept = {facet: getattr(before, facet) for facet in _KEPT if facet not in row.sets}
            looks(world, "a", **kept)


def _on_slots(made: Mapping[str, Any]) -> Dict[str, Any]:
    return {**made, **({"name": SLOTS.get(made["name"], made["name"])} if "name" in made else {})}


def _data_holds(expected: str, slots: bool, before: ObjectState, after: ObjectState) -> None:
    if slots:
        named = re.sub(r"\w+", lambda word: SLOTS.get(word.group(), word.group()), expected)
        equal(after.slots, data_of(named, before.slots), "the slots")
    else:
        equal(after.dict, data_of(expected, before.dict), "the instance dict")


def _facet_holds(demand: Demand, state: str, seen: Observation, after: ObjectState) -> None:
    expected = demand.expected
    if demand.facet == "gives" and expected.startswith("!"):
        raises(seen, expected[1:])
    elif demand.facet == "gives":
        succeeds(seen)
        equal(seen.value, value_of(expected), "the value")
    elif demand.facet == "calls":
        wanted = [] if expected == NOTHING else expected.split()
        calls(seen, *(f"{call} a" for call in wanted))
    else:
        looks_of = _LOOKS[state if expected == AS_BEFORE else expected]
        equal(after.state, looks_of[0], "_p_state")
        equal(after.changed, looks_of[1], "_p_changed")
        equal(after.jar, looks_of[2], "_p_jar")


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
        for slots in (False, True) if clause in row.slotted else (False,):
            for cached in (True, False) if row.cacheless and facets - {"ring"} else (True,):
                words = f"{', slots' if slots else ''}{'' if cached else ', no cache'}"
                layout = {"slots": True} if slots else {}
                registry.check(
                    clause,
                    needs=needs + (("cache",) if cached and "ring" in facets else ()),
                    world={**row.world, "cache": cached},
                    each={
                        f"{row.event} in {state}{words}": {**arguments, "cached": cached, **layout}
                    },
                )(the_table_holds)


# Clauses are declared in the files of their areas, before checks can be made for them.
for _found in pkgutil.iter_modules(checks.__path__):
    importlib.import_module(f"{checks.__name__}.{_found.name}")
for _row in table.rows():
    for _state in table.columns():
        _declare(_row, _state)
