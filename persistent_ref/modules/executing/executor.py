"""The source of one module, executed: now and after each change in the same namespace."""

from __future__ import annotations

import builtins
from importlib.machinery import ModuleSpec
from types import CodeType
from typing import Any

from persistent_ref.modules.definitions.identities import Identities, Table
from persistent_ref.modules.definitions.places import ModuleKey
from persistent_ref.modules.definitions.showing import forget_source, show_source
from persistent_ref.modules.executing.building import build_class
from persistent_ref.modules.executing.closures import update_closures
from persistent_ref.modules.executing.defining import MustReplace
from persistent_ref.modules.executing.execution import Execution
from persistent_ref.modules.executing.importing import Importer
from persistent_ref.modules.executing.registrations import announced, withdrawn
from persistent_ref.modules.executing.visible import visible
from persistent_ref.modules.live import LiveModule, ModuleLoader
from persistent_ref.modules.sources.compiling import DEFINE, PUBLISH, compile_source
from persistent_ref.modules.sources.names import parent_of
from persistent_ref.modules.sources.revision import Revision

__all__ = ["Executor"]


class Executor:
    """Makes the module of a table and executes sources in it."""

    def __init__(self, table: Table) -> None:
        self._table = table
        self.module = LiveModule(table)
        self._namespace = table.namespace = vars(self.module)
        self._prepare(table.record.is_package)
        table.key = ModuleKey(table.name, self.module)

    def execute(
        self, source: str, revision: Revision, identities: Identities, is_reload: bool = True
    ) -> Execution:
        """Execute ``source`` and return what came of it; ``undo`` brings back what was.

        Raises what the source raises, with everything as it was (PM-31).
        """
        table = self._table
        if table.execution is not None:
            raise RuntimeError(f"the module {table.name!r} is being executed already")
        code = self._compile(source, revision)
        if table.revision is None:
            return self._execute(code, revision, identities, is_reload)
        with announced(table.name):
            try:
                return self._execute_replacing(code, revision, identities, is_reload)
            except Exception:
                # It may have been refused because it is there already.
                own = (table.definitions, table.record.anchors.objects)
                with withdrawn(table.definitions.values(), own) as is_registered:
                    if not is_registered:
                        raise
                    return self._execute_replacing(code, revision, identities, is_reload)

    def _execute_replacing(
        self, code: CodeType, revision: Revision, identities: Identities, is_reload: bool
    ) -> Execution:
        """Execute as often as it takes to know which classes have to be new."""
        try:
            return self._execute(code, revision, identities, is_reload)
        except MustReplace as found:
            own = (found.definitions,)
            with withdrawn(found.definitions.values(), own):
                return self._execute_replacing(
                    code, revision, identities.replacing(found.qualname), is_reload
                )

    def _execute(
        self, code: CodeType, revision: Revision, identities: Identities, is_reload: bool
    ) -> Execution:
        table = self._table
        execution = table.execution = Execution(table, identities, is_reload)
        imported, table.imported = table.imported, set()
        execution.undoing.append(lambda: setattr(table, "imported", imported))
        self._clear()
        self._namespace["__file__"] = code.co_filename
        try:
            with visible(self.module, table.name):
                exec(code, self._namespace)
            execution.settle()
        except BaseException:
            execution.undo()
            raise
        finally:
            table.execution = None
            table.key.hide()
        if table.code is not None:
            execution.closures = update_closures(table.code, code, self._namespace)
        table.code = code
        table.definitions = execution.definitions
        table.others = execution.others
        table.is_stale = False
        table.revision = revision
        return execution

    def rename(self, name: str) -> None:
        """Give the module another name, before its source is executed."""
        if name != self._table.name:
            self._table.name = name
            self._prepare(self._table.record.is_package)
            self._table.key = ModuleKey(name, self.module)

    def names(self) -> set[str]:
        """Return the names that the source has bound; a package has its modules anyway."""
        prefix = f"{self._table.name}."
        children = {
            name
            for name, value in self._namespace.items()
            if issubclass(type(value), LiveModule)
            and object.__getattribute__(value, "_persistent_table").name == prefix + name
        }
        return set(self._namespace) - set(self._fixed) - {"__annotations__", "__file__"} - children

    def _compile(self, source: str, revision: Revision) -> CodeType:
        table = self._table
        filename = show_source(table.name, table.record.is_package, revision, source)
        try:
            return compile_source(source, filename)
        except BaseException:
            if table.code is None or table.code.co_filename != filename:
                forget_source(filename)
            raise

    def _prepare(self, is_package: bool) -> None:
        table = self._table
        loader: Any = ModuleLoader(table)
        self.spec = ModuleSpec(table.name, loader, is_package=is_package)
        hooks = {
            "__build_class__": build_class(table),
            "__import__": Importer(table),
            DEFINE: self._define,
            PUBLISH: self._publish,
        }
        self._fixed = {
            "__name__": table.name,
            "__package__": table.name if is_package else parent_of(table.name),
            "__loader__": loader,
            "__spec__": self.spec,
            "__builtins__": {**vars(builtins), **hooks},
            "__doc__": None,
            **({"__path__": []} if is_package else {}),
        }
        self._namespace.update(self._fixed)

    def _clear(self) -> None:
        """Let the source start anew: no name of the last execution is visible (PM-33)."""
        for name in [name for name in self._namespace if name not in self._fixed]:
            del self._namespace[name]
        self._namespace.update(self._fixed)

    def _define(self, key: str) -> Any:
        def decorate(function: Any) -> Any:
            execution = self._table.execution
            return execution.define(key, function) if execution else function

        return decorate

    def _publish(self, qualname: str) -> Any:
        def decorate(value: Any) -> Any:
            execution = self._table.execution
            return execution.publish(qualname, value) if execution else value

        return decorate
