"""What a reader needs to judge a finding: the settings of its world, and what differs in what."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from conformance.judging.causes.differing import Differs
from fixtures.seen import CACHE, OBJECT
from fixtures.world import DEFAULTS


def settings(world: Mapping[str, Any]) -> str:
    """The settings of a world in words."""
    given = {**DEFAULTS, **world}
    jars = "a jar" if given["jars"] == 1 else f"{given['jars']} jars"
    if not given["cache"]:
        return f"{jars} without a cache"
    size, space = given["cache_size"], given["cache_size_bytes"]
    limit = f" and {space:,} bytes" if space else ", without a limit in bytes"
    each = "a cache" if given["jars"] == 1 else "a cache each"
    return f"{jars} with {each} of {size} objects{limit}"


#: What can be seen of objects and caches, most telling first.
_ORDER = {field: number for number, (field, *_) in enumerate((*OBJECT, *CACHE))}


def by_thing(differs: Mapping[str, tuple[str, str]]) -> dict[str, Sequence[Differs]]:
    """What differs after a step, for each object and cache: the name of it -> its fields."""
    things: dict[str, list[Differs]] = {}
    for key, (expected, got) in differs.items():
        thing, _, field = key.rpartition(".")
        things.setdefault(thing, []).append((field, expected, got))
    return {
        thing: sorted(fields, key=lambda each: _ORDER.get(each[0], len(_ORDER)))
        for thing, fields in things.items()
    }


__all__ = ["by_thing", "settings"]
