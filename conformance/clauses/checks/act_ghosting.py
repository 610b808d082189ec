"""ACT - deactivation: a saved object drops its data on request and becomes a ghost."""

from typing import Any, Dict

from conformance.clauses.cases import NO_CACHE, Cases, cases, crossed
from conformance.clauses.expect import cache_looks, calls, equal, gives, looks
from conformance.clauses.registry import BOTH, EACH, MAY, MUST, SHOULD, check, clause
from fixtures.operations.table import step
from fixtures.states import GHOST, UPTODATE, ghost_of, given
from fixtures.values import Ref
from fixtures.world import World

LAYOUTS: Cases = {
    "dict": {"sample": "Plain", "data": {"x": 1, "y": 2}},
    "slots": {"sample": "Slotted", "data": (None, {"x": 1, "y": 2})},
    "one slot unset": {"sample": "Slotted", "data": (None, {"y": 2})},
    "dict and slots": {"sample": "Mixed", "data": ({"x": 1}, {"s1": 2, "s2": 3})},
    "private slot": {"sample": "PrivateSlot", "data": (None, {"_PrivateSlot__x": 1})},
}
REQUESTS: Cases = {
    "_p_deactivate": {"made": step("deactivate", "a")},
    "_p_changed = None": {"made": step("set", "a", "_p_changed", None)},
}
#: Everything that makes a saved object a ghost.
GHOSTING: Cases = {
    **REQUESTS,
    "_p_invalidate": {"made": step("invalidate", "a")},
    "del _p_changed": {"made": step("delete", "a", "_p_changed")},
}
STATES = cases(state=("unsaved", "added", "ghost", "saved", "changed"))
STICKY = cases(state=("sticky",))


clause("ACT-08", MAY, "Deactivation is a request and may be ignored.", "I:IPersistent")


@check("ACT-08", caches=BOTH)
def a_saved_object_answers_a_request_to_deactivate(world: World) -> None:
    given(world, "saved")
    world.do("deactivate", "a")
    state = world.object("a").state
    world.note(f"a saved object {'becomes a ghost' if state == GHOST else 'ignores it'}")


clause(
    "ACT-09",
    MUST,
    "Assigning None to _p_changed requests deactivation exactly as _p_deactivate() does: the "
    "state afterwards is the same, and an overridden _p_deactivate is called.",
    'I:IPersistent ("two equivalent ways"); D2.6 ("just calls _p_deactivate()")',
)


@check("ACT-09", each={**STATES, **STICKY}, caches=BOTH)
def both_requests_end_in_the_same_state(world: World, state: str) -> None:
    given(world, state, "a")
    given(world, state, "b")
    world.do("put", "a", "_v_a", 1)
    world.do("put", "b", "_v_a", 1)
    called = world.do("deactivate", "a")
    assigned = world.do("set", "b", "_p_changed", None)
    equal(len(assigned.events), len(called.events), "the number of calls")
    a, b = world.object("a"), world.object("b")
    equal(b._replace(oid=a.oid, serial=a.serial), a, "everything visible but oid and serial")


@check("ACT-09", each={**STATES, **STICKY}, caches=BOTH)
def assigning_none_calls_an_overridden_p_deactivate(world: World, state: str) -> None:
    given(world, state, sample="Deactivate")
    calls(world.do("set", "a", "_p_changed", None), "_p_deactivate a")


@check("ACT-09", caches=EACH)
def assigning_none_leaves_the_decision_to_an_overridden_p_deactivate(world: World) -> None:
    given(world, "saved", sample="Refusing")
    before = world.object("a")
    world.do("set", "a", "_p_changed", None)
    looks(world, "a", before)


clause(
    "ACT-10",
    MUST,
    "Deactivating a changed object does nothing: its data and its change mark stay.",
    "D1.5",
)


clause("ACT-11", MUST, "Deactivating a sticky object does nothing.", "I:IPersistent/Sticky")


