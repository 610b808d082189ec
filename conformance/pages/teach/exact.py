"""Exact states: when two worlds can be told apart by nothing that is done to them.

An abstract state of the explorer leaves out values, since the protocol hardly depends on them. A
page that shows values has to keep apart what is stored, what is held and what is registered.
"""

from __future__ import annotations

from collections.abc import Hashable
from typing import Any

from fixtures.roles import in_words, role
from fixtures.seen import CACHE, OBJECT, left_out, see_cache, see_instance, seen
from fixtures.world import World

_get = object.__getattribute__
#: Rows that follow from the others.
_DERIVED = tuple(field for field, _, special in (*OBJECT, *CACHE) if "derived" in special)
#: What every world calls by the same name.
_SCALARS = frozenset({int, bool, type(None)})


def identity(world: World) -> Hashable:
    """What a world is like, so that equal ones go on equally.

    Serials count as far as they agree with what is stored; what was registered twice counts once.
    """
    things = _things(world)
    numbers = {id(obj): number for number, (_, obj) in enumerate(things)}
    return (
        tuple(_object(world, name, obj) for name, obj in things),
        tuple(_jar(world, jar, numbers) for jar in world.jars.values()),
        world.kept(),
        tuple(world.references),
    )


def visible(world: World) -> dict[str, str]:
    """All that can be seen, as recordings hold it, except that serials are told in words."""
    found = seen(world, left_out(world.implementation.capabilities))
    for name, obj in world.objects.items():
        key = f"{name}.serial"
        if key in found and not isinstance(obj, type):
            found[key] = _serial_words(world, obj)
    return found


def kept(world: World) -> dict[str, str]:
    """What the data managers hold, each once, and what is planned: "jar.what" -> words."""
    found = {}
    for name, jar in world.jars.items():
        for oid, (_, state) in jar.records.items():
            if isinstance(oid, bytes):
                stored = oid.lstrip(b"\0").decode("ascii", "replace")
                found[f"{name}.stored {stored}"] = in_words(role(world, state))
        for what, objects in (("added", jar.added), ("registered", jar.registered)):
            if objects:
                each = {id(obj): world.name_of(obj) for obj in objects}
                found[f"{name}.{what}"] = " ".join(each.values())
    for (call, name), then in sorted(world.pending().items()):
        found[f"inside {call} for {name}"] = then
    return found


def _things(world: World) -> list[tuple[str, Any]]:
    """The objects of the world, and those that only a cache or a jar still holds."""
    things = list(world.objects.items())
    known = {id(obj) for _, obj in things}
    for jar in world.jars.values():
        cache = getattr(jar, "_cache", None)
        held = [] if cache is None else [obj for _, obj in _ring(cache)]
        for obj in (*held, *jar.registered, *jar.added):
            if id(obj) not in known:
                known.add(id(obj))
                things.append(("", obj))
    return things


def _ring(cache: Any) -> list[tuple[Any, Any]]:
    try:
        return list(cache.lru_items())
    except ValueError:
        return []


def _read(obj: Any, attribute: str) -> Any:
    try:
        return _get(obj, attribute)
    except AttributeError:
        return None


def _object(world: World, name: str, obj: Any) -> Hashable:
    jar, oid = _read(obj, "_p_jar"), _read(obj, "_p_oid")
    cache = getattr(jar, "_cache", None)
    return (
        name,
        type(obj).__name__,
        getattr(jar, "name", repr(jar)),
        repr(oid),
        cache is not None and isinstance(oid, bytes) and cache.get(oid) is obj,
        "" if isinstance(obj, type) else _serial_words(world, obj),
        tuple(
            [
                repr(value) if type(value) in _SCALARS else in_words(role(world, value))
                for field, value in see_instance(obj, ("jar", "oid", "serial"))
                if field not in _DERIVED
            ]
        ),
    )


def _serial_words(world: World, obj: Any) -> str:
    serial, oid = _read(obj, "_p_serial"), _read(obj, "_p_oid")
    if serial == bytes(8):
        return "none"
    stored = [jar.records.get(oid) for jar in world.jars.values() if isinstance(oid, bytes)]
    if any(record is not None and record[0] == serial for record in stored):
        return "that of what is stored"
    return "another than that of what is stored"


def _jar(world: World, jar: Any, numbers: dict[int, int]) -> Hashable:
    cache = getattr(jar, "_cache", None)
    return (
        tuple(
            sorted((repr(oid), in_words(role(world, each[1]))) for oid, each in jar.records.items())
        ),
        tuple(dict.fromkeys(numbers[id(obj)] for obj in jar.registered)),
        tuple(dict.fromkeys(numbers[id(obj)] for obj in jar.added)),
        None if cache is None else _cache(cache, numbers),
    )


def _cache(cache: Any, numbers: dict[int, int]) -> Hashable:
    return (
        tuple(numbers[id(obj)] for _, obj in _ring(cache)),
        tuple(value for _, value in see_cache(cache, ("ring", *_DERIVED))),
        cache.cache_size,
        cache.cache_size_bytes,
        cache.cache_drain_resistance,
    )
