"""ATTR - writing and deleting attributes: what is loaded, marked, registered and stored."""

from typing import Any

from conformance.clauses.cases import NO_CACHE, Cases, cases, crossed, uncached
from conformance.clauses.expect import cache_looks, calls, equal, gives, looks, one_of, raises
from conformance.clauses.registry import BOTH, CONTESTED, EACH, MUST, SHOULD, check, clause
from fixtures.states import CHANGED, GHOST, UPTODATE, given
from fixtures.values import Ref
from fixtures.world import World

LAYOUTS: Cases = {
    "dict": {"sample": "Plain", "data": {"x": 1, "y": 2}},
    "slots": {"sample": "Slotted", "data": (None, {"x": 1, "y": 2})},
}


def _data(world: World) -> Any:
    seen = world.object("a")
    return seen.slots if seen.dict is None else seen.dict


clause(
    "ATTR-09",
    MUST,
    "Writing an attribute of a ghost loads it, then marks it changed and registers it; the value "
    "that was written stands, not the one that was loaded.",
    "I:IPersistent.__setattr__; I:IPersistent (Ghost -> Changed)",
)


@check("ATTR-09", each=LAYOUTS, caches=BOTH)
def a_write_to_a_ghost_outlives_the_load(world: World, sample: str, data: Any) -> None:
    given(world, "ghost", sample=sample, data=data)
    calls(world.do("set", "a", "x", 9), "setstate a", "register a")
    equal(_data(world), {"x": 9, "y": 2}, "the data")
    looks(world, "a", state=CHANGED, changed=True)


@check(
    "ATTR-09", each=cases(name=("z", "_", "_p", "_v", "__p_x", "p_", "v_", "_p-x", "_vx", "__x__"))
)
@check("ATTR-09", world=NO_CACHE, each=uncached(cases(name=("z", "_p", "_v"))))
def a_write_of_any_ordinary_name_registers(world: World, name: str) -> None:
    given(world, "ghost")
    calls(world.do("set", "a", name, 9), "setstate a", "register a")
    looks(world, "a", dict={"x": 1, name: 9}, state=CHANGED)
    world.do("set", "a", "_p_changed", False)
    calls(world.do("delete", "a", name), "register a")
    looks(world, "a", dict={"x": 1})


clause(
    "ATTR-10",
    MUST,
    "Writing a value that equals the present one marks the object changed, too.",
    'I:IPersistent ("when someone sets an attribute"); zodb-dev msg05483',
)


@check("ATTR-10", each=crossed(LAYOUTS, cases(state=("ghost", "saved", "sticky"))), caches=BOTH)
def a_write_of_an_equal_value_is_a_change(world: World, sample: str, data: Any, state: str) -> None:
    given(world, state, sample=sample, data=data)
    calls(world.do("set", "a", "x", 1), "register a", of=("register",))
    looks(world, "a", changed=True)
    equal(_data(world), {"x": 1, "y": 2}, "the data")


clause(
    "ATTR-11",
    MUST,
    "Writing a _v_ attribute never marks the object changed and never registers it.",
    "D1.6",
)

VOLATILE = cases(name=("_v_a", "_v_"))


@check(
    "ATTR-11",
    each=crossed(cases(state=("unsaved", "added", "saved", "changed", "sticky")), VOLATILE),
    caches=BOTH,
)
def a_volatile_write_is_no_change(world: World, state: str, name: str) -> None:
    given(world, state)
    before = world.object("a")
    calls(world.do("set", "a", name, 2))
    looks(world, "a", before._replace(dict={"x": 1, name: 2}))


@check("ATTR-11")
def a_write_to_a_volatile_slot_is_no_change(world: World) -> None:
    given(world, "saved", sample="Slotted", data=(None, {"x": 1}))
    before = world.object("a")
    calls(world.do("set", "a", "_v_slot", 2))
    expected = before._replace(slots={"x": 1, "_v_slot": 2})
    looks(world, "a", expected)


clause(
    "ATTR-12",
    MUST,
    "Writing a _v_ attribute of a ghost loads it, so that the value lives until the object is a "
    "ghost again.",
    "I:IPersistent.__setattr__ (only special and _p_ names need no activation)",
)


@check("ATTR-12", caches=EACH)
def a_volatile_write_loads_a_ghost(world: World) -> None:
    given(world, "ghost")
    seen = world.do("set", "a", "_v_a", 2)
    calls(seen, "setstate a")
    looks(world, "a", state=UPTODATE, dict={"x": 1, "_v_a": 2})
    seen = world.do("get", "a", "_v_a")
    calls(seen)
    gives(seen, 2)
    world.do("deactivate", "a")
    raises(world.attempt("get", "a", "_v_a"), "AttributeError")
    looks(world, "a", dict={"x": 1})


