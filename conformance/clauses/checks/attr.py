"""ATTR - reading attributes: what loads a ghost, what does not, and what the cache learns."""

from typing import Any, Dict

from conformance.clauses.cases import NO_CACHE, Cases, cases, uncached
from conformance.clauses.expect import (
    cache_looks,
    calls,
    equal,
    gives,
    looks,
    raises,
    true,
)
from conformance.clauses.registry import BOTH, CONTESTED, MUST, check, clause
from fixtures.operations.table import step
from fixtures.states import GHOST, UPTODATE, given
from fixtures.values import Ref
from fixtures.world import World

#: Names that are ordinary, however much they look like special ones.
ORDINARY = (
    "x",
    "missing",
    "method",
    "_v_a",
    "_",
    "__",
    "_p",
    "_x_",
    "p_",
    "_v_",
    "__p_x",
    "_P_x",
    "__dict",
    "__class",
    "__setstate",
    "__init__",
    "__len__",
    "__doc__",
    "__module__",
    "__getstate__",
)
SPECIAL = ("__class__", "__dict__", "__del__", "__of__", "__setstate__")


clause(
    "ATTR-02",
    MUST,
    "Reading a missing attribute, a method or a _v_ attribute of a ghost loads it too.",
    "I:IPersistent.__getattribute__; D2.4.1",
)


@check("ATTR-02", each=cases(name=ORDINARY), caches=BOTH)
def every_ordinary_name_loads_a_ghost(world: World, name: str) -> None:
    given(world, "ghost")
    seen = world.attempt("get", "a", name)
    calls(seen, "setstate a")
    looks(world, "a", state=UPTODATE, dict={"x": 1})
    true(seen.error in (None, "AttributeError"), "whether only a missing attribute is an error")


@check("ATTR-02", each=cases(name=("missing", "_v_a", "_p")))
def a_missing_attribute_is_missing_after_the_load(world: World, name: str) -> None:
    given(world, "ghost")
    raises(world.attempt("get", "a", name), "AttributeError")
    looks(world, "a", state=UPTODATE)


clause(
    "ATTR-03",
    MUST,
    "Reading a _p_ attribute never loads a ghost, _p_mtime excepted.",
    "I:IPersistent.__getattribute__",
)


@check("ATTR-03", each=cases(name=("_p_sticky", "_p_status")))
def reading_what_is_for_debugging_does_not_load(world: World, name: str) -> None:
    given(world, "ghost")
    before = world.object("a")
    calls(world.attempt("get", "a", name))
    looks(world, "a", before)


clause(
    "ATTR-04",
    MUST,
    "Reading a special name does not load a ghost: __class__, __dict__, __del__, __of__, "
    "__setstate__.",
    "D1.8; I:IPersistent.__getattribute__; persistence.py SPECIAL_NAMES",
)


@check("ATTR-04", each=cases(name=SPECIAL), caches=BOTH)
def reading_a_special_name_does_not_load(world: World, name: str) -> None:
    given(world, "ghost")
    before = world.object("a")
    seen = world.attempt("get", "a", name)
    calls(seen)
    missing = name in ("__del__", "__of__")
    equal(seen.error, "AttributeError" if missing else None, "the error")
    equal(world.object("a")._replace(dict=before.dict), before, "everything visible but the dict")


@check("ATTR-04", each=cases(name=SPECIAL))
def reading_a_special_name_of_an_object_with_slots_does_not_load(world: World, name: str) -> None:
    given(world, "ghost", sample="Slotted", data=(None, {"x": 1}))
    before = world.object("a")
    seen = world.attempt("get", "a", name)
    calls(seen)
    missing = name in ("__del__", "__of__", "__dict__")
    equal(seen.error, "AttributeError" if missing else None, "the error")
    looks(world, "a", before)


@check("ATTR-04")
def the_class_of_a_ghost_is_its_class(world: World) -> None:
    given(world, "ghost")
    gives(world.do("get", "a", "__class__"), Ref("class", "Plain"))


clause(
    "ATTR-05",
    CONTESTED,
    "__dict__ of a ghost may read as None rather than as a dict.",
    "G: special attributes",
    decision="The reference answers an empty dict, and so do both shipped implementations.",
)


