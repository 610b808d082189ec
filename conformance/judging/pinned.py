"""Divergences in a baseline: which ones are known, each with a reason and a pinned trace.

The pinned traces are replayed before anything is generated, so that the baseline is strict in both
directions whatever the engines come across: a trace that no longer diverges is stale, a divergence
whose signature no entry covers, and that no cause holds, is new.
"""

from __future__ import annotations

import datetime
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import tomlkit

from conformance.files import BadFile
from conformance.judging.causes import Cause, cause_of
from stateful.lockstep.divergence import Divergence, Masked, Signature
from stateful.replay.replaying import DIVERGES, FIXED, Replayed
from stateful.traces.trace import BadTrace, Trace


@dataclass(frozen=True)
class Pinned:
    """One divergence that is known, with the trace that shows it."""

    divergence: Divergence
    reason: str
    clause: str | None = None
    issue: str | None = None
    expires: datetime.date | None = None

    @property
    def signature(self) -> Signature:
        """The identity of the divergence."""
        return self.divergence.signature


@dataclass(frozen=True)
class DivergenceComparison:
    """How divergences stand to a baseline; each mapping is from the text of a signature to why.

    ``unexpected``: divergences that no entry covers. ``stale``: entries that do not hold any more.
    ``unjudged``: entries whose pinned trace could not be replayed.
    """

    unexpected: Mapping[str, str]
    stale: Mapping[str, str]
    unjudged: Mapping[str, str]


def compare_divergences(
    pinned: Iterable[Pinned],
    found: Iterable[Divergence],
    replayed: Mapping[Signature, Replayed],
    today: datetime.date | None = None,
    causes: Collection[Cause] = (),
) -> DivergenceComparison:
    """Compare what a run ``found``, and what came of the ``pinned`` traces, with a baseline.

    ``replayed`` holds what came of each pinned trace, by the signature of its entry. A cause is
    stale if no pinned trace shows it.
    """
    today = today or datetime.date.today()
    entries = list(pinned)
    known = Masked(entry.signature for entry in entries)
    unexpected: dict[str, str] = {}
    stale: dict[str, str] = {}
    unjudged: dict[str, str] = {}
    seen = list(found)
    for entry in entries:
        name = str(entry.signature)
        result = replayed.get(entry.signature)
        if result is None:
            unjudged[name] = "its pinned trace was not replayed"
        elif result.verdict == FIXED:
            stale[name] = "its pinned trace does not diverge any more"
        elif result.verdict != DIVERGES:
            unjudged[name] = result.problem
        elif entry.expires is not None and entry.expires < today:
            stale[name] = f"expired on {entry.expires}"
        elif result.found is not None and not is_same(entry.signature, result.found.signature):
            stale[name] = f"its pinned trace diverges in another way: {result.found.signature}"
            seen.append(result.found)
    for cause in causes:
        if not any(cause.holds(entry.divergence) for entry in entries):
            stale[str(cause)] = "no pinned trace shows it"
        elif cause.expires is not None and cause.expires < today:
            stale[str(cause)] = f"expired on {cause.expires}"
    for divergence in seen:
        if not known.holds(divergence.signature) and cause_of(divergence, causes) is None:
            unexpected[str(divergence.signature)] = message_of(divergence)
    return DivergenceComparison(unexpected, stale, unjudged)


def update_divergences(
    pinned: Iterable[Pinned],
    found: Iterable[Divergence],
    replayed: Mapping[Signature, Replayed],
    causes: Collection[Cause] = (),
) -> tuple[Pinned, ...]:
    """The entries for what a run ``found``: those that still hold, then the new ones.

    Of each cause, one at least.

    Entries that hold keep their reason, clause, issue, date and trace; one whose trace diverges in
    another way now keeps them with the new signature. Entries whose traces were not replayed, or
    could not be judged, are kept.
    """
    kept: list[Pinned] = []
    for entry in pinned:
        result = replayed.get(entry.signature)
        if result is not None and result.verdict == FIXED:
            continue
        if result is not None and result.found is not None:
            now = result.found
            if not is_same(entry.signature, now.signature):
                entry = replace(entry, divergence=now)
        kept.append(entry)
    known = Masked(entry.signature for entry in kept)
    unseen = [cause for cause in causes if not any(cause.holds(entry.divergence) for entry in kept)]
    for divergence in found:
        cause = cause_of(divergence, causes)
        if known.holds(divergence.signature) or (cause and cause not in unseen):
            continue
        known.add(divergence.signature)
        if cause is None:
            kept.append(Pinned(divergence, message_of(divergence)))
        else:
            unseen.remove(cause)
            kept.append(Pinned(divergence, cause.reason, cause.clause, cause.issue))
    return tuple({entry.signature: entry for entry in reversed(kept)}.values())[::-1]


def is_same(pinned: Signature, now: Signature) -> bool:
    """Whether a divergence seen ``now`` is the ``pinned`` one, simpler or in a richer world."""
    return pinned.covers(now) or now.covers(pinned)


def message_of(divergence: Divergence) -> str:
    """What differs, in a line."""
    return f"expected {divergence.expected}, got {divergence.actual}"


# The file


def from_table(path: Path, raw: Mapping[str, Any], causes: Collection[Cause] = ()) -> Pinned:
    """The entry that `to_table` wrote; what it does not say, its cause says. Raises `BadFile`."""
    way_out = "Mend the entry, or remove it and write it anew with `baseline`"
    try:
        trace = Trace.loads(raw["trace"])
        divergence = Divergence(
            Signature.parse(raw["signature"]),
            trace,
            len(trace.operations) - 1,
            raw.get("expected", ""),
            raw.get("actual", ""),
            tuple(map(Signature.parse, raw.get("despite", ()))),
        )
    except (BadTrace, ValueError) as error:
        raise BadFile(path, f"divergence {raw['signature']!r}: {error}", way_out) from None
    if not trace.operations:
        raise BadFile(path, f"divergence {raw['signature']!r}: its trace is empty", way_out)
    cause = cause_of(divergence, causes) if "reason" not in raw else None
    if cause is not None:
        return Pinned(divergence, cause.reason, cause.clause, cause.issue, raw.get("expires"))
    if "reason" not in raw:
        problem = f"divergence {raw['signature']!r}: there is no reason, and no family holds it"
        raise BadFile(path, problem, way_out)
    return Pinned(
        divergence, raw["reason"], raw.get("clause"), raw.get("issue"), raw.get("expires")
    )


def to_table(entry: Pinned, causes: Collection[Cause] = ()) -> Any:
    """The entry as a table of TOML; the trace is JSON text with one operation a line.

    What its cause says is left out.
    """
    divergence = entry.divergence
    cause = cause_of(divergence, causes)
    table = tomlkit.table()
    table["signature"] = str(divergence.signature)
    said = cause is not None and cause.reason == entry.reason
    for name in ("expires",) if said else ("reason", "clause", "issue", "expires"):
        value = getattr(entry, name)
        if value is not None:
            table[name] = value
    table["expected"] = divergence.expected
    table["actual"] = divergence.actual
    if divergence.despite:
        despite = tomlkit.array()
        despite.extend(map(str, divergence.despite))
        table["despite"] = despite.multiline(True)
    pinned = Trace(divergence.trace.world, divergence.trace.operations[: divergence.step + 1])
    text = pinned.dumps()
    if "'''" in text:
        table["trace"] = tomlkit.string(text, multiline=True)
    else:
        table["trace"] = tomlkit.value(f"'''\n{text}'''")
    return table
