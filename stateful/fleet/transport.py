"""What a fleet needs of whatever carries units to workers and brings back what they tell.

A *deal* is one unit given to one worker. What is told of it arrives in batches that are numbered
from 0, each once and in order, or not at all once the worker is gone.
"""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from stateful.processes.owner import Owner
from stateful.processes.supervisor import Message


class FleetError(Exception):
    """A fleet that cannot be used: what is wrong, and the way out.

    ``started`` tells whether it was there, and performs nothing, or could not be had at all.
    """

    def __init__(self, text: str, started: bool = False) -> None:
        super().__init__(text)
        self.started = started


@dataclass(frozen=True)
class Introduced:
    """A worker said what it has, as `stateful.fleet.versions` tells it; or ``why`` it cannot."""

    address: str
    versions: Mapping[str, str]
    why: str = ""


@dataclass(frozen=True)
class Told:
    """A batch of what the unit of a deal tells."""

    deal: str
    batch: int
    messages: Sequence[Message]


@dataclass(frozen=True)
class Returned:
    """A worker is done with a deal, of which nothing more is told; ``why`` not, if it is not."""

    deal: str
    why: str = ""


Arrived = Introduced | Told | Returned


class Transport(Owner):
    """Carries units to workers. All methods are called by one thread.

    All raise `FleetError` if nobody can be reached any more, except `close`.
    """

    @abstractmethod
    def workers(self) -> Mapping[str, int]:
        """Who is there now: address -> how many units it performs at a time."""

    @abstractmethod
    def introduce(self, address: str) -> None:
        """Ask a worker what it has; it is answered by `Introduced`."""

    @abstractmethod
    def send(self, address: str, deal: str, request: Mapping[str, Any]) -> None:
        """Have a worker perform a unit (see `stateful.fleet.worker.perform`)."""

    @abstractmethod
    def cancel(self, deals: Sequence[str]) -> None:
        """Have nothing more done for these deals, wherever they are."""

    @abstractmethod
    def receive(self, seconds: float) -> Sequence[Arrived]:
        """What has arrived; if nothing has, what arrives first within so many seconds."""
