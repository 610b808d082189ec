"""Implementations grouped by their answers: what they did in a trace, or to a clause.

No oracle is asked: nothing here knows which answer is right.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from conformance.clauses.registry import MAY
from conformance.judging.in_process import FAIL, INCONCLUSIVE, NOT_RUN, PASS, UNSUPPORTED
from conformance.judging.verdicts import ClauseResult
from fixtures.roles import accidental
from stateful.lockstep.observe import Difference
from stateful.lockstep.recorded import differences
from stateful.replay.recording import Recording
from stateful.traces.step import Step
from stateful.traces.trace import Trace

_LOST = "what becomes of the process"
_ALIVE = "it goes on"


@dataclass(frozen=True)
class Group:
    """Those that gave the same answer: their numbers, and the answer in words."""

    members: tuple[int, ...]
    answer: str


@dataclass(frozen=True)
class Disagreement:
    """The first step of a trace at which implementations differ.

    ``operation`` is that step as signatures name it, ``fields`` what of it differs.
    """

    step: int
    operation: str
    fields: tuple[str, ...]
    groups: tuple[Group, ...]


def disagreement(trace: Trace, recordings: Sequence[Recording | None]) -> Disagreement | None:
    """Where the implementations with these ``recordings`` of ``trace`` differ first, if they do.

    None stands for one that was not asked. One that lacks what a step takes does not take part from
    there on.
    """
    for number, made in enumerate(trace.operations):
        step = Step.of(made)
        asked = {
            index: recording
            for index, recording in enumerate(recordings)
            if recording is not None and (number < len(recording.steps) or recording.lost)
        }
        split = _split(step, number, asked)
        if len(split) > 1:
            return _told(step, number, asked, split)
    return None


def _split(step: Step, number: int, asked: dict[int, Recording]) -> list[list[int]]:
    """The numbers of those that do the same in a step, group by group."""
    groups: list[list[int]] = []
    for index, recording in asked.items():
        for group in groups:
            if not _differ(step, number, asked[group[0]], recording):
                group.append(index)
                break
        else:
            groups.append([index])
    return groups


def _differ(step: Step, number: int, one: Recording, other: Recording) -> list[Difference]:
    ends = [number >= len(each.steps) and each.lost for each in (one, other)]
    if any(ends):
        if all(ends):
            return []
        return [Difference(_LOST, ends[0] or _ALIVE, ends[1] or _ALIVE)]
    return list(differences(step, one.steps[number], other.steps[number]))


def _told(
    step: Step, number: int, asked: dict[int, Recording], split: list[list[int]]
) -> Disagreement:
    """The difference in words: for each group, of as many fields as tell the groups apart."""
    first = asked[split[0][0]]
    found = [
        {each.field: each for each in _differ(step, number, first, asked[members[0]])}
        for members in split
    ]
    fields = tuple(dict.fromkeys(field for each in found for field in each))
    usual = {field: each[field].expected for each in reversed(found) for field in each}
    values = [
        [each[field].actual if field in each else usual[field] for field in fields]
        for each in found
    ]
    enough = next(
        (
            count
            for count in range(1, len(fields))
            if len({*map(str, _cut(values, count))}) == len(split)
        ),
        len(fields),
    )
    groups = [
        Group(tuple(members), "; ".join(map(": ".join, zip(fields[:enough], shown, strict=True))))
        for members, shown in zip(split, _cut(values, enough), strict=True)
    ]
    return Disagreement(number, step.label, fields, tuple(groups))


def _cut(rows: list[list[str]], count: int) -> list[list[str]]:
    return [row[:count] for row in rows]


def clause_groups(results: Sequence[ClauseResult | None]) -> tuple[Group, ...]:
    """Implementations grouped by what came of a clause; None stands for one that was not asked.

    One whose checks could not be run has not answered; nor, among more than two, has one that lacks
    what they take. Of two, the first is what was before, and a part that is gone is a change.
    """
    silent = (NOT_RUN, UNSUPPORTED) if len(results) > 2 else (NOT_RUN,)
    groups: dict[object, tuple[list[int], str]] = {}
    for index, result in enumerate(results):
        if result is not None and result.verdict not in silent:
            answer = _answer(result)
            groups.setdefault(answer, ([], _in_words(result)))[0].append(index)
    return tuple(Group(tuple(members), words) for members, words in groups.values())


def _answer(result: ClauseResult) -> object:
    """What has to be equal for two implementations to have given the same answer."""
    told: tuple[tuple[str, ...], ...] = ()
    if result.verdict == FAIL:
        told = tuple((each.check, each.what, each.got) for each in result.decisive)
    elif result.verdict == INCONCLUSIVE:
        told = tuple((each.check, each.what) for each in result.decisive)
    elif result.clause.level == MAY and result.verdict == PASS:
        told = tuple((each.check, each.what) for each in result.checks)
    return result.verdict, tuple(tuple(map(accidental, each)) for each in told)


def _in_words(result: ClauseResult) -> str:
    if result.verdict == FAIL:
        first, failing = result.decisive[0], len(result.decisive)
        count = f" ({failing} of {len(result.checks)} checks)" if len(result.checks) > 1 else ""
        return f"{first.what}: {first.got}{count}"
    return result.message or "as the clause says"


__all__ = ["Disagreement", "Group", "clause_groups", "disagreement"]
