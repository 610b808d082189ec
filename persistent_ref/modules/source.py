"""A source tells revision, code and imports of its module.

The code differs from what Python compiles in one respect.  Every ``def`` and
every named ``lambda`` of the module and of its classes gets an innermost
decorator, by which an update finds the function that was there before; those
of the module also an outermost one, which makes the persistent function.
"""

from __future__ import annotations

import ast
import hashlib
import linecache
from collections.abc import Mapping
from types import CodeType
from typing import TypeAlias

from persistent_ref.modules.names import resolve

__all__ = [
    "DEFINE",
    "PUBLISH",
    "Revision",
    "compile_source",
    "forget_source",
    "imports_of",
    "next_revision",
    "require_source",
    "show_source",
]

#: Number of the revision, from 1, and digest of the source.
Revision: TypeAlias = "tuple[int, str]"

#: The names of the two decorators; they are found in the module's own builtins.
DEFINE = "__persistent_define__"
PUBLISH = "__persistent_publish__"


def require_source(source: object) -> str:
    """Return ``source``; raise TypeError if it is no text."""
    if not isinstance(source, str):
        raise TypeError(f"source must be a str, not {type(source).__name__}")
    return source


def next_revision(last: Revision | None, source: str) -> Revision:
    """Return the revision that follows ``last``.

    Raises UnicodeEncodeError for text that no file could hold (PM-31).
    """
    digest = hashlib.sha256(source.encode("utf-8")).hexdigest()
    return (last[0] + 1 if last else 1, digest)


def show_source(filename: str, source: str) -> None:
    """Let tracebacks and ``inspect`` find the lines of ``filename`` (PM-47)."""
    lines = source.splitlines(keepends=True)
    linecache.cache[filename] = (len(source), None, lines, filename)


def forget_source(filename: str) -> None:
    """Let go of what ``show_source`` has shown."""
    linecache.cache.pop(filename, None)


def compile_source(source: str, filename: str) -> CodeType:
    """Return the code of a module, with its functions marked.

    Raises what ``compile`` raises (PM-31).
    """
    tree = ast.parse(source, filename)
    marked = ast.fix_missing_locations(_Marker().visit(tree))
    return compile(marked, filename, "exec", dont_inherit=True)


class _Marker(ast.NodeTransformer):
    """Decorates what is not local to a function; the key tells equal names apart."""

    def __init__(self) -> None:
        self._scope: list[str] = []
        self._count: dict[str, int] = {}

    def visit_ClassDef(self, node: ast.ClassDef) -> ast.AST:
        self._scope.append(node.name)
        self.generic_visit(node)
        self._scope.pop()
        return node

    def visit_FunctionDef(self, node: ast.FunctionDef | ast.AsyncFunctionDef) -> ast.AST:
        node.decorator_list.append(self._decorator(DEFINE, self._key(node.name), node))
        if not self._scope:
            node.decorator_list.insert(0, self._decorator(PUBLISH, node.name, node))
        return node

    visit_AsyncFunctionDef = visit_FunctionDef  # noqa: N815

    def visit_Assign(self, node: ast.Assign) -> ast.AST:
        target = node.targets[0]
        if len(node.targets) == 1 and isinstance(target, ast.Name):
            node.value = self._mark_lambda(target.id, node.value)
        return node

    def visit_AnnAssign(self, node: ast.AnnAssign) -> ast.AST:
        if isinstance(node.target, ast.Name) and node.value is not None:
            node.value = self._mark_lambda(node.target.id, node.value)
        return node

    def _mark_lambda(self, name: str, value: ast.expr) -> ast.expr:
        if not isinstance(value, ast.Lambda):
            return value
        marked = self._call(self._decorator(DEFINE, self._key(name), value), value)
        if self._scope:
            return marked
        return self._call(self._decorator(PUBLISH, name, value), marked)

    def _key(self, name: str) -> str:
        path = ".".join([*self._scope, name])
        number = self._count[path] = self._count.get(path, -1) + 1
        return f"{path}#{number}"

    @staticmethod
    def _call(function: ast.expr, argument: ast.expr) -> ast.expr:
        return ast.copy_location(ast.Call(function, [argument], []), argument)

    @staticmethod
    def _decorator(name: str, key: str, node: ast.AST) -> ast.expr:
        call = ast.Call(ast.Name(name, ast.Load()), [ast.Constant(key)], [])
        for part in ast.walk(call):
            ast.copy_location(part, node)
        # A decorator without extent keeps tracebacks to the definition's own lines.
        return call


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
