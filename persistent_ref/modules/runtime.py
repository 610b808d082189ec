"""One module in one process: its namespace, and what its source has defined.

`Runtime` is what a record and the objects of its module have in common.  It
executes the source, now and after each change, in the same namespace and into
the same classes, functions and interfaces.
"""

from __future__ import annotations

import builtins
from collections.abc import Iterator
from contextlib import contextmanager
from importlib.machinery import ModuleSpec
from types import CodeType
from typing import Any
from weakref import WeakValueDictionary

from persistent_ref.modules.building import adopt_class, build_class
from persistent_ref.modules.classes import PersistentMeta, Root, head_of
from persistent_ref.modules.closures import update_closures
from persistent_ref.modules.execution import Execution, Identities
from persistent_ref.modules.importing import Importer
from persistent_ref.modules.interfaces import InterfaceHome, PersistentInterface
from persistent_ref.modules.live import LiveModule, ModuleLoader
from persistent_ref.modules.names import parent_of
from persistent_ref.modules.overlay import Overlay
from persistent_ref.modules.policy import ModuleReloadError
from persistent_ref.modules.source import (
    DEFINE,
    PUBLISH,
    Revision,
    compile_source,
    show_source,
)
from persistent_ref.modules.visible import visible

__all__ = ["Runtime"]


