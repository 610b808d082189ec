"""A unit that others can go on with: what it told counts once, however often it is dealt."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterator, Sequence
from typing import Any

from stateful.processes.events import UnitEvent
from stateful.processes.pools.hearing import Hearing
from stateful.processes.supervisor import Message
from stateful.processes.work import Checkpoint, Unit

#: How many workers may be lost in the same part of a unit before it is given up.
LOSSES = 10
#: Messages that tell of something that happens again when a part is performed again.
_REPEATED = ("found", "lost", "unexplained", "told")


class Deal:
    """A ``unit`` with its number, and the signatures that were ``known`` when it began.

    A part that was not done when its worker was lost is performed again, and does the same: what
    it told already is passed over then.
    """

    def __init__(self, unit: Unit, number: int, known: Sequence[str]) -> None:
        self.unit = unit
        self.number = number
        self.known = known
        self.address = ""
        self._hearing = Hearing(unit, number)
        self._checkpoint = Checkpoint()
        self._kept: list[Any] = []
        self._dealt = self._batches = self._losses = 0
        # What was told since the checkpoint, and what of it is told again.
        self._done: Counter[str] = Counter()
        self._told: list[str] = []
        self._done_before: Counter[str] = Counter()
        self._told_before: list[str] = []

    @property
    def name(self) -> str:
        """What it is called as it is dealt now; another name each time."""
        return f"{self.number}-{self._dealt}"

    @property
    def is_first(self) -> bool:
        """Whether nobody has had it before."""
        return self._dealt == 0

    @property
    def checkpoint(self) -> Checkpoint:
        """Where whoever gets it goes on."""
        return self._checkpoint

    @property
    def is_over(self) -> bool:
        """Whether it has come to its end."""
        return self._hearing.is_over

    def hear(self, batch: int, messages: Sequence[Message]) -> Iterator[UnitEvent] | None:
        """What a batch says that is new; None if it is not the one that follows.

        Then it was performed twice at the same time, or something was lost on its way.
        """
        if batch != self._batches:
            return None
        self._batches += 1
        return self._news(messages)

    def _news(self, messages: Sequence[Message]) -> Iterator[UnitEvent]:
        for kind, content in messages:
            if kind == "checkpoint":
                self._reached(content["after"], content["known"])
            elif kind == "keep":
                self._kept.append(content)
            elif kind == "progress":
                new = {"done": self._more(content["done"]), "covered": content["covered"]}
                yield from self._hearing.hear(kind, new)
            else:
                known = kind in _REPEATED and self._is_told_again(kind, content)
                heard = tuple(self._hearing.hear(kind, content))
                yield from () if known else heard

    def _reached(self, after: Any, known: Sequence[str]) -> None:
        if after == self._checkpoint.after:
            # The part that was not done begins again.
            self._kept.clear()
            return
        kept = (*self._checkpoint.kept, *self._kept)
        self._checkpoint = Checkpoint(after, tuple(known), kept)
        self._kept.clear()
        self._losses = 0
        for each in (self._done, self._told, self._done_before, self._told_before):
            each.clear()

    def _more(self, done: dict[str, int]) -> dict[str, int]:
        """What was done more than was told before."""
        again = {name: min(count, self._done_before[name]) for name, count in done.items()}
        self._done_before.subtract(again)
        more = {name: count - again[name] for name, count in done.items()}
        self._done.update(more)
        return more

    def _is_told_again(self, kind: str, content: Any) -> bool:
        text = json.dumps([kind, content], sort_keys=True)
        if text in self._told_before:
            self._told_before.remove(text)
            return True
        self._told.append(text)
        return False

    def lost(self, why: str) -> Iterator[UnitEvent]:
        """Its worker is gone: it can be dealt again, unless it ends here after too many losses."""
        self._losses += 1
        if self._losses >= LOSSES:
            yield self._hearing.failed(f"{self._losses} workers were lost with it: {why}")
            return
        self._dealt += 1
        self._batches = 0
        self._kept.clear()
        self._done_before = Counter(self._done)
        self._told_before = list(self._told)
        self._hearing.again()

    def failed(self, why: str) -> UnitEvent:
        """Nobody can perform it any more."""
        return self._hearing.failed(why)

    def cut(self) -> Iterator[UnitEvent]:
        """There is no more time for it: what was found and is being shrunk."""
        yield from self._hearing.cut()