clause("ACT-13", MUST, "Deactivating a ghost does nothing; it is not loaded.", "I:IPersistent")


clause(
    "ACT-14",
    MUST,
    "Assigning None to _p_changed is ignored unless the object is saved: no change of state, no "
    "load, no register.",
    "I:IPersistent._p_changed",
)


clause(
    "ACT-15",
    MUST,
    "A deactivation or invalidation that takes effect discards the whole instance dict, _v_ "
    "attributes included.",
    "Gloss. volatile attribute, deactivation, invalidation; D1.5",
)


@check("ACT-15", each=GHOSTING, caches=BOTH)
def a_saved_object_drops_its_whole_dict(world: World, made: Dict[str, Any]) -> None:
    given(world, "saved")
    world.do("set", "a", "_v_a", 1)
    world.do("set", "a", "_p_own", 1)
    world.do("put", "a", 5, 1)
    before = world.object("a")
    looks(world, "a", dict={"x": 1, "_v_a": 1, "_p_own": 1, 5: 1})
    calls(world.apply(made))
    looks(world, "a", ghost_of(before))


FORCED = {label: GHOSTING[label] for label in ("_p_invalidate", "del _p_changed")}


@check("ACT-15", each=GHOSTING, caches=BOTH)
def a_class_with_its_own_new_drops_its_dict_too(world: World, made: Dict[str, Any]) -> None:
    given(world, "saved", sample="NewArguments", data={"x": 1, "given": 2})
    world.apply(made)
    looks(world, "a", state=GHOST, dict={})


clause(
    "ACT-16",
    MUST,
    "Ghosting also clears the values of __slots__, _v_ slots included, _p_ slots excepted, unless "
    "the class overrides __new__; it does not depend on whether the jar has a cache.",
    "CH 4.2.2; wiki Notes_on_state_new_and_slots",
)

SLOTTED = {label: LAYOUTS[label] for label in LAYOUTS if label != "dict"}


@check("ACT-16", each=crossed(GHOSTING, SLOTTED), caches=BOTH)
def ghosting_clears_the_slots(world: World, made: Dict[str, Any], sample: str, data: Any) -> None:
    given(world, "saved", sample=sample, data=data)
    before = world.object("a")
    looks(world, "a", slots=data[1])
    calls(world.apply(made))
    looks(world, "a", ghost_of(before))


@check("ACT-16", each=GHOSTING, caches=BOTH)
def ghosting_clears_volatile_slots_and_keeps_p_slots(world: World, made: Dict[str, Any]) -> None:
    given(world, "saved", sample="Slotted", data=(None, {"x": 1}))
    world.do("set", "a", "_v_slot", 3)
    world.do("set", "a", "_p_slot", 4)
    looks(world, "a", slots={"x": 1, "_v_slot": 3, "_p_slot": 4})
    world.apply(made)
    looks(world, "a", state=GHOST, slots={"_p_slot": 4})


@check("ACT-16", each=GHOSTING, caches=BOTH)
def ghosting_keeps_the_slots_of_a_class_with_its_own_new(
    world: World, made: Dict[str, Any]
) -> None:
    given(world, "saved", sample="NewSlotted", data=(None, {"x": 1}))
    before = world.object("a").slots
    equal(before, {"x": 1, "given": ()}, "the slots before")
    world.apply(made)
    looks(world, "a", state=GHOST, slots=before)


clause(
    "ACT-17",
    MUST,
    "An object that becomes a ghost by a call or assignment on the object itself leaves the ring, "
    "and the count of non-ghosts falls by one.",
    'I:IPickleCache.ringlen, lru_items ("no ghosts")',
)


@check("ACT-17", needs=("cache",), each=GHOSTING)
def a_deactivated_object_leaves_the_ring(world: World, made: Dict[str, Any]) -> None:
    for name in ("b", "a", "c"):
        given(world, "saved", name)
        world.do("get", name, "x")
    cache_looks(world, ring=("b", "a", "c"), ringlen=3)
    world.apply(made)
    cache_looks(world, ring=("b", "c"), ringlen=2, length=3)


