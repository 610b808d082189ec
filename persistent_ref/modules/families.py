"""The stored classes, for each implementation of the protocol.

Nothing here is specific to one.  A family is made for a ``Persistent`` class
when it is first needed, by the name that its records have in a database:
``PersistentModule@persistent:Persistent``, say.
"""

from __future__ import annotations

import importlib
import sys
from dataclasses import dataclass
from typing import Any

from persistent_ref.modules.changing.records import Anchors, ModuleRecord
from persistent_ref.modules.functions import Function, ModuleName
from persistent_ref.modules.registry import Registry

__all__ = ["Family", "family_for"]

_KINDS = {
    "PersistentModule": (ModuleRecord, ()),
    "PersistentFunction": (Function, ("_p_home", "_p_call")),
    "PersistentAnchors": (Anchors, ()),
    "PersistentRegistry": (Registry, ("_p_batch",)),
}


@dataclass(frozen=True)
class Family:
    """The four stored classes on one ``Persistent``."""

    module: type
    function: Any
    anchors: type
    registry: type


_families: dict[type, Family] = {}


def family_for(persistent: type) -> Family:
    """Return the family on that ``Persistent`` class.

    Raises ValueError for a class that other processes could not find.
    """
    family = _families.get(persistent)
    if family is None:
        home = _home_of(persistent)
        classes: list[Any] = [_make(kind, home, persistent) for kind in _KINDS]
        family = _families[persistent] = Family(*classes)
        for cls in classes:
            cls._p_family = family
    return family


def __getattr__(name: str) -> Any:
    kind, at, home = name.partition("@")
    if not at or kind not in _KINDS:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    module, _, attribute = home.replace("/", ".").partition(":")
    persistent = getattr(importlib.import_module(module), attribute)
    family = family_for(persistent)
    return dict(zip(_KINDS, vars(family).values(), strict=True))[kind]


def _make(kind: str, home: str, persistent: type) -> Any:
    mixin, slots = _KINDS[kind]
    is_function = mixin is Function
    namespace: dict[str, Any] = {
        "__module__": ModuleName(__name__) if is_function else __name__,
        "__doc__": vars(mixin)["__doc__"],
    }
    if slots:
        # Slots that start with _p_ survive ghosting.
        own_dict = () if is_function else ("__dict__",)
        namespace["__slots__"] = (*slots, *own_dict, "__weakref__")
    made: Any = type(f"{kind}@{home}", (mixin, persistent), namespace)
    if is_function:
        # Python calls what the slot holds, without a frame of its own.
        made.__call__ = made._p_call
    return made


def _home_of(persistent: type) -> str:
    own = (persistent.__module__, persistent.__name__)
    for module, name in (
        ("persistent", "Persistent"),
        ("persistent_ref", "Persistent"),
        own,
        (own[0], f"{own[1]}Py"),
    ):
        if getattr(sys.modules.get(module), name, None) is persistent:
            # A dot would have pickle look for an attribute of an attribute.
            return f"{module}:{name}".replace(".", "/")
    raise ValueError(
        f"persistent must be a class that can be imported by its name, not {persistent!r}"
    )
