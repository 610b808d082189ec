"""CLASS - persistent classes in the cache."""

from typing import Any

from conformance.clauses.expect import calls, equal, in_ring
from conformance.clauses.registry import MUST, SHOULD, check, clause
from fixtures.states import given, given_each
from fixtures.values import Ref, ref
from fixtures.world import World


def _cached_class(world: World, name: str = "k", hook: bool = True) -> None:
    world.do("create_class", name, hook=hook)
    world.do("new_ghost", name)


clause(
    "CLASS-01",
    MUST,
    "Persistent classes can be cached: the cache holds them strongly, never sweeps them, counts "
    "them in cache_klass_count and len(), and keeps them out of the ring.",
    "K; I:IPickleCache.klass_items",
)


@check("CLASS-01")
def a_cached_class_is_counted_as_a_class(world: World) -> None:
    _cached_class(world)
    seen = world.cache()
    equal((seen.length, seen.class_count), (1, 1), "len(cache) and cache_klass_count")
    equal(world.do("klass_items").value, [(world.oid("k"), ref("k"))], "klass_items()")
    in_ring(world, "")


@check("CLASS-01")
def a_cached_class_is_held_strongly(world: World) -> None:
    _cached_class(world)
    world.do("watch", "k")
    world.do("drop", "k")
    world.do("collect")
    equal(world.do("is_alive", "k").value, True, "whether the class is alive")
    equal((world.cache().length, world.cache().class_count), (1, 1), "the counts")
    equal(world.do("fetch", "k").value, True, "whether the cache has it")


@check(
    "CLASS-01",
    world={"cache_size": 0},
    each={sweep: {"sweep": sweep} for sweep in ("incrgc", "full_sweep", "minimize")},
)
def a_cached_class_is_never_swept(world: World, sweep: str) -> None:
    _cached_class(world)
    given_each(world, a="saved", b="saved")
    world.do("drop", "k")
    calls(world.do(sweep))
    world.do("collect")
    equal((world.cache().length, world.cache().class_count), (3, 1), "the counts")
    in_ring(world, "")


@check("CLASS-01")
def classes_and_objects_are_counted_apart(world: World) -> None:
    given_each(world, a="saved", b="ghost")
    _cached_class(world, "k")
    _cached_class(world, "l")
    seen = world.cache()
    equal((seen.length, seen.class_count), (4, 2), "len(cache) and cache_klass_count")
    in_ring(world, "a")


clause(
    "CLASS-02",
    SHOULD,
    "new_ghost and cache[oid] = obj accept a class that has _p_oid and _p_jar.",
    "cPickleCache.c",
)


@check("CLASS-02")
def new_ghost_gives_a_class_oid_and_jar(world: World) -> None:
    world.do("create_class", "k")
    calls(world.do("new_ghost", "k"))
    seen = world.object("k")
    equal((seen.oid, seen.jar), (world.oid("k"), Ref("jar", "jar")), "_p_oid and _p_jar")
    equal(world.do("cache_item", ref("k")).value, ref("k"), "cache[oid]")


@check("CLASS-02")
def a_class_with_oid_and_jar_can_be_stored(world: World) -> None:
    attributes = {"_p_oid": world.oid("k"), "_p_jar": Ref("jar", "jar"), "_p_state": 0}
    world.do("create_class", "k", attributes)
    calls(world.do("cache_set", "k"))
    seen = world.cache()
    equal((seen.length, seen.class_count), (1, 1), "len(cache) and cache_klass_count")
    equal(world.do("cache_item", ref("k")).value, ref("k"), "cache[oid]")
    equal(world.do("klass_items").value, [(world.oid("k"), ref("k"))], "klass_items()")


clause(
    "CLASS-03",
    SHOULD,
    "Invalidating a persistent class calls its _p_invalidate, if it has one.",
    "picklecache.py comment",
)


@check("CLASS-03", each={"oid": {"oids": ref("k")}, "list": {"oids": [ref("k"), ref("a")]}})
def the_hook_of_an_invalidated_class_is_called(world: World, oids: Any) -> None:
    _cached_class(world)
    given(world, "saved", "a")
    calls(world.do("cache_invalidate", oids), "_p_invalidate k")


@check("CLASS-03")
def a_class_without_the_hook_can_be_invalidated(world: World) -> None:
    _cached_class(world, hook=False)
    calls(world.do("cache_invalidate", ref("k")))
