"""Children: forked processes that perform one thing each, and may end in any way."""

from __future__ import annotations

import gc
import json
import os
import resource
import select
import signal
import time
import traceback
from collections.abc import Callable
from dataclasses import asdict, dataclass
from typing import Any

from stateful.processes.work import Post

#: Takes a kind of message and its content.
Heard = Callable[[str, Any], None]
Work = Callable[[Post], Any]

#: How the words begin for a process that hangs.
SILENT = "did not answer"
_OUT_OF_MEMORY = 99
#: How much longer than the limit a child may be silent before it is killed from outside.
_PATIENCE = 3.0


@dataclass(frozen=True)
class Limits:
    """What a process may use: seconds for one part or one told step, megabytes in all."""

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
    make: Callable[[Callable[[str, Any], None], float], Post] | None = None,
    finish: Callable[[], None] | None = None,
) -> str | None:
    """Perform ``work`` in a forked process; how that was lost, in words, or None if it was not.

    What the work tells through its `Post` is passed to ``heard``; what it returns too, as ``end``,
    and an error that it raises, as ``error`` with the traceback. ``make`` makes the post;
    ``finish`` is called in the process when the work is done. When the
    file descriptor ``watched`` is closed at its other end, or something arrives there, the process
    is killed, and `Orphaned` raised.
    """
    read, write = os.pipe()
    pid = os.fork()
    if pid == 0:
        os.close(read)
        _be_child(work, limits, write, make or _plain_post, finish)
    os.close(write)
    inbox = _Inbox(heard)
    silent = False
    wanted = [read] if watched is None else [read, watched]
    last = time.monotonic()
    try:
        while not inbox.ended:
            left = last + limits.seconds + _PATIENCE - time.monotonic()
            ready = select.select(wanted, [], [], max(left, 0))[0]
            if read in ready:
                arrived = os.read(read, 1 << 16)
                if not arrived:
                    break
                last = time.monotonic()
                inbox.put(arrived)
            elif ready:
                raise Orphaned
            elif left <= 0:
                silent = True
                break
    finally:
        os.close(read)
        # What ended by itself keeps its status; what did not must not live on.
        os.kill(pid, signal.SIGKILL)
        status = os.waitpid(pid, 0)[1]
    return None if inbox.ended else _how(status, silent, limits)


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


def _plain_post(send: Callable[[str, Any], None], seconds: float) -> Post:
    return Post(send, seconds=seconds)


def _how(status: int, silent: bool, limits: Limits) -> str:
    too_long = f"{SILENT} within {limits.seconds:g} seconds"
    if os.WIFSIGNALED(status):
        number = os.WTERMSIG(status)
        if number == signal.SIGALRM or silent:
            return too_long
        try:
            return f"was killed by {signal.Signals(number).name}"
        except ValueError:
            return f"was killed by signal {number}"
    code = os.WEXITSTATUS(status)
    if code == _OUT_OF_MEMORY:
        return f"used more than {limits.megabytes} megabytes"
    return f"ended by itself with exit code {code}"


def _be_child(
    work: Work,
    limits: Limits,
    write: int,
    make: Callable[[Callable[[str, Any], None], float], Post],
    finish: Callable[[], None] | None,
) -> None:
    """Perform ``work`` and end: never returns."""
    code = 0
    try:
        _restrict(limits)

        def send(kind: str, content: Any) -> None:
            data = json.dumps([kind, content]).encode() + b"\n"
            while data:
                data = data[os.write(write, data) :]

        signal.setitimer(signal.ITIMER_REAL, limits.seconds)
        try:
            post = make(send, limits.seconds)
            result = work(post)
            post.flush()
            if finish is not None:
                finish()
            # Memory that was corrupted shows now, and not in the next child.
            gc.collect()
            signal.setitimer(signal.ITIMER_REAL, 0)
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


def _restrict(limits: Limits) -> None:
    nothing = os.open(os.devnull, os.O_RDWR)
    for descriptor in (0, 1, 2):
        os.dup2(nothing, descriptor)
    signal.signal(signal.SIGALRM, signal.SIG_DFL)
    signal.signal(signal.SIGINT, signal.SIG_DFL)
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    size = limits.megabytes << 20
    resource.setrlimit(resource.RLIMIT_AS, (size, size))
