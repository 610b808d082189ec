"""The ``class`` statement inside persistent modules."""

from __future__ import annotations

import abc
import builtins
from collections.abc import Callable
from typing import Any

from zope.interface.interface import InterfaceClass

from persistent_ref.modules.classes import PersistentMeta, delete_plainly
from persistent_ref.modules.definitions.identities import Table
from persistent_ref.modules.executing.defining import Statement, define_class
from persistent_ref.modules.executing.metaclasses import persistent_metaclass, winner
from persistent_ref.modules.interfaces import InterfaceHome, PersistentInterface
from persistent_ref.modules.interfaces import redefine as redefine_interface

__all__ = ["build_class"]

_CELL = "__classcell__"


def build_class(table: Table) -> Callable[..., Any]:
    """Return the ``__build_class__`` of a module."""

    def build(function: Any, name: str, *bases: Any, **options: Any) -> Any:
        explicit = options.pop("metaclass", None)
        builder: Any = _Builder(table, explicit)
        if explicit is not None and not isinstance(explicit, type):
            builder = _Calling(explicit)
        return builtins.__build_class__(function, name, *bases, metaclass=builder, **options)

    return build


class _Calling:
    """Stands in for a callable that is given as the metaclass of a class statement."""

    def __init__(self, explicit: Any) -> None:
        self._explicit = explicit

    def __prepare__(self, name: str, bases: tuple[Any, ...], **options: Any) -> Any:
        prepare = getattr(self._explicit, "__prepare__", None)
        return {} if prepare is None else prepare(name, bases, **options)

    def __call__(self, name: str, bases: tuple[Any, ...], namespace: Any, **options: Any) -> Any:
        cell = namespace.get(_CELL)
        return _with_cell(self._explicit(name, bases, namespace, **options), cell)


def _with_cell(cls: Any, cell: Any) -> Any:
    """Have the methods of ``cls`` close over it, whatever its metaclass makes of that.

    All methods do here, so that it must do no harm where Python's would not.
    """
    if cell is not None and isinstance(cls, type):
        cell.cell_contents = cls
        if _CELL in vars(cls):
            delete_plainly(cls, _CELL)
    return cls


class _Builder:
    """Stands in for the metaclass of one class statement."""

    def __init__(self, table: Table, explicit: type | None) -> None:
        self._table = table
        self._explicit = explicit

    def __prepare__(self, name: str, bases: tuple[Any, ...], **options: Any) -> Any:
        meta = self._meta(bases)
        return meta.__prepare__(name, bases, **options)

    def __call__(self, name: str, bases: tuple[Any, ...], namespace: Any, **options: Any) -> Any:
        cell = namespace.get(_CELL)
        return _with_cell(self._build(name, bases, namespace, options), cell)

    def _build(self, name: str, bases: tuple[Any, ...], namespace: Any, options: Any) -> Any:
        meta = self._meta(bases)
        qualname = namespace.get("__qualname__", name)
        execution = self._table.execution
        # What is local to a function is new with each call; a name that is
        # defined twice is the persistent object the first time.
        is_definition = (
            execution is not None
            and "<locals>" not in qualname
            and namespace.get("__module__") == self._table.name
            and qualname not in execution.definitions
        )
        if namespace.get("__module__") == self._table.name and meta is not InterfaceClass:
            namespace["__module__"] = self._table.key
        if meta is InterfaceClass:
            namespace.pop(_CELL, None)
            if is_definition:
                return self._define_interface(qualname, name, bases, dict(namespace))
            return PersistentInterface(name, bases, namespace, **options)
        persistent = persistent_metaclass(meta)
        if not is_definition or persistent is None:
            if any(isinstance(base, PersistentMeta) for base in bases):
                meta = persistent or meta
            return meta(name, bases, namespace, **options)
        if meta in (type, abc.ABCMeta):
            return define_class(self._table, qualname, persistent, name, bases, namespace, options)
        statement = Statement(self._table, qualname)
        return statement.executed(persistent, name, bases, namespace, options)

    def _meta(self, bases: tuple[Any, ...]) -> Any:
        """Return the metaclass that Python would take, the persistent ones aside."""
        metas = [type(base) for base in bases]
        if self._explicit is not None:
            metas.append(self._explicit)
        if any(issubclass(meta, InterfaceClass) for meta in metas):
            return InterfaceClass
        return winner(metas)

    def _define_interface(
        self, qualname: str, name: str, bases: tuple[Any, ...], attributes: dict[str, Any]
    ) -> Any:
        table = self._table
        execution: Any = table.execution
        token = execution.identities.token("interface", qualname)
        interface = table.get("interface", qualname, token)
        if interface is None:
            interface = PersistentInterface(name, bases, dict(attributes))
            home = interface._home = InterfaceHome(table, qualname, token)
            home.bases, home.attributes = bases, attributes
            table.remember("interface", qualname, token, interface)
        else:
            redefine_interface(interface, bases, attributes)
        execution.definitions[qualname] = interface
        return interface
