"""Who performed the units of a run, where that were workers of a fleet."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from stateful.processes.events import WorkerJoined, WorkerLeft, WorkerRefused


@dataclass
class Workers:
    """The workers that got work, those that were refused, and how many of the former are gone."""

    joined: list[WorkerJoined] = field(default_factory=list)
    refused: list[WorkerRefused] = field(default_factory=list)
    left: list[WorkerLeft] = field(default_factory=list)

    @classmethod
    def told(cls, events: Iterable[object]) -> Workers:
        """Those that ``events`` tell of."""
        workers = cls()
        for event in events:
            workers.hear(event)
        return workers

    def hear(self, event: object) -> None:
        """Take an event in."""
        if isinstance(event, WorkerJoined):
            self.joined.append(event)
        elif isinstance(event, WorkerRefused):
            self.refused.append(event)
        elif isinstance(event, WorkerLeft):
            self.left.append(event)

    @property
    def there(self) -> int:
        """How many get work now."""
        return len(self.joined) - len(self.left)

    @property
    def versions(self) -> Mapping[str, str]:
        """What each of them has of harness and targets, since all have the same."""
        return self.joined[0].versions if self.joined else {}

    @property
    def is_empty(self) -> bool:
        """Whether no fleet took part."""
        return not (self.joined or self.refused)

    def to_json(self) -> dict[str, Any]:
        """Everything, for programs."""
        return {
            "versions": dict(self.versions),
            "workers": [
                {"address": each.address, "at_a_time": each.at_a_time} for each in self.joined
            ],
            "left": [each.address for each in self.left],
            "refused": [{"address": each.address, "why": each.why} for each in self.refused],
        }

    def __str__(self) -> str:
        versions = ", ".join(f"{name} {what}" for name, what in self.versions.items())
        told = [f"{len(self.joined)} workers joined", f"{len(self.left)} left"]
        if self.refused:
            first = self.refused[0]
            told.append(f"{len(self.refused)} refused ({first.address}: {first.why})")
        return f"fleet: {', '.join(told)}" + (f"; on each: {versions}" if versions else "")


__all__ = ["Workers"]