clause(
    "ATTR-13",
    SHOULD,
    "Writing a _v_ attribute records the access: the object becomes the most recently used one.",
    'I:IPersistent._p_setattr ("records the object access")',
)


@check("ATTR-13", needs=("cache",))
def a_volatile_write_counts_as_use(world: World) -> None:
    for other in ("a", "b"):
        given(world, "saved", other)
        world.do("get", other, "x")
    world.do("set", "a", "_v_a", 2)
    cache_looks(world, ring=("b", "a"))


clause(
    "ATTR-14",
    MUST,
    "Writing an unknown _p_ attribute neither loads the object nor marks it changed.",
    "I:IPersistent.__setattr__; D1.8",
)

UNKNOWN = cases(name=("_p_unknown", "_p_", "_p__v_x"))
ANY = cases(state=("unsaved", "added", "ghost", "saved", "changed", "sticky"))


@check("ATTR-14", each=crossed(ANY, UNKNOWN), caches=BOTH)
def a_write_of_an_unknown_p_attribute_is_no_change(world: World, state: str, name: str) -> None:
    given(world, state)
    before = world.object("a")
    seen = world.do("set", "a", name, 2)
    calls(seen)
    equal(world.object("a")._replace(dict=before.dict), before, "everything visible but the dict")
    seen = world.do("get", "a", name)
    calls(seen)
    equal(seen.value, 2, f"a.{name}")


@check("ATTR-14")
def a_write_to_a_p_slot_is_no_change(world: World) -> None:
    given(world, "ghost", sample="Slotted", data=(None, {"x": 1}))
    before = world.object("a")
    calls(world.do("set", "a", "_p_slot", 2))
    looks(world, "a", before._replace(slots={"_p_slot": 2}))


@check("ATTR-14", needs=("cache",))
def a_write_of_a_p_attribute_does_not_touch_the_ring(world: World) -> None:
    for other in ("a", "b"):
        given(world, "saved", other)
        world.do("get", other, "x")
    before = world.cache()
    world.do("set", "a", "_p_unknown", 2)
    cache_looks(world, before)


clause(
    "ATTR-15",
    CONTESTED,
    "Assigning to a special name of a ghost (__class__, __dict__, __del__, __of__, __setstate__) "
    "loads it first and marks it changed.",
    "CH 4.7.0 / #155; D1.8 against I:IPersistent.__setattr__",
    decision='I:IPersistent.__setattr__ says that "special" attributes need no activation when '
    "they are set; D1.8 limits the exception to _p_*, and CH 4.7.0 and both shipped "
    "implementations load for __class__ and __dict__. The reference loads, marks and registers "
    "for every name but _p_*.",
)

SPECIAL: Cases = {
    "__class__": {"name": "__class__", "value": Ref("class", "Deactivate")},
    "__dict__": {"name": "__dict__", "value": {"x": 3}},
    "__del__": {"name": "__del__", "value": 3},
    "__of__": {"name": "__of__", "value": 3},
    "__setstate__": {"name": "__setstate__", "value": 3},
}


@check("ATTR-15", each=crossed(SPECIAL, cases(state=("ghost", "saved"))), caches=BOTH)
def a_write_of_a_special_name_is_a_change(world: World, name: str, value: Any, state: str) -> None:
    given(world, state)
    seen = world.do("set", "a", name, value)
    loads = ["setstate a"] if state == "ghost" else []
    calls(seen, *loads, "register a")
    looks(world, "a", state=CHANGED)
    seen = world.do("get", "a", name)
    equal(seen.value, value, f"a.{name}")
    expected = {"__class__": {"x": 1}, "__dict__": {"x": 3}}.get(name, {"x": 1, name: 3})
    looks(world, "a", dict=expected)


clause(
    "ATTR-16",
    MUST,
    "Deleting an attribute loads a ghost, marks the object changed and registers it.",
    "I:IPersistent.__delattr__",
)


@check("ATTR-16", each=crossed(LAYOUTS, cases(state=("ghost", "saved", "sticky"))), caches=BOTH)
def a_delete_is_a_change(world: World, sample: str, data: Any, state: str) -> None:
    given(world, state, sample=sample, data=data)
    seen = world.do("delete", "a", "x")
    loads = ["setstate a"] if state == "ghost" else []
    calls(seen, *loads, "register a")
    looks(world, "a", changed=True)
    equal(_data(world), {"y": 2}, "the data")


