"""What a reader needs to judge a finding: the settings of its world, and what differs in what.

Both sides of a check are texts, often of a whole state, of which only a part differs.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from fixtures.seen import CACHE, OBJECT
from fixtures.world import DEFAULTS

#: One thing that differs: its name (empty for the whole), what is expected, what was got.
Differs = tuple[str, str, str]
#: How values are written that have parts: what they begin and end with.
_NAMED = re.compile(r"^(\w+)\((\w+=.*)\)$", re.DOTALL)
_BRACKETS = {"[": "]", "(": ")", "{": "}"}
_QUOTES = "'\""


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


def differing(expected: str, got: str) -> tuple[Differs, ...]:
    """What differs between two texts of values: parts of them, if both have the same form."""
    return tuple(_differing("", expected, got))


def _differing(name: str, expected: str, got: str) -> Iterator[Differs]:
    one, other = _fields(expected), _fields(got)
    if one is None or other is None or one.keys() != other.keys():
        yield name, expected, got
        return
    for key, value in one.items():
        if value != other[key]:
            yield from _differing(
                f"{name}{key}" if not name else f"{name} {key}", value, other[key]
            )


def _fields(text: str) -> dict[str, str] | None:
    """The named parts of a state, as texts; None if ``text`` is none."""
    found = _NAMED.match(text)
    if found is None:
        return None
    parts = [part.partition("=") for part in _split(found[2])]
    if not all(sign and name.isidentifier() for name, sign, _ in parts):
        return None
    return {name: value for name, _, value in parts}


def _split(text: str) -> list[str]:
    """The parts between commas that stand in no brackets and no quotes."""
    parts, closing, quote, escaped = [""], "", "", False
    for letter in text:
        if quote:
            quote = "" if letter == quote and not escaped else quote
            escaped = letter == "\\" and not escaped
        elif letter in _QUOTES:
            quote, escaped = letter, False
        elif letter in _BRACKETS or letter == "<":
            closing = _BRACKETS.get(letter, ">") + closing
        elif closing and letter == closing[0]:
            closing = closing[1:]
        elif letter == "," and not closing:
            parts.append("")
            continue
        parts[-1] += letter
    return [part.strip() for part in parts]


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


__all__ = ["Differs", "by_thing", "differing", "settings"]
