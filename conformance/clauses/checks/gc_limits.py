"""GC - eviction: the size in bytes, draining, and hooks that interfere with a sweep."""

from typing import Any, Dict, List

from conformance.clauses.cases import cases
from conformance.clauses.expect import (
    cache_looks,
    calls,
    equal,
    gives,
    in_ring,
    in_states,
    one_of,
    raises,
    true,
)
from conformance.clauses.registry import MUST, SHOULD, check, clause
from fixtures.operations.table import step
from fixtures.states import GHOST, UPTODATE, given, given_each
from fixtures.values import ref
from fixtures.world import World

_SWEEPS = cases(sweep=("incrgc", "full_sweep", "minimize"))
_NEEDS = ("cache", "estimated_size")
_TEN = "abcdefghij"

clause(
    "GC-06",
    MUST,
    "With cache_size_bytes above 0, incrgc() evicts while total_estimated_size is above it, also "
    "if cache_size is 0; it evicts while either size that is not 0 is exceeded.",
    "CH 4.5.0; ZODB#231; cPickleCache.c",
)


def _sized(world: World, names: str, size: int = 1000) -> None:
    for name in names:
        given(world, "saved", name)
        world.do("update_size", ref(name), size)
        world.do("set", name, "_p_estimated_size", size)


@check(
    "GC-06",
    needs=_NEEDS,
    each={
        f"size {size}, bytes {limit}": {"size": size, "limit": limit, "ring": ring}
        for size, limit, ring in (
            (0, 5121, "abcde"),
            (0, 5120, "abcde"),
            (0, 5119, "bcde"),
            (0, 4096, "bcde"),
            (0, 4095, "cde"),
            (0, 1024, "e"),
            (0, 1023, ""),
            (0, 1, ""),
            (5, 5120, "abcde"),
            (5, 4096, "bcde"),
            (4, 5120, "bcde"),
            (3, 10**6, "cde"),
            (100, 2048, "de"),
            (3, 2048, "de"),
            (2, 3072, "de"),
            (4, 4096, "bcde"),
            (1, 0, "e"),
        )
    },
)
def objects_go_while_a_size_is_exceeded(world: World, size: int, limit: int, ring: str) -> None:
    _sized(world, "abcde")
    world.do("cache_setting", "cache_size", size)
    world.do("cache_setting", "cache_size_bytes", limit)
    calls(world.do("incrgc"))
    in_ring(world, ring)
    in_states(world, **{name: UPTODATE if name in ring else GHOST for name in "abcde"})
    cache_looks(world, estimated_size=1024 * len(ring))


@check("GC-06", needs=_NEEDS, world={"cache_size": 0, "cache_size_bytes": 3000})
def changed_objects_count_but_stay(world: World) -> None:
    _sized(world, "abcd")
    world.do("set", "a", "_p_changed", True)
    world.do("incrgc")
    in_ring(world, "ad")
    cache_looks(world, estimated_size=2048)


@check("GC-06", needs=_NEEDS, world={"cache_size": 0, "cache_size_bytes": 1000})
def objects_without_a_size_fill_no_bytes(world: World) -> None:
    given_each(world, **dict.fromkeys("abcdef", "saved"))
    world.do("incrgc")
    in_ring(world, "abcdef")


@check("GC-06", needs=_NEEDS, world={"cache_size": 0, "cache_size_bytes": 700})
def the_least_recently_used_bytes_go_first(world: World) -> None:
    _sized(world, "a", 200)
    _sized(world, "b", 400)
    _sized(world, "c", 100)
    world.do("get", "a", "x")
    world.do("incrgc")
    in_ring(world, "ca")
    cache_looks(world, estimated_size=128 + 256)


clause(
    "GC-07",
    MUST,
    "With a drain resistance of 1 or more every incrgc() drains the cache further below "
    "cache_size, until it is empty; with 0 it never drains below cache_size.",
    "I:IPickleCache.cache_drain_resistance; cPickleCache.c",
)


