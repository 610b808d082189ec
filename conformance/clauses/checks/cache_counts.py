"""CACHE - what a cache tells of its objects: listings and counts."""

from itertools import permutations
from typing import Any, Dict, Sequence, Tuple

from conformance.clauses.cases import cases
from conformance.clauses.expect import cache_looks, calls, equal, gives, in_ring, raises, true
from conformance.clauses.registry import CONTESTED, MUST, check, clause
from fixtures.operations.table import step
from fixtures.states import CHANGED, GHOST, UPTODATE, given, given_each
from fixtures.values import ref
from fixtures.world import World

clause(
    "CACHE-09",
    MUST,
    "items() covers the cached objects, ghosts included, without persistent classes.",
    "I:IPickleCache.items",
)


@check("CACHE-09")
def items_holds_every_object(world: World) -> None:
    gives(world.do("cache_items"), [])
    given_each(world, a="saved", b="ghost", c="changed")
    pairs = [(world.oid(name), ref(name)) for name in "abc"]
    found = world.do("cache_items")
    gives(found, pairs)
    calls(found)
    in_ring(world, "ac")


@check("CACHE-09")
def items_holds_no_class(world: World) -> None:
    given(world, "saved", "a")
    world.do("create_class", "k")
    world.do("new_ghost", "k")
    gives(world.do("cache_items"), [(world.oid("a"), ref("a"))])


clause(
    "CACHE-10",
    MUST,
    "ringlen() and lru_items() cover exactly the loaded objects - no ghosts, no persistent "
    "classes -, lru_items() as (oid, object) from the least to the most recently used one.",
    "I:IPickleCache.ringlen, lru_items",
)


def _ring(world: World, expected: str) -> None:
    cache_looks(world, ring=tuple(expected), ringlen=len(expected))


@check("CACHE-10")
def only_loaded_objects_are_in_the_ring(world: World) -> None:
    _ring(world, "")
    given_each(world, a="ghost", b="saved", c="changed", d="ghost")
    world.do("create_class", "k")
    world.do("new_ghost", "k")
    _ring(world, "bc")


@check("CACHE-10")
def a_sticky_object_is_in_the_ring(world: World) -> None:
    given_each(world, a="sticky", b="saved")
    _ring(world, "ab")


@check("CACHE-10")
def lru_items_are_oids_and_objects(world: World) -> None:
    given_each(world, b="saved", a="saved", c="ghost")
    expected = [(world.oid("b"), ref("b")), (world.oid("a"), ref("a"))]
    found = world.do("lru_items")
    gives(found, expected)
    calls(found)
    gives(world.do("lru_items"), expected)


@check(
    "CACHE-10",
    each={
        f"{position} of {length}": {"names": "abcdef"[:length], "used": "abcdef"[position]}
        for length in (1, 2, 3, 6)
        for position in range(length)
    },
)
def a_used_object_goes_to_the_end(world: World, names: str, used: str) -> None:
    given_each(world, **dict.fromkeys(names, "saved"))
    _ring(world, names)
    world.do("get", used, "x")
    _ring(world, names.replace(used, "") + used)


@check(
    "CACHE-10",
    each={
        "read": {"op": ("get", "a", "x")},
        "write": {"op": ("set", "a", "x", 2)},
        "delete": {"op": ("delete", "a", "x")},
        "method": {"op": ("get", "a", "method")},
    },
)
def every_kind_of_use_counts(world: World, op: Sequence[Any]) -> None:
    given_each(world, a="saved", b="saved", c="saved")
    world.do(*op)
    _ring(world, "bca")


@check(
    "CACHE-10", each={"".join(order): {"order": "".join(order)} for order in permutations("abc")}
)
def the_order_is_the_order_of_use(world: World, order: str) -> None:
    given_each(world, a="saved", b="changed", c="saved")
    for name in order:
        world.do("get", name, "x")
    _ring(world, order)


@check("CACHE-10")
def a_loaded_ghost_enters_at_the_end(world: World) -> None:
    given_each(world, a="saved", b="ghost", c="saved")
    world.do("activate", "b")
    _ring(world, "acb")


@check("CACHE-10")
def what_is_used_during_an_invalidation_goes_to_the_end(world: World) -> None:
    given(world, "saved", "a", "Invalidate")
    given_each(world, b="saved", c="saved")
    world.do("plan", "_p_invalidate", "a", [step("get", "b", "x")])
    world.do("cache_invalidate", ref("a"))
    _ring(world, "cb")


