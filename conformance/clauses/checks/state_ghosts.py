"""STATE - ghosts, what is left of an object that became one, and objects without a jar."""

from typing import Any, Dict, List

from conformance.clauses.cases import cases
from conformance.clauses.expect import calls, equal, looks, raises, succeeds
from conformance.clauses.registry import BOTH, MUST, check, clause
from fixtures.operations.table import step
from fixtures.states import GHOST, UPTODATE, given
from fixtures.values import Ref, ref
from fixtures.world import World

JAR = Ref("jar", "jar")

REQUESTS = {
    "_p_deactivate()": step("deactivate", "a"),
    "_p_changed = None": step("set", "a", "_p_changed", None),
}
INVALIDATIONS = {
    "_p_invalidate()": step("invalidate", "a"),
    "del _p_changed": step("delete", "a", "_p_changed"),
}
CACHE_REQUESTS = {
    "minimize()": step("minimize"),
    "full_sweep()": step("full_sweep"),
    "incrgc()": step("incrgc"),
}
CACHE_INVALIDATIONS = {
    "cache.invalidate(oid)": step("cache_invalidate", ref("a")),
    "cache.invalidate([oid])": step("cache_invalidate", [ref("a")]),
}
WITHOUT_CACHE = {**REQUESTS, **INVALIDATIONS}
ALL = {**WITHOUT_CACHE, **CACHE_REQUESTS, **CACHE_INVALIDATIONS}
FORCED = {**INVALIDATIONS, **CACHE_INVALIDATIONS}

clause(
    "STATE-04",
    MUST,
    "A ghost has _p_changed None, _p_state GHOST, and _p_jar set to the jar that it came from.",
    "I:IPersistent/Ghost; D1.5",
)


@check(
    "STATE-04",
    world={"jars": 2, "cache_size": 0},
    each={
        f"{how or 'new'}, of {jar}": {"how": how, "jar": jar}
        for how in ("", *WITHOUT_CACHE)
        for jar in ("jar", "other")
    },
    caches=BOTH,
)
def a_ghost_has_its_jar_and_no_change_mark(world: World, how: str, jar: str) -> None:
    given(world, "saved" if how else "ghost", jar=jar)
    if how:
        succeeds(world.apply(ALL[how]))
    seen = world.object("a")
    if how in REQUESTS and seen.state == UPTODATE:
        world.note(f"{how} was ignored")
        return
    equal(seen.changed, None, "_p_changed")
    equal(seen.state, GHOST, "_p_state")
    equal(seen.jar, Ref("jar", jar), "_p_jar")


clause(
    "STATE-05",
    MUST,
    "A ghost made by deactivation or invalidation holds no application data: its instance dict "
    "and its slots are empty. (Failed loads: ACT-07, ACT-28, ACT-33. Exceptions: slots of a class "
    "that overrides __new__, ACT-16; a new ghost to which __new__ gave values, PICKLE-17; a ghost "
    "that was given a state by hand, PICKLE-10.)",
    "I:IPersistent/Ghost; Gloss. deactivation",
)

_STATES: Dict[str, Any] = {
    "Plain": {"x": 1, "y": [1]},
    "Slotted": (None, {"x": 1, "y": [1]}),
    "Mixed": ({"x": 1}, {"s1": 1, "s2": None}),
}


def _ghosting(ways: Dict[str, Any], state: str) -> Dict[str, Dict[str, Any]]:
    return {
        f"{how} on {state} {sample}": {"how": how, "state": state, "sample": sample}
        for how in ways
        for sample in _STATES
    }


