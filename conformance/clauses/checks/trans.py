"""TRANS - the transitions between the states, and the registration with the jar."""

from typing import Any, Dict, List

from conformance.clauses.cases import cases
from conformance.clauses.expect import calls, equal, gives, looks, true
from conformance.clauses.registry import BOTH, MUST, check, clause
from fixtures.operations.table import step
from fixtures.states import CHANGED, GHOST, UPTODATE, given, given_each
from fixtures.values import Ref, ref
from fixtures.world import World

JAR = Ref("jar", "jar")

CHANGES: Dict[str, Dict[str, Any]] = {
    "write": step("set", "a", "x", 2),
    "write of a new name": step("set", "a", "y", 2),
    "delete": step("delete", "a", "x"),
    "mark": step("set", "a", "_p_changed", True),
}

clause(
    "TRANS-01",
    MUST,
    "An unsaved object becomes saved when a commit stores it, be it added to the jar or reachable "
    "from an object that is stored.",
    "I:IPersistent (Unsaved -> Saved)",
)


def _is_saved(world: World, name: str, data: Any) -> None:
    seen = world.object(name)
    equal(seen.jar, JAR, f"{name}._p_jar")
    equal(seen.oid, world.oid(name), f"{name}._p_oid")
    equal(seen.state, UPTODATE, f"{name}._p_state")
    equal(seen.changed, False, f"{name}._p_changed")
    equal(seen.dict, data, f"the instance dict of {name}")


@check("TRANS-01", caches=BOTH)
def an_added_object_is_saved_by_the_commit(world: World) -> None:
    given(world, "added")
    calls(world.do("commit"))
    _is_saved(world, "a", {"x": 1})
    world.do("invalidate", "a")
    seen = world.do("get", "a", "x")
    calls(seen, "setstate a")
    gives(seen, 1)


@check("TRANS-01", caches=BOTH)
def an_object_that_was_added_and_written_is_saved_by_the_commit(world: World) -> None:
    given(world, "added")
    calls(world.do("set", "a", "x", 2), "register a")
    world.do("commit")
    _is_saved(world, "a", {"x": 2})


@check("TRANS-01", each=cases(state=("added", "saved", "ghost")), caches=BOTH)
def what_is_reachable_is_saved_by_the_commit(world: World, state: str) -> None:
    given(world, state)
    given(world, "unsaved", "b")
    given(world, "unsaved", "c", data={"x": 3})
    world.do("set", "b", "x", ref("c"))
    world.do("set", "a", "x", ref("b"))
    calls(world.do("commit"))
    _is_saved(world, "a", {"x": ref("b")})
    _is_saved(world, "b", {"x": ref("c")})
    _is_saved(world, "c", {"x": 3})
    calls(world.do("set", "c", "x", 4), "register c")


clause(
    "TRANS-02",
    MUST,
    "An unsaved object that a commit does not reach stays unsaved, over commits and aborts.",
    "I:IPersistent (Unsaved -> Saved, the converse)",
)


@check(
    "TRANS-02",
    each={end: {"ends": end.split(", ")} for end in ("commit", "abort", "abort, commit")},
)
def a_detached_object_stays_unsaved(world: World, ends: List[str]) -> None:
    given_each(world, a="unsaved", b="saved")
    world.do("set", "a", "x", ref("b"))
    before = world.object("a")
    for end in ends:
        world.do("set", "b", "x", 2)
        world.do(end)
        equal(world.object("a"), before, f"the detached object after {end}")


clause(
    "TRANS-03",
    MUST,
    "A saved object or a ghost becomes changed when an attribute is set or _p_changed is set to a "
    "true value.",
    "I:IPersistent (Saved -> Changed, Ghost -> Changed)",
)


@check(
    "TRANS-03",
    each={
        f"{name} of {state}": {"name": name, "state": state}
        for state in ("added", "saved", "ghost")
        for name in ("s2", "new")
    },
)
def setting_a_slot_beside_a_dict_changes_the_object(world: World, name: str, state: str) -> None:
    given(world, state, sample="Mixed", data=({"x": 1}, {"s1": 1}))
    loads = ["setstate a"] if state == "ghost" else []
    calls(world.do("set", "a", name, "new"), *loads, "register a")
    seen = world.object("a")
    looks(world, "a", state=CHANGED, changed=True)
    held = {**(seen.dict or {}), **seen.slots}
    equal(held, {"x": 1, "s1": 1, name: "new"}, "what the object holds")


clause(
    "TRANS-04",
    MUST,
    "A sticky object becomes changed when an attribute is set or _p_changed is set to a true "
    "value.",
    "I:IPersistent (Sticky -> Changed)",
)
clause(
    "TRANS-05",
    MUST,
    "Every transition to changed calls jar.register once, with the object as the only argument. "
    "(The CHANGED that an object shows while its jar loads it, ACT-04, is no such transition.)",
    "I:IPersistent (Saved -> Changed); I:IPersistentDataManager.register",
)

_BACK: Dict[str, Dict[str, Any]] = {
    "commit": step("commit"),
    "abort": step("abort"),
    "_p_invalidate()": step("invalidate", "a"),
    "_p_changed = False": step("set", "a", "_p_changed", False),
}


@check(
    "TRANS-05",
    each={
        f"{change}, {back}, again": {"change": change, "back": back}
        for change in CHANGES
        for back in _BACK
        if change != "delete"
    },
)
def every_transition_registers_once(world: World, change: str, back: str) -> None:
    given_each(world, a="saved", b="saved")
    for loads in (False, back in ("abort", "_p_invalidate()")):
        seen = world.apply(CHANGES[change])
        calls(seen, *(["setstate a"] if loads else []), "register a")
        equal([event.arguments for event in seen.events], [()] * len(seen.events), "arguments")
        calls(world.apply(_BACK[back]))


