"""Metaclasses for every class statement that Python accepts, derived when one is needed.

A class with a metaclass of its own gets that one, joined with the persistent
one: the last to be asked to make the class, so that the class of the last
execution can be changed in its place.
"""

from __future__ import annotations

import abc
import copyreg
from typing import Any
from weakref import WeakKeyDictionary

from persistent_ref.modules.classes import PersistentABCMeta, PersistentMeta, base_metaclass

__all__ = ["original_of", "persistent_metaclass", "winner"]


class _DerivedType(PersistentMeta):
    """The type of metaclasses that are derived here; pickled as the one that a jar needs."""


_derived: WeakKeyDictionary[type, type] = WeakKeyDictionary()
_ORIGINALS: dict[type, type] = {PersistentMeta: type, PersistentABCMeta: abc.ABCMeta}


def original_of(meta: type) -> type:
    """Return the metaclass that a persistent one stands for, any other as it is."""
    if isinstance(meta, _DerivedType):
        return meta.__bases__[0]
    return _ORIGINALS.get(meta, meta)


def winner(metas: list[type]) -> type:
    """Return the most derived metaclass, as Python chooses it; raise TypeError if there is none."""
    best: type = type
    for meta in map(original_of, metas):
        if issubclass(best, meta):
            continue
        if not issubclass(meta, best):
            raise TypeError(
                "metaclass conflict: the metaclass of a derived class must be a (non-strict) "
                "subclass of the metaclasses of all its bases"
            )
        best = meta
    return best


def persistent_metaclass(meta: type) -> type | None:
    """Return the persistent metaclass for an original one; None if Python allows no such one."""
    for persistent, original in _ORIGINALS.items():
        if meta is original:
            return persistent
    found = _derived.get(meta)
    if found is None:
        below = PersistentABCMeta if issubclass(meta, abc.ABCMeta) else PersistentMeta
        names = {"__module__": __name__, "__qualname__": f"Persistent{meta.__qualname__}"}
        try:
            found = _DerivedType(f"Persistent{meta.__name__}", (meta, below), names)
        except TypeError:
            return None
        _derived[meta] = found
    return found


def _reduce_derived(meta: type) -> Any:
    return base_metaclass, ()


copyreg.pickle(_DerivedType, _reduce_derived)
