"""Abstract states: what a world is like, without values, ids and texts.

Two worlds in the same abstract state are expected to answer the same operations in the same way,
so that explorers do not visit both, coverage counts them once, and one root cause of a divergence
gives few signatures.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Hashable, Mapping
from typing import Any

from fixtures.jars import RecordingJar
from fixtures.samples import SAMPLES
from fixtures.samples.by_rule import PLANNED_IN
from fixtures.seen import dict_of, ring
from fixtures.values.hostile import VALUE
from fixtures.world import World
from stateful.traces.step import Step

_STATUS = {-1: "ghost", 0: "saved", 1: "changed", 2: "sticky"}

_get = object.__getattribute__


def status(obj: Any) -> str:
    """Which state of the protocol an object is in; "strange" if it is not persistent."""
    try:
        state = _get(obj, "_p_state")
        if _get(obj, "_p_jar") is None:
            return "unsaved"
    except AttributeError:
        return "class" if isinstance(obj, type) else "strange"
    return _STATUS.get(state, "strange") if type(state) is int else "strange"


def is_cached(world: World, obj: Any) -> str:
    """The name of the jar whose cache holds ``obj``; empty if there is none."""
    oid = _asked(obj, "_p_oid")
    if type(oid) is not bytes:
        return ""
    for name, jar in world.jars.items():
        cache = getattr(jar, "_cache", None)
        if cache is not None and cache.get(oid) is obj:
            return name
    return ""


def object_words(world: World, name: str) -> str:
    """An object in a few words, such as ``Plain ghost cached``: class first."""
    if name not in world.objects:
        return "absent"
    obj = world.objects[name]
    cls = type(obj)
    sample = "class" if isinstance(obj, type) else cls.__qualname__
    cached = " cached" if is_cached(world, obj) else ""
    oid = "" if cached or sample == "class" else _oid_kind(obj)
    found = status(obj)
    lost = " lost" if found == "ghost" and not _is_stored(world, obj) else ""
    return f"{sample} {found}{cached}{oid}{lost}"


def _is_stored(world: World, obj: Any) -> bool:
    """Whether a ghost has a jar of this world that stores something for it."""
    jar, oid = _get(obj, "_p_jar"), getattr(obj, "_p_oid", None)
    known = any(jar is each for each in world.jars.values())
    return known and type(oid) is bytes and oid in jar.records


def _oid_kind(obj: Any) -> str:
    try:
        oid = _get(obj, "_p_oid")
    except AttributeError:
        return ""
    return "" if oid is None else " with oid" if isinstance(oid, bytes) else " with odd oid"


def before(world: World, step: Step) -> str:
    """The abstract state of what ``step`` is about to touch, as a signature holds it.

    These are its objects in order, or else, as sets of statuses, what its oids stand for - also
    that of an object which it makes, if it is taken - and what its cache holds; and the plans that
    can act now.
    """
    parts = [object_words(world, name) for name, _ in step.present]
    oids = {_oid_words(world, step, name) for name in step.oids}
    oids |= {_oid_words(world, step, name) for name in step.absent} - {"unknown"}
    if oids:
        parts.append("oids: " + " ".join(sorted(oids)))
    names = step.touched + step.oids
    if not names:
        parts += ["cache: " + _cache_words(world, jar) for jar in step.jars]
        names = tuple(world.objects)
    for call, name in sorted(world.plans):
        if name == VALUE or (name in names and _can_act(world, call, name)):
            parts.append(planned(call, world.plan_words(call, name)))
    parts += strange(world)
    return "; ".join(parts) or "-"


def planned(call: str, then: str) -> str:
    """A plan in words, as abstract states hold it."""
    return f"planned {call} {then}".rstrip()


def strange(world: World) -> list[str]:
    """What is odd about a world and may act at any time, as abstract states hold it.

    That are its hostile values, other caches of its jars, and objects that share an oid.
    """
    found = [planned(VALUE, each) for each in sorted(world.strange)]
    if any("spare" in jar.__dict__ for jar in world.jars.values()):
        found.append(planned("spare", "cache"))
    oids = [oid for oid in (_read(obj, "_p_oid") for obj in world.objects.values()) if oid]
    plain = [oid for oid in oids if type(oid) is bytes]
    if len(set(plain)) < len(plain):
        found.append(planned("namesakes", ""))
    return found


def _can_act(world: World, call: str, name: str) -> bool:
    obj = world.objects.get(name)
    if call in ("setstate", "setstate done"):
        return obj is None or status(obj) == "ghost"
    if call == "register":
        return status(obj) != "unsaved"
    if call == "any hook" or obj is None:
        return type(obj).__name__ in HEARD
    base = world.implementation.persistent
    return call not in PLANNED_IN or getattr(type(obj), call, None) is not getattr(base, call, None)


#: The samples that tell of a call in a hook.
HEARD = frozenset(name for name in SAMPLES if name != "Plain")
_HOOKS = ("_p_deactivate", "_p_invalidate")


def _is_hooked(world: World, obj: Any) -> bool:
    base = world.implementation.persistent
    cls = type(obj)
    return any(getattr(cls, hook, None) is not getattr(base, hook) for hook in _HOOKS)


def _oid_words(world: World, step: Step, name: str) -> str:
    for jar in step.jars:
        cache = getattr(world.jars.get(jar), "_cache", None)
        obj = None if cache is None else cache.get(world.oid(name))
        if obj is not None:
            return _status_words(world, obj)
    return "unknown"


def _status_words(world: World, obj: Any) -> str:
    found = status(obj)
    return f"hooked-{found}" if found != "class" and _is_hooked(world, obj) else found


def _cache_words(world: World, jar: str) -> str:
    cache = getattr(world.jars.get(jar), "_cache", None)
    if cache is None:
        return "none"
    try:
        found = {_status_words(world, obj) for _, obj in cache.lru_items()}
    except ValueError:
        found = {"sweeping"}
    if len(cache) > cache.ringlen() + cache.cache_klass_count:
        found.add("ghost")
    if cache.cache_klass_count:
        found.add("class")
    return " ".join(sorted(found)) or "empty"


def abstract(world: World, dimensions: Collection[str] = ()) -> tuple[Any, ...]:
    """The abstract state of a whole world: hashable, and the same for worlds that are alike.

    It holds name, class, status, cache and shape of the data of each object, and whose oid it has;
    the order of each ring, what else is in each cache, and its settings; what was registered; what
    is planned. Of what most scopes leave out, it holds the ``dimensions`` named, keys of
    `DIMENSIONS`.
    """
    objects = tuple(
        (
            name,
            type(obj).__qualname__,
            status(obj),
            is_cached(world, obj),
            _oid_kind(obj),
            _jar_kind(obj),
            _namesake(world, name, obj),
            _shape(obj),
        )
        for name, obj in sorted(world.objects.items())
    )
    caches = []
    for jar in world.jars.values():
        cache = getattr(jar, "_cache", None)
        if cache is not None:
            order = tuple(ring(cache) or ())
            settings = (cache.cache_size, cache.cache_size_bytes, cache.cache_drain_resistance)
            counts = (len(cache), cache.cache_klass_count)
            caches.append((order, counts, settings, _registered(world, jar)))
    further = tuple(DIMENSIONS[name](world) for name in dimensions)
    return objects, tuple(caches), tuple(sorted(world.pending().items())), further


def _jar_kind(obj: Any) -> str:
    jar = _asked(obj, "_p_jar")
    return jar.name if type(jar) is RecordingJar else type(jar).__name__


def _namesake(world: World, name: str, obj: Any) -> str:
    """Of which other name of the world ``obj`` has the oid; empty for none."""
    oid = _asked(obj, "_p_oid")
    if type(oid) is not bytes or oid == world.oid(name):
        return ""
    return next((other for other in world.objects if world.oid(other) == oid), "")


def _asked(obj: Any, attribute: str) -> Any:
    """What an object holds under a name of the protocol; a class may inherit it."""
    return getattr(obj, attribute, None) if isinstance(obj, type) else _read(obj, attribute)


def _read(obj: Any, attribute: str) -> Any:
    try:
        return _get(obj, attribute)
    except AttributeError:
        return None


def _sizes(world: World) -> Hashable:
    """The estimated sizes of the objects, and those that the caches count."""
    caches = (getattr(jar, "_cache", None) for jar in world.jars.values())
    return (
        tuple(_read(obj, "_p_estimated_size") for _, obj in sorted(world.objects.items())),
        tuple(getattr(cache, "total_estimated_size", None) for cache in caches),
    )


def _serials(world: World) -> Hashable:
    """Of each object whether it has no serial, that of its record, or another one."""
    return tuple(_serial_kind(obj) for _, obj in sorted(world.objects.items()))


def _serial_kind(obj: Any) -> str:
    serial, jar, oid = (_read(obj, name) for name in ("_p_serial", "_p_jar", "_p_oid"))
    if serial is None or serial == bytes(8):
        return ""
    known = type(jar) is RecordingJar and type(oid) is bytes
    record = jar.records.get(oid) if known else None
    return "stored" if record is not None and record[0] == serial else "other"


#: What a scope may add to the abstract state, where its steps depend on it.
DIMENSIONS: Mapping[str, Callable[[World], Hashable]] = {"size": _sizes, "serial": _serials}


def _registered(world: World, jar: Any) -> tuple[str, ...]:
    return tuple(sorted({world.name_of(obj) for obj in (*jar.registered, *jar.added)}))


def _shape(obj: Any) -> tuple[tuple[str, str], ...]:
    if isinstance(obj, type):
        return ()
    return tuple(
        sorted((str(key), type(value).__name__) for key, value in (dict_of(obj) or {}).items())
    )
