"""Members of an enumeration: those of the same name stay the same objects."""

from __future__ import annotations

import enum
import functools
import operator
from collections.abc import Callable, Mapping
from typing import Any

from persistent_ref.modules.classes import set_plainly

__all__ = ["keep_members", "members_of", "store_by_name"]


def members_of(cls: Any) -> Mapping[str, Any]:
    """Return the members of an enumeration, aliases included; nothing for another class.

    What several flags make together is among them, by their names with ``|``.
    """
    if not issubclass(type(cls), enum.EnumMeta):
        return {}
    found: dict[str, Any] = dict(vars(cls).get("_member_map_", {}))
    if issubclass(cls, enum.Flag):
        named = list(found.values())
        for value, member in list(vars(cls).get("_value2member_map_", {}).items()):
            if not any(member is each for each in named):
                found[_parts_of(cls, value)] = member
    return found


def _parts_of(cls: Any, value: int) -> str:
    members = cls._member_map_.items()
    parts = [name for name, each in members if each._value_ and each._value_ & ~value == 0]
    return "|".join(parts) + "|"


def _new_member(cls: Any, name: str) -> Any:
    """Return what an enumeration has by a name, or by several; None if it lacks one."""
    members = [cls._member_map_.get(part) for part in name.split("|") if part]
    if None in members:
        return None
    if "|" not in name:
        return members[0]
    return cls(functools.reduce(operator.or_, (each._value_ for each in members), 0))


def store_by_name(cls: Any) -> None:
    """Have members refer to their name, unless their class says otherwise: values change."""
    if not isinstance(cls, enum.EnumMeta) or not members_of(cls):
        return
    own: Any = cls.__reduce_ex__
    if getattr(own, "__module__", "enum") in ("enum", None):
        set_plainly(cls, "__reduce_ex__", _reduce_member)


def _reduce_member(member: Any, protocol: Any) -> Any:
    cls, name = type(member), member._name_
    if members_of(cls).get(name) is member:
        return getattr, (cls, name)
    return cls, (member._value_,)


def keep_members(cls: Any, before: Mapping[str, Any]) -> tuple[list[str], Callable[[], None]]:
    """Put the members that were there before into the place of the new ones of their names.

    A member that is a number or text, say, cannot take another value: it is new.
    Returns the names of these, and what undoes the rest.
    """
    kept: dict[int, Any] = {}
    saved: list[tuple[Any, dict[str, Any]]] = []
    replaced = []
    for name, old in before.items():
        new = _new_member(cls, name)
        is_alias = new is not None and "|" not in name and new.name != name
        if new is None or old is new or id(new) in kept or is_alias:
            continue
        if cls._member_type_ is not object and old._value_ != new._value_:
            replaced.append(name)
            continue
        saved.append((old, dict(vars(old))))
        vars(old).clear()
        vars(old).update(vars(new))
        kept[id(new)] = old
    for known in (cls._member_map_, cls._value2member_map_):
        for key, new in list(known.items()):
            known[key] = kept.get(id(new), new)
    for name, value in list(vars(cls).items()):
        if id(value) in kept:
            set_plainly(cls, name, kept[id(value)])
        elif id(getattr(value, "member", None)) in kept:
            value.member = kept[id(value.member)]

    def undo() -> None:
        for old, state in saved:
            vars(old).clear()
            vars(old).update(state)

    return replaced, undo
