"""The module object that programs see: what ``import`` binds."""

from __future__ import annotations

from importlib.machinery import ModuleSpec
from types import ModuleType
from typing import TYPE_CHECKING, Any

from persistent_ref.modules.unique import Unique

if TYPE_CHECKING:
    from persistent_ref.modules.runtime import Runtime

__all__ = ["LiveModule", "ModuleLoader"]


class ModuleLoader:
    """The loader of one module, for ``importlib``, ``inspect`` and tracebacks."""

    def __init__(self, runtime: Runtime) -> None:
        self._runtime = runtime

    def create_module(self, spec: ModuleSpec) -> ModuleType:
        """Return the module, executed."""
        return self._runtime.use()

    def exec_module(self, module: ModuleType) -> None:
        """Do nothing: the registry executes its modules."""

    def get_source(self, fullname: str) -> str:
        """Return the source (PM-47)."""
        source: str = self._runtime.record.source
        return source

    def is_package(self, fullname: str) -> bool:
        """Return whether the module may have children."""
        return bool(self._runtime.record.is_package)


class LiveModule(Unique, ModuleType):
    """A module whose dict outlives every change of the source (PM-20).

    It is pickled as a reference to its record (PM-11).
    """

    __slots__ = ("_persistent_runtime",)

    _persistent_runtime: Runtime

    def __init__(self, runtime: Runtime) -> None:
        super().__init__(runtime.name)
        object.__setattr__(self, "_persistent_runtime", runtime)

    def __getattribute__(self, name: str) -> Any:
        runtime = object.__getattribute__(self, "_persistent_runtime")
        if runtime.error is not None and not name.startswith("__"):
            runtime.use()
        return super().__getattribute__(name)

    def __getattr__(self, name: str) -> Any:
        """Find a child of a package that nobody has imported yet (PM-12)."""
        runtime = self._persistent_runtime
        child = None if name.startswith("__") else runtime.child(name)
        if child is None:
            raise AttributeError(f"module {runtime.name!r} has no attribute {name!r}")
        return child

    def __setattr__(self, name: str, value: Any) -> None:
        """Set a global; it is stored if the module keeps its data (PM-35, PM-42)."""
        super().__setattr__(name, value)
        self._persistent_runtime.overlay.keep("", name, value)

    def __delattr__(self, name: str) -> None:
        super().__delattr__(name)
        self._persistent_runtime.overlay.drop("", name)

    def __dir__(self) -> list[str]:
        return sorted({*super().__dir__(), *self._persistent_runtime.children()})

    def __reduce_ex__(self, protocol: Any) -> Any:
        return _load, (self._persistent_runtime.record,)


def _load(record: Any) -> LiveModule:
    module: LiveModule = record._p_runtime().use()
    return module
