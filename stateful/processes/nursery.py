"""Nurseries: processes that have imported what every agent needs, and fork agents.

Importing takes several times as long as a fork. There is one for each interpreter that is asked
for, as long as this process lives.
"""

from __future__ import annotations

import array
import atexit
import os
import socket
import subprocess
import sys
import tempfile
import threading
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Protocol

import fixtures
from stateful.processes.listening import Hangs, hear, how_ended
from stateful.processes.patience import Watch
from stateful.processes.table import kill_all

_FIXTURES = Path(fixtures.__file__).parent
#: Seconds of CPU that a nursery has to import what agents need.
_STARTING = 30.0
#: Nurseries that live at a time: each holds some megabytes.
_MANY = 6


class NotBorn(Exception):
    """No agent came: ``how`` says what became of its nursery, ``printed`` what that printed."""

    def __init__(self, how: str, printed: str) -> None:
        super().__init__(how)
        self.how = how
        self.printed = printed


@dataclass(frozen=True)
class Kind:
    """What agents have in common: the interpreter, our packages, and what prepares them.

    ``settings`` are the variables of the environment that are read when an interpreter starts.
    """

    python: str | None
    packages: tuple[Path, ...]
    prepare: str | None
    settings: tuple[tuple[str, str], ...]

    @property
    def interpreter(self) -> str:
        """The path of the interpreter."""
        return self.python or sys.executable


class Mother(Protocol):
    """A process that forks agents."""

    @property
    def pid(self) -> int:
        """Its id."""

    def ask(self, descriptors: tuple[int, ...]) -> None:
        """Ask for an agent with these descriptors. Raises OSError if there is no process."""

    def has_ended(self) -> bool:
        """Whether the process has ended."""


class Born:
    """An agent that was forked: where to write and to read, and what becomes of it.

    Errors that it prints go to ``printed``. It ends, at the latest, when this process does. It can
    be told to be a `Mother`. Raises OSError, EOFError or `Hangs` if its own is not there any more.
    """

    def __init__(self, mother: Mother, printed: IO[bytes]) -> None:
        requests, self.requests = os.pipe()
        self.replies, replies = os.pipe()
        wanted, self._wanted = os.pipe()
        self._fate, fate = os.pipe()
        self._socket, its = socket.socketpair()
        self._told = b""
        self._code: int | None = None
        self._is_open = True
        given = (requests, replies, wanted, fate)
        try:
            try:
                mother.ask((requests, replies, printed.fileno(), wanted, fate, its.fileno()))
            finally:
                its.close()
                for each in given:
                    os.close(each)
            self.pid = self._named(mother)
        except BaseException:
            self.close()
            raise
        os.set_blocking(self.requests, False)

    def _named(self, mother: Mother) -> int:
        watch = Watch(mother.pid, _STARTING)
        while b"\n" not in self._told:
            arrived = hear(self._fate, watch, mother.has_ended)
            if not arrived:
                raise EOFError
            self._told += arrived
        line, _, self._told = self._told.partition(b"\n")
        return int(line)

    def ask(self, descriptors: tuple[int, ...]) -> None:
        """Ask for an agent as `Mother` does; it has been told to nurse."""
        _ask(self._socket, descriptors)

    def has_ended(self) -> bool:
        """Whether the process has ended."""
        return self.poll() is not None

    def poll(self) -> int | None:
        """The exit code, or minus the signal that ended it; None while it lives."""
        return self._ending(waits=False)

    def wait(self) -> int:
        """Wait until it has ended; the exit code, as `poll` tells it."""
        code = self._ending(waits=True)
        assert code is not None
        return code

    def _ending(self, waits: bool) -> int | None:
        if self._code is not None:
            return self._code
        os.set_blocking(self._fate, waits)
        try:
            while b"\n" not in self._told:
                arrived = os.read(self._fate, 64)
                if not arrived:
                    # Whoever would tell was killed itself.
                    self._told = b"-9\n"
                self._told += arrived
        except BlockingIOError:
            return None
        self._code = int(self._told)
        return self._code

    def close(self) -> None:
        """Close what leads to it, which ends it."""
        if self._is_open:
            self._is_open = False
            self._socket.close()
            for each in (self.requests, self.replies, self._wanted, self._fate):
                os.close(each)


