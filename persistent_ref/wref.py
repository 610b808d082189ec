"""References to persistent objects that do not keep them in the database."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from persistent_ref.persistence import Persistent

__all__ = ["PersistentWeakKeyDictionary", "WeakRef", "WeakRefMarker"]

#: The ``_p_oid`` by which a serializer knows a weak reference.
WeakRefMarker = object()


class WeakRef:
    """Refers to a persistent object by jar and oid (WREF-01 to 03).

    Calling it returns the object, or None if the jar has none with this oid.
    Raises TypeError when compared or hashed after that.
    """

    _p_oid = WeakRefMarker

    _v_ob: Any
    database_name: str

    def __init__(self, ob: Any) -> None:
        self._v_ob = ob
        self.oid = ob._p_oid
        self.dm = ob._p_jar
        if self.dm is not None:
            self.database_name = self.dm.db().database_name

    def __call__(self) -> Any:
        """Return the object, or None if it is gone (WREF-01)."""
        try:
            return self._v_ob
        except AttributeError:
            pass
        try:
            self._v_ob = self.dm[self.oid]
        except (KeyError, AttributeError):
            return None
        return self._v_ob

    def __eq__(self, other: object) -> Any:
        """Compare the objects (WREF-02)."""
        if not isinstance(other, WeakRef):
            return False
        return _alive(self) == _alive(other)

    def __hash__(self) -> int:
        """Hash the object (WREF-02)."""
        return hash(_alive(self))


def _alive(ref: WeakRef) -> Any:
    obj = ref()
    if obj is None:
        raise TypeError("Weakly-referenced object has gone away")
    return obj


class PersistentWeakKeyDictionary(Persistent):
    """A mapping whose keys are weak references to persistent objects (WREF-04, WREF-05).

    An item whose key has gone is dropped when the mapping is loaded.
    """

    data: dict[WeakRef, Any]

    def __init__(self, adict: Any = None, **kwargs: Any) -> None:
        self.data = {}
        if adict is not None:
            self.update(adict)
        if kwargs:
            self.update(kwargs)

    def __getstate__(self) -> Any:
        """Return the state with the items as a list of pairs (WREF-04)."""
        state = super().__getstate__()
        state["data"] = list(state["data"].items())
        return state

    def __setstate__(self, state: Any) -> None:
        """Take over the state, less the items whose key has gone (WREF-04)."""
        items = {ref: value for ref, value in state["data"] if ref() is not None}
        super().__setstate__({**state, "data": items})

    def __setitem__(self, key: Any, value: Any) -> None:
        """Set an item and mark the mapping changed (WREF-05)."""
        self.data[WeakRef(key)] = value
        self._p_changed = True

    def __getitem__(self, key: Any) -> Any:
        """Return an item; KeyError if there is none."""
        return self.data[WeakRef(key)]

    def __delitem__(self, key: Any) -> None:
        """Delete an item and mark the mapping changed (WREF-05)."""
        del self.data[WeakRef(key)]
        self._p_changed = True

    def get(self, key: Any, default: Any = None) -> Any:
        """Return an item, or ``default`` if there is none."""
        return self.data.get(WeakRef(key), default)

    def __contains__(self, key: Any) -> bool:
        """Say whether there is an item for this object."""
        return WeakRef(key) in self.data

    def __iter__(self) -> Iterator[Any]:
        """Iterate over the objects, None for one that has gone."""
        for ref in self.data:
            yield ref()

    def update(self, adict: Any) -> None:
        """Set items from a mapping or from pairs (WREF-05)."""
        if isinstance(adict, PersistentWeakKeyDictionary):
            self.data.update(adict.data)
        else:
            items = adict.items() if hasattr(adict, "items") else adict
            self.data.update((WeakRef(key), value) for key, value in items)
        self._p_changed = True