@check("STATE-05", world={"cache_size": 0}, each=_ghosting(WITHOUT_CACHE, "saved"), caches=BOTH)
@check(
    "STATE-05",
    needs=("cache",),
    world={"cache_size": 0},
    each=_ghosting({**CACHE_REQUESTS, **CACHE_INVALIDATIONS}, "saved"),
)
@check("STATE-05", each=_ghosting(INVALIDATIONS, "changed"), caches=BOTH)
@check("STATE-05", needs=("cache",), each=_ghosting(CACHE_INVALIDATIONS, "changed"))
def a_ghost_holds_no_data(world: World, how: str, state: str, sample: str) -> None:
    given(world, state, sample=sample, data=_STATES[sample])
    if sample != "Slotted":
        world.do("set", "a", "_v_a", 0)
    else:
        world.do("set", "a", "_v_slot", 0)
    succeeds(world.apply(ALL[how]))
    seen = world.object("a")
    if how in REQUESTS and seen.state == UPTODATE:
        world.note(f"{how} was ignored")
        return
    equal(seen.state, GHOST, "_p_state")
    equal(seen.dict, None if sample == "Slotted" else {}, "the instance dict")
    equal(seen.slots, {}, "the slots")


clause(
    "STATE-10",
    MUST,
    "While _p_jar reads None, _p_changed is False and _p_state is 0 whatever is attempted: "
    "writing, deleting, activating, deactivating, invalidating, assigning or deleting "
    "_p_changed. The data are kept, and nothing is called on any jar.",
    "D1.3; I:_p_changed",
)

_WITHOUT_JAR: Dict[str, List[Dict[str, Any]]] = {
    "with an oid": [
        step("create", "a", "Plain", {"x": 1, "y": 2}),
        step("set", "a", "_p_oid", b"\0\0\0\0\0\0\0a"),
    ],
    "jar deleted": [
        step("create", "a", "Plain", {"x": 1, "y": 2}),
        step("add", "a"),
        step("delete", "a", "_p_jar"),
    ],
    "jar set to None": [
        step("create", "a", "Plain", {"x": 1, "y": 2}),
        step("add", "a"),
        step("set", "a", "_p_jar", None),
    ],
    "changed, jar deleted": [
        step("create", "a", "Plain", {"x": 1, "y": 2}),
        step("add", "a"),
        step("set", "a", "y", 2),
        step("delete", "a", "_p_jar"),
    ],
    "changed, jar set to None": [
        step("create", "a", "Plain", {"x": 1, "y": 2}),
        step("add", "a"),
        step("set", "a", "y", 2),
        step("set", "a", "_p_jar", None),
    ],
}

_ATTEMPTS: Dict[str, Dict[str, Any]] = {
    "write": step("set", "a", "z", 3),
    "write _v_": step("set", "a", "_v_a", 3),
    "delete": step("delete", "a", "y"),
    "_p_activate()": step("activate", "a"),
    "_p_deactivate()": step("deactivate", "a"),
    "_p_invalidate()": step("invalidate", "a"),
    "_p_changed = True": step("set", "a", "_p_changed", True),
    "_p_changed = None": step("set", "a", "_p_changed", None),
    "_p_changed = False": step("set", "a", "_p_changed", False),
    "del _p_changed": step("delete", "a", "_p_changed"),
    "_p_getattr": step("p_getattr", "a", "x"),
    "__getstate__": step("get_state", "a"),
}

_LEFT = {
    "write": {"x": 1, "y": 2, "z": 3},
    "write _v_": {"x": 1, "y": 2, "_v_a": 3},
    "delete": {"x": 1},
}


@check(
    "STATE-10",
    each={
        f"{attempt}, {origin}": {"attempt": attempt, "origin": origin}
        for origin in _WITHOUT_JAR
        for attempt in _ATTEMPTS
    },
)
def without_a_jar_the_state_stays_what_it_is(world: World, attempt: str, origin: str) -> None:
    for made in _WITHOUT_JAR[origin]:
        succeeds(world.apply(made))
    seen = world.apply(_ATTEMPTS[attempt])
    succeeds(seen)
    calls(seen)
    looks(
        world,
        "a",
        jar=None,
        changed=False,
        state=UPTODATE,
        dict=_LEFT.get(attempt, {"x": 1, "y": 2}),
    )
    calls(world.do("get", "a", "x"))


