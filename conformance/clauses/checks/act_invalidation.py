"""ACT - invalidation: the data are dropped, changed or not, and no class can prevent it."""

from typing import Any, Dict

from conformance.clauses.cases import Cases, cases
from conformance.clauses.expect import cache_looks, calls, equal, gives, looks, succeeds
from conformance.clauses.registry import BOTH, CONTESTED, MAY, MUST, SHOULD, check, clause
from fixtures.operations.table import step
from fixtures.states import CHANGED, GHOST, UPTODATE, ghost_of, given
from fixtures.values import ref
from fixtures.world import World

STATES = cases(state=("ghost", "saved", "changed"))
LOADED = cases(state=("saved", "changed"))
STICKY = cases(state=("sticky",))


clause(
    "ACT-18",
    MUST,
    "_p_invalidate discards the state even of a changed object and leaves a ghost; the next access "
    "loads it again.",
    "I:IPersistent._p_invalidate; D1.5",
)


@check("ACT-18", each=LOADED, caches=BOTH)
def an_invalidated_object_is_loaded_and_registered_again(world: World, state: str) -> None:
    given(world, state)
    world.do("put", "a", "x", 2)
    world.do("invalidate", "a")
    seen = world.do("get", "a", "x")
    calls(seen, "setstate a")
    gives(seen, 1)
    looks(world, "a", state=UPTODATE)
    calls(world.do("set", "a", "x", 3), "register a")
    looks(world, "a", state=CHANGED)


clause(
    "ACT-19",
    MUST,
    "Invalidation cannot be ignored: an object whose class has a _p_deactivate that does nothing "
    "is a ghost after _p_invalidate() all the same.",
    'I:IPersistent ("This cannot be ignored"); D1.5',
)


@check("ACT-19", each=STATES, caches=BOTH)
def a_refusing_object_is_a_ghost_after_invalidation(world: World, state: str) -> None:
    given(world, state, sample="Refusing")
    world.do("invalidate", "a")
    looks(world, "a", state=GHOST, changed=None)
    calls(world.do("get", "a", "x"), "setstate a")


@check("ACT-19", needs=("cache",), each=STATES)
def a_refusing_object_has_no_data_after_invalidation(world: World, state: str) -> None:
    given(world, state, sample="Refusing")
    before = world.object("a")
    world.do("invalidate", "a")
    looks(world, "a", ghost_of(before))
    cache_looks(world, ring=(), non_ghost_count=0)


clause(
    "ACT-20",
    MUST,
    "del _p_changed invalidates an object that has a jar, whether it is saved or changed; a ghost "
    "stays a ghost and is not loaded.",
    "I:IPersistent._p_changed; D2.4.2",
)


clause(
    "ACT-21",
    MUST,
    "del _p_changed and _p_invalidate() are equivalent: deleting calls an overridden "
    "_p_invalidate.",
    'I:IPersistent ("two ways to invalidate"); D2.6 ("Deleting _p_changed just calls '
    '_p_invalidate()")',
)


@check("ACT-21", each=STATES, caches=BOTH)
def deleting_p_changed_calls_an_overridden_p_invalidate(world: World, state: str) -> None:
    given(world, state, sample="Invalidate")
    calls(world.do("delete", "a", "_p_changed"), "_p_invalidate a")
    looks(world, "a", state=GHOST)


@check("ACT-21", each=STATES, caches=BOTH)
def both_ways_to_invalidate_end_in_the_same_state(world: World, state: str) -> None:
    given(world, state, "a")
    given(world, state, "b")
    called = world.do("invalidate", "a")
    deleted = world.do("delete", "b", "_p_changed")
    equal(len(deleted.events), len(called.events), "the number of calls")
    a, b = world.object("a"), world.object("b")
    equal(b._replace(oid=a.oid, serial=a.serial), a, "everything visible but oid and serial")


clause(
    "ACT-22",
    SHOULD,
    "_p_invalidate of an object that is no ghost calls _p_deactivate, so that a class that "
    "overrides it takes part.",
    'persistence.py ("it\'s not documented"); persistent#25',
)


