"""PICKLE, continued - mappings as states, __reduce__, round trips, records, odd states."""

from typing import Any

from conformance.clauses.cases import cases
from conformance.clauses.expect import calls, equal, gives, looks, raises
from conformance.clauses.registry import MUST, SHOULD, check, clause
from fixtures.helpers import FORMS
from fixtures.operations.pickling import PROTOCOLS
from fixtures.states import GHOST, UPTODATE, given
from fixtures.values import Ref, ref
from fixtures.world import World

NO_SERIAL = b"\0" * 8

clause(
    "PICKLE-12",
    MUST,
    "__setstate__ interns the keys of the state that are plain strings, and takes subclasses of "
    "dict and other mappings as well as a dict.",
    "CH 4.0.9; CH 4.2.3",
)

_NAMES = {"first_name": 1, "second_name": 2, "third_name": 3}


@check("PICKLE-12", each=cases(form=FORMS))
def any_mapping_is_a_state_and_its_keys_are_interned(world: World, form: str) -> None:
    world.do("create", "a")
    world.do("set", "a", "old", 0)
    world.do("set_state", "a", _NAMES, form)
    looks(world, "a", dict=_NAMES)
    interned = world.do("interned_keys", "a").value
    equal(interned, dict.fromkeys(_NAMES, True), "which keys are interned")


@check("PICKLE-12", needs=("mapping",))
def a_persistent_mapping_is_a_state(world: World) -> None:
    world.do("create", "a")
    world.do("set_state", "a", _NAMES, "mapping part")
    looks(world, "a", dict=_NAMES)
    interned = world.do("interned_keys", "a").value
    equal(interned, dict.fromkeys(_NAMES, True), "which keys are interned")


@check("PICKLE-12", each=cases(form=FORMS))
def any_mapping_is_the_dict_of_a_pair(world: World, form: str) -> None:
    world.do("create", "a", "Mixed")
    world.do("set_state", "a", (_NAMES, {"s1": 1}), form)
    looks(world, "a", dict=_NAMES, slots={"s1": 1})
    interned = world.do("interned_keys", "a").value
    equal(interned, dict.fromkeys(_NAMES, True), "which keys are interned")


@check("PICKLE-12", each=cases(form=FORMS))
def an_empty_mapping_is_an_empty_state(world: World, form: str) -> None:
    given(world, "unsaved", "a")
    world.do("set_state", "a", {}, form)
    looks(world, "a", dict={})


clause(
    "PICKLE-13",
    MUST,
    "__reduce__ returns (copyreg.__newobj__, (class,) + __getnewargs__(), __getstate__()), the "
    "arguments only where the class has __getnewargs__.",
    "D2.5",
)

_REDUCED = {
    "dict": ("Plain", [], {"x": 1}, (), {"x": 1}),
    "no dict": ("Bare", [], None, (), None),
    "slots": ("Slotted", [], (None, {"x": 1}), (), (None, {"x": 1})),
    "dict and slots": ("Mixed", [], ({"d": 1}, {"s1": 2}), (), ({"d": 1}, {"s1": 2})),
    "arguments": ("NewArguments", ["g"], None, ("g",), {"given": "g"}),
    "a state of its own": (
        "State",
        [],
        ("state", [("x", 1)]),
        (),
        ("state", [("x", 1)]),
    ),
}


@check(
    "PICKLE-13",
    each={
        f"{label}, {way}": {
            "sample": sample,
            "given_to_new": given_to_new,
            "data": data,
            "arguments": arguments,
            "state": state,
            "protocol": protocol,
        }
        for label, (sample, given_to_new, data, arguments, state) in _REDUCED.items()
        for way, protocol in (("__reduce__", None), ("protocol 0", 0), ("protocol 2", 2))
    },
)
def an_object_is_reduced_to_class_arguments_and_state(
    world: World,
    sample: str,
    given_to_new: Any,
    data: Any,
    arguments: Any,
    state: Any,
    protocol: Any,
) -> None:
    world.do("construct", "a", sample, given_to_new)
    world.do("set_state", "a", data)
    gives(
        world.do("reduce", "a", protocol),
        ("copyreg.__newobj__", (Ref("class", sample), *arguments), state),
    )


