"""PICKLE - what __getstate__ gives, what __setstate__ takes, and the way through pickle."""

from typing import Any

from conformance.clauses.cases import cases
from conformance.clauses.expect import calls, equal, gives, looks, raises, true
from conformance.clauses.registry import CONTESTED, MUST, SHOULD, check, clause
from fixtures.implementation import Implementation
from fixtures.states import CHANGED, GHOST, UPTODATE, given
from fixtures.values import ref
from fixtures.world import World

LOADED = cases(state=("unsaved", "added", "saved", "changed", "sticky"))

clause(
    "PICKLE-01",
    MUST,
    "__getstate__ returns a copy of the instance dict without the names that begin with _v_ or "
    "_p_.",
    "I:__getstate__; D1.6; C docstring",
)


@check("PICKLE-01", each=LOADED)
def the_state_is_the_dict_without_volatile_and_persistent_names(world: World, state: str) -> None:
    given(world, state, "a", data={"x": 1, "text": "t"})
    world.do("set", "a", "_v_a", 1)
    world.do("set", "a", "_p_a", 1)
    gives(world.do("get_state", "a"), {"x": 1, "text": "t"})


@check("PICKLE-01")
def names_that_only_resemble_the_prefixes_are_part_of_the_state(world: World) -> None:
    data = {"_v": 1, "_p": 2, "_va": 3, "_pa": 4, "v_a": 5, "p_a": 6, "_": 7, "_x_": 8, "a_v_": 9}
    given(world, "saved", "a", data=data)
    gives(world.do("get_state", "a"), data)


@check("PICKLE-01")
def the_bare_prefixes_are_left_out(world: World) -> None:
    world.do("create", "a")
    world.do("set", "a", "_v_", 1)
    world.do("set", "a", "_p_", 1)
    gives(world.do("get_state", "a"), {})


@check("PICKLE-01")
def an_object_without_attributes_has_an_empty_state(world: World) -> None:
    world.do("create", "a")
    gives(world.do("get_state", "a"), {})


@check("PICKLE-01")
def writing_into_the_state_leaves_the_object_alone(world: World) -> None:
    given(world, "saved", "a")
    world.do("get_state_and_write", "a", "x", 7)
    world.do("get_state_and_write", "a", "new", 7)
    looks(world, "a", dict={"x": 1})


@check("PICKLE-01", because="the identity of a value is not visible in an observation")
def the_state_holds_the_values_themselves(implementation: Implementation) -> None:
    class Plain(implementation.persistent):  # type: ignore[name-defined, misc]
        pass

    obj = Plain()
    value = [1]
    obj.x = value
    true(obj.__getstate__()["x"] is value, "the state holds the object's own list")


clause(
    "PICKLE-02",
    MUST,
    "__getstate__ of a ghost loads it first.",
    "I:Ghost->Saved (an operation of the ghost is accessed); cPersistence.c Per__getstate__",
)


@check(
    "PICKLE-02",
    each={
        f"{sample}, {op}": {"sample": sample, "data": data, "op": op}
        for sample, data in (
            ("Plain", {"x": 1}),
            ("Slotted", (None, {"x": 1})),
            ("Mixed", ({"d": 1}, {"s1": 2})),
        )
        for op in ("get_state", "get_state_unbound")
    },
)
def the_state_of_a_ghost_is_loaded(world: World, sample: str, data: Any, op: str) -> None:
    given(world, "ghost", "a", sample, data)
    seen = world.do(op, "a")
    calls(seen, "setstate a")
    gives(seen, data)
    looks(world, "a", state=UPTODATE)


@check("PICKLE-02")
def a_ghost_that_cannot_be_loaded_has_no_state(world: World) -> None:
    given(world, "ghost", "a")
    world.do("plan", "setstate", "a", error="LoadError")
    raises(world.attempt("get_state", "a"), "LoadError")
    looks(world, "a", state=GHOST)


clause(
    "PICKLE-03",
    MUST,
    "__getstate__ neither changes the state of a loaded object nor registers it.",
    "D1.6",
)


clause(
    "PICKLE-04",
    MUST,
    "Where no slot is assigned the state is not a pair: it is the dict alone, or None if the "
    "object has no instance dict.",
    "C docstring of __getstate__",
)


@check("PICKLE-04", each={"no slots": {"sample": "Bare"}, "slots": {"sample": "Slotted"}})
def an_object_without_dict_and_assigned_slots_has_no_state(world: World, sample: str) -> None:
    world.do("create", "a", sample)
    gives(world.do("get_state", "a"), None)


@check("PICKLE-04")
def volatile_and_persistent_slots_count_as_not_assigned(world: World) -> None:
    world.do("create", "a", "Slotted")
    world.do("set", "a", "_v_slot", 1)
    world.do("set", "a", "_p_slot", 1)
    gives(world.do("get_state", "a"), None)


