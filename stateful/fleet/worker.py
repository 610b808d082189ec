"""What a worker of a fleet does: it has a unit performed by a fork server of its own, and tells.

The target is never loaded in the worker itself, so that nothing that it does can reach it.
"""

from __future__ import annotations

import json
import threading
import time
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from distributed import get_worker

from stateful.fleet.versions import versions
from stateful.processes.child import Limits
from stateful.processes.isolation import Launch
from stateful.processes.supervisor import Message, Server
from stateful.processes.work import Checkpoint, Unit

#: Seconds between two batches, if nothing is found, and between two looks whether it goes on.
_BATCH, _LOOK = 1.0, 0.5
#: What is told at once.
_URGENT = ("found", "shrinking", "dropped", "lost", "unexplained")
_ENDS = ("end", "error", "gave up")


def introduce(launches: Sequence[tuple[str, str | None]]) -> dict[str, str]:
    """What this worker has of harness and targets. Raises `TargetError`."""
    return versions([Launch(target, python) for target, python in launches])


def perform(run: str, deal: str, text: str) -> None:
    """Perform a unit for the run with this name.

    The request, JSON as ``text``, holds ``unit``, ``known``, ``limits``, ``cover`` and ``begun``,
    as `Server.begin` takes them. Batches are told under the name of the run. When nobody wants it
    any more, it ends.
    """
    request = json.loads(text)
    worker = get_worker()
    key = worker.get_current_task()

    def is_wanted() -> bool:
        task = worker.state.tasks.get(key)
        return task is not None and task.state == "executing"

    def send(batch: int, messages: Sequence[Message]) -> None:
        worker.log_event(topic(run), {"deal": deal, "batch": batch, "told": json.dumps(messages)})

    server = _SERVERS.take(run)
    batches = Batches(send, _SERVERS.told(run, request["unit"]["engine"]))
    ended = False
    try:
        server.begin(
            Unit(**request["unit"]),
            request["known"],
            Limits(**request["limits"]),
            request["cover"],
            begun=Checkpoint(**request["begun"]),
        )
        while not ended and is_wanted():
            heard = server.messages() if server.has_told(_LOOK) else server.silent()
            for kind, content in heard:
                batches.add(kind, content)
                ended = ended or kind in _ENDS
            batches.send(is_urgent=ended)
    finally:
        if not ended:
            server.close()
            # What nobody has heard is told again by whoever goes on, which may be this worker.
            _SERVERS.forget(run)
        _SERVERS.give_back(run, server)


def dismiss(run: str) -> None:
    """End what is kept for the run with this name."""
    _SERVERS.dismiss(run)


def topic(run: str) -> str:
    """Under which name events of a run are told."""
    return f"persistent-conformance-{run}"


class Batches:
    """Puts together what a unit tells, so that few messages travel; each tells all of it, in order.

    ``send`` takes the number of a batch and its messages. Pairs that are in ``told`` are not told
    again.
    """

    def __init__(
        self,
        send: Callable[[int, Sequence[Message]], None],
        told: set[tuple[str, str]],
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self.sent = 0
        self._send = send
        self._told = told
        self._clock = clock
        self._began = clock()
        self._waiting: list[Message] = []
        self._is_urgent = False

    def add(self, kind: str, content: Any) -> None:
        """Take in a message."""
        if kind == "progress":
            new = [pair for pair in map(tuple, content["covered"]) if pair not in self._told]
            self._told.update(new)
            self._count(content["done"], new)
        elif kind == "checkpoint":
            # The last one tells all.
            self._waiting = _merged([each for each in self._waiting if each[0] != kind])
            self._waiting.append((kind, content))
        elif kind != "ready":
            self._waiting.append((kind, content))
            self._is_urgent = self._is_urgent or kind in _URGENT

    def _count(self, done: Mapping[str, int], covered: Sequence[Any]) -> None:
        self._waiting = _merged(
            [*self._waiting, ("progress", {"done": done, "covered": list(covered)})]
        )

    def send(self, is_urgent: bool = False) -> None:
        """Send what is there, if it is time or anything of it ``is_urgent``."""
        now = self._clock()
        if not self._waiting:
            return
        if is_urgent or self._is_urgent or now - self._began >= _BATCH:
            self._send(self.sent, self._waiting)
            self.sent += 1
            self._waiting, self._is_urgent, self._began = [], False, now


def _merged(messages: Sequence[Message]) -> list[Message]:
    """The same with one message of progress where several follow one another."""
    merged: list[Message] = []
    for kind, content in messages:
        if kind == "progress" and merged and merged[-1][0] == kind:
            before = merged[-1][1]
            done = dict(before["done"])
            for name, count in content["done"].items():
                done[name] = done.get(name, 0) + count
            both = {"done": done, "covered": [*before["covered"], *content["covered"]]}
            merged[-1] = (kind, both)
        else:
            merged.append((kind, content))
    return merged


class _Servers:
    """The fork servers of this worker that have nothing to do, and what it told, by run."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._run = ""
        self._idle: list[Server] = []
        self._told: dict[str, set[tuple[str, str]]] = {}

    def take(self, run: str) -> Server:
        """A server for this run, which has loaded nothing of an earlier one."""
        with self._lock:
            if run != self._run:
                self._clear(run)
            return self._idle.pop() if self._idle else Server()

    def give_back(self, run: str, server: Server) -> None:
        """The server has nothing to do."""
        with self._lock:
            if run == self._run:
                self._idle.append(server)
                return
        server.close()

    def told(self, run: str, engine: str) -> set[tuple[str, str]]:
        """The pairs that this worker has told of already."""
        with self._lock:
            return self._told.setdefault(engine, set()) if run == self._run else set()

    def forget(self, run: str) -> None:
        """Tell all pairs again."""
        with self._lock:
            if run == self._run:
                for told in self._told.values():
                    told.clear()

    def dismiss(self, run: str) -> None:
        """Nothing more comes for this run."""
        with self._lock:
            if run == self._run:
                self._clear("")

    def _clear(self, run: str) -> None:
        for server in self._idle:
            server.close()
        self._run, self._idle, self._told = run, [], {}


_SERVERS = _Servers()

__all__ = ["Batches", "dismiss", "introduce", "perform", "topic"]
