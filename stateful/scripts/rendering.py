"""Steps as ordinary Python, from the declarations of the operations.

In the template of an operation, ``{x}`` stands for an argument: the name of an object, a jar, a
class or a reference as a name; anything else as an expression. ``{x:s}`` is a text without quotes,
``{x:name}`` a name in quotes, ``{x:class}`` the class of a kind of collection, ``{x:dict}`` a dict
where None means an empty one, ``{x:pairs}`` a list of pairs, ``{x:references}`` one whose keys are
weak references.
"""

from __future__ import annotations

import ast
import keyword
from collections.abc import Mapping
from typing import Any

from fixtures.operations import Operation, operation_named
from fixtures.operations.table import Domain
from fixtures.values import Opaque, Ref

_NAMES = ("object", "new", "jar", "sample", "reference", "new reference", "watched")
_CLASSES = {"mapping": "PersistentMapping", "list": "PersistentList"}


class CannotRender(ValueError):
    """A trace that cannot be written as a script: which step, and why."""


class Rendered:
    """A step as Python: ``functions`` to be defined before it, and the lines of the step itself.

    ``value`` is the expression that gives its value, None if it has none.
    """

    def __init__(self, made: Mapping[str, Any], prefix: str) -> None:
        declared = operation_named(made["op"])
        self.functions: list[str] = []
        given = {**declared.defaults, **made}
        lines = self._filled(declared, given, prefix).split("\n")
        self.value: str | None = None
        if _is_expression(lines[-1]):
            self.value = lines.pop()
        self.lines = lines

    def _filled(self, declared: Operation, given: Mapping[str, Any], prefix: str) -> str:
        if declared.code is None:
            raise CannotRender(f"op {declared.name!r}: its declaration has no code")
        template = declared.code if isinstance(declared.code, str) else declared.code(given)
        shown: dict[str, Any] = {}
        for name, domain in declared.arguments.items():
            if domain.kind == "operations":
                shown[name] = self._functions(given[name], prefix)
            else:
                shown[name] = _Argument(given[name], domain)
        try:
            return template.format(**shown)
        except CannotRender as error:
            raise CannotRender(f"op {declared.name!r}: {error}") from None

    def _functions(self, then: Any, prefix: str) -> str:
        """Define a function for each step that is performed inside another one; their list."""
        named = []
        for number, made in enumerate(then, 1):
            name = f"{prefix}_{number}"
            inner = Rendered(made, name)
            self.functions += inner.functions
            body = list(inner.lines)
            changed = _assigned("\n".join(body))
            if changed:
                body.insert(0, f"global {', '.join(changed)}")
            if inner.value is not None:
                body.append(f"return {inner.value}")
            lines = "\n".join(f"    {line}" for line in body or ["pass"])
            self.functions.append(f"def {name}():\n{lines}")
            named.append(f"({made['op']!r}, {name})")
        return f"[{', '.join(named)}]"


class _Argument:
    """An argument in a template."""

    def __init__(self, value: Any, domain: Domain) -> None:
        self.value = value
        self.domain = domain

    def __format__(self, spec: str) -> str:
        value = self.value
        if spec == "s":
            return str(value)
        if spec == "name":
            return repr(identifier(value))
        if spec == "class":
            return _CLASSES.get(value, str(value))
        if spec == "dict":
            return expression(value or {})
        if spec == "pairs":
            return expression([tuple(pair) for pair in value])
        if spec == "references":
            pairs = (f"({identifier(name)}, {expression(item)})" for name, item in value)
            return f"[{', '.join(pairs)}]"
        if self.domain.kind in _NAMES:
            return identifier(value)
        if self.domain.kind in ("oid", "oids"):
            return _oids(value)
        return expression(value)


def identifier(name: Any) -> str:
    """A name of the world as a name of a script. Raises `CannotRender`."""
    if not isinstance(name, str) or not name.isidentifier() or keyword.iskeyword(name):
        raise CannotRender(f"{name!r} cannot be a name in a script")
    return name


def expression(value: Any) -> str:
    """A value of the trace language as an expression. Raises `CannotRender`."""
    if isinstance(value, Ref):
        name = identifier(value.name)
        return f"{name}._cache" if value.kind == "cache" else name
    if isinstance(value, Opaque):
        raise CannotRender(f"{value!r} stands for a value that was not recorded")
    kind = type(value)
    if kind in (list, tuple, set):
        inner = ", ".join(map(expression, value))
        if kind is list:
            return f"[{inner}]"
        if kind is set:
            return f"{{{inner}}}" if value else "set()"
        return f"({inner},)" if len(value) == 1 else f"({inner})"
    if kind is dict:
        pairs = (f"{expression(key)}: {expression(item)}" for key, item in value.items())
        return f"{{{', '.join(pairs)}}}"
    return repr(value)


def _oids(value: Any) -> str:
    if isinstance(value, Ref):
        return f"oid({value.name!r})"
    if isinstance(value, (list, tuple)):
        inner = ", ".join(map(_oids, value))
        if isinstance(value, list):
            return f"[{inner}]"
        return f"({inner},)" if value else "()"
    return expression(value)


def _is_expression(line: str) -> bool:
    try:
        ast.parse(line, mode="eval")
    except SyntaxError:
        return False
    return True


def _assigned(source: str) -> list[str]:
    """The names that ``source`` binds or deletes: in a function they have to be global."""
    found = {
        node.id
        for node in ast.walk(ast.parse(source))
        if isinstance(node, ast.Name) and not isinstance(node.ctx, ast.Load)
    }
    return sorted(found - {"given"})
