"""The names of objects and jars in traces: what a step mentions, and giving them other ones."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any

from fixtures.operations import operation_named
from fixtures.operations.domains import JAR
from fixtures.values import Ref
from stateful.traces.trace import Trace

#: Names for objects, in the order in which they are given.
NAMES = ("a", "b", "c", "d", "e", "f", "g", "h")
#: The kinds of arguments that are names of objects.
_OBJECTS = ("object", "new", "watched")
#: Gives the kind of a thing, "object" or "jar", and its name the name that it is to have.
_Naming = Callable[[str, str], str]


def mentioned(made: Mapping[str, Any]) -> tuple[str, ...]:
    """The names of objects that a step of a trace mentions, in the order in which they stand."""
    found: dict[str, None] = {}

    def see(kind: str, name: str) -> str:
        if kind == "object":
            found[name] = None
        return name

    _named(made, see)
    return tuple(found)


def named_in_order(trace: Trace) -> Trace:
    """The same trace, in which the object mentioned first has the first of `NAMES`, and so on.

    It is left as it is where it mentions more objects than there are names.
    """
    known = dict.fromkeys(name for made in trace.operations for name in mentioned(made))
    if len(known) > len(NAMES):
        return trace
    by_name = dict(zip(known, NAMES, strict=False))
    return _renamed(trace, lambda kind, name: by_name[name] if kind == "object" else name)


def in_one_jar(trace: Trace) -> Trace:
    """The trace in which all that belongs to any jar belongs to the first one."""
    return _renamed(trace, lambda kind, name: JAR.default if kind == "jar" else name)


def concerning_last(trace: Trace) -> Trace:
    """The trace without the steps on other objects than those on which its last step depends.

    Steps that mention no object stay.
    """
    needed = set(mentioned(trace.operations[-1])) if trace.operations else set()
    kept = []
    for made in reversed(trace.operations):
        names = mentioned(made)
        if not names or not needed.isdisjoint(names):
            needed.update(names)
            kept.append(made)
    return replace(trace, operations=tuple(reversed(kept)))


def _renamed(trace: Trace, naming: _Naming) -> Trace:
    return replace(trace, operations=tuple(_named(made, naming) for made in trace.operations))


def _named(made: Mapping[str, Any], naming: _Naming) -> dict[str, Any]:
    domains = operation_named(made["op"]).arguments
    named: dict[str, Any] = {}
    for key, value in made.items():
        kind = domains[key].kind if key in domains else ""
        if isinstance(value, str) and (kind in _OBJECTS or kind == "jar"):
            named[key] = naming("jar" if kind == "jar" else "object", value)
        else:
            named[key] = _value(value, naming)
    return named


def _value(value: Any, naming: _Naming) -> Any:
    if isinstance(value, Ref):
        if value.kind in ("object", "jar"):
            return Ref(value.kind, naming(value.kind, value.name))
        return value
    if isinstance(value, dict):
        if "op" in value:
            return _named(value, naming)
        return {key: _value(each, naming) for key, each in value.items()}
    if type(value) in (list, tuple):
        return type(value)(_value(each, naming) for each in value)
    return value


__all__ = ["NAMES", "concerning_last", "in_one_jar", "mentioned", "named_in_order"]
