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
from types import ModuleType
from typing import Any

__all__ = ["ModuleKey", "give_place"]


class ModuleKey(str):
    """The name of a module, as its classes have it; stored and pickled as plain text."""

    __slots__ = ("owner",)

    owner: Any

    def __reduce_ex__(self, protocol: Any) -> Any:
        return str, (str(self),)


class _PlaceKey(str):
    """The key in ``sys.modules`` that the `ModuleKey` of the same owner finds, and nothing else."""

    __slots__ = ("owner",)

    owner: Any

    __hash__ = str.__hash__

    def __eq__(self, other: object) -> bool:
        if type(other) is ModuleKey:
            return other.owner is self.owner and str.__eq__(self, other)
        return self is other

    def __ne__(self, other: object) -> bool:
        return not self == other


class _Place(ModuleType):
    """Shows a module, and does not keep it."""

    def __init__(self, name: str, module: ModuleType) -> None:
        super().__init__(name)
        ModuleType.__setattr__(self, "_module", weakref.ref(module))

    def __getattribute__(self, name: str) -> Any:
        module = ModuleType.__getattribute__(self, "__dict__")["_module"]()
        if module is None:
            return ModuleType.__getattribute__(self, name)
        return getattr(module, name)


def give_place(module: ModuleType, name: str) -> ModuleKey:
    """Have tools find ``module`` by the key that is returned, as long as it is in use."""
    key, place = ModuleKey(name), _PlaceKey(name)
    key.owner = place.owner = object()
    sys.modules[place] = _Place(name, module)
    weakref.finalize(module, sys.modules.pop, place, None).atexit = False
    return key
