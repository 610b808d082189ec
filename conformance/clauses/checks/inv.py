"""INV - invalidation through the cache."""

from itertools import permutations, product
from typing import Any, Tuple

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
from conformance.clauses.registry import MAY, MUST, SHOULD, check, clause
from fixtures.states import GHOST, UPTODATE, ghost_of, given, given_each
from fixtures.values import ref
from fixtures.world import World

clause(
    "INV-01",
    MUST,
    "invalidate(oid) invalidates one object, invalidate(sequence of oids) each; oids that are not "
    "cached are ignored.",
    "I:IPickleCache.invalidate",
)


@check("INV-01", each=cases(name="abc"))
def one_oid_invalidates_one_object(world: World, name: str) -> None:
    given_each(world, a="saved", b="saved", c="saved")
    seen = world.do("cache_invalidate", ref(name))
    calls(seen)
    gives(seen, None)
    states = dict.fromkeys("abc", UPTODATE)
    states[name] = GHOST
    in_states(world, **states)
    in_ring(world, "abc".replace(name, ""))


@check(
    "INV-01",
    each={
        ",".join(names) or "none": {"names": names}
        for length in range(4)
        for names in permutations("abc", length)
    },
)
def a_list_of_oids_invalidates_each(world: World, names: Tuple[str, ...]) -> None:
    given_each(world, a="saved", b="changed", c="saved")
    before = {name: world.object(name) for name in "abc"}
    calls(world.do("cache_invalidate", [ref(name) for name in names]))
    for name in "abc":
        expected = ghost_of(before[name]) if name in names else before[name]
        looks(world, name, expected)
    in_ring(world, "".join(name for name in "abc" if name not in names))


@check(
    "INV-01",
    each={
        "alone": {"oids": ref("z")},
        "in a list": {"oids": [ref("z")]},
        "empty bytes": {"oids": b""},
        "several": {"oids": [ref("y"), ref("z")]},
    },
)
def unknown_oids_are_ignored(world: World, oids: Any) -> None:
    given_each(world, a="saved", b="ghost")
    before = world.object("a"), world.object("b"), world.cache()
    calls(world.do("cache_invalidate", oids))
    equal((world.object("a"), world.object("b"), world.cache()), before, "objects and cache")


@check("INV-01", each={"first": {"place": 0}, "middle": {"place": 1}, "last": {"place": 2}})
def an_unknown_oid_among_others_is_ignored(world: World, place: int) -> None:
    given_each(world, a="saved", b="saved", c="saved")
    oids = [ref("a"), ref("b")]
    oids.insert(place, ref("z"))
    world.do("cache_invalidate", oids)
    in_states(world, a=GHOST, b=GHOST, c=UPTODATE)
    in_ring(world, "c")


@check("INV-01")
def an_empty_cache_ignores_all(world: World) -> None:
    world.do("cache_invalidate", [ref("a"), ref("b")])
    cache_looks(world, length=0)


clause(
    "INV-02",
    MUST,
    "Any sequence of oids is accepted: a tuple as well as a list.",
    "I:IPickleCache.invalidate",
)


@check(
    "INV-02", each={"list": {"oids": [ref("a"), ref("c")]}, "tuple": {"oids": (ref("a"), ref("c"))}}
)
def a_sequence_is_accepted(world: World, oids: Any) -> None:
    given_each(world, a="saved", b="saved", c="saved")
    gives(world.do("cache_invalidate", oids), None)
    in_states(world, a=GHOST, b=UPTODATE, c=GHOST)
    in_ring(world, "b")


@check("INV-02", each={"list": {"oids": []}, "tuple": {"oids": ()}})
def an_empty_sequence_is_accepted(world: World, oids: Any) -> None:
    given_each(world, a="saved")
    before = world.cache()
    calls(world.do("cache_invalidate", oids))
    cache_looks(world, before)


clause(
    "INV-03",
    SHOULD,
    "invalidate does not modify what it is given.",
    "N; cPickleCache.c",
)


@check(
    "INV-03",
    each={
        f"{kind} of {', '.join(names)}": {"kind": kind, "names": names}
        for kind in ("list", "dict")
        for names in ("a", "az", "ab", "abz")
    },
)
def the_oids_are_still_there(world: World, kind: str, names: str) -> None:
    given_each(world, a="saved", b="ghost")
    seen = world.do("invalidate_iterable", [ref(name) for name in names], kind)
    gives(seen, [world.oid(name) for name in names])
    in_states(world, a=GHOST)


clause(
    "INV-04",
    MUST,
    "An invalidated object becomes a ghost and leaves the ring, a changed one too; it reads what "
    "is stored afterwards.",
    "I:IPickleCache.invalidate",
)


@check("INV-04", each=cases(state=("saved", "changed")))
def an_invalidated_object_reads_what_is_stored(world: World, state: str) -> None:
    given(world, state, "a")
    world.do("store", "a", {"x": 2})
    world.do("cache_invalidate", ref("a"))
    seen = world.do("get", "a", "x")
    gives(seen, 2)
    calls(seen, "setstate a")
    in_ring(world, "a")


@check("INV-04")
def an_object_whose_deactivation_refuses_is_invalidated_all_the_same(world: World) -> None:
    given(world, "saved", "a", "Refusing")
    world.do("cache_invalidate", ref("a"))
    in_states(world, a=GHOST)
    in_ring(world, "")
    looks(world, "a", dict={})


@check("INV-04")
def a_hook_of_the_class_is_called(world: World) -> None:
    given(world, "saved", "a", "Invalidate")
    calls(world.do("cache_invalidate", ref("a")), "_p_invalidate a")
    in_states(world, a=GHOST)
    in_ring(world, "")