@check(
    "GC-07",
    each={
        f"r = {resistance}, size {size}": {"resistance": resistance, "size": size}
        for resistance in (1, 2, 3, 10, 20)
        for size in (3, 10, 100)
    },
)
def a_draining_cache_falls_until_it_is_empty(world: World, resistance: int, size: int) -> None:
    given_each(world, **dict.fromkeys(_TEN, "saved"))
    world.do("cache_setting", "cache_size", size)
    world.do("cache_setting", "cache_drain_resistance", resistance)
    lengths: List[int] = [10]
    while lengths[-1]:
        world.do("incrgc")
        left = world.cache().ringlen
        true(left < lengths[-1], f"that the lengths {[*lengths, left]} fall")
        lengths.append(left)
        in_ring(world, _TEN[10 - left :])
    world.do("incrgc")
    in_ring(world, "")


@check("GC-07", each={"9": {"size": 9}, "10": {"size": 10}, "11": {"size": 11}})
def without_drain_resistance_the_size_stays(world: World, size: int) -> None:
    given_each(world, **dict.fromkeys(_TEN, "saved"))
    world.do("cache_setting", "cache_size", size)
    world.do("cache_setting", "cache_drain_resistance", 0)
    for _ in range(3):
        world.do("incrgc")
        in_ring(world, _TEN[-size:])


@check("GC-07")
def a_full_sweep_takes_no_notice_of_the_resistance(world: World) -> None:
    given_each(world, **dict.fromkeys(_TEN, "saved"))
    world.do("cache_setting", "cache_drain_resistance", 3)
    world.do("minimize")
    in_ring(world, "")


clause(
    "GC-08",
    SHOULD,
    "A sweep that is started inside a sweep does nothing; use of objects during a sweep does not "
    "spoil the ring, and the sweep ends.",
    "K; Collector #1208",
)


def _in_order(world: World, names: str) -> None:
    """Whatever happened in the sweep, ring and counts have to fit the objects."""
    loaded = sorted(name for name in names if world.object(name).state != GHOST)
    seen = world.cache()
    equal(sorted(seen.ring or ()), loaded, "the names in lru_items()")
    cache_looks(world, ringlen=len(loaded), non_ghost_count=len(loaded))
    world.do("minimize")
    in_ring(world, "")
    in_states(world, **dict.fromkeys(names, GHOST))
    for name in names:
        calls(world.do("activate", name), f"setstate {name}")
    in_ring(world, names)


@check(
    "GC-08",
    world={"cache_size": 1},
    each={
        f"{inner} in {outer}": {"inner": inner, "outer": outer}
        for inner in _SWEEPS
        for outer in _SWEEPS
    },
)
def a_sweep_inside_a_sweep_does_nothing(world: World, inner: str, outer: str) -> None:
    given_each(world, "Deactivate", **dict.fromkeys("abcd", "saved"))
    world.do("plan", "_p_deactivate", "b", [step(inner)])
    swept = "abc" if outer == "incrgc" else "abcd"
    expected = [f"_p_deactivate {name}" for name in swept]
    expected.insert(2, f"nested {inner} b")
    calls(world.do(outer), *expected)
    in_ring(world, "d" if outer == "incrgc" else "")


@check("GC-08", world={"cache_size": 2})
def after_a_nested_sweep_the_next_one_works(world: World) -> None:
    given_each(world, "Deactivate", **dict.fromkeys("abcd", "saved"))
    world.do("plan", "_p_deactivate", "a", [step("minimize")])
    world.do("incrgc")
    in_ring(world, "cd")
    world.do("minimize")
    in_ring(world, "")


_HOOKS: Dict[str, Dict[str, Any]] = {
    "uses the next object": {"then": [step("get", "b", "x")]},
    "uses the last object": {"then": [step("get", "d", "x")]},
    "uses itself": {"then": [step("get", "a", "x")]},
    "uses several objects": {"then": [step("get", name, "x") for name in "dbab"]},
    "loads a ghost": {"then": [step("activate", "g")]},
    "ghosts the next object": {"then": [step("invalidate", "b")]},
    "ghosts the last object": {"then": [step("deactivate", "d")]},
    "ghosts itself": {"then": [step("invalidate", "a")]},
    "invalidates through the cache": {"then": [step("cache_invalidate", [ref("b"), ref("d")])]},
    "changes the next object": {"then": [step("set", "b", "x", 2), step("commit")]},
    "collects garbage": {"then": [step("collect")]},
}


@check("GC-08", each=_HOOKS)
def a_hook_that_uses_objects_does_not_spoil_the_ring(world: World, then: Any) -> None:
    given(world, "ghost", "g")
    given(world, "saved", "a", "Deactivate")
    given_each(world, b="saved", c="saved", d="saved")
    world.do("plan", "_p_deactivate", "a", then)
    world.do("minimize")
    in_states(world, a=GHOST, c=GHOST)
    _in_order(world, "abcdg")


