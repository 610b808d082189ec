"""CACHE - what a cache offers that declares IExtendedPickleCache."""

from typing import Any

from conformance.clauses.cases import cases
from conformance.clauses.expect import cache_looks, calls, equal, in_ring, in_states, looks, raises
from conformance.clauses.registry import MUST, check, clause
from fixtures.states import CHANGED, GHOST, UPTODATE, given_each
from fixtures.values import ref
from fixtures.world import World

_NEEDS = ("cache", "extended_cache")

clause(
    "CACHE-25",
    MUST,
    "Where IExtendedPickleCache is declared, reify(oid, or a sequence of oids) activates each "
    "ghost and puts it into the ring, once; it skips what is no ghost; an oid that is not cached "
    "is a KeyError.",
    "I:IExtendedPickleCache.reify",
)


@check("CACHE-25", needs=_NEEDS)
def reify_loads_a_ghost(world: World) -> None:
    given_each(world, a="ghost", b="ghost")
    calls(world.do("reify", ref("a")), "setstate a")
    in_states(world, a=UPTODATE, b=GHOST)
    looks(world, "a", dict={"x": 1})
    cache_looks(world, ring=("a",), ringlen=1)


@check("CACHE-25", needs=_NEEDS)
def reify_counts_a_ghost_once(world: World) -> None:
    given_each(world, a="ghost", b="ghost")
    world.do("reify", ref("a"))
    cache_looks(world, non_ghost_count=1)
    in_ring(world, "a")


@check(
    "CACHE-25",
    needs=_NEEDS,
    each={"list": {"oids": [ref("c"), ref("a")]}, "tuple": {"oids": (ref("c"), ref("a"))}},
)
def reify_loads_each_of_a_sequence(world: World, oids: Any) -> None:
    given_each(world, a="ghost", b="ghost", c="ghost")
    calls(world.do("reify", oids), "setstate c", "setstate a")
    in_states(world, a=UPTODATE, b=GHOST, c=UPTODATE)
    equal(sorted(world.cache().ring), ["a", "c"], "the names in lru_items()")


@check("CACHE-25", needs=_NEEDS)
def reify_loads_a_repeated_oid_once(world: World) -> None:
    given_each(world, a="ghost")
    calls(world.do("reify", [ref("a"), ref("a")]), "setstate a")
    cache_looks(world, ring=("a",))


@check("CACHE-25", needs=_NEEDS)
def reify_loads_nothing_for_an_empty_sequence(world: World) -> None:
    given_each(world, a="ghost")
    before = world.cache()
    calls(world.do("reify", []))
    cache_looks(world, before)


@check("CACHE-25", needs=_NEEDS, each=cases(state=("saved", "changed")))
def reify_skips_what_is_no_ghost(world: World, state: str) -> None:
    given_each(world, a=state, b="saved", c="ghost")
    before = world.object("a")
    calls(world.do("reify", [ref("a"), ref("c")]), "setstate c")
    looks(world, "a", before)
    in_states(world, a=CHANGED if state == "changed" else UPTODATE, c=UPTODATE)
    cache_looks(world, ringlen=3)


@check(
    "CACHE-25",
    needs=_NEEDS,
    each={"alone": {"oids": ref("z")}, "in a sequence": {"oids": [ref("z")]}},
)
def reify_raises_for_an_unknown_oid(world: World, oids: Any) -> None:
    given_each(world, a="ghost")
    raises(world.attempt("reify", oids), "KeyError")
    in_states(world, a=GHOST)


@check(
    "CACHE-25",
    needs=_NEEDS,
    each={"alone": {"oids": ref("a")}, "in a sequence": {"oids": [ref("b"), ref("a")]}},
)
def a_reify_that_fails_counts_nothing(world: World, oids: Any) -> None:
    given_each(world, a="ghost", b="saved")
    before = world.cache()
    world.do("plan", "setstate", "a", error="LoadError")
    raises(world.attempt("reify", oids), "LoadError")
    in_states(world, a=GHOST)
    cache_looks(world, before)


@check("CACHE-25", needs=_NEEDS)
def reify_of_loaded_objects_leaves_the_cache_as_it_is(world: World) -> None:
    given_each(world, a="saved", b="changed")
    before = world.cache()
    calls(world.do("reify", [ref("a"), ref("b")]))
    equal(world.cache()._replace(ring=before.ring), before, "the counts")


@check("CACHE-25", needs=_NEEDS, each={"2": {"size": 2}, "3": {"size": 3}})
def what_reify_loads_stays_if_the_size_allows(world: World, size: int) -> None:
    given_each(world, a="ghost", b="ghost")
    world.do("cache_setting", "cache_size", size)
    world.do("reify", ref("a"))
    world.do("incrgc")
    in_states(world, a=UPTODATE, b=GHOST)


clause(
    "CACHE-26",
    MUST,
    "Where IExtendedPickleCache is declared, mru(oid) makes the object the most recently used "
    "one; an oid that is not cached is a KeyError.",
    "I:IExtendedPickleCache.mru",
)


@check("CACHE-26", needs=_NEEDS, each=cases(name="abc"))
def mru_makes_the_object_most_recently_used(world: World, name: str) -> None:
    given_each(world, a="saved", b="changed", c="saved")
    before = world.object(name)
    calls(world.do("mru", ref(name)))
    in_ring(world, "abc".replace(name, "") + name)
    looks(world, name, before)


@check("CACHE-26", needs=_NEEDS)
def mru_of_a_ghost_loads_nothing(world: World) -> None:
    given_each(world, a="ghost", b="saved")
    calls(world.do("mru", ref("a")))
    in_states(world, a=GHOST)
    in_ring(world, "b")


@check(
    "CACHE-26", needs=_NEEDS, each={"empty": {"others": {}}, "filled": {"others": {"a": "saved"}}}
)
def mru_raises_for_an_unknown_oid(world: World, others: Any) -> None:
    given_each(world, **others)
    before = world.cache()
    raises(world.attempt("mru", ref("z")), "KeyError")
    cache_looks(world, before)
