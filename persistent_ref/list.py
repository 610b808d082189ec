"""A persistent list that notices its changes."""

from __future__ import annotations

from collections import UserList
from typing import Any

from persistent_ref.persistence import Persistent

__all__ = ["PersistentList"]


class PersistentList(UserList, Persistent):  # type: ignore[type-arg]
    """A list that marks itself changed when its items change (COLL-07 to 10).

    It is built and behaves like ``collections.UserList`` (COLL-16); slices and
    copies are of the same class (COLL-10).
    """

    def __setitem__(self, index: Any, item: Any) -> None:
        """Set an item or a slice and mark the list changed (COLL-07)."""
        super().__setitem__(index, item)
        self._p_changed = True

    def __delitem__(self, index: Any) -> None:
        """Delete an item or a slice; an empty slice is no change (COLL-08)."""
        before = len(self.data)
        super().__delitem__(index)
        if len(self.data) != before:
            self._p_changed = True

    def __iadd__(self, other: Any) -> Any:  # type: ignore[misc]
        """Append items and mark the list changed (COLL-07, COLL-12)."""
        result = super().__iadd__(other)
        self._p_changed = True
        return result

    def __imul__(self, n: int) -> Any:
        """Repeat the items and mark the list changed (COLL-07, COLL-12)."""
        result = super().__imul__(n)
        self._p_changed = True
        return result

    def append(self, item: Any) -> None:
        """Append an item and mark the list changed (COLL-07)."""
        super().append(item)
        self._p_changed = True

    def clear(self) -> None:
        """Remove all items; an empty list is not marked changed (COLL-08)."""
        before = len(self.data)
        super().clear()
        if before:
            self._p_changed = True

    def insert(self, i: int, item: Any) -> None:
        """Insert an item and mark the list changed (COLL-07)."""
        super().insert(i, item)
        self._p_changed = True

    def pop(self, i: int = -1) -> Any:
        """Remove and return an item; IndexError if there is none (COLL-07, COLL-09)."""
        item = super().pop(i)
        self._p_changed = True
        return item

    def remove(self, item: Any) -> None:
        """Remove the first such item; ValueError if there is none (COLL-07, COLL-09)."""
        super().remove(item)
        self._p_changed = True

    def reverse(self) -> None:
        """Reverse the items and mark the list changed (COLL-07)."""
        super().reverse()
        self._p_changed = True

    def sort(self, *args: Any, **kwargs: Any) -> None:
        """Sort the items and mark the list changed, for even a failing sort may move items."""
        try:
            super().sort(*args, **kwargs)
        finally:
            self._p_changed = True

    def extend(self, other: Any) -> None:
        """Append items and mark the list changed, for those before an error as well (COLL-07)."""
        before = len(self.data)
        try:
            super().extend(other)
        except BaseException:
            if len(self.data) != before:
                self._p_changed = True
            raise
        self._p_changed = True

    def __copy__(self) -> Any:
        """Copy the list with items of its own, without jar and oid (COLL-10)."""
        # Looked up on the class by copy.copy, which does not load a ghost.
        self._p_activate()
        copy = type(self).__new__(type(self))
        copy.__dict__.update(self.__dict__)
        copy.__dict__["data"] = self.data[:]
        return copy
