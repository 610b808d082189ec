"""What differs between two texts of values, often of a whole state of which only a part differs."""

from __future__ import annotations

import re
from collections.abc import Iterator

#: One thing that differs: its name (empty for the whole), what is expected, what was got.
Differs = tuple[str, str, str]
#: How values are written that have parts: what they begin and end with.
_NAMED = re.compile(r"^(\w+)\((\w+=.*)\)$", re.DOTALL)
_BRACKETS = {"[": "]", "(": ")", "{": "}"}
_QUOTES = "'\""


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
            yield from _differing(f"{name} {key}" if name else key, value, other[key])


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


__all__ = ["Differs", "differing"]
