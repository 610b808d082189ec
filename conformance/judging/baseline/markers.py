"""Interpreters, and the markers that say in which of them an entry holds.

Markers are those of packaging, such as ``python_version < '3.11'``, asked of the interpreter that
runs the target.
"""

from __future__ import annotations

import functools
import itertools
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import Any

from packaging.markers import InvalidMarker, Marker, UndefinedEnvironmentName, default_environment
from packaging.version import InvalidVersion, Version


@dataclass(frozen=True)
class Interpreter:
    """An interpreter by its name, such as CPython, and its version: 3.11, or 3.11.7."""

    name: str
    version: str

    def __str__(self) -> str:
        return f"{self.name} {self.short}"

    @property
    def short(self) -> str:
        """The version that languages are called by: 3.11."""
        return ".".join(self.version.split(".")[:2])

    @classmethod
    def parse(cls, text: str) -> Interpreter:
        """The interpreter that is written ``text``. Raises ValueError."""
        name, _, version = text.partition(" ")
        try:
            Version(version)
        except InvalidVersion:
            raise ValueError(f"{text!r} is no interpreter, such as 'CPython 3.11'") from None
        return cls(name, version)

    @classmethod
    def of(cls, about: Mapping[str, Any]) -> Interpreter:
        """The one that a target said of itself that it runs in."""
        return cls(about["interpreter"], about["python"])


def checked(marker: str | None) -> str | None:
    """``marker``, which can be asked. Raises ValueError."""
    if marker is not None:
        try:
            Marker(marker).evaluate()
        except (InvalidMarker, UndefinedEnvironmentName) as error:
            raise ValueError(f"marker {marker!r}: {str(error).splitlines()[0]}") from None
    return marker


@functools.lru_cache(maxsize=1 << 12)
def holds(marker: str | None, interpreter: Interpreter) -> bool:
    """Whether what bears ``marker`` holds in ``interpreter``."""
    return marker is None or Marker(marker).evaluate(_environment(interpreter))


@functools.lru_cache(maxsize=64)
def _environment(interpreter: Interpreter) -> dict[str, str]:
    """What markers are asked of: all processes run on one machine, so the rest is ours."""
    full = interpreter.version
    full += "" if full.count(".") > 1 else ".0"
    return {
        **{name: str(value) for name, value in default_environment().items()},
        "implementation_name": interpreter.name.lower(),
        "implementation_version": full,
        "platform_python_implementation": interpreter.name,
        "python_full_version": full,
        "python_version": interpreter.short,
    }


def marker_for(chosen: Collection[str], among: Collection[str]) -> str | None:
    """The simplest marker for the ``chosen`` ones of some interpreters; None if it is all."""
    return _marker_for(frozenset(chosen), frozenset(among))


@functools.lru_cache(maxsize=1 << 10)
def _marker_for(chosen: frozenset[str], among: frozenset[str]) -> str | None:
    if chosen >= among:
        return None
    every = [Interpreter.parse(text) for text in among]
    wanted = [each for each in every if str(each) in chosen]
    names = sorted({each.name for each in every})
    for marker in (*(f"implementation_name == '{name.lower()}'" for name in names), *_spans(every)):
        if [each for each in every if holds(marker, each)] == wanted:
            return marker
    parts = [part for name in names for part in _of_one(name, wanted, every)]
    return parts[0] if len(parts) == 1 else " or ".join(f"({part})" for part in parts)


def _of_one(
    name: str, wanted: Collection[Interpreter], every: Collection[Interpreter]
) -> list[str]:
    """Markers that together choose those ``wanted`` among all of one name."""
    its_wanted = [each for each in wanted if each.name == name]
    its_all = [each for each in every if each.name == name]
    if not its_wanted:
        return []
    own = f"implementation_name == '{name.lower()}'"
    if its_wanted == its_all:
        return [own]
    for span in _spans(its_all):
        if [each for each in its_all if holds(span, each)] == its_wanted:
            return [f"{own} and {span}"]
    versions = sorted((each.short for each in its_wanted), key=Version)
    return [f"{own} and python_version == '{version}'" for version in versions]


def _spans(among: Collection[Interpreter]) -> list[str]:
    """Markers of versions: below one, from one on, one alone, between two."""
    versions = sorted({each.short for each in among}, key=Version)
    below = [f"python_version < '{each}'" for each in versions]
    since = [f"python_version >= '{each}'" for each in versions]
    exactly = [f"python_version == '{each}'" for each in versions]
    between = [f"{one} and {other}" for one, other in itertools.product(since, below)]
    return [*below, *since, *exactly, *between]


__all__ = ["Interpreter", "checked", "holds", "marker_for"]
