"""The supervisor: performs units of work in processes, and passes on what they tell at once.

Each worker is a `forkserver`, forked by a nursery that has loaded no target, that forks a child for
every unit.
The supervisor itself never loads the target, and nothing that a target does can reach it.
"""

from __future__ import annotations

import json
import os
import selectors
import sys
import time
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any

import persistent_ref
import stateful
from stateful.lockstep.divergence import Masked, Signature
from stateful.processes.child import Limits
from stateful.processes.events import UnitBegun, UnitEvent
from stateful.processes.isolation import Agent, environment, not_importable, settings
from stateful.processes.listening import how_ended
from stateful.processes.nursery import NURSERIES, Born, Kind, NotBorn
from stateful.processes.owner import Owner
from stateful.processes.patience import Watch
from stateful.processes.pools.hearing import Hearing
from stateful.processes.pools.pool import Pool, is_over, news
from stateful.processes.table import kill_all
from stateful.processes.work import Checkpoint, Unit

_SERVER = "stateful.processes.forkserver"
_PACKAGES = tuple(Path(each.__path__[0]) for each in (stateful, persistent_ref))
#: What a unit tells: a kind, and a content in JSON.
Message = tuple[str, Any]

#: Seconds between two looks at a process that has nothing to tell.
_INTERVAL = 1.0


class Supervisor(Pool):
    """Workers that perform units.

    ``workers`` is how many units are performed at a time, ``limits`` what each process may use.
    """

    def __init__(self, workers: int = 1, limits: Limits | None = None) -> None:
        if workers < 1:
            raise ValueError(f"workers: {workers!r} is not at least 1")
        self._limits = limits or Limits()
        self._workers = [_Worker() for _ in range(workers)]

    def run(
        self,
        units: Iterable[Unit],
        known: Iterable[Signature] = (),
        *,
        deadline: float | None = None,
        share: bool = True,
        cover: bool = False,
    ) -> Iterator[UnitEvent]:
        """See `Pool.run`."""
        masked = Masked(known)
        waiting = iter(units)
        number = 0
        exhausted = False
        while True:
            for worker in self._workers:
                if worker.hearing is None and not exhausted and not is_over(deadline):
                    unit = next(waiting, None)
                    if unit is None:
                        exhausted = True
                    else:
                        worker.begin(unit, number, masked, self._limits, cover)
                        yield UnitBegun(unit.engine, number)
                        number += 1
            busy = [worker for worker in self._workers if worker.hearing is not None]
            if not busy:
                return
            if is_over(deadline):
                for worker in busy:
                    yield from news(worker.stop(), masked) if share else worker.stop()
                return
            ready = _ready(busy, deadline)
            for worker in busy:
                told = worker.events() if worker in ready else worker.silent()
                yield from news(told, masked) if share else told

    def close(self) -> None:
        """End all processes."""
        for worker in self._workers:
            worker.close()


def _ready(busy: list[_Worker], deadline: float | None) -> list[_Worker]:
    with selectors.DefaultSelector() as selector:
        for worker in busy:
            selector.register(worker.server.descriptor, selectors.EVENT_READ, worker)
        left = min(worker.server.interval for worker in busy)
        if deadline is not None:
            left = min(left, max(deadline - time.monotonic(), 0))
        return [key.data for key, _ in selector.select(left)]


class _Worker:
    """Performs one unit after the other."""

    def __init__(self) -> None:
        self.hearing: Hearing | None = None
        self.server = Server()

    def begin(self, unit: Unit, number: int, known: Masked, limits: Limits, cover: bool) -> None:
        """Send a unit."""
        self.hearing = Hearing(unit, number)
        self.server.begin(unit, [str(signature) for signature in known], limits, cover)

    def events(self) -> Iterator[UnitEvent]:
        """What has arrived."""
        yield from self._heard(self.server.messages())

    def silent(self) -> Iterator[UnitEvent]:
        """Look after the process, which has nothing to tell."""
        yield from self._heard(self.server.silent())

    def _heard(self, messages: Iterable[Message]) -> Iterator[UnitEvent]:
        for kind, content in messages:
            assert self.hearing is not None
            hearing = self.hearing
            told = tuple(hearing.hear(kind, content))
            if hearing.is_over:
                self.hearing = None
            yield from told

    def stop(self) -> Iterator[UnitEvent]:
        """End the work at once; yield what was found and is being shrunk."""
        hearing, self.hearing = self.hearing, None
        self.close()
        if hearing is not None:
            yield from hearing.cut()

    def close(self) -> None:
        """End the processes."""
        self.server.close()


