"""ACT - activation: a ghost is loaded, the cache is told, the jar sees what it may see."""

from typing import Any, Dict, List

from conformance.clauses.expect import cache_looks, calls, equal, gives, looks
from conformance.clauses.registry import BOTH, EACH, MUST, SHOULD, check, clause
from fixtures.operations.table import step
from fixtures.states import CHANGED, UPTODATE, given
from fixtures.values import ref
from fixtures.world import World

#: A sample of each layout, with a state for it.
LAYOUTS: Dict[str, Dict[str, Any]] = {
    "dict": {"sample": "Plain", "data": {"x": 1, "y": 2}},
    "slots": {"sample": "Slotted", "data": (None, {"x": 1, "y": 2})},
    "dict and slots": {"sample": "Mixed", "data": ({"x": 1}, {"s1": 2})},
}


clause(
    "ACT-01",
    MUST,
    "_p_activate changes a ghost to saved by loading its state with jar.setstate(obj).",
    "I:IPersistent._p_activate; D1.5",
)


clause(
    "ACT-02",
    MUST,
    "_p_activate of an object that is no ghost does nothing: it does not load again and keeps "
    "changes.",
    'I:IPersistent._p_activate ("if it is a ghost"); CH 4.0.8 (PR #9)',
)


clause(
    "ACT-03",
    MUST,
    "_p_activate of an unsaved or just added object neither loads nor raises.",
    "CH 4.0.8 (PR #9)",
)


clause(
    "ACT-04",
    SHOULD,
    "While jar.setstate runs, the object reads as changed.",
    "cPersistence.c unghostify; persistence.py _p_activate (comments)",
)

LOADING: Dict[str, Dict[str, Any]] = {
    "activate": {"made": step("activate", "a")},
    "read": {"made": step("get", "a", "x")},
    "write": {"made": step("set", "a", "x", 2)},
    "write a volatile attribute": {"made": step("set", "a", "_v_a", 2)},
    "delete": {"made": step("delete", "a", "x")},
    "_p_changed = True": {"made": step("set", "a", "_p_changed", True)},
    "_p_getattr": {"made": step("p_getattr", "a", "x")},
}


@check("ACT-04", each=LOADING, caches=BOTH)
def the_jar_sees_a_changed_object(world: World, made: Dict[str, Any]) -> None:
    given(world, "ghost")
    world.do("plan", "setstate", "a", [step("get", "a", "_p_changed")])
    seen = world.apply(made)
    states = [event.state for event in seen.events if event.call.startswith("setstate")]
    equal(states, [CHANGED, CHANGED], "_p_state before and after the jar sets the state")
    nested = [event.arguments for event in seen.events if event.call == "nested get"]
    equal(nested, [("True",)], "_p_changed inside setstate")


clause(
    "ACT-05",
    MUST,
    "After a setstate that did not raise, the object is UPTODATE, whatever setstate did to it.",
    'I:IPersistentDataManager.setstate ("will end up in the saved state"); D1.6',
)

DEEDS = {
    "_p_changed = True before the data": ("setstate", [step("set", "a", "_p_changed", True)]),
    "_p_changed = True": ("setstate done", [step("set", "a", "_p_changed", True)]),
    "_p_changed = False": ("setstate done", [step("set", "a", "_p_changed", False)]),
    "_p_changed = None": ("setstate done", [step("set", "a", "_p_changed", None)]),
    "_p_deactivate": ("setstate done", [step("deactivate", "a")]),
    "_p_activate": ("setstate done", [step("activate", "a")]),
    "write the same": ("setstate done", [step("set", "a", "x", 1)]),
    "read": ("setstate done", [step("get", "a", "x")]),
}
WHATEVER: Dict[str, Dict[str, Any]] = {
    label: {"call": call, "then": then} for label, (call, then) in DEEDS.items()
}


@check("ACT-05", each=WHATEVER, caches=BOTH)
@check(
    "ACT-05",
    needs=("sticky",),
    each={"_p_sticky": {"call": "setstate done", "then": [step("make_sticky", "a")]}},
)
def a_load_ends_saved(world: World, call: str, then: List[Dict[str, Any]]) -> None:
    given(world, "ghost")
    world.do("plan", call, "a", then)
    calls(world.do("activate", "a"), "setstate a", of=("setstate", "register"))
    looks(world, "a", state=UPTODATE, changed=False, dict={"x": 1})


@check("ACT-05", world={"cache": False})
def a_load_whose_data_are_invalidated_ends_saved(world: World) -> None:
    given(world, "ghost")
    world.do("plan", "setstate done", "a", [step("invalidate", "a")])
    calls(world.do("activate", "a"), "setstate a", of=("setstate", "register"))
    looks(world, "a", state=UPTODATE, changed=False)


@check("ACT-05", caches=BOTH)
def a_load_that_sets_nothing_ends_saved(world: World) -> None:
    given(world, "ghost")
    world.do("store", "a", None)
    calls(world.do("activate", "a"), "setstate a")
    looks(world, "a", state=UPTODATE, dict={})


