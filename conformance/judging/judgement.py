"""What a run amounts to: the exit code, and why."""

from __future__ import annotations

import datetime
from collections.abc import Mapping
from dataclasses import dataclass, field, replace

from conformance.clauses.registry import MUST, SHOULD
from conformance.judging.baseline.entries import FailingCheck
from conformance.judging.baseline.force import InForce
from conformance.judging.digests import of_check
from conformance.judging.events import CheckFinished
from conformance.judging.in_process import FAIL, INCONCLUSIVE, NOT_RUN
from conformance.judging.known import CHANGED, NEW, Known, Nothing, Standing
from conformance.judging.search import FLOOR, Search
from conformance.judging.verdicts import ClauseResult, Results

CONFORMANT, NONCONFORMANT, USAGE, NOT_JUDGED = 0, 1, 2, 3


@dataclass(frozen=True)
class Standings:
    """How clauses, or divergences, stand to what is known; each from an id to why.

    ``unexpected``: what is news. ``stale``: entries of a baseline that do not hold any more.
    ``unjudged``: what could not be told.
    """

    unexpected: Mapping[str, str]
    stale: Mapping[str, str]
    unjudged: Mapping[str, str]


#: No divergence was looked for, or none was found.
NONE_FOUND = Standings({}, {}, {})


@dataclass(frozen=True)
class Judgement:
    """The exit code of a run and what led to it.

    ``unexpected``, ``stale`` and ``unjudged`` are about clauses, ``divergences`` about those, as
    `Standings` tells. ``missed_floor`` says how much is missing, where a floor was missed. ``news``
    holds the ids of the checks that are news, by clause. ``known_by`` names what was judged by,
    such as "the baseline"; None if nothing was known. ``unspoken`` names the interpreter, if the
    baseline was not written for it.
    """

    exit_code: int
    unexpected: Mapping[str, str]
    stale: Mapping[str, str]
    unjudged: Mapping[str, str]
    known_by: str | None
    missed_floor: str | None
    divergences: Standings = NONE_FOUND
    unspoken: str | None = None
    news: Mapping[str, tuple[str, ...]] = field(default_factory=dict)


def judge(
    results: Results,
    known: Known | None = None,
    *,
    strict: bool,
    floor: int,
    pairs: int = FLOOR,
    today: datetime.date | None = None,
) -> Judgement:
    """Judge ``results`` by what is ``known``, to which their findings stand already.

    ``floor`` is the number of checks that have to be executed at least. Where the run searched too,
    ``pairs`` is the number of pairs of operation and abstract state that have to be reached.
    """
    source = results.accepted or known
    clauses, news = _clauses(results, source or Nothing(), strict or source is not None)
    divergences = _divergences(results.search)
    baseline = known if isinstance(known, InForce) else None
    if baseline is not None:
        day = today or datetime.date.today()
        clauses = replace(clauses, stale=baseline.stale_clauses(results, day))
        if results.search is not None:
            stale, unjudged = baseline.outdated_divergences(results.search, day)
            divergences = replace(divergences, stale=stale, unjudged=unjudged)
    missed = None
    if results.executed < floor:
        missed = f"only {results.executed} checks were executed, {floor} are demanded"
    if results.search is not None:
        missed = missed or results.search.missed(pairs)
    both = (clauses, divergences)
    if any(each.unexpected or each.stale for each in both):
        code = NONCONFORMANT
    elif missed or any(each.unjudged for each in both):
        code = NOT_JUDGED
    else:
        code = CONFORMANT
    return Judgement(
        exit_code=code,
        unexpected=clauses.unexpected,
        stale=clauses.stale,
        unjudged=clauses.unjudged,
        known_by=None if source is None else source.name,
        missed_floor=missed,
        divergences=divergences,
        news=news,
        unspoken=None if baseline is None or baseline.is_spoken_of else str(baseline.interpreter),
    )


def gates(level: str, is_lost: bool, should: bool) -> bool:
    """Whether what fails a clause of this level makes a run fail; SHOULD only if they ``should``.

    No clause of any level allows that the process of the target ``is_lost``.
    """
    return level == MUST or (should and level == SHOULD) or is_lost


#: How many of the checks that are news are told of a clause; the rest are counted.
_SHOWN = 2


def _clauses(
    results: Results, known: Known, should: bool
) -> tuple[Standings, dict[str, tuple[str, ...]]]:
    """How the clauses stand, and the checks of each that are news.

    SHOULD clauses gate if they ``should``.
    """
    unexpected: dict[str, str] = {}
    unjudged: dict[str, str] = {}
    news: dict[str, tuple[str, ...]] = {}
    for result in results.clauses:
        id, level = result.clause.id, result.clause.level
        new, unknown = _news(result, known, gates(level, bool(result.lost), should))
        if new:
            shown = [_message(check, standing) for check, standing in new[:_SHOWN]]
            more = len(new) - len(shown)
            unexpected[id] = "; ".join([*shown, *([f"and {more} more checks"] if more else [])])
            news[id] = tuple(check.check for check, _ in new)
        elif unknown:
            unjudged[id] = unknown[0].what
    return Standings(unexpected, {}, unjudged), news


def _news(
    result: ClauseResult, known: Known, is_gating: bool
) -> tuple[list[tuple[CheckFinished, Standing]], list[CheckFinished]]:
    """The failing checks of a clause that are news, and those that could not be judged.

    If the clause does not gate, only what changes is news.
    """
    new, unknown = [], []
    for check in result.checks:
        if check.verdict == NOT_RUN:
            unknown.append(check)
        if check.verdict not in (FAIL, INCONCLUSIVE):
            continue
        standing = known.check(check.check, of_check(check))
        if standing.is_known:
            continue
        if check.verdict == INCONCLUSIVE:
            unknown.append(check)
        elif is_gating or standing.state != NEW:
            new.append((check, standing))
    return new, unknown


def _message(check: CheckFinished, standing: Standing) -> str:
    if standing.state != CHANGED:
        return f"{check.what}: expected {check.expected}, got {check.got}"
    name, now = check.check.partition(":")[2], FailingCheck.of(check).got
    how = f"is now {now}" if standing.was != now else "is so in another way"
    return f"changed: {name}: {check.what}: expected {check.expected}, was {standing.was}, {how}"


def _divergences(searched: Search | None) -> Standings:
    if searched is None:
        return NONE_FOUND
    return Standings({found.key[0]: found.message for found in searched.news}, {}, {})


__all__ = [
    "CONFORMANT",
    "NONCONFORMANT",
    "NONE_FOUND",
    "NOT_JUDGED",
    "USAGE",
    "Judgement",
    "Standings",
    "gates",
    "judge",
]
