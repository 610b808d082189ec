"""CACHE - what a cache keeps alive, and what it lets go."""

import gc
import sys
import weakref
from typing import Any, Dict, List

from conformance.clauses.cases import cases
from conformance.clauses.expect import cache_looks, calls, equal, gives, in_ring, in_states, looks
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
    cache_looks(world, length=2)
    _gone(world, "a")
    cache_looks(world, length=1)
    gives(world.do("cache_get", ref("a")), None)
    gives(world.do("cache_get", ref("b")), ref("b"))
    gives(world.do("cache_items"), [(world.oid("b"), ref("b"))])


@check("CACHE-15")
def a_ghost_that_another_object_refers_to_stays(world: World) -> None:
    given_each(world, a="ghost", b="saved")
    world.do("set", "b", "other", ref("a"))
    _gone(world, "a")
    cache_looks(world, length=2)
    world.do("invalidate", "b")
    world.do("collect")
    cache_looks(world, length=1)


@check("CACHE-15")
def the_oid_of_a_ghost_that_left_can_be_used_again(world: World) -> None:
    given(world, "ghost", "a", data={"x": 1})
    _gone(world, "a")
    given(world, "ghost", "a", data={"x": 2})
    cache_looks(world, length=1)
    gives(world.do("get", "a", "x"), 2)


clause(
    "CACHE-16",
    MUST,
    "The ring holds a loaded object strongly: it stays in the cache, with its data, though "
    "nothing else refers to it.",
    "K; ring.h",
)


@check("CACHE-16", each=cases(state=("saved", "changed", "sticky")))
def a_loaded_object_stays_when_nothing_refers_to_it(world: World, state: str) -> None:
    given(world, state, "a")
    before = world.object("a")
    world.do("forget_registered")
    _gone(world, "a")
    in_ring(world, "a")
    cache_looks(world, length=1)
    gives(world.do("fetch", "a"), True)
    looks(world, "a", before)


@check("CACHE-16", each=_SAMPLES)
def a_loaded_object_of_any_class_stays(world: World, sample: str, data: Any) -> None:
    given(world, "saved", "a", sample, data)
    before = world.object("a")
    _gone(world, "a")
    calls(world.do("fetch", "a"))
    looks(world, "a", before)


@check("CACHE-16")
def an_object_that_was_cached_as_loaded_stays(world: World) -> None:
    given(world, "added", "a")
    world.do("cache_set", "a")
    before = world.object("a")
    _gone(world, "a")
    gives(world.do("fetch", "a"), True)
    looks(world, "a", before)


@check("CACHE-16")
def an_object_that_is_loaded_through_another_stays(world: World) -> None:
    given_each(world, a="ghost", b="saved")
    world.do("set", "b", "other", ref("a"))
    world.do("activate", "a")
    _gone(world, "a")
    world.do("invalidate", "b")
    world.do("collect")
    cache_looks(world, length=2)
    gives(world.do("fetch", "a"), True)
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
    cache_looks(world, length=1)
    gives(world.do("cache_get", ref("a")), None)


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
    cache_looks(world, length=2)
    world.do(how, *((ref("a"),) if how == "cache_invalidate" else ()))
    world.do("collect")
    cache_looks(world, length=1)
    gives(world.do("cache_get", ref("a")), None)
    in_ring(world, "")


@check("CACHE-17")
def a_changed_object_that_only_the_ring_holds_leaves_when_invalidated(world: World) -> None:
    given_each(world, a="changed", b="changed")
    world.do("forget_registered")
    _gone(world, "a")
    world.do("minimize")
    cache_looks(world, length=2)
    world.do("cache_invalidate", ref("a"))
    world.do("collect")
    cache_looks(world, length=1)
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
    cache_looks(world, length=1)
    calls(world.do("activate", "a"), "setstate a")
    in_ring(world, "a")
    in_states(world, a=UPTODATE)
    world.do("minimize")
    in_ring(world, "")
    in_states(world, a=GHOST)
    gives(world.do("cache_get", ref("a")), ref("a"))
    _gone(world, "a")
    cache_looks(world, length=0)


@check("CACHE-28")
def an_object_without_weak_references_can_be_stored(world: World) -> None:
    world.do("create", "a", "Bare")
    world.do("add", "a")
    world.do("cache_set", "a")
    in_ring(world, "a")
    world.do("cache_del", ref("a"))
    cache_looks(world, length=0)
    gives(world.do("cache_get", ref("a")), None)


@check("CACHE-28")
def an_object_without_weak_references_can_come_back(world: World) -> None:
    given(world, "saved", "a", "Bare", (None, {}))
    for _ in range(3):
        world.do("cache_invalidate", ref("a"))
        cache_looks(world, length=1)
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
