"""Fingerprints: whether a step left a world as it was, values and all.

An abstract state leaves out what operations hardly depend on. A driver that goes on in the same
world after a step that changed nothing has to look more closely.
"""

from __future__ import annotations

import functools
from collections.abc import Callable, Hashable
from typing import Any

from fixtures.implementation import Implementation
from fixtures.jars import RecordingJar
from fixtures.roles import role
from fixtures.seen import (
    CACHE,
    OBJECT,
    cache_readers,
    dict_of,
    left_out,
    plain_oid,
    read_slot,
    reader,
    slots_of,
)
from fixtures.world import World

_get = object.__getattribute__
#: Rows that are told in a form that keeps nothing alive.
_OWN_WAY = ("jar", "oid", "dict")
_PLAIN = {int, str, bool, bytes, float, type(None)}


def fingerprint(world: World) -> Hashable:
    """All that can be seen of ``world`` and of its jars, in a form that keeps nothing alive.

    Equal fingerprints of one world at two times mean that nothing visible happened in between;
    worlds with equal fingerprints are in the same abstract state.
    """
    left = _left_out(world.implementation)
    return (
        tuple([_object(world, name, obj, left) for name, obj in world.objects.items()]),
        tuple([_jar(world, jar, left) for jar in world.jars.values()]),
        world.kept(),
        tuple(world.references),
    )


def _jar(world: World, jar: Any, left: tuple[str, ...]) -> Hashable:
    taking_part = tuple(
        [
            tuple([world.name_of(obj) for obj in objects]) if objects else ()
            for objects in (jar.registered, jar.added)
        ]
    )
    cache = getattr(jar, "_cache", None)
    if cache is None:
        return jar.tid, taking_part
    try:
        ring = tuple([(plain_oid(oid), _get(obj, "_p_state")) for oid, obj in cache.lru_items()])
    except ValueError:
        ring = ()
    return (
        jar.tid,
        taking_part,
        ring,
        tuple([read(cache) for read in _cache_readers(left)]),
        cache.cache_size,
        cache.cache_size_bytes,
        cache.cache_drain_resistance,
    )


def _object(world: World, name: str, obj: Any, left: tuple[str, ...]) -> Hashable:
    cls: Any = type(obj)
    if not issubclass(cls, world.implementation.persistent):
        return (
            name,
            cls.__name__,
            repr(sorted((key, repr(value)) for key, value in (dict_of(obj) or {}).items())),
        )
    jar = _get(obj, "_p_jar")
    oid: Any = _get(obj, "_p_oid")
    cached = None
    if type(oid) is bytes:
        for place, each in world.jars.items():
            cache = getattr(each, "_cache", None)
            if cache is not None and cache.get(oid) is obj:
                cached = place
                break
    elif oid is not None:
        oid = repr(type(oid))
    data: Any = dict_of(obj)
    rows, slots = _readers(cls, left)
    return (
        name,
        cls.__qualname__,
        None if jar is None else jar.name if type(jar) is RecordingJar else type(jar).__name__,
        oid,
        cached,
        _told(world, tuple([read(obj) for read in rows])),
        _values(world, data) if data else None,
        tuple([_value(world, read_slot(obj, each)) for _, each in slots]) if slots else None,
    )


@functools.lru_cache(maxsize=64)
def _left_out(implementation: Implementation) -> tuple[str, ...]:
    return left_out(implementation.capabilities)


@functools.lru_cache(maxsize=4096)
def _readers(
    cls: type, left: tuple[str, ...]
) -> tuple[tuple[Callable[[Any], Any], ...], tuple[tuple[str, Any], ...]]:
    """What reads the rows of the instances of a class that tell most, and their slots."""
    without = (*_OWN_WAY, *left)
    return (
        tuple(
            reader(cls, read)
            for field, read, special in OBJECT
            if field not in without and "derived" not in special
        ),
        tuple(slots_of(cls)),
    )


@functools.lru_cache(maxsize=64)
def _cache_readers(left: tuple[str, ...]) -> tuple[Callable[[Any], Any], ...]:
    without = ("ring", *left)
    return cache_readers(row for row in CACHE if row[0] not in without and "derived" not in row[2])


def _told(world: World, values: tuple[Any, ...]) -> Hashable:
    if _PLAIN.issuperset(map(type, values)):
        return values
    return tuple([_value(world, each) for each in values])


def _values(world: World, data: dict[Any, Any]) -> tuple[Any, ...]:
    return tuple([(key, _value(world, value)) for key, value in data.items()])


def _value(world: World, value: Any) -> Hashable:
    kind = type(value)
    return (value, kind.__name__) if kind in _PLAIN else repr(role(world, value))
