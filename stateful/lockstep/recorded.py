"""Two recordings of one trace, compared: the first step that differs, as lock-step would see it."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator, Mapping
from typing import Any, NamedTuple

from fixtures.seen import CACHE, CLASS, OBJECT
from stateful.lockstep.observe import Difference
from stateful.traces.step import Step

_OPTIONAL = {field for field, _, special in OBJECT if "optional" in special}
_ABSENT = "nothing"
#: What of a call shows more than that it was made: its arguments, the state that it saw.
_DETAIL = re.compile(r"( \(.*\))?( in state -?\d+)?$", re.DOTALL)

#: One step of a recording: what `fixtures.recording.record` says of it.
Seen = Mapping[str, Any]


class Differs(NamedTuple):
    """Where two recordings differ first: the number of the step, and what differs."""

    step: int
    difference: Difference


def outcome_differs(expected: Seen, actual: Seen) -> Difference | None:
    """The difference in what a step returned, raised and called."""
    calls, its_calls = expected["calls"], actual["calls"]
    called = None
    if calls != its_calls:
        alike = [_DETAIL.sub("", each) for each in calls] == [
            _DETAIL.sub("", each) for each in its_calls
        ]
        called = Difference(
            "calls.seen" if alike else "calls",
            "; ".join(calls) or "none",
            "; ".join(its_calls) or "none",
        )
    does, did = expected["does"], actual["does"]
    if does == did:
        return called
    if called is not None and called.field == "calls":
        return called
    if does.startswith("returns ") and did.startswith("returns "):
        return Difference("value", does[len("returns ") :], did[len("returns ") :])
    return Difference("error", does, did)


def state_differences(step: Step, expected: Seen, actual: Seen) -> Iterator[Difference]:
    """Yield the differences in what can be seen after a step: first in what it touches."""
    one, other = expected["seen"], actual["seen"]
    if one == other:
        return
    if one.get("unseen") != other.get("unseen"):
        yield Difference(
            "observation", one.get("unseen", "can be made"), other.get("unseen", "can be made")
        )
    names, its_names = _names(one), _names(other)
    for name in step.touched:
        if name in names and name in its_names:
            if one.get(f"{name}.state") != other.get(f"{name}.state"):
                yield from _object(name, one, other)
        elif name in names or name in its_names:
            yield _names_differ(names, its_names)
    for jar in _jars(one):
        if any(
            _count(one, jar, count) != _count(other, jar, count)
            for count, _, special in CACHE
            if "quick" in special and count in _shared(one, other, jar)
        ):
            yield from _cache(jar, one, other)
    if names.keys() != its_names.keys():
        yield _names_differ(names, its_names)
    if one.get("references") != other.get("references"):
        yield Difference("references", one.get("references", "[]"), other.get("references", "[]"))
    for name in names:
        yield from _object(name, one, other)
    for jar in _jars(one):
        yield from _cache(jar, one, other)


def differences(step: Step, expected: Seen, actual: Seen) -> Iterator[Difference]:
    """Yield all differences of a step, in the order in which lock-step looks for them."""
    outcome = outcome_differs(expected, actual)
    if outcome is not None:
        yield outcome
    yield from state_differences(step, expected, actual)


def differing(one: Mapping[str, str], other: Mapping[str, str]) -> dict[str, tuple[str, str]]:
    """All that differs between what can be ``seen`` after a step: the name of it -> both sides.

    Names are those of recordings, such as ``a.state`` and ``jar._cache.length``. What is optional,
    and what is told of a cache, differs only if both tell it.
    """
    found = {}
    for key in dict.fromkeys((*one, *other)):
        value, counterpart = one.get(key, _ABSENT), other.get(key, _ABSENT)
        if value == counterpart:
            continue
        may_lack = "._cache." in key or key.rpartition(".")[2] in _OPTIONAL
        if may_lack and not (key in one and key in other):
            continue
        found[key] = (value, counterpart)
    return found


def _names(seen: Mapping[str, str]) -> dict[str, None]:
    found: dict[str, None] = {}
    for key in seen:
        name, dot, field = key.partition(".")
        if dot and not field.startswith("_cache."):
            found[name] = None
    return found


def _jars(seen: Mapping[str, str]) -> list[str]:
    return [key.partition(".")[0] for key in seen if key.endswith("._cache.length")]


def _fields(name: str, seen: Mapping[str, str]) -> dict[str, str]:
    start = f"{name}."
    return {
        key[len(start) :]: value
        for key, value in seen.items()
        if key.startswith(start) and not key.startswith(f"{name}._cache.")
    }


def _names_differ(names: Collection[str], its_names: Collection[str]) -> Difference:
    return Difference("names", repr(sorted(names)), repr(sorted(its_names)))


def _object(name: str, one: Mapping[str, str], other: Mapping[str, str]) -> Iterator[Difference]:
    fields, its_fields = _fields(name, one), _fields(name, other)
    slots = [field for field in (*fields, *its_fields) if field.startswith("slot ")]
    rows = [field for field, _, _ in (*CLASS, *OBJECT)]
    for field in (*rows, *dict.fromkeys(slots)):
        if field in _OPTIONAL and not (field in fields and field in its_fields):
            continue
        value, counterpart = fields.get(field, _ABSENT), its_fields.get(field, _ABSENT)
        if value != counterpart:
            field, _, slot = field.partition(" ")
            named = f"{slot}: " if slot else ""
            yield Difference(f"object.{field}", named + value, named + counterpart)


def _count(seen: Mapping[str, str], jar: str, count: str) -> str | None:
    return seen.get(f"{jar}._cache.{count}")


def _shared(one: Mapping[str, str], other: Mapping[str, str], jar: str) -> list[str]:
    return [
        count
        for count, _, _ in CACHE
        if _count(one, jar, count) is not None and _count(other, jar, count) is not None
    ]


def _cache(jar: str, one: Mapping[str, str], other: Mapping[str, str]) -> Iterator[Difference]:
    for count in _shared(one, other, jar):
        value, counterpart = _count(one, jar, count), _count(other, jar, count)
        if value != counterpart:
            yield Difference(f"cache.{count}", str(value), str(counterpart))
