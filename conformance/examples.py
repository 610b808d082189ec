"""Examples of clauses: the trace of one of their checks, and what the reference does in it."""

from __future__ import annotations

from dataclasses import dataclass

from conformance import registry
from conformance.recorder import Recording, recorded_by
from conformance.runner import run_check
from fixtures.implementation import Implementation
from stateful.trace import Trace


@dataclass(frozen=True)
class Example:
    """A check that is a trace: its name, the trace, what the reference does at each step."""

    check: str
    trace: Trace
    recording: Recording


def example_of(clause: str, reference: Implementation) -> Example | None:
    """The first check of ``clause`` that is a trace, as ``reference`` performs it; None if none is.

    A check that is not one of a series says more.
    """
    checks = sorted(registry.checks_of(clause), key=lambda check: bool(check.arguments))
    for check in checks:
        made = run_check(reference, check.id).get("trace")
        if made is not None and made["operations"]:
            trace = Trace.from_json(made)
            return Example(check.name, trace, recorded_by(reference, trace))
    return None
