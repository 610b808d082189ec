"""Children: forked processes that perform one thing each, and may end in any way."""

from __future__ import annotations

import gc
import json
import os
import signal
import traceback
from collections.abc import Callable
from dataclasses import asdict, dataclass
from typing import Any

from fixtures.agent import restrict
from stateful.processes.listening import Hangs, Interrupted, hear, how_ended
from stateful.processes.patience import Watch
from stateful.processes.table import kill_all
from stateful.processes.work import Post

#: Takes a kind of message and its content.
Heard = Callable[[str, Any], None]
Work = Callable[[Post], Any]

_OUT_OF_MEMORY = 99


@dataclass(frozen=True)
class Limits:
    """What a process may use.

    ``seconds`` of CPU, or twice as many asleep, between two words of it; ``megabytes`` besides what
    it has when it starts.
    """

    seconds: float = 10.0
    megabytes: int = 2048

    def to_json(self) -> dict[str, Any]:
        """The limits as JSON."""
        return asdict(self)


class Orphaned(Exception):
    """Whoever wanted the work is gone."""


def run(
    work: Work,
    limits: Limits,
    heard: Heard,
    *,
    watched: int | None = None,
    make: Callable[[Callable[[str, Any], None]], Post] = Post,
) -> str | None:
    """Perform ``work`` in a forked process; how that was lost, in words, or None if it was not.

    What the work tells through its `Post` is passed to ``heard``; what it returns too, as ``end``,
    and an error that it raises, as ``error`` with the traceback. ``make`` makes the post. When
    the file descriptor ``watched`` is closed at its other end, or something arrives there, the
    process is killed, and `Orphaned` raised.
    """
    read, write = os.pipe()
    pid = os.fork()
    if pid == 0:
        os.close(read)
        _be_child(work, limits, write, make)
    os.close(write)
    forked = _Forked(pid)
    watch = Watch(pid, limits.seconds)
    inbox = _Inbox(heard)
    try:
        while not inbox.ended:
            arrived = hear(read, watch, forked.has_ended, also=watched)
            if not arrived:
                break
            inbox.put(arrived)
    except Hangs as silent:
        return silent.how
    except Interrupted:
        raise Orphaned from None
    finally:
        os.close(read)
        forked.end(is_lost=not inbox.ended)
    return None if inbox.ended else _how(forked.code, limits)


class _Forked:
    """A forked process, with all that it starts."""

    def __init__(self, pid: int) -> None:
        self.code = 0
        self._pid = pid
        self._has_ended = False
        _lead(pid)

    def has_ended(self) -> bool:
        """Whether it has ended by itself; then ``code`` is its exit code, or minus a signal."""
        if not self._has_ended:
            pid, status = os.waitpid(self._pid, os.WNOHANG)
            self._take(pid, status)
        return self._has_ended

    def end(self, is_lost: bool) -> None:
        """Kill what is left of it; if it hangs, also what it started and has left its group."""
        if is_lost and not self._has_ended:
            # What it started knows its parent only as long as that lives.
            kill_all(self._pid)
        try:
            os.killpg(self._pid, signal.SIGKILL)
        except (ProcessLookupError, PermissionError):
            # Some systems say so of a group whose processes have all ended.
            pass
        if not self._has_ended:
            self._take(*os.waitpid(self._pid, 0))

    def _take(self, pid: int, status: int) -> None:
        if pid:
            self._has_ended = True
            self.code = os.waitstatus_to_exitcode(status)


def _lead(pid: int) -> None:
    """Have a process lead a group of its own: both sides do it, since either may be first."""
    try:
        os.setpgid(pid, pid)
    except (ProcessLookupError, PermissionError):
        pass


class _Inbox:
    """Takes what arrives apart into messages, and passes them on."""

    def __init__(self, heard: Heard) -> None:
        self.ended = False
        self._heard = heard
        self._pending = b""

    def put(self, arrived: bytes) -> None:
        *lines, self._pending = (self._pending + arrived).split(b"\n")
        for line in lines:
            try:
                kind, content = json.loads(line)
            except (ValueError, TypeError):
                # A target that writes to any descriptor that it finds.
                continue
            self.ended = self.ended or kind in ("end", "error")
            self._heard(kind, content)


def _how(code: int, limits: Limits) -> str:
    if code == _OUT_OF_MEMORY:
        return f"used more than {limits.megabytes} megabytes"
    return how_ended(code)


def _be_child(
    work: Work,
    limits: Limits,
    write: int,
    make: Callable[[Callable[[str, Any], None]], Post],
) -> None:
    """Perform ``work`` and end: never returns."""
    code = 0
    try:
        _lead(os.getpid())
        _detach()
        restrict(limits.megabytes)

        def send(kind: str, content: Any) -> None:
            data = json.dumps([kind, content]).encode() + b"\n"
            while data:
                data = data[os.write(write, data) :]

        try:
            post = make(send)
            result = work(post)
            post.flush_all()
            # Memory that was corrupted shows now, and not in the next child.
            gc.collect()
            send("end", result)
        except MemoryError:
            code = _OUT_OF_MEMORY
        except BaseException:
            text = traceback.format_exc()
            send("error", text)
    except MemoryError:
        code = _OUT_OF_MEMORY
    except BaseException:
        code = 1
    finally:
        os._exit(code)


def _detach() -> None:
    nothing = os.open(os.devnull, os.O_RDWR)
    for descriptor in (0, 1, 2):
        os.dup2(nothing, descriptor)
    signal.signal(signal.SIGINT, signal.SIG_DFL)