class Nursery:
    """A process that forks agents of one kind. Raises OSError if the interpreter cannot be run."""

    def __init__(self, kind: Kind) -> None:
        ours, its = socket.socketpair()
        self._socket = ours
        self._printed = tempfile.TemporaryFile()  # noqa: SIM115 - lives as long as the process
        try:
            self._process = subprocess.Popen(
                [
                    kind.interpreter,
                    str(_FIXTURES / "agent.py"),
                    kind.prepare or "",
                    *map(str, kind.packages),
                ],
                stdin=its.fileno(),
                stdout=self._printed,
                stderr=self._printed,
                env={**os.environ, **dict(kind.settings)},
                # Ctrl-C is for whoever reads the answers.
                start_new_session=True,
            )
        except OSError:
            ours.close()
            self._printed.close()
            raise
        finally:
            its.close()
        self.pid = self._process.pid

    def ask(self, descriptors: tuple[int, ...]) -> None:
        """Ask for an agent with these descriptors. Raises OSError if there is no process."""
        _ask(self._socket, descriptors)

    def has_ended(self) -> bool:
        """Whether the process has ended."""
        return self._process.poll() is not None

    def ending(self) -> NotBorn:
        """How it ended, which it does now or has done."""
        self._socket.close()
        code = self._process.wait()
        with self._printed:
            self._printed.seek(0)
            printed = self._printed.read().decode("utf-8", "replace")[-2000:]
        return NotBorn(how_ended(code), printed)


def _ask(asked: socket.socket, descriptors: tuple[int, ...]) -> None:
    data = array.array("i", descriptors)
    asked.sendmsg([b"a"], [(socket.SOL_SOCKET, socket.SCM_RIGHTS, data)])


class Nurseries:
    """The nurseries of this process, by the kind of agents."""

    def __init__(self, make: Callable[[Kind], Nursery] = Nursery) -> None:
        self._make = make
        self._by_kind: dict[Kind, Nursery] = {}
        self._lock = threading.Lock()
        self._owner = os.getpid()
        atexit.register(self.close)

    def bear(self, kind: Kind, printed: IO[bytes]) -> Born:
        """Have an agent forked, whose errors go to ``printed``.

        Raises OSError if the interpreter cannot be run, and `NotBorn`.
        """
        nursery, is_new = self._of(kind)
        try:
            return Born(nursery, printed)
        except (OSError, EOFError):
            ending = self._ended(kind, nursery)
            if is_new:
                raise ending from None
        except Hangs as silent:
            kill_all(nursery.pid)
            raise NotBorn(silent.how, self._ended(kind, nursery).printed) from None
        # Somebody has killed it since it was used last.
        return self.bear(kind, printed)

    def _of(self, kind: Kind) -> tuple[Nursery, bool]:
        with self._lock:
            if self._owner != os.getpid():
                # Those of the process that forked this one are not ours.
                self._by_kind, self._owner = {}, os.getpid()
            nursery = self._by_kind.pop(kind, None)
            is_new = nursery is None
            if nursery is None:
                while len(self._by_kind) >= _MANY:
                    self._by_kind.pop(next(iter(self._by_kind))).ending()
                nursery = self._make(kind)
            # The one that was used last is the last one to go.
            self._by_kind[kind] = nursery
            return nursery, is_new

    def _ended(self, kind: Kind, nursery: Nursery) -> NotBorn:
        with self._lock:
            if self._by_kind.get(kind) is nursery:
                del self._by_kind[kind]
        return nursery.ending()

    def close(self) -> None:
        """End all that are ours."""
        if self._owner == os.getpid():
            while self._by_kind:
                self._by_kind.popitem()[1].ending()


NURSERIES = Nurseries()

__all__ = ["NURSERIES", "Born", "Kind", "Mother", "NotBorn", "Nurseries"]
