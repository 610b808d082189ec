"""CLASS - persistent classes in the cache."""

from typing import Any

from conformance.clauses.cases import cases
from conformance.clauses.expect import cache_looks, calls, gives, in_ring, looks
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
    cache_looks(world, length=1, class_count=1)
    gives(world.do("klass_items"), [(world.oid("k"), ref("k"))])
    in_ring(world, "")


@check("CLASS-01")
def a_cached_class_is_held_strongly(world: World) -> None:
    _cached_class(world)
    world.do("watch", "k")
    world.do("drop", "k")
    world.do("collect")
    gives(world.do("is_alive", "k"), True)
    cache_looks(world, length=1, class_count=1)
    gives(world.do("fetch", "k"), True)


@check(
    "CLASS-01",
    world={"cache_size": 0},
    each=cases(sweep=("incrgc", "full_sweep", "minimize")),
)
def a_cached_class_is_never_swept(world: World, sweep: str) -> None:
    _cached_class(world)
    given_each(world, a="saved", b="saved")
    world.do("drop", "k")
    calls(world.do(sweep))
    world.do("collect")
    cache_looks(world, length=3, class_count=1)
    in_ring(world, "")


@check("CLASS-01")
def classes_and_objects_are_counted_apart(world: World) -> None:
    given_each(world, a="saved", b="ghost")
    _cached_class(world, "k")
    _cached_class(world, "l")
    cache_looks(world, length=4, class_count=2)
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
    looks(world, "k", oid=world.oid("k"), jar=Ref("jar", "jar"))
    gives(world.do("cache_item", ref("k")), ref("k"))


@check("CLASS-02")
def a_class_with_oid_and_jar_can_be_stored(world: World) -> None:
    attributes = {"_p_oid": world.oid("k"), "_p_jar": Ref("jar", "jar"), "_p_state": 0}
    world.do("create_class", "k", attributes)
    calls(world.do("cache_set", "k"))
    cache_looks(world, length=1, class_count=1)
    gives(world.do("cache_item", ref("k")), ref("k"))
    gives(world.do("klass_items"), [(world.oid("k"), ref("k"))])


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
