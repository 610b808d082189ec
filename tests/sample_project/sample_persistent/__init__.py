"""Stands for somebody's own implementation: it has one fault, which known.toml lists."""

from typing import Any

import persistent_ref
from persistent_ref import PickleCache


class Persistent(persistent_ref.Persistent):
    """The base class of what is stored."""

    __slots__ = ()

    def __repr__(self) -> str:
        own: Any = getattr(type(self), "_p_repr", None)
        if own is not None:
            # The fault: an exception escapes.
            return own(self)
        return super().__repr__()


__version__ = "1.0"
__all__ = ["Persistent", "PickleCache"]