class Server(Owner):
    """One fork server, started when it is first needed, and again when it was lost."""

    def __init__(self) -> None:
        self._process: Born | None = None
        self._pending = b""
        self._target = ""
        #: While it loads the implementations: after that it watches its children, and speaks.
        self._loading: Watch | None = None

    @property
    def descriptor(self) -> int:
        """Where something can be read when it has something to tell."""
        assert self._process is not None
        return self._process.replies

    @property
    def interval(self) -> float:
        """How many seconds it may be silent until somebody looks after it."""
        return _INTERVAL if self._loading is None else self._loading.interval

    def begin(
        self,
        unit: Unit,
        known: Sequence[str],
        limits: Limits,
        cover: bool = False,
        begun: Checkpoint | None = None,
    ) -> None:
        """Have ``unit`` performed while the signatures ``known`` are masked.

        If ``cover``, it tells what of the target's source is performed.
        With ``begun``, it goes on from there, and tells how far it comes from time to time.
        Raises `TargetError` if no process can be had.
        """
        self._target = unit.arguments.get("target", "")
        if self._process is None:
            self._process = self._start(cover is not None)
            os.set_blocking(self._process.requests, True)
            path = [str(Path(folder).absolute()) for folder in sys.path]
            folder = str(Path.cwd())
            self._say({"folder": folder, "environment": environment(), "path": path})
        self._loading = Watch(self._process.pid, Agent.STARTING)
        request = {
            "unit": asdict(unit),
            "known": known,
            "limits": limits.to_json(),
            "cover": cover,
            "begun": None if begun is None else asdict(begun),
        }
        self._say(request)

    def _start(self, covers: bool) -> Born:
        packages, prepare = _PACKAGES, "prepare_with_reference"
        if covers:
            # What a module does while it is imported is recorded too, also where it is the target.
            packages, prepare = _PACKAGES[:1], "prepare"
        kind = Kind(None, packages, f"{_SERVER}:{prepare}", settings(environment()))
        with Path(os.devnull).open("wb") as nothing:
            try:
                return NURSERIES.bear(kind, nothing)
            except NotBorn as lost:
                raise not_importable(self._target, lost) from None

    def _say(self, message: Mapping[str, Any]) -> None:
        assert self._process is not None
        data = json.dumps(message).encode() + b"\n"
        try:
            while data:
                data = data[os.write(self._process.requests, data) :]
        except BrokenPipeError:
            # Its end is read next.
            pass

    def messages(self) -> Iterator[Message]:
        """What has arrived, to be called when something can be read.

        The last one is ``end``, ``error`` or ``gave up``; so it is if the process was lost.
        """
        arrived = os.read(self.descriptor, 1 << 16)
        if not arrived:
            assert self._process is not None
            yield self._lost(how_ended(self._process.wait()))
            return
        self._loading = None
        *lines, self._pending = (self._pending + arrived).split(b"\n")
        for line in lines:
            try:
                kind, content = json.loads(line)
            except (ValueError, TypeError):
                # A target that writes to any descriptor that it finds.
                continue
            yield kind, content

    def silent(self) -> Iterator[Message]:
        """Look after the process, which has nothing to tell: it may have ended, or hang."""
        assert self._process is not None
        code = self._process.poll()
        if code is not None and not self.has_told(0.0):
            # What it started holds its end of the pipe open.
            yield self._lost(how_ended(code))
        elif code is None and self._loading is not None:
            how = self._loading.look()
            if how is not None:
                yield self._lost(how)

    def has_told(self, seconds: float) -> bool:
        """Whether something can be read, or comes within so many seconds."""
        with selectors.DefaultSelector() as selector:
            selector.register(self.descriptor, selectors.EVENT_READ)
            return bool(selector.select(seconds))

    def _lost(self, how: str) -> Message:
        self.close()
        return "error", f"the process that loads {self._target!r} {how}"

    def close(self) -> None:
        """End the process, and its children."""
        process, self._process = self._process, None
        self._pending = b""
        if process is None:
            return
        kill_all(process.pid)
        process.wait()
        process.close()


__all__ = ["Limits", "Server", "Supervisor", "Unit"]