@check("TRANS-05", each=cases(change=CHANGES), caches=BOTH)
def each_object_registers_with_its_own_jar(world: World, change: str) -> None:
    given_each(world, a="saved", b="saved", c="ghost")
    calls(world.apply(CHANGES[change]), "register a")
    calls(world.do("set", "b", "x", 2), "register b")
    calls(world.do("set", "c", "x", 2), "setstate c", "register c")
    for name in "abc":
        looks(world, name, state=CHANGED)


@check("TRANS-05", world={"jars": 2}, each={"two jars": {}})
def an_object_registers_with_no_other_jar(world: World) -> None:
    given(world, "saved")
    given(world, "saved", "b", jar="other")
    world.do("set", "b", "x", 2)
    world.do("commit")
    looks(world, "b", state=CHANGED)
    world.do("commit", "other")
    looks(world, "b", state=UPTODATE)


clause(
    "TRANS-06",
    MUST,
    "While an object is changed, further changes do not call jar.register again.",
    "D1.4 (subsequent modifications have no additional side-effects)",
)


@check(
    "TRANS-06",
    each={
        f"{first}, {second}": {"first": first, "second": second}
        for first in CHANGES
        for second in CHANGES
        if not first == second == "delete"
    },
)
def a_changed_object_does_not_register_again(world: World, first: str, second: str) -> None:
    given(world, "saved", data={"x": 1, "z": 0})
    calls(world.apply(CHANGES[first]), "register a")
    if "delete" in (first, second):
        calls(world.do("set", "a", "x", 0))
    calls(world.apply(CHANGES[second]))
    looks(world, "a", state=CHANGED)


clause(
    "TRANS-07",
    MUST,
    "An object without a jar is never changed, and registers with nobody.",
    "I:_p_changed (only with a data manager can an object become changed)",
)

_JARLESS = {
    "write": [step("set", "a", "x", 2)],
    "write twice": [step("set", "a", "x", 2), step("set", "a", "x", 3)],
    "delete": [step("delete", "a", "x")],
    "mark": [step("set", "a", "_p_changed", True)],
    "mark with 1": [step("set", "a", "_p_changed", 1)],
    "invalidate, write": [step("invalidate", "a"), step("set", "a", "x", 2)],
    "state set, write": [step("set_state", "a", {"x": 5}), step("set", "a", "x", 2)],
}


@check(
    "TRANS-07",
    each={
        f"{how}, {kind}": {"how": how, "oid": kind == "with an oid"}
        for how in _JARLESS
        for kind in ("without an oid", "with an oid")
    },
)
def an_object_without_a_jar_is_never_changed(world: World, how: str, oid: bool) -> None:
    world.do("create", "a", "Plain", {"x": 1})
    if oid:
        world.do("set", "a", "_p_oid", b"\0\0\0\0\0\0\0a")
    for made in _JARLESS[how]:
        world.apply(made)
        true(not world.object("a").changed, "_p_changed is not true")
        true(world.object("a").state != CHANGED, "_p_state is not CHANGED")
    equal(world.events, [], "the calls of all this")


clause(
    "TRANS-08",
    MUST,
    "Setting _p_changed to a true value on a ghost loads it first, with one setstate, then "
    "registers it and marks it changed. (D1.5 calls this the same as _p_activate; its example "
    "ends in CHANGED, so the words cover the loading only.)",
    "I:_p_changed; D1.5 (example)",
)


clause(
    "TRANS-09",
    MUST,
    "A saved object becomes a ghost when it is invalidated.",
    "I:IPersistent (Saved -> Ghost); D1.5; Gloss. invalidation",
)
clause(
    "TRANS-10",
    MUST,
    "A changed object becomes saved when the transaction commits, for which the jar sets "
    "_p_changed to a false value that is not None; its data are kept.",
    "I:IPersistent (Changed -> Saved); D1.5",
)


@check("TRANS-10", each=cases(change=CHANGES), caches=BOTH)
def a_changed_object_is_saved_by_the_commit(world: World, change: str) -> None:
    given(world, "saved", data={"x": 1, "z": 0})
    world.apply(CHANGES[change])
    before = world.object("a")
    calls(world.do("commit"))
    looks(world, "a", state=UPTODATE, changed=False, dict=before.dict)
    calls(world.do("get", "a", "z"))
    calls(world.do("set", "a", "z", 1), "register a")


clause(
    "TRANS-11",
    MUST,
    "A changed object becomes a ghost when the transaction aborts, for which the jar invalidates "
    "every changed object.",
    "I:IPersistent (Changed -> Ghost)",
)


@check("TRANS-11", caches=BOTH)
def changed_objects_are_ghosts_after_an_abort(world: World) -> None:
    given_each(world, a="saved", b="ghost", c="saved")
    world.do("set", "a", "x", 2)
    world.do("delete", "b", "x")
    untouched = world.object("c")
    calls(world.do("abort"))
    for name in "ab":
        looks(world, name, state=GHOST, dict={})
        seen = world.do("get", name, "x")
        calls(seen, f"setstate {name}")
        gives(seen, 1)
    looks(world, "c", untouched)


clause(
    "TRANS-12",
    MUST,
    "A ghost becomes saved when one of its attributes or operations is accessed, with exactly one "
    "setstate.",
    "I:IPersistent (Ghost -> Saved)",
)
