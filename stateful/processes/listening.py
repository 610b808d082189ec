"""Talking to a process: what it says, that it has ended, or that it hangs."""

from __future__ import annotations

import os
import select
import signal
from collections.abc import Callable

from stateful.processes.patience import Watch

#: Seconds to the first look at a process that has closed its pipe: most often it ends just now.
_FIRST = 0.001


class Hangs(Exception):
    """The process hangs: ``how`` says it in words."""

    def __init__(self, how: str) -> None:
        super().__init__(how)
        self.how = how


class Interrupted(Exception):
    """Something has arrived that was more important than what the process says."""


def hear(
    descriptor: int,
    watch: Watch,
    ended: Callable[[], bool],
    *,
    also: int | None = None,
) -> bytes:
    """What arrives next at ``descriptor``; nothing if the process has ended.

    Whether it has, ``ended`` says: others may hold its end of the pipe open, and it may go on when
    it has closed it. Raises `Hangs` as ``watch`` has it, and `Interrupted` when something arrives
    at the descriptor ``also``, or that is closed at its other end.
    """
    arriving = select.poll()
    for each in (descriptor, also):
        if each is not None:
            arriving.register(each, select.POLLIN)
    pause = watch.interval
    is_open = True
    while True:
        ready = {each for each, _ in arriving.poll(1000 * pause)}
        if descriptor in ready:
            arrived = os.read(descriptor, 1 << 16)
            if arrived:
                watch.heard()
                return arrived
            arriving.unregister(descriptor)
            is_open = False
            pause = _FIRST
        elif ready:
            raise Interrupted
        elif ended():
            return _left(descriptor) if is_open else b""
        elif pause < watch.interval:
            pause *= 2
        else:
            how = watch.look()
            if how is not None:
                raise Hangs(how)


def say(data: bytes, descriptor: int, watch: Watch, ended: Callable[[], bool]) -> None:
    """Write ``data`` to ``descriptor``, which must not block, where the process reads it.

    Raises BrokenPipeError if it does not read any more, and `Hangs` if it hangs before it has read
    enough.
    """
    leaving = select.poll()
    leaving.register(descriptor, select.POLLOUT)
    while data:
        if leaving.poll(1000 * watch.interval):
            data = data[os.write(descriptor, data) :]
        elif ended():
            raise BrokenPipeError
        else:
            how = watch.look()
            if how is not None:
                raise Hangs(how)


def _left(descriptor: int) -> bytes:
    """What the process has said before it ended and nobody has read."""
    arriving = select.poll()
    arriving.register(descriptor, select.POLLIN)
    return os.read(descriptor, 1 << 16) if arriving.poll(0) else b""


def how_ended(code: int) -> str:
    """How a process ended that has this exit code, or minus the number of a signal, in words."""
    if code >= 0:
        return f"ended by itself with exit code {code}"
    try:
        return f"was killed by {signal.Signals(-code).name}"
    except ValueError:
        return f"was killed by signal {-code}"


__all__ = ["Hangs", "Interrupted", "hear", "how_ended", "say"]
