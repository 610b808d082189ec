"""A class, changed in place to what a new class statement says (PC-03, PC-04)."""

from __future__ import annotations

import abc
from contextlib import suppress
from types import FunctionType, GetSetDescriptorType, MemberDescriptorType
from typing import Any

from zope.interface import implementedBy
from zope.interface.declarations import Implements

from persistent_ref.modules.classes import (
    CLASS_HEAD,
    Root,
    delete_in_class,
    delete_plainly,
    has_own_setter,
    set_in_class,
    set_plainly,
)

__all__ = [
    "ClassMemory",
    "FixedAttribute",
    "can_redefine",
    "layout_of",
    "redefine",
    "take_over",
    "wanted_bases",
]


class FixedAttribute(TypeError):
    """An attribute of a class that can be given once, like the fields of a structure of C."""


#: What belongs to the class object rather than to its definition.
_KEPT = frozenset(
    {
        CLASS_HEAD,
        "__abstractmethods__",
        "__doc__",
        "__implemented__",
        "__module__",
        "__providedBy__",
        "__provides__",
        "__qualname__",
        "_abc_impl",
    }
)
_CELLS = frozenset({"__classcell__", "__classdictcell__", "__qualname__", "__slots__"})
_STATIC = frozenset({"__new__"})
_OF_CLASS = frozenset({"__init_subclass__", "__class_getitem__"})

_set_bases = type.__dict__["__bases__"].__set__


def wanted_bases(bases: tuple[Any, ...], namespace: dict[str, Any]) -> tuple[Any, ...]:
    """Return the bases that a class gets whose statement has ``bases``."""
    return bases or ((object,) if "__slots__" in namespace else (Root,))


def can_redefine(cls: type, meta: type, bases: tuple[Any, ...], namespace: dict[str, Any]) -> bool:
    """Return whether ``cls`` can be changed in place to that definition (PC-15)."""
    if type(cls) is not meta or _slots(cls.__dict__) != _slots(namespace):
        return False
    before = cls.__bases__
    if before == bases:
        return True
    try:
        _set_bases(cls, bases)
    except TypeError:
        return False
    _set_bases(cls, before)
    return True


def redefine(cls: Any, bases: tuple[Any, ...], namespace: dict[str, Any], options: Any) -> None:
    """Change ``cls`` in place; slots of its subclasses in memory follow (PC-20).

    Raises FixedAttribute, half way, for what its metaclass does not let change.
    """
    if cls.__bases__ != bases:
        _set_bases(cls, bases)
    kept = _KEPT | layout_of(cls)
    for name in [name for name in cls.__dict__ if name not in kept and name not in namespace]:
        delete_in_class(cls, name)
    _forget_registrations(cls)
    _forget_interfaces(cls)
    set_plainly(cls, "__doc__", namespace.get("__doc__"))
    for name, value in namespace.items():
        if name not in _CELLS and name not in kept - {"__module__"}:
            _set(cls, name, _implied(name, value))
    if "__eq__" in namespace and "__hash__" not in namespace:
        set_plainly(cls, "__hash__", None)
    if "__classcell__" in namespace:
        namespace["__classcell__"].cell_contents = cls
    for name, value in namespace.items():
        hook = getattr(type(value), "__set_name__", None)
        if hook is not None:
            hook(value, cls, name)
    super(cls, cls).__init_subclass__(**options)
    _update_abstract(cls)


def _set(cls: type, name: str, value: Any) -> None:
    if has_own_setter(cls) and name in vars(cls) and vars(cls)[name] == value:
        # It may be one that can be given once.
        return
    try:
        set_in_class(cls, name, value)
    except (AttributeError, TypeError) as error:
        raise FixedAttribute(f"{name}: {error}") from error


