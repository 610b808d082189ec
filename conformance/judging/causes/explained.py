"""What was found, with its causes: each finding and each failing clause bears one."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace

from conformance.clauses.registry import MUST
from conformance.judging.causes import Cause
from conformance.judging.causes.derived import Failed, of_clauses, of_divergences
from conformance.judging.findings import Finding, clauses_of
from conformance.judging.in_process import FAIL, INCONCLUSIVE, PASS
from conformance.judging.verdicts import ClauseResult, Results


@dataclass(frozen=True)
class Caused:
    """All that comes of one cause: the clauses that fail, and the divergences, shortest first."""

    cause: Cause
    clauses: tuple[ClauseResult, ...]
    findings: tuple[Finding, ...]

    @property
    def musts(self) -> tuple[ClauseResult, ...]:
        """The MUST clauses among those that fail."""
        return tuple(each for each in self.clauses if each.clause.level == MUST)

    @property
    def shortest(self) -> Finding | None:
        """The divergence with the fewest steps; None if there is no divergence."""
        return self.findings[0] if self.findings else None


def explained(results: Results) -> Results:
    """``results`` with a cause for every clause that fails, and for every finding."""
    failed = [
        Failed(each.clause.id, each.decisive, any(one.verdict == PASS for one in each.checks))
        for each in results.with_verdict(FAIL, INCONCLUSIVE)
        if each.decisive
    ]
    causes = of_clauses(results.subject.name, failed)
    clauses = tuple(
        replace(each, cause=causes.get(each.clause.id)) if each.clause.id in causes else each
        for each in results.clauses
    )
    search = results.search
    if search is not None:
        every = {id(each): each for each in (*search.seen, *search.findings)}
        without = [each for each in every.values() if each.cause is None]
        made = of_divergences([each.divergence for each in without], clauses_of, failed, causes)
        for each, cause in zip(without, made, strict=True):
            every[id(each)] = replace(each, cause=cause)
        search = replace(
            search,
            seen=tuple(every[id(each)] for each in search.seen),
            findings=tuple(every[id(each)] for each in search.findings),
        )
    return replace(results, clauses=clauses, search=search)


def by_cause(
    clauses: Iterable[ClauseResult] = (), findings: Iterable[Finding] = ()
) -> tuple[Caused, ...]:
    """These clauses that fail and these findings, by their causes.

    A cause that breaks MUST clauses comes first, then the one of which most comes.
    """
    failing: dict[str, list[ClauseResult]] = {}
    found: dict[str, list[Finding]] = {}
    causes: dict[str, Cause] = {}
    for result in clauses:
        if result.cause is not None:
            causes.setdefault(result.cause.name, result.cause)
            failing.setdefault(result.cause.name, []).append(result)
    for finding in findings:
        if finding.cause is not None:
            causes.setdefault(finding.cause.name, finding.cause)
            found.setdefault(finding.cause.name, []).append(finding)
    made = [
        Caused(
            cause,
            tuple(failing.get(name, ())),
            tuple(sorted(found.get(name, ()), key=lambda each: each.divergence.step)),
        )
        for name, cause in causes.items()
    ]
    made.sort(key=lambda each: (not each.musts, -len(each.findings), -len(each.clauses)))
    return tuple(made)


__all__ = ["Caused", "by_cause", "explained"]
