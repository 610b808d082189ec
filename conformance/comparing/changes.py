"""Two implementations side by side as a change: what the second one does better, and worse.

The first one is what was before, such as the last release. Where a clause decides, the reference
says which of the two is right; where none does, it is a change and neither.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from conformance.clauses.registry import MAY
from conformance.comparing.comparison import ClauseRow, Comparison, DivergenceRow
from conformance.judging.causes import Cause
from conformance.judging.events import CheckFinished
from conformance.judging.in_process import FAIL, INCONCLUSIVE, NOT_RUN, PASS, UNSUPPORTED
from conformance.judging.verdicts import ClauseResult
from fixtures.roles import accidental

WORSE, BETTER, OTHER = "worse", "better", "other"
#: Which changes are told first.
KINDS = (WORSE, BETTER, OTHER)
#: The verdicts of something that is wrong, and of what is not known to be.
_BAD, _GOOD = (FAIL, INCONCLUSIVE), (PASS, UNSUPPORTED)


@dataclass(frozen=True)
class CheckChange:
    """A check that came out otherwise: what it was (None: it was not there), and what it is."""

    name: str
    kind: str
    before: CheckFinished | None
    after: CheckFinished | None


@dataclass(frozen=True)
class ClauseChange:
    """A clause to which the answers differ: how, in which checks, and why where it fails."""

    row: ClauseRow
    kind: str
    checks: tuple[CheckChange, ...]
    cause: Cause | None

    @property
    def verdicts(self) -> tuple[str, str]:
        """What it was, and what it is."""
        before, after = self.row.results
        return before.verdict if before else NOT_RUN, after.verdict if after else NOT_RUN


@dataclass(frozen=True)
class DivergenceChange:
    """A divergence from the reference that only one of the two shows, or both in another way."""

    row: DivergenceRow
    kind: str


@dataclass(frozen=True)
class Changes:
    """All that is otherwise, the clauses of one cause together."""

    clauses: tuple[ClauseChange, ...]
    divergences: tuple[DivergenceChange, ...]

    def of_kind(self, kind: str) -> Changes:
        """Those of one kind."""
        return Changes(
            tuple(each for each in self.clauses if each.kind == kind),
            tuple(each for each in self.divergences if each.kind == kind),
        )

    def __bool__(self) -> bool:
        return bool(self.clauses or self.divergences)


def changes(comparison: Comparison) -> Changes:
    """What the second of two columns does otherwise. Raises ValueError if there are not two."""
    if len(comparison.columns) != 2:
        raise ValueError(f"comparison: {len(comparison.columns)} columns are no change")
    clauses = [_clause(row) for row in comparison.differing_clauses]
    order: dict[object, int] = {}
    for each in clauses:
        order.setdefault(each.cause, len(order))
    clauses.sort(key=lambda each: (KINDS.index(each.kind), order[each.cause]))
    searched = all(column.results.search is not None for column in comparison.columns)
    divergences = [
        DivergenceChange(row, _of_answers(row))
        for row in (comparison.differing_reported if searched else ())
    ]
    divergences.sort(key=lambda each: KINDS.index(each.kind))
    return Changes(tuple(clauses), tuple(divergences))


def _clause(row: ClauseRow) -> ClauseChange:
    before, after = row.results
    checks = tuple(_checks(before, after))
    kind = _kind(before.verdict if before else NOT_RUN, after.verdict if after else NOT_RUN)
    kinds = {each.kind for each in checks} - {OTHER}
    if row.clause.level == MAY:
        kind = OTHER
    elif kind == OTHER and len(kinds) == 1:
        (kind,) = kinds
    told = before if kind == BETTER else after
    return ClauseChange(row, kind, checks, None if told is None else told.cause)


def _checks(before: ClauseResult | None, after: ClauseResult | None) -> Sequence[CheckChange]:
    """The checks that came out otherwise, worse ones first."""
    was = {each.check: each for each in (before.checks if before else ())}
    now = {each.check: each for each in (after.checks if after else ())}
    found = []
    for check in dict.fromkeys([*was, *now]):
        one, other = was.get(check), now.get(check)
        if _seen(one) != _seen(other):
            kind = _kind(one.verdict if one else NOT_RUN, other.verdict if other else NOT_RUN)
            found.append(CheckChange(check.partition(":")[2], kind, one, other))
    return sorted(found, key=lambda each: KINDS.index(each.kind))


def _seen(check: CheckFinished | None) -> object:
    """What has to be equal for a check to have come out the same way."""
    if check is None:
        return None
    told = (check.what, check.got) if check.verdict in _BAD else ()
    return check.verdict, tuple(map(accidental, told))


def _kind(before: str, after: str) -> str:
    if before in _GOOD and after in _BAD:
        return WORSE
    return BETTER if before in _BAD and after in _GOOD else OTHER


def _of_answers(row: DivergenceRow) -> str:
    before, after = row.answers
    if before is None:
        return WORSE
    return BETTER if after is None else OTHER


__all__ = [
    "BETTER",
    "KINDS",
    "OTHER",
    "WORSE",
    "Changes",
    "CheckChange",
    "ClauseChange",
    "DivergenceChange",
    "changes",
]