@check("CACHE-10", each=cases(gone=("a", "b", "c")))
def a_ghosted_object_leaves_the_others_in_order(world: World, gone: str) -> None:
    given_each(world, a="saved", b="saved", c="saved")
    world.do("deactivate", gone)
    rest = "abc".replace(gone, "")
    _ring(world, rest)
    world.do("activate", gone)
    _ring(world, rest + gone)


clause(
    "CACHE-11",
    MUST,
    "Outside of calls into the implementation, cache_non_ghost_count, ringlen() and the number of "
    "cached objects that are no ghosts are equal.",
    "I:IPickleCache.cache_non_ghost_count; K",
)


def _counts_agree(world: World, names: str, after: str) -> None:
    seen = world.cache()
    loaded = [name for name in names if world.object(name).state != GHOST]
    equal(sorted(seen.ring or ()), loaded, "the names in lru_items() after " + after)
    equal(seen.ringlen, len(loaded), "ringlen() after " + after)
    equal(seen.non_ghost_count, len(loaded), "cache_non_ghost_count after " + after)


_LIVES: Dict[str, Sequence[Tuple[Any, ...]]] = {
    "used": (
        ("activate", "a"),
        ("activate", "a"),
        ("get", "b", "x"),
        ("set", "c", "x", 2),
        ("set", "b", "_p_changed", True),
        ("set", "b", "_p_changed", False),
        ("get", "a", "x"),
        ("cache_set", "a"),
        ("delete", "a", "x"),
        ("commit",),
        ("set", "a", "y", 1),
    ),
    "evicted": (
        ("minimize",),
        ("get", "b", "x"),
        ("full_sweep",),
        ("set", "a", "x", 2),
        ("get", "b", "x"),
        ("minimize",),
        ("commit",),
        ("cache_setting", "cache_size", 1),
        ("get", "c", "x"),
        ("incrgc",),
        ("get", "b", "x"),
        ("incrgc",),
    ),
    "invalidated": (
        ("cache_invalidate", ref("a")),
        ("get", "a", "x"),
        ("get", "b", "x"),
        ("set", "c", "x", 2),
        ("cache_invalidate", [ref("b"), ref("c"), ref("b")]),
        ("cache_invalidate", ref("b")),
        ("get", "b", "x"),
        ("cache_invalidate", [ref("c"), ref("b"), ref("a"), ref("z")]),
    ),
    "ghosted": (
        ("activate", "a"),
        ("deactivate", "a"),
        ("activate", "b"),
        ("invalidate", "b"),
        ("set", "c", "x", 2),
        ("invalidate", "c"),
        ("activate", "a"),
        ("activate", "c"),
        ("set", "c", "_p_changed", None),
        ("delete", "a", "_p_changed"),
    ),
    "aborted": (("set", "a", "x", 2), ("get", "b", "x"), ("abort",), ("get", "a", "x"), ("abort",)),
}


@check("CACHE-11", each=cases(life=_LIVES))
def the_counts_agree_after_every_step(world: World, life: str) -> None:
    given_each(world, a="ghost", b="ghost", c="ghost")
    _counts_agree(world, "abc", "new_ghost")
    for op in _LIVES[life]:
        world.do(*op)
        _counts_agree(world, "abc", repr(op))


@check("CACHE-11", each=cases(error=("LoadError", "SystemExit")))
def the_counts_agree_after_a_failed_load(world: World, error: str) -> None:
    given_each(world, a="saved", b="ghost")
    for call in ("setstate", "setstate done"):
        world.do("plan", call, "b", (), error)
        raises(world.attempt("activate", "b"), error)
        _counts_agree(world, "ab", "a failed load")


@check("CACHE-11", each=cases(state=("saved", "changed", "ghost")))
def the_counts_agree_when_a_loaded_object_is_deleted_and_set(world: World, state: str) -> None:
    given(world, state, "a")
    given(world, "saved", "b")
    world.do("cache_del", ref("a"))
    _counts_agree(world, "b", "del cache[oid]")
    world.do("cache_set", "a")
    _counts_agree(world, "ab", "cache[oid] = obj")


@check(
    "CACHE-11",
    each={
        f"{sample}, {op}": {"sample": sample, "op": op}
        for sample in ("Refusing", "Living", "Slotted", "NewSlotted")
        for op in ("deactivate", "invalidate", "cache_invalidate", "minimize")
    },
)
def the_counts_agree_whatever_the_class_does(world: World, sample: str, op: str) -> None:
    data = (None, {"x": 1}) if sample.endswith("Slotted") else {"x": 1}
    given(world, "saved", "a", sample, data)
    given(world, "saved", "b")
    world.do(op, *{"minimize": (), "cache_invalidate": (ref("a"),)}.get(op, ("a",)))
    _counts_agree(world, "ab", op)
    world.do("get", "a", "x")
    _counts_agree(world, "ab", "use")


