"""What is looked at in two worlds after a step, compared in place: nothing is copied or kept."""

from __future__ import annotations

import functools
from typing import Any, NamedTuple

from fixtures.implementation import Implementation
from fixtures.samples import dict_of, slots_of
from fixtures.values import Opaque
from fixtures.world import World
from stateful.sameness import same, same_dict, shown

_get = object.__getattribute__

#: The attributes of the protocol, in the order in which a difference is looked for.
ATTRIBUTES = (
    ("state", "_p_state"),
    ("changed", "_p_changed"),
    ("status", "_p_status"),
    ("sticky", "_p_sticky"),
    ("jar", "_p_jar"),
    ("oid", "_p_oid"),
    ("serial", "_p_serial"),
    ("size", "_p_estimated_size"),
)
_OPTIONAL = {"_p_status", "_p_sticky"}
_MISSING = Opaque("missing")
_SAMPLES = "fixtures.samples"


@functools.lru_cache(maxsize=64)
def _capabilities(implementation: Implementation) -> frozenset[str]:
    """Looked up once: worlds are made by the thousand."""
    return implementation.capabilities


class Difference(NamedTuple):
    """What differs: the field, and what the reference and the target show of it, in words."""

    field: str
    expected: str
    actual: str


class Observer:
    """Compares the visible state of two worlds with the same history."""

    def __init__(self, reference: World, target: World) -> None:
        self.reference = reference
        self.target = target
        self._slots: dict[type, tuple[tuple[str, Any], ...]] = {}
        both = _capabilities(reference.implementation) & _capabilities(target.implementation)
        self._names = tuple(
            (field, name) for field, name in ATTRIBUTES if name not in _OPTIONAL or field in both
        )
        self._sized = "estimated_size" in both
        self._caches: tuple[tuple[str, Any, Any], ...] = tuple(
            (name, jar, target.jars[name])
            for name, jar in reference.jars.items()
            if hasattr(jar, "_cache")
        )

    # Objects

    def states(self, names: tuple[str, ...]) -> Difference | None:
        """The difference in ``_p_state`` of these objects: the cheap comparison."""
        ones, others = self.reference.objects, self.target.objects
        for name in names:
            one, other = ones.get(name), others.get(name)
            if one is not None and other is not None:
                try:
                    if _get(one, "_p_state") == _get(other, "_p_state"):
                        continue
                except AttributeError:
                    pass
                found = self.object(name)
                if found is not None:
                    return found._replace(field=f"object.{found.field}")
            elif one is not other:
                return self._names_differ()
        return None

    def object(self, name: str) -> Difference | None:
        """The first difference in all that can be seen of the object called ``name``."""
        one, other = self.reference.objects[name], self.target.objects[name]
        if isinstance(one, type) or isinstance(other, type):
            return self._classes(one, other)
        try:
            for _, attribute in self._names:
                value, counterpart = _get(one, attribute), _get(other, attribute)
                if value is not counterpart and not (
                    type(value) is type(counterpart) and value == counterpart
                    if attribute != "_p_jar"
                    else same(self.reference, value, self.target, counterpart)
                ):
                    break
            else:
                return self._data(one, other)
        except AttributeError:
            pass
        return self._attributes(one, other) or self._data(one, other)

    def _attributes(self, one: Any, other: Any) -> Difference | None:
        for field, attribute in self._names:
            value, counterpart = _read(one, attribute), _read(other, attribute)
            if not same(self.reference, value, self.target, counterpart):
                return self._differ(field, value, counterpart)
        return None

    def _data(self, one: Any, other: Any) -> Difference | None:
        data, counterpart = dict_of(one), dict_of(other)
        if data is None or counterpart is None:
            if data is not counterpart:
                return self._differ("dict", data, counterpart)
        elif (data or counterpart) and not same_dict(
            self.reference, data, self.target, counterpart
        ):
            return self._differ("dict", data, counterpart)
        slots = self._slots_of(type(one))
        if slots:
            for (name, descriptor), (_, twin) in zip(
                slots, self._slots_of(type(other)), strict=False
            ):
                value, its = _slot(descriptor, one), _slot(twin, other)
                if value is not its and not same(self.reference, value, self.target, its):
                    return self._differ(f"slot {name}", value, its)
        return None

    def _classes(self, one: Any, other: Any) -> Difference | None:
        if type(one) is not type(other):
            return self._differ("class", one, other)
        for attribute in ("_p_oid", "_p_jar", "_p_state"):
            value = getattr(one, attribute, _MISSING)
            counterpart = getattr(other, attribute, _MISSING)
            if not same(self.reference, value, self.target, counterpart):
                return self._differ(attribute, value, counterpart)
        return None

    def _slots_of(self, cls: type) -> tuple[tuple[str, Any], ...]:
        found = self._slots.get(cls)
        if found is None:
            found = tuple(slots_of(cls))
            # Only classes that live as long as the worlds; others may die.
            if cls.__module__.startswith(_SAMPLES):
                self._slots[cls] = found
        return found

    # Caches

    def counters(self) -> Difference | None:
        """The difference in the counts of the caches: cheap."""
        for name, jar, twin in self._caches:
            one, other = jar._cache, twin._cache
            if (
                len(one) != len(other)
                or one.cache_non_ghost_count != other.cache_non_ghost_count
                or (self._sized and one.total_estimated_size != other.total_estimated_size)
            ):
                return self.cache(name)
        return None

    def cache(self, name: str) -> Difference | None:
        """The first difference in all that can be seen of a cache."""
        one = self.reference.jars[name]._cache  # type: ignore[attr-defined]
        other = self.target.jars[name]._cache  # type: ignore[attr-defined]
        if len(one) != len(other):
            return Difference("cache.length", str(len(one)), str(len(other)))
        if one.cache_non_ghost_count != other.cache_non_ghost_count:
            return Difference(
                "cache.non_ghost_count",
                str(one.cache_non_ghost_count),
                str(other.cache_non_ghost_count),
            )
        if one.ringlen() != other.ringlen():
            return Difference("cache.ringlen", str(one.ringlen()), str(other.ringlen()))
        if one.cache_klass_count != other.cache_klass_count:
            return Difference(
                "cache.class_count", str(one.cache_klass_count), str(other.cache_klass_count)
            )
        if self._sized and one.total_estimated_size != other.total_estimated_size:
            return Difference(
                "cache.estimated_size",
                str(one.total_estimated_size),
                str(other.total_estimated_size),
            )
        ring, twin = _ring(one), _ring(other)
        if ring != twin:
            return self._differ("cache.ring", ring, twin)
        return None

    # Both

    def everything(self) -> Difference | None:
        """The first difference in the full visible state of the two worlds."""
        reference, target = self.reference, self.target
        if reference.objects.keys() != target.objects.keys():
            return self._names_differ()
        if reference.references.keys() != target.references.keys():
            return self._differ(
                "references", sorted(reference.references), sorted(target.references)
            )
        for name in reference.objects:
            found = self.object(name)
            if found is not None:
                return found._replace(field=f"object.{found.field}")
        for name, _, _ in self._caches:
            found = self.cache(name)
            if found is not None:
                return found
        return None

    def _names_differ(self) -> Difference:
        return self._differ("names", sorted(self.reference.objects), sorted(self.target.objects))

    def _differ(self, field: str, value: Any, counterpart: Any) -> Difference:
        return Difference(field, shown(self.reference, value), shown(self.target, counterpart))


def _read(obj: Any, attribute: str) -> Any:
    try:
        return _get(obj, attribute)
    except AttributeError:
        return _MISSING


def _slot(descriptor: Any, obj: Any) -> Any:
    try:
        return descriptor.__get__(obj, type(obj))
    except AttributeError:
        return _MISSING


def _ring(cache: Any) -> Any:
    try:
        return [oid for oid, _ in cache.lru_items()]
    except ValueError:
        return None
