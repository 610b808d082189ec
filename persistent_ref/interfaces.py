# ruff: noqa: N805
# The methods of an interface have neither self nor body.
# mypy: disable-error-code="misc, override, empty-body"
"""The interfaces of persistent objects, their data managers and caches.

The clause ids name the sentences of the specification.
"""

from __future__ import annotations

from typing import Any

from zope.interface import Attribute, Interface

__all__ = [
    "CHANGED",
    "GHOST",
    "OID_TYPE",
    "SERIAL_TYPE",
    "STICKY",
    "UPTODATE",
    "IExtendedPickleCache",
    "IPersistent",
    "IPersistentDataManager",
    "IPickleCache",
]

#: The values of ``_p_state`` (STATE-15).
GHOST = -1
UPTODATE = 0
CHANGED = 1
STICKY = 2

OID_TYPE = SERIAL_TYPE = bytes


class IPersistent(Interface):
    """An object that loads itself on access and tells of its changes.

    Unsaved: no jar; its data are its own (STATE-01).  Ghost: has a jar but no
    data (STATE-04, STATE-05).  Saved: loaded and as stored (STATE-02).
    Changed: differs from what is stored (STATE-03).  Sticky: saved, and not to
    be deactivated at the moment (STATE-06).
    """

    _p_jar = Attribute("The data manager, or None (META-03, META-19).")
    _p_oid = Attribute("The object id that the data manager gave, or None (META-06).")
    _p_changed = Attribute(
        "None for a ghost, True for a changed object, else False.  True marks the object "
        "changed, False as saved, None asks for deactivation; deleting invalidates "
        "(STATE-09, TRANS-03, TRANS-13, ACT-09, ACT-21)."
    )
    _p_serial = Attribute("The revision, 8 bytes (META-12).")
    _p_mtime = Attribute("When this revision was written, in epoch seconds; read-only (META-15).")
    _p_state = Attribute("GHOST, UPTODATE, CHANGED or STICKY (STATE-07).")
    _p_estimated_size = Attribute("An estimate of the record's size in bytes (META-18).")

    def __getattribute__(name: str) -> Any:
        """Read an attribute; load a ghost for all but ``_p_`` and special names (ATTR-02)."""

    def __setattr__(name: str, value: Any) -> None:
        """Write an attribute; load and register for all but ``_p_`` names (ATTR-09)."""

    def __delattr__(name: str) -> None:
        """Delete an attribute; load and register for all but ``_p_`` names (ATTR-16)."""

    def __getstate__() -> Any:
        """Return the application data, to be pickled (PICKLE-01)."""

    def __setstate__(state: Any) -> None:
        """Replace the application data (PICKLE-06)."""

    def __reduce__() -> Any:
        """Return what pickle needs (PICKLE-13)."""

    def _p_activate() -> None:
        """Load the object if it is a ghost (ACT-01)."""

    def _p_deactivate() -> None:
        """Make a saved object a ghost, if it likes (ACT-08)."""

    def _p_invalidate() -> None:
        """Discard the data, changed or not (ACT-18)."""

    def _p_getattr(name: str) -> bool:
        """For an overridden ``__getattribute__`` to call first (HOOK-02, HOOK-03).

        Return True if the base class must handle ``name``; else load the
        object and return False.
        """

    def _p_setattr(name: str, value: Any) -> bool:
        """For an overridden ``__setattr__`` to call first (HOOK-04).

        Set a ``_p_`` name and return True; else load the object and return
        False.
        """

    def _p_delattr(name: str) -> bool:
        """For an overridden ``__delattr__`` to call first (HOOK-05).

        Delete a ``_p_`` name and return True; else load the object and return
        False.
        """


class IPersistentDataManager(Interface):
    """Loads and stores objects: the jar."""

    _cache = Attribute("The cache of the objects that it handed out (DM-01).")

    def setstate(obj: Any) -> None:
        """Set the state of the ghost ``obj`` by its ``__setstate__`` (DM-02)."""

    def oldstate(obj: Any, tid: bytes) -> Any:
        """Return the state that transaction ``tid`` stored for ``obj`` (DM-03).

        Raises KeyError if it stored none.
        """

    def register(obj: Any) -> None:
        """Note that ``obj`` is about to become changed (TRANS-05)."""


class IPickleCache(Interface):
    """The objects of one data manager by oid, loaded ones in LRU order."""

    cache_size = Attribute("How many objects are to stay loaded (GC-01).")
    cache_drain_resistance = Attribute("How fast to drain below that size (GC-07).")
    cache_non_ghost_count = Attribute("How many objects are loaded (CACHE-11).")
    cache_data = Attribute("A copy of the objects by oid (CACHE-12).")
    cache_klass_count = Attribute("How many classes are cached (CACHE-13).")

    def __getitem__(oid: bytes) -> Any:
        """Return the object; KeyError if there is none (CACHE-01)."""

    def __setitem__(oid: bytes, value: Any) -> None:
        """Cache an object (CACHE-02 to CACHE-05)."""

    def __delitem__(oid: bytes) -> None:
        """Forget an object; KeyError if there is none (CACHE-06)."""

    def get(oid: bytes, default: Any = None) -> Any:
        """Return the object, or ``default`` (CACHE-01)."""

    def __len__() -> int:
        """Return the number of oids (CACHE-08)."""

    def items() -> Any:
        """Return ``(oid, object)`` pairs, classes left out (CACHE-09)."""

    def ringlen() -> int:
        """Return the number of loaded objects (CACHE-10)."""

    def lru_items() -> Any:
        """Return ``(oid, object)`` pairs of the loaded objects, LRU first (CACHE-10)."""

    def klass_items() -> Any:
        """Return ``(oid, class)`` pairs (CACHE-14)."""

    def incrgc() -> None:
        """Evict saved objects, LRU first, down to the target sizes (GC-01 to GC-03)."""

    def full_sweep() -> None:
        """Evict every saved object (GC-04)."""

    def minimize() -> None:
        """Evict every saved object (GC-04)."""

    def new_ghost(oid: bytes, obj: Any) -> None:
        """Cache a new object as a ghost (GHOST-01 to GHOST-04)."""

    def invalidate(to_invalidate: Any) -> None:
        """Invalidate one oid or several (INV-01, INV-04, INV-08)."""

    def debug_info() -> Any:
        """Return ``(oid, refcount, typename, state)`` of everything cached (CACHE-18)."""

    def update_object_size_estimation(oid: bytes, new_size: int) -> None:
        """Adjust the total estimated size (CACHE-19)."""


class IExtendedPickleCache(IPickleCache):
    """What a cache may offer besides."""

    def reify(to_reify: Any) -> None:
        """Load the ghosts among the given oids; KeyError if one is not cached (CACHE-25)."""

    def mru(oid: bytes) -> None:
        """Make an object the most recently used one; KeyError if not cached (CACHE-26)."""
