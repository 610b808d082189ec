"""What a unit tells, turned into events, the same way for all pools."""

from __future__ import annotations

import time
from collections.abc import Iterator
from typing import Any

from stateful.lockstep.divergence import Divergence
from stateful.processes.events import (
    DivergenceFound,
    ProcessLost,
    Progress,
    SourcePerformed,
    UnitEvent,
    UnitFailed,
    UnitFinished,
    UnitTold,
)
from stateful.processes.work import Unit


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
        # Of a process that is lost nothing counts: how much of it was told is chance.
        self._performed: dict[str, set[tuple[int, int]]] = {}

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
        elif kind == "source":
            for name, steps in content.items():
                self._performed.setdefault(name, set()).update((one, other) for one, other in steps)
        elif kind in ("lost", "unexplained"):
            self._performed.clear()
            yield ProcessLost(engine, number, content["how"], kind == "unexplained")
        elif kind == "end":
            self.is_over = True
            if self._performed:
                yield SourcePerformed(engine, number, self._performed)
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


__all__ = ["Hearing"]
