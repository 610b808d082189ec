"""ACT - activation that fails: the error arrives, and what is left is a clean ghost."""

from typing import Any, Dict, List

from conformance.clauses.cases import NO_CACHE, Cases, crossed
from conformance.clauses.expect import cache_looks, calls, equal, gives, looks, raises, true
from conformance.clauses.registry import BOTH, CONTESTED, EACH, MUST, check, clause
from fixtures.operations.table import step
from fixtures.states import GHOST, UPTODATE, ghost_of, given
from fixtures.world import World

#: When the load fails: before the jar has set the state, or after.
WHEN = {"before the data": {"call": "setstate"}, "after the data": {"call": "setstate done"}}
LAYOUTS: Cases = {
    "dict": {"sample": "Plain", "data": {"x": 1, "y": 2}},
    "slots": {"sample": "Slotted", "data": (None, {"x": 1, "y": 2, "_v_slot": 3})},
    "dict and slots": {"sample": "Mixed", "data": ({"x": 1}, {"s1": 2})},
    "private slot": {"sample": "PrivateSlot", "data": (None, {"_PrivateSlot__x": 1})},
}


clause(
    "ACT-06",
    MUST,
    "If setstate raises, whatever the exception, it reaches the caller, and the object is a ghost "
    "again.",
    'I:IPersistent/Ghost ("its state has not been loaded"); CH 4.2.4; cPersistence.c unghostify',
)

ERRORS = {
    name: {"error": name}
    for name in ("LoadError", "AttributeError", "KeyboardInterrupt", "SystemExit")
}


@check("ACT-06", each=crossed(LAYOUTS, WHEN, ERRORS), caches=BOTH)
def every_error_of_a_load_leaves_a_ghost(
    world: World, sample: str, data: Any, call: str, error: str
) -> None:
    given(world, "ghost", sample=sample, data=data)
    world.do("plan", call, "a", error=error)
    seen = world.attempt("activate", "a")
    equal(seen.error, error, "the error")
    true("planned by the world" in seen.message, "the message of the error")
    calls(seen, "setstate a", of=("setstate", "register"))
    looks(world, "a", state=GHOST, changed=None)


@check("ACT-06", each=WHEN, caches=BOTH)
def a_ghost_whose_load_failed_can_be_loaded_later(world: World, call: str) -> None:
    given(world, "ghost")
    world.do("plan", call, "a", error="LoadError")
    raises(world.attempt("get", "a", "x"), "LoadError")
    seen = world.do("get", "a", "x")
    calls(seen, "setstate a")
    gives(seen, 1)
    looks(world, "a", state=UPTODATE, dict={"x": 1})


@check("ACT-06", caches=EACH)
def the_jar_may_mark_the_object_changed_before_it_fails(world: World) -> None:
    given(world, "ghost")
    world.do("plan", "setstate", "a", [step("set", "a", "_p_changed", False)], "LoadError")
    raises(world.attempt("activate", "a"), "LoadError")
    looks(world, "a", state=GHOST)


clause(
    "ACT-07",
    MUST,
    "After a failed load of a cached object, the ghost is in no ring, the count of non-ghosts is "
    "what it was, and no part of the data remains.",
    'I:IPickleCache.ringlen ("no ghosts"); I:IPersistent/Ghost',
)

FAILING: Cases = {
    "before the data": {"call": "setstate", "then": []},
    "after the data": {"call": "setstate done", "then": []},
    "after the jar read it": {"call": "setstate done", "then": [step("get", "a", "missing")]},
    "after the jar wrote it": {"call": "setstate done", "then": [step("set", "a", "x", 3)]},
    "after the jar read another": {"call": "setstate done", "then": [step("get", "b", "x")]},
    "after another load failed": {"call": "setstate", "then": [step("get", "c", "x")]},
}


@check("ACT-07", needs=("cache",), each=crossed(LAYOUTS, FAILING))
def a_failed_load_leaves_no_data(
    world: World, sample: str, data: Any, call: str, then: List[Dict[str, Any]]
) -> None:
    given(world, "saved", "b")
    given(world, "ghost", "c")
    given(world, "ghost", sample=sample, data=data)
    before = world.object("a")
    world.do("plan", "setstate", "c", error="LoadError")
    world.do("plan", call, "a", then, "LoadError")
    raises(world.attempt("activate", "a"), "LoadError")
    equal(world.object("a")._replace(serial=before.serial), ghost_of(before), "the ghost")


@check("ACT-07", needs=("cache",), each=crossed(LAYOUTS, FAILING))
def a_failed_load_leaves_no_place_in_the_ring(
    world: World, sample: str, data: Any, call: str, then: List[Dict[str, Any]]
) -> None:
    given(world, "saved", "b")
    world.do("get", "b", "x")
    given(world, "ghost", "c")
    given(world, "ghost", sample=sample, data=data)
    before = world.cache()
    cache_looks(world, ring=("b",), non_ghost_count=1)
    world.do("plan", "setstate", "c", error="LoadError")
    world.do("plan", call, "a", then, "LoadError")
    raises(world.attempt("activate", "a"), "LoadError")
    cache_looks(world, before)


@check("ACT-07", needs=("cache",), each=WHEN)
def repeated_failures_leave_no_count_behind(world: World, call: str) -> None:
    given(world, "ghost")
    before = world.cache()
    world.do("plan", call, "a", error="LoadError", times=3)
    for _ in range(3):
        raises(world.attempt("activate", "a"), "LoadError")
    cache_looks(world, before)
    world.do("get", "a", "x")
    cache_looks(world, ring=("a",), non_ghost_count=1)


clause(
    "ACT-28",
    MUST,
    "If jar.setstate raises for an object of a class with __slots__, that very exception arrives, "
    "and the slots are empty.",
    "CH 4.2.4",
)

SLOTTED = {label: LAYOUTS[label] for label in ("slots", "dict and slots", "private slot")}


@check("ACT-28", each=crossed(SLOTTED, WHEN))
def a_failed_load_of_an_object_with_slots_raises_what_the_jar_raised(
    world: World, sample: str, data: Any, call: str
) -> None:
    given(world, "ghost", sample=sample, data=data)
    world.do("plan", call, "a", error="LoadError", times=2)
    for made in (step("activate", "a"), step("get", "a", next(iter(data[1])))):
        seen = world.apply(made)
        equal(seen.error, "LoadError", "the error")
        true("planned by the world" in seen.message, "the message of the error")
        calls(seen, "setstate a", of=("setstate", "register"))
        looks(world, "a", slots={})


clause(
    "ACT-33",
    CONTESTED,
    "A failed load leaves no data in the ghost when the jar has no _cache either.",
    "I:IPersistent/Ghost; D1.2",
    decision="I:IPersistent/Ghost allows no data, but both shipped implementations keep what "
    "setstate had stored. The reference clears it.",
)


@check("ACT-33", world=NO_CACHE, each=crossed(LAYOUTS, WHEN))
def a_failed_load_without_a_cache_leaves_no_data(
    world: World, sample: str, data: Any, call: str
) -> None:
    given(world, "ghost", sample=sample, data=data)
    before = world.object("a")
    world.do("plan", call, "a", error="LoadError")
    raises(world.attempt("activate", "a"), "LoadError")
    equal(world.object("a")._replace(serial=before.serial), ghost_of(before), "the ghost")
