"""ATTR - names that no application writes on purpose: surrogates, and what is no string."""

from typing import Any, Dict, Tuple

from conformance.clauses.cases import Cases, cases, crossed
from conformance.clauses.expect import calls, equal, gives, looks, one_of, raises
from conformance.clauses.registry import BOTH, EACH, SHOULD, check, clause
from fixtures.operations.table import step
from fixtures.states import CHANGED, GHOST, UPTODATE, given
from fixtures.values import Ref
from fixtures.values.hostile import hostile_value
from fixtures.world import World

clause(
    "ATTR-21",
    SHOULD,
    "An attribute name with a lone surrogate is either handled like any other name or refused with "
    "UnicodeEncodeError, by get, set and delete alike; no operation crashes when the instance dict "
    "or the state holds such a key.",
    "N",
)

SURROGATES: Cases = {
    "alone": {"name": "\ud800"},
    "at the end": {"name": "x\udfff"},
    "volatile": {"name": "_v_\ud800"},
    "meta": {"name": "_p_\ud800"},
}


@check("ATTR-21", each=SURROGATES, caches=BOTH)
def a_surrogate_is_handled_or_refused_throughout(world: World, name: str) -> None:
    given(world, "saved")
    written = world.attempt("set", "a", name, 2)
    one_of(written.error, (None, "UnicodeEncodeError"), "the error of a write")
    if written.error is None:
        gives(world.do("get", "a", name), 2)
        world.do("delete", "a", name)
        raises(world.attempt("get", "a", name), "AttributeError")
        raises(world.attempt("delete", "a", name), "AttributeError")
    else:
        raises(world.attempt("get", "a", name), "UnicodeEncodeError")
        raises(world.attempt("delete", "a", name), "UnicodeEncodeError")
        looks(world, "a", dict={"x": 1}, state=UPTODATE)


@check("ATTR-21", each=SURROGATES)
def a_hook_handles_or_refuses_a_surrogate_like_an_attribute(world: World, name: str) -> None:
    given(world, "saved")
    expected = world.attempt("set", "a", name, 2).error
    for made in (
        step("p_getattr", "a", name),
        step("p_setattr", "a", name, 2),
        step("p_delattr", "a", name),
    ):
        equal(world.apply(made).error, expected, f"the error of {made['op']}")


@check("ATTR-21", each=SURROGATES)
def a_refused_surrogate_does_not_load_a_ghost(world: World, name: str) -> None:
    given(world, "ghost")
    seen = world.attempt("set", "a", name, 2)
    one_of(seen.error, (None, "UnicodeEncodeError"), "the error of a write")
    loaded = seen.error is None and not name.startswith("_p_")
    calls(seen, *(["setstate a"] if loaded else []), of=("setstate",))
    if not loaded:
        looks(world, "a", state=GHOST)


@check("ATTR-21", caches=EACH)
def a_state_with_a_surrogate_is_loaded_and_dropped(world: World) -> None:
    given(world, "saved", data={"x": 1, "\ud800": 2})
    looks(world, "a", dict={"x": 1, "\ud800": 2})
    gives(world.do("get", "a", "x"), 1)
    world.do("deactivate", "a")
    looks(world, "a", state=GHOST, dict={})


@check("ATTR-21")
def a_dict_with_a_surrogate_can_be_committed(world: World) -> None:
    given(world, "saved")
    world.do("put", "a", "\ud800", 2)
    world.do("set", "a", "x", 3)
    looks(world, "a", state=CHANGED)
    world.do("commit")
    world.do("deactivate", "a")
    gives(world.do("get", "a", "x"), 3)
    looks(world, "a", dict={"x": 3, "\ud800": 2})


clause(
    "ATTR-22",
    SHOULD,
    "An attribute name that is no string is refused with TypeError before anything is loaded, "
    "marked or registered.",
    "N; cPersistence.c convert_name",
)

ODD: Cases = {
    "bytes": {"name": b"x"},
    "bytes that start with _p_": {"name": b"_p_x"},
    "an integer": {"name": 1},
    "None": {"name": None},
}
HOOKS: Cases = {
    "__getattribute__": {"op": "getattribute", "arguments": ()},
    "__setattr__": {"op": "setattribute", "arguments": (2,)},
    "__delattr__": {"op": "delattribute", "arguments": ()},
    "_p_getattr": {"op": "p_getattr", "arguments": ()},
    "_p_setattr": {"op": "p_setattr", "arguments": (2,)},
    "_p_delattr": {"op": "p_delattr", "arguments": ()},
}
STATES: Cases = cases(state=("ghost", "saved"))


@check("ATTR-22", each=crossed(HOOKS, ODD, STATES))
def a_name_that_is_no_string_is_refused(
    world: World, op: str, arguments: Any, name: Any, state: str
) -> None:
    given(world, state)
    before = world.object("a")
    seen = world.attempt(op, "a", name, *arguments)
    raises(seen, "TypeError")
    calls(seen)
    looks(world, "a", before)


clause(
    "ATTR-26",
    SHOULD,
    "What a name is, is told by its characters: of a subclass of str no code is run to tell a name "
    "of the protocol, a volatile one or a special one from the others, and it is no other name "
    "for what it overrides.",
    "N (ATTR-02, ATTR-09, ATTR-14); the data model of Python",
)

_ASKED: Cases = crossed(
    cases(op=("get", "set", "delete", "p_getattr", "p_setattr", "p_delattr")),
    cases(base=("str", "protocol", "volatile")),
    cases(does=("lies", "tells")),
)
#: What is done with each name, behind it.
_VALUES: Dict[str, Tuple[Any, ...]] = {"set": (True,), "p_setattr": (True,)}


@check("ATTR-26", each=_ASKED)
def a_name_is_not_asked_what_it_begins_with(world: World, op: str, base: str, does: str) -> None:
    hostile = f"{base} startswith {does}"
    name = str(hostile_value(hostile, world))
    given(world, "saved", "a", data={"x": 1, "_v_a": 2})
    given(world, "saved", "b", data={"x": 1, "_v_a": 2})
    expected = world.attempt(op, "a", name, *_VALUES.get(op, ()))
    seen = world.attempt(op, "b", Ref("hostile", hostile), *_VALUES.get(op, ()))
    equal((seen.error, seen.value), (expected.error, expected.value), "the outcome")
    equal(seen.calls(), [call.replace(" a", " b") for call in expected.calls()], "the calls")
    looks(world, "b", world.object("a"), oid=world.oid("b"), serial=world.object("b").serial)