@check("PICKLE-04", each={"empty": {"data": {}}, "filled": {"data": {"d": 1}}})
def a_dict_with_unassigned_slots_is_the_whole_state(world: World, data: Any) -> None:
    world.do("create", "a", "Mixed")
    for name, value in data.items():
        world.do("set", "a", name, value)
    gives(world.do("get_state", "a"), data)


clause(
    "PICKLE-05",
    MUST,
    "With assigned slots the state is a pair of the dict (None if there is none) and a dict of "
    "the slots, without unassigned slots and without those whose names begin with _v_ or _p_.",
    "D2.5; C docstring of __getstate__",
)

_PAIRS = {
    "one slot": ("Slotted", {"x": 1}, (None, {"x": 1})),
    "a slot that is None": ("Slotted", {"x": None}, (None, {"x": None})),
    "volatile slots": (
        "Slotted",
        {"x": 1, "y": 2, "_v_slot": 3, "_p_slot": 4},
        (None, {"x": 1, "y": 2}),
    ),
    "slots of the base": ("SubSlotted", {"s1": 1}, (None, {"s1": 1})),
    "slots of both classes": ("SubSlotted", {"s1": 1, "s2": 2}, (None, {"s1": 1, "s2": 2})),
    "a private slot": (
        "SubSlotted",
        {"_SubSlotted__own": 1},
        (None, {"_SubSlotted__own": 1}),
    ),
    "an empty dict": ("Mixed", {"s1": 1}, ({}, {"s1": 1})),
    "a dict": (
        "Mixed",
        {"s1": 1, "s2": 2, "d": 3, "_v_a": 4, "_p_a": 5},
        ({"d": 3}, {"s1": 1, "s2": 2}),
    ),
}


@check(
    "PICKLE-05",
    each={
        label: {"sample": sample, "written": written, "state": state}
        for label, (sample, written, state) in _PAIRS.items()
    },
)
def assigned_slots_make_the_state_a_pair(
    world: World, sample: str, written: Any, state: Any
) -> None:
    world.do("create", "a", sample)
    for name, value in written.items():
        world.do("set", "a", name, value)
    gives(world.do("get_state", "a"), state)


@check("PICKLE-05")
def a_slot_whose_value_equals_everything_is_in_the_state(world: World) -> None:
    world.do("create", "a", "Slotted")
    world.do("create", "b", "Equal")
    world.do("set", "a", "x", ref("b"))
    gives(world.do("get_state", "a"), (None, {"x": ref("b")}))


clause(
    "PICKLE-06",
    MUST,
    "__setstate__ with a dict clears the instance dict and fills it with that state.",
    "C docstring of __setstate__; D2.5",
)


@check(
    "PICKLE-06",
    each={
        f"{label}, {kind}": {"state": label, "new": new}
        for label in LOADED
        for kind, new in (
            ("other names", {"zz": 1}),
            ("same name", {"x": 2}),
            ("nothing", {}),
            ("three names", {"x": 1, "yy": 2, "zz": 3}),
        )
    },
)
def a_dict_replaces_the_instance_dict(world: World, state: str, new: Any) -> None:
    given(world, state, "a", data={"x": 1, "old": 2})
    world.do("set", "a", "_v_a", 1)
    gives(world.do("set_state", "a", new), None)
    looks(world, "a", dict=new)


@check("PICKLE-06")
def a_dict_alone_is_a_state_for_an_object_with_slots(world: World) -> None:
    world.do("create", "a", "Mixed")
    world.do("set", "a", "d", 1)
    world.do("set", "a", "s1", 1)
    world.do("set_state", "a", {"zz": 2})
    looks(world, "a", dict={"zz": 2}, slots={"s1": 1})


@check("PICKLE-06")
def the_state_given_is_not_adopted(world: World) -> None:
    given(world, "saved", "a")
    world.do("set_state_and_write", "a", {"x": 5}, "new", 7)
    looks(world, "a", dict={"x": 5})


@check("PICKLE-06", because="the identity of the dict is not visible in an observation")
def the_instance_dict_itself_is_filled(implementation: Implementation) -> None:
    class Plain(implementation.persistent):  # type: ignore[name-defined, misc]
        pass

    obj = Plain()
    obj.x = 1
    held = obj.__dict__
    obj.__setstate__({"zz": 2})
    true(obj.__dict__ is held, "the instance dict is the one that was there before")
    equal(held, {"zz": 2}, "its content")


clause(
    "PICKLE-07",
    MUST,
    "__setstate__(None) is ignored; (None, slots) sets the slots and keeps the dict; "
    "(dict, slots) replaces the dict and sets the slots.",
    "C docstring of __setstate__; D2.5",
)


