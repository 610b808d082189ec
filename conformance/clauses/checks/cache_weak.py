"""CACHE - what a cache keeps alive, and what it lets go."""

import gc
import sys
import weakref
from typing import Any, Dict, List

from conformance.clauses.expect import calls, equal, in_ring, in_states
from conformance.clauses.registry import MUST, SHOULD, check, clause
from fixtures.implementation import Implementation
from fixtures.states import CHANGED, GHOST, UPTODATE, given, given_each
from fixtures.values import Ref, ref
from fixtures.world import World, forget_world

_SAMPLES: Dict[str, Dict[str, Any]] = {
    "dict": {"sample": "Plain", "data": {"x": 1}},
    "slots": {"sample": "Slotted", "data": (None, {"x": 1})},
    "no weak references": {"sample": "Bare", "data": (None, {})},
}


def _gone(world: World, *names: str) -> None:
    for name in names:
        world.do("drop", name)
    world.do("collect")


clause(
    "CACHE-15",
    MUST,
    "The cache holds a ghost weakly: the ghost leaves it when the last reference from outside "
    "dies.",
    "K",
)


@check("CACHE-15", each=_SAMPLES)
def a_ghost_leaves_when_nothing_refers_to_it(world: World, sample: str, data: Any) -> None:
    given(world, "ghost", "a", sample, data)
    given(world, "ghost", "b", sample, data)
    world.do("collect")
    equal(world.cache().length, 2, "len(cache)")
    _gone(world, "a")
    equal(world.cache().length, 1, "len(cache)")
    equal(world.do("cache_get", ref("a")).value, None, "cache.get(oid)")
    equal(world.do("cache_get", ref("b")).value, ref("b"), "cache.get(oid) of the other")
    equal(world.do("cache_items").value, [(world.oid("b"), ref("b"))], "items()")


@check("CACHE-15")
def a_ghost_that_another_object_refers_to_stays(world: World) -> None:
    given_each(world, a="ghost", b="saved")
    world.do("set", "b", "other", ref("a"))
    _gone(world, "a")
    equal(world.cache().length, 2, "len(cache)")
    world.do("invalidate", "b")
    world.do("collect")
    equal(world.cache().length, 1, "len(cache)")


@check("CACHE-15")
def the_oid_of_a_ghost_that_left_can_be_used_again(world: World) -> None:
    given(world, "ghost", "a", data={"x": 1})
    _gone(world, "a")
    given(world, "ghost", "a", data={"x": 2})
    equal(world.cache().length, 1, "len(cache)")
    equal(world.do("get", "a", "x").value, 2, "the new object's data")


clause(
    "CACHE-16",
    MUST,
    "The ring holds a loaded object strongly: it stays in the cache, with its data, though "
    "nothing else refers to it.",
    "K; ring.h",
)


@check("CACHE-16", each={state: {"state": state} for state in ("saved", "changed", "sticky")})
def a_loaded_object_stays_when_nothing_refers_to_it(world: World, state: str) -> None:
    given(world, state, "a")
    before = world.object("a")
    world.do("forget_registered")
    _gone(world, "a")
    in_ring(world, "a")
    equal(world.cache().length, 1, "len(cache)")
    equal(world.do("fetch", "a").value, True, "whether the cache has it")
    equal(world.object("a"), before, "the object")


@check("CACHE-16", each=_SAMPLES)
def a_loaded_object_of_any_class_stays(world: World, sample: str, data: Any) -> None:
    given(world, "saved", "a", sample, data)
    before = world.object("a")
    _gone(world, "a")
    calls(world.do("fetch", "a"))
    equal(world.object("a"), before, "the object")


@check("CACHE-16")
def an_object_that_was_cached_as_loaded_stays(world: World) -> None:
    given(world, "added", "a")
    world.do("cache_set", "a")
    before = world.object("a")
    _gone(world, "a")
    equal(world.do("fetch", "a").value, True, "whether the cache has it")
    equal(world.object("a"), before, "the object")


@check("CACHE-16")
def an_object_that_is_loaded_through_another_stays(world: World) -> None:
    given_each(world, a="ghost", b="saved")
    world.do("set", "b", "other", ref("a"))
    world.do("activate", "a")
    _gone(world, "a")
    world.do("invalidate", "b")
    world.do("collect")
    equal(world.cache().length, 2, "len(cache)")
    equal(world.do("fetch", "a").value, True, "whether the cache has it")
    in_states(world, a=UPTODATE, b=GHOST)


clause(
    "CACHE-17",
    MUST,
    "An object that was ghosted leaves the cache when nothing else refers to it.",
    "K",
)


