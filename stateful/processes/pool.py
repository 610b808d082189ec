"""Pools: whoever performs units of work, on this machine or on many; engines know no more of them.

What a unit tells is turned into events here, the same way for all pools.
"""

from __future__ import annotations

import time
from abc import abstractmethod
from collections.abc import Iterable, Iterator
from typing import Any

from stateful.lockstep.divergence import Divergence, Masked, Signature
from stateful.processes.events import (
    DivergenceFound,
    ProcessLost,
    Progress,
    UnitEvent,
    UnitFailed,
    UnitFinished,
    UnitTold,
)
from stateful.processes.owner import Owner
from stateful.processes.work import Unit


class Pool(Owner):
    """Performs units of work, several at a time."""

    @abstractmethod
    def run(
        self,
        units: Iterable[Unit],
        known: Iterable[Signature] = (),
        *,
        deadline: float | None = None,
        share: bool = True,
    ) -> Iterator[UnitEvent]:
        """Perform ``units``, and yield events as they happen.

        Units are asked for when one can be performed, and numbered as they come. ``known`` is
        masked. If ``share``, so is what earlier units found, and what is found while it is known
        already is passed over in silence; otherwise each unit finds what it finds alone, whatever
        the others do.
        At ``deadline`` (of `time.monotonic`), all work stops; what was found and not yet shrunk is
        yielded as it is.
        """


class Hearing:
    """Hears what a ``unit`` tells, as messages of a kind and a content, and says it as events.

    ``is_over`` says whether it has come to its end.
    """

    def __init__(self, unit: Unit, number: int) -> None:
        self.unit = unit
        self.number = number
        self.is_over = False
        self._began = time.monotonic()
        self._shrinking: Divergence | None = None

    def hear(self, kind: str, content: Any) -> Iterator[UnitEvent]:
        """What a message says that is for others to know."""
        engine, number = self.unit.engine, self.number
        if kind == "found":
            self._shrinking = None
            yield DivergenceFound(engine, number, Divergence.from_json(content))
        elif kind == "shrinking":
            self._shrinking = Divergence.from_json(content)
        elif kind == "dropped":
            self._shrinking = None
        elif kind == "progress":
            covered = tuple((operation, before) for operation, before in content["covered"])
            yield Progress(engine, number, content["done"], covered)
        elif kind == "told":
            yield UnitTold(engine, number, content)
        elif kind in ("lost", "unexplained"):
            yield ProcessLost(engine, number, content["how"], kind == "unexplained")
        elif kind == "end":
            self.is_over = True
            yield UnitFinished(engine, number, content, self._seconds)
        elif kind in ("error", "gave up"):
            yield self.failed(content)

    def failed(self, why: str) -> UnitFailed:
        """It ends here, since it cannot be performed."""
        self.is_over = True
        return UnitFailed(self.unit.engine, self.number, why, self._seconds)

    def again(self) -> None:
        """It is performed by somebody else from now on: what was being shrunk is seen again."""
        self._shrinking = None

    def cut(self) -> Iterator[DivergenceFound]:
        """It ends here, since there is no more time: what was found and is being shrunk."""
        self.is_over = True
        if self._shrinking is not None:
            yield DivergenceFound(self.unit.engine, self.number, self._shrinking)

    @property
    def _seconds(self) -> float:
        return time.monotonic() - self._began


def news(events: Iterable[UnitEvent], masked: Masked) -> Iterator[UnitEvent]:
    """Those of ``events`` that find nothing that is ``masked``; what they find is from then on."""
    for event in events:
        if isinstance(event, DivergenceFound):
            if masked.holds(event.divergence.signature):
                continue
            masked.add(event.divergence.signature)
        yield event


def is_over(deadline: float | None) -> bool:
    """Whether it is time to stop."""
    return deadline is not None and time.monotonic() >= deadline


__all__ = ["Hearing", "Pool", "is_over", "news"]
