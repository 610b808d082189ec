"""The module object that programs see: what ``import`` binds."""

from __future__ import annotations

from importlib.machinery import ModuleSpec
from types import ModuleType
from typing import Any

from persistent_ref.modules.definitions import overlay
from persistent_ref.modules.definitions.identities import Table
from persistent_ref.modules.definitions.siblings import children, find_module
from persistent_ref.modules.definitions.unique import Unique

__all__ = ["LiveModule", "ModuleLoader"]


class ModuleLoader:
    """The loader of one module, for ``importlib``, ``inspect`` and tracebacks."""

    def __init__(self, table: Table) -> None:
        self._table = table

    @property
    def record(self) -> Any:
        """The record of the module."""
        return self._table.record

    def create_module(self, spec: ModuleSpec) -> ModuleType:
        """Return the module, executed."""
        return self._table.follower.use()

    def exec_module(self, module: ModuleType) -> None:
        """Do nothing: the registry executes its modules."""

    def get_source(self, fullname: str) -> str:
        """Return the source (PM-47)."""
        source: str = self._table.record.source
        return source

    def is_package(self, fullname: str) -> bool:
        """Return whether the module may have children."""
        return bool(self._table.record.is_package)


class LiveModule(Unique, ModuleType):
    """A module whose dict outlives every change of the source (PM-20).

    It is pickled as a reference to its record (PM-11).
    """

    __slots__ = ("_persistent_table",)

    _persistent_table: Table

    def __init__(self, table: Table) -> None:
        super().__init__(table.name)
        object.__setattr__(self, "_persistent_table", table)

    def __getattribute__(self, name: str) -> Any:
        table = object.__getattribute__(self, "_persistent_table")
        if table.error is not None and not name.startswith("__"):
            table.follower.use()
        return super().__getattribute__(name)

    def __getattr__(self, name: str) -> Any:
        """Find a child of a package that nobody has imported yet (PM-12)."""
        table = self._persistent_table
        child = None if name.startswith("__") else find_module(table, f"{table.name}.{name}")
        if child is None and "__getattr__" in vars(self):
            # It has refused, and says why.
            return vars(self)["__getattr__"](name)
        if child is None:
            raise AttributeError(f"module {table.name!r} has no attribute {name!r}")
        return child

    def __setattr__(self, name: str, value: Any) -> None:
        """Set a global; it is stored if the module keeps its data (PM-35, PM-42)."""
        super().__setattr__(name, value)
        overlay.keep(self._persistent_table, "", name, value)

    def __delattr__(self, name: str) -> None:
        super().__delattr__(name)
        overlay.drop(self._persistent_table, "", name)

    def __dir__(self) -> list[str]:
        return sorted({*super().__dir__(), *children(self._persistent_table)})

    def __reduce_ex__(self, protocol: Any) -> Any:
        return _load, (self._persistent_table.record,)


def _load(record: Any) -> LiveModule:
    module: LiveModule = record._p_runtime().use()
    return module
