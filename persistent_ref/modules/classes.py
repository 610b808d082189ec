"""Persistent classes: never ghosts, known by their module and name.

A class has no record of its own data: it is what the source of its module
says.  What is stored for it names the module and is rewritten with it, so that
a change of the source invalidates the class wherever it is in memory.
"""

from __future__ import annotations

import abc
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from types import WrapperDescriptorType
from typing import Any

from persistent_ref.modules.definitions import overlay
from persistent_ref.modules.definitions.identities import Table

__all__ = [
    "CLASS_HEAD",
    "ClassHead",
    "PersistentABCMeta",
    "PersistentMeta",
    "Root",
    "base_metaclass",
    "delete_in_class",
    "delete_plainly",
    "has_own_setter",
    "head_of_class",
    "new_class",
    "replace_in_jar",
    "set_in_class",
    "set_plainly",
]

#: Where a class keeps what the protocol needs; subclasses do not inherit it.
CLASS_HEAD = "__persistent__"

NO_SERIAL = b"\0" * 8

_UPTODATE, _CHANGED = 0, 1


class Root:
    """The base of persistent classes without another base.

    Python does not let a class change its bases while ``object`` is its only one.
    """


class ClassHead:
    """Jar, oid and revision of one class, and the module that defines it."""

    __slots__ = (
        "changed",
        "defined",
        "is_copy",
        "jar",
        "oid",
        "qualname",
        "serial",
        "size",
        "stored",
        "table",
        "token",
    )

    def __init__(self, table: Table, qualname: str, token: str) -> None:
        self.table = table
        self.qualname = qualname
        self.token = token
        self.jar: Any = None
        self.oid: bytes | None = None
        self.serial = NO_SERIAL
        self.size = 0
        self.changed = False
        #: Whether a class statement has filled it; it stands for a class otherwise.
        self.defined = True
        #: Whether a decorator has made it, as a copy of what its statement says.
        self.is_copy = False
        # The jar handed the class out, and has not told its revision yet.
        self.stored = False

    def make(self, meta: Any, name: str, bases: Any, namespace: Any, options: Any) -> Any:
        """Return a copy of the class, as some decorators make one.

        It takes the place of the class if the source of that is being executed;
        else it is not that class, and will not be changed.
        """
        bases = () if bases == (Root,) else bases
        if self.table.execution is not None:
            return self.table.execution.copy_class(self, meta, name, bases, namespace, options)
        return new_class(meta, name, bases, namespace, options)


def new_class(meta: Any, name: str, bases: Any, namespace: Any, options: Any) -> Any:
    """Return a new class, whatever its metaclass would like it to be."""
    return super(PersistentMeta, meta).__new__(meta, name, bases, namespace, **options)


def head_of_class(cls: type) -> ClassHead:
    """Return the head of ``cls``.

    Raises AttributeError for a class that no persistent module defines (PC-17).
    """
    head: ClassHead | None = cls.__dict__.get(CLASS_HEAD)
    if head is None:
        raise AttributeError(f"{cls!r} is not defined by a persistent module")
    return head


def replace_in_jar(old: type, new: type) -> None:
    """Let the jar of ``old`` have ``new`` in its place."""
    before, after = head_of_class(old), head_of_class(new)
    after.jar, after.oid, after.serial = before.jar, before.oid, before.serial
    after.stored = before.stored
    before.jar = before.oid = None
    cache = getattr(after.jar, "_cache", None)
    if cache is not None and cache.get(after.oid) is old:
        del cache[after.oid]
        cache[after.oid] = new


class _ClassAttribute:
    """An attribute of the protocol that classes have apart from their instances (PC-08)."""

    def __init__(self, read: Callable[[ClassHead], Any], name: str = "", default: Any = None):
        self._read = read
        self._name = name
        self._default = default

    def __get__(self, cls: type | None, meta: type) -> Any:
        return self if cls is None else self._read(head_of_class(cls))

    def __set__(self, cls: type, value: Any) -> None:
        if not self._name:
            raise AttributeError("this attribute of a class is read-only")
        setattr(head_of_class(cls), self._name, value)

    def __delete__(self, cls: type) -> None:
        self.__set__(cls, self._default)


