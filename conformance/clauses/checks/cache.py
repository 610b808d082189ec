"""CACHE - the cache as a mapping from oids to objects."""

from typing import Any, Dict

from conformance.clauses.cases import cases
from conformance.clauses.expect import cache_looks, calls, equal, gives, in_ring, looks, raises
from conformance.clauses.registry import CONTESTED, MUST, SHOULD, check, clause
from fixtures.operations.table import operation_named
from fixtures.states import UPTODATE, given, given_each
from fixtures.values import Ref, ref
from fixtures.world import World

_STATES = cases(state=("ghost", "saved", "changed", "sticky"))
_OTHERS: Dict[str, Dict[str, Any]] = {
    "empty": {"others": {}},
    "filled": {"others": {"a": "saved", "b": "ghost"}},
}
_NOT_BYTES: Dict[str, Dict[str, Any]] = {
    "str": {"key": "\0\0\0\0\0\0\0a"},
    "int": {"key": 97},
    "bytearray": {"key": bytearray(b"\0\0\0\0\0\0\0a")},
    "tuple": {"key": (b"\0\0\0\0\0\0\0a",)},
}

clause(
    "CACHE-01",
    MUST,
    "cache[oid] returns the object, or raises KeyError if there is none; get(oid) returns None "
    "and get(oid, default) the default then. None of them loads the object or counts as its use.",
    "I:IPickleCache.__getitem__, get; K",
)


@check("CACHE-01", each=_STATES)
def a_cached_object_is_found_by_its_oid(world: World, state: str) -> None:
    given(world, state, "a")
    given_each(world, b="saved", c="ghost")
    before = world.object("a"), world.cache()
    for found in (
        world.do("cache_item", ref("a")),
        world.do("cache_get", ref("a")),
        world.do("cache_get", ref("a"), "default"),
    ):
        equal(found.value, ref("a"), "what is found")
        calls(found)
    equal((world.object("a"), world.cache()), before, "the object and its cache")


@check("CACHE-01")
def a_cached_class_is_found_by_its_oid(world: World) -> None:
    world.do("create_class", "k")
    world.do("new_ghost", "k")
    gives(world.do("cache_item", ref("k")), ref("k"))
    gives(world.do("cache_get", ref("k")), ref("k"))


@check("CACHE-01", each=_OTHERS)
def an_unknown_oid_is_a_key_error_or_the_default(world: World, others: Any) -> None:
    given_each(world, **others)
    before = world.cache()
    raises(world.attempt("cache_item", ref("z")), "KeyError")
    gives(world.do("cache_get", ref("z")), None)
    gives(world.do("cache_get", ref("z"), "default"), "default")
    cache_looks(world, before)


clause(
    "CACHE-37",
    MUST,
    "A cache runs no code of the objects that it holds but what the protocol says: it asks none "
    "for its class, its hash, its truth, its length, or whether it equals another.",
    "I:IPickleCache; K",
)


@check("CACHE-37", each=cases(hook=("__class__", "__hash__", "__eq__", "__bool__", "__len__")))
def a_cache_asks_its_objects_for_nothing_of_their_own(world: World, hook: str) -> None:
    given(world, "ghost", "a", f"Tells{hook}")
    given(world, "saved", "b", f"Tells{hook}")
    for name in "ab":
        for op in ("cache_item", "cache_get", "mru", "cache_invalidate"):
            if world.implementation.lacks(operation_named(op).needs) is None:
                calls(world.do(op, ref(name)))
        calls(world.do("cache_set", name))
    for op in ("cache_items", "lru_items", "klass_items", "cache_data", "incrgc", "minimize"):
        calls(world.do(op))
    calls(world.do("cache_del", ref("a")))


clause(
    "CACHE-36",
    CONTESTED,
    "A cache can be neither copied nor pickled: that raises TypeError.",
    "K: a property of the C implementation",
    decision="No document says so; the C implementation raises TypeError, copies of the "
    "pure-Python one share what they hold. The reference refuses: an object is in one cache at "
    "most.",
)


@check("CACHE-36", each=cases(how=("copy", "deepcopy", "pickle_0", "pickle_2", "pickle_4")))
def a_cache_cannot_be_copied(world: World, how: str) -> None:
    given(world, "saved", "a")
    before = world.object("a"), world.cache()
    raises(world.attempt("copy_cache", how), "TypeError")
    equal((world.object("a"), world.cache()), before, "the object and its cache")


