"""Targets in processes of their own, so that whatever they do they end themselves only."""

from __future__ import annotations

import json
import os
import signal
import tempfile
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any

from fixtures.targets import TargetError
from stateful.processes.listening import Hangs, hear, how_ended, say
from stateful.processes.nursery import NURSERIES, Born, Kind, NotBorn
from stateful.processes.owner import Owner
from stateful.processes.patience import Watch
from stateful.processes.table import kill_all


def environment() -> dict[str, str]:
    """The environment of a process that a target runs in; what the user has set there stays.

    Memory that was freed is overwritten, so that whoever uses it all the same ends the process
    here and now, in each run, and not sometimes and much later. Hashes are the same in each run.
    """
    return {"PYTHONMALLOC": "debug", "PYTHONHASHSEED": "0", **os.environ}


#: Chooses between what is built in C and in Python while packages are imported.
_PURE = "PURE_PYTHON"


def settings(given: Mapping[str, str]) -> tuple[tuple[str, str], ...]:
    """What is read of an environment when an interpreter starts, and when zope.interface does."""
    return tuple(
        sorted((key, each) for key, each in given.items() if key[:6] == "PYTHON" or key == _PURE)
    )


class AgentLost(Exception):
    """The process of the target ended or fell silent: ``how`` says it in words."""

    def __init__(self, how: str, printed: str) -> None:
        super().__init__(how)
        self.how = how
        self.printed = printed


class AgentError(Exception):
    """The function called in the agent raised; the text is the traceback."""


@dataclass(frozen=True)
class Launch:
    """How to start the process of a target.

    ``target`` is what the user wrote. ``python`` is the interpreter to run it in, this one if
    None. ``timeout`` is how many seconds of CPU it may use for each call; it may sleep for twice as
    long. ``packages`` are the directories of our packages that it needs besides `fixtures`,
    ``prepare`` a function in them, ``module:function``, that is called once before there is any
    target. ``megabytes`` is the memory that it may use.
    """

    target: str
    python: str | None = None
    timeout: float = 10.0
    packages: tuple[Path, ...] = ()
    prepare: str | None = None
    megabytes: int = 2048

    @classmethod
    def named(cls, given: str, python: str | None, timeout: float) -> Launch:
        """How to start what ``TARGET`` or ``TARGET@INTERPRETER`` names.

        ``python`` is the interpreter where ``given`` names none.
        """
        target, _, own = given.partition("@")
        return cls(target, own or python, timeout)