class _Changed(_ClassAttribute):
    def __set__(self, cls: type, value: Any) -> None:
        head = head_of_class(cls)
        if value is None:
            return
        if not value:
            head.changed = head.stored = False
        elif not head.changed:
            if head.jar is not None:
                if head.stored:
                    head.jar.setstate(cls)
                head.jar.register(cls)
            head.changed = True

    def __delete__(self, cls: type) -> None:
        _invalidate(cls)


class _ClassMethod:
    """A method of the protocol; with ``arity`` more arguments it is the instances' own.

    ``C.__getstate__()`` is the class's, ``C.__getstate__(instance)`` that of
    its instances.
    """

    def __init__(self, name: str, method: Callable[..., Any], arity: int) -> None:
        self._name = name
        self._method = method
        self._arity = arity

    def __get__(self, cls: type | None, meta: type) -> Any:
        if cls is None:
            return self

        def call(*args: Any) -> Any:
            if len(args) == self._arity:
                return self._method(cls, *args)
            for base in cls.__mro__:
                if self._name in base.__dict__:
                    return base.__dict__[self._name].__get__(None, cls)(*args)
            raise AttributeError(f"{cls!r} has no attribute {self._name!r}")

        return call

    def __set__(self, cls: type, value: Any) -> None:
        set_in_class(cls, self._name, value)

    def __delete__(self, cls: type) -> None:
        delete_in_class(cls, self._name)


def _get_new_args(cls: type) -> tuple[Any, ...]:
    head = head_of_class(cls)
    return (head.table.record, head.qualname, head.token)


def _get_state(cls: type) -> dict[str, Any]:
    return {"revision": head_of_class(cls).table.revision}


def _set_state(cls: type, state: dict[str, Any]) -> None:
    head = head_of_class(cls)
    head.changed = head.stored = False
    # An error of the source waits for the module's use; the jar goes on.
    with head.table.errors_kept():
        head.table.follower.notice(state["revision"])


def _activate(cls: type) -> None:
    """Do nothing: a class is never a ghost (PC-01)."""


def _invalidate(cls: type) -> None:
    """Reload at once (PC-02).  Never raise: others of the same batch would stay stale."""
    head = head_of_class(cls)
    head.changed = False
    if head.jar is None or head.oid is None:
        return
    with head.table.errors_kept():
        cache = getattr(head.jar, "_cache", None)
        # Some caches drop a class when they invalidate it.
        if cache is not None and cache.get(head.oid) is None:
            cache[head.oid] = cls
        head.jar.setstate(cls)