class Runtime:
    """The live side of a module record.

    ``revision`` is what was executed last, ``error`` why a later revision could
    not be.  Nothing here is stored.
    """

    def __init__(self, record: Any) -> None:
        self.record = record
        self.name: str = record.name
        self.revision: Revision | None = None
        self.error: BaseException | None = None
        self.execution: Execution | None = None
        #: Whether what was executed is ahead of the record, until that is decided.
        self.on_trial = False
        self._failed: Revision | None = None
        #: What the source defines at present, by qualified name.
        self.definitions: dict[str, Any] = {}
        #: The plain functions in use, by key in the marked source and token.
        self.bodies: WeakValueDictionary[tuple[str, str], Any] = WeakValueDictionary()
        # All that was ever defined here and is still in use: what an abort
        # brings back is the same object.
        self._known: WeakValueDictionary[tuple[str, str, str], Any] = WeakValueDictionary()
        self.code: CodeType | None = None
        self.overlay = Overlay(self)
        self.module = LiveModule(self)
        self.namespace: dict[str, Any] = vars(self.module)
        self._prepare(record.is_package)

    # Use

    def use(self) -> LiveModule:
        """Return the module, executed at the revision of its record.

        Raises what the source raises if it was never executed here, and
        ModuleReloadError if a later revision cannot be (PC-18).
        """
        try:
            self.refresh()
        except (Exception, SystemExit) as error:
            if self.revision is None:
                raise
            self.error = error
        if self.error is not None and self.execution is None:
            raise ModuleReloadError(
                f"revision {self.record.revision[0]} of the persistent module {self.name!r} "
                f"cannot be executed here: {type(self.error).__name__}: {self.error}",
                name=self.name,
            ) from self.error
        return self.module

    def refresh(self) -> None:
        """Execute the source of the record unless that was done.

        Raises what the source raises, leaving everything as it was.
        """
        if self.execution is not None or self.on_trial:
            return
        record = self.record
        if self.revision == record.revision and not self.overlay.is_stale():
            self.error = None
            return
        self._failed = record.revision
        self.execute(record.source, record.revision, Identities(record.identities)).keep()
        self.overlay.apply()
        self._failed = None
        self.error = None
        self._adopt()

    def told_of(self, revision: Revision | None) -> None:
        """Take notice that something of this module is stored at ``revision``.

        A class may be told before its module is (PM-34); then the record is
        read again, unless it has changes of its own.
        """
        if self.execution is None and not self.on_trial and self.revision != revision:
            self.record._p_read_again()
            if self.record.revision != self._failed:
                self.refresh()

    @contextmanager
    def contained(self) -> Iterator[None]:
        """Keep an error of a reload for the next use (PC-18)."""
        try:
            yield
        except (Exception, SystemExit) as error:
            self.error = error

    # What others refer to

    def demand_class(self, qualname: str, token: str) -> Any:
        """Return, not in any cache yet, the class that a jar is about to hand out."""
        cls = self._demand("class", qualname, token)
        head = head_of(cls)
        _disown(cls, head.jar, head.oid)
        head.stored = True
        return cls

    def demand_function(self, qualname: str, token: str) -> Any:
        """Return, not in any cache yet, the function that a jar is about to hand out."""
        function = self._demand("function", qualname, token)
        _disown(function, function._p_jar, function._p_oid)
        return function

    def demand_interface(self, qualname: str, token: str) -> Any:
        """Return the interface."""
        return self._demand("interface", qualname, token)

    def _demand(self, kind: str, qualname: str, token: str) -> Any:
        if self.execution is None and (kind, qualname, token) not in self._known:
            # What refers to it can be loaded even if the source cannot be executed.
            with self.contained():
                self.refresh()
        found = self._known.get((kind, qualname, token))
        if found is not None:
            return found
        if qualname not in self.record.identities and qualname in self.definitions:
            # Without the metadata, the name says which object it is (PM-40).
            return self.definitions[qualname]
        relic = self.record.relics.objects.get((qualname, token))
        if relic is not None:
            return relic._p_runtime()._demand(kind, qualname, token)
        return self.make(kind, qualname, token)

    def known(self, kind: str, qualname: str, token: str) -> Any:
        """Return what was defined here under that identity and is in use, or None."""
        return self._known.get((kind, qualname, token))

    def remember(self, kind: str, qualname: str, token: str, value: Any) -> None:
        """Note the object of an identity."""
        self._known[kind, qualname, token] = value

    def make(self, kind: str, qualname: str, token: str) -> Any:
        """Return a new, empty object for an identity; a definition may fill it."""
        value: Any
        if kind == "function":
            value = self.record._p_family().function._p_make(self, qualname, token)
        elif kind == "interface":
            name = qualname.rpartition(".")[2]
            value = PersistentInterface(name, (), {"__module__": self.name})
            value._home = InterfaceHome(self, qualname, token)
        else:
            names = {"__module__": self.name, "__qualname__": qualname, "__init__": _refuse}
            value = PersistentMeta(qualname.rpartition(".")[2], (Root,), names)
            adopt_class(value, self, qualname, token)
        self.remember(kind, qualname, token, value)
        return value

    def child(self, name: str) -> LiveModule | None:
        """Return the module of that name in this package, or None."""
        return self.import_module(f"{self.name}.{name}")

    def children(self) -> list[str]:
        """Return the names of the modules in this package."""
        registry = self.record.registry
        names = registry.modules() if registry is not None else []
        return [name.rpartition(".")[2] for name in names if parent_of(name) == self.name]

    def import_module(self, name: str) -> LiveModule | None:
        """Return a module of the same registry, or None if there is none of that name."""
        registry = self.record.registry
        if self.execution is not None and self.execution.is_reload:
            # Jars invalidate in any order: what this module imports may be
            # stale still.
            registry._p_read_again_unless_has(name)
            record = registry._p_record(name)
            if record is not None:
                record._p_read_again()
        module: LiveModule | None = registry.find(name)
        return module

    # Execution

    def execute(
        self, source: str, revision: Revision, identities: Identities, is_reload: bool = True
    ) -> Execution:
        """Execute ``source`` and return what came of it; ``undo`` brings back what was.

        Raises what the source raises, with everything as it was (PM-31).
        """
        if self.execution is not None:
            raise RuntimeError(f"the module {self.name!r} is being executed already")
        code = self._compile(source, revision)
        execution = self.execution = Execution(self, identities, is_reload)
        self._clear()
        self.namespace["__file__"] = code.co_filename
        try:
            with visible(self.module, self.name):
                exec(code, self.namespace)
        except BaseException:
            execution.undo()
            raise
        finally:
            self.execution = None
        if self.code is not None:
            execution.closures = update_closures(self.code, code, self.namespace)
        self.code = code
        self.definitions = execution.definitions
        self.revision = revision
        return execution

    def names(self) -> set[str]:
        """Return the names that the source has bound."""
        return set(self.namespace) - set(self._fixed) - {"__annotations__", "__file__"}

    def _compile(self, source: str, revision: Revision) -> CodeType:
        filename = f"<persistent {self.name} {revision[0]}.{revision[1][:8]}>"
        code = compile_source(source, filename)
        show_source(filename, source)
        return code

    def _prepare(self, is_package: bool) -> None:
        loader: Any = ModuleLoader(self)
        self.spec = ModuleSpec(self.name, loader, is_package=is_package)
        hooks = {
            "__build_class__": build_class(self),
            "__import__": Importer(self),
            DEFINE: self._define,
            PUBLISH: self._publish,
        }
        self._fixed = {
            "__name__": self.name,
            "__package__": self.name if is_package else parent_of(self.name),
            "__loader__": loader,
            "__spec__": self.spec,
            "__builtins__": {**vars(builtins), **hooks},
            "__doc__": None,
            **({"__path__": []} if is_package else {}),
        }
        self.namespace.update(self._fixed)

    def _clear(self) -> None:
        """Let the source start anew: no name of the last execution is visible (PM-33)."""
        for name in [name for name in self.namespace if name not in self._fixed]:
            del self.namespace[name]
        self.namespace.update(self._fixed)

    def _define(self, key: str) -> Any:
        def decorate(function: Any) -> Any:
            return self.execution.define(key, function) if self.execution else function

        return decorate

    def _publish(self, qualname: str) -> Any:
        def decorate(value: Any) -> Any:
            return self.execution.publish(qualname, value) if self.execution else value

        return decorate

    def _adopt(self) -> None:
        """Let the jar hand out what was defined, so that it has its oid (PM-09)."""
        record = self.record
        if record._p_jar is not None:
            record.anchors._p_activate()


def _refuse(instance: Any, *args: Any, **kwargs: Any) -> None:
    """Make no instance of a class that is not defined; those that are stored can be loaded."""
    head = head_of(type(instance))
    head.runtime.use()
    raise AttributeError(f"{head.runtime.name} does not define {head.qualname} any more")


def _disown(value: Any, jar: Any, oid: bytes | None) -> None:
    """Take an object out of the cache into which its jar is about to put it."""
    if jar is None or oid is None:
        return
    cache = getattr(jar, "_cache", None)
    if cache is not None and cache.get(oid) is value:
        del cache[oid]
    del value._p_jar
    del value._p_oid
