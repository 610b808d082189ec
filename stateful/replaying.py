"""What came of replaying a recorded trace: fixed, still diverging, or not to be judged."""

from __future__ import annotations

from dataclasses import dataclass

from stateful.divergence import Divergence

FIXED, DIVERGES, ERROR = "FIXED", "DIVERGES", "ERROR"


@dataclass(frozen=True)
class Replayed:
    """The verdict on one recorded trace.

    ``verdict`` is `FIXED`, `DIVERGES` or `ERROR`. ``found`` is the divergence that is seen now,
    where one is; ``problem`` says why nothing could be judged.
    """

    verdict: str
    found: Divergence | None = None
    problem: str = ""