_NO_OIDS: Dict[str, Dict[str, Any]] = {
    "list": {"key": []},
    "dict": {"key": {}},
    "str": {"key": "a"},
    "a thing that cannot be hashed": {"key": Ref("hostile", "object hash raises")},
    "a thing that equals all": {"key": Ref("hostile", "object eq lies")},
}

clause(
    "CACHE-35",
    CONTESTED,
    "What is not bytes is the oid of nothing: get(it) returns the default, cache[it] raises "
    "KeyError, invalidating it changes nothing. It is neither hashed nor compared.",
    "I:IPickleCache.__getitem__, get; K",
    decision="No document says what becomes of it. The C implementation looks it up and passes "
    "over the error if that cannot be done; the pure-Python one raises TypeError for what "
    "cannot be hashed. The reference looks nothing up that cannot be there.",
)


@check("CACHE-35", each=_NO_OIDS)
def what_is_not_bytes_is_the_oid_of_nothing(world: World, key: Any) -> None:
    given(world, "saved", "a")
    before = world.object("a"), world.cache()
    gives(world.attempt("cache_get", key), None)
    gives(world.attempt("cache_get", key, "default"), "default")
    raises(world.attempt("cache_item", key), "KeyError")
    gives(world.attempt("cache_invalidate", [key]), None)
    equal((world.object("a"), world.cache()), before, "the object and its cache")


clause(
    "CACHE-02",
    CONTESTED,
    "cache[oid] = obj requires a bytes oid, else ValueError.",
    "I:IPickleCache.__setitem__",
    decision="The interface says ValueError, the shipped code raises TypeError. The reference "
    "raises TypeError.",
)


@check("CACHE-02", each=_NOT_BYTES)
def a_key_that_is_not_bytes_is_refused_when_set(world: World, key: Any) -> None:
    given(world, "added")
    before = world.object("a"), world.cache()
    raises(world.attempt("cache_set", "a", key), "TypeError")
    equal((world.object("a"), world.cache()), before, "the object and the cache")


clause(
    "CACHE-03",
    CONTESTED,
    "Storing a different object under a used oid raises KeyError.",
    "I:IPickleCache.__setitem__",
    decision="The interface says KeyError, the shipped code raises ValueError. The reference "
    "raises ValueError.",
)


@check("CACHE-03", each=_STATES)
def a_used_oid_takes_no_other_object(world: World, state: str) -> None:
    given(world, state, "a")
    _added_as_a(world)
    before = world.object("a"), world.object("b"), world.cache()
    raises(world.attempt("cache_set", "b"), "ValueError")
    equal((world.object("a"), world.object("b"), world.cache()), before, "objects and cache")
    gives(world.do("cache_get", ref("a")), ref("a"))


@check("CACHE-03")
def the_oid_of_a_class_takes_no_other_object(world: World) -> None:
    world.do("create_class", "a")
    world.do("new_ghost", "a")
    _added_as_a(world)
    raises(world.attempt("cache_set", "b"), "ValueError")
    gives(world.do("cache_get", ref("a")), ref("a"))


def _added_as_a(world: World) -> None:
    world.do("create", "b", "Plain", {"x": 2})
    world.do("set", "b", "_p_oid", world.oid("a"))
    world.do("set", "b", "_p_jar", Ref("jar", "jar"))


clause(
    "CACHE-04",
    SHOULD,
    "Storing the same object again is a no-op: ring and counts stay as they are.",
    "cPickleCache.c",
)


@check("CACHE-04", each=_STATES)
def storing_the_same_object_again_changes_nothing(world: World, state: str) -> None:
    given(world, state, "a")
    given_each(world, b="saved", c="saved")
    before = world.object("a"), world.cache()
    calls(world.do("cache_set", "a"))
    equal((world.object("a"), world.cache()), before, "the object and the cache")


@check("CACHE-04")
def storing_the_same_class_again_changes_nothing(world: World) -> None:
    world.do("create_class", "k")
    world.do("new_ghost", "k")
    before = world.cache()
    world.do("cache_set", "k")
    cache_looks(world, before)


clause(
    "CACHE-05",
    MUST,
    "cache[oid] = obj: the key has to equal obj._p_oid (else ValueError), the object has to have "
    "a jar (ValueError), to be persistent (TypeError), to have a bytes oid (TypeError) and to be "
    "in no other cache (ValueError). A refused item leaves cache and object unchanged.",
    "CH 4.5.0, 4.3.0; cPickleCache.c",
)


