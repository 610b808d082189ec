"""Other modules of the same registry, as a module needs them for an import or an attribute."""

from __future__ import annotations

from types import ModuleType
from typing import Any

from persistent_ref.modules.definitions.identities import Table
from persistent_ref.modules.sources.names import parent_of

__all__ = ["all_importers_of", "children", "execute_parents", "find_module"]


def find_module(table: Table, name: str) -> ModuleType | None:
    """Return a module of the same registry, or None if there is none of that name."""
    registry = table.record.registry
    if table.execution is not None and table.execution.is_reload:
        # Jars invalidate in any order: what this module imports may be stale still.
        registry._p_read_again_unless_has(name)
        record = registry._p_record(name)
        if record is not None:
            record._p_read_again()
    module: ModuleType | None = registry.find(name)
    if module is not None:
        if table.execution is not None:
            imported = registry._p_record(name)._p_runtime().table
            table.imported.add(imported)
            imported.importers.add(table)
        _bind_in_parents(registry, name)
    return module


def all_importers_of(table: Table) -> list[Table]:
    """Return all that have imported a module in this process, directly or by way of others."""
    found: list[Table] = []
    waiting = [table]
    while waiting:
        changed = waiting.pop()
        for importer in changed.importers:
            if changed in importer.imported and importer is not table and importer not in found:
                found.append(importer)
                waiting.append(importer)
    return found


def execute_parents(table: Table) -> None:
    """Have the packages that the module is in executed, the outermost first (PM-50).

    One that is being executed counts, and so does one that a later source has
    left behind.  Raises what the source of a package raises that was never
    executed here.
    """
    registry = table.record.registry
    record = registry._p_record(parent_of(table.name)) if registry is not None else None
    if record is not None:
        if table.revision is not None:
            record._p_read_again()
        record._p_runtime().use_as_parent()


def _bind_in_parents(registry: Any, name: str) -> None:
    """Bind a module in the package whose source imports it, at present, for the first time."""
    parent, _, last = name.rpartition(".")
    if parent:
        _bind_in_parents(registry, parent)
        runtime = registry._p_record(parent)._p_runtime()
        execution = runtime.table.execution
        if execution is not None and last not in execution.children:
            execution.children.add(last)
            child = registry._p_record(name)._p_runtime().executor.module
            runtime.table.namespace[last] = child


def children(table: Table) -> list[str]:
    """Return the names of the modules in this package."""
    registry = table.record.registry
    names = registry.modules() if registry is not None else []
    return [name.rpartition(".")[2] for name in names if parent_of(name) == table.name]
