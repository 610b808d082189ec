"""HOOK - classes that override the access to attributes, and the methods that help them."""

from typing import Any, Tuple

from conformance.clauses.cases import NO_CACHE, Cases, cases, crossed, uncached
from conformance.clauses.expect import calls, equal, gives, looks, raises
from conformance.clauses.registry import BOTH, EACH, MUST, SHOULD, check, clause
from fixtures.states import CHANGED, UPTODATE, ghost_of, given
from fixtures.world import World

# The table has _p_oid, _p_unknown, __class__, __dict__, x, missing, _v_a and __len__.
SPECIAL = ("__del__", "__of__", "__setstate__")
META = ("_p_jar", "_p_changed", "_p_mtime", "_p_")
#: Names that the base class does not claim, however much they look like names that it claims.
ORDINARY = (
    "method",
    "_p",
    "_",
    "",
    "p_x",
    "__p_x",
    "__init__",
    "__dict",
    "__class",
    "__getattr__",
)
LOADED = ("unsaved", "added", "saved", "changed")


clause(
    "HOOK-01",
    MUST,
    "__getattr__ needs no special handling: the object is loaded before it is called, and it sees "
    "_p_changed False.",
    "D1.8; D2.4.1",
)


@check("HOOK-01", caches=EACH)
def a_ghost_is_loaded_before_its_getattr_is_called(world: World) -> None:
    given(world, "ghost", sample="GetAttr")
    seen = world.do("get", "a", "eggs")
    calls(seen, "setstate a", "__getattr__ a")
    gives(seen, ("EGGS", False))
    equal(seen.events[-1].state, UPTODATE, "_p_state inside __getattr__")


@check("HOOK-01", each=cases(state=("unsaved", "saved")))
def getattr_is_called_for_missing_attributes_only(world: World, state: str) -> None:
    given(world, state, sample="GetAttr")
    seen = world.do("get", "a", "eggs")
    calls(seen, "__getattr__ a")
    gives(seen, ("EGGS", False))
    seen = world.do("get", "a", "x")
    calls(seen)
    gives(seen, 1)


clause(
    "HOOK-02",
    MUST,
    "_p_getattr(name) returns True for exactly the names that the base class must handle, _p_* and "
    "the special ones, and does not load for them.",
    "I:IPersistent._p_getattr",
)


@check("HOOK-02", each=cases(name=META, state=("ghost", *LOADED)))
@check("HOOK-02", world=NO_CACHE, each=uncached(cases(name=META, state=("ghost",))))
def p_getattr_claims_the_names_of_the_base_class(world: World, name: str, state: str) -> None:
    given(world, state)
    before = world.object("a")
    seen = world.do("p_getattr", "a", name)
    gives(seen, True)
    calls(seen)
    looks(world, "a", before)


@check("HOOK-02", each=cases(name=ORDINARY, state=("ghost", *LOADED)))
def p_getattr_claims_no_other_name(world: World, name: str, state: str) -> None:
    given(world, state)
    gives(world.do("p_getattr", "a", name), False)


clause(
    "HOOK-03",
    MUST,
    "_p_getattr of any other name loads a ghost, records the access and returns False.",
    "I:IPersistent._p_getattr",
)


@check("HOOK-03", each=cases(name=ORDINARY), caches=BOTH)
def p_getattr_of_an_ordinary_name_loads(world: World, name: str) -> None:
    given(world, "ghost")
    seen = world.do("p_getattr", "a", name)
    calls(seen, "setstate a")
    gives(seen, False)
    looks(world, "a", state=UPTODATE, dict={"x": 1})


clause(
    "HOOK-04",
    MUST,
    "_p_setattr(name, value) sets a _p_ attribute and returns True; for every other name, "
    "__class__ and __dict__ included, it loads a ghost, records the access, stores nothing and "
    "returns False.",
    "I:IPersistent._p_setattr; D1.8",
)

VALUES: Cases = {
    "_p_serial": {"name": "_p_serial", "value": b"12345678"},
    "_p_estimated_size": {"name": "_p_estimated_size", "value": 64},
    "_p_": {"name": "_p_", "value": 5},
}
OTHERS = (*ORDINARY, *SPECIAL)


