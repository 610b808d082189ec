"""GC - eviction: what incrgc, full_sweep and minimize turn into ghosts, and in which order."""

from typing import Any, Dict, Sequence

from conformance.clauses.cases import cases
from conformance.clauses.expect import cache_looks, calls, gives, in_ring, in_states, looks
from conformance.clauses.registry import CONTESTED, MAY, MUST, SHOULD, check, clause
from fixtures.states import CHANGED, GHOST, STICKY, UPTODATE, given, given_each
from fixtures.values import ref
from fixtures.world import World

_SWEEPS = cases(sweep=("incrgc", "full_sweep", "minimize"))
_FULL = cases(sweep=("full_sweep", "minimize"))
_TEN = "abcdefghij"


def _saved(world: World, names: str) -> None:
    given_each(world, **dict.fromkeys(names, "saved"))


clause(
    "GC-01",
    MUST,
    "incrgc() reduces the number of loaded objects to cache_size, as far as it can.",
    "I:IPickleCache.incrgc",
)


@check(
    "GC-01",
    each={
        f"{count} to {target}": {"count": count, "target": target}
        for count, target in (
            (1, 1),
            (2, 1),
            (2, 3),
            (3, 1),
            (3, 2),
            (3, 3),
            (6, 1),
            (6, 5),
            (10, 1),
            (10, 4),
            (10, 9),
            (10, 10),
            (10, 11),
        )
    },
)
def loaded_objects_are_reduced_to_the_size(world: World, count: int, target: int) -> None:
    names = _TEN[:count]
    _saved(world, names)
    world.do("cache_setting", "cache_size", target)
    calls(world.do("incrgc"))
    kept = names[-target:]
    in_ring(world, kept)
    in_states(world, **{name: UPTODATE if name in kept else GHOST for name in names})
    cache_looks(world, length=count)


@check("GC-01", world={"cache_size": 4})
def changed_objects_can_keep_the_cache_above_its_size(world: World) -> None:
    given_each(world, **{name: "changed" if name in "acegij" else "saved" for name in _TEN})
    world.do("incrgc")
    in_ring(world, "acegij")


@check("GC-01", world={"cache_size": 2})
def ghosts_do_not_count(world: World) -> None:
    given_each(world, a="ghost", b="saved", c="ghost", d="saved", e="ghost")
    world.do("incrgc")
    in_ring(world, "bd")


@check("GC-01", world={"cache_size": 1})
def classes_do_not_count(world: World) -> None:
    for name in "kl":
        world.do("create_class", name)
        world.do("new_ghost", name)
    _saved(world, "a")
    world.do("incrgc")
    in_ring(world, "a")
    cache_looks(world, length=3)


@check("GC-01", world={"cache_size": 2})
def an_evicted_object_has_lost_its_data_and_comes_back(world: World) -> None:
    _saved(world, "abc")
    world.do("incrgc")
    looks(world, "a", dict={})
    looks(world, "b", dict={"x": 1})
    calls(world.do("get", "a", "x"), "setstate a")
    in_ring(world, "bca")
    world.do("incrgc")
    in_ring(world, "ca")


@check("GC-01", world={"cache_size": 1})
def an_object_that_nothing_refers_to_is_evicted(world: World) -> None:
    _saved(world, "abc")
    world.do("drop", "a")
    world.do("drop", "b")
    world.do("incrgc")
    world.do("collect")
    in_ring(world, "c")
    cache_looks(world, length=1)


clause(
    "GC-02",
    MUST,
    "incrgc() ghostifies in LRU order and stops as soon as cache_size is reached.",
    "I:IPickleCache.incrgc",
)


@check(
    "GC-02",
    each={
        "as loaded": {"used": "", "ring": "cdef"},
        "first used": {"used": "a", "ring": "defa"},
        "two used": {"used": "ba", "ring": "efba"},
        "all used": {"used": "fedcba", "ring": "dcba"},
        "one used twice": {"used": "aba", "ring": "efba"},
    },
    world={"cache_size": 4},
)
def the_least_recently_used_objects_go(world: World, used: str, ring: str) -> None:
    _saved(world, "abcdef")
    for name in used:
        world.do("get", name, "x")
    world.do("incrgc")
    in_ring(world, ring)
    in_states(world, **{name: UPTODATE if name in ring else GHOST for name in "abcdef"})


