"""Where tools find the module of a class: in ``sys.modules``, by the ``__module__`` of that class.

``inspect``, ``typing`` and ``pickle`` look there for the module of a class, and
nowhere else.  Persistent modules do not stand there by their names: ordinary
code must not find them, and each connection has its own (PM-16).  So the name
that a class has is a key of its own: it equals the name, as text, and it alone
finds the place that the module has.
"""

from __future__ import annotations

import sys
import weakref
from collections.abc import Callable
from types import ModuleType
from typing import Any

from persistent_ref.modules.definitions.unique import Unique

__all__ = ["ModuleKey", "Place", "StoredKey", "module_name", "stored_key", "table_of"]


def module_name(record: Any, name: str) -> str:
    """Return the name of a module as it was stored; a database has a `StoredKey` made of it."""
    return name


def table_of(name: Any) -> Any:
    """Return the table of the module whose key ``name`` is, or None."""
    module: Any = name._module() if isinstance(name, ModuleKey) else None
    return None if module is None else object.__getattribute__(module, "_persistent_table")


class StoredKey(Unique, str):
    """The name of a module as a record has it, with the record of the module."""

    __slots__ = ("record",)

    record: Any

    def __reduce_ex__(self, protocol: Any) -> Any:
        return module_name, (self.record, str(self))


def stored_key(record: Any, name: str) -> StoredKey:
    """Return the name with the record."""
    key = StoredKey(name)
    key.record = record
    return key


class ModuleKey(Unique, str):
    """The name of a module, as its classes have it; unpickled, it is plain text.

    Whoever looks it up anywhere gives the module its place; that is taken away
    when the module has been executed, and after nothing has it any more.
    """

    __slots__ = ("_module", "_place")

    _module: weakref.ref[ModuleType]
    _place: _PlaceKey

    def __new__(cls, name: str, module: ModuleType) -> ModuleKey:
        """Return the name of ``module``, which is not kept by it."""
        self = super().__new__(cls, name)
        self._module = weakref.ref(module)
        self._place = _PlaceKey(name)
        self._place.key = self
        return self

    def __hash__(self) -> int:
        module = self._module()
        if module is not None and self._place not in sys.modules:
            _take_away_unused()
            sys.modules[self._place] = Place(str(self), self._module)
            _shown.append((self._module, self._place))
        return str.__hash__(self)

    def __eq__(self, other: object) -> bool:
        return str.__eq__(self, other)

    def __ne__(self, other: object) -> bool:
        return str.__ne__(self, other)

    def __reduce_ex__(self, protocol: Any) -> Any:
        """Be stored with the record of the module, which tells it from others of its name."""
        table = table_of(self)
        return (str, (str(self),)) if table is None else (module_name, (table.record, str(self)))

    def hide(self) -> None:
        """Take the place away until it is looked for again."""
        sys.modules.pop(self._place, None)


class _PlaceKey(str):
    """A key in ``sys.modules`` that its `ModuleKey` finds, and nothing else."""

    __slots__ = ("key",)

    key: ModuleKey

    __hash__ = str.__hash__

    def __eq__(self, other: object) -> bool:
        return other is self or other is self.key

    def __ne__(self, other: object) -> bool:
        return not self == other


class Place(ModuleType):
    """Stands in ``sys.modules``, and shows the module that is found at that moment, if one is."""

    def __init__(self, name: str, find: Callable[[], ModuleType | None]) -> None:
        super().__init__(name)
        ModuleType.__setattr__(self, "_find", find)

    def __getattribute__(self, name: str) -> Any:
        return getattr(_shown_in(self), name)

    def __setattr__(self, name: str, value: Any) -> None:
        setattr(_shown_in(self), name, value)

    def __delattr__(self, name: str) -> None:
        delattr(_shown_in(self), name)

    def __dir__(self) -> list[str]:
        return dir(_shown_in(self))


def _shown_in(place: ModuleType) -> ModuleType:
    """Return the module that a place shows; an empty one after that is gone."""
    own = ModuleType.__getattribute__(place, "__dict__")
    found: ModuleType = own["_find"]() or ModuleType(own["__name__"])
    return found


#: The modules that have been given a place, and the keys of these.
_shown: list[tuple[weakref.ref[ModuleType], _PlaceKey]] = []


def _take_away_unused() -> None:
    for shown in [shown for shown in _shown if shown[0]() is None]:
        _shown.remove(shown)
        sys.modules.pop(shown[1], None)
