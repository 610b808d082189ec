"""Fingerprints: whether a step left a world as it was, values and all.

An abstract state leaves out what operations hardly depend on. A driver that goes on in the same
world after a step that changed nothing has to look more closely.
"""

from __future__ import annotations

import functools
from collections.abc import Hashable
from typing import Any

from fixtures.seen import dict_of, slots_of
from fixtures.world import World

_get = object.__getattribute__
_PLAIN = {int, str, bool, bytes, float, type(None)}


def fingerprint(world: World) -> Hashable:
    """All that can be seen of ``world`` and of its jars, in a form that keeps nothing alive.

    Equal fingerprints of one world at two times mean that nothing visible happened in between;
    worlds with equal fingerprints are in the same abstract state.
    """
    return (
        tuple([_object(world, name, obj) for name, obj in world.objects.items()]),
        tuple([_jar(world, jar) for jar in world.jars.values()]),
        world.kept(),
        tuple(world.references),
    )


def _jar(world: World, jar: Any) -> Hashable:
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
        ring = tuple([(oid, _get(obj, "_p_state")) for oid, obj in cache.lru_items()])
    except ValueError:
        ring = ()
    return (
        jar.tid,
        taking_part,
        ring,
        len(cache),
        cache.cache_non_ghost_count,
        cache.cache_klass_count,
        cache.cache_size,
        cache.cache_size_bytes,
        cache.cache_drain_resistance,
        getattr(cache, "total_estimated_size", None),
    )


def _object(world: World, name: str, obj: Any) -> Hashable:
    cls: Any = type(obj)
    if not issubclass(cls, world.implementation.persistent):
        return (
            name,
            cls.__name__,
            repr(sorted((key, repr(value)) for key, value in vars(obj).items())),
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
    slots = _slots_of(cls)
    return (
        name,
        cls.__name__,
        None if jar is None else getattr(jar, "name", "odd"),
        oid,
        cached,
        _get(obj, "_p_state"),
        _get(obj, "_p_serial"),
        _get(obj, "_p_estimated_size"),
        _values(world, data) if data else None,
        tuple([_value(world, _slot(each, obj)) for _, each in slots]) if slots else None,
    )


@functools.lru_cache(maxsize=256)
def _slots_of(cls: type) -> tuple[tuple[str, Any], ...]:
    return tuple(slots_of(cls))


def _values(world: World, data: dict[Any, Any]) -> tuple[Any, ...]:
    return tuple([(key, _value(world, value)) for key, value in data.items()])


def _value(world: World, value: Any) -> Hashable:
    kind = type(value)
    return (value, kind.__name__) if kind in _PLAIN else repr(world.encode(value))


def _slot(descriptor: Any, obj: Any) -> Any:
    try:
        return descriptor.__get__(obj, type(obj))
    except AttributeError:
        return ()
