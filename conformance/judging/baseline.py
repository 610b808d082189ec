"""The baseline: what an implementation is known to fail, each with a reason.

It is strict in both directions: a failure that it does not list is new, an entry whose clause
passes is stale. Entries list the checks that fail, so that a new failure is not hidden by an old
one of the same clause. Divergences stand in entries of their own: see `conformance.judging.pinned`.
"""

from __future__ import annotations

import datetime
from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import tomlkit

from conformance.clauses.registry import CLAUSES, MUST, SHOULD
from conformance.files import BadFile, read_toml, write_whole
from conformance.judging import causes as causing
from conformance.judging.causes import Cause
from conformance.judging.confirmed import confirmed_failures
from conformance.judging.in_process import FAIL, INCONCLUSIVE, NOT_RUN, PASS
from conformance.judging.pinned import (
    DivergenceComparison,
    Pinned,
    compare_divergences,
    from_table,
    to_table,
    update_divergences,
)
from conformance.judging.verdicts import ClauseResult, Results

_WAY_OUT = "Write a new one with `persistent-conformance baseline TARGET -o FILE`"
_LEVELS = (MUST, SHOULD)


@dataclass(frozen=True)
class Entry:
    """One clause that is known to fail: ``checks`` are the names of its failing checks."""

    id: str
    verdict: str
    checks: tuple[str, ...]
    reason: str
    issue: str | None = None
    expires: datetime.date | None = None


@dataclass(frozen=True)
class Baseline:
    """The entries of a baseline by clause id, and the target that it was written for.

    ``divergences`` are the known divergences, ``causes`` say what many have in common.
    """

    target: str
    version: str = ""
    entries: Mapping[str, Entry] | None = None
    divergences: tuple[Pinned, ...] = ()
    causes: tuple[Cause, ...] = ()

    def get(self, clause: str) -> Entry | None:
        """The entry of ``clause``."""
        return (self.entries or {}).get(clause)


@dataclass(frozen=True)
class Comparison:
    """How results stand to a baseline.

    ``unexpected``: failing clauses that the baseline does not list (or whose failing checks it
    does not list all), with the reason. ``stale``: entries that do not hold any more. ``unjudged``:
    clauses that could not be judged and are not listed as such.
    """

    unexpected: Mapping[str, str]
    stale: Mapping[str, str]
    unjudged: Mapping[str, str]


def read(path: Path, target: str | None = None) -> Baseline:
    """The baseline in ``path``, which has to be one of ``target`` if that is given.

    Raises `BadFile` if it is missing, damaged, of another shape or of another target.
    """
    data = read_toml(path, "baseline", _WAY_OUT)
    if target is not None and data["target"] != target:
        raise BadFile(path, f"is of the target {data['target']!r}, not of {target!r}", _WAY_OUT)
    entries = {}
    for raw in data.get("clause", ()):
        raw.pop("level", None)
        _check_date(path, raw, raw["id"])
        entries[raw["id"]] = Entry(**{**raw, "checks": tuple(raw["checks"])})
    causes = []
    for raw in data.get(causing.KEY, ()):
        _check_date(path, raw, f"{causing.KEY} {raw['signature']!r}")
        causes.append(causing.from_table(path, raw))
    divergences: dict[str, Pinned] = {}
    for raw in data.get("divergence", ()):
        _check_date(path, raw, raw["signature"])
        if raw["signature"] in divergences:
            raise BadFile(path, f"{raw['signature']!r} is listed twice", "Keep one of the entries")
        divergences[raw["signature"]] = from_table(path, raw, causes)
    pinned = tuple(divergences.values())
    version = data.get("version", "")
    return Baseline(data["target"], version, entries, pinned, tuple(causes))


def _check_date(path: Path, raw: Mapping[str, Any], name: str) -> None:
    if type(raw.get("expires", datetime.date.min)) is not datetime.date:
        raise BadFile(path, f"{name}: expires is no date", "Write it as 2030-01-31")


def compare(baseline: Baseline, results: Results, strict: bool, today: datetime.date) -> Comparison:
    """Compare ``results`` with ``baseline``. SHOULD clauses gate only if ``strict``."""
    unexpected: dict[str, str] = {}
    stale: dict[str, str] = {}
    unjudged: dict[str, str] = {}
    for result in results.clauses:
        entry = baseline.get(result.clause.id)
        gating = result.clause.level == MUST or (strict and result.clause.level == SHOULD)
        if entry is not None:
            _compare_entry(entry, result, today, unexpected, stale, unjudged)
        elif gating and result.verdict == FAIL:
            unexpected[result.clause.id] = result.message
        elif gating and result.verdict in (INCONCLUSIVE, NOT_RUN):
            unjudged[result.clause.id] = result.message
    for id in baseline.entries or {}:
        if id not in CLAUSES:
            stale[id] = "there is no such clause"
    return Comparison(unexpected, stale, unjudged)


