"""What is looked at in two worlds after a step, compared in place: nothing is copied or kept."""

from __future__ import annotations

from itertools import zip_longest
from typing import Any, NamedTuple

from fixtures.seen import read_slot, ring, see_cache, see_object
from fixtures.world import World
from stateful.lockstep.reading import Pair, pairs_of
from stateful.lockstep.sameness import same, same_dict, shown

_get = object.__getattribute__
_SCALARS = frozenset((int, str, bytes, bool, float, type(None)))


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
        self._pairs = pairs_of(reference.implementation, target.implementation)
        self._quick_agree = self._pairs.quick_agree
        self._states: list[Any] = []
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
        pair = self._pairs[type(one), type(other)]
        try:
            if (
                not pair.of_classes
                and self._rows_agree(pair, one, other)
                and self._data_agree(pair, one, other)
            ):
                return None
        except (AttributeError, KeyError, TypeError):
            pass
        return self._closer(one, other)

    def _rows_agree(self, pair: Pair, one: Any, other: Any) -> bool:
        """Whether all rows but the data surely are the same.

        In the reference, what derives from the state does so, and need not be read.
        """
        state, jar, its_jar = pair.state(one), pair.jar(one), pair.its_jar(other)
        if pair.its_state(other) != state or type(jar) is not type(its_jar):
            return False
        if jar is None:
            derived = self._pairs.unsaved[state]
        elif jar.name == its_jar.name:
            derived = self._pairs.saved[state]
        else:
            return False
        for read, value in zip(pair.derived, derived, strict=False):
            found = read(other)
            if found is not value and (type(found) is not str or found != value):
                return False
        for read, its_read in pair.rows:
            value, found = read(one), its_read(other)
            if value is not found:
                kind = type(value)
                if kind is not type(found) or kind not in _SCALARS or value != found:
                    return False
        return True

    def _data_agree(self, pair: Pair, one: Any, other: Any) -> bool:
        if pair.has_dict and pair.its_has_dict:
            data, counterpart = _get(one, "__dict__"), _get(other, "__dict__")
            if (data or counterpart) and not same_dict(
                self.reference, data, self.target, counterpart
            ):
                return False
        elif pair.has_dict or pair.its_has_dict:
            return False
        for descriptor, twin in pair.slots:
            value, found = read_slot(one, descriptor), read_slot(other, twin)
            if value is not found and not same(self.reference, value, self.target, found):
                return False
        return True

    def _closer(self, one: Any, other: Any) -> Difference | None:
        """The first difference, in the order of the rows."""
        if isinstance(one, type) is not isinstance(other, type):
            return self._differ("class", type(one), type(other))
        rows, its_rows = (
            see_object(one, self._pairs.without),
            see_object(other, self._pairs.without),
        )
        for (field, value), (_, counterpart) in zip(rows, its_rows, strict=False):
            if value is not counterpart and not same(
                self.reference, value, self.target, counterpart
            ):
                field, _, slot = field.partition(" ")
                return self._differ(field, value, counterpart, f"{slot}: " if slot else "")
        return None

    # Caches

    def counters(self) -> Difference | None:
        """The difference in the quick rows of the caches: cheap."""
        for name, jar, twin in self._caches:
            if not self._quick_agree(jar._cache, twin._cache):
                return self.cache(name)
        return None

    def cache(self, name: str) -> Difference | None:
        """The first difference in all that can be seen of a cache."""
        one = self.reference.jars[name]._cache  # type: ignore[attr-defined]
        other = self.target.jars[name]._cache  # type: ignore[attr-defined]
        if self._pairs.caches_agree(one, other):
            return None
        without = self._pairs.without
        both = zip(see_cache(one, without), see_cache(other, without), strict=True)
        for (field, value), (_, counterpart) in both:
            if value != counterpart:
                return self._differ(f"cache.{field}", value, counterpart)
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
                expected, actual = ring(jar._cache), ring(twin._cache)
                if expected != actual:
                    return self._differ("cache.ring", expected, actual)
        return None

    def _moved(self, beyond: bool) -> tuple[str, ...]:
        """The names of objects in another state than before, or than their counterparts."""
        state_of, before, names = self._pairs.state_of, self._states, self.target.objects
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