@check("HOOK-04", each=crossed(VALUES, cases(state=("ghost", *LOADED))), caches=BOTH)
def p_setattr_sets_a_p_attribute(world: World, name: str, value: Any, state: str) -> None:
    given(world, state)
    before = world.object("a")
    seen = world.do("p_setattr", "a", name, value)
    gives(seen, True)
    calls(seen)
    looks(world, "a", state=before.state, changed=before.changed)
    expected = 128 if name == "_p_estimated_size" else value
    equal(world.do("get", "a", name).value, expected, f"a.{name}")


@check("HOOK-04", caches=EACH)
def p_setattr_of_p_changed_is_an_assignment(world: World) -> None:
    given(world, "saved")
    seen = world.do("p_setattr", "a", "_p_changed", True)
    gives(seen, True)
    calls(seen, "register a")
    looks(world, "a", state=CHANGED)
    world.do("p_setattr", "a", "_p_changed", False)
    looks(world, "a", state=UPTODATE)
    before = world.object("a")
    gives(world.do("p_setattr", "a", "_p_changed", None), True)
    looks(world, "a", ghost_of(before))


@check("HOOK-04", each=cases(name=OTHERS), caches=BOTH)
def p_setattr_of_any_other_name_loads(world: World, name: str) -> None:
    given(world, "ghost")
    seen = world.do("p_setattr", "a", name, {"x": 3})
    calls(seen, "setstate a")
    gives(seen, False)
    looks(world, "a", state=UPTODATE, dict={"x": 1})


clause(
    "HOOK-05",
    MUST,
    "_p_delattr(name) deletes a _p_ attribute and returns True; for every other name, __class__ "
    "and __dict__ included, it loads a ghost, records the access, deletes nothing and returns "
    "False.",
    "I:IPersistent._p_delattr; D1.8",
)


@check("HOOK-05", each=cases(name=("_p_unknown", "_p_"), state=("ghost", *LOADED)))
def p_delattr_deletes_a_p_attribute(world: World, name: str, state: str) -> None:
    given(world, state)
    before = world.object("a")
    world.do("set", "a", name, 2)
    seen = world.do("p_delattr", "a", name)
    gives(seen, True)
    calls(seen)
    looks(world, "a", before)


@check("HOOK-05", each=cases(name=OTHERS), caches=BOTH)
def p_delattr_of_any_other_name_loads(world: World, name: str) -> None:
    given(world, "ghost")
    seen = world.do("p_delattr", "a", name)
    calls(seen, "setstate a")
    gives(seen, False)
    looks(world, "a", state=UPTODATE, dict={"x": 1})


clause(
    "HOOK-06",
    MUST,
    "_p_setattr and _p_delattr of an ordinary name do not mark the object changed: the subclass "
    "has to set _p_changed.",
    "D2.4.2",
)


clause(
    "HOOK-08",
    SHOULD,
    "Creating an object with __new__ does not call the __setattr__ of its class.",
    "CH 4.0.8 (PR #8)",
)


@check("HOOK-08", each=cases(sample=("SetAttr", "Private")))
def a_new_object_does_not_call_its_setattr(world: World, sample: str) -> None:
    calls(world.do("create", "a", sample))
    looks(world, "a", state=UPTODATE)


clause(
    "HOOK-09",
    SHOULD,
    "A class may combine Persistent with other bases whose __getattribute__ cooperates, such as "
    "those of Acquisition: ghosts are loaded.",
    "persistent PR #20 (comment)",
)

ORDERS: Cases = {
    "before Persistent": {"sample": "CooperativeFirst", "hook": ("__getattribute__ a",)},
    "after Persistent": {"sample": "CooperativeLast", "hook": ()},
}


@check("HOOK-09", each=ORDERS, caches=BOTH)
def an_object_with_another_base_goes_through_its_life(
    world: World, sample: str, hook: Tuple[str, ...]
) -> None:
    given(world, "ghost", sample=sample)
    seen = world.do("get", "a", "x")
    calls(seen, *hook, "setstate a")
    gives(seen, 1)
    calls(world.do("set", "a", "x", 2), "register a")
    gives(world.do("get", "a", "x"), 2)
    before = world.object("a")
    world.do("invalidate", "a")
    looks(world, "a", ghost_of(before))
    seen = world.attempt("get", "a", "missing")
    raises(seen, "AttributeError")
    calls(seen, *hook, "setstate a")
    looks(world, "a", state=UPTODATE)
