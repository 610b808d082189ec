"""Targets in processes of their own, so that whatever they do they end themselves only."""

from __future__ import annotations

import json
import os
import selectors
import signal
import subprocess
import sys
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import Any

import fixtures
from fixtures.targets import TargetError

_FIXTURES = Path(fixtures.__file__).parent


def environment() -> dict[str, str]:
    """The environment of a process that a target runs in; what the user has set there stays.

    Memory that was freed is overwritten, so that whoever uses it all the same ends the process
    here and now, in each run, and not sometimes and much later. Hashes are the same in each run.
    """
    return {"PYTHONMALLOC": "debug", "PYTHONHASHSEED": "0", **os.environ}


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
    None. ``timeout`` is in seconds for each call of it. ``packages`` are the directories of our
    packages that it needs besides `fixtures`.
    """

    target: str
    python: str | None = None
    timeout: float = 10.0
    packages: tuple[Path, ...] = ()


class Agent:
    """A running process that holds the implementation and calls functions on it.

    ``about`` is what it said of itself: name, version, interpreter, parts. Raises `TargetError`
    if the target does not start.
    """

    #: Seconds that the target has to be imported.
    STARTING = 60.0

    def __init__(self, launch: Launch) -> None:
        self._stderr = tempfile.TemporaryFile()  # noqa: SIM115 - lives as long as the process
        command = [
            launch.python or sys.executable,
            str(_FIXTURES / "agent.py"),
            *map(str, launch.packages),
        ]
        try:
            self._process = subprocess.Popen(
                command,
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=self._stderr,
                cwd=Path.cwd(),
                env=environment(),
                # Ctrl-C is for whoever reads the answers.
                start_new_session=True,
            )
        except OSError as error:
            self._stderr.close()
            raise TargetError(
                launch.target,
                f"the interpreter {command[0]!r} cannot be run ({error.strerror})",
                "Give --python the path of a Python interpreter",
            ) from None
        self._pending = b""
        try:
            self.about = self._exchange({"target": launch.target}, self.STARTING)
        except AgentLost as lost:
            self.close()
            raise TargetError(
                launch.target,
                f"the process that imports it {lost.how}{_quoted(lost.printed)}",
                "Import it in that interpreter by hand",
                started=True,
            ) from None
        if "problem" in self.about:
            self.close()
            raise TargetError(
                launch.target,
                self.about["problem"],
                self.about["way_out"],
                self.about["started"],
            )

    def __enter__(self) -> Agent:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self.close()

    def call(self, function: str, timeout: float, **arguments: Any) -> Any:
        """Call ``module:function`` with the implementation and ``arguments``.

        Raises `AgentLost` if the process ends or does not answer within ``timeout`` seconds, and
        `AgentError` if the function raises.
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
        self._process.kill()
        self._process.wait()
        for stream in (self._process.stdin, self._process.stdout, self._stderr):
            if stream is not None:
                try:
                    stream.close()
                except BrokenPipeError:
                    pass

    def _exchange(self, message: dict[str, Any], timeout: float) -> dict[str, Any]:
        self._write(message)
        return self._read(timeout)

    def _write(self, message: dict[str, Any]) -> None:
        assert self._process.stdin is not None
        try:
            self._process.stdin.write(json.dumps(message).encode() + b"\n")
            self._process.stdin.flush()
        except BrokenPipeError:
            raise self._lost() from None

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
        assert self._process.stdout is not None
        descriptor = self._process.stdout.fileno()
        deadline = time.monotonic() + timeout
        with selectors.DefaultSelector() as selector:
            selector.register(descriptor, selectors.EVENT_READ)
            while b"\n" not in self._pending:
                left = deadline - time.monotonic()
                if left <= 0 or not selector.select(left):
                    self._process.kill()
                    raise AgentLost(f"did not answer within {timeout:g} seconds", self._printed())
                arrived = os.read(descriptor, 1 << 16)
                if not arrived:
                    raise self._lost()
                self._pending += arrived
        line, _, self._pending = self._pending.partition(b"\n")
        return line

    def _lost(self) -> AgentLost:
        code = self._process.wait()
        if code < 0:
            try:
                name = signal.Signals(-code).name
            except ValueError:
                name = f"signal {-code}"
            return AgentLost(f"was killed by {name}", self._printed())
        return AgentLost(f"ended by itself with exit code {code}", self._printed())

    def _printed(self) -> str:
        self._stderr.seek(0)
        return self._stderr.read().decode("utf-8", "replace")[-2000:]


def _quoted(printed: str) -> str:
    last = printed.strip().splitlines()[-1:]
    return f": {last[0]}" if last else ""