@check(
    "PICKLE-13",
    each=cases(state=("added", "saved", "changed", "sticky")),
)
def reducing_changes_nothing(world: World, state: str) -> None:
    given(world, state, "a")
    before = world.object("a")
    calls(world.do("reduce", "a"))
    looks(world, "a", before)


@check("PICKLE-13")
def a_ghost_is_loaded_and_reduced(world: World) -> None:
    given(world, "ghost", "a")
    seen = world.do("reduce", "a")
    calls(seen, "setstate a")
    gives(seen, ("copyreg.__newobj__", (Ref("class", "Plain"),), {"x": 1}))
    looks(world, "a", state=UPTODATE)


clause(
    "PICKLE-14",
    MUST,
    "An object goes through pickle and comes back equal, with every protocol, with slots, and "
    "with __getnewargs__, __getstate__ and __setstate__ of its own.",
    "D2.5",
)

_TRIPS = {
    "Plain": {"x": 1, "y": ["list"]},
    "Slotted": (None, {"x": 1, "y": "t"}),
    "Mixed": ({"d": 1}, {"s1": 2}),
    "SubSlotted": (None, {"s1": 1, "s2": 2, "_SubSlotted__own": 3}),
    "NewArguments": {"given": 5, "x": 1},
    "NewSlotted": (None, {"given": (), "x": 1}),
    "GetAttr": {"x": 1},
    "Private": {"secret": {"x": 1}},
    "GetAttribute": {"x": 1},
    "SetAttr": {"x": 1},
    "DelAttr": {"x": 1},
    "Deactivate": {"x": 1},
    "Invalidate": {"x": 1},
    "Living": {"x": 1},
    "Repr": {"x": 1},
    "State": ("state", [("x", 1), ("y", 2)]),
    "Refusing": {"x": 1},
    "CooperativeFirst": {"x": 1},
    "CooperativeLast": {"x": 1},
    "Equal": {"x": 1},
    "Bare": None,
}


def _trips_equal(world: World, sample: str, op: str, how: Any) -> None:
    expected = world.object("a")
    world.do(op, "a", "b", how)
    seen = world.object("b")
    equal(seen.dict, expected.dict, f"the dict after {op} {how}")
    equal(seen.slots, expected.slots, f"the slots after {op} {how}")
    equal(world.do("isinstance", "b", sample).value, True, f"the class after {op} {how}")


@check(
    "PICKLE-14",
    each={sample: {"sample": sample, "data": data} for sample, data in _TRIPS.items()},
)
def an_object_comes_back_from_every_protocol(world: World, sample: str, data: Any) -> None:
    world.do("create", "a", sample, data)
    for protocol in PROTOCOLS:
        _trips_equal(world, sample, "pickle", protocol)


@check(
    "PICKLE-14",
    each={sample: {"sample": sample, "data": data} for sample, data in _TRIPS.items()},
)
def an_object_comes_back_from_a_copy(world: World, sample: str, data: Any) -> None:
    world.do("create", "a", sample, data)
    _trips_equal(world, sample, "copy", "copy")
    _trips_equal(world, sample, "copy", "deepcopy")


@check(
    "PICKLE-14",
    each={
        sample: {"sample": sample, "data": _TRIPS[sample]}
        for sample in ("Plain", "Slotted", "Mixed", "State")
    },
)
def a_ghost_is_loaded_and_comes_back(world: World, sample: str, data: Any) -> None:
    given(world, "ghost", "a", sample, data)
    for protocol in PROTOCOLS:
        world.do("deactivate", "a")
        calls(world.do("pickle", "a", "b", protocol), "setstate a")
        _trips_equal(world, sample, "pickle", protocol)


@check("PICKLE-14")
def slots_without_a_value_stay_without_one(world: World) -> None:
    for sample in ("Slotted", "Mixed", "SubSlotted"):
        world.do("create", "a", sample)
        for protocol in PROTOCOLS:
            _trips_equal(world, sample, "pickle", protocol)
            looks(world, "b", slots={})


@check("PICKLE-14", needs=("mapping",))
def a_mapping_comes_back(world: World) -> None:
    for protocol in PROTOCOLS:
        world.do("create", "a", "Mapping", {"data": {"k": 1}})
        _trips_equal(world, "Mapping", "pickle", protocol)


@check("PICKLE-14", needs=("list",))
def a_list_comes_back(world: World) -> None:
    for protocol in PROTOCOLS:
        world.do("create", "a", "List_", {"data": [1, 2]})
        _trips_equal(world, "List_", "pickle", protocol)


