"""The supervisor: performs units of work in processes, and passes on what they tell at once.

Each worker is a `forkserver`, started from a clean interpreter, that forks a child for every unit.
The supervisor itself never loads the target, and nothing that a target does can reach it.
"""

from __future__ import annotations

import json
import os
import selectors
import subprocess
import sys
import time
from collections.abc import Iterable, Iterator
from dataclasses import asdict
from pathlib import Path
from typing import Any

from stateful.lockstep.divergence import Divergence, Masked, Signature
from stateful.processes.child import Limits
from stateful.processes.events import (
    DivergenceFound,
    ProcessLost,
    Progress,
    UnitEvent,
    UnitFailed,
    UnitFinished,
)
from stateful.processes.isolation import Agent, environment
from stateful.processes.listening import how_ended
from stateful.processes.owner import Owner
from stateful.processes.patience import Watch
from stateful.processes.table import kill_all
from stateful.processes.work import Unit

_START = (
    "import sys, json; sys.path[:] = json.loads(sys.argv[1]); "
    "from stateful.processes.forkserver import main; main()"
)
#: Seconds between two looks at a process that has nothing to tell.
_INTERVAL = 1.0


class Supervisor(Owner):
    """Workers that perform units.

    ``workers`` is how many units are performed at a time, ``limits`` what each process may use.
    ``cover`` is a folder where they record what of the target's source is performed, if it is
    written in Python (see `stateful.processes.source`).
    """

    def __init__(
        self, workers: int = 1, limits: Limits | None = None, cover: Path | None = None
    ) -> None:
        if workers < 1:
            raise ValueError(f"workers: {workers!r} is not at least 1")
        self._limits = limits or Limits()
        self._cover = cover
        self._workers = [_Worker() for _ in range(workers)]

    def run(
        self,
        units: Iterable[Unit],
        known: Iterable[Signature] = (),
        *,
        deadline: float | None = None,
        share: bool = True,
    ) -> Iterator[UnitEvent]:
        """Perform ``units``, and yield events as they happen.

        Units are asked for when a worker is free. ``known`` is masked. If ``share``, so is what
        earlier units found, and what is found while it is known already is passed over in silence;
        otherwise each unit finds what it finds alone, whatever the others do.
        At ``deadline`` (of `time.monotonic`), all work stops; what was found and not yet shrunk is
        yielded as it is.
        """
        masked = Masked(known)
        waiting = iter(units)
        number = 0
        exhausted = False
        while True:
            for worker in self._workers:
                if worker.unit is None and not exhausted and not _over(deadline):
                    unit = next(waiting, None)
                    if unit is None:
                        exhausted = True
                    else:
                        worker.begin(unit, number, masked, self._limits, self._cover)
                        number += 1
            busy = [worker for worker in self._workers if worker.unit is not None]
            if not busy:
                return
            if _over(deadline):
                for worker in busy:
                    yield from _new(worker.stop(), masked) if share else worker.stop()
                return
            ready = _ready(busy, deadline)
            for worker in busy:
                told = worker.events() if worker in ready else worker.silent()
                yield from _new(told, masked) if share else told

    def close(self) -> None:
        """End all processes."""
        for worker in self._workers:
            worker.close()


def _over(deadline: float | None) -> bool:
    return deadline is not None and time.monotonic() >= deadline


def _new(events: Iterable[UnitEvent], masked: Masked) -> Iterator[UnitEvent]:
    for event in events:
        if isinstance(event, DivergenceFound):
            if masked.holds(event.divergence.signature):
                continue
            masked.add(event.divergence.signature)
        yield event


def _ready(busy: list[_Worker], deadline: float | None) -> list[_Worker]:
    with selectors.DefaultSelector() as selector:
        for worker in busy:
            selector.register(worker.descriptor, selectors.EVENT_READ, worker)
        left = min(worker.interval for worker in busy)
        if deadline is not None:
            left = min(left, max(deadline - time.monotonic(), 0))
        return [key.data for key, _ in selector.select(left)]


