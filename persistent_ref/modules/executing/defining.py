"""A class that a source defines: the one of the last execution, changed, or a new one."""

from __future__ import annotations

import copyreg
from collections.abc import Mapping
from types import FunctionType
from typing import Any

from persistent_ref.modules.classes import (
    CLASS_HEAD,
    ClassHead,
    PersistentMeta,
    delete_plainly,
    head_of_class,
    new_class,
    replace_in_jar,
    set_plainly,
)
from persistent_ref.modules.definitions.identities import Table
from persistent_ref.modules.definitions.places import table_of
from persistent_ref.modules.executing.members import keep_members, members_of, store_by_name
from persistent_ref.modules.executing.redefine import (
    ClassMemory,
    FixedAttribute,
    can_redefine,
    layout_of,
    redefine,
    take_over,
    wanted_bases,
)
from persistent_ref.modules.policy import LayoutRefused
from persistent_ref.modules.storing.upgrading import UPGRADE, upgrading

__all__ = ["MustReplace", "Statement", "adopt_class", "copy_class", "define_class", "settle_class"]


#: What belongs to a class object rather than to what it is made of.
_OWN = frozenset({"__dict__", "__weakref__"})


def adopt_class(cls: Any, table: Table, qualname: str, token: str) -> None:
    """Make ``cls`` the object of an identity."""
    set_plainly(cls, CLASS_HEAD, ClassHead(table, qualname, token))
    table.remember("class", qualname, token, cls)


class MustReplace(BaseException):
    """A class has to be a new one: the source is executed anew, with that known.

    Else what it defines before the class is made would change the old class, too.
    No source is to catch it.
    """

    def __init__(self, qualname: str, definitions: Mapping[str, Any]) -> None:
        super().__init__(qualname)
        self.qualname = qualname
        self.definitions = definitions


class Statement:
    """One class statement with a metaclass of its own.

    It travels in the namespace to where the metaclass has the class made in the end.
    """

    def __init__(self, table: Table, qualname: str) -> None:
        self._table = table
        self._qualname = qualname
        self._made: Any = None
        self._anew = False
        self._members: Any = {}

    def executed(self, meta: Any, name: str, bases: Any, namespace: Any, options: Any) -> Any:
        """Return the class; a new one each time if the metaclass makes it by other means."""
        execution: Any = self._table.execution
        namespace[CLASS_HEAD] = self
        try:
            cls = meta(name, bases, namespace, **options)
        except SystemError:
            # A metaclass in C that makes each class once.
            if self._made is None or execution.is_new(self._made):
                raise
            execution.restore_class(self._made)
            _replaced(execution, self._table, self._qualname, "")
            self._made, self._anew = None, True
            namespace[CLASS_HEAD] = self
            cls = meta(name, bases, namespace, **options)
        if self._made is None:
            if isinstance(cls, type) and vars(cls).get(CLASS_HEAD) is self:
                delete_plainly(cls, CLASS_HEAD)
            return self._adopted(cls, meta)
        store_by_name(cls)
        if self._members and cls is self._made:
            replaced, undo = keep_members(cls, self._members)
            execution.replaced += [f"{self._qualname}.{name}" for name in replaced]
            execution.undoing.append(undo)
        return cls

    def make(self, meta: Any, name: str, bases: Any, namespace: Any, options: Any) -> Any:
        """Return the class for its metaclass, which may go on with it."""
        table, qualname = self._table, self._qualname
        execution: Any = table.execution
        known = table.get("class", qualname, execution.identities.token("class", qualname))
        self._members = members_of(known) if known is not None else {}
        if self._made is not None:
            return new_class(meta, name, bases, namespace, options)
        if self._anew:
            self._made = new_class(meta, name, bases, namespace, options)
            adopt_class(self._made, table, qualname, execution.identities.token("class", qualname))
            execution.definitions[qualname] = self._made
            return self._made
        self._made = define_class(
            table, qualname, meta, name, bases, namespace, options, is_inner=True
        )
        return self._made

    def _adopted(self, cls: Any, meta: type) -> Any:
        """Return a class that is persistent for one that the metaclass has made without us.

        Its dict is what makes it up, if it is an instance of that metaclass, or a
        named tuple.
        """
        if not isinstance(cls, type):
            return cls
        execution: Any = self._table.execution
        token = execution.identities.token("class", self._qualname)
        is_new = self._table.get("class", self._qualname, token) is None
        if type(cls) is meta and is_new:
            adopt_class(cls, self._table, self._qualname, token)
            execution.definitions[self._qualname] = cls
            return cls
        namespace = {name: value for name, value in vars(cls).items() if name not in _OWN}
        if type(cls) is meta:
            for name in layout_of(cls) & namespace.keys():
                del namespace[name]
        elif type(cls) is type and cls.__bases__ == (tuple,) and hasattr(cls, "_fields"):
            meta, namespace["__slots__"] = PersistentMeta, ()
        else:
            return self._kept(cls)
        bases = cls.__bases__
        return define_class(
            self._table, self._qualname, meta, cls.__name__, bases, namespace, {}, is_inner=True
        )

    def _kept(self, cls: Any) -> Any:
        """Return the class of the last execution, made what ``cls`` is, if it can be.

        It is not persistent, as its metaclass has no other kind of classes.
        """
        execution: Any = self._table.execution
        known = self._table.others.get(self._qualname)
        if known is not None and _can_take_over(known, cls):
            memory = ClassMemory(known)
            execution.undoing.append(memory.restore)
            take_over(known, cls)
            cls = known
        execution.others[self._qualname] = cls
        if type(cls) is not type:
            copyreg.pickle(type(cls), _reduce_other)
        return cls


