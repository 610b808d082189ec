"""Settling: what becomes of a difference that was seen, whichever engine saw it.

It is pinned by performing its trace again, made as short as it can be, and masked, so that the
search goes on behind it; each distinct divergence is told once.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Protocol

from stateful.lockstep.divergence import Divergence, Masked, Signature


class Watcher(Protocol):
    """Who is told of what is found: shrinking it may end the process."""

    def shrinking(self, found: Divergence) -> None:
        """Take in what was found and is about to be shrunk; `settled` follows."""

    def masked(self, signature: Signature) -> None:
        """Take in that this one is masked from now on, though nothing new was found."""

    def settled(self, found: Divergence | None) -> None:
        """Take in what was found, or None if what was shrunk last turned out to be known."""


class Settling:
    """What is ``known``, and what was ``found`` in addition, in the order found.

    ``shrink`` makes the smallest divergence of one, whose signature is the same or covers it;
    ``watcher`` is told. ``flaky`` counts what differed, but not when it was performed again.
    """

    def __init__(
        self,
        known: Masked,
        shrink: Callable[[Divergence], Divergence],
        watcher: Watcher | None = None,
    ) -> None:
        self.known = known
        self.found: list[Divergence] = []
        self.flaky = 0
        self._shrink = shrink
        self._watcher = watcher

    def settle(self, pinned: Divergence | None, is_shortest: bool = False) -> Divergence | None:
        """What is new of ``pinned``, which is None if it was not seen again: the shortest, or None.

        If it ``is_shortest`` already, it is not shrunk.
        """
        if pinned is None:
            self.flaky += 1
            return None
        known = self.known
        if known.holds(pinned.signature):
            # It may be covered by one that stands for many; from now on this one is masked.
            known.add(pinned.signature)
            if self._watcher is not None:
                self._watcher.masked(pinned.signature)
            return None
        smallest = pinned
        if not is_shortest:
            if self._watcher is not None:
                self._watcher.shrinking(pinned)
            smallest = self._shrink(pinned)
        # What it shrank to may be simpler than what it was, and known.
        new = None if known.holds(smallest.signature) else smallest
        known.add(pinned.signature)
        known.add(smallest.signature)
        if new is not None:
            self.found.append(new)
        if self._watcher is not None:
            self._watcher.settled(new)
        return new


__all__ = ["Settling", "Watcher"]
