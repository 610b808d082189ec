"""The ``import`` statement inside persistent modules: their registry first (PM-14, PM-16)."""

from __future__ import annotations

import builtins
from collections.abc import Mapping, Sequence
from types import ModuleType
from typing import Any

from persistent_ref.modules.definitions.identities import Table
from persistent_ref.modules.definitions.siblings import find_module
from persistent_ref.modules.sources.names import resolve

__all__ = ["Importer"]


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
