"""DM - what a data manager and its objects owe to each other."""

from typing import Any

from conformance.clauses.expect import cache_looks, calls, equal, gives, looks, raises, true
from conformance.clauses.registry import CONTESTED, MAY, MUST, SHOULD, check, clause
from fixtures import samples
from fixtures.implementation import Implementation
from fixtures.jars import StubJar
from fixtures.states import CHANGED, GHOST, UPTODATE, given
from fixtures.values import Ref
from fixtures.world import World

JAR = Ref("jar", "jar")
FALSE = "the jar counts as false, and those of a world count as true"
OWN = "the data manager is the implementation's own, and a world has only its own jars"

clause(
    "DM-01",
    MUST,
    "The _cache of a data manager is the cache of its objects.",
    "I:IPersistentDataManager._cache",
)


@check("DM-01", needs=("cache",), world={"jars": 2})
def loading_an_object_tells_the_cache_of_its_jar(world: World) -> None:
    given(world, "ghost", "a")
    given(world, "ghost", "b", jar="other")
    world.do("activate", "a")
    cache_looks(world, jar="jar", ring=("a",))
    cache_looks(world, jar="other", ring=())
    gives(world.do("cache_get", world.oid("a")), Ref("object", "a"))
    gives(world.do("cache_get", world.oid("a"), jar="other"), None)


@check("DM-01", needs=("data_manager",), because=OWN)
def a_data_manager_has_its_objects_in_its_cache(implementation: Implementation) -> None:
    manager = implementation.data_manager()  # type: ignore[misc]
    obj = samples.of(implementation).Plain()
    manager.add(obj)
    manager.commit()
    true(manager._cache.get(obj._p_oid) is obj, "the cache holds the stored object")
    true(manager.get(obj._p_oid) is obj, "get gives the object in the cache")


clause(
    "DM-02",
    MUST,
    "setstate is called with the object that is to be loaded as its only argument, and sets its "
    "state; the object is saved afterwards.",
    "I:IPersistentDataManager.setstate",
)


@check(
    "DM-02",
    each={
        "dict": {"sample": "Plain", "data": {"x": 1}},
        "slots": {"sample": "Slotted", "data": (None, {"x": 1})},
        "a state of its own": {"sample": "State", "data": ("state", [("x", 1)])},
    },
)
def a_jar_loads_the_object_that_asks(world: World, sample: str, data: Any) -> None:
    given(world, "ghost", "a", sample, data)
    given(world, "ghost", "b", sample, data)
    other = world.object("b")
    seen = world.do("get", "a", "x")
    calls(seen, "setstate a")
    gives(seen, 1)
    looks(world, "a", state=UPTODATE, changed=False, jar=JAR)
    looks(world, "b", other)


@check("DM-02")
def the_serial_that_a_jar_sets_is_kept(world: World) -> None:
    given(world, "ghost", "a")
    world.do("activate", "a")
    looks(world, "a", serial=b"\0\0\0\0\0\0\0\1")


@check("DM-02", needs=("data_manager",), because=OWN)
def a_data_manager_loads_its_objects(implementation: Implementation) -> None:
    manager = implementation.data_manager()  # type: ignore[misc]
    obj = samples.of(implementation).Plain()
    obj.x = 1
    manager.add(obj)
    manager.commit()
    serial = obj._p_serial
    obj._p_invalidate()
    equal(obj._p_state, GHOST, "_p_state after invalidation")
    equal(manager.setstate(obj), None, "what setstate returns")
    equal(object.__getattribute__(obj, "__dict__"), {"x": 1}, "the instance dict")
    obj._p_invalidate()
    equal(obj.x, 1, "the attribute after loading")
    equal(obj._p_state, UPTODATE, "_p_state after loading")
    equal(obj._p_serial, serial, "_p_serial")


clause(
    "DM-03",
    CONTESTED,
    "oldstate(obj, tid) returns a copy of the object as the transaction tid wrote it, without "
    "_p_jar, _p_oid and _p_serial, and raises KeyError if there is no such transaction.",
    "I:IPersistentDataManager.oldstate",
    decision="It returns the state, not an object, as the only shipped data manager does (the "
    "Connection of ZODB); a missing transaction is a KeyError.",
)


@check("DM-03", needs=("data_manager",), because=OWN)
def an_old_state_is_what_the_transaction_wrote(implementation: Implementation) -> None:
    manager = implementation.data_manager()  # type: ignore[misc]
    obj = samples.of(implementation).Plain()
    obj.x = 1
    manager.add(obj)
    manager.commit()
    first = obj._p_serial
    obj.x = 2
    manager.commit()
    equal(manager.oldstate(obj, first), {"x": 1}, "the first state")
    equal(manager.oldstate(obj, obj._p_serial), {"x": 2}, "the second state")
    equal(obj.x, 2, "the attribute of the object itself")
    equal(obj._p_changed, False, "_p_changed")
    for missing in (b"\0" * 8, b"\xff" * 8):
        try:
            got = manager.oldstate(obj, missing)
        except KeyError as error:
            got = error
        true(isinstance(got, KeyError), f"KeyError for {missing!r}, got {got!r}")


