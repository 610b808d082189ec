"""The code of a module.

The code differs from what Python compiles in a few respects.  Every ``def`` and
every named ``lambda`` of the module and of its classes gets an innermost
decorator, by which an update finds the function that was there before; those
of the module also an outermost one, which makes the persistent function.
"""

from __future__ import annotations

import ast
from collections import Counter
from types import CodeType
from typing import Any

__all__ = ["DEFINE", "PUBLISH", "compile_source"]

#: The names of the two decorators; they are found in the module's own builtins.
DEFINE = "__persistent_define__"
PUBLISH = "__persistent_publish__"


def compile_source(source: str, filename: str) -> CodeType:
    """Return the code of a module, with its functions marked.

    Raises what ``compile`` raises (PM-31).
    """
    tree = ast.parse(source, filename)
    direct = _Direct(tree).visit(tree)
    marked = ast.fix_missing_locations(_Marker().visit(direct))
    return compile(marked, filename, "exec", dont_inherit=True)


class _Direct(ast.NodeTransformer):
    """Has functions call the functions of their module by ``f.__call__``, which is the plain one.

    So a call inside a module takes one frame of the stack, as ever.  A name that
    is bound anywhere else in the source is left alone.
    """

    def __init__(self, tree: ast.Module) -> None:
        defined = {
            node.name
            for node in tree.body
            if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef)) and not node.decorator_list
        }
        bound = Counter(name for node in ast.walk(tree) for name in _bound_names(node))
        self._names = {name for name in defined if bound[name] == 1}
        self._depth = 0

    def _visit_function(self, node: Any) -> ast.AST:
        self._depth += 1
        self.generic_visit(node)
        self._depth -= 1
        return node  # type: ignore[no-any-return]

    visit_FunctionDef = visit_AsyncFunctionDef = visit_Lambda = _visit_function  # noqa: N815

    def visit_Call(self, node: ast.Call) -> ast.AST:
        self.generic_visit(node)
        called = node.func
        if self._depth and isinstance(called, ast.Name) and called.id in self._names:
            node.func = ast.copy_location(ast.Attribute(called, "__call__", ast.Load()), called)
        return node


def _bound_names(node: ast.AST) -> list[str]:
    """Return the names that a node of a source binds, in whatever scope."""
    if isinstance(node, ast.Name) and not isinstance(node.ctx, ast.Load):
        return [node.id]
    if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)):
        return [node.name]
    if isinstance(node, ast.alias):
        return [(node.asname or node.name).partition(".")[0]]
    if isinstance(node, ast.arg):
        return [node.arg]
    if isinstance(node, (ast.Global, ast.Nonlocal)):
        return node.names
    names = [getattr(node, field, None) for field in ("name", "rest")]
    return [name for name in names if isinstance(name, str)]


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
        if self._scope:
            node.body.append(_mention_class(node.body[-1]))
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
        if self._scope:
            value.body = ast.IfExp(
                ast.Constant(True), value.body, ast.Name("__class__", ast.Load())
            )
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


def _mention_class(last: ast.stmt) -> ast.stmt:
    """Return a statement that does nothing, but has a method close over its class.

    Python ties a function to the names of its closure, so that one which gains
    or loses its ``super()`` could not be changed in place.
    """
    name = ast.Expr(ast.Name("__class__", ast.Load()))
    return ast.copy_location(ast.If(ast.Constant(False), [name], []), last)