class PersistentMeta(type):
    """The type of classes that persistent modules define."""

    def __new__(meta, *args: Any, **kwargs: Any) -> Any:
        """Make a class; for a jar, return the one that (record, name, token) mean."""
        if isinstance(args[0], str):
            name, bases, namespace = args
            # As type does; but the caller is not this module.
            namespace.setdefault("__module__", sys._getframe(1).f_globals.get("__name__"))
            maker = namespace.pop(CLASS_HEAD, None)
            if maker is not None:
                return maker.make(meta, name, bases, namespace, kwargs)
            return new_class(meta, name, bases, namespace, kwargs)
        record, qualname, token = args
        return record._p_runtime().class_for_jar(qualname, token)

    def __setattr__(cls, name: str, value: Any) -> None:
        """Set an attribute; it is stored if the module keeps its data (PC-11)."""
        super().__setattr__(name, value)
        head = cls.__dict__.get(CLASS_HEAD)
        if head is not None and not name.startswith("_p_"):
            overlay.keep(head.table, head.qualname, name, value)

    def __delattr__(cls, name: str) -> None:
        super().__delattr__(name)
        head = cls.__dict__.get(CLASS_HEAD)
        if head is not None and not name.startswith("_p_"):
            overlay.drop(head.table, head.qualname, name)

    def _p_why_broken(cls) -> str | None:
        """Return why nothing defines the class here, None if something does."""
        heads = [vars(each).get(CLASS_HEAD) for each in cls.__mro__]
        missing = [head for head in heads if head is not None and not head.defined]
        return missing[0].table.why_undefined(missing[0].qualname) if missing else None

    _p_jar = _ClassAttribute(lambda head: head.jar, "jar")
    _p_oid = _ClassAttribute(lambda head: head.oid, "oid")
    _p_serial = _ClassAttribute(lambda head: head.serial, "serial", NO_SERIAL)
    _p_estimated_size = _ClassAttribute(lambda head: head.size, "size", 0)
    _p_changed = _Changed(lambda head: head.changed)
    _p_state = _ClassAttribute(lambda head: _CHANGED if head.changed else _UPTODATE)
    _p_mtime = _ClassAttribute(lambda head: None)
    _p_sticky = _ClassAttribute(lambda head: False)
    _p_activate = _ClassMethod("_p_activate", _activate, 0)
    _p_deactivate = _ClassMethod("_p_deactivate", _activate, 0)
    _p_invalidate = _ClassMethod("_p_invalidate", _invalidate, 0)
    __getnewargs__ = _ClassMethod("__getnewargs__", _get_new_args, 0)
    __getstate__ = _ClassMethod("__getstate__", _get_state, 0)
    __setstate__ = _ClassMethod("__setstate__", _set_state, 1)


def base_metaclass() -> type:
    """Return what records of classes have in the place of a metaclass that was derived."""
    return PersistentMeta


class PersistentABCMeta(PersistentMeta, abc.ABCMeta):
    """The type of abstract base classes that persistent modules define."""


class _Bare(type):
    """As `PersistentMeta`, without attributes of the protocol."""


class _BareABC(abc.ABCMeta):
    """As `PersistentABCMeta`, without attributes of the protocol."""


@contextmanager
def _bare(cls: Any) -> Iterator[None]:
    """Give way to attributes of instances that are named as those of the protocol.

    A class that defines ``__getstate__``, say, could not be changed otherwise:
    Python asks the metaclass first.
    """
    meta = type(cls)
    bare: type = meta.__bases__[0]
    if meta in (PersistentMeta, PersistentABCMeta):
        bare = _BareABC if isinstance(cls, abc.ABCMeta) else _Bare
    type.__setattr__(cls, "__class__", bare)
    try:
        yield
    finally:
        type.__setattr__(cls, "__class__", meta)


def set_plainly(cls: type, name: str, value: Any) -> None:
    """Set an attribute as a metaclass does that has no say of its own in Python.

    One that is written in C wants to be asked.
    """
    _of_metaclass(cls, "__setattr__")(cls, name, value)


def delete_plainly(cls: type, name: str) -> None:
    """Delete an attribute, as ``set_plainly`` sets one."""
    _of_metaclass(cls, "__delattr__")(cls, name)


def has_own_setter(cls: type) -> bool:
    """Return whether the metaclass is written in C and has a say in what is set."""
    return _of_metaclass(cls, "__setattr__") is not type.__setattr__


def _of_metaclass(cls: type, method: str) -> Any:
    metas: tuple[type, ...] = type.__dict__["__mro__"].__get__(type(cls))
    found = (vars(each).get(method) for each in metas)
    return next(each for each in found if isinstance(each, WrapperDescriptorType))


def set_in_class(cls: type, name: str, value: Any) -> None:
    """Set what instances of ``cls`` have as ``name``."""
    if name in _PROTOCOL:
        with _bare(cls):
            set_plainly(cls, name, value)
    else:
        set_plainly(cls, name, value)


def delete_in_class(cls: type, name: str) -> None:
    """Delete what instances of ``cls`` have as ``name``."""
    if name in _PROTOCOL:
        with _bare(cls):
            delete_plainly(cls, name)
    else:
        delete_plainly(cls, name)


_PROTOCOL = frozenset(
    name
    for name, value in vars(PersistentMeta).items()
    if isinstance(value, (_ClassAttribute, _ClassMethod))
)