@check("GC-02", world={"cache_size": 2})
def deactivation_goes_from_the_least_recently_used_on(world: World) -> None:
    given_each(world, "Deactivate", **dict.fromkeys("abcdef", "saved"))
    world.do("get", "b", "x")
    calls(world.do("incrgc"), *(f"_p_deactivate {name}" for name in "acde"))
    in_ring(world, "fb")


@check("GC-02", each={"1": {"size": 1}, "2": {"size": 2}, "3": {"size": 3}})
def nothing_happens_at_the_target(world: World, size: int) -> None:
    given_each(world, "Deactivate", **dict.fromkeys("abc"[:size], "saved"))
    world.do("cache_setting", "cache_size", size)
    calls(world.do("incrgc"))
    in_ring(world, "abc"[:size])


@check("GC-02", world={"cache_size": 3})
def one_object_too_many_costs_one(world: World) -> None:
    given_each(world, "Deactivate", **dict.fromkeys("abcd", "saved"))
    calls(world.do("incrgc"), "_p_deactivate a")
    in_ring(world, "bcd")
    calls(world.do("incrgc"))


clause(
    "GC-03",
    MUST,
    "incrgc() skips changed and sticky objects and goes on with more recently used ones.",
    "I:IPickleCache.incrgc; K",
)

_PLACES: Dict[str, Dict[str, Any]] = {
    "first": {"kept": "a", "ring": "aef"},
    "second": {"kept": "b", "ring": "bef"},
    "middle": {"kept": "cd", "ring": "cdf"},
    "last": {"kept": "f", "ring": "def"},
    "first two": {"kept": "ab", "ring": "abf"},
    "every other": {"kept": "ace", "ring": "ace"},
    "more than the target": {"kept": "abcd", "ring": "abcd"},
}


def _collected_around(world: World, state: str, kept: str, ring: str) -> None:
    for name in "abcdef":
        given(world, state if name in kept else "saved", name, "Deactivate")
    evicted = [name for name in "abcdef" if name not in ring]
    calls(world.do("incrgc"), *(f"_p_deactivate {name}" for name in evicted))
    in_ring(world, ring)


@check("GC-03", world={"cache_size": 3}, each=_PLACES)
def changed_objects_are_skipped(world: World, kept: str, ring: str) -> None:
    _collected_around(world, "changed", kept, ring)
    in_states(world, **dict.fromkeys(kept, CHANGED))
    looks(world, kept[0], dict={"x": 1})


@check("GC-03", world={"cache_size": 3}, each=_PLACES)
def sticky_objects_are_skipped(world: World, kept: str, ring: str) -> None:
    _collected_around(world, "sticky", kept, ring)
    in_states(world, **dict.fromkeys(kept, STICKY))
    looks(world, kept[0], dict={"x": 1})


@check("GC-03", world={"cache_size": 1})
def an_object_that_is_not_changed_any_more_goes(world: World) -> None:
    given_each(world, a="changed", b="saved", c="saved")
    world.do("incrgc")
    in_ring(world, "a")
    world.do("activate", "b")
    world.do("commit")
    world.do("incrgc")
    cache_looks(world, ringlen=1)


clause(
    "GC-04",
    MUST,
    "full_sweep() and minimize() ghostify every saved object that can be a ghost; changed and "
    "sticky ones, and those whose _p_deactivate refuses, stay.",
    "I:IPickleCache.full_sweep, minimize",
)


@check(
    "GC-04",
    each={
        f"{sweep}, {count}": {"sweep": sweep, "count": count}
        for sweep in _FULL
        for count in (0, 1, 2, 3, 6, 10)
    },
)
def every_saved_object_is_ghosted(world: World, sweep: str, count: int) -> None:
    names = _TEN[:count]
    _saved(world, names)
    calls(world.do(sweep))
    in_ring(world, "")
    in_states(world, **dict.fromkeys(names, GHOST))
    cache_looks(world, length=count)
    for name in names:
        looks(world, name, dict={})


