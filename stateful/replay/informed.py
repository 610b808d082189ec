"""What informs of a target: how it differs from the reference in what never decides anything."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from fixtures.targets import TargetError
from fixtures.world import trace_json
from stateful.processes.isolation import AgentError, AgentLost, Launch
from stateful.processes.target import Target
from stateful.traces.trace import Trace

#: What is told of a thing that is not there.
_ABSENT = "nothing"
#: The names of objects, jars and calls in what is told.
_NAME = re.compile(r"^\w+\.(?=_cache\b|\w)")


@dataclass(frozen=True)
class Informs:
    """Something in which a target differs from the reference, and which never gates.

    ``what`` is told of a step of this ``operation``, or of a whole trace, where that is empty.
    ``steps`` is the shortest trace that shows it, in words, up to that step; ``times`` says how
    often it was seen.
    """

    what: str
    operation: str
    expected: str
    actual: str
    steps: tuple[str, ...]
    times: int = 1

    @property
    def key(self) -> tuple[str, str, str]:
        """What it is told of, and what the reference shows there."""
        return self.what, self.operation, self.expected

    @property
    def kind(self) -> str:
        """What it is told of, wherever it is told: of all counts inside calls, one kind."""
        return "counts inside calls" if " in " in self.what else self.what

    def to_json(self) -> dict[str, Any]:
        """It as JSON."""
        return {
            "what": self.what,
            "operation": self.operation,
            "expected": self.expected,
            "actual": self.actual,
            "steps": list(self.steps),
            "times": self.times,
        }

    @classmethod
    def from_json(cls, data: Mapping[str, Any]) -> Informs:
        """What `to_json` wrote."""
        return cls(**{**data, "steps": tuple(data["steps"])})


def informing(launch: Launch, traces: Iterable[Trace]) -> tuple[Informs, ...]:
    """How the target differs from the reference in what informs, each way to differ once.

    A trace in which its process ends, or in which it does something else, says nothing from there
    on. Raises `TargetError` if the target does not start.
    """
    found: dict[tuple[str, ...], Informs] = {}
    times: dict[tuple[str, ...], int] = {}
    target, reference = Target(launch), Target(Launch("ref"))
    try:
        for trace in traces:
            told = [_told(each, trace) for each in (reference, target)]
            for each in _differing(trace, *told):
                key = (*each.key, each.actual)
                times[key] = times.get(key, 0) + 1
                known = found.get(key)
                if known is None or len(each.steps) < len(known.steps):
                    found[key] = each
    except TargetError:
        # It does not start any more: what is known by now informs.
        pass
    finally:
        target.close()
        reference.close()
    return tuple(
        Informs(each.what, each.operation, each.expected, each.actual, each.steps, times[key])
        for key, each in found.items()
    )


def _told(target: Target, trace: Trace) -> Any:
    try:
        made = trace_json(trace.world, trace.operations)
        return target.call("fixtures.informing:inform", trace=made)
    except (AgentLost, AgentError):
        return {"steps": [], "left": {}}


def _differing(trace: Trace, expected: Any, actual: Any) -> Iterator[Informs]:
    steps = trace.words()
    for number, (one, other) in enumerate(zip(expected["steps"], actual["steps"], strict=False)):
        if one["does"] != other["does"]:
            return
        operation = trace.operations[number]["op"]
        for what, value, its_value in _pairs(one["informs"], other["informs"]):
            yield Informs(what, operation, value, its_value, tuple(steps[: number + 1]))
    if expected["left"] and actual["left"]:
        for what, value, its_value in _pairs(expected["left"], actual["left"]):
            yield Informs(what, "", value, its_value, tuple(steps))


def _pairs(one: Mapping[str, str], other: Mapping[str, str]) -> Iterator[tuple[str, str, str]]:
    seen = set()
    for key in dict.fromkeys((*one, *other)):
        value, its_value = one.get(key, _ABSENT), other.get(key, _ABSENT)
        row = (_NAME.sub("", key), value, its_value)
        if value != its_value and row not in seen:
            seen.add(row)
            yield row


__all__ = ["Informs", "informing"]
