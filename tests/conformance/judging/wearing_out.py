"""An implementation that is right until a process has made a few objects: memory that wears out."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from fixtures.implementation import Implementation
from fixtures.targets import load
from persistent_ref import Persistent

#: So many objects are right.
_GOOD = 1


class Wearing(Persistent):
    """Has a state that no object has, if too many were made before it."""

    made = 0

    def __new__(cls, *args: Any, **kwargs: Any) -> Wearing:
        """Count the objects of the process."""
        Wearing.made += 1
        return super().__new__(cls, *args, **kwargs)

    @property
    def _p_state(self) -> int:
        return 42 if Wearing.made > _GOOD else int(Persistent._p_state.__get__(self))


def implementation() -> Implementation:
    """The reference, with such objects."""
    return replace(load("ref"), name="wearing out", persistent=Wearing)
