"""CACHE - the estimated sizes that a cache adds up."""

from typing import Any, Optional

from conformance.clauses.cases import cases
from conformance.clauses.expect import (
    cache_looks,
    calls,
    equal,
    gives,
    in_ring,
    looks,
    one_of,
    raises,
    true,
)
from conformance.clauses.registry import MUST, SHOULD, check, clause
from fixtures.states import given, given_each
from fixtures.values import ref
from fixtures.world import World

_NEEDS = ("cache", "estimated_size")


def _total(world: World, expected: Any, when: str) -> None:
    equal(world.cache().estimated_size, expected, "total_estimated_size " + when)


def _sized(world: World, names: str, size: int = 1000) -> None:
    """Load objects as a data manager does that knows their size (D1.7)."""
    for name in names:
        given(world, "saved", name)
        world.do("update_size", ref(name), size)
        world.do("set", name, "_p_estimated_size", size)


clause(
    "CACHE-19",
    MUST,
    "update_object_size_estimation(oid, size) changes total_estimated_size by the difference "
    "between size, rounded as _p_estimated_size is, and obj._p_estimated_size. An oid that is "
    "not cached, and a ghost, change nothing.",
    "I:IPickleCache.update_object_size_estimation; cPickleCache.c",
)


@check(
    "CACHE-19",
    needs=_NEEDS,
    each={
        str(size): {"size": size, "counted": counted}
        for size, counted in ((0, 64), (1, 64), (63, 64), (64, 128), (1000, 1024), (1024, 1088))
    },
)
def a_size_counts_rounded(world: World, size: int, counted: int) -> None:
    given_each(world, a="saved", b="saved")
    before = world.object("a")
    calls(world.do("update_size", ref("a"), size))
    _total(world, counted, "after the update")
    looks(world, "a", before)
    in_ring(world, "ab")