class _Worker:
    """One fork server, started when it is first needed, and again when it was lost."""

    def __init__(self) -> None:
        self.unit: Unit | None = None
        self._process: subprocess.Popen[bytes] | None = None
        self._pending = b""
        self._number = 0
        self._began = 0.0
        self._shrinking: Divergence | None = None
        #: While it loads the implementations: after that it watches its children, and speaks.
        self._loading: Watch | None = None

    @property
    def descriptor(self) -> int:
        """Where something can be read when the worker has something to tell."""
        assert self._process is not None
        assert self._process.stdout is not None
        return self._process.stdout.fileno()

    @property
    def interval(self) -> float:
        """How many seconds it may be silent until somebody looks after it."""
        return _INTERVAL if self._loading is None else self._loading.interval

    def begin(
        self, unit: Unit, number: int, known: Masked, limits: Limits, cover: Path | None
    ) -> None:
        """Send a unit."""
        if self._process is None:
            self._process = self._start()
        self.unit, self._number, self._began = unit, number, time.monotonic()
        self._shrinking = None
        self._loading = Watch(self._process.pid, Agent.STARTING)
        request = {
            "unit": asdict(unit),
            "known": [str(signature) for signature in known],
            "limits": limits.to_json(),
            "cover": None if cover is None else str(cover),
        }
        assert self._process.stdin is not None
        try:
            self._process.stdin.write(json.dumps(request).encode() + b"\n")
            self._process.stdin.flush()
        except BrokenPipeError:
            # Its end is read next.
            pass

    def _start(self) -> subprocess.Popen[bytes]:
        path = [str(Path(folder).absolute()) for folder in sys.path]
        return subprocess.Popen(
            [sys.executable, "-c", _START, json.dumps(path)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            env=environment(),
            start_new_session=True,
        )

    def events(self) -> Iterator[UnitEvent]:
        """What has arrived."""
        arrived = os.read(self.descriptor, 1 << 16)
        if not arrived:
            assert self._process is not None
            yield from self._lost(how_ended(self._process.wait()))
            return
        self._loading = None
        *lines, self._pending = (self._pending + arrived).split(b"\n")
        for line in lines:
            try:
                kind, content = json.loads(line)
            except (ValueError, TypeError):
                # A target that writes to any descriptor that it finds.
                continue
            yield from self._event(kind, content)

    def silent(self) -> Iterator[UnitEvent]:
        """Look after the process, which has nothing to tell: it may have ended, or hang."""
        assert self._process is not None
        code = self._process.poll()
        if code is not None and not _ready([self], 0.0):
            # What it started holds its end of the pipe open.
            yield from self._lost(how_ended(code))
        elif code is None and self._loading is not None:
            how = self._loading.look()
            if how is not None:
                yield from self._lost(how)

    def _event(self, kind: str, content: Any) -> Iterator[UnitEvent]:
        assert self.unit is not None
        engine, number = self.unit.engine, self._number
        if kind == "found":
            self._shrinking = None
            yield DivergenceFound(engine, number, Divergence.from_json(content))
        elif kind == "shrinking":
            self._shrinking = Divergence.from_json(content)
        elif kind == "dropped":
            self._shrinking = None
        elif kind == "progress":
            covered = tuple((operation, before) for operation, before in content["covered"])
            yield Progress(engine, number, content["done"], covered)
        elif kind in ("lost", "unexplained"):
            yield ProcessLost(engine, number, content["how"], kind == "unexplained")
        elif kind == "end":
            yield UnitFinished(engine, number, content, self._finish())
        elif kind in ("error", "gave up"):
            yield UnitFailed(engine, number, content, self._finish())

    def _finish(self) -> float:
        self.unit = None
        return time.monotonic() - self._began

    def _lost(self, how: str) -> Iterator[UnitEvent]:
        assert self.unit is not None
        unit = self.unit
        self.close()
        why = f"the process that loads {unit.arguments.get('target')!r} {how}"
        yield UnitFailed(unit.engine, self._number, why, self._finish())

    def stop(self) -> Iterator[UnitEvent]:
        """End the work at once; yield what was found and is being shrunk."""
        unit, found = self.unit, self._shrinking
        self.close()
        if unit is not None and found is not None:
            yield DivergenceFound(unit.engine, self._number, found)
        self.unit = None

    def close(self) -> None:
        """End the process, and its children."""
        process, self._process = self._process, None
        self._pending = b""
        if process is None:
            return
        kill_all(process.pid)
        process.wait()
        for stream in (process.stdin, process.stdout):
            if stream is not None:
                try:
                    stream.close()
                except BrokenPipeError:
                    pass


__all__ = ["Limits", "Supervisor", "Unit"]
