"""Objects for identities that nothing defines yet, or any more.

What refers to a class, function or interface can be loaded before the source
that defines it is executed, and even if it cannot be.  A definition fills the
placeholder.
"""

from __future__ import annotations

from typing import Any

from persistent_ref.modules.classes import PersistentMeta, Root, head_of_class
from persistent_ref.modules.definitions.identities import Table
from persistent_ref.modules.executing.defining import adopt_class
from persistent_ref.modules.interfaces import InterfaceHome, PersistentInterface
from persistent_ref.modules.storing.broken import BrokenObject

__all__ = ["make_placeholder"]


def make_placeholder(table: Table, kind: str, qualname: str, token: str) -> Any:
    """Return a new, empty object for an identity."""
    value: Any
    name = qualname.rpartition(".")[2]
    if kind == "function":
        value = table.record._p_family.function._p_make(table, qualname, token)
    elif kind == "interface":
        value = PersistentInterface(name, (), {"__module__": table.name})
        value._home = InterfaceHome(table, qualname, token)
    else:
        names = {"__module__": table.name, "__qualname__": qualname}
        hooks = {
            "__init__": _refuse,
            "__getattr__": _refuse_attribute,
            "__setstate__": _set_attributes,
        }
        value = PersistentMeta(name, (Root,), {**names, **hooks})
        adopt_class(value, table, qualname, token)
        head_of_class(value).defined = False
    table.remember(kind, qualname, token, value)
    return value


def _set_attributes(instance: Any, state: Any) -> None:
    """Keep a state that is as it would be with the class; others are kept by the reader."""
    if not isinstance(state, dict):
        raise TypeError(f"the class of {instance!r} is not defined")
    vars(instance).update(state)


def _refuse_attribute(instance: Any, name: str) -> Any:
    """Say why an instance has nothing but its state."""
    cls = type(instance)
    raise BrokenObject(f"{name!r} of a broken {cls.__qualname__}: {cls._p_why_broken()}")


def _refuse(instance: Any, *args: Any, **kwargs: Any) -> None:
    """Make no instance of a class that is not defined; those that are stored can be loaded."""
    head = head_of_class(type(instance))
    head.table.follower.use()
    raise AttributeError(f"{head.table.name} does not define {head.qualname} any more")
