"""Plain functions, changed in place: what holds one behaves new (PM-21, PM-23)."""

from __future__ import annotations

from types import FunctionType
from typing import Any

__all__ = ["become", "can_become", "restore", "saved"]

#: What makes up a function besides its name, globals and closure.
_PARTS = (
    "__code__",
    "__defaults__",
    "__kwdefaults__",
    "__doc__",
    "__name__",
    "__qualname__",
    "__module__",
)


def can_become(old: object, new: object) -> bool:
    """Return whether the function ``old`` can take over the behaviour of ``new``.

    Python ties a function to its globals and to the names of its closure.
    """
    return (
        type(old) is type(new) is FunctionType
        and old.__globals__ is new.__globals__
        and old.__code__.co_freevars == new.__code__.co_freevars
    )


def become(old: FunctionType, new: FunctionType) -> None:
    """Make ``old`` behave like ``new``.

    A function that is not local to another one closes over nothing but the
    class that it is in, which stays the same object.
    """
    restore(old, saved(new))


def saved(function: FunctionType) -> dict[str, Any]:
    """Return what makes up ``function``, its closure aside."""
    parts = {name: getattr(function, name) for name in _PARTS}
    parts["__annotations__"] = function.__annotations__
    parts["__dict__"] = dict(function.__dict__)
    return parts


def restore(function: FunctionType, parts: dict[str, Any]) -> None:
    """Bring ``function`` to the state that ``saved`` returned."""
    for name, value in parts.items():
        setattr(function, name, dict(value) if name == "__dict__" else value)
