"""Persistent interfaces: the same object before and after a change of source.

An interface is stored as a reference to its module and its name.  What
``zope.interface`` caches is recomputed in every process (PI-04).
"""

from __future__ import annotations

from typing import Any

from zope.interface.interface import InterfaceClass

from persistent_ref.modules.definitions.identities import Table
from persistent_ref.modules.definitions.unique import Unique

__all__ = ["InterfaceHome", "PersistentInterface", "redefine"]


class InterfaceHome:
    """Where an interface is defined, and the arguments that defined it."""

    __slots__ = ("attributes", "bases", "qualname", "table", "token")

    def __init__(self, table: Table, qualname: str, token: str) -> None:
        self.table = table
        self.qualname = qualname
        self.token = token
        self.bases: tuple[Any, ...] = ()
        self.attributes: dict[str, Any] = {}


class PersistentInterface(Unique, InterfaceClass):  # type: ignore[misc]
    """An interface that the source of a persistent module defines (PI-01).

    It equals itself only.  Others equal those of the same name, but another
    connection has another interface of that name, and so has a module from
    which the name was deleted in between (PM-45).
    """

    _home: InterfaceHome | None = None

    __hash__ = object.__hash__

    def __eq__(self, other: object) -> bool:
        return self is other

    def __ne__(self, other: object) -> bool:
        return self is not other

    def _p_why_broken(self) -> str | None:
        """Return why nothing defines the interface here, None if something does."""
        home = self._home
        if home is None or home.bases:
            return None
        return home.table.why_undefined(home.qualname)

    def __reduce__(self) -> Any:
        home = self._home
        if home is None:
            return super().__reduce__()
        return _load, (home.table.record, home.qualname, home.token)


def _load(record: Any, qualname: str, token: str) -> Any:
    return record._p_runtime().interface_for_jar(qualname, token)


def redefine(interface: Any, bases: tuple[Any, ...], attributes: dict[str, Any]) -> None:
    """Define ``interface`` anew and tell all that depends on it (PI-02, PI-03, PI-05).

    Raises what ``zope.interface`` raises for a wrong definition.
    """
    home = interface._home
    dependents = dict(interface.dependents)
    for base in interface.__bases__:
        base.unsubscribe(interface)
    for name in list(interface.getDirectTaggedValueTags()):
        del interface._Element__tagged_values[name]
    InterfaceClass.__init__(interface, interface.__name__, bases, dict(attributes))
    for dependent, count in dependents.items():
        for _ in range(count):
            interface.subscribe(dependent)
    home.bases, home.attributes = bases, dict(attributes)
    interface.changed(interface)
