"""Workers that tell what a script says, come and go, and need neither dask nor a target."""

from __future__ import annotations

import random
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from stateful.fleet.transport import Arrived, Introduced, Returned, Told, Transport
from stateful.lockstep.divergence import Divergence, Signature
from stateful.processes.supervisor import Message
from stateful.processes.work import Unit
from stateful.traces.trace import Trace

VERSIONS = {"harness": "1"}
#: Steps of each part of a unit.
STEPS = 10


def scripted(parts: int, finds: Mapping[int, str] | None = None, loses: Sequence[int] = ()) -> Unit:
    """A unit of so many parts: in some it finds an operation that differs, some lose a process."""
    found = {str(part): operation for part, operation in (finds or {}).items()}
    return Unit("scripted", "", {"parts": parts, "finds": found, "loses": list(loses)})


def divergence(operation: str) -> Divergence:
    made = {"op": "ghost", "object": "a", "sample": "Plain"}
    trace = Trace.from_json({"schema": 1, "world": {}, "operations": [made]})
    return Divergence(Signature(operation, "Plain", "value"), trace, 0, "one", "other")


def perform(unit: Mapping[str, Any], begun: Mapping[str, Any]) -> Iterator[list[Message]]:
    """What the unit tells from there on, in batches."""
    told = unit["arguments"]
    first = begun["after"] or 0
    assert list(begun["kept"]) == list(range(first)), "what was kept for the next one"
    for part in range(first, told["parts"]):
        progress = {"done": {"steps": STEPS}, "covered": [[f"operation {part}", "Plain"]]}
        batch: list[Message] = [
            ("source", {"it:it.py": [[part - 1, part]]}),
            ("checkpoint", {"after": part, "known": []}),
        ]
        operation = told["finds"].get(str(part))
        if operation is not None:
            found = divergence(operation).to_json()
            yield [*batch, ("shrinking", found)]
            batch = [("found", found)]
        if part in told["loses"]:
            batch.append(("lost", {"how": "was killed", "position": part}))
        yield batch
        yield [("progress", progress), ("keep", part)]
    yield [("end", {})]


@dataclass
class Clock:
    """What `time` is for a fleet: it goes on with each look at what has arrived."""

    now: float = 0.0

    def monotonic(self) -> float:
        return self.now


@dataclass
class Simulated(Transport):
    """So many workers; ``dies`` is how likely one does at each batch, and another one comes."""

    clock: Clock
    count: int = 3
    dies: float = 0.0
    seed: int = 0
    versions: Mapping[str, str] = field(default_factory=lambda: VERSIONS)
    performing: Callable[..., Iterator[list[Message]]] = perform
    requests: list[Mapping[str, Any]] = field(default_factory=list)
    died: int = 0
    cancelled: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        self._random = random.Random(self.seed)
        self._here = {f"worker-{number}": 1 for number in range(self.count)}
        self._arrived: list[Arrived] = []
        self._busy: dict[str, tuple[str, Iterator[list[Message]], int]] = {}

    def workers(self) -> Mapping[str, int]:
        return dict(self._here)

    def introduce(self, address: str) -> None:
        self._arrived.append(Introduced(address, self.versions))

    def send(self, address: str, deal: str, request: Mapping[str, Any]) -> None:
        self.requests.append(request)
        if address in self._here:
            telling = self.performing(request["unit"], request["begun"])
            self._busy[deal] = (address, telling, 0)

    def cancel(self, deals: Sequence[str]) -> None:
        for deal in deals:
            self.cancelled.append(deal)
            self._busy.pop(deal, None)

    def receive(self, seconds: float) -> Sequence[Arrived]:
        self.clock.now += 0.3
        arrived, self._arrived = self._arrived, []
        if arrived or not self._busy:
            return arrived
        deal = self._random.choice(sorted(self._busy))
        address, telling, batch = self._busy[deal]
        if self._random.random() < self.dies:
            self._die(address)
            return []
        messages = next(telling, None)
        if messages is None:
            del self._busy[deal]
            return [Returned(deal)]
        self._busy[deal] = (address, telling, batch + 1)
        return [Told(deal, batch, messages)]

    def _die(self, address: str) -> None:
        self.died += 1
        del self._here[address]
        self._here[f"worker-{self.count + self.died}"] = 1
        self._busy = {deal: each for deal, each in self._busy.items() if each[0] != address}

    def close(self) -> None:
        self._busy.clear()
