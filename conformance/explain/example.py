"""Examples: the trace of a check, and what the reference does in it, step by step."""

from __future__ import annotations

import textwrap
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from conformance.clauses import registry
from conformance.judging.in_process import run_check
from fixtures.implementation import Implementation
from stateful.lockstep.recorded import Seen
from stateful.replay.recorder import recorded_by
from stateful.replay.recording import Recording
from stateful.traces.trace import Trace


@dataclass(frozen=True)
class Example:
    """A check that is a trace: its name, the trace, what the reference does at each step."""

    check: str
    trace: Trace
    recording: Recording


def example_of(
    clause: str, reference: Implementation, operation: str | None = None
) -> Example | None:
    """A check of ``clause`` that is a trace, as ``reference`` performs it; None if there is none.

    It is the first, but one that is not of a series says more; with ``operation``, the first that
    performs it.
    """
    for check in sorted(registry.checks_of(clause), key=lambda check: bool(check.arguments)):
        made = run_check(reference, check.id).get("trace")
        if made is None or not made["operations"]:
            continue
        if operation in (None, *(step["op"] for step in made["operations"])):
            trace = Trace.from_json(made)
            return Example(check.name, trace, recorded_by(reference, trace))
    return None


def observations(words: Sequence[str], steps: Sequence[Seen]) -> list[str]:
    """Steps in words, and below each of them what it did and what can be seen to have changed."""
    before: Mapping[str, str] = {}
    lines = []
    for line, step in zip(words, steps, strict=False):
        lines.append(f"  {line}")
        calls = [f"calls {'; '.join(step['calls'])}"] if step["calls"] else []
        told = [step["does"], *calls, *_noticed(before, step["seen"])]
        lines.append(_indented("; ".join(told)))
        before = step["seen"]
    return lines


def _noticed(before: Mapping[str, str], seen: Mapping[str, str]) -> list[str]:
    """What changed; of what was not there before, the most important."""
    known = {key.partition(".")[0] for key in before}
    return [
        f"{key} = {value}"
        for key, value in seen.items()
        if before.get(key) != value
        and (key.partition(".")[0] in known or key.endswith((".status", ".dict", ".ring")))
    ]


def _indented(text: str) -> str:
    return textwrap.fill(text, 96, initial_indent=" " * 6, subsequent_indent=" " * 8)
