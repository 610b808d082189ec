"""What is looked at in two worlds after a step, compared in place: nothing is copied or kept."""

from __future__ import annotations

import functools
from itertools import zip_longest
from typing import Any, NamedTuple

from fixtures.implementation import Implementation
from fixtures.values import Opaque
from fixtures.world import World
from stateful.lockstep.reading import Readers, ReadersByClass
from stateful.lockstep.sameness import same, same_dict, shown

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
#: What the other attributes have to be in each state, if there is a jar.
_DERIVED = {
    -1: (None, "ghost", False),
    0: (False, "saved", False),
    1: (True, "changed", False),
    2: (False, "sticky", True),
}
_MISSING = Opaque("missing")


@functools.lru_cache(maxsize=64)
def _capabilities(implementation: Implementation) -> frozenset[str]:
    """Looked up once: worlds are made by the thousand."""
    return implementation.capabilities


#: The counts of a cache besides its length, in the order in which a difference is looked for.
_COUNTS = (
    ("non_ghost_count", "cache_non_ghost_count"),
    ("ringlen", "ringlen"),
    ("class_count", "cache_klass_count"),
    ("estimated_size", "total_estimated_size"),
)


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
        self._readers = ReadersByClass(reference.implementation, target.implementation)
        self._states: list[Any] = []
        both = _capabilities(reference.implementation) & _capabilities(target.implementation)
        self._names = tuple(
            (field, name) for field, name in ATTRIBUTES if name not in _OPTIONAL or field in both
        )
        self._shows_status, self._shows_sticky = "status" in both, "sticky" in both
        self._sized = "estimated_size" in both
        self._counts = tuple(
            (field, attribute)
            for field, attribute in _COUNTS
            if field != "estimated_size" or self._sized
        )
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
        mine, its = self._readers[type(one)], self._readers[type(other)]
        if mine.of_classes or its.of_classes:
            return self._classes(one, other)
        try:
            agree = self._attributes_agree(one, mine, other, its)
        except (AttributeError, KeyError, TypeError):
            agree = False
        found = None if agree else self._attributes(one, other)
        return found or self._data(one, mine, other, its)

    def _attributes_agree(self, one: Any, mine: Readers, other: Any, its: Readers) -> bool:
        """Whether all attributes surely are the same; if not, it takes a closer look.

        In the reference, what derives from the state does so, and need not be read.
        """
        state, jar, its_jar = mine.state(one), mine.jar(one), its.jar(other)
        if its.state(other) != state or type(jar) is not type(its_jar):
            return False
        changed, status, sticky = _DERIVED[state]
        if jar is None:
            status = "unsaved"
        elif jar.name != its_jar.name:
            return False
        if (
            its.changed(other) is not changed
            or (self._shows_status and its.status(other) != status)
            or (self._shows_sticky and its.sticky(other) is not sticky)
        ):
            return False
        oid, its_oid = mine.oid(one), its.oid(other)
        serial, its_serial = mine.serial(one), its.serial(other)
        size, its_size = mine.size(one), its.size(other)
        return (
            (oid is its_oid or (type(oid) is type(its_oid) is bytes and oid == its_oid))
            and type(serial) is type(its_serial) is bytes
            and serial == its_serial
            and type(size) is type(its_size) is int
            and size == its_size
        )

    def _attributes(self, one: Any, other: Any) -> Difference | None:
        for field, attribute in self._names:
            value, counterpart = _read(one, attribute), _read(other, attribute)
            if value is not counterpart and not same(
                self.reference, value, self.target, counterpart
            ):
                return self._differ(field, value, counterpart)
        return None

    def _data(self, one: Any, mine: Readers, other: Any, its: Readers) -> Difference | None:
        data = _get(one, "__dict__") if mine.has_dict else None
        counterpart = _get(other, "__dict__") if its.has_dict else None
        if data is None or counterpart is None:
            if data is not counterpart:
                return self._differ("dict", data, counterpart)
        elif (data or counterpart) and not same_dict(
            self.reference, data, self.target, counterpart
        ):
            return self._differ("dict", data, counterpart)
        if mine.slots:
            for (name, descriptor), (_, twin) in zip(mine.slots, its.slots, strict=False):
                value, its_value = _slot(descriptor, one), _slot(twin, other)
                if value is not its_value and not same(
                    self.reference, value, self.target, its_value
                ):
                    return self._differ("slot", value, its_value, f"{name}: ")
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
            return _counts_differ("length", len(one), len(other))
        for field, attribute in self._counts:
            count, its_count = getattr(one, attribute), getattr(other, attribute)
            if field == "ringlen":
                count, its_count = count(), its_count()
            if count != its_count:
                return _counts_differ(field, count, its_count)
        return self._rings(one, other)

    def _rings(self, one: Any, other: Any) -> Difference | None:
        ring, twin = _ring(one), _ring(other)
        if ring is None or twin is None:
            return None if ring is twin else self._rings_differ(ring, twin)
        if len(ring) == len(twin):
            for (oid, _), (its_oid, _) in zip(ring, twin, strict=True):
                if oid != its_oid:
                    break
            else:
                return None
        return self._rings_differ(ring, twin)

    def _rings_differ(self, ring: Any, twin: Any) -> Difference:
        return self._differ(
            "cache.ring",
            ring and [oid for oid, _ in ring],
            twin and [oid for oid, _ in twin],
        )

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

    def reached(self, names: tuple[str, ...], everywhere: bool, beyond: bool) -> Difference | None:
        """The first difference in what a step on these objects can have changed.

        That is all that can be seen of them and of each object that is in another state than
        before, or with ``everywhere`` of all objects; the states of all; the order of the rings.
        Only ``beyond`` the objects that it names, where a jar or a cache took part, can a step
        have changed a state in the reference as well. The counts have been compared by `counters`;
        what a faulty step does out of its reach is seen by `everything`.
        """
        ones, others = self.reference.objects, self.target.objects
        if len(ones) != len(others):
            return self._names_differ()
        names = tuple(others) if everywhere else names + self._moved(beyond)
        for name in names:
            if name in others:
                if name not in ones:
                    return self._names_differ()
                found = self.object(name)
                if found is not None:
                    return found._replace(field=f"object.{found.field}")
        if names or beyond:
            for _, jar, twin in self._caches:
                rings_differ = self._rings(jar._cache, twin._cache)
                if rings_differ is not None:
                    return rings_differ
        return None

    def _moved(self, beyond: bool) -> tuple[str, ...]:
        """The names of objects in another state than before, or than their counterparts."""
        state_of, before, names = self._readers.state_of, self._states, self.target.objects
        try:
            states = [state_of[type(obj)](obj) for obj in names.values()]
            found: tuple[str, ...] = ()
            if states != before:
                self._states = states
                moved = zip_longest(names, states, before)
                found = tuple(name for name, one, other in moved if name and one != other)
            if beyond:
                its = [state_of[type(obj)](obj) for obj in self.reference.objects.values()]
                if its != states:
                    return tuple(names)
            return found
        except AttributeError:
            # Neither a persistent object nor a class that looks like one.
            return tuple(names)

    def _names_differ(self) -> Difference:
        return self._differ("names", sorted(self.reference.objects), sorted(self.target.objects))

    def _differ(self, field: str, value: Any, counterpart: Any, named: str = "") -> Difference:
        expected, actual = shown(self.reference, value), shown(self.target, counterpart)
        return Difference(field, named + expected, named + actual)


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
        return cache.lru_items()
    except ValueError:
        return None


def _counts_differ(field: str, count: int, its_count: int) -> Difference:
    return Difference(f"cache.{field}", str(count), str(its_count))
