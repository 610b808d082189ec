"""Imports of persistent modules by ordinary code (PM-17, PM-18)."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from importlib.machinery import ModuleSpec
from types import ModuleType
from typing import Any

from persistent_ref.modules.live import LiveModule

__all__ = ["ModuleFinder"]


class ModuleFinder:
    """Lets ``import`` find the modules of one registry, after all others.

    One registry can be installed in a process: ``sys.modules`` has one place
    for each name.
    """

    def __init__(self, registry: Any) -> None:
        self.registry = registry

    def install(self) -> None:
        """Take part in imports; raise TypeError if a finder does so already."""
        if any(isinstance(finder, ModuleFinder) for finder in sys.meta_path):
            raise TypeError("a finder of persistent modules is installed already")
        sys.meta_path.append(self)

    def uninstall(self) -> None:
        """Take part no more, and forget what was imported.

        Raises TypeError if this finder is not installed.
        """
        if not any(finder is self for finder in sys.meta_path):
            raise TypeError("this finder of persistent modules is not installed")
        sys.meta_path.remove(self)
        for name in [n for n, module in sys.modules.items() if isinstance(module, LiveModule)]:
            del sys.modules[name]

    def find_spec(
        self, name: str, path: Sequence[str] | None = None, target: ModuleType | None = None
    ) -> ModuleSpec | None:
        """Return the spec of a module of the registry, or None."""
        if name not in self.registry:
            return None
        record = self.registry._p_record(name)
        spec: ModuleSpec = record._p_runtime().spec
        return spec

    def __enter__(self) -> ModuleFinder:
        self.install()
        return self

    def __exit__(self, *exception: object) -> None:
        self.uninstall()
