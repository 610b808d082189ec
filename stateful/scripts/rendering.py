"""Steps as ordinary Python: the statements of the operations' own functions, with arguments in.

The parameters are replaced by what the arguments stand for: the name of an object, a jar, a class
or a weak reference is a name in a script too; anything else is an expression. What is known by
then is decided: of ``x if y is None else z`` one side remains.
"""

from __future__ import annotations

import ast
import inspect
import keyword
import textwrap
from collections.abc import Callable, Mapping
from functools import cache
from typing import Any

from fixtures import helpers
from fixtures.operations import Operation, operation_named
from fixtures.operations.domains import PART_NAMES, Domain
from fixtures.values import Opaque, Ref

_NAMES = ("object", "new", "jar", "sample", "reference", "new reference")
#: Modules of ours whose definitions a script holds itself.
_INLINED = ("helpers",)


class CannotRender(ValueError):
    """A trace that cannot be written as a script: which step, and why."""


class Rendered:
    """A step as Python: ``functions`` to be defined before it, and the lines of the step itself.

    ``value`` is the expression that gives its value, None if it has none.
    """

    def __init__(self, made: Mapping[str, Any], prefix: str) -> None:
        declared = operation_named(made["op"])
        self.functions: list[str] = []
        try:
            self.lines, self.value = self._told(declared, {**declared.defaults, **made}, prefix)
        except CannotRender as error:
            raise CannotRender(f"op {declared.name!r}: {error}") from None

    def _told(
        self, declared: Operation, given: Mapping[str, Any], prefix: str
    ) -> tuple[list[str], str | None]:
        written = {
            name: self._functions(given[name], prefix)
            if domain.kind == "operations"
            else _written(domain, given[name])
            for name, domain in declared.arguments.items()
        }
        names = {name: _Name(value) for name, value in given.items()}
        written.update(
            (name, each.written.format(**names)) for name, each in declared.given.items()
        )
        told = _Filled(written).visit(_statement(declared.function))
        ast.fix_missing_locations(told)
        if declared.keeps is not None:
            kept = written[declared.keeps]
            lines = [f"{kept} = {ast.unparse(told.value)}"]
            if declared.answers is None:
                return lines, None
            return lines, f"{declared.answers.__name__}(PARTS, {kept})"
        if isinstance(told, ast.Return):
            assert told.value is not None
            value = ast.unparse(told.value)
            return [], value if declared.shown is None else f"{_path(declared.shown)}({value})"
        return [ast.unparse(told)], None

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
            named.append(f"nested({made['op']!r}, {name})")
        return f"[{', '.join(named)}]"


class _Name:
    """An argument in the text of what an operation is given: ``{x:name}`` is a name in quotes."""

    def __init__(self, value: Any) -> None:
        self.value = value

    def __format__(self, spec: str) -> str:
        return repr(identifier(self.value))


@cache
def _source(function: Callable[..., Any]) -> str:
    return textwrap.dedent(inspect.getsource(function))


def _statement(function: Callable[..., Any]) -> Any:
    """The statement that a function of an operation consists of, besides its docstring."""
    (defined,) = ast.parse(_source(function)).body
    assert isinstance(defined, ast.FunctionDef)
    return defined.body[-1]


class _Filled(ast.NodeTransformer):
    """Puts arguments in for parameters, and decides what can be decided then."""

    def __init__(self, written: Mapping[str, str]) -> None:
        self._written = written

    def visit_Name(self, node: ast.Name) -> ast.AST:
        text = self._written.get(node.id)
        if text is None:
            return node
        found = ast.parse(text, mode="eval").body
        if isinstance(found, ast.Name):
            found.ctx = node.ctx
        return found

    def visit_Attribute(self, node: ast.Attribute) -> ast.AST:
        if isinstance(node.value, ast.Name) and node.value.id in _INLINED:
            return ast.Name(node.attr, ast.Load())
        self.generic_visit(node)
        return node

    def visit_IfExp(self, node: ast.IfExp) -> ast.AST:
        self.generic_visit(node)
        decided = _decided(node.test)
        return node if decided is None else node.body if decided else node.orelse

    def visit_BoolOp(self, node: ast.BoolOp) -> ast.AST:
        self.generic_visit(node)
        first = _decided(node.values[0])
        if isinstance(node.op, ast.Or) and first is not None:
            return node.values[0] if first else node.values[-1]
        return node

    def visit_Call(self, node: ast.Call) -> ast.AST:
        self.generic_visit(node)
        arguments: list[ast.expr] = []
        for each in node.args:
            listed = isinstance(each, ast.Starred) and isinstance(each.value, (ast.List, ast.Tuple))
            arguments += each.value.elts if listed else [each]  # type: ignore[attr-defined]
        node.args = arguments
        node.keywords = [
            each
            for each in node.keywords
            if each.arg is not None or not isinstance(each.value, ast.Dict) or each.value.keys
        ]
        plainly = _ATTRIBUTES.get(node.func.id) if isinstance(node.func, ast.Name) else None
        if plainly is not None and len(node.args) > 1 and isinstance(node.args[1], ast.Constant):
            name = node.args[1].value
            if isinstance(name, str) and name.isidentifier() and not keyword.iskeyword(name):
                return plainly(node.args[0], name, *node.args[2:])
        return node

    def visit_Expr(self, node: ast.Expr) -> ast.AST:
        self.generic_visit(node)
        # A call that has become a statement.
        return node.value if isinstance(node.value, ast.stmt) else node


