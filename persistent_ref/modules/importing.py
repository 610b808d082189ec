"""The ``import`` statement inside persistent modules: their registry first (PM-14, PM-16)."""

from __future__ import annotations

import builtins
from collections.abc import Mapping, Sequence
from types import ModuleType
from typing import Any

from persistent_ref.modules.identities import Table
from persistent_ref.modules.names import parent_of, resolve

__all__ = ["Importer", "children", "find_module"]


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


class Importer:
    """What ``__import__`` is in one persistent module."""

    def __init__(self, table: Table) -> None:
        self._table = table

    def __call__(
        self,
        name: str,
        globals: Mapping[str, Any] | None = None,
        locals: Mapping[str, Any] | None = None,
        fromlist: Sequence[str] | None = (),
        level: int = 0,
    ) -> ModuleType:
        """Return a persistent module, or what Python's own import returns."""
        package = (globals or {}).get("__package__") or ""
        absolute = resolve(name, package, level)
        module = find_module(self._table, absolute)
        if module is None:
            if level:
                raise ModuleNotFoundError(f"No module named {absolute!r}", name=absolute)
            return builtins.__import__(name, globals, locals, fromlist or (), level)
        if fromlist:
            self._import_submodules(module, absolute, fromlist)
            return module
        # ``import a.b`` binds a; the child is found as its attribute.
        return find_module(self._table, absolute.partition(".")[0]) or module

    def _import_submodules(self, module: ModuleType, name: str, wanted: Sequence[str]) -> None:
        if "*" in wanted:
            wanted = [*wanted, *getattr(module, "__all__", ())]
        for each in wanted:
            if each != "*" and each not in vars(module):
                find_module(self._table, f"{name}.{each}")
