"""What the cache asks of its arguments.

Messages tell the class of what they refuse: asking for its repr might fail.  What
is asked for is the type itself, and taken over is what the plain type holds, so
that nothing is called that a class of the user overrides.
"""

from __future__ import annotations

from typing import Any

__all__ = ["Setting", "require_bytes", "require_filled", "require_int"]


def require_int(size: Any) -> None:
    """Raise TypeError if ``size`` is no integer."""
    if not issubclass(type(size), int):
        raise TypeError(f"a size must be an integer, not {type(size).__name__}")


def require_bytes(oid: Any) -> None:
    """Raise TypeError if ``oid`` is not bytes."""
    if not issubclass(type(oid), bytes):
        raise TypeError(f"an oid in the cache must be bytes, not {type(oid).__name__}")


def require_filled(oid: bytes) -> None:
    """Raise ValueError if ``oid`` is empty (META-10)."""
    if not bytes.__len__(oid):
        raise ValueError("an oid in the cache must not be empty")


class Setting:
    """An attribute that can be set to integers only (CACHE-23)."""

    def __set_name__(self, owner: type, name: str) -> None:
        self._slot = "_" + name

    def __get__(self, instance: Any, owner: type) -> Any:
        return self if instance is None else getattr(instance, self._slot)

    def __set__(self, instance: Any, value: int) -> None:
        require_int(value)
        setattr(instance, self._slot, int.__index__(value))
