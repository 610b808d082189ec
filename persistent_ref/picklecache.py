"""The cache of one data manager: objects by oid, eviction in LRU order.

A class is held strongly and never evicted.  A ghost is held weakly.  A loaded
object is held by the ring as well, which keeps it alive.

Instances of a class without a ``__weakref__`` slot cannot be held weakly.  For
such an object the cache holds its head weakly, and the head the object: a
cycle, so that in general such a ghost is gone with the next garbage collection
only (CACHE-28).
"""

from __future__ import annotations

import sys
import warnings
from collections.abc import Iterable
from typing import Any
from weakref import WeakValueDictionary

from zope.interface import implementer

from persistent_ref.arguments import Setting, require_bytes, require_filled, require_int
from persistent_ref.head import Head, head_of, rounded_size
from persistent_ref.interfaces import GHOST, UPTODATE, IExtendedPickleCache
from persistent_ref.persistence import Persistent
from persistent_ref.ring import Node, Ring

__all__ = ["PickleCache"]


@implementer(IExtendedPickleCache)
class PickleCache:
    """The objects that ``jar`` has handed out.

    ``target_size`` objects are to stay loaded after ``incrgc``, and at most
    ``cache_size_bytes`` of estimated size; 0 means no such limit, both 0 that
    nothing is to stay (CACHE-30, GC-05, GC-06).
    """

    cache_size = Setting()
    cache_size_bytes = Setting()
    #: How fast ``incrgc`` drains the cache below its target; 0: never (GC-07).
    cache_drain_resistance = Setting()

    def __init__(self, jar: Any, target_size: int = 100, cache_size_bytes: int = 0) -> None:
        self._jar = jar
        self.cache_size = target_size
        self.cache_size_bytes = cache_size_bytes
        self.cache_drain_resistance = 0
        self._objects: WeakValueDictionary[bytes, Persistent | Head] = WeakValueDictionary()
        self._classes: dict[bytes, type] = {}
        self._ring = Ring()
        self._loaded = 0
        self._total_size = 0
        self._sweeping = False

    def __reduce_ex__(self, protocol: Any) -> Any:
        """Refuse to be copied or pickled: what it holds is the jar's (CACHE-36)."""
        raise TypeError("a cache can be neither copied nor pickled")

    # The mapping

    def __len__(self) -> int:
        """Return the number of oids, ghosts and classes included (CACHE-08)."""
        return len(self._objects) + len(self._classes)

    def __getitem__(self, oid: bytes) -> Any:
        """Return the object; raise KeyError if there is none (CACHE-01)."""
        value = self.get(oid)
        if value is None:
            raise KeyError(oid)
        return value

    def get(self, oid: bytes, default: Any = None) -> Any:
        """Return the object, or ``default`` if there is none (CACHE-01, CACHE-35).

        What is not bytes is nobody's oid, whatever it is.
        """
        if not issubclass(type(oid), bytes):
            return default
        value = self._object(oid)
        return self._classes.get(oid, default) if value is None else value

    def __setitem__(self, oid: bytes, value: Any) -> None:
        """Cache ``value``, which has that oid and a jar already (CACHE-02 to 05, CACHE-27).

        Raises TypeError for an oid that is not bytes or a value that is not
        persistent, ValueError for an empty oid and for a value that has another
        oid, no jar, another cache, or an oid under which another is cached.
        """
        require_bytes(oid)
        _require_cacheable(value)
        value_oid = value._p_oid
        require_bytes(value_oid)
        if value_oid != oid:
            raise ValueError("Cache key does not match oid")
        require_filled(oid)
        if value._p_jar is None:
            raise ValueError("Cached object jar missing")
        known = self.get(oid)
        if known is not None:
            if known is not value:
                raise ValueError("A different object already has the same oid")
        elif issubclass(type(value), type):
            self._classes[oid] = value
        else:
            head = head_of(value)
            if head.cache is not None:
                raise ValueError("Cache values may only be in one cache.")
            self._hold(oid, value, head)
            if head.state != GHOST:
                self._enter(head, value)

    def __delitem__(self, oid: bytes) -> None:
        """Forget the object, which keeps state, jar and oid (CACHE-06, CACHE-07, CACHE-32).

        Raises TypeError for an oid that is not bytes, KeyError for one that
        is not cached.
        """
        require_bytes(oid)
        if oid in self._classes:
            del self._classes[oid]
        else:
            obj = self._object(oid)
            if obj is None:
                raise KeyError(oid)
            head = head_of(obj)
            del self._objects[oid]
            if head.next is not None:
                self._leave(head)
            head.cache = head.object = None

    def new_ghost(self, oid: bytes, obj: Any) -> None:
        """Cache the new object ``obj`` as a ghost with that oid (GHOST-01 to 07).

        Raises TypeError for what is not persistent and for an oid that is not
        bytes, ValueError if that is empty or cached or ``obj`` has an oid or jar.
        """
        _require_cacheable(obj)
        if obj._p_oid is not None:
            raise ValueError("New ghost object must not have an oid")
        if obj._p_jar is not None:
            raise ValueError("New ghost object must not have a jar")
        require_bytes(oid)
        require_filled(oid)
        if self.get(oid) is not None:
            raise ValueError("The given oid is already in the cache")
        if issubclass(type(obj), type):
            obj._p_jar = self._jar
            obj._p_oid = oid
            self._classes[oid] = obj
        else:
            # Set directly: the class may override what would do it (GHOST-06).
            head = head_of(obj)
            self._hold(oid, obj, head)
            head.jar = self._jar
            head.oid = oid
            head.state = GHOST

    # What is in it

    def items(self) -> list[tuple[bytes, Persistent]]:
        """Return ``(oid, object)`` of all objects, ghosts included (CACHE-09)."""
        return [(oid, _object_of(value)) for oid, value in list(self._objects.items())]

    def lru_items(self) -> list[tuple[bytes, Persistent]]:
        """Return ``(oid, object)`` of the loaded objects from LRU to MRU (CACHE-10).

        Raises ValueError during a sweep (GC-09).
        """
        if self._sweeping:
            raise ValueError(".lru_items() is unavailable during garbage collection")
        return [(head_of(obj).oid, obj) for obj in self._ring]

    def klass_items(self) -> list[tuple[bytes, type]]:
        """Return ``(oid, class)`` of the classes (CACHE-14)."""
        return list(self._classes.items())

    def ringlen(self) -> int:
        """Return the number of loaded objects (CACHE-10, CACHE-11)."""
        return self._loaded

    def debug_info(self) -> list[tuple[bytes, int, str, int | None]]:
        """Return ``(oid, reference count, type name, state)`` of all (CACHE-18)."""
        return [
            (oid, _counted(value), type(value).__name__, _state_of(value))
            for oid, value in [*self.items(), *self.klass_items()]
        ]

    @property
    def cache_data(self) -> dict[bytes, Persistent]:
        """A copy of the objects by oid (CACHE-12)."""
        return dict(self.items())

    @property
    def cache_non_ghost_count(self) -> int:
        """The number of loaded objects (CACHE-11)."""
        return self._loaded

    @property
    def cache_klass_count(self) -> int:
        """The number of classes (CACHE-13)."""
        return len(self._classes)

    @property
    def total_estimated_size(self) -> int:
        """The estimated size of the loaded objects in bytes (CACHE-19, CACHE-20, CACHE-32)."""
        return self._total_size

    def update_object_size_estimation(self, oid: bytes, new_size: int) -> None:
        """Count the object as ``new_size`` instead of its ``_p_estimated_size``.

        An object that is not cached or not loaded does not count (CACHE-19).
        Raises TypeError if ``new_size`` is no integer, ValueError if a negative
        one would count (CACHE-21).
        """
        require_int(new_size)
        obj = self.get(oid)
        if issubclass(type(obj), type):
            return
        if obj is not None:
            head = head_of(obj)
            if head.next is not None:
                self._count(head, max(0, head.share + rounded_size(new_size) - head.size))

    # Use

    def mru(self, oid: bytes) -> None:
        """Make a loaded object the most recently used one (CACHE-26).

        Raises KeyError for an oid that is not cached.
        """
        value = self[oid]
        if not issubclass(type(value), type):
            head = head_of(value)
            if head.next is not None:
                self._ring.move_to_head(head)

    def reify(self, to_reify: bytes | Iterable[bytes]) -> None:
        """Load the ghosts among the objects with these oids (CACHE-25).

        Raises KeyError for an oid that is not cached.
        """
        for oid in _oids(to_reify):
            value = self[oid]
            if not issubclass(type(value), type) and head_of(value).state == GHOST:
                value._p_activate()

    def invalidate(self, to_invalidate: bytes | Iterable[bytes]) -> None:
        """Invalidate the objects with these oids and drop classes (INV-01 to 09, CLASS-03)."""
        failure: BaseException | None = None
        # From the last to the first, the order in which C calls the hooks.
        for oid in reversed(_oids(to_invalidate)):
            try:
                self._invalidate(oid)
            except BaseException as error:
                # One object's hook must not leave others with stale data.
                failure = failure or error
        if failure is not None:
            raise failure

    def _invalidate(self, oid: bytes) -> None:
        if not issubclass(type(oid), bytes):
            return
        if oid in self._classes:
            hook = getattr(self._classes.pop(oid), "_p_invalidate", None)
            if hook is not None:
                hook()
        else:
            obj = self._object(oid)
            if obj is not None:
                obj._p_invalidate()

    # Eviction

    def incrgc(self, ignored: Any = None) -> None:
        """Evict in LRU order until both sizes are reached (GC-01 to 07, GC-14)."""
        _warn_of(ignored)
        target = self.cache_size
        if self.cache_drain_resistance >= 1:
            drained = self._loaded - 1 - self._loaded // self.cache_drain_resistance
            target = min(target, drained)
        self._sweep(target, self.cache_size_bytes)

    def full_sweep(self, ignored: Any = None) -> None:
        """Evict every saved object (GC-04)."""
        self._sweep(0, 0)

    def minimize(self, ignored: Any = None) -> None:
        """Evict every saved object (GC-04)."""
        _warn_of(ignored)
        self._sweep(0, 0)

    def _sweep(self, target: int, target_bytes: int) -> None:
        # Deactivation may call anything.  Objects used or loaded meanwhile go
        # behind the end mark; the place mark stays where the sweep is.
        if self._sweeping:
            return
        self._sweeping = True
        ring = self._ring
        end = ring.mark_end()
        node = ring.first
        try:
            while node is not end and self._is_above(target, target_bytes):
                if node.state != UPTODATE:
                    node = node.next
                    continue
                place = Node()
                ring.insert_after(place, node)
                try:
                    # No name for the object: it must be able to die here.
                    node.object._p_deactivate()
                finally:
                    _break_cycle(node)
                    node = place.next
                    ring.delete(place)
        finally:
            ring.delete(end)
            self._sweeping = False

    def _is_above(self, target: int, target_bytes: int) -> bool:
        if not target and not target_bytes:
            return True
        return bool(
            (target and self._loaded > target) or (target_bytes and self._total_size > target_bytes)
        )

    # Holding objects

    def _object(self, oid: bytes) -> Persistent | None:
        value = self._objects.get(oid)
        return None if value is None else _object_of(value)

    def _hold(self, oid: bytes, obj: Persistent, head: Head) -> None:
        try:
            self._objects[oid] = obj
        except TypeError:
            self._objects[oid] = head
            head.object = obj
        head.cache = self

    # Told by the objects

    def _enter(self, head: Head, obj: Persistent) -> None:
        """Take in an object that is being loaded, or is cached as loaded (ACT-29)."""
        self._ring.add(head, obj)
        self._loaded += 1
        self._count(head, head.size)

    def _leave(self, head: Head) -> None:
        """Let go of an object that has become a ghost (ACT-17)."""
        self._count(head, 0)
        self._loaded -= 1
        obj = self._ring.delete(head)
        if self._objects.get(head.oid) is head:
            head.object = obj

    def _count(self, head: Head, share: int) -> None:
        self._total_size += share - head.share
        head.share = share