@check(
    "STATE-10",
    each=cases(
        attempt=(
            "_p_invalidate()",
            "_p_deactivate()",
            "_p_changed = True",
            "_p_changed = None",
            "del _p_changed",
            "write",
        )
    ),
)
def what_was_attempted_without_a_jar_leaves_no_trace_with_one(world: World, attempt: str) -> None:
    world.do("create", "a", "Plain", {"x": 1, "y": 2})
    succeeds(world.apply(_ATTEMPTS[attempt]))
    calls(world.do("add", "a"))
    looks(world, "a", changed=False, state=UPTODATE, dict=_LEFT.get(attempt, {"x": 1, "y": 2}))
    calls(world.do("set", "a", "x", 5), "register a")


clause(
    "STATE-16",
    MUST,
    "Becoming a ghost discards application data only: _p_oid, _p_jar, _p_serial and "
    "_p_estimated_size read as before.",
    "I:IPersistent/Ghost; Gloss. deactivation (pickled data are discarded)",
)

_SERIAL = b"\1\2\3\4\5\6\7\x08"


@check(
    "STATE-16",
    needs=("cache",),
    world={"cache_size": 0},
    each={f"{how} on saved": {"how": how, "state": "saved"} for how in ALL},
)
@check("STATE-16", needs=("cache",), each={f"{how} on changed": {"how": how} for how in FORCED})
@check(
    "STATE-16",
    world={"cache": False},
    each={f"{how}, no cache": {"how": how, "state": "saved"} for how in WITHOUT_CACHE},
)
def a_ghost_keeps_what_it_is_known_by(world: World, how: str, state: str = "changed") -> None:
    given(world, state)
    world.do("set", "a", "_p_serial", _SERIAL)
    world.do("set", "a", "_p_estimated_size", 1000)
    succeeds(world.apply(ALL[how]))
    _is_known_by(world)


@check(
    "STATE-16",
    each={
        "read": {"event": step("get", "a", "x")},
        "write": {"event": step("set", "a", "x", 2)},
        "activate": {"event": step("activate", "a")},
        "mark": {"event": step("set", "a", "_p_changed", True)},
    },
)
def a_failed_load_keeps_what_the_ghost_is_known_by(world: World, event: Dict[str, Any]) -> None:
    given(world, "ghost")
    world.do("set", "a", "_p_serial", _SERIAL)
    world.do("set", "a", "_p_estimated_size", 1000)
    world.do("plan", "setstate", "a", [], "LoadError")
    raises(world.apply(event), "LoadError")
    looks(world, "a", state=GHOST)
    _is_known_by(world)


def _is_known_by(world: World) -> None:
    looks(world, "a", oid=world.oid("a"), jar=JAR, serial=_SERIAL, size=1024)


clause(
    "STATE-17",
    MUST,
    "An object without a jar behaves like any other Python instance: its attributes, in slots or "
    "in its dict, can be written, read and deleted; what is missing is an AttributeError.",
    "D1.3 (instances that are not yet assigned to a data manager)",
)


@check(
    "STATE-17",
    each={
        f"{name} of {sample}": {"name": name, "sample": sample}
        for sample, names in {
            "Plain": ("x", "new", "_v_a", "_p_unknown"),
            "Slotted": ("x", "y", "_v_slot", "_p_slot"),
            "Mixed": ("s1", "x", "_v_a"),
        }.items()
        for name in names
    },
)
def attributes_come_and_go_without_a_jar(world: World, name: str, sample: str) -> None:
    world.do("create", "a", sample)
    raises(world.attempt("get", "a", name), "AttributeError")
    raises(world.attempt("delete", "a", name), "AttributeError")
    world.do("set", "a", name, "given")
    equal(world.do("get", "a", name).value, "given", f"the value of {name}")
    world.do("set", "a", name, "given later")
    equal(world.do("get", "a", name).value, "given later", f"the value of {name}")
    world.do("delete", "a", name)
    raises(world.attempt("get", "a", name), "AttributeError")
    equal(world.events, [], "the calls of all this")