def _refused(world: World, error: str, *arguments: Any, **named: Any) -> None:
    before = world.object("a"), world.cache()
    raises(world.attempt("cache_set", "a", *arguments, **named), error)
    equal((world.object("a"), world.cache()), before, "the object and the cache")


@check(
    "CACHE-05",
    each={
        f"{state}, {key} key": {"state": state, "key": value}
        for state in ("added", "saved")
        for key, value in (("smaller", ref("A")), ("larger", ref("z")), ("longer", b"\0" * 9))
    },
)
def a_key_that_is_not_the_oid_is_refused(world: World, state: str, key: Any) -> None:
    given(world, state, "a")
    _refused(world, "ValueError", key)
    gives(world.do("cache_get", key), None)


@check("CACHE-05")
def an_object_without_a_jar_is_refused(world: World) -> None:
    given(world, "unsaved", "a")
    world.do("set", "a", "_p_oid", world.oid("a"))
    _refused(world, "ValueError")


@check(
    "CACHE-05",
    each={
        "object": {"attributes": {"_p_state": UPTODATE, "_p_changed": False}},
        "object in no state": {"attributes": {}},
    },
)
def what_is_not_persistent_is_refused(world: World, attributes: Any) -> None:
    looks = dict(attributes, _p_oid=world.oid("a"), _p_jar=Ref("jar", "jar"))
    world.do("create_stranger", "a", looks)
    _refused(world, "TypeError", ref("a"))


@check(
    "CACHE-05",
    each={"None": {"oid": None}, "str": {"oid": "a"}, "int": {"oid": 1}},
)
def an_object_without_a_bytes_oid_is_refused(world: World, oid: Any) -> None:
    given(world, "unsaved", "a")
    world.do("set", "a", "_p_oid", oid)
    world.do("set", "a", "_p_jar", Ref("jar", "jar"))
    _refused(world, "TypeError", ref("a"))


@check("CACHE-05", world={"jars": 2}, each=_STATES)
def an_object_in_another_cache_is_refused(world: World, state: str) -> None:
    given(world, state, "a")
    before = world.cache("other")
    _refused(world, "ValueError", jar="other")
    cache_looks(world, before, jar="other")


@check("CACHE-05", each={"saved": {"changed": False}, "changed": {"changed": True}})
def a_loaded_object_with_oid_and_jar_is_taken(world: World, changed: bool) -> None:
    given(world, "saved", "b")
    given(world, "added", "a")
    if changed:
        world.do("set", "a", "_p_changed", True)
    before = world.object("a")
    calls(world.do("cache_set", "a"))
    looks(world, "a", before)
    cache_looks(world, length=2)
    gives(world.do("cache_get", ref("a")), ref("a"))
    in_ring(world, "ba")


@check("CACHE-05")
def a_key_that_equals_the_oid_is_taken(world: World) -> None:
    given(world, "added", "a")
    world.do("cache_set", "a", ref("a"))
    gives(world.do("cache_get", ref("a")), ref("a"))


@check("CACHE-05")
def a_ghost_with_oid_and_jar_is_taken(world: World) -> None:
    given_each(world, a="ghost", b="saved")
    world.do("cache_del", ref("a"))
    before = world.object("a")
    calls(world.do("cache_set", "a"))
    looks(world, "a", before)
    gives(world.do("cache_get", ref("a")), ref("a"))
    in_ring(world, "b")


clause(
    "CACHE-06",
    CONTESTED,
    "del cache[oid] requires a bytes oid, else ValueError.",
    "I:IPickleCache.__delitem__",
    decision="The interface says ValueError, the shipped code raises TypeError. The reference "
    "raises TypeError.",
)


@check("CACHE-06", each=_NOT_BYTES)
def a_key_that_is_not_bytes_is_refused_when_deleted(world: World, key: Any) -> None:
    given_each(world, a="saved", b="ghost")
    before = world.cache()
    raises(world.attempt("cache_del", key), "TypeError")
    cache_looks(world, before)


clause(
    "CACHE-33",
    MUST,
    "del cache[oid] takes the object out of the cache, its ring and its counts; it raises "
    "KeyError if nothing is cached under oid.",
    "I:IPickleCache.__delitem__; K",
)


@check("CACHE-33", each=_STATES)
def a_deleted_object_is_out_of_cache_ring_and_count(world: World, state: str) -> None:
    given(world, "saved", "b")
    given(world, state, "a")
    given(world, "saved", "c")
    calls(world.do("cache_del", ref("a")))
    in_ring(world, "bc")
    cache_looks(world, length=2)
    gives(world.do("cache_get", ref("a")), None)
    raises(world.attempt("cache_item", ref("a")), "KeyError")
    raises(world.attempt("cache_del", ref("a")), "KeyError")


