"""Saved traces: what a file holds that can be replayed.

There are three kinds: a trace alone; a divergence; and a recording, which is a trace with what the
reference does at each step, so that it can be judged without the reference.
"""

from __future__ import annotations

import json
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from fixtures.implementation import Implementation
from fixtures.recording import record
from fixtures.world import DEFAULTS, trace_json
from stateful.lockstep.divergence import Divergence, Signature
from stateful.lockstep.recorded import Seen
from stateful.replay.recording import step_changes
from stateful.replay.replaying import Replayed, Replayer
from stateful.traces.trace import SCHEMA, BadTrace, Trace


@dataclass(frozen=True)
class Saved:
    """A trace from a file, and what is known of it.

    ``name`` says where it comes from. ``divergence`` is there if it was saved as one, ``expected``
    if what the reference does was recorded; ``about`` says why it is kept, ``clauses`` which
    clauses it exercises.
    """

    name: str
    trace: Trace
    divergence: Divergence | None = None
    expected: tuple[Seen, ...] | None = None
    about: str = ""
    clauses: tuple[str, ...] = ()

    def replay(self, replayer: Replayer, known: Collection[Signature] = ()) -> Replayed:
        """Replay it; differences that are ``known`` and leave the same state behind pass.

        Raises `TargetError` if the target does not start again.
        """
        if self.divergence is not None:
            return replayer.replay_divergence(self.divergence)
        return replayer.replay(self.trace, known, self.expected)

    @property
    def signature(self) -> Signature | None:
        """The identity of the divergence that was saved."""
        return None if self.divergence is None else self.divergence.signature

    def dumps(self) -> str:
        """A recording as JSON with one operation a line; `loads` reads it.

        What can be seen is written as far as it has changed since the step before.
        """
        data = trace_json(self.trace.world, self.trace.operations)
        before: Mapping[str, str] = {}
        expected = []
        for each in self.expected or ():
            line = step_changes(before, each)
            before = _changed(before, line.get("changes", {}))
            expected.append(line)
        head = {"schema": SCHEMA, "about": self.about, "clauses": list(self.clauses)}
        lines = [f' "{key}": {json.dumps(value)},' for key, value in head.items()]
        lines.append(f' "world": {json.dumps(data["world"])},')
        lines.append(f' "operations": {_lines(data["operations"])},')
        lines.append(f' "expected": {_lines(expected)}')
        return "{\n" + "\n".join(lines) + "\n}\n"


def recorded(
    name: str, trace: Trace, reference: Implementation, about: str, clauses: Sequence[str] = ()
) -> Saved:
    """A recording of what ``reference`` does. Raises ValueError if it lacks what that takes."""
    done = record(reference, trace_json(trace.world, trace.operations))
    if "unsupported" in done:
        raise ValueError(f"trace {name!r}: {done['unsupported']}")
    return Saved(name, trace, None, tuple(done["steps"]), about, tuple(clauses))


def loads(text: str, name: str) -> Saved:
    """What is saved in ``text``, of whichever kind. Raises `BadTrace`, which says what is wrong."""
    try:
        data = json.loads(text)
    except ValueError as error:
        raise BadTrace(f"damaged or truncated: {error}") from None
    if not isinstance(data, dict):
        raise BadTrace("neither a trace nor a divergence: an object is needed")
    if "signature" in data:
        divergence = Divergence.from_json(data)
        _check(divergence.trace)
        return Saved(name, divergence.trace, divergence)
    trace = Trace.from_json(data)
    _check(trace)
    if "expected" not in data:
        return Saved(name, trace)
    about, clauses = data.get("about"), data.get("clauses", [])
    if not isinstance(about, str) or not _is_texts(clauses):
        raise BadTrace("about, clauses: a text and an array of texts are needed")
    return Saved(name, trace, None, _expected(data["expected"], trace), about, tuple(clauses))


def _check(trace: Trace) -> None:
    unknown = set(trace.world) - set(DEFAULTS)
    if unknown:
        raise BadTrace(f"world: {sorted(unknown)} are no settings; known: {sorted(DEFAULTS)}")
    if trace.world.get("jars", 1) not in (1, 2):
        raise BadTrace(f"world: jars: {trace.world['jars']!r} is neither 1 nor 2")
    if not trace.operations:
        raise BadTrace("operations: there are none, so there is nothing to replay")


def _expected(data: Any, trace: Trace) -> tuple[Seen, ...]:
    if not isinstance(data, list) or len(data) != len(trace.operations):
        raise BadTrace("expected: an array with one object for each operation is needed")
    found: list[Seen] = []
    seen: dict[str, str] = {}
    for number, each in enumerate(data):
        changes = each.get("changes", {}) if isinstance(each, dict) else None
        if (
            not isinstance(changes, dict)
            or not isinstance(each.get("does"), str)
            or not _is_texts(each.get("calls", []))
            or not all(value is None or isinstance(value, str) for value in changes.values())
        ):
            raise BadTrace(f"expected[{number}]: 'does', 'calls' and 'changes' are needed")
        seen = _changed(seen, changes)
        found.append({"does": each["does"], "calls": each.get("calls", []), "seen": seen})
    return tuple(found)


def _changed(before: Mapping[str, str], changes: Mapping[str, str | None]) -> dict[str, str]:
    return {key: value for key, value in {**before, **changes}.items() if value is not None}


def _is_texts(value: Any) -> bool:
    return isinstance(value, list) and all(isinstance(each, str) for each in value)


def _lines(items: Sequence[Any]) -> str:
    return "[\n" + ",\n".join(f"  {json.dumps(item)}" for item in items) + "\n ]"
