"""GC - what is freed: a collection meanwhile, and chains of any length."""

import gc
import pickle
from typing import Any, List

from conformance.clauses.cases import cases
from conformance.clauses.expect import equal
from conformance.clauses.registry import MUST, check, clause
from fixtures import samples
from fixtures.implementation import Implementation
from fixtures.jars import RecordingJar, connect
from fixtures.states import GHOST

_BECAUSE = "a world holds its objects and jars, so that none of them is freed in it"
#: A chain of so many is longer than any stack is deep, also where one object takes little of it.
_MANY = {"freed": 250_000, "made a ghost": 100_000, "pickled": 100_000}
#: How many are loaded one by one, each by a jar in Python.
_LOADED = 20_000
#: How often something is freed: what goes wrong need not show the first time.
_TIMES = 3

clause(
    "GC-15",
    MUST,
    "A collection of garbage in a finalizer, while an object, its data manager or its cache is "
    "freed, finds nothing half freed: each finalizer runs once, and the process goes on.",
    "CH 4.3.0 (#66); cPersistence.c (Per_dealloc)",
)


class _Collecting:
    """Collects garbage when it is freed, and tells ``freed`` of it."""

    def __init__(self, freed: List[int]) -> None:
        self.freed = freed

    def __del__(self) -> None:
        gc.collect()
        self.freed.append(1)


class _CollectingJar(RecordingJar):
    """A data manager that does so, and tells nobody what it is asked for."""

    def __init__(self, freed: List[int]) -> None:
        super().__init__("jar", lambda call, obj: None)
        self.freed = freed

    def __del__(self) -> None:
        gc.collect()
        self.freed.append(1)


@check(
    "GC-15",
    because=_BECAUSE,
    each=cases(last=("attribute", "jar")),
    alone=True,
)
def a_collection_while_an_object_is_freed(implementation: Implementation, last: str) -> None:
    freed: List[int] = []
    plain = samples.of(implementation).__dict__["Plain"]
    for number in range(_TIMES):
        obj = plain()
        if last == "attribute":
            obj.collecting = _Collecting(freed)
        else:
            jar = _CollectingJar(freed)
            jar.add(obj, bytes((0,) * 7 + (number,)))
            obj._p_changed = False
            jar.added.clear()
            del jar
        # The last reference to the object, which holds the last one to what collects.
        del obj
        gc.collect()
    equal(len(freed), _TIMES, "the finalizers that ran")


@check("GC-15", needs=("cache",), because=_BECAUSE, alone=True)
def a_collection_while_a_cache_is_freed(implementation: Implementation) -> None:
    freed: List[int] = []
    plain = samples.of(implementation).__dict__["Plain"]
    for number in range(_TIMES):
        jar = _CollectingJar(freed)
        connect(jar, implementation.cache, 100, 0)
        kept = []
        for each in range(5):
            obj = plain()
            jar.add(obj, bytes((0,) * 6 + (number, each)))
            obj._p_changed = False
            jar._cache[obj._p_oid] = obj  # type: ignore[attr-defined]
            if each % 2:
                obj._p_deactivate()
            kept.append(obj)
        jar.added.clear()
        # The cache is held by its objects now, and by the jar.
        del jar, obj
        kept.clear()
        gc.collect()
    equal(len(freed), _TIMES, "the finalizers that ran")


clause(
    "GC-16",
    MUST,
    "However many objects refer to one another in a chain: they are freed, made ghosts and loaded "
    "one after the other. Pickling the chain in one piece ends with RecursionError at worst.",
    "CH 4.3.0 (#66); cPersistence.c (Per_dealloc); K (references)",
)


def _chain(cls: Any, count: int) -> Any:
    obj = None
    for _ in range(count):
        made = cls()
        made.next = obj
        obj = made
    return obj


@check("GC-16", because=_BECAUSE, each=cases(way=tuple(_MANY)), alone=True)
def a_long_chain_ends(implementation: Implementation, way: str) -> None:
    gc.disable()
    try:
        first = _chain(samples.of(implementation).__dict__["Plain"], _MANY[way])
        if way == "pickled":
            try:
                pickle.dumps(first)
            except RecursionError:
                # As deep as this interpreter goes.
                pass
        if way == "made a ghost":
            jar = RecordingJar("jar", lambda call, obj: None)
            jar.add(first, b"\0\0\0\0\0\0\0a")
            first._p_changed = False
            first._p_deactivate()
            equal(first._p_state, GHOST, "_p_state of the first one")
        del first
    finally:
        gc.enable()


@check("GC-16", needs=("cache",), because=_BECAUSE, alone=True)
def a_chain_is_loaded_one_by_one(implementation: Implementation) -> None:
    plain = samples.of(implementation).__dict__["Plain"]
    jar = RecordingJar("jar", lambda call, obj: None)
    connect(jar, implementation.cache, 2 * _LOADED, 0)
    cache: Any = jar._cache  # type: ignore[attr-defined]
    ghosts: List[Any] = []
    for number in range(_LOADED):
        ghost = plain()
        oid = number.to_bytes(8, "big")
        cache.new_ghost(oid, ghost)
        jar.store(oid, {"next": ghosts[-1] if ghosts else None})
        ghosts.append(ghost)
    obj, count = ghosts.pop(), 0
    ghosts.clear()
    while obj is not None:
        obj, count = obj.next, count + 1
    equal(count, _LOADED, "the objects that were loaded")
    equal(cache.cache_non_ghost_count, _LOADED, "the objects in the cache that are no ghosts")
    jar.records.clear()
    cache.minimize()
    equal(cache.cache_non_ghost_count, 0, "those after all were made ghosts")
