"""CACHE - how a cache is made and set, its interface, and what its sweeps leave alone."""

from typing import Any, Sequence

from conformance.clauses.cases import cases
from conformance.clauses.expect import (
    cache_looks,
    calls,
    equal,
    gives,
    in_ring,
    in_states,
    looks,
    named_in,
    raises,
    true,
)
from conformance.clauses.registry import MUST, SHOULD, check, clause
from fixtures.implementation import Implementation
from fixtures.states import CHANGED, GHOST, STICKY, given, given_each
from fixtures.values import ref
from fixtures.world import World

clause(
    "CACHE-23",
    SHOULD,
    "cache_size, cache_size_bytes and cache_drain_resistance can be set, and the next incrgc() "
    "obeys; cache_non_ghost_count, cache_klass_count and cache_data cannot be set.",
    "I:IPickleCache; N",
)


@check(
    "CACHE-23",
    each={
        name: {"name": name}
        for name in ("cache_size", "cache_size_bytes", "cache_drain_resistance")
    },
)
def a_setting_can_be_set(world: World, name: str) -> None:
    for value in (3, 0, 1000):
        world.do("cache_setting", name, value)
        equal(world.do("cache_attribute", name).value, value, name)


@check(
    "CACHE-23",
    each={
        "cache_size": {"name": "cache_size", "value": 1, "ring": "c"},
        "cache_drain_resistance": {"name": "cache_drain_resistance", "value": 3, "ring": "c"},
    },
)
def the_next_collection_obeys(world: World, name: str, value: int, ring: str) -> None:
    given_each(world, a="saved", b="saved", c="saved")
    world.do("incrgc")
    in_ring(world, "abc")
    world.do("cache_setting", name, value)
    world.do("incrgc")
    in_ring(world, ring)


@check("CACHE-23", needs=("estimated_size",))
def the_next_collection_obeys_the_size_in_bytes(world: World) -> None:
    for name in "abc":
        given(world, "saved", name)
        world.do("update_size", ref(name), 1000)
        world.do("set", name, "_p_estimated_size", 1000)
    world.do("incrgc")
    in_ring(world, "abc")
    world.do("cache_setting", "cache_size_bytes", 2048)
    world.do("incrgc")
    in_ring(world, "bc")


@check(
    "CACHE-23",
    each={
        name: {"name": name}
        for name in ("cache_non_ghost_count", "cache_klass_count", "cache_data")
    },
)
def a_count_cannot_be_set(world: World, name: str) -> None:
    given_each(world, a="saved", b="ghost")
    before = world.cache()
    raises(world.attempt("cache_setting", name, 0), "AttributeError")
    cache_looks(world, before)


clause(
    "CACHE-24",
    MUST,
    "The cache class implements IPickleCache.",
    "CH 4.5.0",
)


@check("CACHE-24", needs=("cache", "interfaces"), because="asks a class, which is in no world")
def the_cache_class_implements_its_interface(implementation: Implementation) -> None:
    cache: Any = implementation.cache
    interface = named_in(implementation.interfaces, "IPickleCache")
    true(
        interface.implementedBy(cache),
        "that IPickleCache.implementedBy() says so of the cache class",
    )
    instance = cache(type("Jar", (), {})())
    missing = [name for name in interface if not hasattr(instance, name)]
    equal(missing, [], "the names of IPickleCache that a cache lacks")


clause(
    "CACHE-30",
    MUST,
    "PickleCache(jar, target_size, cache_size_bytes): the second and the third argument are "
    "optional and positional, and read back as cache_size and cache_size_bytes.",
    "D2.6; K",
)


@check(
    "CACHE-30",
    each={
        "none": {"sizes": ()},
        "one": {"sizes": (10,)},
        "both": {"sizes": (10, 100)},
        "zeros": {"sizes": (0, 0)},
    },
)
def a_cache_is_made_with_two_sizes(world: World, sizes: Sequence[int]) -> None:
    world.do("new_cache", sizes)
    if sizes:
        gives(world.do("cache_attribute", "cache_size"), sizes[0])
    expected = sizes[1] if len(sizes) == 2 else 0
    gives(world.do("cache_attribute", "cache_size_bytes"), expected)
    gives(world.do("cache_attribute", "cache_drain_resistance"), 0)
    cache_looks(world, length=0, class_count=0)
    in_ring(world, "")
    given(world, "saved", "a")
    in_ring(world, "a")


@check("CACHE-30", needs=("cache", "estimated_size"))
def a_new_cache_has_no_estimated_size(world: World) -> None:
    cache_looks(world, estimated_size=0)


clause(
    "CACHE-34",
    SHOULD,
    "A jar that takes no attributes can have a cache: making one asks nothing of the jar.",
    "N (picklecache.py, a comment)",
)


class _Closed:
    """A jar that takes no attributes."""

    __slots__ = ()


@check("CACHE-34", needs=("cache",), because="a world's jars are recorders, which take attributes")
def a_jar_that_takes_no_attributes_has_a_cache(implementation: Implementation) -> None:
    cache: Any = implementation.cache
    jar = _Closed()
    made = cache(jar)
    obj = implementation.persistent()
    made.new_ghost(b"\0\0\0\0\0\0\0a", obj)
    true(made.get(b"\0\0\0\0\0\0\0a") is obj, "that the cache holds the object")
    true(obj._p_jar is jar, "that the object is of the jar")
    equal((len(made), made.ringlen(), obj._p_state), (1, 0, GHOST), "len, ringlen() and _p_state")


clause(
    "CACHE-31",
    MUST,
    "Changed and sticky objects stay in the ring, with their data, and are counted.",
    "K",
)


@check(
    "CACHE-31",
    world={"cache_size": 0},
    each=cases(sweep=("incrgc", "full_sweep", "minimize")),
)
def a_changed_object_stays_in_the_ring(world: World, sweep: str) -> None:
    _stays(world, sweep, "changed", CHANGED)


def _stays(world: World, sweep: str, state: str, seen: int) -> None:
    given_each(world, a="saved", b=state, c="saved", d=state)
    calls(world.do(sweep))
    in_ring(world, "bd")
    in_states(world, a=GHOST, b=seen, c=GHOST, d=seen)
    looks(world, "b", dict={"x": 1})


@check(
    "CACHE-31",
    world={"cache_size": 0},
    each=cases(sweep=("incrgc", "full_sweep", "minimize")),
)
def a_sticky_object_stays_in_the_ring(world: World, sweep: str) -> None:
    _stays(world, sweep, "sticky", STICKY)