@check("ATTR-05", each={"new ghost": {"state": "ghost"}, "deactivated": {"state": "saved"}})
@check("ATTR-05", world=NO_CACHE, each=uncached({"deactivated": {"state": "saved"}}))
def the_dict_of_a_ghost_is_empty(world: World, state: str) -> None:
    given(world, state)
    world.do("deactivate", "a")
    gives(world.do("get", "a", "__dict__"), {})
    looks(world, "a", state=GHOST)


clause(
    "ATTR-06",
    MUST,
    "isinstance(), type(), the default repr, and the identity hash and equality of a ghost do not "
    "load it.",
    "CH 4.4.0; N",
)

QUESTIONS: Cases = {
    "isinstance": {"made": step("isinstance", "a"), "answer": True},
    "isinstance of another class": {"made": step("isinstance", "a", "Refusing"), "answer": False},
    "type": {"made": step("type", "a"), "answer": Ref("class", "Plain")},
    "hash": {"made": step("hash", "a"), "answer": True},
    "equal to itself": {"made": step("equal", "a", "a"), "answer": True},
    "equal to another": {"made": step("equal", "a", "b"), "answer": False},
}


@check("ATTR-06", each=QUESTIONS, caches=BOTH)
def a_question_about_identity_does_not_load(
    world: World, made: Dict[str, Any], answer: Any
) -> None:
    given(world, "ghost")
    given(world, "ghost", "b")
    before = world.object("a"), world.object("b")
    seen = world.apply(made)
    gives(seen, answer)
    calls(seen)
    equal((world.object("a"), world.object("b")), before, "everything visible of a and b")


clause(
    "ATTR-07",
    MUST,
    "Reading an attribute of a cached object that is no ghost makes it the most recently used one.",
    "D1.2; K; I:IPersistent._p_getattr",
)

READS: Cases = {
    **cases(name=("x", "method", "_v_a", "missing", "doubled", "_p", "__doc__", "__len__")),
}


@check("ATTR-07", needs=("cache",), each=READS)
def a_read_makes_the_object_most_recently_used(world: World, name: str) -> None:
    for other in ("a", "b", "c"):
        given(world, "saved", other)
        world.do("get", other, "x")
    before = world.cache()
    cache_looks(world, ring=("a", "b", "c"))
    world.attempt("get", "a", name)
    cache_looks(world, ring=("b", "c", "a"))
    world.attempt("get", "c", name)
    cache_looks(world, ring=("b", "a", "c"))
    world.attempt("get", "c", name)
    cache_looks(world, before._replace(ring=("b", "a", "c")))


@check("ATTR-07", needs=("cache",))
def a_write_and_a_delete_count_as_use(world: World) -> None:
    for other in ("a", "b"):
        given(world, "saved", other)
        world.do("get", other, "x")
    world.do("set", "a", "x", 2)
    cache_looks(world, ring=("b", "a"))
    world.do("delete", "b", "x")
    cache_looks(world, ring=("a", "b"))
    world.do("set", "a", "x", 3)
    cache_looks(world, ring=("b", "a"))


clause(
    "ATTR-08",
    MUST,
    "Reading a _p_ attribute (_p_mtime excepted) or a special name does not touch the ring.",
    "K; N",
)


clause(
    "ATTR-24",
    MUST,
    "Reading and writing an object that has a jar and an oid but is not in the jar's cache raises "
    "nothing and does not put it there.",
    "CH 4.0.7 (PR #6)",
)


clause(
    "ATTR-25",
    CONTESTED,
    "object.__setattr__ writes an attribute past what persistent objects do then: nothing is "
    "loaded or registered.",
    "the data model of Python (object.__setattr__)",
    decision="Python refuses it for a class whose base in C has a __setattr__ of its own, so that "
    "the C implementation raises TypeError. Written in Python, nothing refuses it; the reference "
    "lets it pass.",
)


@check("ATTR-25", each=cases(state=("saved", "sticky", "changed")))
def object_setattr_writes_past_everything(world: World, state: str) -> None:
    given(world, state, "a")
    before = world.object("a").state
    calls(world.do("set_behind", "a", "y", 7))
    looks(world, "a", state=before)
    equal(world.object("a").dict["y"], 7, "what was written")
