"""A baseline in force: what it says of one interpreter, and how a run stands to it."""

from __future__ import annotations

import datetime
from collections.abc import Iterable

from conformance.clauses.registry import CLAUSES
from conformance.judging.baseline.entries import Baseline, Entry, FailingCheck, Pinned
from conformance.judging.baseline.markers import Interpreter, holds
from conformance.judging.causes import Cause, shipped
from conformance.judging.digests import of_replayed
from conformance.judging.events import Subject
from conformance.judging.in_process import FAIL, INCONCLUSIVE, NOT_RUN, PASS
from conformance.judging.known import CHANGED, KNOWN, Standing
from conformance.judging.search import Search
from conformance.judging.verdicts import ClauseResult, Results
from stateful.lockstep.divergence import Divergence
from stateful.replay.replaying import DIVERGES, FIXED


class InForce:
    """What ``baseline`` says of ``interpreter``: a source of what is known.

    ``causes`` come with the package. ``pinned`` are its divergences there. ``is_spoken_of`` says
    whether the file was written for this interpreter; if not, the entries without a marker are in
    force all the same.
    """

    name = "the baseline"

    def __init__(
        self, baseline: Baseline, interpreter: Interpreter, causes: Iterable[Cause] = ()
    ) -> None:
        self.baseline = baseline
        self._causes = {cause.name: cause for cause in (*causes, *baseline.causes)}
        self.is_spoken_of = not baseline.interpreters or str(interpreter) in baseline.interpreters
        self.interpreter = interpreter
        self.entries = [each for each in baseline.entries if holds(each.marker, interpreter)]
        self.pinned = baseline.pinned_in(interpreter)
        self._checks: dict[str, list[tuple[Entry, FailingCheck]]] = {}
        for entry in self.entries:
            for check in entry.checks:
                self._checks.setdefault(f"{entry.id}:{check.name}", []).append((entry, check))
        self._listed = {entry.id: entry for entry in self.entries}
        self._divergences = {entry.key: entry for entry in self.pinned}

    @classmethod
    def of(cls, baseline: Baseline, subject: Subject) -> InForce:
        """What ``baseline`` says of the interpreter of ``subject``."""
        interpreter = Interpreter(subject.interpreter, subject.python)
        return cls(baseline, interpreter, shipped(subject.name))

    def check(self, check: str, digest: str) -> Standing:
        """How a failing check stands; one that is not listed is a change of a clause that is."""
        known = self._checks.get(check, ())
        for entry, failing in known:
            if failing.digest == digest:
                return Standing(KNOWN, failing.got, entry.reason, entry.id, entry.issue)
        for _, failing in known:
            return Standing(CHANGED, failing.got)
        if check.partition(":")[0] in self._listed:
            return Standing(CHANGED, "no failure of this check")
        return Standing()

    def lists(self, check: str) -> bool:
        """Whether a check is known to fail, by its id."""
        return check in self._checks

    def divergence(self, found: Divergence, digest: str) -> Standing:
        """How a divergence stands; one in a pinned trace that was another one is a change."""
        entry = self._divergences.get((str(found.signature), digest))
        if entry is None:
            was = next((each for each in self.pinned if _is_same_trace(each, found)), None)
            return Standing() if was is None else Standing(CHANGED, was.divergence.actual)
        cause = self._causes.get(entry.cause or "", Cause(entry.cause or "", entry.cause or ""))
        return Standing(
            KNOWN,
            entry.divergence.actual,
            entry.reason or cause.reason,
            entry.clause or cause.clause,
            entry.issue or cause.issue,
        )

    def stale_clauses(self, results: Results, day: datetime.date) -> dict[str, str]:
        """The clauses whose entries do not hold any more on this ``day``: id -> why."""
        stale: dict[str, str] = {}
        by_id = {result.clause.id: result for result in results.clauses}
        for id in dict.fromkeys(entry.id for entry in self.entries):
            about = [entry for entry in self.entries if entry.id == id]
            why = None if id in CLAUSES else "there is no such clause"
            if why is None and id in by_id:
                why = _outdated(about, by_id[id], day)
            if why is not None:
                stale[id] = why
        return stale

    def outdated_divergences(
        self, searched: Search, day: datetime.date
    ) -> tuple[dict[str, str], dict[str, str]]:
        """The divergences that are stale on this ``day``, and those that could not be judged.

        Both are from the text of a signature to why.
        """
        stale: dict[str, str] = {}
        unjudged: dict[str, str] = {}
        for entry in self.pinned:
            name, result = str(entry.signature), searched.pinned.get(entry.key)
            if entry.expires is not None and entry.expires < day:
                stale[name] = f"expired on {entry.expires}"
            elif not entry.repeats:
                continue
            elif result is None:
                unjudged[name] = "its pinned trace was not replayed"
            elif result.verdict == FIXED:
                stale[name] = "its pinned trace does not diverge any more"
            elif result.verdict != DIVERGES:
                unjudged[name] = result.problem
            elif result.found is not None and not entry.still_holds(result):
                now = self.divergence(result.found, of_replayed(result))
                if now.is_known:
                    stale[name] = f"its pinned trace diverges as another: {result.found.signature}"
        return stale, unjudged


def _is_same_trace(entry: Pinned, found: Divergence) -> bool:
    pinned = entry.divergence
    return (
        pinned.step == found.step
        and pinned.trace.world == found.trace.world
        and pinned.trace.operations[: pinned.step + 1] == found.trace.operations[: found.step + 1]
    )


def _outdated(entries: list[Entry], result: ClauseResult, day: datetime.date) -> str | None:
    listed = {check.name for entry in entries for check in entry.checks}
    failing = _names(result, FAIL, INCONCLUSIVE)
    passing = sorted(listed & _names(result, PASS))
    gone = sorted(listed - {_name(check.check) for check in result.checks})
    late = [entry for entry in entries if entry.expires is not None and entry.expires < day]
    if not failing and result.verdict != NOT_RUN:
        return f"the clause is {result.verdict} now"
    if passing:
        return f"passes now: {', '.join(passing)}"
    if gone:
        return f"there is no check {', '.join(gone)}"
    return f"expired on {late[0].expires}" if late else None


def _names(result: ClauseResult, *verdicts: str) -> set[str]:
    return {_name(check.check) for check in result.checks if check.verdict in verdicts}


def _name(check: str) -> str:
    return check.partition(":")[2]


__all__ = ["InForce"]
