"""Readers of the attributes of persistent objects: without loading, and fast."""

from __future__ import annotations

import types
from collections.abc import Callable
from typing import Any

from fixtures.implementation import Implementation
from fixtures.samples import slots_of

_get = object.__getattribute__
_SAMPLES = "fixtures.samples"
#: Descriptors of attributes that are written in C.
_DESCRIPTORS = (types.GetSetDescriptorType, types.MemberDescriptorType)
_PARTS = ("persistent", "mapping", "list", "weak_dict")


class Readers:
    """What reads the attributes of the instances of a class.

    The descriptors of the class are asked directly, past whatever it overrides. A reader raises
    AttributeError where there is no such attribute. ``of_classes`` says whether the instances are
    classes themselves, ``has_dict`` whether they have an instance dict; ``slots`` are the slots
    with their descriptors.
    """

    def __init__(self, cls: type) -> None:
        self.state = _reader(cls, "_p_state")
        self.changed = _reader(cls, "_p_changed")
        self.status = _reader(cls, "_p_status")
        self.sticky = _reader(cls, "_p_sticky")
        self.jar = _reader(cls, "_p_jar")
        self.oid = _reader(cls, "_p_oid")
        self.serial = _reader(cls, "_p_serial")
        self.size = _reader(cls, "_p_estimated_size")
        self.of_classes = issubclass(cls, type)
        self.has_dict = cls.__dictoffset__ != 0
        self.slots = tuple(slots_of(cls))


def _reader(cls: type, name: str) -> Callable[[Any], Any]:
    for base in cls.__mro__:
        found = base.__dict__.get(name)
        if type(found) is property and found.fget is not None:
            return found.fget
        if type(found) in _DESCRIPTORS:
            return found.__get__  # type: ignore[union-attr, no-any-return]
        if found is not None:
            break
    return lambda obj: _get(obj, name)


class ReadersByClass(dict[type, Readers]):
    """The readers of the classes of some implementations, made when they are asked for.

    They are kept for classes that live as long as the implementations; others may die.
    """

    def __init__(self, *implementations: Implementation) -> None:
        super().__init__()
        self._lasting = {type(None), types.SimpleNamespace}
        for each in implementations:
            self._lasting |= {getattr(each, part) for part in _PARTS}
        #: What reads the state of the instances of each class.
        self.state_of = _StateByClass(self)

    def __missing__(self, cls: type) -> Readers:
        made = Readers(cls)
        if self.keeps(cls):
            self[cls] = made
        return made

    def keeps(self, cls: type) -> bool:
        """Whether the readers of this class are kept."""
        return cls in self._lasting or cls.__module__.startswith(_SAMPLES)


class _StateByClass(dict[type, Callable[[Any], Any]]):
    def __init__(self, readers: ReadersByClass) -> None:
        super().__init__()
        self._readers = readers

    def __missing__(self, cls: type) -> Callable[[Any], Any]:
        made = self._readers[cls].state
        if self._readers.keeps(cls):
            self[cls] = made
        return made


__all__ = ["Readers", "ReadersByClass"]
