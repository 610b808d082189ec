"""The ``import`` statement inside persistent modules: their registry first (PM-14, PM-16)."""

from __future__ import annotations

import builtins
from collections.abc import Mapping, Sequence
from types import ModuleType
from typing import TYPE_CHECKING, Any

from persistent_ref.modules.names import resolve

if TYPE_CHECKING:
    from persistent_ref.modules.runtime import Runtime

__all__ = ["Importer"]


class Importer:
    """What ``__import__`` is in one persistent module."""

    def __init__(self, runtime: Runtime) -> None:
        self._runtime = runtime

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
        module = self._runtime.import_module(absolute)
        if module is None:
            if level:
                raise ModuleNotFoundError(f"No module named {absolute!r}", name=absolute)
            return builtins.__import__(name, globals, locals, fromlist or (), level)
        if fromlist:
            self._import_submodules(module, absolute, fromlist)
            return module
        # ``import a.b`` binds a; the child is found as its attribute.
        return self._runtime.import_module(absolute.partition(".")[0]) or module

    def _import_submodules(self, module: ModuleType, name: str, wanted: Sequence[str]) -> None:
        if "*" in wanted:
            wanted = [*wanted, *getattr(module, "__all__", ())]
        for each in wanted:
            if each != "*" and each not in vars(module):
                self._runtime.import_module(f"{name}.{each}")
