"""GHOST - ghosts made from scratch by new_ghost."""

from typing import Any

from conformance.clauses.cases import cases
from conformance.clauses.expect import (
    cache_looks,
    calls,
    equal,
    gives,
    in_ring,
    in_states,
    looks,
    raises,
)
from conformance.clauses.registry import MUST, SHOULD, check, clause
from fixtures.states import GHOST, UPTODATE, given, given_each
from fixtures.values import Ref, ref
from fixtures.world import World

clause(
    "GHOST-01",
    MUST,
    "new_ghost(oid, obj) adds the object to the cache, sets its _p_jar and _p_oid and makes it a "
    "ghost; ring and count stay as they are, the object's dict and slots too, and the jar is "
    "not asked for anything.",
    "I:IPickleCache.new_ghost; D2.6; CH 4.2.3",
)


@check(
    "GHOST-01",
    each={
        "empty dict": {"sample": "Plain", "data": None},
        "filled dict": {"sample": "Plain", "data": {"x": 1, "y": 2}},
        "empty slots": {"sample": "Slotted", "data": None},
        "filled slots": {"sample": "Slotted", "data": (None, {"x": 1})},
        "slots that __new__ fills": {"sample": "NewSlotted", "data": None},
        "nothing": {"sample": "Bare", "data": None},
    },
)
def a_new_object_becomes_a_ghost_of_the_jar(world: World, sample: str, data: Any) -> None:
    world.do("create", "a", sample, data)
    before = world.object("a")
    calls(world.do("new_ghost", "a"))
    looks(
        world,
        "a",
        state=GHOST,
        changed=None,
        jar=Ref("jar", "jar"),
        oid=world.oid("a"),
        dict=before.dict,
        slots=before.slots,
        serial=before.serial,
        size=before.size,
    )
    cache_looks(world, length=1)
    gives(world.do("cache_item", ref("a")), ref("a"))
    in_ring(world, "")


@check("GHOST-01")
def the_objects_in_the_cache_stay_as_they_are(world: World) -> None:
    given_each(world, a="saved", b="ghost", c="changed")
    before = world.object("a"), world.object("b"), world.object("c")
    world.do("create", "d")
    world.do("new_ghost", "d")
    after = world.object("a"), world.object("b"), world.object("c")
    equal(after, before, "the other objects")
    cache_looks(world, length=4)
    in_ring(world, "ac")


@check("GHOST-01")
def a_new_ghost_is_loaded_on_access(world: World) -> None:
    world.do("store", "a", {"x": 1})
    world.do("create", "a")
    world.do("new_ghost", "a")
    calls(world.do("get", "a", "x"), "setstate a")
    in_states(world, a=UPTODATE)
    in_ring(world, "a")


@check("GHOST-01", world={"jars": 2})
def a_new_ghost_belongs_to_the_cache_that_made_it(world: World) -> None:
    world.do("create", "a")
    world.do("new_ghost", "a", jar="other")
    looks(world, "a", jar=Ref("jar", "other"))
    cache_looks(world, jar="other", length=1)
    cache_looks(world, jar="jar", length=0)


@check(
    "GHOST-01",
    each={
        "one byte": {"oid": b"1"},
        "nul": {"oid": b"\0" * 8},
        "long": {"oid": b"x" * 20},
    },
)
def any_bytes_are_an_oid(world: World, oid: bytes) -> None:
    world.do("create", "a")
    world.do("new_ghost", "a", oid)
    looks(world, "a", oid=oid, state=GHOST)
    gives(world.do("cache_get", oid), ref("a"))


clause(
    "GHOST-02",
    MUST,
    "new_ghost raises if the object does not have _p_oid and _p_jar; the cache stays as it is.",
    "I:IPickleCache.new_ghost",
)


@check(
    "GHOST-02",
    each={
        "neither": {"attributes": {}},
        "no _p_jar": {"attributes": {"_p_oid": None}},
        "no _p_oid": {"attributes": {"_p_jar": None}},
    },
)
def an_object_without_oid_and_jar_attributes_is_refused(world: World, attributes: Any) -> None:
    given(world, "saved", "b")
    world.do("create_stranger", "a", attributes)
    before = world.cache()
    raises(world.attempt("new_ghost", "a"), "Exception")
    cache_looks(world, before)
    gives(world.do("cache_get", ref("a")), None)