@check(
    "CACHE-19",
    needs=_NEEDS,
    each={"up": {"size": 2000}, "down": {"size": 100}, "same": {"size": 1000}},
)
def the_difference_to_the_known_size_counts(world: World, size: int) -> None:
    _sized(world, "a")
    _total(world, 1024, "when the size is known")
    world.do("update_size", ref("a"), size)
    _total(world, (size // 64 + 1) * 64, "after the update")


@check("CACHE-19", needs=_NEEDS)
def the_sizes_of_several_objects_add_up(world: World) -> None:
    _sized(world, "a", 100)
    _sized(world, "b", 200)
    _sized(world, "c", 300)
    _total(world, 128 + 256 + 320, "of three objects")
    world.do("update_size", ref("b"), 10)
    _total(world, 128 + 64 + 320, "after the update")


@check("CACHE-19", needs=_NEEDS)
def the_largest_size_counts_as_it_is_kept(world: World) -> None:
    given_each(world, a="saved")
    world.do("update_size", ref("a"), 2**30)
    _total(world, (2**24 - 1) * 64, "after the update")


@check("CACHE-19", needs=_NEEDS)
def a_changed_object_counts(world: World) -> None:
    given_each(world, a="changed")
    world.do("update_size", ref("a"), 1000)
    _total(world, 1024, "after the update")


@check("CACHE-19", needs=(*_NEEDS, "sticky"))
def a_sticky_object_counts(world: World) -> None:
    given_each(world, a="sticky")
    world.do("update_size", ref("a"), 1000)
    _total(world, 1024, "after the update")


@check("CACHE-19", needs=_NEEDS, each={"nothing": {"names": ""}, "others": {"names": "a"}})
def an_unknown_oid_counts_nothing(world: World, names: str) -> None:
    _sized(world, names)
    before = world.cache()
    gives(world.do("update_size", ref("z"), 1000), None)
    cache_looks(world, before)


@check("CACHE-19", needs=_NEEDS)
def a_deleted_oid_counts_nothing(world: World) -> None:
    given_each(world, a="saved")
    world.do("cache_del", ref("a"))
    world.do("update_size", ref("a"), 1000)
    _total(world, 0, "after the update")


@check("CACHE-19", needs=_NEEDS)
def a_new_ghost_counts_nothing(world: World) -> None:
    given_each(world, a="ghost")
    before = world.object("a")
    world.do("update_size", ref("a"), 1000)
    _total(world, 0, "after the update")
    looks(world, "a", before)


@check("CACHE-19", needs=_NEEDS)
def an_evicted_object_counts_nothing(world: World) -> None:
    _sized(world, "ab")
    world.do("cache_invalidate", ref("a"))
    before = world.cache().estimated_size
    world.do("update_size", ref("a"), 3000)
    _total(world, before, "after the update")


clause(
    "CACHE-20",
    SHOULD,
    "total_estimated_size falls by _p_estimated_size when an object is ghosted, and rises by it "
    "when the object is loaded again (else cache_size_bytes stops to work).",
    "cPersistence.c; D1.7",
)


@check(
    "CACHE-20",
    needs=_NEEDS,
    each={
        how: {"how": how} for how in ("deactivate", "invalidate", "minimize", "cache_invalidate")
    },
)
def the_total_falls_when_an_object_is_ghosted(world: World, how: str) -> None:
    _sized(world, "ab")
    _total(world, 2048, "of two objects")
    world.do(how, *{"minimize": (), "cache_invalidate": (ref("a"),)}.get(how, ("a",)))
    _total(world, 0 if how == "minimize" else 1024, "after " + how)
    looks(world, "a", size=1024)


@check("CACHE-20", needs=_NEEDS, each={"read": {"op": "get"}, "activate": {"op": "activate"}})
def the_total_rises_when_an_object_is_loaded_again(world: World, op: str) -> None:
    _sized(world, "ab")
    world.do("minimize")
    world.do(op, "a", *(("x",) if op == "get" else ()))
    _total(world, 1024, "after the load")
    world.do("get", "a", "x")
    _total(world, 1024, "after another use")
    world.do("get", "b", "x")
    _total(world, 2048, "after the load of the other")


@check("CACHE-20", needs=_NEEDS)
def a_changed_object_takes_its_size_along(world: World) -> None:
    _sized(world, "ab", 500)
    world.do("set", "a", "x", 2)
    _total(world, 1024, "of two objects")
    world.do("invalidate", "a")
    _total(world, 512, "after the invalidation")


@check("CACHE-20", needs=_NEEDS)
def a_failed_load_does_not_count(world: World) -> None:
    _sized(world, "ab")
    world.do("minimize")
    world.do("plan", "setstate", "a", (), "LoadError")
    raises(world.attempt("activate", "a"), "LoadError")
    _total(world, 0, "after the failed load")


@check("CACHE-20", needs=_NEEDS, world={"cache_size_bytes": 2500})
def the_limit_in_bytes_works_again_after_a_reload(world: World) -> None:
    _sized(world, "abcde")
    world.do("incrgc")
    in_ring(world, "de")
    _total(world, 2048, "after the first collection")
    for name in "abc":
        world.do("get", name, "x")
    _total(world, 5120, "after the loads")
    world.do("incrgc")
    in_ring(world, "bc")
    _total(world, 2048, "after the second collection")


clause(
    "CACHE-21",
    SHOULD,
    "update_object_size_estimation with a negative size raises ValueError or OverflowError, or "
    "leaves total_estimated_size as it is.",
    "N",
)


@check(
    "CACHE-21",
    needs=_NEEDS,
    each={"-1": {"size": -1}, "-64": {"size": -64}, "-10000": {"size": -10000}},
)
def a_negative_size_counts_nothing(world: World, size: int) -> None:
    _sized(world, "a")
    error: Optional[str] = world.attempt("update_size", ref("a"), size).error
    one_of(error, (None, "ValueError", "OverflowError"), "the error")
    _total(world, 1024, "after the update")


clause(
    "CACHE-32",
    SHOULD,
    "total_estimated_size is never negative, and del cache[oid] takes the object's share off.",
    "N; D1.7",
)


@check("CACHE-32", needs=_NEEDS)
def deleting_takes_the_share_off(world: World) -> None:
    _sized(world, "ab")
    world.do("cache_del", ref("a"))
    _total(world, 1024, "after the first del")
    world.do("cache_del", ref("b"))
    _total(world, 0, "after the second del")


def _never_negative(world: World, when: str) -> None:
    total: Any = world.cache().estimated_size
    true(total >= 0, f"that total_estimated_size, {total} {when}, is not negative")


@check(
    "CACHE-32",
    needs=_NEEDS,
    each=cases(how=("deactivate", "invalidate", "minimize")),
)
def a_stored_object_with_a_size_leaves_no_debt(world: World, how: str) -> None:
    given(world, "added", "a")
    world.do("set", "a", "_p_estimated_size", 1000)
    world.do("cache_set", "a")
    _never_negative(world, "after cache[oid] = obj")
    world.do(how, *(() if how == "minimize" else ("a",)))
    _never_negative(world, "after " + how)
    _total(world, 0, "of no loaded object")


@check("CACHE-32", needs=_NEEDS)
def a_size_set_without_an_update_leaves_no_debt(world: World) -> None:
    given_each(world, a="saved")
    world.do("set", "a", "_p_estimated_size", 1000)
    world.do("minimize")
    _never_negative(world, "after minimize")


@check("CACHE-32", needs=_NEEDS)
def a_smaller_size_than_the_known_one_leaves_no_debt(world: World) -> None:
    given_each(world, a="saved")
    world.do("set", "a", "_p_estimated_size", 1000)
    world.do("update_size", ref("a"), 10)
    _never_negative(world, "after the update")