clause(
    "INV-05",
    MUST,
    "An invalidated object that is still referred to stays the object of its oid, also when it is "
    "loaded again.",
    "D1.2; ZODB Connection",
)


@check("INV-05", each=cases(state=("saved", "changed")))
def the_identity_is_kept(world: World, state: str) -> None:
    given(world, state, "a")
    world.do("cache_invalidate", [ref("a"), ref("a")])
    gives(world.do("cache_get", ref("a")), ref("a"))
    world.do("get", "a", "x")
    gives(world.do("cache_item", ref("a")), ref("a"))
    gives(world.do("lru_items"), [(world.oid("a"), ref("a"))])
    cache_looks(world, length=1)


clause(
    "INV-06",
    MUST,
    "What comes of invalidating several oids does not depend on their order or on repeats, and it "
    "always ends.",
    "CH 4.0.7 (PR #4)",
)


@check(
    "INV-06",
    each={
        "".join(names): {"names": names}
        for names in (
            *permutations("abc"),
            *(names for names in product("abc", repeat=4) if set(names) == set("abc")),
            *("aa", "aaa", "aba", "aabb", "abab", "abcabc", "ccbbaa"),
        )
    },
)
def order_and_repeats_make_no_difference(world: World, names: Tuple[str, ...]) -> None:
    given_each(world, a="saved", b="changed", c="ghost", d="saved")
    before = {name: world.object(name) for name in "abcd"}
    world.do("cache_invalidate", [ref(name) for name in names])
    for name in "abcd":
        expected = ghost_of(before[name]) if name in names else before[name]
        looks(world, name, expected)
    in_ring(world, "".join(name for name in "abd" if name not in names))
    cache_looks(world, length=4)


@check(
    "INV-06",
    each={"".join(names): {"names": names} for names in (*permutations("abc"), "aab", "abba")},
)
def an_object_that_reloads_at_once_makes_no_difference(
    world: World, names: Tuple[str, ...]
) -> None:
    twins = dict(zip("abc", "def"))
    for name in "abcdef":
        given(world, "saved", name, "Living" if name in "ad" else "Plain")
        world.do("store", name, {"x": 2})
    world.do("cache_invalidate", [ref(name) for name in names])
    for name in sorted(set(names)):
        world.do("cache_invalidate", ref(twins[name]))
    for name, twin in twins.items():
        seen, expected = world.object(name), world.object(twin)
        equal(
            (seen.state, seen.dict),
            (expected.state, expected.dict),
            f"state and dict of {name}, compared with those of {twin}, invalidated alone",
        )


clause(
    "INV-08",
    MUST,
    "Invalidating a persistent class removes it from the cache: from its oids, klass_items() and "
    "cache_klass_count.",
    "I:IPickleCache.invalidate",
)


@check(
    "INV-08",
    each={
        "oid": {"oids": ref("k"), "left": "l"},
        "list": {"oids": [ref("k")], "left": "l"},
        "repeated": {"oids": [ref("k"), ref("k")], "left": "l"},
        "both": {"oids": [ref("k"), ref("l")], "left": ""},
    },
)
def an_invalidated_class_leaves_the_cache(world: World, oids: Any, left: str) -> None:
    for name in "kl":
        world.do("create_class", name)
        world.do("new_ghost", name)
    given(world, "saved", "a")
    world.do("cache_invalidate", oids)
    gives(world.do("cache_get", ref("k")), None)
    pairs = [(world.oid(name), ref(name)) for name in left]
    gives(world.do("klass_items"), pairs)
    cache_looks(world, class_count=len(left), length=1 + len(left))
    in_ring(world, "a")


clause(
    "INV-09",
    MAY,
    "invalidate accepts any other iterable of oids: a set, a generator, the keys of a dict.",
    "I:IPickleCache.invalidate",
)


@check("INV-09", each=cases(kind=("set", "generator", "keys")))
def other_iterables_are_recorded(world: World, kind: str) -> None:
    given_each(world, a="saved", b="saved")
    seen = world.attempt("invalidate_iterable", [ref("a"), ref("b")], kind)
    ghosts = [name for name in "ab" if world.object(name).state == GHOST]
    world.note(f"{kind}: {seen.error or 'accepted'}, ghosts {ghosts}")


clause(
    "INV-10",
    SHOULD,
    "An exception that an overridden _p_invalidate raises propagates from invalidate, and the "
    "cache stays usable.",
    "N; GC-10",
)


@check("INV-10", each={"alone": {"oids": ref("a")}, "in a list": {"oids": [ref("a"), ref("b")]}})
def an_error_in_a_hook_propagates(world: World, oids: Any) -> None:
    given(world, "saved", "a", "Invalidate")
    given_each(world, b="saved", c="saved")
    world.do("plan", "_p_invalidate", "a", (), "ValueError")
    raises(world.attempt("cache_invalidate", oids), "ValueError")
    world.do("cache_invalidate", [ref(name) for name in "abc"])
    in_states(world, a=GHOST, b=GHOST, c=GHOST)
    in_ring(world, "")


@check("INV-10")
def a_use_counts_after_an_error_in_a_hook(world: World) -> None:
    given(world, "saved", "a", "Invalidate")
    given_each(world, b="saved", c="saved")
    world.do("plan", "_p_invalidate", "a", (), "ValueError")
    raises(world.attempt("cache_invalidate", ref("a")), "ValueError")
    world.do("get", "b", "x")
    in_ring(world, "acb")
