"""Readers of persistent objects, in pairs: an object of the reference and its counterpart."""

from __future__ import annotations

import functools
import types
from collections.abc import Callable, Collection, Mapping
from typing import Any

from fixtures import seen
from fixtures.implementation import Implementation

_PARTS = ("persistent", "mapping", "list", "weak_dict")
#: Rows that are compared in a way of their own.
_OWN_WAY = ("state", "jar", "dict")
#: What some rows have to be in each state, if there is a jar.
_DERIVED: dict[int, dict[str, Any]] = {
    -1: {"changed": None, "status": "ghost", "sticky": False},
    0: {"changed": False, "status": "saved", "sticky": False},
    1: {"changed": True, "status": "changed", "sticky": False},
    2: {"changed": False, "status": "sticky", "sticky": True},
}

Reader = Callable[[Any], Any]


class Pair:
    """What reads the instances of a class of the reference, and those of its counterpart.

    A reader raises AttributeError where there is no such attribute. ``of_classes`` says whether
    the instances are classes themselves, ``has_dict`` and ``its_has_dict`` whether they have an
    instance dict. Of the rows in ``derived``, only the counterpart is read; ``rows`` and ``slots``
    hold both readers of each other row, and both descriptors of each slot.
    """

    def __init__(
        self, one: type, other: type, derived: Collection[str], without: Collection[str]
    ) -> None:
        self.of_classes = issubclass(one, type) or issubclass(other, type)
        self.has_dict, self.its_has_dict = one.__dictoffset__ != 0, other.__dictoffset__ != 0
        self.state, self.its_state = seen.reader(one, "_p_state"), seen.reader(other, "_p_state")
        self.jar, self.its_jar = seen.reader(one, "_p_jar"), seen.reader(other, "_p_jar")
        reads = {field: read for field, read, _ in seen.OBJECT if field not in without}
        self.derived = tuple(seen.reader(other, reads[field]) for field in derived)
        self.rows = tuple(
            (seen.reader(one, read), seen.reader(other, read))
            for field, read in reads.items()
            if field not in (*derived, *_OWN_WAY)
        )
        both = zip(seen.slots_of(one), seen.slots_of(other), strict=False)
        self.slots = tuple((descriptor, twin) for (_, descriptor), (_, twin) in both)


class Pairs(dict[tuple[type, type], Pair]):
    """The readers of the classes of two implementations, made when they are asked for.

    They are kept for classes that live as long as the implementations; others may die. ``saved``
    and ``unsaved`` say for each state what the derived rows are. ``caches_agree`` and
    ``quick_agree`` compare two caches in all rows, and in the quick ones. ``without`` are the rows
    that not both can show.
    """

    def __init__(self, reference: Implementation, target: Implementation) -> None:
        super().__init__()
        self.without = seen.left_out(reference.capabilities, target.capabilities)
        self._derived = [field for field in _DERIVED[0] if field not in self.without]
        self.saved = {state: self._values(rows) for state, rows in _DERIVED.items()}
        self.unsaved = {
            state: self._values({**rows, "status": "unsaved"}) for state, rows in _DERIVED.items()
        }
        rows = [row for row in seen.CACHE if row[0] not in self.without]
        self.caches_agree = seen.agreeing(rows)
        self.quick_agree = seen.agreeing(row for row in rows if "quick" in row[2])
        self._lasting = {type(None), types.SimpleNamespace}
        for each in (reference, target):
            self._lasting |= {getattr(each, part) for part in _PARTS}
        #: What reads the state of the instances of each class.
        self.state_of = _StateByClass(self)

    def _values(self, rows: Mapping[str, Any]) -> tuple[Any, ...]:
        return tuple(rows[field] for field in self._derived)

    def __missing__(self, classes: tuple[type, type]) -> Pair:
        made = Pair(*classes, self._derived, self.without)
        if self.keeps(classes[0]) and self.keeps(classes[1]):
            self[classes] = made
        return made

    def keeps(self, cls: type) -> bool:
        """Whether the readers of this class are kept."""
        return cls in self._lasting or cls.__module__.startswith(seen.SAMPLES)


class _StateByClass(dict[type, Reader]):
    def __init__(self, pairs: Pairs) -> None:
        super().__init__()
        self._pairs = pairs

    def __missing__(self, cls: type) -> Reader:
        made = seen.reader(cls, "_p_state")
        if self._pairs.keeps(cls):
            self[cls] = made
        return made


@functools.lru_cache(maxsize=64)
def pairs_of(reference: Implementation, target: Implementation) -> Pairs:
    """The readers for these two, made once: worlds are made by the thousand."""
    return Pairs(reference, target)


__all__ = ["Pair", "pairs_of"]