@check("GC-04", each=_FULL)
def a_full_sweep_keeps_what_is_not_saved_or_refuses(world: World, sweep: str) -> None:
    given_each(world, a="saved", b="changed", c="saved", d="ghost")
    given(world, "saved", "r", "Refusing")
    given_each(world, e="changed", f="saved")
    calls(world.do(sweep), "_p_deactivate r")
    in_ring(world, "bre")
    in_states(world, a=GHOST, b=CHANGED, c=GHOST, d=GHOST, r=UPTODATE, e=CHANGED, f=GHOST)
    looks(world, "r", dict={"x": 1})


@check("GC-04", each=_FULL)
def a_full_sweep_keeps_sticky_objects(world: World, sweep: str) -> None:
    given_each(world, a="sticky", b="saved", c="sticky")
    calls(world.do(sweep))
    in_ring(world, "ac")
    in_states(world, a=STICKY, b=GHOST, c=STICKY)


@check(
    "GC-04",
    each={
        f"{sweep}, sizes {sizes}": {"sweep": sweep, "sizes": sizes}
        for sweep in _FULL
        for sizes in ((0, 0), (2, 0), (0, 10**6), (100, 10**6))
    },
)
def a_full_sweep_obeys_no_size(world: World, sweep: str, sizes: Sequence[int]) -> None:
    world.do("new_cache", sizes)
    _saved(world, "abc")
    world.do(sweep)
    in_ring(world, "")
    gives(world.do("cache_attribute", "cache_size"), sizes[0])
    gives(world.do("cache_attribute", "cache_size_bytes"), sizes[1])


@check("GC-04", each=_FULL)
def every_saved_object_is_asked_once_in_lru_order(world: World, sweep: str) -> None:
    given_each(world, "Deactivate", a="saved", b="changed", c="saved", d="ghost", e="saved")
    world.do("get", "a", "x")
    calls(world.do(sweep), "_p_deactivate c", "_p_deactivate e", "_p_deactivate a")
    in_ring(world, "b")


@check(
    "GC-04",
    world={"cache_size": 1},
    each={
        "first": {"refusing": "a", "ring": "a"},
        "middle": {"refusing": "b", "ring": "b"},
        "last": {"refusing": "d", "ring": "d"},
        "two": {"refusing": "ac", "ring": "ac"},
    },
)
def a_refusing_object_stays_counted_in_an_incremental_sweep(
    world: World, refusing: str, ring: str
) -> None:
    for name in "abcd":
        given(world, "saved", name, "Refusing" if name in refusing else "Plain")
    world.do("incrgc")
    in_ring(world, ring)
    in_states(world, **{name: UPTODATE if name in ring else GHOST for name in "abcd"})


@check("GC-04", each=_FULL)
def slots_are_swept_too(world: World, sweep: str) -> None:
    given(world, "saved", "a", "Slotted", (None, {"x": 1}))
    given(world, "saved", "b", "Bare", (None, {}))
    world.do(sweep)
    in_ring(world, "")
    looks(world, "a", slots={})
    in_states(world, a=GHOST, b=GHOST)


clause(
    "GC-05",
    MUST,
    "cache_size 0 together with cache_size_bytes 0 lets incrgc() evict everything that can be "
    "evicted.",
    "I:IPickleCache.incrgc; CH 4.5.0; cPickleCache.c",
)


@check(
    "GC-05",
    world={"cache_size": 0, "cache_size_bytes": 0},
    each={str(count): {"count": count} for count in (0, 1, 2, 10)},
)
def without_any_size_everything_goes(world: World, count: int) -> None:
    _saved(world, _TEN[:count])
    world.do("incrgc")
    in_ring(world, "")
    in_states(world, **dict.fromkeys(_TEN[:count], GHOST))


@check("GC-05", world={"cache_size": 0})
def without_any_size_changed_and_refusing_objects_stay(world: World) -> None:
    given_each(world, a="saved", b="changed")
    given(world, "saved", "r", "Refusing")
    given_each(world, c="saved")
    world.do("incrgc")
    in_ring(world, "br")
    in_states(world, a=GHOST, b=CHANGED, r=UPTODATE, c=GHOST)


clause(
    "GC-11",
    MAY,
    "minimize(n) and incrgc(n) accept an obsolete argument, which they ignore; full_sweep(n) need "
    "not.",
    "cPickleCache.c",
)