#: What is written without the functions that take the name of an attribute.
_ATTRIBUTES: Mapping[str, Callable[..., ast.AST]] = {
    "getattr": lambda obj, name: ast.Attribute(obj, name, ast.Load()),
    "setattr": lambda obj, name, value: ast.Assign([ast.Attribute(obj, name, ast.Store())], value),
    "delattr": lambda obj, name: ast.Delete([ast.Attribute(obj, name, ast.Del())]),
}


def _decided(node: ast.expr) -> bool | None:
    """Whether an expression is true, if that can be told without performing it."""
    if isinstance(node, ast.Constant):
        return bool(node.value)
    if isinstance(node, ast.Dict):
        return bool(node.keys)
    if isinstance(node, ast.Compare) and isinstance(node.comparators[0], ast.Constant):
        left, right = node.left, node.comparators[0].value
        if isinstance(node.ops[0], ast.Is):
            # Nothing but the constant None is None: things have names, and oids are calls.
            return isinstance(left, ast.Constant) and left.value is right
        if isinstance(node.ops[0], ast.Eq) and isinstance(left, ast.Constant):
            return bool(left.value == right)
    return None


def _written(domain: Domain, value: Any) -> str:
    """How a script writes what an argument stands for. Raises `CannotRender`."""
    if domain.kind in _NAMES:
        return identifier(value)
    if domain.kind in ("oid", "oids"):
        return _oids(value)
    if domain.writes == "class":
        return PART_NAMES.get(value, str(value))
    if domain.writes == "error":
        return "None" if value is None else identifier(value)
    if domain.writes == "form" and value == "mapping part":
        return PART_NAMES["mapping"]
    if domain.writes == "keyed":
        return f"[{', '.join(f'({identifier(name)}, {expression(item)})' for name, item in value)}]"
    if domain.table is not None:
        return _in_table(domain.table, value)
    return expression(value)


def _in_table(table: Mapping[Any, Any], key: Any) -> str:
    """What a key of a table leads to: by its own name, or looked up in the table."""
    told = next((name for name, value in vars(helpers).items() if value is table), None)
    return _path(table[key]) if told in (None, "FORMS") else f"{told}[{key!r}]"


def _path(thing: Any) -> str:
    """A class or a function of the standard library, or of those that a script holds, by name."""
    if thing is None:
        return "None"
    # Bound methods such as dict.fromkeys have no module.
    module = getattr(thing, "__module__", None) or "builtins"
    name = str(thing.__qualname__)
    if module in ("builtins", "fixtures.helpers"):
        return name
    return f"{module.lstrip('_')}.{'MappingProxyType' if name == 'mappingproxy' else name}"


def identifier(name: Any) -> str:
    """A name of the world as a name of a script. Raises `CannotRender`."""
    if not isinstance(name, str) or not name.isidentifier() or keyword.iskeyword(name):
        raise CannotRender(f"{name!r} cannot be a name in a script")
    return name


def expression(value: Any) -> str:
    """A value of the trace language as an expression. Raises `CannotRender`."""
    if isinstance(value, Ref):
        if value.kind == "hostile":
            return f"hostile({value.name!r})"
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
    if kind is float and value != value:
        return "float('nan')"
    return repr(value)


def _oids(value: Any) -> str:
    if isinstance(value, Ref) and value.kind == "object":
        return f"oid({value.name!r})"
    if isinstance(value, (list, tuple)):
        inner = ", ".join(map(_oids, value))
        if isinstance(value, list):
            return f"[{inner}]"
        return f"({inner},)" if value else "()"
    return expression(value)


def _assigned(source: str) -> list[str]:
    """The names that ``source`` binds or deletes: in a function they have to be global."""
    found = {
        node.id
        for node in ast.walk(ast.parse(source))
        if isinstance(node, ast.Name) and not isinstance(node.ctx, ast.Load)
    }
    return sorted(found)