def take_over(cls: type, other: type) -> None:
    """Give ``cls`` all attributes that ``other`` has, and no more."""
    own = layout_of(cls) | {"__dict__", "__weakref__"}
    for name in [name for name in vars(cls) if name not in own and name not in vars(other)]:
        delete_plainly(cls, name)
    for name, value in list(vars(other).items()):
        if name not in own:
            set_plainly(cls, name, value)


class ClassMemory:
    """What a class is at one moment, to bring it back."""

    def __init__(self, cls: Any) -> None:
        self.cls = cls
        self._bases = cls.__bases__
        self._namespace = dict(cls.__dict__)
        self._names = cls.__name__, cls.__qualname__
        self._head = vars(cls).get(CLASS_HEAD)
        self._qualname = getattr(self._head, "qualname", None)
        spec = cls.__dict__.get("__implemented__")
        self._spec = None
        if isinstance(spec, Implements):
            self._spec = (spec, spec.declared, spec.inherit, spec.__bases__)

    def restore(self) -> None:
        """Make the class what it was."""
        cls = self.cls
        if cls.__bases__ != self._bases:
            _set_bases(cls, self._bases)
        if (cls.__name__, cls.__qualname__) != self._names:
            set_plainly(cls, "__name__", self._names[0])
            set_plainly(cls, "__qualname__", self._names[1])
        if self._head is not None:
            self._head.qualname = self._qualname
        declared = {"__doc__", "__implemented__", "__module__", "__providedBy__", "__provides__"}
        own = (_KEPT | layout_of(cls)) - declared
        for name in [name for name in cls.__dict__ if name not in self._namespace]:
            if name not in own:
                delete_in_class(cls, name)
        for name, value in self._namespace.items():
            if name not in own and cls.__dict__.get(name) is not value:
                with suppress(FixedAttribute):
                    _set(cls, name, value)
        if self._spec is not None:
            spec, spec.declared, spec.inherit, spec.__bases__ = self._spec[0], *self._spec[1:]
        _update_abstract(cls)


def layout_of(cls: type) -> frozenset[str]:
    """Return the names of slots, ``__dict__`` and ``__weakref__`` of ``cls`` itself."""
    kinds = (MemberDescriptorType, GetSetDescriptorType)
    return frozenset(name for name, value in cls.__dict__.items() if isinstance(value, kinds))


def _slots(namespace: Any) -> frozenset[str]:
    """Return what the namespace of a class statement says of its layout."""
    slots = namespace.get("__slots__", ())
    names = (slots,) if isinstance(slots, str) else tuple(slots)
    absent = frozenset() if "__slots__" in namespace else frozenset({"__dict__"})
    return frozenset(names) | absent


def _implied(name: str, value: Any) -> Any:
    """Return what Python makes of a plain function with a special name."""
    if isinstance(value, FunctionType):
        if name in _STATIC:
            return staticmethod(value)
        if name in _OF_CLASS:
            return classmethod(value)
    return value


def _forget_registrations(cls: Any) -> None:
    if isinstance(cls, abc.ABCMeta):
        abc.ABCMeta._abc_registry_clear(cls)  # type: ignore[attr-defined]
        abc.ABCMeta._abc_caches_clear(cls)  # type: ignore[attr-defined]


def _forget_interfaces(cls: Any) -> None:
    """Let the class implement what its bases do; decorators will declare anew.

    The specification stays the same object, which those of subclasses depend on.
    """
    spec = cls.__dict__.get("__implemented__")
    if isinstance(spec, Implements):
        spec.declared = ()
        spec.inherit = cls
        spec.__bases__ = tuple(implementedBy(base) for base in cls.__bases__)
    if "__provides__" in cls.__dict__:
        delete_plainly(cls, "__provides__")
        implementedBy(cls)


def _update_abstract(cls: Any) -> None:
    """Recompute what is abstract in ``cls`` and, after it, in its subclasses."""
    abc.update_abstractmethods(cls)
    for subclass in type.__subclasses__(cls):
        _update_abstract(subclass)
