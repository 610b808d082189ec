"""Does it hang? The one place that judges this, by what a process does and never by the clock.

A process that owes an answer hangs if it has used too much CPU since its last word, or if it was
asleep for too long. While it could run and others run instead, it does neither: however busy the
machine is, the judgement is the same.
"""

from __future__ import annotations

import time
from collections.abc import Callable

from stateful.processes.table import Use, use

#: How the words begin for a process that hangs.
SILENT = "did not answer"
SPINS = f"{SILENT}, and used more and more CPU"
WAITS = f"{SILENT}, and waited for something that does not happen"
STOPPED = f"{SILENT}, and was stopped by a signal"

#: How many times as long as it may use CPU a process may sleep.
_ASLEEP = 2.0
#: Hangs after which less is borne, and the part of it that is borne at least.
_FEW, _LEAST = 2, 0.1
#: Seconds between two looks, at most, and how many of them there are in what is borne at least.
_INTERVAL, _LOOKS = 0.25, 4
_HELD = frozenset("Tt")


class Patience:
    """How many seconds of CPU a silent process may use; twice as many it may sleep.

    It is for processes that do similar work: after the first hangs it falls with each one, down to
    a tenth, so that many of them cost little.
    """

    def __init__(self, seconds: float) -> None:
        self._seconds = seconds
        self._hangs = 0

    @property
    def seconds(self) -> float:
        """What is borne now."""
        return self._seconds * max(_LEAST, 0.5 ** max(0, self._hangs - _FEW + 1))

    def heed(self, how: str) -> None:
        """Take in how a process was lost, in words: be less patient if it has hung."""
        self._hangs += how.startswith(SILENT)


class Watch:
    """Watches one process, which may use ``seconds`` of CPU between two words.

    ``used`` says what a process with its descendants has used, ``clock`` what time it is.
    """

    def __init__(
        self,
        pid: int,
        seconds: float,
        used: Callable[[int], Use] = use,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self.interval = min(_INTERVAL, seconds / _LOOKS)
        self._pid = pid
        self._limit = seconds
        self._used = used
        self._clock = clock
        self.heard()

    def heard(self) -> None:
        """It has said something, or is asked for something: all begins anew."""
        self._before: tuple[float, Use] | None = None
        self._spent = 0.0
        self._asleep = 0.0

    def look(self) -> str | None:
        """How it hangs, in words; None if it does not. To be called every `interval` seconds."""
        now, seen = self._clock(), self._used(self._pid)
        before, self._before = self._before, (now, seen)
        if before is None:
            return None
        then, last = before
        # Of a longer time, in which this process itself did not run, nothing is known.
        elapsed = min(now - then, 2 * self.interval)
        spent = max(0.0, seen.cpu - last.cpu)
        self._spent += spent
        if self._spent >= self._limit:
            return SPINS
        if "R" not in seen.states and "t" not in seen.states:
            self._asleep += max(0.0, elapsed - spent - max(0.0, seen.waited - last.waited))
        if self._asleep >= _ASLEEP * self._limit:
            return STOPPED if seen.states and seen.states <= _HELD else WAITS
        return None


__all__ = ["SILENT", "SPINS", "STOPPED", "WAITS", "Patience", "Watch"]