@check(
    "GHOST-02",
    each={
        "no _p_jar": {"attributes": {"_p_oid": None}},
        "no _p_oid": {"attributes": {"_p_jar": None}},
    },
)
def a_class_without_oid_or_jar_attribute_is_refused(world: World, attributes: Any) -> None:
    world.do("create_class", "k", attributes)
    before = world.cache()
    raises(world.attempt("new_ghost", "k"), "Exception")
    cache_looks(world, before)


clause(
    "GHOST-03",
    MUST,
    "new_ghost raises if the object already has an oid or a jar; the cache stays as it is.",
    "I:IPickleCache.new_ghost",
)


@check(
    "GHOST-03",
    each={
        "oid": {"has": ("_p_oid",)},
        "jar": {"has": ("_p_jar",)},
        "both": {"has": ("_p_oid", "_p_jar")},
    },
)
def an_object_with_an_oid_or_a_jar_is_refused(world: World, has: Any) -> None:
    given(world, "saved", "b")
    given(world, "unsaved", "a")
    for name in has:
        value = world.oid("a") if name == "_p_oid" else Ref("jar", "jar")
        world.do("set", "a", name, value)
    before = world.object("a"), world.cache()
    raises(world.attempt("new_ghost", "a"), "Exception")
    equal((world.object("a"), world.cache()), before, "the object and the cache")
    gives(world.do("cache_get", ref("a")), None)


@check("GHOST-03")
def an_object_with_an_empty_oid_is_refused(world: World) -> None:
    given(world, "unsaved", "a")
    world.do("set", "a", "_p_oid", b"")
    before = world.cache()
    raises(world.attempt("new_ghost", "a"), "Exception")
    cache_looks(world, before)


@check("GHOST-03", each=cases(state=("ghost", "saved")))
def an_object_that_is_cached_takes_no_second_oid(world: World, state: str) -> None:
    given(world, state, "a")
    before = world.object("a"), world.cache()
    raises(world.attempt("new_ghost", "a", ref("z")), "Exception")
    equal((world.object("a"), world.cache()), before, "the object and the cache")


@check("GHOST-03", each={"oid": {"name": "_p_oid"}, "jar": {"name": "_p_jar"}})
def a_class_with_an_oid_or_a_jar_is_refused(world: World, name: str) -> None:
    world.do("create_class", "k")
    world.do("set", "k", name, world.oid("k") if name == "_p_oid" else Ref("jar", "jar"))
    before = world.cache()
    raises(world.attempt("new_ghost", "k"), "Exception")
    cache_looks(world, before)


clause(
    "GHOST-04",
    MUST,
    "new_ghost raises if oid is in the cache already.",
    "I:IPickleCache.new_ghost",
)


@check("GHOST-04", each=cases(state=("saved", "changed", "ghost")))
def a_used_oid_is_refused(world: World, state: str) -> None:
    given(world, state, "a")
    # Many references, for an implementation that gives one back by mistake (GHOST-05).
    given(world, "unsaved", "c")
    world.do("set", "c", "x", [ref("a")] * 10)
    world.do("create", "b")
    raises(world.attempt("new_ghost", "b", ref("a")), "Exception")


@check("GHOST-04")
def the_oid_of_a_class_is_refused(world: World) -> None:
    world.do("create_class", "a")
    world.do("new_ghost", "a")
    world.do("create", "b")
    raises(world.attempt("new_ghost", "b", ref("a")), "Exception")


@check("GHOST-04")
def a_class_does_not_get_a_used_oid(world: World) -> None:
    given(world, "saved", "a")
    world.do("create_class", "k")
    raises(world.attempt("new_ghost", "k", ref("a")), "Exception")


clause(
    "GHOST-05",
    SHOULD,
    "A new_ghost that fails leaves the cache, the object that it was given and the object that "
    "has the oid already intact, however often it fails.",
    "N",
)


