"""What stands for a stored value that cannot be made: it keeps its state, and says why."""

from __future__ import annotations

import copyreg
import importlib
from collections.abc import Callable
from typing import Any

__all__ = [
    "BrokenObject",
    "Kept",
    "broken_class",
    "is_broken_class",
    "is_of_module",
    "stored_global",
    "the_same",
    "why_broken",
]

_REASON = "__broken_because__"
_MAKE: Any = copyreg.__newobj__  # type: ignore[attr-defined]


class BrokenObject(AttributeError):
    """A stored value that cannot be made here was used."""


class Kept:
    """A value that could not be made; written again, it is what was read.

    ``make`` and ``arguments`` are what would make it, ``because`` is why that
    failed.  Only its state can be read, with ``vars``.
    """

    def __init__(self, make: Callable[..., Any], arguments: tuple[Any, ...], because: str) -> None:
        vars(self).update(make=make, arguments=arguments, state=None, items=[], pairs=[])
        vars(self)[_REASON] = because

    def __getattribute__(self, name: str) -> Any:
        if name in ("__dict__", "__reduce_ex__", _REASON):
            return super().__getattribute__(name)
        if name == "__class__":
            # Pickle wants to see the class that is written.
            own = vars(self)
            return own["arguments"][0] if own["make"] is _MAKE else Kept
        raise BrokenObject(f"{name!r} of a broken object: {vars(self)[_REASON]}")

    def __call__(self, *args: Any, **kwargs: Any) -> Any:
        """Refuse: what is called may be what is broken."""
        raise BrokenObject(vars(self)[_REASON])

    def __repr__(self) -> str:
        return f"<broken object: {vars(self)[_REASON]}>"

    def __reduce_ex__(self, protocol: Any) -> Any:
        own = vars(self)
        items = iter(own["items"]) if own["items"] else None
        pairs = iter(own["pairs"]) if own["pairs"] else None
        return own["make"], own["arguments"], own["state"], items, pairs


def the_same(value: Any) -> Any:
    """Return ``value``; for a key that cannot be hashed as long as it is broken."""
    return value


def broken_class(module: str, name: str, because: str) -> type:
    """Return a class of ZODB's broken objects that says why."""
    broken: Any = importlib.import_module("ZODB.broken").Broken

    def refuse(self: Any, attribute: str) -> Any:
        raise BrokenObject(f"{attribute!r} of a broken {module}.{name}: {because}")

    names = {"__module__": module, _REASON: because}
    methods = {"__getattr__": refuse, "__reduce__": _reduce_broken}
    return _BrokenMeta(name, (broken,), {**names, **methods})


class _BrokenMeta(type):
    """The type of classes of broken objects, which are written as what they stand for."""


def _reduce_broken(instance: Any) -> Any:
    own = vars(instance)
    called = own.get("__Broken_initargs__")
    if called is not None:
        return type(instance), called, own.get("__Broken_state__")
    return _MAKE, (type(instance), *own["__Broken_newargs__"]), own.get("__Broken_state__")


def stored_global(module: str, name: str) -> Any:
    """Return what a name means; a `ClassFactory` finds it in its registry."""
    return getattr(importlib.import_module(module), name)


def _reduce_broken_class(cls: Any) -> Any:
    return stored_global, (cls.__module__, cls.__name__)


# Pickle would not write the name of what it cannot import.
copyreg.pickle(_BrokenMeta, _reduce_broken_class)


def is_broken_class(value: Any) -> bool:
    """Return whether ``value`` is a class of broken objects."""
    return isinstance(value, type) and hasattr(value, "__Broken_state__")


def why_broken(value: Any) -> str | None:
    """Return why a stored value could not be made, or None if it is not broken."""
    if type(value) is Kept:
        return str(vars(value)[_REASON])
    cls = value if isinstance(value, type) else type(value)
    if is_broken_class(cls):
        return str(getattr(cls, _REASON, f"there is no {cls.__module__}.{cls.__name__}"))
    for each in (value, cls):
        why: Any = _hook_of(each)
        if why is not None:
            found: str | None = why(each)
            return found
    return None


def is_of_module(value: Any) -> bool:
    """Return whether a persistent module defines ``value``, or its class."""
    return _hook_of(value) is not None or _hook_of(type(value)) is not None


def _hook_of(value: Any) -> Any:
    """Return what tells of a class, function or interface of a module why it is broken."""
    kind: Any = type(value)
    for base in kind.__mro__:
        if "_p_why_broken" in vars(base):
            return vars(base)["_p_why_broken"]
    return None
