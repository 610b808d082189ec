"""Steps ready to be performed: an operation of the table and its arguments, in order."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from functools import cached_property
from typing import Any

from fixtures.operations import Operation, operation_named
from fixtures.operations.domains import PLAIN_VALUES
from fixtures.values import Ref
from fixtures.values.hostile import label

#: Names of attributes that mean nothing to the protocol: a signature leaves them out.
_ORDINARY = ("x", "y", "missing", "s1", "given", "method")
#: Names that mean the same to the protocol.
_ALIKE = {"_v_slot": "_v_a", "_p_slot": "_p_unknown"}
_NEW = ("new", "new reference")


class Step:
    """One step of a trace, prepared so that performing it costs next to nothing.

    ``arguments`` holds a value for every argument of the operation. ``present`` are the names that
    have to exist, each with the classes that it may have (any if there are none); ``absent`` those
    that must not exist yet.
    """

    def __init__(self, operation: Operation, arguments: tuple[Any, ...]) -> None:
        self.operation = operation
        self.effect = operation.effect
        self.shown = operation.shown
        self.arguments = arguments
        present = []
        absent = []
        jars = []
        oids: list[str] = []
        for value, domain in zip(arguments, operation.arguments.values(), strict=True):
            if domain.kind == "object":
                present.append((value, domain.values))
            elif domain.kind == "new":
                absent.append(value)
            elif domain.kind == "jar":
                jars.append(value)
            elif domain.kind in ("oid", "oids"):
                several = value if isinstance(value, (list, tuple)) else (value,)
                oids += [
                    each.name for each in several if isinstance(each, Ref) and each.kind == "object"
                ]
            elif domain.kind == "operations" and not operation.later:
                # Performed at once.
                present += [(made["object"], ()) for made in value if "object" in made]
        self.present = tuple(present)
        self.absent = tuple(absent)
        #: The names of all objects that the step touches or makes.
        self.touched = tuple(name for name, _ in present) + self.absent
        self.jars = tuple(jars)
        #: The names of objects whose oids are arguments.
        self.oids = tuple(dict.fromkeys(oids))

    def __repr__(self) -> str:
        return f"Step({self.made!r})"

    def fits(self, objects: Mapping[str, Any]) -> bool:
        """Whether ``objects`` have the names that it needs, and none of those that it makes."""
        for name, classes in self.present:
            if name not in objects or (classes and type(objects[name]).__name__ not in classes):
                return False
        return not self.absent or not any(name in objects for name in self.absent)

    @cached_property
    def made(self) -> dict[str, Any]:
        """The step as it stands in a trace; arguments that equal their defaults are left out."""
        defaults = self.operation.defaults
        made: dict[str, Any] = {"op": self.operation.name}
        for name, value in zip(self.operation.arguments, self.arguments, strict=True):
            left_out = name in defaults and type(defaults[name]) is type(value)
            if not left_out or defaults[name] != value:
                made[name] = list(value) if self._holds_steps(name) else value
        return made

    def _holds_steps(self, name: str) -> bool:
        return self.operation.arguments[name].kind == "operations"

    @property
    def _is_about_stickiness(self) -> bool:
        """Whether nothing but the truth of the value counts."""
        return self.operation.name == "make_sticky" or "_p_sticky" in self.arguments

    @cached_property
    def hostile(self) -> tuple[str, ...]:
        """The names of the hostile values among its arguments, or in them."""
        return tuple(_hostile_in(self.arguments))

    @classmethod
    def of(cls, made: Mapping[str, Any]) -> Step:
        """The step that stands so in a trace. Raises `UnknownOperation`."""
        operation = operation_named(made["op"])
        given = {**operation.defaults, **made}
        return cls(operation, tuple(given[name] for name in operation.arguments))

    @cached_property
    def label(self) -> str:
        """What is done, such as ``set _p_changed None``: without names of objects and values."""
        shown = [self.operation.name]
        chosen: dict[str, Any] = {}
        for (name, domain), value in zip(
            self.operation.arguments.items(), self.arguments, strict=True
        ):
            chosen[name] = value
            if domain.kind == "depending":
                if domain.on == "sample":
                    # Stored states are values like those of attributes.
                    continue
                domain = domain.given(chosen[domain.on])
                if domain.values == PLAIN_VALUES:
                    continue
            if not self.operation.later and domain.kind == "operations":
                # Whatever is done at once could be done without this one.
                continue
            if name == "name":
                text = _name_shown(value)
            elif name == "value" and self._is_about_stickiness:
                text = str(bool(value))
            else:
                text = _shown("oid" if name == "oid" else domain.kind, value)
            if text:
                shown.append(text)
        return " ".join([*shown, *(f"with {label(name)}" for name in self.hostile)])


def _hostile_in(value: Any) -> Iterator[str]:
    if isinstance(value, Ref):
        if value.kind == "hostile":
            yield value.name
    elif isinstance(value, (list, tuple)):
        for each in value:
            yield from _hostile_in(each)
    elif isinstance(value, dict):
        yield from _hostile_in(tuple(value.values()))


def _name_shown(name: Any) -> str:
    if isinstance(name, Ref):
        return ""
    if not isinstance(name, str):
        return "bytes" if isinstance(name, bytes) else "odd"
    if not name.isascii():
        return "surrogate"
    if not name.isidentifier():
        return "odd"
    return "" if name in _ORDINARY else _ALIKE.get(name, name)


def _shown(kind: str, value: Any) -> str:
    if kind in ("object", *_NEW, "jar", "sample", "reference", "watched"):
        return ""
    if kind == "operations":
        return "[" + ",".join(_nested(made) for made in value) + "]"
    if kind in ("oid", "oids"):
        several = value if isinstance(value, (list, tuple)) else (value,)
        odd = [each for each in several if not isinstance(each, (Ref, type(None)))]
        return "" if not odd else "empty" if all(each == b"" for each in odd) else "odd"
    if isinstance(value, str) and value.isascii() and value.replace(".", "_").isidentifier():
        return value
    if isinstance(value, (bool, type(None))):
        return str(value)
    if isinstance(value, Ref):
        return "" if value.kind == "hostile" else value.kind
    return type(value).__name__


def _nested(made: Mapping[str, Any]) -> str:
    return " ".join(str(value) for key, value in made.items() if key in ("op", "name"))