@check("GHOST-05", each=cases(state=("saved", "changed", "ghost")))
def a_refused_oid_hurts_neither_object(world: World, state: str) -> None:
    given(world, state, "a")
    given(world, "unsaved", "b")
    before = world.object("a"), world.object("b"), world.cache()
    for _ in range(20):
        raises(world.attempt("new_ghost", "b", ref("a")), "Exception")
    equal((world.object("a"), world.object("b"), world.cache()), before, "objects and cache")
    gives(world.do("cache_get", ref("a")), ref("a"))


@check("GHOST-05")
def the_object_that_has_the_oid_lives_on(world: World) -> None:
    given(world, "saved", "a")
    world.do("create", "b")
    for _ in range(20):
        raises(world.attempt("new_ghost", "b", ref("a")), "Exception")
    world.do("drop", "b")
    world.do("drop", "a")
    world.do("collect")
    in_ring(world, "a")
    gives(world.do("fetch", "a"), True)
    world.do("minimize")
    calls(world.do("get", "a", "x"), "setstate a")
    looks(world, "a", dict={"x": 1})
    world.do("cache_invalidate", ref("a"))
    world.do("drop", "a")
    world.do("collect")
    cache_looks(world, length=0)


@check("GHOST-05")
def a_refused_object_can_have_another_oid(world: World) -> None:
    given(world, "saved", "a")
    world.do("create", "b")
    raises(world.attempt("new_ghost", "b", ref("a")), "Exception")
    world.do("new_ghost", "b")
    in_states(world, a=UPTODATE, b=GHOST)
    cache_looks(world, length=2)


@check("GHOST-05", each={"str": {"oid": "a"}, "int": {"oid": 1}, "None": {"oid": None}})
def a_refused_kind_of_oid_hurts_nothing(world: World, oid: Any) -> None:
    given(world, "unsaved", "a")
    given(world, "saved", "b")
    before = world.object("a"), world.cache()
    seen = world.attempt("new_ghost_as", "a", oid)
    if seen.error is not None:
        equal((world.object("a"), world.cache()), before, "the object and the cache")


clause(
    "GHOST-06",
    SHOULD,
    "new_ghost does not call an overridden _p_deactivate or _p_invalidate.",
    "D2.6",
)


@check(
    "GHOST-06",
    each={
        "_p_deactivate": {"sample": "Deactivate", "hook": "_p_deactivate"},
        "_p_invalidate": {"sample": "Invalidate", "hook": "_p_invalidate"},
    },
)
def a_hook_that_raises_is_not_called(world: World, sample: str, hook: str) -> None:
    world.do("create", "a", sample, {"x": 1})
    world.do("plan", hook, "a", (), "ValueError")
    calls(world.do("new_ghost", "a"))
    in_states(world, a=GHOST)


@check("GHOST-06", each=cases(sample=("Refusing", "Living")))
def a_class_that_refuses_deactivation_has_ghosts(world: World, sample: str) -> None:
    world.do("create", "a", sample, {"x": 1})
    calls(world.do("new_ghost", "a"))
    in_states(world, a=GHOST)
    in_ring(world, "")


clause(
    "GHOST-07",
    SHOULD,
    "new_ghost refuses an oid that is not bytes.",
    "D1.4; I:OID_TYPE",
)


@check(
    "GHOST-07",
    each={
        "str": {"oid": "a"},
        "int": {"oid": 1},
        "None": {"oid": None},
        "bytearray": {"oid": bytearray(b"a")},
    },
)
def an_oid_that_is_not_bytes_is_refused(world: World, oid: Any) -> None:
    given(world, "unsaved", "a")
    raises(world.attempt("new_ghost_as", "a", oid), "TypeError", "ValueError")
    cache_looks(world, length=0)


@check("GHOST-07")
def the_oid_of_a_class_has_to_be_bytes(world: World) -> None:
    world.do("create_class", "k")
    raises(world.attempt("new_ghost_as", "k", "k"), "TypeError", "ValueError")
    cache_looks(world, length=0, class_count=0)
