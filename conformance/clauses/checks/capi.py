"""CAPI - containers that use the protocol as types in C do, and the choice between two builds."""

from typing import Any, Callable, Dict, List, Optional

from conformance.clauses.cases import cases
from conformance.clauses.expect import equal, true
from conformance.clauses.registry import MUST, SHOULD, check, clause
from fixtures.builds import C
from fixtures.errors import LoadError, Unsupported
from fixtures.implementation import Implementation
from fixtures.jars import RecordingJar, connect
from fixtures.states import CHANGED, GHOST, STICKY, UPTODATE

_LAYOUT = "how a type lies in memory shows in nothing that it does"
_BUILDS = (
    "the suite takes each build of a package as a target of its own; how a package chooses "
    "between its builds is seen only from outside the process"
)
_BECAUSE = "a container that keeps its items in no instance dict is no sample of a world"
_NEEDS = ("container", "cache")

#: What reads a container that holds "k", and "l" with another value.
_READS: Dict[str, Callable[[Any], Any]] = {
    "get an item": lambda container: container["k"],
    "get": lambda container: container.get("k"),
    "get of none": lambda container: container.get("z"),
    "in": lambda container: "k" in container,
    "in, of none": lambda container: "z" in container,
    "len": len,
    "bool": bool,
    "iterate": lambda container: list(container),
    "keys": lambda container: list(container.keys()),
    "values": lambda container: list(container.values()),
    "items": lambda container: list(container.items()),
    "getstate": lambda container: container.__getstate__(),
}
_WRITES: Dict[str, Callable[[Any], Any]] = {
    "set an item": lambda container: container.__setitem__("k", 5),
    "set a new item": lambda container: container.__setitem__("z", 5),
    "delete an item": lambda container: container.__delitem__("k"),
    "update": lambda container: container.update({"z": 1}),
    "setdefault": lambda container: container.setdefault("z", 1),
    "pop": lambda container: container.pop("k"),
    "clear": lambda container: container.clear(),
}
_READING = cases(read=tuple(_READS))
_WRITING = cases(write=tuple(_WRITES))


class _Scene:
    """Containers of an implementation in a jar with a cache; loads fail while it ``fails``.

    ``calls`` are those of the jar.
    """

    def __init__(self, implementation: Implementation) -> None:
        self.implementation = implementation
        self.calls: List[str] = []
        self.fails = False
        self.jar = RecordingJar("jar", self._told)
        assert implementation.cache is not None
        connect(self.jar, implementation.cache, 100, 0)
        self.cache: Any = self.jar._cache  # type: ignore[attr-defined]
        # What else a connection of ZODB offers, and BTrees call.
        self.jar.readCurrent = lambda obj: None  # type: ignore[attr-defined]

    def _told(self, call: str, obj: Any) -> None:
        if call != "setstate done":
            self.calls.append(call)
        if call == "setstate" and self.fails:
            raise LoadError("the record cannot be read")

    def saved(self, name: str = "a", keys: Any = ("k", "l")) -> Any:
        """A saved container with these keys."""
        made = self.implementation.container()  # type: ignore[misc]
        for number, key in enumerate(keys):
            made[key] = number
        oid = name.encode().rjust(8, b"\0")
        self.jar.store(oid, made.__getstate__())
        made._p_jar, made._p_oid = self.jar, oid
        made._p_changed = False
        self.cache[oid] = made
        return made

    def ghost(self, name: str = "a", keys: Any = ("k", "l")) -> Any:
        """A container whose items are stored, as a ghost."""
        made = self.saved(name, keys)
        made._p_deactivate()
        equal(made._p_state, GHOST, "_p_state of a container that was deactivated")
        self.calls.clear()
        return made

    def ring(self) -> List[bytes]:
        """The oids in the ring, the least recently used first."""
        return [oid for oid, _ in self.cache.lru_items()]


def _error_of(action: Callable[[Any], Any], container: Any) -> Optional[str]:
    try:
        action(container)
    except Exception as error:
        return type(error).__name__
    return None


