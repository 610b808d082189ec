"""What engines tell while they work. They emit these; campaigns, `check` and reports consume them.

``engine`` is the name of the engine, as a `Unit` has it.
"""

from __future__ import annotations

from collections.abc import Mapping, Set
from dataclasses import dataclass, field
from typing import Any

from stateful.lockstep.divergence import Divergence


@dataclass(frozen=True)
class SourceCoverage:
    """How much of the source of a target was reached.

    ``files`` holds for each file, by its name below the package, its lines, its branches, those
    that were reached, and the numbers of the lines that were not.
    """

    files: dict[str, dict[str, Any]]

    def counts(self) -> dict[str, int]:
        """The sums over all files."""
        names = ("lines", "lines_reached", "branches", "branches_reached")
        return {name: sum(file[name] for file in self.files.values()) for name in names}

    def __str__(self) -> str:
        counts = self.counts()
        return (
            f"{counts['lines_reached']} of {counts['lines']} lines and "
            f"{counts['branches_reached']} of {counts['branches']} branches of the target's source "
            "were reached"
        )


@dataclass(frozen=True)
class UnitBegun:
    """A unit is performed from now on: what was found until now is known to it, if it is shared."""

    engine: str
    unit: int


@dataclass(frozen=True)
class DivergenceFound:
    """A divergence that was not known; ``unit`` is the number of the unit that found it."""

    engine: str
    unit: int
    divergence: Divergence


@dataclass(frozen=True)
class Progress:
    """More was done: ``done`` counts it (``steps``, ``runs``), ``covered`` are pairs.

    Each pair is an operation and the abstract state that it met, for the first time in its unit.
    """

    engine: str
    unit: int
    done: dict[str, int] = field(default_factory=dict)
    covered: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True)
class UnitTold:
    """A unit told what only whoever made it understands: see `Post.tell`."""

    engine: str
    unit: int
    content: Any


@dataclass(frozen=True)
class ProcessLost:
    """A process ended in the middle of its work: ``how`` says it in words.

    If ``unexplained``, it did so again neither from a new world on nor in a fresh process, so that
    no trace can be shown.
    """

    engine: str
    unit: int
    how: str
    unexplained: bool = False


@dataclass(frozen=True)
class UnitFinished:
    """A unit came to its end; ``result`` is what its function returned."""

    engine: str
    unit: int
    result: Any
    seconds: float


@dataclass(frozen=True)
class UnitFailed:
    """A unit could not be performed to its end: ``why`` is a traceback or a reason."""

    engine: str
    unit: int
    why: str
    seconds: float


@dataclass(frozen=True)
class SourcePerformed:
    """What of the target's source a unit has performed, which has come to its end.

    ``performed`` are the steps from line to line by file, as `stateful.processes.source` has them.
    """

    engine: str
    unit: int
    performed: Mapping[str, Set[tuple[int, int]]]


@dataclass(frozen=True)
class SourceReached:
    """How much of the target's source all units have reached; None if it is not in Python."""

    source: SourceCoverage | None


@dataclass(frozen=True)
class WorkerJoined:
    """A worker of a fleet gets work from now on: ``address`` is where it is reached.

    ``versions`` says what it has of harness and target, as words by name; ``at_a_time`` is how many
    units it performs at a time.
    """

    address: str
    versions: Mapping[str, str]
    at_a_time: int = 1


@dataclass(frozen=True)
class WorkerRefused:
    """A worker of a fleet gets no work: ``why`` says what it lacks."""

    address: str
    why: str


@dataclass(frozen=True)
class WorkerLeft:
    """A worker of a fleet is gone; ``units`` are those that others go on with."""

    address: str
    units: tuple[int, ...] = ()


WorkerEvent = WorkerJoined | WorkerRefused | WorkerLeft
UnitEvent = (
    UnitBegun
    | DivergenceFound
    | Progress
    | ProcessLost
    | UnitFinished
    | UnitFailed
    | UnitTold
    | SourcePerformed
    | SourceReached
    | WorkerEvent
)

__all__ = [
    "DivergenceFound",
    "ProcessLost",
    "Progress",
    "SourcePerformed",
    "SourceReached",
    "UnitBegun",
    "UnitEvent",
    "UnitFailed",
    "UnitFinished",
    "UnitTold",
    "WorkerEvent",
    "WorkerJoined",
    "WorkerLeft",
    "WorkerRefused",
]
