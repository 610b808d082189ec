"""What an object knows of itself besides its application data."""

from __future__ import annotations

from typing import Any, Protocol

from persistent_ref.interfaces import UPTODATE
from persistent_ref.ring import Node, Ring

__all__ = ["HEAD", "NO_SERIAL", "Cache", "Head", "head_of", "rounded_size"]

#: The slot that holds the head of an object.  A ``_p_`` name: read without
#: loading, and no application data.
HEAD = "_p_head"

NO_SERIAL = b"\0" * 8

_SIZE_UNIT = 64
_SIZE_LIMIT = (2**24 - 1) * _SIZE_UNIT


class Cache(Protocol):
    """What an object tells of itself to the cache that it is in."""

    _ring: Ring

    def _enter(self, head: Head, obj: Any) -> None:
        """Take in an object that is being loaded."""

    def _leave(self, head: Head) -> None:
        """Let go of an object that has become a ghost."""


class Head(Node):
    """State and metadata of one object: upstream's ``cPersistent_HEAD``.

    It is the object's node in the ring of its cache, too, and stands there for
    an object that cannot be weakly referenced.

    - ``jar``, ``oid``, ``serial``, ``size``: as read by ``_p_jar`` and so on
    - ``state``: GHOST, UPTODATE, CHANGED or STICKY
    - ``cache``: set exactly while the object is cached
    - ``share``: the object's part of the cache's total estimated size, 0 while
      it is in no ring
    - ``loading``, ``registering``: whether such a call to the jar is under way
    """

    __slots__ = (
        "__weakref__",
        "cache",
        "jar",
        "loading",
        "oid",
        "registering",
        "serial",
        "share",
        "size",
        "state",
    )

    def __init__(self) -> None:
        self.next = self.prev = self.object = None
        self.jar: Any = None
        self.oid: Any = None
        self.serial = NO_SERIAL
        self.state = UPTODATE
        self.cache: Cache | None = None
        self.size = self.share = 0
        self.loading = self.registering = False


def head_of(obj: object) -> Head:
    """Return the head of a persistent object, without loading it."""
    head: Head = object.__getattribute__(obj, HEAD)
    return head


def rounded_size(size: int) -> int:
    """Round an estimated size in bytes as it is kept (META-18).

    Raises TypeError for what is not an integer, ValueError if it is negative.
    """
    if not issubclass(type(size), int):
        raise TypeError("_p_estimated_size must be an integer")
    # What a subclass of int overrides is not asked.
    size = int.__index__(size)
    if size < 0:
        raise ValueError("_p_estimated_size must not be negative")
    return min((size // _SIZE_UNIT + 1) * _SIZE_UNIT, _SIZE_LIMIT)
