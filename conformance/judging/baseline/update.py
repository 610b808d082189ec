"""Brings a baseline up to date with what runs in one or several interpreters have seen."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace

from conformance.clauses.registry import CLAUSES, MUST, SHOULD
from conformance.judging.baseline.entries import (
    Baseline,
    Entry,
    FailingCheck,
    Key,
    Pinned,
    message_of,
)
from conformance.judging.baseline.markers import Interpreter, holds, marker_for
from conformance.judging.causes import Cause, cause_of, shipped
from conformance.judging.confirmed import confirmed_failures
from conformance.judging.digests import of_replayed
from conformance.judging.findings import Finding
from conformance.judging.in_process import FAIL, INCONCLUSIVE
from conformance.judging.verdicts import ClauseResult, Results
from stateful.replay.replaying import ERROR

_LEVELS = (MUST, SHOULD)


@dataclass(frozen=True)
class Seen:
    """What a run in one interpreter came to.

    ``also`` are findings of runs elsewhere that this interpreter shows too, which its own run did
    not come across.
    """

    results: Results
    also: Sequence[Finding] = ()

    @property
    def interpreter(self) -> str:
        """The interpreter, as a baseline names it."""
        subject = self.results.subject
        return str(Interpreter(subject.interpreter, subject.python))

    @property
    def findings(self) -> tuple[Finding, ...]:
        """All that it shows and a clause decides."""
        searched = self.results.search
        every = (*(searched.seen if searched is not None else ()), *self.also)
        return tuple(found for found in every if found.free is None)


def update(old: Baseline | None, runs: Sequence[Seen]) -> Baseline:
    """The baseline for ``runs``; entries that still hold keep reason, issue and expiry.

    What these runs do not speak of is kept as it is: clauses that they did not cover, divergences
    if they did not search, interpreters in which none of them ran.
    """
    subject = runs[0].results.subject
    before = old or Baseline(subject.target)
    everywhere = _sorted({*before.interpreters, *(run.interpreter for run in runs)})
    causes = {cause.name: cause for cause in (*shipped(subject.name), *before.causes)}
    divergences = _divergences(before, runs, everywhere, causes)
    named = {entry.cause for entry in divergences}
    own = tuple(each for each in before.causes if each.name in named)
    return Baseline(
        subject.target,
        subject.version,
        everywhere,
        _entries(before, runs, everywhere, subject.name),
        divergences,
        own,
    )


def _sorted(interpreters: Iterable[str]) -> tuple[str, ...]:
    parsed = [Interpreter.parse(text) for text in interpreters]
    parsed.sort(key=lambda each: (each.name, [int(part) for part in each.short.split(".")]))
    return tuple(map(str, parsed))


def _elsewhere(marker: str | None, before: Baseline, runs: Sequence[Seen]) -> set[str]:
    """The interpreters in which something with ``marker`` held, and none of ``runs`` ran."""
    now = {run.interpreter for run in runs}
    return {
        text
        for text in before.interpreters
        if text not in now and holds(marker, Interpreter.parse(text))
    }


# Clauses


@dataclass
class _Failing:
    """One check with one digest: what came of it, and where."""

    check: FailingCheck
    verdict: str
    interpreters: set[str] = field(default_factory=set)


def _entries(
    before: Baseline, runs: Sequence[Seen], everywhere: Sequence[str], name: str
) -> tuple[Entry, ...]:
    said = {entry.id: entry for entry in before.entries}
    results = {result.clause.id: result for run in reversed(runs) for result in run.results.clauses}
    failing = _failing(before, runs)
    found: list[Entry] = []
    for id in sorted({id for id, *_ in failing}, key=list(CLAUSES).index):
        alike: dict[tuple[frozenset[str], str], list[FailingCheck]] = {}
        for (clause, *_), each in sorted(failing.items()):
            if clause == id:
                alike.setdefault((frozenset(each.interpreters), each.verdict), []).append(
                    each.check
                )
        known = said.get(id)
        for (interpreters, verdict), checks in alike.items():
            marker = marker_for(interpreters, everywhere)
            reason = known.reason if known else _reason(results[id], name)
            entry = Entry(id, verdict, tuple(checks), reason, marker=marker)
            if known is not None:
                entry = replace(entry, issue=known.issue, expires=known.expires)
            found.append(entry)
    return tuple(found)


def _failing(before: Baseline, runs: Sequence[Seen]) -> dict[tuple[str, str, str], _Failing]:
    failing: dict[tuple[str, str, str], _Failing] = {}

    def add(id: str, check: FailingCheck, verdict: str, where: Iterable[str]) -> None:
        key = (id, check.name, check.digest)
        failing.setdefault(key, _Failing(check, verdict)).interpreters.update(where)

    for run in runs:
        for result in run.results.clauses:
            if result.clause.level in _LEVELS or result.lost:
                for check in result.checks:
                    if check.verdict in (FAIL, INCONCLUSIVE):
                        made = FailingCheck.of(check)
                        add(result.clause.id, made, check.verdict, [run.interpreter])
    for entry in before.entries:
        if entry.id not in CLAUSES:
            continue
        kept = _elsewhere(entry.marker, before, runs)
        for run in runs:
            covered = {result.clause.id for result in run.results.clauses}
            here = Interpreter.parse(run.interpreter)
            if entry.id not in covered and holds(entry.marker, here):
                kept.add(run.interpreter)
        for known in entry.checks if kept else ():
            # A file of an earlier release does not say what was seen.
            if known.digest:
                add(entry.id, known, entry.verdict, kept)
    return failing


def _reason(result: ClauseResult, name: str) -> str:
    confirmed = (each.what for each in confirmed_failures(result.clause.id) if each.target == name)
    return next(confirmed, result.message)


# Divergences


def _divergences(
    before: Baseline,
    runs: Sequence[Seen],
    everywhere: Sequence[str],
    causes: Mapping[str, Cause],
) -> tuple[Pinned, ...]:
    entries: dict[Key, Pinned] = {}
    where: dict[Key, set[str]] = {}
    said = {entry.key: entry for entry in before.divergences}
    for run in runs:
        followed = _followed(before, run)
        for found in run.findings:
            known = said.get(found.key) or followed.get(found.key)
            if found.key not in entries:
                entries[found.key] = _pinned(found, known, causes)
            where.setdefault(found.key, set()).add(run.interpreter)
    for entry in before.divergences:
        kept = _elsewhere(entry.marker, before, runs)
        kept |= {run.interpreter for run in runs if _is_kept(entry, run)}
        if kept and entry.digest:
            entries.setdefault(entry.key, entry)
            where.setdefault(entry.key, set()).update(kept)
    marked = [
        replace(entry, marker=marker_for(where[key], everywhere)) for key, entry in entries.items()
    ]
    marked.sort(
        key=lambda each: (str(each.signature), len(each.divergence.trace.operations), each.digest)
    )
    return tuple(marked)


def _is_kept(entry: Pinned, run: Seen) -> bool:
    """Whether a run says nothing of an entry that held in its interpreter."""
    if not holds(entry.marker, Interpreter.parse(run.interpreter)):
        return False
    searched = run.results.search
    if searched is None:
        return True
    result = searched.pinned.get(entry.key)
    return result is not None and result.verdict == ERROR


def _followed(before: Baseline, run: Seen) -> dict[Key, Pinned]:
    """What pinned traces show now -> their entries: reasons follow them."""
    found = {}
    searched = run.results.search
    for entry in before.divergences if searched is not None else ():
        result = searched.pinned.get(entry.key) if searched is not None else None
        if result is not None and result.found is not None:
            found[str(result.found.signature), of_replayed(result)] = entry
    return found


def _pinned(found: Finding, known: Pinned | None, causes: Mapping[str, Cause]) -> Pinned:
    if known is not None and known.key == found.key:
        return known
    made = Pinned(found.divergence, found.digest, repeats=found.repeats)
    if known is not None:
        made = replace(
            made,
            reason=known.reason,
            clause=known.clause,
            issue=known.issue,
            expires=known.expires,
        )
    if made.reason is not None:
        return made
    cause = cause_of(found.divergence, causes.values())
    if cause is not None:
        return replace(made, cause=cause.name)
    if known is not None and known.cause is not None:
        return replace(made, cause=known.cause)
    return replace(made, reason=message_of(found.divergence))


__all__ = ["Seen", "update"]
