"""The ``class`` statement inside persistent modules."""

from __future__ import annotations

import abc
import builtins
import types
from collections.abc import Callable
from typing import Any

from zope.interface.interface import InterfaceClass

from persistent_ref.modules.classes import (
    CLASS_HEAD,
    ClassHead,
    PersistentABCMeta,
    PersistentMeta,
    head_of_class,
    replace_in_jar,
)
from persistent_ref.modules.definitions.identities import Table
from persistent_ref.modules.executing.redefine import can_redefine, redefine, wanted_bases
from persistent_ref.modules.interfaces import InterfaceHome, PersistentInterface
from persistent_ref.modules.interfaces import redefine as redefine_interface
from persistent_ref.modules.policy import LayoutRefused

__all__ = ["adopt_class", "build_class"]

_CELL = "__classcell__"
_PLAIN = (type, PersistentMeta)
_ABSTRACT = (abc.ABCMeta, PersistentABCMeta)


def build_class(table: Table) -> Callable[..., Any]:
    """Return the ``__build_class__`` of a module."""

    def build(function: Any, name: str, *bases: Any, **options: Any) -> Any:
        explicit = options.pop("metaclass", None)
        builder: Any = _Builder(table, explicit)
        if explicit is not None and not isinstance(explicit, type):
            builder = _Calling(explicit)
        return builtins.__build_class__(function, name, *bases, metaclass=builder, **options)

    return build


def adopt_class(cls: Any, table: Table, qualname: str, token: str) -> None:
    """Make ``cls`` the object of an identity."""
    type.__setattr__(cls, CLASS_HEAD, ClassHead(table, qualname, token))
    table.remember("class", qualname, token, cls)


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
            type.__delattr__(cls, _CELL)
    return cls


class _Builder:
    """Stands in for the metaclass of one class statement."""

    def __init__(self, table: Table, explicit: type | None) -> None:
        self._table = table
        self._explicit = explicit

    def __prepare__(self, name: str, bases: tuple[Any, ...], **options: Any) -> Any:
        meta = self._meta(name, bases)
        return meta.__prepare__(name, bases, **options)

    def __call__(self, name: str, bases: tuple[Any, ...], namespace: Any, **options: Any) -> Any:
        cell = namespace.get(_CELL)
        return _with_cell(self._build(name, bases, namespace, options), cell)

    def _build(self, name: str, bases: tuple[Any, ...], namespace: Any, options: Any) -> Any:
        meta = self._meta(name, bases)
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
        if meta is InterfaceClass:
            namespace.pop(_CELL, None)
            if is_definition:
                return self._define_interface(qualname, name, bases, dict(namespace))
            return PersistentInterface(name, bases, namespace, **options)
        if not is_definition or meta not in (*_PLAIN, *_ABSTRACT):
            return self._plain(meta, bases)(name, bases, namespace, **options)
        return self._define_class(self._persistent(meta), name, bases, namespace, options)

    def _meta(self, name: str, bases: tuple[Any, ...]) -> Any:
        """Return the metaclass that Python would take, the persistent ones aside."""
        metas = [type(base) for base in bases]
        if self._explicit is not None:
            metas.append(self._explicit)
        if any(issubclass(meta, InterfaceClass) for meta in metas):
            return InterfaceClass
        if all(meta in (*_PLAIN, *_ABSTRACT) for meta in metas):
            return abc.ABCMeta if any(meta in _ABSTRACT for meta in metas) else type
        options = {} if self._explicit is None else {"metaclass": self._explicit}
        return types.prepare_class(name, bases, options)[0]

    @staticmethod
    def _persistent(meta: type) -> type:
        return PersistentABCMeta if meta is abc.ABCMeta else PersistentMeta

    def _plain(self, meta: Any, bases: tuple[Any, ...]) -> Any:
        if meta in (type, abc.ABCMeta) and any(isinstance(b, PersistentMeta) for b in bases):
            return self._persistent(meta)
        return meta

    def _define_class(
        self, meta: type, name: str, bases: tuple[Any, ...], namespace: Any, options: Any
    ) -> Any:
        table = self._table
        execution: Any = table.execution
        qualname = namespace["__qualname__"]
        identities = execution.identities
        token = identities.token("class", qualname)
        bases = wanted_bases(bases, namespace)
        cls = table.get("class", qualname, token)
        stand_in = None
        if cls is not None and not can_redefine(cls, meta, bases, namespace):
            if not head_of_class(cls).defined:
                # Nobody has used it, but there may be stored references.
                stand_in, cls = cls, None
            elif identities.may_replace is False:
                raise LayoutRefused(
                    f"class {qualname!r} of {table.name!r} cannot be changed in place to the "
                    "new metaclass, slots or bases; rename it, or have it replaced by a new "
                    "class with Policy(layout='replace')"
                )
            else:
                execution.replaced.append(qualname)
                token, cls = identities.new_token or token, None
        if cls is None:
            cls = meta(name, bases, namespace, **options)
            adopt_class(cls, table, qualname, token)
            if stand_in is not None:
                replace_in_jar(stand_in, cls)
            _bind_methods(cls)
        else:
            redefine(cls, bases, namespace, options)
            head_of_class(cls).defined = True
        execution.definitions[qualname] = cls
        return cls

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


def _bind_methods(cls: Any) -> None:
    """Let ``super()`` in functions that an earlier class had, too, mean this one."""
    for value in vars(cls).values():
        function = getattr(value, "__func__", value)
        names = getattr(getattr(function, "__code__", None), "co_freevars", ())
        for name, cell in zip(names, getattr(function, "__closure__", None) or (), strict=False):
            if name == "__class__":
                cell.cell_contents = cls
