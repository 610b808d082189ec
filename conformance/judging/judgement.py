"""What a run amounts to: the exit code, and why."""

from __future__ import annotations

import datetime
from collections.abc import Mapping
from dataclasses import dataclass

from conformance.judging import baseline as baselines
from conformance.judging.baseline import Baseline, DivergenceComparison, compare_divergences
from conformance.judging.search import FLOOR
from conformance.judging.verdicts import Results

CONFORMANT, NONCONFORMANT, USAGE, NOT_JUDGED = 0, 1, 2, 3
#: No divergence was looked for, or none was found.
NONE_FOUND = DivergenceComparison({}, {}, {})


@dataclass(frozen=True)
class Judgement:
    """The exit code of a run and what led to it (see `conformance.judging.baseline.Comparison`).

    ``missed_floor`` says how much is missing, where a floor was missed. ``divergences`` is how
    those stand to the baseline.
    """

    exit_code: int
    unexpected: Mapping[str, str]
    stale: Mapping[str, str]
    unjudged: Mapping[str, str]
    has_baseline: bool
    missed_floor: str | None
    divergences: DivergenceComparison = NONE_FOUND


def judge(
    results: Results,
    baseline: Baseline | None,
    *,
    strict: bool,
    floor: int,
    pairs: int = FLOOR,
    today: datetime.date | None = None,
) -> Judgement:
    """Judge ``results``: ``floor`` is the number of checks that have to be executed at least.

    Where the run searched too, ``pairs`` is the number of pairs of operation and abstract state
    that have to be reached.
    """
    day = today or datetime.date.today()
    known = baseline or Baseline(results.subject.target)
    found = baselines.compare(known, results, strict, day)
    missed = None
    if results.executed < floor:
        missed = f"only {results.executed} checks were executed, {floor} are demanded"
    divergences, searched = NONE_FOUND, results.search
    if searched is not None:
        missed = missed or searched.missed(pairs)
        divergences = compare_divergences(
            known.divergences, searched.divergences, searched.pinned, day, known.causes
        )
    if found.unexpected or found.stale or divergences.unexpected or divergences.stale:
        code = NONCONFORMANT
    elif missed or found.unjudged or divergences.unjudged:
        code = NOT_JUDGED
    else:
        code = CONFORMANT
    return Judgement(
        exit_code=code,
        unexpected=found.unexpected,
        stale=found.stale,
        unjudged=found.unjudged,
        has_baseline=baseline is not None,
        missed_floor=missed,
        divergences=divergences,
    )
