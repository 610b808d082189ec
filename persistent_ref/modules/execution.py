"""One execution of a source: what it defines, and the way back."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from types import FunctionType
from typing import TYPE_CHECKING, Any
from weakref import WeakValueDictionary

from persistent_ref.modules import bodies, closures, interfaces
from persistent_ref.modules.classes import head_of
from persistent_ref.modules.redefine import ClassMemory
from persistent_ref.modules.source import forget_source

if TYPE_CHECKING:
    from persistent_ref.modules.runtime import Runtime

__all__ = ["Execution", "Identities", "token_of"]


@dataclass(frozen=True)
class Identities:
    """Which definition is which object: kind and token by qualified name.

    A name that is not among ``known``, or was of another kind, gets
    ``new_token``: it is a new object, even if there was one of that name
    before (PM-45).  ``may_replace`` is for classes that cannot be changed in
    place; None if they were replaced already where the source was written.
    """

    known: Mapping[str, tuple[str, str]] = field(default_factory=dict)
    new_token: str = ""
    may_replace: bool | None = None

    def token(self, kind: str, qualname: str) -> str:
        """Return the token of a definition."""
        known_kind, token = self.known.get(qualname, ("", ""))
        return token if known_kind == kind else self.new_token

    def body_key(self, key: str) -> tuple[str, str]:
        """Return the key of a plain function, which goes with what it is defined in."""
        outermost = key.partition("#")[0].partition(".")[0]
        return key, self.known.get(outermost, ("", self.new_token))[1]


class Execution:
    """Collects what is defined while a source is executed."""

    def __init__(self, runtime: Runtime, identities: Identities, is_reload: bool) -> None:
        self._runtime = runtime
        self.identities = identities
        self.is_reload = is_reload
        self.definitions: dict[str, Any] = {}
        #: The classes that had to become new objects.
        self.replaced: list[str] = []
        #: What was changed of functions that others hold.
        self.closures: list[Any] = []
        self._memory = Memory(runtime)

    def keep(self) -> None:
        """Let go of the source that was executed before."""
        before, now = self._memory.code, self._runtime.code
        if before is not None and now is not None and before.co_filename != now.co_filename:
            forget_source(before.co_filename)

    def undo(self) -> None:
        """Bring back what was before the execution."""
        closures.undo(self.closures)
        self._memory.restore()

    def define(self, key: str, function: Any) -> Any:
        """Return the function that was there before, changed into ``function``, if it can be."""
        identity = self.identities.body_key(key)
        old: Any = self._runtime.bodies.get(identity)
        if bodies.can_become(old, function):
            bodies.become(old, function)
            return old
        self._runtime.bodies[identity] = function
        return function

    def publish(self, qualname: str, value: Any) -> Any:
        """Return the persistent function for what a module-level definition has come to."""
        if not _is_function(value):
            return value
        runtime = self._runtime
        token = self.identities.token("function", qualname)
        function = runtime.known("function", qualname, token)
        if function is None:
            function = runtime.make("function", qualname, token)
        function._p_home.body = value
        self.definitions[qualname] = function
        return function


def _is_function(value: Any) -> bool:
    if isinstance(value, FunctionType):
        return True
    return callable(value) and hasattr(value, "__wrapped__") and not isinstance(value, type)


class Memory:
    """A module and all that it defines at one moment, to bring them back."""

    def __init__(self, runtime: Runtime) -> None:
        self._runtime = runtime
        self._namespace = dict(runtime.namespace)
        self.code = runtime.code
        self._revision = runtime.revision
        self._definitions = runtime.definitions
        self._bodies = dict(runtime.bodies)
        self._saved = [(body, bodies.saved(body)) for body in self._bodies.values()]
        self._classes: list[ClassMemory] = []
        self._functions: list[tuple[Any, Any]] = []
        self._interfaces: list[tuple[Any, Any, Any]] = []
        for value in runtime.definitions.values():
            if isinstance(value, type):
                self._classes.append(ClassMemory(value))
            elif isinstance(value, interfaces.PersistentInterface):
                home: Any = value._home
                self._interfaces.append((value, home.bases, home.attributes))
            else:
                self._functions.append((value, value._p_home.body))

    def restore(self) -> None:
        """Bring everything back."""
        runtime = self._runtime
        for body, parts in self._saved:
            bodies.restore(body, parts)
        for function, body in self._functions:
            function._p_home.body = body
        for interface, bases, attributes in self._interfaces:
            interfaces.redefine(interface, bases, attributes)
        for each in self._classes:
            each.restore()
        runtime.namespace.clear()
        runtime.namespace.update(self._namespace)
        runtime.definitions = self._definitions
        runtime.bodies = WeakValueDictionary(self._bodies)
        runtime.revision = self._revision
        runtime.code = self.code


def token_of(value: Any) -> tuple[str, str]:
    """Return kind and token of something that a module defines."""
    if isinstance(value, type):
        return "class", head_of(value).token
    if isinstance(value, interfaces.PersistentInterface):
        home: Any = value._home
        return "interface", home.token
    return "function", value._p_home.token