@check(
    "CACHE-17",
    each={
        f"{how}, {label}": dict(sample, how=how)
        for how in ("deactivate", "invalidate", "minimize", "cache_invalidate")
        for label, sample in _SAMPLES.items()
    },
)
def a_ghosted_object_leaves(world: World, how: str, sample: str, data: Any) -> None:
    given(world, "saved", "a", sample, data)
    given(world, "ghost", "b")
    world.do(how, *{"minimize": (), "cache_invalidate": (ref("a"),)}.get(how, ("a",)))
    _gone(world, "a")
    equal(world.cache().length, 1, "len(cache)")
    equal(world.do("cache_get", ref("a")).value, None, "cache.get(oid)")


@check(
    "CACHE-17",
    each={
        f"{how}, {label}": dict(sample, how=how)
        for how in ("minimize", "full_sweep", "cache_invalidate")
        for label, sample in _SAMPLES.items()
    },
)
def an_object_that_only_the_ring_holds_leaves_with_its_data(
    world: World, how: str, sample: str, data: Any
) -> None:
    given(world, "saved", "a", sample, data)
    given(world, "ghost", "b")
    _gone(world, "a")
    equal(world.cache().length, 2, "len(cache) before")
    world.do(how, *((ref("a"),) if how == "cache_invalidate" else ()))
    world.do("collect")
    equal(world.cache().length, 1, "len(cache)")
    equal(world.do("cache_get", ref("a")).value, None, "cache.get(oid)")
    in_ring(world, "")


@check("CACHE-17")
def a_changed_object_that_only_the_ring_holds_leaves_when_invalidated(world: World) -> None:
    given_each(world, a="changed", b="changed")
    world.do("forget_registered")
    _gone(world, "a")
    world.do("minimize")
    equal(world.cache().length, 2, "len(cache) after a sweep")
    world.do("cache_invalidate", ref("a"))
    world.do("collect")
    equal(world.cache().length, 1, "len(cache) after the invalidation")
    in_states(world, b=CHANGED)


clause(
    "CACHE-28",
    MUST,
    "Objects that cannot be weakly referenced can be cached, and leave the cache like any other.",
    "CH 4.6.0 (#133)",
)


@check("CACHE-28")
def an_object_without_weak_references_can_be_cached(world: World) -> None:
    given(world, "ghost", "a", "Bare", (None, {}))
    in_states(world, a=GHOST)
    equal(world.cache().length, 1, "len(cache)")
    calls(world.do("activate", "a"), "setstate a")
    in_ring(world, "a")
    in_states(world, a=UPTODATE)
    world.do("minimize")
    in_ring(world, "")
    in_states(world, a=GHOST)
    equal(world.do("cache_get", ref("a")).value, ref("a"), "cache.get(oid)")
    _gone(world, "a")
    equal(world.cache().length, 0, "len(cache)")


@check("CACHE-28")
def an_object_without_weak_references_can_be_stored(world: World) -> None:
    world.do("create", "a", "Bare")
    world.do("add", "a")
    world.do("cache_set", "a")
    in_ring(world, "a")
    world.do("cache_del", ref("a"))
    equal(world.cache().length, 0, "len(cache)")
    equal(world.do("cache_get", ref("a")).value, None, "cache.get(oid)")


@check("CACHE-28")
def an_object_without_weak_references_can_come_back(world: World) -> None:
    given(world, "saved", "a", "Bare", (None, {}))
    for _ in range(3):
        world.do("cache_invalidate", ref("a"))
        equal(world.cache().length, 1, "len(cache) while the ghost is referred to")
        world.do("activate", "a")
        in_ring(world, "a")


clause(
    "CACHE-29",
    SHOULD,
    "Collecting a cache together with its objects prints nothing, and sys.unraisablehook is not "
    "called.",
    "CH 4.7.0 (#150)",
)


class _Output:
    def __init__(self, lines: List[str]) -> None:
        self.lines = lines

    def write(self, text: str) -> int:
        self.lines.append(text)
        return len(text)

    def flush(self) -> None:
        """Nothing is buffered."""


@check(
    "CACHE-29",
    needs=("cache",),
    because="a world holds its caches, so that none can be collected in it",
    each={
        "referring to each other": {"linked": True},
        "referred to by the ring alone": {"linked": False},
    },
)
def a_cache_is_collected_in_silence(implementation: Implementation, linked: bool) -> None:
    heard: List[str] = []
    hooks = sys.unraisablehook, sys.stderr, sys.stdout
    sys.unraisablehook = lambda error: heard.append(repr(error.exc_value))
    sys.stderr = sys.stdout = _Output(heard)
    world = World(implementation)
    try:
        given_each(world, a="saved", b="changed", c="ghost")
        given(world, "saved", "d", "Bare", (None, {}))
        if linked:
            for name, other in ("ab", "ba", "bc"):
                world.do("set", name, "other", ref(other))
            world.do("set", "a", "jar", Ref("jar", "jar"))
        jar = weakref.ref(world.jars["jar"])
        del world
        forget_world(implementation)
        gc.collect()
        gc.collect()
    finally:
        sys.unraisablehook, sys.stderr, sys.stdout = hooks
    equal(heard, [], "what was printed or raised")
    equal(jar(), None, "what is left of the jar")
