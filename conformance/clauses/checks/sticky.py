"""STICKY - objects that C code keeps from being deactivated, as far as Python can see them."""

from typing import Any, Dict, List

from conformance.clauses import table
from conformance.clauses.expect import cache_looks, calls, gives, looks, succeeds, true
from conformance.clauses.registry import BOTH, CONTESTED, MUST, SHOULD, check, clause
from fixtures.operations.table import step
from fixtures.states import CHANGED, GHOST, STICKY, UPTODATE, given
from fixtures.values import ref
from fixtures.world import World

_NEEDS = ("sticky",)

clause(
    "STICKY-01",
    MUST,
    "A sticky object is saved again when it is unmarked, and can then be deactivated.",
    "I:IPersistent (Sticky -> Saved); H PER_ALLOW_DEACTIVATION",
)


@check("STICKY-01", needs=_NEEDS, caches=BOTH)
def unmarking_allows_deactivation_again(world: World) -> None:
    given(world, "sticky")
    calls(world.do("make_sticky", "a", False))
    looks(world, "a", state=UPTODATE, changed=False, dict={"x": 1})
    world.do("deactivate", "a")
    if world.object("a").state == UPTODATE:
        world.note("_p_deactivate() was ignored")
        return
    looks(world, "a", state=GHOST)


@check("STICKY-01", needs=(*_NEEDS, "cache"))
def an_unmarked_object_is_evicted(world: World) -> None:
    given(world, "sticky")
    world.do("minimize")
    looks(world, "a", state=STICKY)
    world.do("make_sticky", "a", False)
    world.do("minimize")
    looks(world, "a", state=GHOST)
    cache_looks(world, ring=())


clause(
    "STICKY-02",
    MUST,
    "Only a saved object becomes sticky: marking or unmarking leaves a changed one changed, and "
    "it is still stored by the commit.",
    "I:IPersistent (Saved -> Sticky); H PER_USE, PER_PREVENT_DEACTIVATION, PER_ALLOW_DEACTIVATION",
)


@check(
    "STICKY-02",
    needs=_NEEDS,
    each={
        "marked": {"values": [True]},
        "unmarked": {"values": [False]},
        "marked and unmarked": {"values": [True, False]},
    },
)
def a_changed_object_stays_changed_and_is_stored(world: World, values: List[bool]) -> None:
    given(world, "saved")
    world.do("set", "a", "x", 2)
    for value in values:
        calls(world.do("make_sticky", "a", value))
        looks(world, "a", state=CHANGED, changed=True, sticky=False)
    world.do("deactivate", "a")
    looks(world, "a", dict={"x": 2})
    world.do("commit")
    world.do("invalidate", "a")
    gives(world.do("get", "a", "x"), 2)


clause(
    "STICKY-03",
    CONTESTED,
    "It is an error to invalidate a sticky object, or to delete its _p_changed.",
    "I:IPersistent (About Invalidation); I:_p_changed",
    decision="Both shipped implementations turn it into a ghost without an error, and ZODB relies "
    "on that at a transaction boundary. The reference does the same.",
)


@check(
    "STICKY-03",
    needs=_NEEDS,
    each={
        "_p_invalidate()": {"made": step("invalidate", "a")},
        "del _p_changed": {"made": step("delete", "a", "_p_changed")},
        "cache.invalidate(oid)": {"made": step("cache_invalidate", ref("a"))},
    },
)
def an_invalidated_sticky_object_is_a_ghost_that_reloads(
    world: World, made: Dict[str, Any]
) -> None:
    given(world, "sticky")
    world.do("store", "a", {"x": 2})
    seen = world.apply(made)
    succeeds(seen)
    calls(seen)
    looks(world, "a", state=GHOST)
    seen = world.do("get", "a", "x")
    calls(seen, "setstate a")
    gives(seen, 2)
    looks(world, "a", state=UPTODATE)


clause(
    "STICKY-04",
    SHOULD,
    "Making a ghost sticky is an error (ValueError).",
    "source (debug attribute _p_sticky)",
)
clause(
    "STICKY-05",
    SHOULD,
    "Stickiness is short-lived: no public operation leaves an object sticky that was not, whether "
    "it returns or raises.",
    'I:IPersistent ("short-lived"); H comment of PER_USE',
)


def _all_events() -> Dict[str, Dict[str, Any]]:
    return {
        f"{row.event} in {state}": {"event": row.event, "state": state}
        for row in table.rows()
        for state in ("ghost", "saved", "changed")
        if row.cells[state] and "sticky" not in row.needs and "cache" not in row.needs
    }


@check("STICKY-05", world={"jars": 2}, each=_all_events())
def no_event_leaves_an_object_sticky(world: World, event: str, state: str) -> None:
    given(world, state)
    given(world, "saved", "b")
    for made in table.row(event).steps:
        world.apply(made)
    true(world.object("a").state != STICKY, f"the object is not sticky after {event}")


clause(
    "STICKY-06",
    SHOULD,
    "Assigning a false value that is not None to _p_changed of a sticky object makes it saved.",
    "N (C implementation)",
)
clause(
    "STICKY-07",
    SHOULD,
    "Reading attributes does not end stickiness.",
    "N",
)
