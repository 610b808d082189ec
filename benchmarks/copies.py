"""Copies of the installed ``persistent``, in which benchmarks change a module."""

from __future__ import annotations

import importlib.util
import shutil
from pathlib import Path


def package_directory() -> Path:
    """Where the installed package is. Raises SystemExit if there is none."""
    found = importlib.util.find_spec("persistent")
    if found is None or found.origin is None:
        raise SystemExit("the package persistent is not installed here")
    return Path(found.origin).parent


def copy_package(package: Path, directory: Path) -> None:
    """Copy ``package`` into ``directory``, without what was compiled from it."""
    shutil.copytree(package, directory / package.name, ignore=shutil.ignore_patterns("__pycache__"))


class PackageCopy:
    """A copy of the installed package in ``directory``, which is its own."""

    def __init__(self, directory: Path) -> None:
        self.directory = directory
        copy_package(package_directory(), directory)

    def change(self, module: str, source: str) -> None:
        """Put ``source`` in the place of ``module``."""
        (self.directory / "persistent" / f"{module}.py").write_text(source, encoding="utf-8")

    def restore(self, module: str) -> None:
        """Undo `change`."""
        self.change(module, (package_directory() / f"{module}.py").read_text(encoding="utf-8"))


__all__ = ["PackageCopy", "copy_package", "package_directory"]
