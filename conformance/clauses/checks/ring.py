"""RING - the ring that keeps objects in LRU order."""

from typing import Any, List

from conformance.clauses.expect import cache_looks, calls, equal, gives, in_ring, in_states, true
from conformance.clauses.registry import MUST, SHOULD, check, clause
from fixtures.implementation import Implementation, ring_of
from fixtures.states import CHANGED, GHOST, UPTODATE, given_each
from fixtures.values import ref
from fixtures.world import World

clause(
    "RING-01",
    MUST,
    "The cache tells objects apart by identity or oid, never by __eq__ or __hash__.",
    "I:IRing.__contains__; K",
)


def _equal_objects(world: World) -> None:
    given_each(world, "Equal", a="saved", b="saved", c="saved")


@check("RING-01")
def equal_objects_have_places_of_their_own_in_the_ring(world: World) -> None:
    _equal_objects(world)
    in_ring(world, "abc")
    calls(world.do("get", "a", "x"))
    in_ring(world, "bca")
    calls(world.do("set", "b", "_p_changed", True), "register b")
    in_states(world, a=UPTODATE, b=CHANGED, c=UPTODATE)


@check("RING-01", world={"cache_size": 1})
def equal_objects_are_evicted_one_by_one(world: World) -> None:
    _equal_objects(world)
    world.do("get", "a", "x")
    calls(world.do("incrgc"))
    in_ring(world, "a")
    in_states(world, a=UPTODATE, b=GHOST, c=GHOST)


@check("RING-01")
def equal_objects_are_invalidated_one_by_one(world: World) -> None:
    _equal_objects(world)
    calls(world.do("cache_invalidate", ref("b")))
    in_ring(world, "ac")
    in_states(world, a=UPTODATE, b=GHOST, c=UPTODATE)


@check("RING-01")
def equal_objects_are_deactivated_one_by_one(world: World) -> None:
    _equal_objects(world)
    calls(world.do("deactivate", "b"))
    in_states(world, a=UPTODATE, b=GHOST, c=UPTODATE)
    calls(world.do("activate", "b"), "setstate b")
    in_states(world, a=UPTODATE, b=UPTODATE, c=UPTODATE)
    cache_looks(world, ring=("a", "c", "b"))


@check("RING-01")
def equal_objects_are_stored_and_deleted_one_by_one(world: World) -> None:
    _equal_objects(world)
    calls(world.do("cache_set", "a"))
    calls(world.do("cache_del", ref("b")))
    cache_looks(world, ring=("a", "c"))
    gives(world.do("cache_get", ref("c")), ref("c"))
    calls(world.do("cache_set", "b"))
    cache_looks(world, ring=("a", "c", "b"), length=3)


@check("RING-01")
def an_equal_object_does_not_take_the_place_of_another(world: World) -> None:
    _equal_objects(world)
    world.do("create", "d", "Equal", {"x": 1})
    calls(world.do("new_ghost", "d"))
    cache_looks(world, length=4)
    gives(world.do("cache_get", ref("d")), ref("d"))
    in_ring(world, "abc")


@check("RING-01")
def equal_objects_are_found_under_their_own_oids(world: World) -> None:
    _equal_objects(world)
    for name in "abc":
        gives(world.do("cache_item", ref(name)), ref(name))
        gives(world.do("cache_get", ref(name)), ref(name))


clause(
    "RING-02",
    SHOULD,
    "A ring that an implementation exposes: add() makes an object the most recently used one, "
    "move_to_head() too; iteration goes from the least to the most recently used one; delete() "
    "is true exactly if the object was in the ring; len() and `in` tell what is in it.",
    "I:IRing",
)

_NEEDS = ("ring",)
_BECAUSE = "a ring is no part of a world: no operation reaches it"


def _filled(implementation: Implementation, count: int) -> Any:
    ring: Any = ring_of(implementation)
    objects = [implementation.persistent() for _ in range(count)]
    made = ring()
    for obj in objects:
        made.add(obj)
    return made, objects


def _holds(ring: Any, expected: List[Any], what: str) -> None:
    listed = list(ring)
    equal(len(ring), len(expected), "len(ring) " + what)
    equal([id(obj) for obj in listed], [id(obj) for obj in expected], "the objects " + what)
    true(all(obj in ring for obj in expected), "that each object is in the ring " + what)


@check(
    "RING-02", needs=_NEEDS, because=_BECAUSE, each={str(n): {"count": n} for n in (0, 1, 2, 3, 6)}
)
def a_ring_lists_what_was_added(implementation: Implementation, count: int) -> None:
    ring, objects = _filled(implementation, count)
    _holds(ring, objects, "after add()")
    true(implementation.persistent() not in ring, "that another object is not in the ring")


_PLACES = {
    f"{place} of {count}": {"count": count, "place": place}
    for count in (1, 2, 3)
    for place in range(count)
}


@check(
    "RING-02",
    needs=_NEEDS,
    because=_BECAUSE,
    each=_PLACES,
)
def a_moved_object_is_the_last(implementation: Implementation, count: int, place: int) -> None:
    ring, objects = _filled(implementation, count)
    ring.move_to_head(objects[place])
    objects.append(objects.pop(place))
    _holds(ring, objects, "after move_to_head()")


@check(
    "RING-02",
    needs=_NEEDS,
    because=_BECAUSE,
    each=_PLACES,
)
def a_deleted_object_is_out(implementation: Implementation, count: int, place: int) -> None:
    ring, objects = _filled(implementation, count)
    gone = objects.pop(place)
    true(ring.delete(gone), "that delete() is true for an object in the ring")
    _holds(ring, objects, "after delete()")
    true(gone not in ring, "that the deleted object is not in the ring")
    true(not ring.delete(gone), "that delete() is false for an object that is not in the ring")
    ring.add(gone)
    _holds(ring, [*objects, gone], "after another add()")


@check("RING-02", needs=_NEEDS, because=_BECAUSE)
def a_stranger_is_not_deleted(implementation: Implementation) -> None:
    ring, objects = _filled(implementation, 2)
    true(not ring.delete(implementation.persistent()), "that delete() is false for a stranger")
    _holds(ring, objects, "after delete()")
