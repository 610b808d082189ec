"""Who imports whom, as it is recorded, and in which order all that follows is executed again."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import TypeAlias

__all__ = ["Imports", "all_imported", "all_importers", "importers_of"]

#: Names by the module that they are imported from.
Imports: TypeAlias = Mapping[str, "tuple[str, ...]"]


def importers_of(name: str, imports: Mapping[str, Imports]) -> dict[str, tuple[str, ...]]:
    """Return the names that modules import from one, by importer, where ``imports`` has theirs."""
    found: dict[str, tuple[str, ...]] = {}
    parent, _, last = name.rpartition(".")
    for importer, imported in sorted(imports.items()):
        if importer != name:
            if name in imported:
                found[importer] = imported[name]
            elif parent and last in imported.get(parent, ()):
                found[importer] = ()
    return found


def all_importers(names: Iterable[str], imports: Mapping[str, Imports]) -> set[str]:
    """Return all that import from ``names``, directly or by way of others; not these themselves."""
    users: dict[str, set[str]] = {}
    for importer, imported in imports.items():
        for module in _modules(imported):
            users.setdefault(module, set()).add(importer)
    return _closure(names, lambda name: users.get(name, ()))


def all_imported(names: Iterable[str], imports: Mapping[str, Imports]) -> set[str]:
    """Return all that ``names`` import from, directly or by way of others."""
    return {
        each
        for each in _closure(names, lambda name: _modules(imports.get(name, {})))
        if each in imports
    }


def _modules(imported: Imports) -> set[str]:
    """Return the modules that an import may mean: ``from a import b`` may mean ``a.b``."""
    return {*imported, *(f"{module}.{name}" for module in imported for name in imported[module])}


def _closure(names: Iterable[str], step: Callable[[str], Iterable[str]]) -> set[str]:
    found: set[str] = set()
    start = list(names)
    waiting = list(start)
    while waiting:
        for each in step(waiting.pop()):
            if each not in found:
                found.add(each)
                waiting.append(each)
    return found - set(start)
