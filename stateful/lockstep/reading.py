"""Readers of persistent objects, in pairs: an object of the reference and its counterpart."""

from __future__ import annotations

import types
from collections.abc import Callable, Collection
from typing import Any

from fixtures import seen
from fixtures.implementation import Implementation

_PARTS = ("persistent", "mapping", "list", "weak_dict")
#: Rows that are compared in a way of their own.
_OWN_WAY = ("state", "jar", "dict")

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

    They are kept for classes that live as long as the implementations; others may die.
    """

    def __init__(
        self,
        reference: Implementation,
        target: Implementation,
        derived: Collection[str],
        without: Collection[str],
    ) -> None:
        super().__init__()
        self._derived, self._without = tuple(derived), tuple(without)
        self._lasting = {type(None), types.SimpleNamespace}
        for each in (reference, target):
            self._lasting |= {getattr(each, part) for part in _PARTS}
        #: What reads the state of the instances of each class.
        self.state_of = _StateByClass(self)

    def __missing__(self, classes: tuple[type, type]) -> Pair:
        made = Pair(*classes, self._derived, self._without)
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


__all__ = ["Pair", "Pairs"]
