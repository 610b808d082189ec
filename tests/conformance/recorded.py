"""Runs made of what is recorded in the baselines: as long as a real one, and made in no time."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from pathlib import Path

from conformance.clauses import registry
from conformance.clauses.registry import CHECKS, CLAUSES
from conformance.judging.baseline import file
from conformance.judging.causes import cause_of, shipped
from conformance.judging.causes.explained import explained
from conformance.judging.events import CheckFinished, Subject
from conformance.judging.findings import Finding
from conformance.judging.in_process import FAIL, PASS, UNSUPPORTED
from conformance.judging.judgement import Judgement, judge
from conformance.judging.known import KNOWN, Known, Standing
from conformance.judging.search import CORPUS, Search
from conformance.judging.verdicts import ClauseResult, Results
from stateful.lockstep.divergence import Divergence

_BASELINES = Path(__file__).parents[1] / "baselines"


@dataclass(frozen=True)
class Everything:
    """A source that knows everything."""

    name: str = "the baseline"

    def check(self, check: str, digest: str) -> Standing:
        """Known."""
        return Standing(KNOWN)

    def divergence(self, found: Divergence, digest: str) -> Standing:
        """Known."""
        return Standing(KNOWN)


@cache
def recorded(name: str, known: Known | None = None) -> tuple[Results, Judgement]:
    """What a run on the release of this name found, with its causes, and how that is judged."""
    registry.load()
    checked = {each.clause for each in CHECKS.values()}
    baseline = file.read(_BASELINES / f"{name}.toml")
    failing = {entry.id: entry for entry in baseline.entries}
    subject = Subject(name, name, "6.9", "3.12", "CPython", "Linux", ("persistent", "cache"))
    clauses = []
    for clause in CLAUSES.values():
        entry = failing.get(clause.id)
        checks = [
            CheckFinished(f"{clause.id}:{each.name}", clause.id, FAIL, "what", "expected", each.got)
            for each in (entry.checks if entry is not None else ())
        ]
        if not checks:
            verdict = PASS if clause.id in checked else UNSUPPORTED
            checks = [CheckFinished(f"{clause.id}:x", clause.id, verdict, "no reason")]
        clauses.append(ClauseResult(clause, checks[0].verdict, tuple(checks)))
    causes = shipped(name)
    found = tuple(
        Finding(
            each.divergence,
            name,
            digest=each.digest,
            standing=known.divergence(each.divergence, "") if known else Standing(),
            cause=cause_of(each.divergence, causes),
        )
        for each in baseline.divergences
    )
    results = explained(
        Results(subject, tuple(clauses), 60.0, Search((CORPUS,), found, found, replayed=73))
    )
    return results, judge(results, known, strict=False, floor=0, pairs=0)


__all__ = ["Everything", "recorded"]