class _Key:
    """A key that tells ``asked`` of each comparison."""

    def __init__(self, number: int, asked: Callable[[], None]) -> None:
        self.number = number
        self.asked = asked

    def __eq__(self, other: Any) -> bool:
        self.asked()
        return bool(self.number == other.number)

    def __lt__(self, other: Any) -> bool:
        self.asked()
        return bool(self.number < other.number)

    def __hash__(self) -> int:
        return self.number % 2


clause(
    "CAPI-01",
    MUST,
    "An extension type in C begins with the layout of cPersistent_HEAD; only a subclass of the C "
    "base type can be cached.",
    "cPersistence.h; CH 4.3.0 (#69)",
    unchecked=_LAYOUT,
)
clause(
    "CAPI-02",
    MUST,
    "PER_USE loads a ghost and makes it sticky; if that fails it returns and the object is not "
    "sticky.",
    "cPersistence.h",
)


@check("CAPI-02", needs=_NEEDS, because=_BECAUSE, each=_READING)
def an_operation_loads_a_ghost_once(implementation: Implementation, read: str) -> None:
    scene = _Scene(implementation)
    container = scene.ghost()
    expected = _READS[read](scene.saved("b"))
    equal(_READS[read](container), expected, f"the value of: {read}")
    equal(scene.calls, ["setstate"], "the calls of the jar")
    equal(container._p_state, UPTODATE, "_p_state afterwards")


@check("CAPI-02", needs=_NEEDS, because=_BECAUSE, each=_READING)
def after_a_failed_load_it_is_a_ghost(implementation: Implementation, read: str) -> None:
    scene = _Scene(implementation)
    container = scene.ghost()
    scene.fails = True
    _error_of(_READS[read], container)
    equal(container._p_state, GHOST, "_p_state afterwards")
    scene.fails = False
    equal(len(container), 2, "the number of items, once it can be loaded")


@check("CAPI-02", needs=_NEEDS, because=_BECAUSE, each=cases(key=(1, 2, 9)))
def it_is_sticky_while_keys_are_compared(implementation: Implementation, key: int) -> None:
    if implementation.builds.get("container") != C:
        raise Unsupported("its container is not written in C, and makes nothing sticky")
    scene = _Scene(implementation)
    seen: List[Any] = []
    listening: List[Any] = []

    def asked() -> None:
        for container in listening:
            container._p_deactivate()
            scene.cache.minimize()
            seen.append(container._p_state)

    container = scene.ghost(keys=[_Key(number, asked) for number in (1, 2, 3)])
    listening.append(container)
    found = container.get(_Key(key, asked), "none")
    listening.clear()
    equal(found, key - 1 if key < 4 else "none", "the value that was found")
    equal(set(seen), {STICKY}, "_p_state while keys are compared")
    equal(container._p_state, UPTODATE, "_p_state afterwards")


clause(
    "CAPI-03",
    MUST,
    "PER_CHANGED on a saved or sticky object with a jar registers it once; on a ghost it does "
    "nothing.",
    "cPersistence.h; cPersistence.c changed",
)


@check("CAPI-03", needs=_NEEDS, because=_BECAUSE, each=_WRITING)
def a_write_registers_once(implementation: Implementation, write: str) -> None:
    scene = _Scene(implementation)
    for container, calls in (
        (scene.saved("a"), ["register"]),
        (scene.ghost("b"), ["setstate", "register"]),
    ):
        _WRITES[write](container)
        container["again"] = 1
        equal(scene.calls, calls, "the calls of the jar")
        equal(container._p_state, CHANGED, "_p_state afterwards")
        scene.calls.clear()


clause(
    "CAPI-04",
    SHOULD,
    "PER_ACCESSED moves the object to the most recently used end of the ring.",
    "cPersistence.h",
)


@check("CAPI-04", needs=_NEEDS, because=_BECAUSE, each=_READING)
def what_is_read_is_the_most_recently_used(implementation: Implementation, read: str) -> None:
    scene = _Scene(implementation)
    first, second = scene.saved("a"), scene.saved("b")
    equal(scene.ring(), [first._p_oid, second._p_oid], "the ring before")
    _READS[read](first)
    equal(scene.ring(), [second._p_oid, first._p_oid], "the ring afterwards")