clause(
    "CACHE-12",
    MUST,
    "cache_data is a copy of the dict of cached objects by oid: changing it changes no cache.",
    "I:IPickleCache.cache_data",
)


@check("CACHE-12")
def cache_data_is_a_copy(world: World) -> None:
    gives(world.do("cache_data"), {})
    given_each(world, a="saved", b="ghost", c="changed")
    expected = {world.oid(name): ref(name) for name in "abc"}
    found = world.do("cache_data")
    gives(found, expected)
    calls(found)
    before = world.cache()
    world.do("cache_data_clear")
    cache_looks(world, before)
    gives(world.do("cache_data"), expected)
    gives(world.do("cache_get", ref("b")), ref("b"))


clause(
    "CACHE-13",
    MUST,
    "cache_klass_count is the number of persistent classes in the cache: len(klass_items()).",
    "I:IPickleCache.cache_klass_count, klass_items",
)


@check("CACHE-13")
def the_class_count_is_the_number_of_classes(world: World) -> None:
    given_each(world, a="saved", b="ghost")
    _classes(world, "")
    for count, name in enumerate("klm"):
        world.do("create_class", name)
        world.do("new_ghost", name)
        _classes(world, "klm"[: count + 1])
    world.do("cache_del", ref("l"))
    _classes(world, "km")
    world.do("cache_del", ref("k"))
    world.do("cache_del", ref("m"))
    _classes(world, "")


def _classes(world: World, names: str) -> None:
    expected = [(world.oid(name), ref(name)) for name in names]
    gives(world.do("klass_items"), expected)
    cache_looks(world, class_count=len(names))


clause(
    "CACHE-14",
    CONTESTED,
    "items(), klass_items(), lru_items() and debug_info() return a sequence of tuples.",
    "I:IPickleCache.items, lru_items, klass_items, debug_info",
    decision="Both implementations return a sequence for lru_items() and debug_info(); items() is "
    "a dict view (C) or a generator (pure Python), klass_items() a list (C) or a view (pure "
    "Python). The reference returns lists.",
)


@check(
    "CACHE-14",
    each={
        listing: {"listing": listing}
        for listing in ("items", "klass_items", "lru_items", "debug_info")
    },
)
def a_listing_is_a_sequence_of_tuples(world: World, listing: str) -> None:
    if listing == "klass_items":
        world.do("create_class", "a")
        world.do("new_ghost", "a")
    else:
        given(world, "saved", "a")
    length, first = world.do("cache_first", listing).value
    equal(length, 1, "the length")
    true(isinstance(first, tuple), "that the first item is a tuple")
    equal(first[0], world.oid("a"), "the first item's oid")


clause(
    "CACHE-18",
    MUST,
    "debug_info() returns a tuple (oid, reference count, type name, state) for every cached "
    "object.",
    "I:IPickleCache.debug_info",
)


@check("CACHE-18")
def debug_info_tells_of_every_object(world: World) -> None:
    gives(world.do("debug_info"), [])
    given_each(world, a="saved", b="ghost", c="changed")
    given(world, "saved", "d", "Slotted", (None, {"x": 1}))
    expected = [
        (world.oid("a"), "Plain", UPTODATE),
        (world.oid("b"), "Plain", GHOST),
        (world.oid("c"), "Plain", CHANGED),
        (world.oid("d"), "Slotted", UPTODATE),
    ]
    found = world.do("debug_info")
    calls(found)
    equal([len(item) for item in found.value], [4] * 4, "the lengths of the tuples")
    equal([(item[0], *item[2:]) for item in found.value], expected, "oid, type name and state")
    counts = [item[1] for item in found.value]
    true(all(isinstance(count, int) for count in counts), f"that reference counts {counts} are int")
    in_ring(world, "acd")


@check("CACHE-18")
def debug_info_tells_of_classes(world: World) -> None:
    world.do("create_class", "k")
    world.do("new_ghost", "k")
    given(world, "saved", "a")
    found = world.do("debug_info").value
    equal([item[0] for item in found], [world.oid("a"), world.oid("k")], "the oids")
    equal([item[2] for item in found], ["Plain", "type"], "the type names")
