"""An accepted implementation as what is known: what the target does as it does is no news.

The reference says what is right, the accepted implementation - most often the last release - what
is known. A change from one wrong to another wrong is news, never an improvement; what only the
accepted implementation gets wrong is mended.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from conformance.judging.digests import of_check
from conformance.judging.events import CheckFinished, RunStarted, Subject
from conformance.judging.in_process import FAIL, INCONCLUSIVE, PASS
from conformance.judging.in_processes import CheckAgent
from conformance.judging.known import CHANGED, KNOWN, MENDED, NEW, Standing
from stateful.lockstep.divergence import Divergence


@dataclass(frozen=True)
class AcceptedTold:
    """What running the checks on the accepted implementation tells."""

    event: RunStarted | CheckFinished


@dataclass(frozen=True)
class Accepted:
    """What an accepted implementation does.

    ``checks`` holds the checks that it does not pass, by their ids.
    """

    subject: Subject
    checks: Mapping[str, CheckFinished] = field(default_factory=dict)

    @classmethod
    def of(cls, agent: CheckAgent, finished: Iterable[CheckFinished] = ()) -> Accepted:
        """What the ``finished`` checks of ``agent`` tell."""
        return cls(agent.subject, _not_passed(finished))

    @classmethod
    def told(cls, events: Iterable[object]) -> Accepted | None:
        """What ``events`` of a run tell of an accepted implementation; None if there is none."""
        told = [each.event for each in events if isinstance(each, AcceptedTold)]
        started = next((each for each in told if isinstance(each, RunStarted)), None)
        if started is None:
            return None
        finished = (each for each in told if isinstance(each, CheckFinished))
        return cls(started.subject, _not_passed(finished))

    @property
    def name(self) -> str:
        """What it is called in messages."""
        subject = self.subject
        return f"{subject.name} {subject.version} on {subject.interpreter} {subject.python}"

    def check(self, check: str, digest: str) -> Standing:
        """How a failing check stands: known if it fails here in the same way."""
        its = self.checks.get(check)
        if its is None:
            return Standing(NEW)
        if of_check(its) == digest:
            return Standing(KNOWN, reason=f"{self.subject.name} {self.subject.version} does so too")
        return Standing(CHANGED, its.got or its.what)

    def divergence(self, found: Divergence, digest: str) -> Standing:
        """How a divergence from it stands: as news, or mended."""
        return Standing(MENDED if found.is_mended else CHANGED, found.accepted or "")

    def mended(self, checks: Iterable[CheckFinished]) -> tuple[str, ...]:
        """The ids of those of ``checks`` that pass now, and fail here."""
        return tuple(
            each.check
            for each in checks
            if each.verdict == PASS
            and each.check in self.checks
            and self.checks[each.check].verdict == FAIL
        )


def _not_passed(finished: Iterable[CheckFinished]) -> dict[str, CheckFinished]:
    return {each.check: each for each in finished if each.verdict in (FAIL, INCONCLUSIVE)}


__all__ = ["Accepted", "AcceptedTold"]
