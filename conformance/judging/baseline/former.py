"""Baselines of earlier releases, which did not say what was seen: read to keep their reasons.

They named failing checks without what came of them, and held whatever a regular expression was
found in. Nothing is known by such a file; `baseline TARGET -o FILE` writes it anew.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

from conformance.files import BadFile, load_toml, read_toml
from conformance.judging.baseline import file
from conformance.judging.baseline.entries import Baseline, Entry, FailingCheck, Pinned
from conformance.judging.causes import Cause, Pattern, cause_of
from stateful.traces.trace import BadTrace

_PATTERNS = ("signature", "trace", "expected", "actual")


def is_former(path: Path) -> bool:
    """Whether the file in ``path`` is one of an earlier release. Raises `BadFile`."""
    return bool(load_toml(path, file.WAY_OUT).get("schema") == 1)


def read(path: Path, target: str | None = None) -> Baseline:
    """What a file of an earlier release says, with digests that are empty.

    Raises `BadFile`, also if it is not one of ``target``, where that is given.
    """
    data = read_toml(path, "former-baseline", file.WAY_OUT)
    file.require_target(path, data, target)
    causes = tuple(_causes(path, data))
    return Baseline(
        data["target"],
        data.get("version", ""),
        (),
        tuple(_entry(path, raw) for raw in data.get("clause", ())),
        tuple(_pinned(path, raw, causes) for raw in data.get("divergence", ())),
        causes,
    )


def _causes(path: Path, data: Mapping[str, Any]) -> list[Cause]:
    """The families, those with the same reason as one cause."""
    found: dict[tuple[str, str | None], Cause] = {}
    for raw in data.get("family", ()):
        given = {key: raw[key] for key in _PATTERNS if key in raw}
        try:
            file.dated(raw)
            pattern = Pattern(**given)
        except ValueError as error:
            raise BadFile(path, f"family: {error}", "Mend the family, or remove it") from None
        key = raw["reason"], raw.get("clause")
        if key in found:
            patterns = (*found[key].patterns, pattern)
            found[key] = replace(found[key], patterns=patterns)
        else:
            name = _name(raw, {cause.name for cause in found.values()})
            found[key] = Cause(name, raw["reason"], raw.get("clause"), raw.get("issue"), (pattern,))
    return list(found.values())


def _name(raw: Mapping[str, Any], taken: set[str]) -> str:
    words = re.findall(r"[a-z0-9]+", raw["reason"].lower())[:6]
    name = "-".join([*filter(None, [raw.get("clause")]), *words]) or "cause"
    number = next(each for each in range(1, len(taken) + 2) if _numbered(name, each) not in taken)
    return _numbered(name, number)


def _numbered(name: str, number: int) -> str:
    return name if number == 1 else f"{name}-{number}"


def _entry(path: Path, raw: Mapping[str, Any]) -> Entry:
    try:
        file.dated(raw)
    except ValueError as error:
        raise BadFile(path, f"{raw['id']}: {error}", file.WAY_OUT) from None
    checks = tuple(FailingCheck(name, "", "") for name in raw["checks"])
    return Entry(
        raw["id"], raw["verdict"], checks, raw["reason"], raw.get("issue"), raw.get("expires")
    )


def _pinned(path: Path, raw: Mapping[str, Any], causes: tuple[Cause, ...]) -> Pinned:
    try:
        file.dated(raw)
        entry = file.pinned(raw)
    except (BadTrace, ValueError) as error:
        raise BadFile(path, f"divergence {raw['signature']!r}: {error}", file.WAY_OUT) from None
    if entry.reason is None:
        cause = cause_of(entry.divergence, causes)
        return replace(entry, cause=None if cause is None else cause.name)
    return entry


__all__ = ["is_former", "read"]