@check("PICKLE-14")
def an_object_within_an_object_comes_back(world: World) -> None:
    given(world, "unsaved", "c", data={"x": 3})
    world.do("create", "a")
    world.do("set", "a", "child", ref("c"))
    for protocol in PROTOCOLS:
        world.do("pickle", "a", "b", protocol)
        world.do("child", "b", "child", "d")
        looks(world, "d", dict={"x": 3})


clause(
    "PICKLE-15",
    MUST,
    "What comes out of a pickle, or of a copy made through __reduce_ex__, has no jar, oid, serial "
    "or volatile attributes: it is unsaved.",
    "I:__getstate__; Gloss. volatile attribute",
)

_WAYS = [("pickle", number) for number in PROTOCOLS] + [("copy", "copy"), ("copy", "deepcopy")]


@check(
    "PICKLE-15",
    each={
        f"{state}, {op} {how}": {"state": state, "op": op, "how": how}
        for state in ("added", "ghost", "saved", "changed", "sticky")
        for op, how in _WAYS
    },
)
def a_pickle_carries_the_data_only(world: World, state: str, op: str, how: Any) -> None:
    given(world, state, "a")
    world.do("set", "a", "_p_serial", b"serial 1")
    if state != "ghost":
        world.do("set", "a", "_v_a", 1)
        world.do("set", "a", "_p_a", 1)
    world.do(op, "a", "b", how)
    looks(
        world,
        "b",
        jar=None,
        oid=None,
        serial=NO_SERIAL,
        dict={"x": 1},
        changed=False,
        state=UPTODATE,
    )


@check("PICKLE-15", each={str(number): {"protocol": number} for number in PROTOCOLS})
def volatile_and_persistent_slots_are_not_pickled(world: World, protocol: int) -> None:
    world.do("create", "a", "Slotted")
    for name in ("x", "_v_slot", "_p_slot"):
        world.do("set", "a", name, 1)
    world.do("pickle", "a", "b", protocol)
    looks(world, "b", slots={"x": 1})


@check("PICKLE-15")
def the_original_keeps_everything(world: World) -> None:
    given(world, "changed", "a")
    world.do("set", "a", "_v_a", 1)
    before = world.object("a")
    calls(world.do("copy", "a", "b", "copy"))
    looks(world, "a", before)


clause(
    "PICKLE-16",
    MUST,
    "A volatile attribute is never in the stored record, and is gone when the object was loaded "
    "anew.",
    "Gloss. volatile attribute; G",
)


@check("PICKLE-16", each=cases(state=("added", "saved", "changed")))
def a_commit_does_not_store_volatile_attributes(world: World, state: str) -> None:
    given(world, state, "a")
    world.do("set", "a", "_v_a", 1)
    world.do("set", "a", "x", 2)
    world.do("commit")
    gives(world.do("stored", "a"), {"x": 2})
    looks(world, "a", dict={"x": 2, "_v_a": 1})
    world.do("invalidate", "a")
    gives(world.do("get", "a", "x"), 2)
    looks(world, "a", dict={"x": 2})


@check("PICKLE-16")
def a_commit_does_not_store_volatile_slots(world: World) -> None:
    given(world, "saved", "a", "Slotted", (None, {"x": 1}))
    world.do("set", "a", "_v_slot", 1)
    world.do("set", "a", "x", 2)
    world.do("commit")
    gives(world.do("stored", "a"), (None, {"x": 2}))


clause(
    "PICKLE-17",
    SHOULD,
    "A new ghost keeps what its __new__ has set: new_ghost does not clear it.",
    "CH 4.2.3 (#49)",
)


@check(
    "PICKLE-17",
    needs=("cache",),
    each={
        "dict": {"sample": "NewArguments", "data": {"given": None}, "slots": {}},
        "slots": {"sample": "NewSlotted", "data": None, "slots": {"given": ()}},
    },
)
def a_new_ghost_keeps_what_new_has_set(world: World, sample: str, data: Any, slots: Any) -> None:
    calls(world.do("ghost", "a", sample))
    looks(world, "a", state=GHOST, dict=data, slots=slots)


