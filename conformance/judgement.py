"""What a run amounts to: the exit code, and why."""

from __future__ import annotations

import datetime
from collections.abc import Mapping
from dataclasses import dataclass

from conformance import baseline as baselines
from conformance.baseline import Baseline
from conformance.verdicts import Results

CONFORMANT, NONCONFORMANT, USAGE, NOT_JUDGED = 0, 1, 2, 3


@dataclass(frozen=True)
class Judgement:
    """The exit code of a run and what led to it (see `conformance.baseline.Comparison`).

    ``missed_floor`` says how many checks are missing, where a floor was missed.
    """

    exit_code: int
    unexpected: Mapping[str, str]
    stale: Mapping[str, str]
    unjudged: Mapping[str, str]
    has_baseline: bool
    missed_floor: str | None


def judge(
    results: Results,
    baseline: Baseline | None,
    *,
    strict: bool,
    floor: int,
    today: datetime.date | None = None,
) -> Judgement:
    """Judge ``results``: ``floor`` is the number of checks that have to be executed at least."""
    found = baselines.compare(
        baseline or Baseline(results.subject.target),
        results,
        strict,
        today or datetime.date.today(),
    )
    missed = None
    if results.executed < floor:
        missed = f"only {results.executed} checks were executed, {floor} are demanded"
    if found.unexpected or found.stale:
        code = NONCONFORMANT
    elif missed or found.unjudged:
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
    )