def _compare_entry(
    entry: Entry,
    result: ClauseResult,
    today: datetime.date,
    unexpected: dict[str, str],
    stale: dict[str, str],
    unjudged: dict[str, str],
) -> None:
    failing = _names(result, FAIL, INCONCLUSIVE)
    new = [name for name in failing if name not in entry.checks]
    passing = [name for name in entry.checks if name in _names(result, PASS)]
    gone = set(entry.checks) - {_name(check.check) for check in result.checks}
    if new:
        unexpected[entry.id] = f"fails in {', '.join(new)} too, which the baseline does not list"
    elif entry.verdict == INCONCLUSIVE and result.verdict == FAIL:
        unexpected[entry.id] = result.message
    elif entry.verdict == FAIL and result.verdict in (INCONCLUSIVE, NOT_RUN):
        unjudged[entry.id] = result.message
    if not failing and result.verdict != NOT_RUN:
        stale[entry.id] = f"the clause is {result.verdict} now"
    elif passing:
        stale[entry.id] = f"passes now: {', '.join(passing)}"
    elif gone:
        stale[entry.id] = f"there is no check {', '.join(sorted(gone))}"
    elif entry.expires is not None and entry.expires < today:
        stale[entry.id] = f"expired on {entry.expires}"


def update(old: Baseline | None, results: Results) -> Baseline:
    """The baseline for ``results``; entries that still hold keep reason, issue and expiry.

    Entries of clauses that these results do not cover are kept as they are.
    """
    before = dict((old.entries if old else None) or {})
    covered = {result.clause.id for result in results.clauses}
    entries = {id: entry for id, entry in before.items() if id not in covered and id in CLAUSES}
    for result in results.clauses:
        failing = tuple(_names(result, FAIL, INCONCLUSIVE))
        if result.clause.level not in _LEVELS or not failing:
            continue
        verdict = FAIL if result.verdict == FAIL else INCONCLUSIVE
        known = before.get(result.clause.id)
        entries[result.clause.id] = (
            replace(known, verdict=verdict, checks=failing)
            if known
            else Entry(result.clause.id, verdict, failing, _reason(result, results.subject.name))
        )
    order = {id: number for number, id in enumerate(CLAUSES)}
    ordered = {id: entries[id] for id in sorted(entries, key=order.__getitem__)}
    kept = old or Baseline(results.subject.target)
    target, version = results.subject.target, results.subject.version
    return Baseline(target, version, ordered, kept.divergences, kept.causes)


def _reason(result: ClauseResult, name: str) -> str:
    confirmed = (each.what for each in confirmed_failures(result.clause.id) if each.target == name)
    return next(confirmed, result.message)


def write(path: Path, baseline: Baseline) -> None:
    """Write ``baseline`` to ``path``, whole or not at all. Raises `BadFile`."""
    document = tomlkit.document()
    document.add(tomlkit.comment("What is known to fail, and why. `check --baseline` holds to it"))
    document.add(tomlkit.comment("in both directions; `baseline` brings it up to date."))
    document["schema"] = 1
    document["target"] = baseline.target
    document["version"] = baseline.version
    tables = tomlkit.aot()
    for entry in (baseline.entries or {}).values():
        tables.append(_table(entry))
    if len(tables):
        document["clause"] = tables
    causes = tomlkit.aot()
    for cause in baseline.causes:
        causes.append(causing.to_table(cause))
    if len(causes):
        document[causing.KEY] = causes
    pinned = tomlkit.aot()
    for known in baseline.divergences:
        pinned.append(to_table(known, baseline.causes))
    if len(pinned):
        document["divergence"] = pinned
    write_whole(path, tomlkit.dumps(document))


def _table(entry: Entry) -> Any:
    table = tomlkit.table()
    table["id"] = entry.id
    table["level"] = CLAUSES[entry.id].level
    table["verdict"] = entry.verdict
    checks = tomlkit.array()
    checks.extend(entry.checks)
    table["checks"] = checks.multiline(len(entry.checks) > 1)
    table["reason"] = entry.reason
    if entry.issue is not None:
        table["issue"] = entry.issue
    if entry.expires is not None:
        table["expires"] = entry.expires
    return table


def _names(result: ClauseResult, *verdicts: str) -> list[str]:
    return [_name(check.check) for check in result.checks if check.verdict in verdicts]


def _name(check: str) -> str:
    return check.partition(":")[2]


__all__ = [
    "Baseline",
    "Comparison",
    "DivergenceComparison",
    "Entry",
    "Pinned",
    "compare",
    "compare_divergences",
    "read",
    "update",
    "update_divergences",
    "write",
]
