"""Definitions for scripts: of our own sources, what a script uses and nothing else.

Annotations, comments and most docstrings are left out: what remains is the code that runs here too,
so that a script cannot drift away from it.
"""

from __future__ import annotations

import ast
import inspect
import re
from collections.abc import Collection, Iterable

from fixtures import jars, samples
from stateful import stage

#: What the script defines itself, with values of its own.
_GIVEN = ("Persistent", "PARTS", "JARS", "NAMES", "REFERENCES")
_STANDARD = (
    "builtins",
    "collections",
    "copy",
    "gc",
    "importlib",
    "operator",
    "os",
    "pickle",
    "re",
    "signal",
    "struct",
    "subprocess",
    "sys",
    "types",
    "warnings",
    "weakref",
)


class _Plain(ast.NodeTransformer):
    """Takes out annotations and docstrings, and calls the base class by its name in the script."""

    def __init__(self, renamed: dict[str, str] | None = None, documented: bool = False) -> None:
        self._renamed = renamed or {}
        self._documented = documented

    def visit_FunctionDef(self, node: ast.FunctionDef) -> ast.AST:
        self.generic_visit(node)
        node.returns = None
        parameters = node.args
        several = [parameters.vararg, parameters.kwarg]
        for each in (*parameters.posonlyargs, *parameters.args, *parameters.kwonlyargs, *several):
            if each is not None:
                each.annotation = None
        if not self._documented:
            node.body = _without_docstring(node.body)
        return node

    def visit_ClassDef(self, node: ast.ClassDef) -> ast.AST:
        self.generic_visit(node)
        if not self._documented:
            node.body = _without_docstring(node.body)
        return node

    def visit_AnnAssign(self, node: ast.AnnAssign) -> ast.AST | None:
        self.generic_visit(node)
        if node.value is None:
            return None
        return ast.copy_location(ast.Assign([node.target], node.value), node)

    def visit_Name(self, node: ast.Name) -> ast.AST:
        node.id = self._renamed.get(node.id, node.id)
        return node


def _without_docstring(body: list[ast.stmt]) -> list[ast.stmt]:
    first = body[0]
    if isinstance(first, ast.Expr) and isinstance(first.value, ast.Constant):
        body = body[1:]
    return body or [ast.Pass()]


def _defined(source: str) -> dict[str, ast.stmt]:
    """The top-level definitions of a module, in order."""
    found: dict[str, ast.stmt] = {}
    for node in ast.parse(source).body:
        if isinstance(node, (ast.FunctionDef, ast.ClassDef)):
            found[node.name] = node
        elif isinstance(node, ast.AnnAssign) and isinstance(node.target, ast.Name):
            found[node.target.id] = node
        elif isinstance(node, ast.Assign) and isinstance(node.targets[0], ast.Name):
            found[node.targets[0].id] = node
    return found


def names_in(source: str) -> set[str]:
    """The names and the attributes that ``source`` mentions."""
    return set(re.findall(r"[A-Za-z_]\w*", source))


def helpers(used: Iterable[str]) -> str:
    """The helpers that are named in ``used``, and what these need, as source."""
    defined = {
        name: node
        for name, node in _defined(inspect.getsource(stage)).items()
        if name not in _GIVEN
    }
    needed: set[str] = set()
    waiting = [name for name in used if name in defined]
    while waiting:
        name = waiting.pop()
        if name in needed:
            continue
        needed.add(name)
        inside = {each.id for each in ast.walk(defined[name]) if isinstance(each, ast.Name)}
        waiting += [each for each in inside if each in defined]
    plain = _Plain(documented=True)
    return _joined(
        ast.unparse(ast.fix_missing_locations(plain.visit(node)))
        for name, node in defined.items()
        if name in needed
    )


def jar_class(used: Collection[str]) -> str:
    """The class of the jars as source, with those of its methods that are named in ``used``."""
    defined = _defined(inspect.getsource(jars))
    cls = defined["RecordingJar"]
    assert isinstance(cls, ast.ClassDef)
    methods = {each.name: each for each in cls.body if isinstance(each, ast.FunctionDef)}
    needed = {"__init__", "__repr__", "setstate", "register", "store"}
    # Weak references find their objects by the jar.
    needed |= {"__getitem__", "db"} if "WeakRef" in used or "WeakDict" in used else set()
    needed |= {name for name in methods if name in used}
    if "commit" in needed:
        needed.add("add")
    cls.body = [each for name, each in methods.items() if name in needed]
    cls.name = "Jar"
    parts: list[ast.stmt] = [cls]
    if needed & {"commit", "abort"}:
        parts += [defined["_holds"]]
    if "commit" in needed:
        parts += [defined["_unsaved_in"]]
    plain = _Plain()
    return _joined(ast.unparse(ast.fix_missing_locations(plain.visit(each))) for each in parts)


def sample_class(name: str, base: str) -> str:
    """The sample class called ``name`` as source; ``base`` is the name of its base class."""
    defined = _defined(inspect.getsource(samples))
    maker = defined[name]
    parts: list[ast.stmt] = [
        each for each in getattr(maker, "body", ()) if isinstance(each, ast.ClassDef)
    ]
    mentioned = {each.id for part in parts for each in ast.walk(part) if isinstance(each, ast.Name)}
    parts = [defined[each] for each in mentioned if each == "_Cooperative"] + parts
    plain = _Plain({"base": base})
    return _joined(ast.unparse(ast.fix_missing_locations(plain.visit(each))) for each in parts)


def base_part(name: str) -> str:
    """The part of the implementation that the sample class called ``name`` derives from."""
    return samples.SAMPLES[name].base


def imports(source: str) -> str:
    """The import statements for the modules of the standard library that ``source`` mentions."""
    mentioned = {each.id for each in ast.walk(ast.parse(source)) if isinstance(each, ast.Name)}
    return "\n".join(f"import {name}" for name in _STANDARD if name in mentioned)


def _joined(sources: Iterable[str]) -> str:
    """Definitions with two empty lines around functions and classes, as Python is written."""
    text = ""
    for source in sources:
        block = source.startswith(("def ", "class "))
        if text:
            text += "\n\n\n" if block or not text.rsplit("\n", 1)[-1][:1].strip() else "\n"
        text += source
    return text
