"""HOOK - classes that override all access or the deletion of attributes, through their life."""

from typing import Any, Dict

from conformance.clauses.cases import Cases, cases, crossed
from conformance.clauses.expect import cache_looks, calls, equal, gives, looks, raises
from conformance.clauses.registry import BOTH, EACH, MUST, check, clause
from fixtures.operations.table import step
from fixtures.states import CHANGED, GHOST, UPTODATE, ghost_of, given
from fixtures.world import World

STORED = {"secret": {"x": 1, "tmp_z": 3}}

clause(
    "HOOK-07",
    MUST,
    "A class that overrides all access to attributes can be made a ghost and loaded again, by "
    "missing names, too.",
    "D2.4.2",
)

USES: Cases = {
    "read": {
        "made": step("get", "a", "x"),
        "expected": ["setstate a", "__getattribute__ a"],
        "error": None,
        "secret": {"x": 1, "tmp_z": 3},
        "state": UPTODATE,
    },
    "read a missing attribute": {
        "made": step("get", "a", "y"),
        "expected": ["setstate a", "__getattribute__ a"],
        "error": "AttributeError",
        "secret": {"x": 1, "tmp_z": 3},
        "state": UPTODATE,
    },
    "write": {
        "made": step("set", "a", "y", 2),
        "expected": ["setstate a", "__setattr__ a", "register a"],
        "error": None,
        "secret": {"x": 1, "y": 2, "tmp_z": 3},
        "state": CHANGED,
    },
    "write what it counts as volatile": {
        "made": step("set", "a", "tmp_y", 2),
        "expected": ["setstate a", "__setattr__ a"],
        "error": None,
        "secret": {"x": 1, "tmp_y": 2, "tmp_z": 3},
        "state": UPTODATE,
    },
    "delete": {
        "made": step("delete", "a", "x"),
        "expected": ["setstate a", "__delattr__ a", "register a"],
        "error": None,
        "secret": {"tmp_z": 3},
        "state": CHANGED,
    },
    "delete what it counts as volatile": {
        "made": step("delete", "a", "tmp_z"),
        "expected": ["setstate a", "__delattr__ a"],
        "error": None,
        "secret": {"x": 1},
        "state": UPTODATE,
    },
    "delete a missing attribute": {
        "made": step("delete", "a", "y"),
        "expected": ["setstate a", "__delattr__ a"],
        "error": "AttributeError",
        "secret": {"x": 1, "tmp_z": 3},
        "state": UPTODATE,
    },
}


@check("HOOK-07", each=USES, caches=BOTH)
def an_object_that_hides_its_attributes_is_loaded(
    world: World, made: Dict[str, Any], expected: Any, error: Any, secret: Any, state: int
) -> None:
    # The stored state is copied one level deep only: the hidden dict must not be shared.
    given(world, "ghost", sample="Private", data={"secret": dict(STORED["secret"])})
    seen = world.apply(made)
    equal(seen.error, error, "the error")
    calls(seen, *expected)
    looks(world, "a", dict={"secret": secret}, state=state)


@check("HOOK-07", caches=EACH)
def an_object_that_hides_its_attributes_becomes_a_ghost(world: World) -> None:
    given(world, "saved", sample="Private", data={"secret": dict(STORED["secret"])})
    before = world.object("a")
    calls(world.do("deactivate", "a"))
    looks(world, "a", ghost_of(before))
    gives(world.do("get", "a", "x"), 1)
    world.do("set", "a", "_p_changed", True)
    before = world.object("a")
    calls(world.do("delete", "a", "_p_changed"))
    looks(world, "a", ghost_of(before))


@check("HOOK-07")
def an_unsaved_object_that_hides_its_attributes_behaves_as_any_other(world: World) -> None:
    given(world, "unsaved", sample="Private", data={"secret": dict(STORED["secret"])})
    raises(world.attempt("get", "a", "y"), "AttributeError")
    calls(world.do("set", "a", "y", 2), "__setattr__ a")
    gives(world.do("get", "a", "y"), 2)
    looks(world, "a", dict={"secret": {"x": 1, "tmp_z": 3, "y": 2}})
    calls(world.do("delete", "a", "x"), "__delattr__ a")
    raises(world.attempt("get", "a", "x"), "AttributeError")
    looks(world, "a", changed=False)