clause(
    "CAPI-05",
    SHOULD,
    "PURE_PYTHON=0 demands all modules in C; every other non-empty value selects pure Python for "
    "all of them together.",
    "CH 4.6.0; _compat.py",
    unchecked=_BUILDS,
)
clause(
    "CAPI-06",
    MUST,
    "A load that fails inside an operation of a container passes its exception on, from "
    "every operation, len() and bool() included.",
    "I:Ghost (ACT-06); cPersistence.h PER_USE_OR_RETURN; BTrees#91",
)


@check("CAPI-06", needs=_NEEDS, because=_BECAUSE, each=_READING)
def a_failed_load_is_what_a_read_raises(implementation: Implementation, read: str) -> None:
    scene = _Scene(implementation)
    container = scene.ghost()
    scene.fails = True
    equal(_error_of(_READS[read], container), LoadError.__name__, f"the error of: {read}")


@check("CAPI-06", needs=_NEEDS, because=_BECAUSE, each=_WRITING)
def a_failed_load_is_what_a_write_raises(implementation: Implementation, write: str) -> None:
    scene = _Scene(implementation)
    container = scene.ghost()
    scene.fails = True
    equal(_error_of(_WRITES[write], container), LoadError.__name__, f"the error of: {write}")
    equal(scene.calls, ["setstate"], "the calls of the jar")


clause(
    "CAPI-07",
    MUST,
    "`key in container` on a ghost that cannot be loaded does not answer False.",
    "I:Ghost (ACT-06); BTrees#161, BTrees#162",
)


@check("CAPI-07", needs=_NEEDS, because=_BECAUSE, each=cases(error=("LoadError", "KeyError")))
def a_ghost_that_cannot_be_loaded_does_not_say_no(
    implementation: Implementation, error: str
) -> None:
    scene = _Scene(implementation)
    container = scene.ghost()
    if error == "KeyError":
        # What storages raise for an object that they do not have.
        scene.jar.records.clear()
    scene.fails = error == "LoadError"
    for key in ("k", "z"):
        got = _error_of(lambda it: key in it, container)  # noqa: B023 - called right here
        equal(got, error, f"the error of: {key!r} in the container")


clause(
    "CAPI-09",
    SHOULD,
    "Importing the package leaves the floating-point environment alone (no flush to zero).",
    "CH 4.9.1 (#176)",
    unchecked="an import happens once in a process, long before a check could look",
)
clause(
    "CAPI-10",
    MUST,
    "A container in C that becomes a ghost leaves the cache in order: it is out of the ring, "
    "counted no more, and can be loaded again.",
    "cPickleCache.c (second regime); cPersistence.h PER_GHOSTIFY",
)

_GHOSTING: Dict[str, Callable[[_Scene, Any], Any]] = {
    "deactivate": lambda scene, container: container._p_deactivate(),
    "invalidate": lambda scene, container: container._p_invalidate(),
    "invalidate in the cache": lambda scene, container: scene.cache.invalidate(container._p_oid),
    "minimize": lambda scene, container: scene.cache.minimize(),
    "full sweep": lambda scene, container: scene.cache.full_sweep(),
}


@check("CAPI-10", needs=_NEEDS, because=_BECAUSE, each=cases(way=tuple(_GHOSTING)))
def a_ghost_is_out_of_the_ring(implementation: Implementation, way: str) -> None:
    scene = _Scene(implementation)
    kept, container = scene.saved("a"), scene.saved("b")
    kept["changed"] = 1
    items = list(container.items())
    for _ in range(2):
        _GHOSTING[way](scene, container)
        equal(container._p_state, GHOST, "_p_state")
        equal(scene.ring(), [kept._p_oid], "the ring")
        equal(scene.cache.cache_non_ghost_count, 1, "the objects that are no ghosts")
        true(scene.cache.get(container._p_oid) is container, "it is still in the cache")
        equal(list(container.items()), items, "its items, loaded again")
        equal(scene.ring(), [kept._p_oid, container._p_oid], "the ring afterwards")
        equal(scene.cache.cache_non_ghost_count, 2, "the objects that are no ghosts afterwards")