class Agent(Owner):
    """A running process that holds the implementation and calls functions on it.

    ``about`` is what it said of itself: name, version, interpreter, parts. Raises `TargetError`
    if the target does not start. It is forked from ``mother``, which was told to `nurse` and has
    loaded the target already, if there is one; raises `AgentLost` if that is not there any more.
    """

    #: Seconds of CPU that the target has to be imported.
    STARTING = 30.0

    def __init__(self, launch: Launch, mother: Agent | None = None) -> None:
        self._pending = b""
        if mother is not None:
            self.about: dict[str, Any] = mother.about
            self._stderr, self._process = mother.bear()
            return
        given = environment()
        kind = Kind(launch.python, launch.packages, launch.prepare, settings(given))
        self._stderr = tempfile.TemporaryFile()  # noqa: SIM115 - lives as long as the process
        try:
            self._process = NURSERIES.bear(kind, self._stderr)
        except OSError as error:
            self._stderr.close()
            raise TargetError(
                launch.target,
                f"the interpreter {kind.interpreter!r} cannot be run ({error.strerror})",
                "Give --python the path of a Python interpreter",
            ) from None
        except NotBorn as lost:
            self._stderr.close()
            raise not_importable(launch.target, lost) from None
        try:
            self.about = self._begun(launch, given)
        except BaseException:
            # Whoever is refused or interrupted here has nothing yet to close.
            self.close()
            raise

    def _begun(self, launch: Launch, given: dict[str, str]) -> dict[str, Any]:
        """Have the target loaded; what it says of itself. Raises `TargetError`."""
        try:
            hello = {
                "target": launch.target,
                "folder": str(Path.cwd()),
                "environment": given,
                "megabytes": launch.megabytes,
            }
            self._write(hello)
            about = self._read(self.STARTING)
        except AgentLost as lost:
            raise not_importable(launch.target, lost) from None
        except AgentError as error:
            raise TargetError(
                launch.target,
                f"it cannot be judged in that interpreter{_quoted(str(error))}",
                "Run it in another interpreter",
                started=True,
            ) from None
        if "problem" in about:
            raise TargetError(launch.target, about["problem"], about["way_out"], about["started"])
        return about

    def nurse(self) -> bool:
        """Have it do nothing from now on but fork agents like itself; False if it cannot.

        Raises `AgentLost`.
        """
        self._write({"nurse": True})
        is_nurse: bool = self.receive(self.STARTING)
        return is_nurse

    def bear(self) -> tuple[IO[bytes], Born]:
        """Fork an agent; the file to which it prints, and the process. Raises `AgentLost`."""
        printed = tempfile.TemporaryFile()  # noqa: SIM115 - lives as long as the process
        try:
            return printed, Born(self._process, printed)
        except BaseException as error:
            printed.close()
            if isinstance(error, (OSError, EOFError)):
                raise self._lost() from None
            if isinstance(error, Hangs):
                raise self._killed(error) from None
            raise

    def call(self, function: str, timeout: float, **arguments: Any) -> Any:
        """Call ``module:function`` with the implementation and ``arguments``.

        Raises `AgentLost` if the process ends or hangs, using more than ``timeout`` seconds of CPU
        for it, and `AgentError` if the function raises.
        """
        self.send(function, **arguments)
        return self.receive(timeout)

    def send(self, function: str, **arguments: Any) -> None:
        """Have ``module:function`` called; `receive` has to follow before the next one is sent.

        Raises `AgentLost`.
        """
        self._write({"call": function, "arguments": arguments})

    def receive(self, timeout: float) -> Any:
        """What the function that was sent returned; raises as `call` does."""
        answer = self._read(timeout)
        if "error" in answer:
            raise AgentError(answer["error"])
        return answer["result"]

    def close(self) -> None:
        """End the process."""
        if self._stderr.closed:
            return
        try:
            os.killpg(self._process.pid, signal.SIGKILL)
        except (ProcessLookupError, PermissionError):
            # Some systems say so of a group whose processes have all ended.
            pass
        self._process.wait()
        self._process.close()
        self._stderr.close()

    def _write(self, message: dict[str, Any]) -> None:
        watch = Watch(self._process.pid, self.STARTING)
        try:
            say(
                json.dumps(message).encode() + b"\n", self._process.requests, watch, self._has_ended
            )
        except BrokenPipeError:
            # It ends, or has closed its end of the pipe, and then it may do anything.
            while self._heard(watch):
                pass
            raise self._lost() from None
        except Hangs as silent:
            raise self._killed(silent) from None

    def _read(self, timeout: float) -> dict[str, Any]:
        line = self._line(timeout)
        try:
            answer = json.loads(line)
        except ValueError:
            raise AgentLost(f"answered with no JSON: {line[:200]!r}", self._printed()) from None
        if not isinstance(answer, dict):
            raise AgentLost(f"answered with no object: {line[:200]!r}", self._printed())
        return answer

    def _line(self, timeout: float) -> bytes:
        watch = Watch(self._process.pid, timeout)
        while b"\n" not in self._pending:
            arrived = self._heard(watch)
            if not arrived:
                raise self._lost()
            self._pending += arrived
        line, _, self._pending = self._pending.partition(b"\n")
        return line

    def _heard(self, watch: Watch) -> bytes:
        try:
            return hear(self._process.replies, watch, self._has_ended)
        except Hangs as silent:
            raise self._killed(silent) from None

    def _killed(self, silent: Hangs) -> AgentLost:
        kill_all(self._process.pid)
        return AgentLost(silent.how, self._printed())

    def _has_ended(self) -> bool:
        return self._process.poll() is not None

    def _lost(self) -> AgentLost:
        return AgentLost(how_ended(self._process.wait()), self._printed())

    def _printed(self) -> str:
        self._stderr.seek(0)
        return self._stderr.read().decode("utf-8", "replace")[-2000:]


def not_importable(target: str, lost: AgentLost | NotBorn) -> TargetError:
    """The error for a target whose process was lost before there was anything to ask it."""
    return TargetError(
        target,
        f"the process that imports it {lost.how}{_quoted(lost.printed)}",
        "Import it in that interpreter by hand",
        started=True,
    )


def _quoted(printed: str) -> str:
    last = printed.strip().splitlines()[-1:]
    return f": {last[0]}" if last else ""