def _object_of(value: Persistent | Head) -> Persistent:
    obj: Persistent = value.object if type(value) is Head else value  # type: ignore[assignment]
    return obj


def _state_of(value: Any) -> int | None:
    # Classes may have a state of their own.
    is_class = issubclass(type(value), type)
    return getattr(value, "_p_state", None) if is_class else head_of(value).state


def _counted(value: object) -> int:
    # Some implementations of Python do not count references.
    return sys.getrefcount(value) if hasattr(sys, "getrefcount") else 0


def _make_alone() -> int:
    node = Node()
    node.object = object()
    return _counted(node.object)


#: What is counted for an object that only its node refers to.
_ALONE = _make_alone()


def _break_cycle(head: Head) -> None:
    """Let a ghost die that nothing but its own head refers to.

    No clause asks for this: CACHE-28 waits for the garbage collector.  Upstream's
    CPickleCacheTests.test_cache_garbage_collection_bytes_with_cache_size_0 does,
    which sweeps instances of a class with empty ``__slots__`` and counts at once
    what is left.
    """
    if head.next is None and head.object is not None and _counted(head.object) == _ALONE:
        head.object = None


def _oids(oids: Any) -> list[bytes]:
    return [oids] if issubclass(type(oids), bytes) else list(oids)


def _require_cacheable(value: Any) -> None:
    if not issubclass(type(value), (type, Persistent)):
        raise TypeError(f"Cache values must be persistent objects, not {type(value).__name__}")


def _warn_of(ignored: Any) -> None:
    if ignored is not None:
        warnings.warn("No argument expected", DeprecationWarning, stacklevel=3)
