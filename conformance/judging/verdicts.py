"""From the verdicts of checks to those of clauses, and from these to the judgement of a run."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field

from conformance.clauses.registry import MUST, Clause
from conformance.judging.accepted import Accepted
from conformance.judging.causes import Cause
from conformance.judging.events import CheckFinished, Informed, RunFinished, RunStarted, Subject
from conformance.judging.in_process import FAIL, INCONCLUSIVE, NOT_RUN, PASS, UNSUPPORTED
from conformance.judging.known import Known
from conformance.judging.search import CHECKS, Search, came_to
from conformance.judging.units.workers import Workers
from stateful.replay.informed import Informs

#: Every verdict, the most serious first: that of a clause is the first that one of its checks has,
#: except that a check that the implementation does not support says nothing where another passed.
VERDICTS = (FAIL, INCONCLUSIVE, NOT_RUN, PASS, UNSUPPORTED)


@dataclass(frozen=True)
class ClauseResult:
    """The verdict of one clause, the checks that led to it, and the cause, if it fails."""

    clause: Clause
    verdict: str
    checks: tuple[CheckFinished, ...]
    cause: Cause | None = None

    @property
    def decisive(self) -> tuple[CheckFinished, ...]:
        """The checks that have the verdict of the clause."""
        return tuple(check for check in self.checks if check.verdict == self.verdict)

    @property
    def lost(self) -> tuple[CheckFinished, ...]:
        """The checks in which the process of the target was lost."""
        return tuple(check for check in self.checks if check.is_lost)

    @property
    def message(self) -> str:
        """Why the verdict is what it is, in a line; empty for a pass."""
        if not self.checks:
            return self.clause.unchecked or "no check of this clause was run"
        first = (*self.lost, *self.decisive)[0]
        if self.verdict == FAIL:
            return f"{first.what}: expected {first.expected}, got {first.got}"
        return first.what


@dataclass(frozen=True)
class Results:
    """All that a run found out: by checks, and by searching, if it did.

    ``accepted`` is what the target was judged beside, ``workers`` are those of a fleet. ``informs``
    never decides anything; None if nobody looked.
    """

    subject: Subject
    clauses: tuple[ClauseResult, ...]
    seconds: float
    search: Search | None = None
    accepted: Accepted | None = None
    workers: Workers = field(default_factory=Workers)
    informs: tuple[Informs, ...] | None = None

    @property
    def executed(self) -> int:
        """How many checks were executed to a pass or a fail."""
        return sum(
            check.verdict in (PASS, FAIL) for result in self.clauses for check in result.checks
        )

    @property
    def mended(self) -> tuple[str, ...]:
        """The checks that pass, and fail on the accepted implementation."""
        if self.accepted is None:
            return ()
        return self.accepted.mended(check for each in self.clauses for check in each.checks)

    @property
    def aftermaths(self) -> int:
        """How many checks were lost or failed, and not so when they were performed again."""
        return sum(bool(check.aftermath) for each in self.clauses for check in each.checks)

    def counts(self, level: str | None = None) -> Counter[str]:
        """Verdict -> number of clauses (of one level)."""
        return Counter(
            result.verdict for result in self.clauses if level in (None, result.clause.level)
        )

    @property
    def musts(self) -> tuple[int, int]:
        """How many MUST clauses were kept, of those that could be judged."""
        counts = self.counts(MUST)
        return counts[PASS], counts[PASS] + counts[FAIL] + counts[INCONCLUSIVE]

    def with_verdict(self, *verdicts: str) -> tuple[ClauseResult, ...]:
        """The clauses that have one of ``verdicts``."""
        return tuple(result for result in self.clauses if result.verdict in verdicts)


def verdict_of(clause: Clause, checks: Sequence[CheckFinished]) -> str:
    """The verdict of a clause from those of its checks."""
    if not checks:
        return UNSUPPORTED if clause.unchecked else NOT_RUN
    seen = {check.verdict for check in checks}
    return next(verdict for verdict in VERDICTS if verdict in seen)


def collect(
    events: Iterable[object],
    clauses: Sequence[Clause],
    engines: Sequence[str] = (CHECKS,),
    known: Callable[[Subject], Known] | None = None,
    unheard: Callable[[], Subject | None] = lambda: None,
) -> Results:
    """The results of a run of ``engines`` over ``clauses``, from its events.

    ``known`` says what is known of the subject; it is asked when all events are there. If the run
    never started, ``unheard`` is asked for the target. Raises ValueError without one.
    """
    subject: Subject | None = None
    seconds = 0.0
    found: dict[str, list[CheckFinished]] = {}
    others: list[object] = []
    for event in events:
        if isinstance(event, RunStarted):
            subject = event.subject
        elif isinstance(event, CheckFinished):
            found.setdefault(event.clause, []).append(event)
        elif isinstance(event, RunFinished):
            seconds = event.seconds
        else:
            others.append(event)
    subject = subject or unheard()
    if subject is None:
        raise ValueError("events: the run never started")
    searched, accepted = None, Accepted.told(others)
    if set(engines) - {CHECKS}:
        searched = came_to(engines, others, subject, accepted or (known and known(subject)))
    judged = tuple(_result(each, found) for each in clauses)
    told = next((event.found for event in others if isinstance(event, Informed)), None)
    workers = Workers.told(others)
    return Results(subject, judged, seconds, searched, accepted, workers, told)


def _result(clause: Clause, found: dict[str, list[CheckFinished]]) -> ClauseResult:
    checks = tuple(sorted(found.get(clause.id, ()), key=lambda check: check.check))
    return ClauseResult(clause, verdict_of(clause, checks), checks)