def _reduce_other(cls: Any) -> Any:
    """Have a class that is not persistent be stored with its module; others of its kind by name."""
    table = table_of(vars(cls).get("__module__"))
    if table is None or table.others.get(cls.__qualname__) is not cls:
        return cls.__qualname__
    return _load_other, (table.record, cls.__qualname__)


def _load_other(record: Any, qualname: str) -> Any:
    return record._p_runtime().named(qualname)


def _can_take_over(known: type, cls: type) -> bool:
    is_alike = type(known) is type(cls) and known.__bases__ == cls.__bases__
    return is_alike and layout_of(known) == layout_of(cls)


def define_class(
    table: Table,
    qualname: str,
    meta: Any,
    name: str,
    bases: tuple[Any, ...],
    namespace: Any,
    options: Any,
    *,
    is_inner: bool = False,
) -> Any:
    """Return the class of a name, changed in place if there was one.

    ``is_inner`` is for a metaclass that is making it at this moment.  Raises
    LayoutRefused if it cannot be changed in place, and may not be replaced.
    """
    execution: Any = table.execution
    identities = execution.identities
    token = identities.token("class", qualname)
    if identities.is_replaced(qualname) and qualname not in execution.replaced:
        execution.replaced.append(qualname)
    if UPGRADE in namespace:
        namespace["__setstate__"] = upgrading(namespace.get("__setstate__"))
    bases = wanted_bases(bases, namespace)
    cls = table.get("class", qualname, token)
    stand_in = None
    if cls is not None and head_of_class(cls).is_copy:
        # What is made of it, by the same decorator, takes the place.
        draft = new_class(meta, name, bases, namespace, options)
        set_plainly(draft, CLASS_HEAD, ClassHead(table, qualname, token))
        execution.drafts[qualname] = execution.definitions[qualname] = draft
        return draft
    if cls is not None and not can_redefine(cls, meta, bases, namespace):
        if not head_of_class(cls).defined:
            # Nobody has used it, but there may be stored references.
            stand_in, cls = cls, None
        else:
            token, cls = _replaced(execution, table, qualname, token), None
    if cls is not None:
        _rename(table, cls, name, qualname, token)
        try:
            redefine(cls, bases, namespace, options)
        except FixedAttribute:
            execution.restore_class(cls)
            token, cls = _replaced(execution, table, qualname, token), None
        else:
            head_of_class(cls).defined = True
    if cls is None:
        make = new_class if is_inner else _call
        cls = make(meta, name, bases, namespace, options)
        adopt_class(cls, table, qualname, token)
        if stand_in is not None:
            replace_in_jar(stand_in, cls)
        _bind_methods(cls)
    execution.definitions[qualname] = cls
    return cls


def _rename(table: Table, cls: Any, name: str, qualname: str, token: str) -> None:
    head = head_of_class(cls)
    if head.qualname != qualname:
        head.qualname = qualname
        set_plainly(cls, "__name__", name)
        set_plainly(cls, "__qualname__", qualname)
        table.remember("class", qualname, token, cls)


def copy_class(
    head: ClassHead, meta: Any, name: str, bases: Any, namespace: Any, options: Any
) -> Any:
    """Return what a decorator has wanted to be a copy of a class: the class of its name."""
    table, qualname, token = head.table, head.qualname, head.token
    execution: Any = table.execution
    present = execution.definitions.get(qualname)
    if present is None or vars(present).get(CLASS_HEAD) is not head:
        return new_class(meta, name, bases, namespace, options)
    bases = wanted_bases(bases, namespace)
    cls = table.get("class", qualname, token)
    is_new = cls is present and execution.is_new(cls)
    if cls is present and not is_new:
        # The class was no copy up to now, and has followed its statement already.
        execution.restore_class(cls)
    if not is_new and not can_redefine(cls, meta, bases, namespace):
        token, cls = _replaced(execution, table, qualname, token), None
    execution.drafts.pop(qualname, None)
    if cls is None or is_new:
        cls = new_class(meta, name, bases, namespace, options)
        adopt_class(cls, table, qualname, token)
        _bind_methods(cls)
    else:
        redefine(cls, bases, namespace, options)
    head_of_class(cls).is_copy = True
    execution.definitions[qualname] = cls
    return cls


def settle_class(table: Table, qualname: str, draft: Any) -> None:
    """Take a class as it is that was copied by a decorator up to now, and is not any more."""
    execution: Any = table.execution
    token = _replaced(execution, table, qualname, head_of_class(draft).token)
    _bind_methods(draft)
    adopt_class(draft, table, qualname, token)


def _call(meta: Any, name: str, bases: Any, namespace: Any, options: Any) -> Any:
    return meta(name, bases, namespace, **options)


def _replaced(execution: Any, table: Table, qualname: str, token: str) -> str:
    """Return the token of a class that is to be new."""
    identities = execution.identities
    if identities.may_replace is False:
        raise LayoutRefused(
            f"class {qualname!r} of {table.name!r} cannot be changed in place to the "
            "new metaclass, slots or bases; rename it, or have it replaced by a new "
            "class with Policy(layout='replace')"
        )
    if identities.may_replace:
        raise MustReplace(qualname, execution.definitions)
    execution.replaced.append(qualname)
    return identities.new_token or token


def _bind_methods(cls: Any) -> None:
    """Let ``super()`` in functions that an earlier class had, too, mean this one."""
    for value in vars(cls).values():
        function = getattr(value, "__func__", value)
        if not isinstance(function, FunctionType):
            continue
        names = function.__code__.co_freevars
        for name, cell in zip(names, function.__closure__ or (), strict=False):
            if name == "__class__":
                cell.cell_contents = cls