@check("GC-08", each={"next": {"gone": "b"}, "last": {"gone": "d"}})
def a_hook_that_drops_an_object_does_not_spoil_the_ring(world: World, gone: str) -> None:
    given(world, "saved", "a", "Deactivate")
    given_each(world, b="saved", c="saved", d="saved")
    world.do(
        "plan",
        "_p_deactivate",
        "a",
        [step("drop", gone), step("cache_invalidate", [world.oid(gone)]), step("collect")],
    )
    world.do("minimize")
    cache_looks(world, length=3)
    _in_order(world, "abcd".replace(gone, ""))


@check("GC-08")
def an_object_that_comes_back_in_a_sweep_is_swept_once(world: World) -> None:
    given(world, "saved", "a")
    given(world, "saved", "b", "Deactivate")
    given(world, "saved", "c")
    world.do("plan", "_p_deactivate", "b", [step("activate", "a")], times=1)
    calls(world.do("minimize"), "_p_deactivate b", "setstate a", "nested activate b")
    in_states(world, b=GHOST, c=GHOST)
    _in_order(world, "abc")


@check("GC-08")
def objects_that_keep_each_other_loaded_do_not_make_a_sweep_endless(world: World) -> None:
    given_each(world, "Deactivate", a="saved", b="saved")
    world.do("plan", "_p_deactivate", "a", [step("activate", "b")], times=10)
    world.do("plan", "_p_deactivate", "b", [step("activate", "a")], times=10)
    seen = world.do("minimize").calls("_p_deactivate")
    equal(seen, ["_p_deactivate a", "_p_deactivate b"], "the calls of the hooks")


clause(
    "GC-09",
    SHOULD,
    "lru_items() called during a sweep raises ValueError, or lists exactly the objects that are "
    "in the ring.",
    "cPickleCache.c",
)


@check("GC-09", each={"first": {"where": "a", "ring": "abc"}, "last": {"where": "c", "ring": "c"}})
def lru_items_in_a_sweep_lists_the_ring_or_refuses(world: World, where: str, ring: str) -> None:
    given_each(world, "Deactivate", a="saved", b="saved", c="saved")
    world.do("plan", "_p_deactivate", where, [step("lru_items")])
    seen = world.do("minimize")
    listed = [event.arguments[0] for event in seen.events if event.call == "nested lru_items"]
    items = repr([(world.oid(name), ref(name)) for name in ring])
    equal(len(listed), 1, "the number of calls")
    one_of(listed[0], ("ValueError", items), "what lru_items() does")
    in_ring(world, "")
    gives(world.do("lru_items"), [])


clause(
    "GC-10",
    SHOULD,
    "An exception in _p_deactivate ends the sweep and propagates; the cache stays usable.",
    "cPickleCache.c (scan_gc_items)",
)


@check(
    "GC-10",
    world={"cache_size": 1},
    each={
        f"{sweep}, {where}, {error}": {"sweep": sweep, "where": where, "error": error}
        for sweep in _SWEEPS
        for where, error in (("a", "ValueError"), ("b", "ValueError"), ("b", "KeyboardInterrupt"))
    },
)
def an_error_in_a_hook_ends_the_sweep(world: World, sweep: str, where: str, error: str) -> None:
    given_each(world, "Deactivate", **dict.fromkeys("abcd", "saved"))
    world.do("plan", "_p_deactivate", where, (), error)
    seen = world.attempt(sweep)
    raises(seen, error)
    asked = "abcd"[: "abcd".index(where) + 1]
    calls(seen, *(f"_p_deactivate {name}" for name in asked))
    in_ring(world, "abcd"["abcd".index(where) :])
    world.do("minimize")
    in_ring(world, "")
    _in_order(world, "abcd")


@check("GC-10", world={"cache_size": 1}, each={sweep: {"sweep": sweep} for sweep in _SWEEPS})
def a_use_counts_after_an_error_in_a_hook(world: World, sweep: str) -> None:
    given_each(world, "Deactivate", **dict.fromkeys("abc", "saved"))
    world.do("plan", "_p_deactivate", "a", (), "ValueError")
    raises(world.attempt(sweep), "ValueError")
    world.do("get", "a", "x")
    in_ring(world, "bca")
