"""What is known of a target: exactly what was seen before, and nothing that resembles it.

There are two sources, behind one protocol: a baseline file (`conformance.judging.baseline`), and an
accepted implementation that does the same.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol

from stateful.lockstep.divergence import Divergence

NEW, CHANGED, KNOWN, MENDED = "new", "changed", "known", "mended"


@dataclass(frozen=True)
class Standing:
    """How something that was seen stands to what is known.

    ``state`` is `KNOWN` if exactly this is known; `CHANGED` if something else is known in its
    place, which ``was`` tells; `MENDED` if that is known to be wrong, and this is right; else
    `NEW`. ``reason``, ``clause`` and ``issue`` are what the source says of what is known.
    """

    state: str = NEW
    was: str = ""
    reason: str = ""
    clause: str | None = None
    issue: str | None = None

    @property
    def is_known(self) -> bool:
        """Whether it is no news."""
        return self.state == KNOWN

    @property
    def is_news(self) -> bool:
        """Whether it makes a run fail."""
        return self.state in (NEW, CHANGED)


class Known(Protocol):
    """A source of what is known; it has been asked everything that it needs before it is one.

    ``digest`` is of `conformance.judging.digests`. ``name`` says what the source is, as messages
    do: "the baseline", "persistent-c 6.8".
    """

    @property
    def name(self) -> str:
        """What the source is called in messages."""

    def check(self, check: str, digest: str) -> Standing:
        """How a failing check stands, by its id (``CLAUSE:name``) and what it saw."""

    def divergence(self, found: Divergence, digest: str) -> Standing:
        """How a divergence stands, by its signature or its trace, and what was seen."""


class Nothing:
    """Nothing is known."""

    name = "nothing"

    def check(self, check: str, digest: str) -> Standing:
        """New."""
        return Standing()

    def divergence(self, found: Divergence, digest: str) -> Standing:
        """New."""
        return Standing()


__all__ = ["CHANGED", "KNOWN", "MENDED", "NEW", "Known", "Nothing", "Standing"]
