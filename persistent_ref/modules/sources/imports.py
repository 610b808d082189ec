"""What a source says that it imports."""

from __future__ import annotations

import ast
from collections.abc import Mapping

from persistent_ref.modules.sources.names import resolve

__all__ = ["imports_of"]


def imports_of(source: str, package: str) -> Mapping[str, tuple[str, ...]]:
    """Return the names that ``source`` imports, by the module that it imports them from.

    ``*`` stands for all names.  A module that is imported as a whole has the
    names that are read from it by a dotted path.  Imports inside functions
    count (PM-43).
    """
    tree = ast.parse(source)
    found: dict[str, set[str]] = {}
    bound: dict[str, str] = {}
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            for alias in node.names:
                found.setdefault(alias.name, set())
                bound[alias.asname or alias.name] = alias.name
        elif isinstance(node, ast.ImportFrom):
            try:
                module = resolve(node.module or "", package, node.level)
            except ImportError:
                continue
            found.setdefault(module, set()).update(alias.name for alias in node.names)
            bound.update({a.asname or a.name: f"{module}.{a.name}" for a in node.names})
    for node in ast.walk(tree):
        if isinstance(node, ast.Attribute):
            module = bound.get(ast.unparse(node.value), "")
            if module:
                found.setdefault(module, set()).add(node.attr)
    return {module: tuple(sorted(names)) for module, names in sorted(found.items())}