@check("CACHE-33")
def the_only_object_can_be_deleted(world: World) -> None:
    given(world, "saved", "a")
    world.do("cache_del", ref("a"))
    in_ring(world, "")
    cache_looks(world, length=0)


@check("CACHE-33")
def a_deleted_class_is_out_of_the_cache(world: World) -> None:
    world.do("create_class", "k")
    world.do("new_ghost", "k")
    given(world, "saved", "a")
    calls(world.do("cache_del", ref("k")))
    cache_looks(world, length=1, class_count=0)
    gives(world.do("cache_get", ref("k")), None)
    raises(world.attempt("cache_del", ref("k")), "KeyError")


@check("CACHE-33", each=_OTHERS)
def deleting_an_unknown_oid_is_a_key_error(world: World, others: Any) -> None:
    given_each(world, **others)
    before = world.cache()
    raises(world.attempt("cache_del", ref("z")), "KeyError")
    cache_looks(world, before)


@check("CACHE-33", each=cases(state=("saved", "ghost")))
def a_deleted_object_is_not_held_any_more(world: World, state: str) -> None:
    given(world, state, "a")
    world.do("watch", "a")
    world.do("cache_del", ref("a"))
    world.do("drop", "a")
    world.do("collect")
    gives(world.do("is_alive", "a"), False)
    cache_looks(world, length=0)


clause(
    "CACHE-07",
    MUST,
    "After del cache[oid] the object keeps its state, jar and oid, and can have jar and oid "
    "deleted.",
    "CH 4.0.8",
)


@check("CACHE-07", each=_STATES)
def a_deleted_object_stays_as_it_is(world: World, state: str) -> None:
    given(world, state, "a")
    before = world.object("a")
    world.do("cache_del", ref("a"))
    looks(world, "a", before)


@check("CACHE-07", each=_STATES)
def a_deleted_object_can_lose_oid_and_jar(world: World, state: str) -> None:
    given(world, state, "a")
    world.do("cache_del", ref("a"))
    world.do("delete", "a", "_p_oid")
    looks(world, "a", oid=None, jar=Ref("jar", "jar"))
    world.do("delete", "a", "_p_jar")
    looks(world, "a", jar=None)


@check("CACHE-07", each=_STATES)
def a_deleted_object_can_lose_the_jar_first(world: World, state: str) -> None:
    given(world, state, "a")
    world.do("cache_del", ref("a"))
    world.do("delete", "a", "_p_jar")
    world.do("delete", "a", "_p_oid")
    looks(world, "a", jar=None, oid=None)


@check("CACHE-07", each=cases(state=("saved", "ghost")))
def a_deleted_object_can_be_cached_again(world: World, state: str) -> None:
    given(world, state, "a")
    given(world, "saved", "b")
    before = world.object("a")
    world.do("cache_del", ref("a"))
    world.do("cache_set", "a")
    looks(world, "a", before)
    cache_looks(world, ring=("b", "a") if state == "saved" else ("b",))


clause(
    "CACHE-08",
    MUST,
    "len(cache) is the number of its oids: ghosts, loaded objects and persistent classes.",
    "I:IPickleCache.__len__",
)


@check("CACHE-08")
def the_length_counts_ghosts_loaded_objects_and_classes(world: World) -> None:
    cache_looks(world, length=0)
    given(world, "saved", "a")
    cache_looks(world, length=1)
    given(world, "ghost", "b")
    cache_looks(world, length=2)
    world.do("create_class", "k")
    world.do("new_ghost", "k")
    cache_looks(world, length=3)
    given(world, "changed", "c")
    cache_looks(world, length=4)


@check("CACHE-08", each=cases(how=("deactivate", "invalidate")))
def ghosting_does_not_change_the_length(world: World, how: str) -> None:
    given_each(world, a="saved", b="saved")
    world.do(how, "a")
    cache_looks(world, length=2)


clause(
    "CACHE-27",
    SHOULD,
    "Caching a class that has no _p_jar raises AttributeError.",
    "CH 4.5.0",
)


@check("CACHE-27")
def a_class_without_a_jar_attribute_is_an_attribute_error(world: World) -> None:
    world.do("create_class", "k", {"_p_oid": world.oid("k")})
    before = world.cache()
    raises(world.attempt("cache_set", "k"), "AttributeError")
    cache_looks(world, before)
