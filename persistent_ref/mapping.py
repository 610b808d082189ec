"""A persistent mapping that notices its changes."""

from __future__ import annotations

from collections import UserDict
from typing import Any

from persistent_ref.persistence import Persistent

__all__ = ["PersistentMapping"]

_MISSING: Any = object()


class _OldData:
    """Provides ``data`` for a mapping whose state was stored under ``_container``.

    Found only while the instance dict has no ``data``.  Reading moves the dict
    there without marking the mapping changed (COLL-05).
    """

    def __get__(self, instance: Any, owner: type | None = None) -> Any:
        if instance is None:
            return self
        instance_dict = instance.__dict__
        if "_container" not in instance_dict:
            raise AttributeError("data")
        data = instance_dict["data"] = instance_dict.pop("_container")
        return data


class PersistentMapping(UserDict, Persistent):  # type: ignore[type-arg]
    """A mapping that marks itself changed when its items change (COLL-01 to 06).

    It is built and behaves like ``collections.UserDict`` (COLL-16).  The
    attribute name ``_container`` is reserved for data of old databases.
    """

    data: Any = _OldData()

    def __setitem__(self, key: Any, value: Any) -> None:
        """Set an item and mark the mapping changed (COLL-01)."""
        super().__setitem__(key, value)
        self._p_changed = True

    def __delitem__(self, key: Any) -> None:
        """Delete an item and mark the mapping changed (COLL-01, COLL-03)."""
        super().__delitem__(key)
        self._p_changed = True

    def clear(self) -> None:
        """Remove all items; an empty mapping is not marked changed (COLL-02, COLL-14)."""
        changes = "_container" in self.__dict__ or bool(self.data)
        super().clear()
        if changes:
            self._p_changed = True

    def update(self, other: Any = (), /, **kwargs: Any) -> None:
        """Set items from a mapping or pairs, and keywords (COLL-04, COLL-12, COLL-17)."""
        super().update(other, **kwargs)
        self._p_changed = True

    def __ior__(self, other: Any) -> Any:  # type: ignore[misc]
        """Set items from a mapping or pairs and mark the mapping changed (COLL-01)."""
        self.update(other)
        return self

    def setdefault(self, key: Any, default: Any = None) -> Any:
        """Return the item, set to ``default`` if there was none (COLL-02, COLL-15)."""
        if key not in self.data:
            self._p_changed = True
        return super().setdefault(key, default)

    def pop(self, key: Any, default: Any = _MISSING) -> Any:
        """Remove and return an item, or return ``default`` (COLL-11, COLL-15).

        Raises KeyError if there is neither.
        """
        if key in self.data:
            self._p_changed = True
        elif default is _MISSING:
            raise KeyError(key)
        return super().pop(key, default)

    def copy(self) -> Any:
        """Copy the mapping, leaving it as it is (COLL-06)."""
        return self.__copy__()

    def __copy__(self) -> Any:
        """Copy the mapping with a container of its own, without jar and oid (COLL-06)."""
        # Looked up on the class by copy.copy, which does not load a ghost.
        self._p_activate()
        copy = type(self).__new__(type(self))
        attributes = dict(self.__dict__)
        data = attributes.pop("_container", None)
        attributes["data"] = (attributes["data"] if data is None else data).copy()
        copy.__dict__.update(attributes)
        return copy