@check("ATTR-16", each=crossed(LAYOUTS, cases(state=("unsaved", "changed"))))
def a_delete_of_a_changed_or_unsaved_object_registers_nothing(
    world: World, sample: str, data: Any, state: str
) -> None:
    given(world, state, sample=sample, data=data)
    before = world.object("a")
    calls(world.do("delete", "a", "x"))
    equal(_data(world), {"y": 2}, "the data")
    after = world.object("a")
    equal(after._replace(dict=before.dict, slots=before.slots), before, "everything but the data")


clause(
    "ATTR-17",
    SHOULD,
    "Deleting a _v_ attribute does not mark the object changed.",
    "D1.6 by symmetry; Gloss. volatile attribute",
)


@check("ATTR-17", each=cases(state=("unsaved", "added", "saved", "changed")), caches=BOTH)
@check("ATTR-17", each=cases(state=("sticky",)))
def a_volatile_delete_is_no_change(world: World, state: str) -> None:
    given(world, state)
    before = world.object("a")
    world.do("set", "a", "_v_a", 2)
    calls(world.do("delete", "a", "_v_a"))
    looks(world, "a", before)


@check("ATTR-17", caches=EACH)
def a_volatile_delete_loads_a_ghost(world: World) -> None:
    given(world, "ghost")
    seen = world.attempt("delete", "a", "_v_a")
    raises(seen, "AttributeError")
    calls(seen, "setstate a")
    looks(world, "a", state=UPTODATE)


clause(
    "ATTR-18",
    SHOULD,
    "Deleting a missing attribute raises AttributeError and loads a ghost; the object may be "
    "marked changed by it.",
    "N",
)


@check("ATTR-18", each=crossed(LAYOUTS, cases(state=("unsaved", "ghost", "saved", "changed"))))
@check("ATTR-18", world=NO_CACHE, each=uncached(crossed(LAYOUTS, cases(state=("ghost", "saved")))))
def a_delete_of_a_missing_attribute_is_an_error(
    world: World, sample: str, data: Any, state: str
) -> None:
    given(world, state, sample=sample, data=data)
    seen = world.attempt("delete", "a", "missing")
    raises(seen, "AttributeError")
    loads = ["setstate a"] if state == "ghost" else []
    calls(seen, *loads, of=("setstate",))
    equal(_data(world), {"x": 1, "y": 2}, "the data")
    one_of(world.object("a").state, (UPTODATE, CHANGED), "_p_state")
    world.note(f"_p_state is {world.object('a').state}")


clause(
    "ATTR-19",
    MUST,
    "Changing a mutable value that is not persistent, in place, does not mark its owner changed.",
    "D1.4 (note); G",
)


@check("ATTR-19", each=cases(state=("ghost", "saved")), caches=BOTH)
def a_change_in_place_is_not_noticed(world: World, state: str) -> None:
    given(world, state, data={"items": [1]})
    calls(world.do("append", "a", "items", 2), of=("register",))
    looks(world, "a", state=UPTODATE, dict={"items": [1, 2]})


clause(
    "ATTR-20",
    MUST,
    "Setting an attribute through a property counts as a change, even if nothing changes.",
    "G: properties",
)


@check("ATTR-20", each=cases(state=("ghost", "saved")), caches=BOTH)
def setting_a_property_is_a_change(world: World, state: str) -> None:
    given(world, state)
    calls(world.do("set", "a", "doubled", 4), "register a", of=("register",))
    looks(world, "a", state=CHANGED, dict={"x": 1})


clause(
    "ATTR-23",
    MUST,
    "Deleting an unknown _p_ attribute neither loads the object nor marks it changed.",
    "I:IPersistent.__delattr__; D1.8",
)


@check("ATTR-23", each=crossed(ANY, UNKNOWN), caches=BOTH)
def a_delete_of_an_unknown_p_attribute_is_no_change(world: World, state: str, name: str) -> None:
    given(world, state)
    before = world.object("a")
    world.do("set", "a", name, 2)
    calls(world.do("delete", "a", name))
    looks(world, "a", before)
    seen = world.attempt("delete", "a", name)
    raises(seen, "AttributeError")
    calls(seen)
    looks(world, "a", before)


@check("ATTR-23")
def a_delete_of_a_p_slot_is_no_change(world: World) -> None:
    given(world, "ghost", sample="Slotted", data=(None, {"x": 1}))
    world.do("set", "a", "_p_slot", 2)
    calls(world.do("delete", "a", "_p_slot"))
    looks(world, "a", slots={}, state=GHOST)