clause(
    "ACT-29",
    MUST,
    "Loading a cached ghost tells the cache: the object enters the ring at the most recently used "
    "end, and the count of non-ghosts rises by one.",
    'D1.2 ("notifies the cache that it has been loaded"); I:IPickleCache.ringlen',
)


@check(
    "ACT-29",
    needs=("cache",),
    each={
        "no data": {"sample": "Plain", "state": None},
        "own __setstate__": {"sample": "State", "state": ("state", [("x", 1)])},
    },
)
def a_ghost_enters_the_ring_whatever_its_load_does(world: World, sample: str, state: Any) -> None:
    given(world, "ghost", sample=sample)
    world.do("store", "a", state)
    world.do("activate", "a")
    cache_looks(world, ring=("a",), ringlen=1, non_ghost_count=1)


clause(
    "ACT-31",
    MUST,
    "What the jar reads and writes of the object inside setstate neither registers it nor loads "
    "it again.",
    "I:IPersistentDataManager.setstate (ends saved); I:IPersistentDataManager.register",
)

USES = {
    "read": [step("get", "a", "x")],
    "read a missing attribute": [step("get", "a", "missing")],
    "_p_getattr": [step("p_getattr", "a", "x")],
    "write": [step("set", "a", "y", 2), step("delete", "a", "y")],
    "write a volatile attribute": [step("set", "a", "_v_a", 2), step("delete", "a", "_v_a")],
    "delete": [step("put", "a", "y", 2), step("delete", "a", "y")],
    "_p_activate": [step("activate", "a")],
    "_p_changed = True": [step("set", "a", "_p_changed", True)],
}
INSIDE: Dict[str, Dict[str, Any]] = {
    f"{label} {when} the data": {"call": call, "then": then}
    for label, then in USES.items()
    for when, call in (("before", "setstate"), ("after", "setstate done"))
}


@check("ACT-31", each=INSIDE, caches=BOTH)
def the_jar_may_use_what_it_loads(world: World, call: str, then: List[Dict[str, Any]]) -> None:
    given(world, "ghost")
    world.do("plan", call, "a", then)
    seen = world.do("get", "a", "x")
    calls(seen, "setstate a", of=("setstate", "register"))
    gives(seen, 1)
    looks(world, "a", dict={"x": 1}, state=UPTODATE)


@check("ACT-31", caches=EACH)
def what_the_jar_writes_is_kept_and_a_later_write_registers(world: World) -> None:
    given(world, "ghost")
    world.do("plan", "setstate done", "a", [step("set", "a", "y", 2)])
    world.do("activate", "a")
    looks(world, "a", dict={"x": 1, "y": 2})
    calls(world.do("set", "a", "y", 3), "register a")
    looks(world, "a", state=CHANGED)


@check("ACT-31", caches=EACH)
def a_load_inside_another_load_is_independent(world: World) -> None:
    given(world, "ghost")
    given(world, "ghost", "b")
    world.do("plan", "setstate", "a", [step("set", "b", "y", 2), step("get", "a", "missing")])
    seen = world.do("activate", "a")
    equal(
        seen.calls("setstate", "register"), ["setstate a", "setstate b", "register b"], "the calls"
    )
    looks(world, "a", state=UPTODATE)
    looks(world, "b", state=CHANGED, dict={"x": 1, "y": 2})


clause(
    "ACT-34",
    SHOULD,
    "An invalidation of the object inside jar.setstate, before its data are set, does not disturb "
    "the load: the object ends saved, with its data, and in the ring if it is cached.",
    "N (ACT-05, ACT-29)",
)


@check("ACT-34", each=LAYOUTS, caches=BOTH)
def an_invalidation_during_the_load_is_outlived(world: World, sample: str, data: Any) -> None:
    given(world, "ghost", sample=sample, data=data)
    world.do("plan", "setstate", "a", [step("invalidate", "a")])
    calls(world.do("activate", "a"), "setstate a", of=("setstate", "register"))
    loaded = data if isinstance(data, tuple) else (data, {})
    after = world.object("a")
    looks(world, "a", state=UPTODATE)
    equal((after.dict, after.slots), loaded, "the data")


@check("ACT-34", needs=("cache",))
def an_object_invalidated_during_its_load_is_in_the_ring(world: World) -> None:
    given(world, "ghost")
    world.do("plan", "setstate", "a", [step("invalidate", "a")])
    world.do("get", "a", "x")
    cache_looks(world, ring=("a",), non_ghost_count=1)


clause(
    "ACT-35",
    SHOULD,
    "A cached object is in the ring, as the most recently used one, already while its jar loads "
    "it.",
    "N (cPersistence.c unghostify: the cache is told first)",
)


@check("ACT-35", needs=("cache",), each=LOADING)
def the_jar_finds_the_object_in_the_ring(world: World, made: Dict[str, Any]) -> None:
    given(world, "saved", "b")
    world.do("get", "b", "x")
    given(world, "ghost")
    world.do("plan", "setstate", "a", [step("lru_items")])
    seen = world.apply(made)
    found = [event.arguments[0] for event in seen.events if event.call == "nested lru_items"]
    expected = [(world.oid(name), ref(name)) for name in ("b", "a")]
    equal(found, [repr(expected)], "the ring in setstate")
