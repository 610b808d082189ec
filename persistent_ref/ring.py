"""The ring: loaded objects in the order of their last use.

A ring is a doubly linked list closed by a home node.  The home's successor is
the least recently used node (LRU), its predecessor the most recently used one
(MRU).  The nodes belong to the objects, so that an object moves itself in
constant time, and the ring is the one place that keeps loaded objects alive.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

__all__ = ["Node", "Ring"]


class Node:
    """A place in a ring.

    ``next`` and ``prev`` are None while the node is in no ring.  ``object``
    is what the ring keeps alive: None for a node in no ring and for the marks
    that a sweep sets.
    """

    __slots__ = ("next", "object", "prev")

    next: Node | None
    prev: Node | None
    object: Any

    def __init__(self) -> None:
        self.next = self.prev = self.object = None


class Ring:
    """Nodes from least to most recently used (RING-02)."""

    __slots__ = ("_home",)

    def __init__(self) -> None:
        home = self._home = Node()
        home.next = home.prev = home

    def add(self, node: Node, obj: Any) -> None:
        """Make ``node`` the most recently used one, keeping ``obj`` alive."""
        node.object = obj
        self.insert_after(node, self._home.prev)

    def insert_after(self, node: Node, place: Any) -> None:
        """Put ``node``, which is in no ring, right behind ``place``."""
        node.prev = place
        node.next = place.next
        place.next.prev = node
        place.next = node

    def delete(self, node: Any) -> Any:
        """Take ``node`` out; return the object that it kept alive."""
        node.prev.next = node.next
        node.next.prev = node.prev
        obj = node.object
        node.next = node.prev = node.object = None
        return obj

    def move_to_head(self, node: Any) -> None:
        """Make ``node``, which is in the ring, the most recently used one."""
        home: Any = self._home
        after = node.next
        if after is not home:
            before = node.prev
            before.next = after
            after.prev = before
            last = home.prev
            last.next = home.prev = node
            node.prev = last
            node.next = home

    def mark_end(self) -> Node:
        """Set a mark behind the most recently used node and return it."""
        mark = Node()
        self.insert_after(mark, self._home.prev)
        return mark

    @property
    def first(self) -> Any:
        """The least recently used node, or the home node if there is none."""
        return self._home.next

    def __iter__(self) -> Iterator[Any]:
        """Iterate over the objects from LRU to MRU; marks are left out."""
        node: Any = self._home.next
        while node is not self._home:
            if node.object is not None:
                yield node.object
            node = node.next
