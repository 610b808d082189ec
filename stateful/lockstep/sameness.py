"""Whether two values, one of each world, are the same by the roles that they play there."""

from __future__ import annotations

from typing import Any

from fixtures.jars import RecordingJar
from fixtures.roles import accidental, in_words, role
from fixtures.values import Ref
from fixtures.world import World

_ABSENT: Any = object()
_SCALARS = (int, str, bytes, bool, float, type(None))


def same(reference: World, one: Any, target: World, other: Any) -> bool:
    """Whether ``one``, of the reference, and ``other``, of the target, are the same.

    Built-in values are compared by type and structure, all the way down; persistent objects, jars,
    caches and classes by their role; anything else by the name of its class. They are the same if
    recordings of both show the same.
    """
    kind = type(one)
    if kind in _SCALARS:
        if type(other) is not kind:
            return False
        if kind is float:
            # A zero has a sign, and what is no number equals nothing.
            return repr(one) == repr(other)
        if one == other:
            return True
        return kind is str and accidental(one) == accidental(other)
    if kind is list or kind is tuple:
        if type(other) is not kind or len(one) != len(other):
            return False
        for item, counterpart in zip(one, other, strict=True):
            if not same(reference, item, target, counterpart):
                return False
        return True
    if kind is dict:
        return type(other) is dict and same_dict(reference, one, target, other)
    if kind is RecordingJar:
        return type(other) is RecordingJar and one.name == other.name
    return _same_role(role(reference, one), role(target, other))


def _same_role(one: Any, other: Any) -> bool:
    if type(one) is Ref:
        return bool(one == other)
    return in_words(one) == in_words(other)


def same_dict(reference: World, one: dict[Any, Any], target: World, other: dict[Any, Any]) -> bool:
    """Whether two dicts have the same keys and values; their order does not count."""
    if len(one) != len(other):
        return False
    try:
        for key, value in one.items():
            if type(key) is not str:
                # Looking it up would call its methods, and what equals it may be another thing.
                break
            counterpart = other.get(key, _ABSENT)
            if counterpart is value and type(value) in _SCALARS:
                continue
            if counterpart is _ABSENT or not same(reference, value, target, counterpart):
                return False
        else:
            return True
    except TypeError:
        pass
    return _same_role(role(reference, one), role(target, other))


def shown(world: World, value: Any) -> str:
    """``value`` in words, as a report shows it."""
    text = in_words(role(world, value))
    return text if len(text) <= 300 else text[:297] + "..."


__all__ = ["accidental", "role", "same", "same_dict", "shown"]
