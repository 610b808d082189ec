"""The application data of an object: what a ghost lacks and a pickle holds.

They are in the instance dict and in slots.  Names that start with ``_p_``
belong to the protocol, those with ``_v_`` are volatile: dropped, never stored.
"""

from __future__ import annotations

import copyreg
import sys
from typing import Any

__all__ = ["drop_data", "get_data", "set_data"]


def get_data(obj: Any) -> Any:
    """Return ``(dict or None, slots)``, or the first alone if no slot is set (PICKLE-01 to 05)."""
    instance_dict = _dict_of(obj)
    items = None
    if instance_dict is not None:
        items = {k: v for k, v in instance_dict.items() if not _is_private(k)}
    slots = {}
    for name in _slots_of(type(obj)):
        if not _is_private(name):
            try:
                slots[name] = getattr(obj, name)
            except AttributeError:
                pass
    return (items, slots) if slots else items


def set_data(obj: Any, state: Any) -> None:
    """Replace the dict and set the slots, as far as ``state`` has them (PICKLE-06 to 12).

    Raises TypeError for a tuple that is not a pair and for a dict when the
    object has none, leaving it as it was, and for a slots part that is not a
    dict (PICKLE-09, PICKLE-19).
    """
    slots: Any = {}
    if issubclass(type(state), tuple):
        length = tuple.__len__(state)
        if length != 2:
            raise TypeError(f"a state tuple must be a pair, not of length {length}")
        state, slots = tuple.__iter__(state)
    if state is not None:
        instance_dict = _dict_of(obj)
        if instance_dict is None:
            raise TypeError("this object has no instance dictionary")
        instance_dict.clear()
        for name, value in state.items():
            instance_dict[sys.intern(name) if type(name) is str else name] = value
    if not issubclass(type(slots), dict):
        raise TypeError(f"the state of the slots must be a dict, not {type(slots).__name__}")
    for name, value in slots.items():
        setattr(obj, name, value)


def drop_data(obj: Any, with_slots: bool) -> None:
    """Empty the dict and, if wanted, the slots (ACT-15, ACT-16)."""
    # Data may have finalizers that use the object.  They find it emptied; what
    # they write to it has to be dropped, too.
    if _drop_once(obj, with_slots):
        _drop_once(obj, with_slots)


def _drop_once(obj: Any, with_slots: bool) -> bool:
    instance_dict = _dict_of(obj)
    found = bool(instance_dict)
    if instance_dict:
        instance_dict.clear()
    for name in _slots_of(type(obj)) if with_slots else ():
        try:
            object.__delattr__(obj, name)
            found = True
        except AttributeError:
            pass
    return found


def _dict_of(obj: Any) -> dict[Any, Any] | None:
    try:
        instance_dict: dict[Any, Any] = object.__getattribute__(obj, "__dict__")
    except AttributeError:
        return None
    return instance_dict


def _slots_of(cls: type) -> list[str]:
    names: list[str] = copyreg._slotnames(cls)  # type: ignore[attr-defined]
    return [name for name in names if not name.startswith("_p_")]


def _is_private(name: Any) -> bool:
    return issubclass(type(name), str) and str.startswith(name, ("_p_", "_v_"))
