"""What is broken in a database with persistent modules, why, and the way out (PM-53)."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from persistent_ref.modules.executing.execution import definition_of
from persistent_ref.modules.registry import Registry
from persistent_ref.modules.storing.broken import why_broken
from persistent_ref.modules.storing.scanning import Stored, is_definition, scan

__all__ = ["Finding", "examine_modules"]

#: The records that hold what a module defines for its own sake.
_ANCHORS = "PersistentAnchors@"


@dataclass(frozen=True)
class Finding:
    """Something that is broken: a module, or what stored objects need of one.

    ``stored`` is how many records need it.
    """

    name: str
    because: str
    way_out: str
    stored: int = 0


def examine_modules(registry: Registry) -> list[Finding]:
    """Execute every module, and look for stored objects that need what is not there.

    All records of the database are read for that.
    """
    return [*_broken_modules(registry), *_broken_objects(registry)]


def _broken_modules(registry: Registry) -> Iterator[Finding]:
    for name in registry.modules():
        try:
            registry.module(name)
        except (Exception, SystemExit) as error:
            cause = error.__cause__ or error
            because = f"cannot be executed: {type(cause).__name__}: {cause}"
            yield Finding(name, because, _way_out_of(cause))


def _way_out_of(error: BaseException) -> str:
    if isinstance(error, ModuleNotFoundError) and error.name:
        return f"Install or import {error.name}, or import a source that does without it"
    return "Import a source that can be executed"


def _broken_objects(registry: Any) -> Iterator[Finding]:
    jar = registry._p_jar
    if jar is None:
        return
    records = list(scan(jar))
    users = Counter(
        oid for each in records if not _is_of(each, _ANCHORS) for oid in each.references
    )
    reasons: dict[str, tuple[str, str]] = {}
    counted: Counter[str] = Counter()
    for each in records:
        name, because, way_out = _examine(registry, jar, each)
        if because:
            reasons.setdefault(name, (because, way_out))
            counted[name] += users[each.oid] if is_definition(each) else 1
    for name in sorted(reasons):
        if counted[name]:
            yield Finding(name, *reasons[name], counted[name])


def _examine(registry: Any, jar: Any, stored: Stored) -> tuple[str, str, str]:
    """Return what a record is of, why that is broken - if it is - and the way out."""
    name = ".".join(stored.name or ("", ""))
    try:
        value = jar.get(stored.oid)
    except Exception as error:
        return name, f"{type(error).__name__}: {error}", "Correct what its class does"
    if is_definition(stored):
        table, qualname = definition_of(value)
        if table is None or table.record.registry is not registry:
            return name, "", ""
        name = f"{table.name}.{qualname}"
    because = why_broken(value)
    if because:
        return name, because, "Import a source that defines it, or delete what needs it"
    if registry._p_left_behind(value):
        because = "is not defined any more; its last source is used"
        return name, because, "Put it back, or change what is stored, before it cannot be executed"
    return name, "", ""


def _is_of(stored: Stored, kind: str) -> bool:
    return stored.name is not None and stored.name[1].startswith(kind)