@check("PICKLE-17", needs=("cache",))
def an_object_with_data_becomes_a_ghost_with_data(world: World) -> None:
    given(world, "unsaved", "a", "Mixed", ({"x": 1}, {"s1": 2}))
    calls(world.do("new_ghost", "a", world.oid("a")))
    looks(world, "a", state=GHOST, dict={"x": 1}, slots={"s1": 2})


clause(
    "PICKLE-18",
    MUST,
    "A state of exactly two items is a dict, not a pair.",
    "CH 4.0.7 (PR #5)",
)


@check("PICKLE-18", each=cases(form=FORMS))
def a_state_of_two_items_is_a_dict(world: World, form: str) -> None:
    given(world, "unsaved", "a")
    world.do("set_state", "a", {"aa": 1, "bb": 2}, form)
    looks(world, "a", dict={"aa": 1, "bb": 2})


clause(
    "PICKLE-19",
    SHOULD,
    "A state tuple that is not a pair is refused with TypeError or ValueError, and the object "
    "stays as it was.",
    "N; C docstring of __setstate__ (three forms, no other)",
)


@check(
    "PICKLE-19",
    each={
        f"{sample}, {label}": {"sample": sample, "data": data, "state": state}
        for label, state in (
            ("empty", ()),
            ("one", ({"x": 5},)),
            ("three", ({"x": 5}, {}, {})),
            ("three with None", (None, {}, None)),
        )
        for sample, data in (("Plain", {"x": 1}), ("Mixed", ({"x": 1}, {"s1": 2})))
    },
)
def a_tuple_that_is_no_pair_is_refused(world: World, sample: str, data: Any, state: Any) -> None:
    given(world, "saved", "a", sample, data)
    before = world.object("a")
    seen = world.attempt("set_state", "a", state)
    raises(seen, "TypeError", "ValueError")
    calls(seen)
    looks(world, "a", before)


clause(
    "PICKLE-20",
    SHOULD,
    "A key of the state that is not a plain string is kept as it is by __setstate__, and given "
    "back by __getstate__.",
    "N (C); CH 4.0.9 (interning, if it is possible)",
)


@check("PICKLE-20", each=cases(form=FORMS))
def a_number_as_key_is_kept(world: World, form: str) -> None:
    given(world, "unsaved", "a")
    world.do("set_state", "a", {1: "one", "xx": 2}, form)
    looks(world, "a", dict={1: "one", "xx": 2})


@check("PICKLE-20")
def a_number_as_key_is_given_back(world: World) -> None:
    given(world, "unsaved", "a")
    world.do("set_state", "a", {1: "one", "xx": 2})
    gives(world.do("get_state", "a"), {1: "one", "xx": 2})


clause(
    "PICKLE-21",
    SHOULD,
    "The second part of a state is assigned as attributes, whether or not the class declares "
    "slots of these names: a record outlives the slots of its class.",
    "C docstring of __setstate__ (items are assigned as attributes)",
)


@check("PICKLE-21", each={"dict": {"first": {"x": 5}}, "no dict": {"first": None}})
def the_slots_of_a_state_become_attributes_without_slots(world: World, first: Any) -> None:
    world.do("create", "a")
    world.do("set_state", "a", (first, {"y": 2}))
    expected = dict(first or {}, y=2)
    looks(world, "a", dict=expected)


@check("PICKLE-21")
def the_slots_of_a_state_become_attributes_beside_other_slots(world: World) -> None:
    world.do("create", "a", "Mixed")
    world.do("set_state", "a", ({}, {"s1": 1, "y": 2}))
    looks(world, "a", dict={"y": 2}, slots={"s1": 1})


clause(
    "PICKLE-22",
    SHOULD,
    "A dict as state of an object that has no instance dict is refused with TypeError, and the "
    "slots stay as they were.",
    "N (both implementations)",
)


@check(
    "PICKLE-22",
    each={
        f"{sample}, {label}": {"sample": sample, "state": state}
        for sample in ("Slotted", "Bare")
        for label, state in (
            ("dict", {"x": 5}),
            ("empty dict", {}),
            ("pair", ({"x": 5}, {})),
        )
    },
)
def a_dict_is_refused_without_an_instance_dict(world: World, sample: str, state: Any) -> None:
    world.do("create", "a", sample)
    if sample == "Slotted":
        world.do("set", "a", "x", 1)
    before = world.object("a")
    raises(world.attempt("set_state", "a", state), "TypeError")
    looks(world, "a", before)
