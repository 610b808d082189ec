"""Other modules of the same registry, as a module needs them for an import or an attribute."""

from __future__ import annotations

from types import ModuleType

from persistent_ref.modules.definitions.identities import Table
from persistent_ref.modules.sources.names import parent_of

__all__ = ["children", "find_module"]


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
    return module


def children(table: Table) -> list[str]:
    """Return the names of the modules in this package."""
    registry = table.record.registry
    names = registry.modules() if registry is not None else []
    return [name.rpartition(".")[2] for name in names if parent_of(name) == table.name]
