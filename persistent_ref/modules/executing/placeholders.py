"""Objects for identities that nothing defines yet, or any more.

What refers to a class, function or interface can be loaded before the source
that defines it is executed, and even if it cannot be.  A definition fills the
placeholder.
"""

from __future__ import annotations

from typing import Any

from persistent_ref.modules.classes import PersistentMeta, Root, head_of_class
from persistent_ref.modules.definitions.identities import Table
from persistent_ref.modules.executing.building import adopt_class
from persistent_ref.modules.interfaces import InterfaceHome, PersistentInterface

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
        names = {"__module__": table.name, "__qualname__": qualname, "__init__": _refuse}
        value = PersistentMeta(name, (Root,), names)
        adopt_class(value, table, qualname, token)
    table.remember(kind, qualname, token, value)
    return value


def _refuse(instance: Any, *args: Any, **kwargs: Any) -> None:
    """Make no instance of a class that is not defined; those that are stored can be loaded."""
    head = head_of_class(type(instance))
    head.table.follower.use()
    raise AttributeError(f"{head.table.name} does not define {head.qualname} any more")