@check("HOOK-07", needs=("cache",))
def a_hidden_attribute_counts_as_use(world: World) -> None:
    for name in ("a", "b"):
        given(world, "saved", name, sample="Private", data={"secret": dict(STORED["secret"])})
        world.do("get", name, "x")
    world.attempt("get", "a", "y")
    cache_looks(world, ring=("b", "a"))


clause(
    "HOOK-10",
    MUST,
    "A class that overrides __delattr__ and calls _p_delattr first can delete _p_ attributes: "
    "_p_delattr does it and returns True, with the same refusals as del.",
    "CH 4.4.0; I:IPersistent._p_delattr; D2.4.2",
)

BY: Cases = {
    "_p_delattr": {"op": "p_delattr", "sample": "Plain"},
    "an overridden __delattr__": {"op": "delete", "sample": "DelAttr"},
    "hidden attributes": {"op": "delete", "sample": "Private"},
}
STATES: Cases = cases(state=("ghost", "saved", "changed"))
RESETTABLE: Cases = {
    "_p_serial": {"name": "_p_serial", "value": b"12345678", "default": b"\0" * 8},
    "_p_estimated_size": {"name": "_p_estimated_size", "value": 100, "default": 0},
}


@check("HOOK-10", each=crossed(BY, RESETTABLE, STATES))
def a_p_attribute_can_be_deleted(
    world: World, op: str, sample: str, name: str, value: Any, default: Any, state: str
) -> None:
    given(world, state, sample=sample)
    world.do("set", "a", name, value)
    before = world.object("a")
    seen = world.do(op, "a", name)
    gives(seen, True if op == "p_delattr" else None)
    calls(seen, of=("setstate", "register"))
    field = name[3:] if name == "_p_serial" else "size"
    looks(world, "a", before._replace(**{field: default}))


@check("HOOK-10", each=crossed(BY, STATES), caches=BOTH)
def deleting_p_changed_through_a_hook_invalidates(
    world: World, op: str, sample: str, state: str
) -> None:
    given(world, state, sample=sample)
    before = world.object("a")
    seen = world.do(op, "a", "_p_changed")
    gives(seen, True if op == "p_delattr" else None)
    calls(seen, of=("setstate", "register"))
    looks(world, "a", ghost_of(before))


REFUSED: Cases = cases(name=("_p_oid", "_p_jar"))


@check("HOOK-10", needs=("cache",), each=crossed(BY, REFUSED, STATES))
def identity_cannot_be_deleted_through_a_hook_while_cached(
    world: World, op: str, sample: str, name: str, state: str
) -> None:
    given(world, state, sample=sample)
    before, cache = world.object("a"), world.cache()
    seen = world.attempt(op, "a", name)
    raises(seen, "ValueError")
    calls(seen, of=("setstate", "register"))
    looks(world, "a", before)
    cache_looks(world, cache)


@check("HOOK-10", needs=("cache", "mapping"), each=crossed(REFUSED, STATES))
def the_identity_of_an_empty_mapping_is_refused_too(world: World, name: str, state: str) -> None:
    given(world, state, "a", "Mapping", {"data": {}})
    before = world.object("a")
    raises(world.attempt("p_delattr", "a", name), "ValueError")
    looks(world, "a", before)


@check("HOOK-10", needs=("cache",), each=crossed(BY, REFUSED))
def identity_can_be_deleted_through_a_hook_while_not_cached(
    world: World, op: str, sample: str, name: str
) -> None:
    given(world, "added", sample=sample)
    world.do(op, "a", name)
    after = world.object("a")
    equal(after.oid if name == "_p_oid" else after.jar, None, name)
    looks(world, "a", state=UPTODATE, dict={"x": 1})


@check("HOOK-10", each=BY)
def what_del_refuses_is_refused_through_a_hook(world: World, op: str, sample: str) -> None:
    given(world, "ghost", sample=sample)
    for name in ("_p_unknown", "_p_state", "_p_activate"):
        seen = world.attempt(op, "a", name)
        raises(seen, "AttributeError", "TypeError")
        calls(seen, of=("setstate", "register"))
    looks(world, "a", state=GHOST)