clause(
    "DM-05",
    SHOULD,
    "A write to an object that has a jar but no oid marks it changed and registers it.",
    "I:_p_changed (only a data manager is required); C",
)


def _write_without_oid(world: World, op: str, *arguments: Any) -> None:
    given(world, "unsaved", "a")
    world.do("set", "a", "_p_jar", JAR)
    looks(world, "a", state=UPTODATE)
    calls(world.do(op, "a", *arguments), "register a")
    looks(world, "a", state=CHANGED, changed=True)
    calls(world.do("set", "a", "y", 3))


_WRITES = {
    f"{op} {arguments[0]}": {"op": op, "arguments": arguments}
    for op, arguments in (
        ("set", ("x", 2)),
        ("delete", ("x",)),
        ("set", ("_p_changed", True)),
    )
}


@check("DM-05", each=_WRITES)
def a_write_without_oid_registers(world: World, op: str, arguments: Any) -> None:
    _write_without_oid(world, op, *arguments)


@check("DM-05", world={"cache": False}, each=_WRITES)
def a_write_without_oid_and_cache_registers(world: World, op: str, arguments: Any) -> None:
    _write_without_oid(world, op, *arguments)


clause(
    "DM-08",
    SHOULD,
    "A ghost that has a jar but no oid is loaded by its jar, which may refuse: it is not taken for "
    "saved without its data.",
    "I:IPersistent._p_activate (of any ghost); C",
)


@check("DM-08", each={"activate": {"made": ("activate", "a")}, "read": {"made": ("get", "a", "x")}})
def a_ghost_without_oid_asks_its_jar(world: World, made: Any) -> None:
    given(world, "unsaved", "a")
    world.do("set", "a", "_p_jar", JAR)
    world.do("deactivate", "a")
    looks(world, "a", state=GHOST)
    world.do("plan", "setstate", "a", error="LoadError")
    seen = world.attempt(*made)
    calls(seen, "setstate a")
    raises(seen, "LoadError")
    looks(world, "a", state=GHOST)


clause(
    "DM-06",
    MAY,
    "readCurrent(obj) is offered to persistent types in C by PER_READCURRENT, for objects that "
    "are UPTODATE or STICKY and have a jar and an oid.",
    "cPersistence.h; cPersistence.c readCurrent",
    unchecked="it takes a persistent type written in C, and this suite drives none",
)

clause(
    "DM-07",
    MUST,
    "A jar that offers setstate and register only, and neither readCurrent nor _cache, is enough "
    "for objects to be loaded, changed, and made ghosts.",
    "D1.2 (the data manager there); D1.4; D1.5",
)


@check(
    "DM-07",
    world={"cache": False},
    each={
        "dict": {"sample": "Plain", "data": {"x": 1}, "changed": {"x": 2}},
        "slots": {"sample": "Slotted", "data": (None, {"x": 1}), "changed": (None, {"x": 2})},
    },
)
def a_jar_without_cache_is_enough_for_a_life(
    world: World, sample: str, data: Any, changed: Any
) -> None:
    given(world, "ghost", "a", sample, data)
    looks(world, "a", state=GHOST)
    seen = world.do("get", "a", "x")
    calls(seen, "setstate a")
    gives(seen, 1)
    calls(world.do("set", "a", "x", 2), "register a")
    looks(world, "a", state=CHANGED)
    gives(world.do("get_state", "a"), changed)
    world.do("commit")
    looks(world, "a", state=UPTODATE)
    calls(world.do("deactivate", "a"))
    looks(world, "a", state=GHOST)
    calls(world.do("activate", "a"), "setstate a")
    gives(world.do("get", "a", "x"), 2)
    calls(world.do("set", "a", "_p_changed", True), "register a")
    calls(world.do("invalidate", "a"))
    looks(world, "a", state=GHOST)
    calls(world.do("set", "a", "x", 3), "setstate a", "register a")
    calls(world.do("delete", "a", "_p_changed"))
    looks(world, "a", state=GHOST)
    calls(world.do("delete", "a", "x"), "setstate a", "register a")


class _Empty(StubJar):
    """A jar with a length of 0, as a container that holds nothing: it counts as false."""

    def __len__(self) -> int:
        return 0


@check("DM-07", because=FALSE)
def a_jar_that_counts_as_false_is_a_jar(implementation: Implementation) -> None:
    obj = samples.of(implementation).Plain()
    jar = _Empty()
    obj._p_oid = b"\0\0\0\0\0\0\0a"
    obj._p_jar = jar
    obj.x = 1
    equal((obj._p_changed, jar.registered), (True, 1), "what a write tells the jar")
    obj._p_changed = False
    obj._p_changed = True
    equal((obj._p_changed, jar.registered), (True, 2), "what marking it tells the jar")
    obj._p_invalidate()
    equal(obj._p_changed, None, "_p_changed of the ghost")
    equal(obj.x, 42, "what the jar loads")


@check("DM-07", world={"cache": False})
def a_failed_load_without_cache_leaves_a_ghost(world: World) -> None:
    given(world, "ghost", "a")
    world.do("plan", "setstate", "a", error="LoadError")
    raises(world.attempt("get", "a", "x"), "LoadError")
    looks(world, "a", state=GHOST)
    calls(world.do("get", "a", "x"), "setstate a")
