"""Modules and definitions that get other names, and what is stored follows (PM-59)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from persistent_ref.modules.sources.names import is_module_name

__all__ = ["BadMove", "Moves", "read_moves"]


class BadMove(ValueError):
    """A name that cannot be given: it is no name, or taken."""


@dataclass(frozen=True)
class Moves:
    """What moves at once: modules by old name, and definitions by old module and name."""

    modules: Mapping[str, str]
    definitions: Mapping[tuple[str, str], tuple[str, str]]

    def former_names(self, module: str) -> dict[str, str]:
        """Return, for what stays in ``module`` by whatever name, the old names by the new ones."""
        return {
            new[1]: old[1]
            for old, new in self.definitions.items()
            if new[0] == module and self.modules.get(old[0], old[0]) == module
        }


def read_moves(renames: Mapping[str, str]) -> Moves:
    """Return what ``renames`` says: ``module`` to ``module``, ``module:name`` to ``module:name``.

    Raises BadMove for what is neither.
    """
    modules: dict[str, str] = {}
    definitions: dict[tuple[str, str], tuple[str, str]] = {}
    for old, new in renames.items():
        if (":" in old) != (":" in new):
            raise BadMove(f"a module cannot become a definition, or the reverse: {old!r}, {new!r}")
        if ":" not in old:
            if not (is_module_name(old) and is_module_name(new)):
                raise BadMove(f"a module cannot be called {old!r} or {new!r}")
            modules[old] = new
            continue
        pairs = [tuple(each.split(":")) for each in (old, new)]
        if not all(len(pair) == 2 and all(map(is_module_name, pair)) for pair in pairs):
            raise BadMove(f"a definition is named as module:name, not {old!r} or {new!r}")
        definitions[pairs[0][0], pairs[0][1]] = (pairs[1][0], pairs[1][1])
    return Moves(modules, definitions)
