"""Members of an enumeration: those of the same name stay the same objects."""

from __future__ import annotations

import enum
from collections.abc import Callable, Mapping
from typing import Any

__all__ = ["keep_members", "members_of", "store_by_name"]


def members_of(cls: Any) -> Mapping[str, Any]:
    """Return the members of an enumeration, aliases included; nothing for another class."""
    found: Mapping[str, Any] = vars(cls).get("_member_map_", {})
    return dict(found) if issubclass(type(cls), enum.EnumMeta) else {}


def store_by_name(cls: Any) -> None:
    """Have members refer to their name, unless their class says otherwise: values change."""
    if not isinstance(cls, enum.EnumMeta) or not members_of(cls):
        return
    own: Any = cls.__reduce_ex__
    if getattr(own, "__module__", "enum") in ("enum", None):
        type.__setattr__(cls, "__reduce_ex__", _reduce_member)


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
    for name, new in members_of(cls).items():
        old = before.get(name)
        if old is None or old is new or id(new) in kept or new.name != name:
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
            type.__setattr__(cls, name, kept[id(value)])
        elif id(getattr(value, "member", None)) in kept:
            value.member = kept[id(value.member)]

    def undo() -> None:
        for old, state in saved:
            vars(old).clear()
            vars(old).update(state)

    return replaced, undo
