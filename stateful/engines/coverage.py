"""Coverage: how much of what can be reached was reached, by each engine."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field

from fixtures.operations import OPERATIONS
from stateful.processes.events import Progress, UnitEvent


@dataclass
class EngineCoverage:
    """What one engine did and reached.

    ``pairs`` are operations and the abstract states that they met, as signatures name both.
    """

    done: dict[str, int] = field(default_factory=dict)
    pairs: set[tuple[str, str]] = field(default_factory=set)

    @property
    def states(self) -> set[str]:
        """The abstract states that operations met."""
        return {before for _, before in self.pairs}

    @property
    def operations(self) -> set[str]:
        """The names of the operations that were performed."""
        return {operation.partition(" ")[0] for operation, _ in self.pairs}

    @property
    def clauses(self) -> set[str]:
        """The ids of the clauses that the operations performed exercise."""
        return {
            clause
            for name in self.operations
            if name in OPERATIONS
            for clause in OPERATIONS[name].clauses
        }

    def counts(self) -> dict[str, int]:
        """The coverage in numbers."""
        return {
            **self.done,
            "operations": len(self.operations),
            "states": len(self.states),
            "pairs": len(self.pairs),
            "clauses": len(self.clauses),
        }


@dataclass
class Coverage:
    """What all engines did and reached."""

    engines: dict[str, EngineCoverage] = field(default_factory=dict)

    def hear(self, event: UnitEvent) -> None:
        """Take in what an event says of coverage."""
        if isinstance(event, Progress):
            engine = self.engines.setdefault(event.engine, EngineCoverage())
            for name, number in event.done.items():
                engine.done[name] = engine.done.get(name, 0) + number
            engine.pairs.update(event.covered)

    @property
    def total(self) -> EngineCoverage:
        """All engines taken together."""
        total = EngineCoverage()
        for engine in self.engines.values():
            for name, number in engine.done.items():
                total.done[name] = total.done.get(name, 0) + number
            total.pairs |= engine.pairs
        return total

    def missed(self, floor: int, engines: Iterable[str] = ()) -> str | None:
        """Why the engines did too little to be judged by; None if they did enough.

        ``floor`` is the number of pairs of operation and state to be reached in all; none of
        ``engines`` may have been idle.
        """
        idle = [engine for engine in engines if not self.engines.get(engine, EngineCoverage()).done]
        if idle:
            return f"{', '.join(idle)} performed no step"
        reached = len(self.total.pairs)
        if reached < floor:
            return f"only {reached} pairs of operation and state were reached, {floor} are demanded"
        return None
