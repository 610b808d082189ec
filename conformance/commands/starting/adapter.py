"""An adapter for an implementation of which only the base class, or single parts, are named."""

from __future__ import annotations

import importlib
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from fixtures.implementation import PARTS
from fixtures.targets import LAYOUT, TargetError

MODULE = "conformance_adapter"
_HEAD = '''"""Says where the parts of {name} are, for persistent-conformance."""

from importlib import metadata

from fixtures.implementation import Implementation


def {name}() -> Implementation:
    """The parts that are judged; leave out what there is not."""
{imports}

    return Implementation(
        name="{name}",
        version=_version("{package}"),
{parts}
    )


def _version(distribution: str) -> str:
    try:
        return metadata.version(distribution)
    except metadata.PackageNotFoundError:
        return "unreleased"
'''


@dataclass(frozen=True)
class Adapter:
    """A module that describes an implementation, and the target that it makes."""

    target: str
    source: str
    parts: tuple[str, ...]


def adapter_for(target: str) -> Adapter | None:
    """The adapter for a ``module:Class``; None if ``target`` is no class, and needs none.

    Beside the class, other parts are looked for in its package, where `persistent` has them. Raises
    `TargetError` if it cannot be imported.
    """
    path, colon, attribute = target.partition(":")
    if not colon:
        return None
    try:
        found: Any = importlib.import_module(path)
        for step in attribute.split("."):
            found = getattr(found, step)
    except (ImportError, AttributeError) as error:
        way_out = "Name the base class of your implementation as package.module:Class"
        raise TargetError(target, str(error), way_out) from None
    if not isinstance(found, type):
        return None
    top = path.partition(".")[0]
    places = {"persistent": (path, attribute), **_beside(top)}
    name = top.strip("_").lower()
    imports = "\n".join(
        f"    from {module} import {named}" + ("" if named != part else f" as {part}")
        for part, (module, named) in places.items()
    )
    parts = "\n".join(f"        {part}={named}," for part, (_, named) in places.items())
    source = _HEAD.format(name=name, package=top, imports=imports, parts=parts)
    return Adapter(f"{MODULE}:{name}", source, tuple(places))


def _beside(package: str) -> Mapping[str, tuple[str, str]]:
    """The parts of ``package`` in the conventional layout, each with its module and its name."""
    found: dict[str, tuple[str, str]] = {}
    for part in PARTS:
        for below, name in LAYOUT.get(part, ()) if part != "persistent" else ():
            module = f"{package}.{below}" if below else package
            try:
                there = hasattr(importlib.import_module(module), name)
            except ImportError:
                continue
            if there:
                found.setdefault(part, (module, name))
    return found


__all__ = ["MODULE", "Adapter", "adapter_for"]
