"""What an engine is to those who run it: units of work, for a check and for a campaign."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from fixtures.implementation import Implementation
from stateful.processes.isolation import Launch
from stateful.processes.work import Unit
from stateful.replay.beside import Beside
from stateful.replay.replaying import Replayer

#: Units that follow one another and are as long, before they become longer; and how often they do.
_ALIKE, _LONGER = 4, 32


@dataclass(frozen=True)
class Sides:
    """Who takes part: ``target`` is judged, ``reference`` says what is right.

    ``accepted`` says what is known: what the target does as it does is no news. None if nothing is
    known that way.
    """

    target: Launch
    accepted: Launch | None = None
    reference: str = "ref"

    @property
    def are_here(self) -> bool:
        """Whether target and reference can live in one process, where comparing costs least."""
        return self.accepted is None and self.target.python is None

    def replayer(self, reference: Implementation | None = None) -> Replayer | Beside:
        """Who replays traces on the target. Raises `TargetError` if it does not start."""
        if self.accepted is None:
            return Replayer(self.target, reference)
        return Beside(self.target, self.accepted, reference)

    def to_json(self) -> dict[str, Any]:
        """Names and interpreters, as `from_json` takes them."""
        return {
            "target": [self.target.target, self.target.python],
            "accepted": self.accepted and [self.accepted.target, self.accepted.python],
            "reference": self.reference,
        }

    @classmethod
    def from_json(cls, data: Mapping[str, Any], timeout: float) -> Sides:
        """The sides that `to_json` wrote; ``timeout`` is that of each `Launch`."""

        def launch(name: str, python: str | None) -> Launch:
            return Launch(name, python, timeout)

        accepted = data["accepted"]
        return cls(launch(*data["target"]), accepted and launch(*accepted), data["reference"])


@dataclass(frozen=True)
class Engine:
    """A way to search, called ``name``.

    ``check`` makes its units at the budget of a check, which is fixed: the same run finds the same.
    ``campaign`` makes units as long as anybody asks, from a seed; the first ones are short, since
    what they find is frequent and hides the rest. Who performs them decides nothing. Units of an
    engine that ``draws_examples`` take ``database``, the address where these are shared.
    """

    name: str
    check: Callable[[Sides], Iterator[Unit]]
    campaign: Callable[[Sides, int], Iterator[Unit]]
    draws_examples: bool = False


def length(number: int, first: int, most: int) -> int:
    """How long the unit with this number of a campaign is: as the ``first``, then more and more."""
    return min(first << min(number // _ALIKE, _LONGER), most)


__all__ = ["Engine", "Sides", "length"]
