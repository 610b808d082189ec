"""Definitions for scripts: of our own sources, what a script uses and nothing else.

Annotations, comments and most docstrings are left out: what remains is the code that runs here too,
so that a script cannot drift away from it.
"""

from __future__ import annotations

import ast
import inspect
import re
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from functools import cache, lru_cache

from fixtures import errors, helpers, jars, roles, samples, values
from fixtures import seen as seeing
from fixtures.values import hostile
from stateful.scripts import prelude

#: Where definitions are looked for, in this order; in a script they stand in the reverse one.
_SOURCES = (prelude, helpers, hostile, seeing, roles, values, errors)

#: The other base classes of samples.
_OTHER_BASES = ("_Cooperative", "_Wanting")
#: What the script defines itself, with values of its own.
_GIVEN = ("Persistent", "PARTS", "JARS", "NAMES", "REFERENCES")
STANDARD = (
    "abc",
    "builtins",
    "collections",
    "copy",
    "dataclasses",
    "functools",
    "gc",
    "importlib",
    "io",
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
        if node.decorator_list:
            # A data class is made of its annotations.
            return node
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


@dataclass(frozen=True)
class _Helper:
    """A definition that a script may need, and the names that it mentions."""

    source: str
    mentions: frozenset[str]


@cache
def _helpers() -> Mapping[str, _Helper]:
    """What can be inlined, by name, in the order in which it stands in a script."""
    plain = _Plain(documented=True)
    found: dict[str, _Helper] = {}
    for module in reversed(_SOURCES):
        for name, node in _defined(inspect.getsource(module)).items():
            if name not in _GIVEN:
                # What stands further in front counts, and stands where it belongs.
                found.pop(name, None)
                source = _unparsed(plain, node)
                found[name] = _Helper(source, _mentioned_in(source))
    return found


def helpers_for(used: Iterable[str]) -> str:
    """The helpers that are named in ``used``, and what these need, as source."""
    defined = _helpers()
    needed: set[str] = set()
    waiting = [name for name in used if name in defined]
    while waiting:
        name = waiting.pop()
        if name not in needed:
            needed.add(name)
            waiting += [each for each in defined[name].mentions if each in defined]
    return _joined(helper.source for name, helper in defined.items() if name in needed)


def names_of_helpers() -> set[str]:
    """The names that mean a helper, whether a script has it or not."""
    return set(_helpers())


def jar_class(used: Collection[str]) -> str:
    """The class of the jars as source, with those of its methods that are named in ``used``."""
    # Weak references find their objects by the jar.
    needed = {"__getitem__", "db"} if "WeakRef" in used or "WeakDict" in used else set()
    needed |= {"__init__", "__repr__", "setstate", "register", "store"}
    return _jar_class(frozenset(needed.union(used) & _methods_of_jars()))


@cache
def _methods_of_jars() -> frozenset[str]:
    return frozenset(name for name, made in vars(jars.RecordingJar).items() if callable(made))


@cache
def _jar_class(needed: frozenset[str]) -> str:
    defined = _defined(inspect.getsource(jars))
    cls = defined["RecordingJar"]
    assert isinstance(cls, ast.ClassDef)
    if "commit" in needed:
        needed |= {"add"}
    cls.body = [
        each for each in cls.body if isinstance(each, ast.FunctionDef) and each.name in needed
    ]
    cls.name = "Jar"
    parts: list[ast.stmt] = [cls]
    if needed & {"commit", "abort"}:
        parts += [defined["_holds"]]
    if "commit" in needed:
        parts += [defined["_unsaved_in"]]
    return _joined(_unparsed(_Plain(), each) for each in parts)


@cache
def sample_class(name: str, base: str) -> str:
    """The sample class called ``name`` as source; ``base`` is the name of its base class."""
    if samples.SAMPLES[name].source:
        body = ast.parse(samples.SAMPLES[name].source).body
        return _joined(_unparsed(_Plain({"base": base}), each) for each in body)
    defined = _defined(inspect.getsource(samples))
    maker = defined[name]
    parts: list[ast.stmt] = [
        each for each in getattr(maker, "body", ()) if isinstance(each, ast.ClassDef)
    ]
    mentioned = frozenset().union(*map(_mentioned, parts))
    parts = [defined[each] for each in mentioned if each in _OTHER_BASES] + parts
    return _joined(_unparsed(_Plain({"base": base}), each) for each in parts)


def base_part(name: str) -> str:
    """The part of the implementation that the sample class called ``name`` derives from."""
    return samples.SAMPLES[name].base


def imports(sources: Iterable[str]) -> tuple[str, ...]:
    """The import statements for the modules of the standard library that ``sources`` mention."""
    mentioned = frozenset().union(*map(_mentioned_in, sources))
    return tuple(f"import {name}" for name in STANDARD if name in mentioned)


@lru_cache(maxsize=1024)
def _mentioned_in(source: str) -> frozenset[str]:
    return _mentioned(ast.parse(source))


def _mentioned(node: ast.AST) -> frozenset[str]:
    return frozenset(each.id for each in ast.walk(node) if isinstance(each, ast.Name))


def _unparsed(plain: _Plain, node: ast.AST) -> str:
    return ast.unparse(ast.fix_missing_locations(plain.visit(node)))


def _joined(sources: Iterable[str]) -> str:
    """Definitions with two empty lines around functions and classes, as Python is written."""
    text = ""
    for source in sources:
        block = source.startswith(("def ", "class "))
        if text:
            text += "\n\n\n" if block or not text.rsplit("\n", 1)[-1][:1].strip() else "\n"
        text += source
    return text