@check(
    "PICKLE-07",
    each={
        f"{sample}, {label}": {"sample": sample, "data": data, "state": state}
        for label, state in (("None", None), ("None and no slots", (None, {})))
        for sample, data in (
            ("Plain", {"x": 1}),
            ("Slotted", (None, {"x": 1})),
            ("Mixed", ({"d": 1}, {"s1": 2})),
            ("Bare", None),
        )
    },
)
def an_empty_state_is_ignored(world: World, sample: str, data: Any, state: Any) -> None:
    world.do("create", "a", sample, data)
    before = world.object("a")
    gives(world.do("set_state", "a", state), None)
    looks(world, "a", before)


@check("PICKLE-07")
def the_slots_of_a_state_are_set_and_the_dict_is_kept(world: World) -> None:
    world.do("create", "a", "Mixed")
    world.do("set", "a", "d", 1)
    world.do("set", "a", "s2", 2)
    world.do("set_state", "a", (None, {"s1": 1}))
    looks(world, "a", dict={"d": 1}, slots={"s1": 1, "s2": 2})


@check("PICKLE-07")
def both_parts_of_a_state_are_set(world: World) -> None:
    world.do("create", "a", "Mixed")
    world.do("set", "a", "d", 1)
    world.do("set", "a", "s1", 1)
    world.do("set_state", "a", ({"e": 3}, {"s1": 4, "s2": 5}))
    looks(world, "a", dict={"e": 3}, slots={"s1": 4, "s2": 5})


@check("PICKLE-07")
def the_dict_of_a_pair_is_set_where_no_slot_is(world: World) -> None:
    world.do("create", "a", "Mixed")
    world.do("set", "a", "d", 1)
    world.do("set_state", "a", ({"e": 3}, {}))
    looks(world, "a", dict={"e": 3})


clause(
    "PICKLE-08",
    CONTESTED,
    "__setstate__ with a two-tuple whose first element is a string calls the method of that name "
    "with the second element (a migration form).",
    "C docstring of __setstate__",
    decision="The form stands in one docstring and is implemented nowhere; the reference leaves "
    "it out and refuses such a state.",
)


@check("PICKLE-08", each={"number": {"argument": 5}, "dict": {"argument": {"x": 5}}})
def no_method_is_called_to_migrate_a_state(world: World, argument: Any) -> None:
    world.do("create", "a", "Migrating")
    seen = world.attempt("set_state", "a", ("migrate", argument))
    raises(seen, "TypeError", "AttributeError", "ValueError")
    calls(seen)


clause(
    "PICKLE-09",
    SHOULD,
    "__setstate__ raises TypeError for a pair whose second element is not a dict.",
    "cPersistence.c pickle_setattrs_from_dict",
)


@check(
    "PICKLE-09",
    each={
        f"{sample}, {label}": {"sample": sample, "first": first, "slots": slots}
        for sample, first in (("Plain", {"x": 1}), ("Mixed", {"x": 1}), ("Slotted", None))
        for label, slots in (
            ("pairs", [("b", 2)]),
            ("an empty list", []),
            ("text", "b"),
            ("a number", 5),
            ("None", None),
        )
    },
)
def a_slots_part_that_is_no_dict_is_refused(
    world: World, sample: str, first: Any, slots: Any
) -> None:
    world.do("create", "a", sample)
    raises(world.attempt("set_state", "a", (first, slots)), "TypeError")
    looks(world, "a", slots={})


clause(
    "PICKLE-10",
    CONTESTED,
    "__setstate__ always leaves the object UPTODATE.",
    "D1.6 against both implementations",
    decision="As in C: a dict state leaves the protocol state alone, so that a changed object "
    "stays changed and a ghost becomes a ghost with data; a state with slots sets attributes, "
    "which loads a ghost, marks the object changed and registers it.",
)


@check(
    "PICKLE-10",
    each={
        "ghost": {"state": "ghost", "expected": ("setstate a", "register a")},
        "saved": {"state": "saved", "expected": ("register a",)},
        "sticky": {"state": "sticky", "expected": ("register a",)},
        "changed": {"state": "changed", "expected": ()},
    },
)
def a_state_with_slots_is_a_change(world: World, state: str, expected: Any) -> None:
    given(world, state, "a", "Slotted", (None, {"x": 1, "y": 2}))
    calls(world.do("set_state", "a", (None, {"x": 5})), *expected)
    looks(world, "a", state=CHANGED, slots={"x": 5, "y": 2})


@check("PICKLE-10")
def a_state_without_jar_leaves_an_object_unsaved(world: World) -> None:
    world.do("create", "a", "Mixed")
    calls(world.do("set_state", "a", ({"d": 1}, {"s1": 2})))
    looks(world, "a", state=UPTODATE, changed=False)


clause(
    "PICKLE-11",
    MUST,
    "__setstate__ with a dict on a ghost uses the state that is given: the jar is not asked to "
    "load the object.",
    'I:__setstate__ ("Set the object data"); persistence.py SPECIAL_NAMES',
)
