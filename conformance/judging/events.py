"""What a run tells while it goes on. Engines emit these; reports consume them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from conformance.judging.in_process import FAIL
from fixtures.builds import EXTENSIONS, PYTHON, C
from stateful.replay.informed import Informs

#: How the outcome begins of a check in which the process of the target was lost.
LOST = "the target's process "


@dataclass(frozen=True)
class Subject:
    """The implementation that a run judges, as its own process described it.

    ``builds`` says what each part is written in, "C" or "Python".
    """

    target: str
    name: str
    version: str
    python: str
    interpreter: str
    platform: str
    parts: tuple[str, ...]
    capabilities: tuple[str, ...] = ()
    builds: Mapping[str, str] = field(default_factory=dict, hash=False)

    @property
    def written_in(self) -> str:
        """The language in words, with the parts that are there in both and are in another."""
        base = self.builds.get("persistent")
        if base is None:
            return ""
        others = [part for part in EXTENSIONS if self.builds.get(part, base) != base]
        other = PYTHON if base == C else C
        return f"in {base}, its {' and '.join(others)} in {other}" if others else f"in {base}"


@dataclass(frozen=True)
class RunStarted:
    """The target has started; ``checks`` is how many checks will follow."""

    subject: Subject
    checks: int


@dataclass(frozen=True)
class CheckFinished:
    """One check came to a verdict.

    ``what`` says what was judged, or why it could not be; ``error`` names the error that came
    instead of an outcome, if one did, whose words are in ``got``; ``trace`` is the trace as JSON
    and ``words`` the same in words, a line a step. ``aftermath`` says how the process of the target
    was lost in this check, or how it failed, which did not happen a second time in a fresh one: the
    verdict is that of the second try.
    """

    check: str
    clause: str
    verdict: str
    what: str = ""
    expected: str = ""
    got: str = ""
    error: str = ""
    trace: dict[str, Any] | None = None
    words: tuple[str, ...] = ()
    aftermath: str = ""

    @property
    def is_lost(self) -> bool:
        """Whether it fails because the process of the target was lost in it."""
        return self.verdict == FAIL and self.got.startswith(LOST)


@dataclass(frozen=True)
class RunFinished:
    """Nothing more follows; ``seconds`` is the wall time of the run."""

    seconds: float


@dataclass(frozen=True)
class Informed:
    """It was looked at what informs; ``found`` is each way in which the target differs there."""

    found: tuple[Informs, ...]


CheckEvent = RunStarted | CheckFinished | RunFinished

__all__ = ["CheckEvent", "CheckFinished", "Informed", "RunFinished", "RunStarted", "Subject"]