@check("ACT-22", each={**LOADED, **STICKY}, caches=BOTH)
def invalidation_calls_an_overridden_p_deactivate(world: World, state: str) -> None:
    given(world, state, sample="Deactivate")
    before = world.object("a")
    calls(world.do("invalidate", "a"), "_p_deactivate a")
    looks(world, "a", ghost_of(before))


clause(
    "ACT-23",
    MAY,
    "An object that cannot be a ghost loads its state again at once when it is invalidated, and is "
    "then saved.",
    "I:IPersistent",
)


@check("ACT-23")
def a_living_object_is_loaded_at_once(world: World) -> None:
    given(world, "saved", sample="Living")
    seen = world.do("invalidate", "a")
    world.note(f"calls: {seen.calls()}; then its _p_state is {world.object('a').state}")


clause(
    "ACT-25",
    SHOULD,
    "An exception in an overridden _p_deactivate is not lost silently: it propagates or reaches "
    "sys.unraisablehook. After _p_invalidate the object is a ghost nevertheless.",
    "N (ACT-19); cPersistence.c Per_set_changed (comment)",
)

WAYS: Cases = {
    "_p_deactivate": {"made": step("deactivate", "a")},
    "_p_changed = None": {"made": step("set", "a", "_p_changed", None)},
    "_p_invalidate": {"made": step("invalidate", "a")},
    "del _p_changed": {"made": step("delete", "a", "_p_changed")},
}


@check("ACT-25", each=WAYS, caches=BOTH)
def an_error_in_p_deactivate_is_not_lost(world: World, made: Dict[str, Any]) -> None:
    given(world, "saved", sample="Deactivate")
    world.do("plan", "_p_deactivate", "a", error="ValueError")
    gives(world.do("with_unraisable", [made]), ["ValueError"])


@check("ACT-25", each=LOADED, caches=BOTH)
def an_error_in_p_deactivate_does_not_prevent_invalidation(world: World, state: str) -> None:
    given(world, state, sample="Deactivate")
    world.do("plan", "_p_deactivate", "a", error="ValueError")
    world.do("with_unraisable", [step("invalidate", "a")])
    looks(world, "a", state=GHOST)
    calls(world.do("get", "a", "x"), "setstate a")


clause(
    "ACT-26",
    MUST,
    "Invalidating an unsaved object keeps its data, and the object can be linked and committed "
    "afterwards.",
    "D1.3",
)

UNSAVED_WAYS: Cases = {
    "_p_invalidate": {"made": step("invalidate", "a")},
    "del _p_changed": {"made": step("delete", "a", "_p_changed")},
}


@check("ACT-26", each=UNSAVED_WAYS)
def an_unsaved_object_outlives_its_invalidation(world: World, made: Dict[str, Any]) -> None:
    given(world, "unsaved")
    before = world.object("a")
    seen = world.apply(made)
    succeeds(seen)
    calls(seen)
    looks(world, "a", before)


@check("ACT-26", each=UNSAVED_WAYS, caches=BOTH)
def an_unsaved_object_can_be_committed_after_its_invalidation(
    world: World, made: Dict[str, Any]
) -> None:
    given(world, "unsaved")
    world.apply(made)
    given(world, "saved", "b")
    calls(world.do("set", "b", "link", ref("a")), "register b")
    world.do("commit")
    looks(world, "a", state=UPTODATE, oid=world.oid("a"), dict={"x": 1})
    world.do("invalidate", "a")
    seen = world.do("get", "a", "x")
    calls(seen, "setstate a")
    gives(seen, 1)


clause(
    "ACT-32",
    CONTESTED,
    "del _p_changed cannot be ignored either: it ghosts an object whose _p_deactivate does "
    "nothing.",
    'I:IPersistent ("two ways to invalidate ... This cannot be ignored")',
    decision="I:IPersistent says so of both forms, but with both shipped implementations the "
    "object stays UPTODATE. The reference makes it a ghost.",
)


@check("ACT-32", each=STATES, caches=BOTH)
def deleting_p_changed_ghosts_a_refusing_object(world: World, state: str) -> None:
    given(world, state, sample="Refusing")
    before = world.object("a")
    world.do("delete", "a", "_p_changed")
    looks(world, "a", ghost_of(before))
