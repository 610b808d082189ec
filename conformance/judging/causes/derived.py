"""Causes that nobody has written down: what failing checks, and divergences, have in common.

For an implementation that is not known here, causes come from what fails: the same error, the same
other outcome, objects with slots, a jar without a cache. A divergence comes of what makes a clause
fail which its operation exercises, else of what those share that take the same steps.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass

from conformance.judging.causes import Cause, shipped
from conformance.judging.causes.differing import differing
from conformance.judging.confirmed import confirmed_failures
from conformance.judging.events import LOST, CheckFinished
from conformance.judging.in_process import FAIL
from fixtures.roles import accidental
from fixtures.samples import SAMPLES
from stateful.lockstep.divergence import Divergence

#: How long an outcome may be in the sentence of a cause, in letters.
_LONG = 120
#: How messages name an object, whose class depends on which check came first.
_OBJECT = re.compile(r"type object '\w+'|'\w+' object")
#: A call as divergences tell it: its name, the object, the state that it sees.
_CALL = re.compile(r"(?P<call>[\w ]+?) \w+(?: \(.*\))? in state (?P<state>-?\d)")
#: What a check looks at, as its message begins, where a divergence is in such a field.
_LOOKED_AT = {
    "calls": "the calls",
    "calls.seen": "the calls",
    "value": "the value",
    "object.state": "_p_state",
    "object.changed": "_p_changed",
    "object.dict": "the instance dict",
    "object.slots": "the slots",
}


@dataclass(frozen=True)
class Failed:
    """A clause that fails: its checks that do, and whether others of its checks pass."""

    clause: str
    checks: tuple[CheckFinished, ...]
    in_part: bool


def of_clauses(name: str, failed: Sequence[Failed]) -> dict[str, Cause]:
    """The cause of each clause that fails, by its id, for the implementation called ``name``.

    It is one of those that are shipped, or a failure that was confirmed by hand, or what several
    clauses share; if there is no such thing, the first thing that the clause's own checks saw.
    """
    # What is free is no cause of a failure.
    written = [cause for cause in shipped(name) if not cause.is_free]
    known = {cause.clause: cause for cause in reversed(written)}
    confirmed = {each.clause: each for each in confirmed_failures() if each.target == name}
    found: dict[str, Cause] = {}
    rest = []
    for each in failed:
        if any(check.is_lost for check in each.checks):
            rest.append(each)
        elif each.clause in known:
            found[each.clause] = known[each.clause]
        elif each.clause in confirmed:
            what = " ".join(confirmed[each.clause].what.split())
            found[each.clause] = Cause(_slug(each.clause), what, each.clause)
        else:
            rest.append(each)
    for shared in (_world, _error, _outcome):
        groups: dict[str, list[Failed]] = {}
        for each in rest:
            key = shared(each)
            if key is not None:
                groups.setdefault(key, []).append(each)
        for key, members in groups.items():
            if shared is _world and not any(each.in_part for each in members):
                continue
            if len(members) > 1 or shared is not _outcome:
                called = _slug(members[0].clause if shared is _outcome else key)
                reason = f"{key}: {_most(members)}" if shared is _world else key
                made = _derived(_free(called, found.values()), reason, members[0].clause)
                found |= {each.clause: made for each in members}
        rest = [each for each in rest if each.clause not in found]
    for each in rest:
        name = _free(_slug(each.clause), found.values())
        made = _derived(name, _said(each.checks[0]), each.clause)
        found[each.clause] = made
    return found


def of_divergences(
    found: Sequence[Divergence],
    exercised: Callable[[Divergence], Sequence[str]],
    failed: Sequence[Failed],
    causes: Mapping[str, Cause],
) -> list[Cause]:
    """The cause of each of these divergences, which no shipped one explains.

    ``exercised`` says which clauses a divergence is about, ``causes`` which causes those have that
    ``failed``.
    """
    made: dict[object, Cause] = {}
    told: list[Cause] = []
    for each in found:
        ids = exercised(each)
        areas = {id.partition("-")[0] for id in ids}
        about = [one for one in failed if one.clause.partition("-")[0] in areas]
        about.sort(key=lambda one: one.clause not in ids)
        fitting = max(about, key=lambda one: _likeness(each, one), default=None)
        if fitting is not None and _likeness(each, fitting):
            told.append(causes[fitting.clause])
            continue
        seen = _seen_by_calls(each)
        key = seen or _steps(each)
        if key not in made:
            name = f"{each.trace.operations[each.step]['op']}-{each.signature.field}"
            clause = next(iter(ids), None)
            reason = seen or (
                f"{_last(each)}: expected {_cut(each.expected)}, got {_cut(each.actual)}"
            )
            called = _free(_slug(seen or name), made.values())
            made[key] = _derived(called, reason, clause)
        told.append(made[key])
    return told


def _derived(name: str, reason: str, clause: str | None) -> Cause:
    return Cause(name, reason, clause, is_derived=True)


def _error(failed: Failed) -> str | None:
    """The error with its message that most of the failing checks ended with, or how it was lost.

    Where none is that of most, it is that of the first check, if this has one.
    """
    seen = Counter(_message(check) for check in failed.checks)
    message, times = seen.most_common(1)[0]
    if not message or 2 * times < len(failed.checks):
        message = _message(failed.checks[0])
    return message or None


def _most(members: Sequence[Failed]) -> str:
    """What most of the failing checks of several clauses saw."""
    checks = [check for each in members for check in each.checks]
    return Counter(_message(check) or _said(check) for check in checks).most_common(1)[0][0]


def _message(check: CheckFinished) -> str:
    if not (check.error or (check.verdict == FAIL and check.got.startswith(LOST))):
        return ""
    shown = accidental(check.got or check.what).strip().splitlines()
    return _cut(_OBJECT.sub("...", shown[-1]))


def _outcome(failed: Failed) -> str | None:
    """What the first failing check saw, in words."""
    return _said(failed.checks[0])


def _said(check: CheckFinished) -> str:
    if check.verdict != FAIL:
        return accidental(check.what)
    told = (
        f"{name}{' ' if name else ''}expected {_cut(expected)}, got {_cut(got)}"
        for name, expected, got in differing(check.expected, check.got)
    )
    return accidental(f"{check.what}: {'; '.join(told)}")


def _world(failed: Failed) -> str | None:
    """What all failing checks of a clause work with; where others pass, that may be why."""
    worlds = [check.trace for check in failed.checks if check.trace is not None]
    if len(worlds) < len(failed.checks):
        return None
    if all(_has_slots(each["operations"]) for each in worlds):
        return "objects with slots"
    if not any(each["world"].get("cache", True) for each in worlds):
        return "a jar without a cache"
    return None


def _has_slots(operations: Iterable[Mapping[str, object]]) -> bool:
    """Whether an object is made that has slots."""
    named = (SAMPLES.get(str(each.get("sample"))) for each in operations)
    return any(each.words.startswith(("has slots", "has a slot")) for each in named if each)


def _likeness(found: Divergence, failed: Failed) -> int:
    """How much a divergence is like the failing checks of a clause; 0 if not at all.

    What ends with an error is like what ends with the same one; else the operation has to be the
    same, and the check has to have looked at what differs.
    """
    made = found.trace.operations[found.step]
    classes = {each.get("sample") for each in found.trace.operations}
    raised = found.actual.removeprefix("raises ") if found.actual.startswith("raises ") else ""
    what = _LOOKED_AT.get(found.signature.field, found.signature.field.partition(".")[2])
    best = 0
    for check in failed.checks:
        if check.error != raised or not check.trace:
            continue
        steps = check.trace["operations"]
        same = any(step["op"] == made["op"] for step in (steps if raised else steps[-1:]))
        looked = bool(raised) or (same and bool(what) and what in check.what)
        alike = any(step.get("sample") in classes for step in steps)
        best = max(best, looked * (1 + 4 * same + alike))
    return best


def _steps(found: Divergence) -> tuple[object, ...]:
    """What divergences of one cause have in common: the kinds of steps, and what comes of them."""
    made = found.trace.operations[: found.step + 1]
    outcome = found.actual if found.signature.field in ("error", "crash") else ""
    return (made[-1]["op"], frozenset(each["op"] for each in made), outcome)


def _seen_by_calls(found: Divergence) -> str:
    """What the first call sees that sees something else, whatever is done; empty if none does."""
    if found.signature.field != "calls.seen":
        return ""
    for one, other in zip(found.expected.split("; "), found.actual.split("; "), strict=False):
        was, now = (_CALL.match(each) for each in (one, other))
        if was is not None and now is not None and was["state"] != now["state"]:
            return f"{was['call']} sees the object in state {now['state']}, not {was['state']}"
    return ""


def _last(found: Divergence) -> str:
    return found.trace.words()[found.step]


def _cut(text: str) -> str:
    return text if len(text) <= _LONG else f"{text[:_LONG]} ..."


def _slug(text: str) -> str:
    return re.sub(r"[^a-z0-9]+", "-", text.lower()).strip("-")[:60].rstrip("-")


def _free(name: str, taken: Iterable[Cause]) -> str:
    """``name``, with a number where there is a cause of this name."""
    names = {cause.name for cause in taken}
    again = (f"{name}-{number}" for number in range(2, len(names) + 3))
    return name if name not in names else next(each for each in again if each not in names)


__all__ = ["Failed", "of_clauses", "of_divergences"]