@check("ACT-17", needs=("cache",), each=GHOSTING)
def a_deactivated_object_is_counted_no_more(world: World, made: Dict[str, Any]) -> None:
    for name in ("b", "a"):
        given(world, "saved", name)
        world.do("get", name, "x")
    cache_looks(world, non_ghost_count=2)
    world.apply(made)
    cache_looks(world, non_ghost_count=1)
    world.apply(made)
    cache_looks(world, non_ghost_count=1)
    world.do("get", "a", "x")
    cache_looks(world, non_ghost_count=2)


clause(
    "ACT-24",
    SHOULD,
    "A subclass may refuse in its _p_deactivate; the cache then keeps the object counted as a "
    "non-ghost.",
    "ZODB testConnection (a class that refuses); picklecache.py (comment)",
)


@check("ACT-24", needs=("cache",), each=REQUESTS)
@check("ACT-24", needs=("cache",), each={"minimize": {"made": step("minimize")}})
def the_cache_keeps_an_object_that_refuses(world: World, made: Dict[str, Any]) -> None:
    given(world, "saved", sample="Refusing")
    world.do("get", "a", "x")
    before, cache = world.object("a"), world.cache()
    equal((cache.ring, cache.non_ghost_count), (("a",), 1), "the ring before")
    calls(world.apply(made), "_p_deactivate a")
    looks(world, "a", before)
    cache_looks(world, cache)


clause(
    "ACT-27",
    MAY,
    "An implementation may refuse to deactivate an object whose jar has a cache that does not hold "
    "it: it is added, not yet committed, so its data exist nowhere else.",
    "N; I:IPersistent (a request may be ignored)",
)


@check("ACT-27", needs=("cache",))
def an_added_object_answers_a_request_to_deactivate(world: World) -> None:
    given(world, "added")
    world.do("deactivate", "a")
    after = world.object("a")
    kept = "keeps its data" if after.dict == {"x": 1} else "loses its data"
    world.note(f"an added object {kept}; its _p_state is {after.state}")


clause(
    "ACT-30",
    MUST,
    "With a jar that has no _cache, deactivation and invalidation empty dict and slots as they do "
    "with one.",
    "D1.2 (its data manager has no cache); D1.5",
)


@check("ACT-30", world=NO_CACHE, each=crossed(GHOSTING, LAYOUTS))
def a_saved_object_without_a_cache_becomes_a_clean_ghost(
    world: World, made: Dict[str, Any], sample: str, data: Any
) -> None:
    given(world, "saved", sample=sample, data=data)
    before = world.object("a")
    world.apply(made)
    looks(world, "a", ghost_of(before))


@check("ACT-30", world=NO_CACHE, each=crossed(FORCED, LAYOUTS))
def a_changed_object_without_a_cache_becomes_a_clean_ghost(
    world: World, made: Dict[str, Any], sample: str, data: Any
) -> None:
    given(world, "changed", sample=sample, data=data)
    before = world.object("a")
    world.apply(made)
    looks(world, "a", ghost_of(before))


@check("ACT-30", world=NO_CACHE)
def a_refusing_object_without_a_cache_becomes_a_clean_ghost(world: World) -> None:
    given(world, "saved", sample="Refusing")
    world.do("invalidate", "a")
    looks(world, "a", state=GHOST, dict={})


@check("ACT-30", world=NO_CACHE)
def a_ghost_without_a_cache_is_loaded_again(world: World) -> None:
    given(world, "saved")
    for ghosting in ("deactivate", "invalidate"):
        world.do(ghosting, "a")
        seen = world.do("get", "a", "x")
        calls(seen, "setstate a")
        gives(seen, 1)
        looks(world, "a", jar=Ref("jar", "jar"), state=UPTODATE)