@check("GC-11", each=_SWEEPS)
def an_obsolete_argument_is_recorded(world: World, sweep: str) -> None:
    _saved(world, _TEN)
    seen = world.attempt("sweep_with", sweep, 5)
    outcome = seen.error or f"leaves {world.cache().ringlen} of 10 loaded"
    world.note(f"{sweep}(5) with cache_size 100 {outcome}")


clause(
    "GC-12",
    SHOULD,
    "incrgc(), full_sweep() and minimize() return None.",
    "I:IPickleCache (no value is named)",
)


@check("GC-12", world={"cache_size": 1}, each=_SWEEPS)
def a_sweep_that_evicts_returns_none(world: World, sweep: str) -> None:
    _saved(world, "abc")
    gives(world.do(sweep), None)


@check("GC-12", each=_SWEEPS)
def a_sweep_of_nothing_returns_none(world: World, sweep: str) -> None:
    gives(world.do(sweep), None)


clause(
    "GC-13",
    SHOULD,
    "After incrgc(), full_sweep() or minimize() an object that it ghosted and that nothing else "
    "holds is gone for weak references too.",
    "CH 4.7.0",
)


@check("GC-13", world={"cache_size": 1}, each=_SWEEPS)
def an_evicted_object_is_gone_for_weak_references(world: World, sweep: str) -> None:
    given_each(world, a="saved", b="saved", c="changed")
    for name in "ab":
        world.do("watch", name)
        world.do("drop", name)
    world.do(sweep)
    gives(world.do("is_alive", "a"), False)
    gives(world.do("is_alive", "b"), False)
    cache_looks(world, length=1)


@check("GC-13", world={"cache_size": 1}, each=_SWEEPS)
def an_evicted_object_in_a_cycle_of_data_is_gone(world: World, sweep: str) -> None:
    given_each(world, a="saved", b="saved", c="saved")
    world.do("set", "a", "other", ref("b"))
    world.do("set", "b", "other", ref("a"))
    world.do("commit")
    world.do("get", "c", "x")
    for name in "ab":
        world.do("watch", name)
        world.do("drop", name)
    world.do("store", "a", {"x": 1})
    world.do("store", "b", {"x": 1})
    world.do(sweep)
    gives(world.do("is_alive", "a"), False)
    gives(world.do("is_alive", "b"), False)


@check("GC-13", world={"cache_size": 1}, each=_SWEEPS)
def an_evicted_object_that_is_referred_to_lives_on(world: World, sweep: str) -> None:
    given_each(world, a="saved", b="saved")
    world.do("watch", "a")
    world.do(sweep)
    gives(world.do("is_alive", "a"), True)
    in_states(world, a=GHOST)


clause(
    "GC-14",
    CONTESTED,
    "With drain resistance r >= 1 each incrgc() removes n // r of n loaded objects, or more if "
    "cache_size demands it.",
    "cPickleCache.c (the comment against the code)",
    decision="Both implementations remove n // r + 1: the target is min(cache_size, "
    "n - 1 - n // r). The reference does that.",
)


@check(
    "GC-14",
    each={
        "r = 1": {"resistance": 1, "size": 10, "lengths": (0, 0)},
        "r = 2": {"resistance": 2, "size": 10, "lengths": (4, 1, 0)},
        "r = 3": {"resistance": 3, "size": 10, "lengths": (6, 3, 1, 0)},
        "r = 4": {"resistance": 4, "size": 10, "lengths": (7, 5, 3, 2, 1, 0)},
        "r = 10": {"resistance": 10, "size": 10, "lengths": (8, 7, 6, 5, 4, 3, 2, 1, 0)},
        "r = 11": {"resistance": 11, "size": 10, "lengths": (9, 8, 7)},
        "r = 3, size 5": {"resistance": 3, "size": 5, "lengths": (5, 3, 1, 0)},
        "r = 3, size 6": {"resistance": 3, "size": 6, "lengths": (6, 3, 1, 0)},
        "r = 2, size 100": {"resistance": 2, "size": 100, "lengths": (4, 1, 0)},
    },
)
def the_cache_drains_in_these_steps(
    world: World, resistance: int, size: int, lengths: Sequence[int]
) -> None:
    _saved(world, _TEN)
    world.do("cache_setting", "cache_size", size)
    world.do("cache_setting", "cache_drain_resistance", resistance)
    for length in lengths:
        world.do("incrgc")
        in_ring(world, _TEN[len(_TEN) - length :])
