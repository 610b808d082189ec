"""Pools: whoever performs units of work, here or on many machines; engines know no more of them."""

from __future__ import annotations

import time
from abc import abstractmethod
from collections.abc import Iterable, Iterator

from stateful.lockstep.divergence import Masked, Signature
from stateful.processes.events import DivergenceFound, UnitEvent
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
        cover: bool = False,
    ) -> Iterator[UnitEvent]:
        """Perform ``units``, and yield events as they happen.

        Units are asked for when one can be performed, and numbered as they come. ``known`` is
        masked. If ``share``, so is what earlier units found, and what is found while it is known
        already is passed over in silence; otherwise each unit finds what it finds alone, whatever
        the others do. If ``cover``, each tells what it performed of the target's source, if that is
        written in Python (`SourcePerformed`).
        At ``deadline`` (of `time.monotonic`), all work stops; what was found and not yet shrunk is
        yielded as it is.
        """


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


__all__ = ["Pool", "is_over", "news"]
