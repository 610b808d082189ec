"""One execution of a source: what it defines, and the way back."""

from __future__ import annotations

import typing
from collections.abc import Callable, Mapping
from types import FunctionType
from typing import Any
from weakref import WeakValueDictionary

from persistent_ref.modules import interfaces
from persistent_ref.modules.classes import CLASS_HEAD, head_of_class
from persistent_ref.modules.definitions.identities import Identities, Table
from persistent_ref.modules.definitions.showing import forget_source
from persistent_ref.modules.executing import bodies, closures, defining
from persistent_ref.modules.executing.placeholders import make_placeholder
from persistent_ref.modules.executing.redefine import ClassMemory
from persistent_ref.modules.storing.upgrading import UPGRADE, load_states_again

__all__ = ["Execution", "definition_of", "token_of"]


#: What typing knows of the overloads of a module: all that it ever had.
_overloads: dict[str, Any] = getattr(typing, "_overload_registry", {})


class Execution:
    """Collects what is defined while a source is executed."""

    def __init__(self, table: Table, identities: Identities, is_reload: bool) -> None:
        self._table = table
        self.identities = identities
        self.is_reload = is_reload
        self.definitions: dict[str, Any] = {}
        #: Classes that are not persistent, see ``Table.others``.
        self.others: dict[str, Any] = {}
        #: The modules of this package that were bound in it, as an import does.
        self.children: set[str] = set()
        #: The classes that had to become new objects.
        self.replaced: list[str] = []
        #: Classes that follow their statement, and wait for a decorator to copy them.
        self.drafts: dict[str, Any] = {}
        #: What else brings back what was.
        self.undoing: list[Callable[[], None]] = []
        #: What was changed of functions that others hold.
        self.closures: list[Any] = []
        self._memory = Memory(table)

    def keep(self) -> None:
        """Let go of the source that was executed before."""
        before, now = self._memory.code, self._table.code
        if before is not None and now is not None and before.co_filename != now.co_filename:
            forget_source(before.co_filename)
        if self._memory.upgrades or (before is not None and _has_upgrade(self.definitions)):
            load_states_again(self._table.record._p_jar)

    def undo(self) -> None:
        """Bring back what was before the execution."""
        for undo in reversed(self.undoing):
            undo()
        closures.undo(self.closures)
        self._memory.restore()

    def define(self, key: str, function: Any) -> Any:
        """Return the function that was there before, changed into ``function``, if it can be."""
        identity = self.identities.body_key(key)
        old: Any = self._table.bodies.get(identity)
        if bodies.can_become(old, function):
            bodies.become(old, function)
            return old
        self._table.bodies[identity] = function
        return function

    def copy_class(
        self, head: Any, meta: Any, name: str, bases: Any, namespace: Any, options: Any
    ) -> Any:
        """Return what a decorator has wanted to be a copy of a class: the class of its name."""
        return defining.copy_class(head, meta, name, bases, namespace, options)

    def is_new(self, cls: type) -> bool:
        """Return whether a class was made by this execution."""
        return self._memory.of_class(cls) is None

    def restore_class(self, cls: type) -> None:
        """Bring a class back as it was before this execution."""
        memory = self._memory.of_class(cls)
        if memory is not None:
            memory.restore()

    def settle(self) -> None:
        """Decide on the classes that no decorator has copied."""
        for qualname, draft in self.drafts.items():
            defining.settle_class(self._table, qualname, draft)

    def publish(self, qualname: str, value: Any) -> Any:
        """Return the persistent function for what a module-level definition has come to."""
        if not _is_function(value):
            return value
        table = self._table
        token = self.identities.token("function", qualname)
        function = table.get("function", qualname, token)
        if function is None:
            function = make_placeholder(table, "function", qualname, token)
        function._p_home.qualname = qualname
        table.remember("function", qualname, token, function)
        function._p_become(value)
        self.definitions[qualname] = function
        return function


def _is_function(value: Any) -> bool:
    if isinstance(value, FunctionType):
        return True
    return callable(value) and hasattr(value, "__wrapped__") and not isinstance(value, type)


class Memory:
    """A module and all that it defines at one moment, to bring them back."""

    def __init__(self, table: Table) -> None:
        self._table = table
        self._namespace = dict(table.namespace)
        self.code = table.code
        self._revision = table.revision
        self._definitions = table.definitions
        self._others = table.others
        self._bodies = dict(table.bodies)
        self._saved = {id(body): (body, bodies.saved(body)) for body in self._bodies.values()}
        self.upgrades = _has_upgrade(self._definitions)
        self._overloads = _overloads.pop(table.name, None)
        self._classes: dict[int, ClassMemory] = {}
        self._functions: list[tuple[Any, Any, str]] = []
        self._interfaces: list[tuple[Any, Any, Any]] = []
        for value in table.definitions.values():
            if isinstance(value, type):
                self._classes[id(value)] = ClassMemory(value)
            elif isinstance(value, interfaces.PersistentInterface):
                home: Any = value._home
                self._interfaces.append((value, home.bases, home.attributes))
            else:
                home = value._p_home
                self._functions.append((value, home.body, home.qualname))

    def of_class(self, cls: type) -> ClassMemory | None:
        """Return what a class was, or None if it was not there."""
        return self._classes.get(id(cls))

    def restore(self) -> None:
        """Bring everything back."""
        table = self._table
        for body, parts in self._saved.values():
            bodies.restore(body, parts)
        for function, body, qualname in self._functions:
            function._p_home.qualname = qualname
            function._p_become(body)
        for interface, bases, attributes in self._interfaces:
            interfaces.redefine(interface, bases, attributes)
        for each in self._classes.values():
            each.restore()
        if self._overloads is not None:
            _overloads[table.name] = self._overloads
        table.namespace.clear()
        table.namespace.update(self._namespace)
        table.definitions = self._definitions
        table.others = self._others
        table.bodies = WeakValueDictionary(self._bodies)
        table.revision = self._revision
        table.code = self.code


def _has_upgrade(definitions: Mapping[str, Any]) -> bool:
    classes = [value for value in definitions.values() if isinstance(value, type)]
    return any(UPGRADE in vars(cls) for cls in classes)


def token_of(value: Any) -> tuple[str, str]:
    """Return kind and token of something that a module defines."""
    if isinstance(value, type):
        return "class", head_of_class(value).token
    if isinstance(value, interfaces.PersistentInterface):
        home: Any = value._home
        return "interface", home.token
    return "function", value._p_home.token


def definition_of(value: Any) -> tuple[Table | None, str]:
    """Return table and name of what ``value`` is or is an instance of, if a module defines it."""
    home: Any = getattr(type(value), "_p_home", None) and value._p_home
    if home is None:
        cls = value if isinstance(value, type) else type(value)
        home = vars(cls).get(CLASS_HEAD)
    return (None, "") if home is None else (home.table, home.qualname)
