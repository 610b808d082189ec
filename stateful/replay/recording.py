"""What an implementation did in a trace, as a value."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from stateful.lockstep.recorded import Seen


@dataclass(frozen=True)
class Recording:
    """What an implementation did at each step of a trace, as far as it came.

    ``unsupported`` says what it lacks for the next step, ``lost`` how its process ended there; both
    are empty if it came to the end.
    """

    steps: tuple[Seen, ...] = ()
    unsupported: str = ""
    lost: str = ""

    def to_json(self) -> dict[str, Any]:
        """The recording as JSON: what can be seen stands there as far as it changed."""
        before: Mapping[str, str] = {}
        steps = []
        for each in self.steps:
            steps.append(step_changes(before, each))
            before = each["seen"]
        ends = {"unsupported": self.unsupported, "lost": self.lost}
        return {"steps": steps, **{end: how for end, how in ends.items() if how}}


def step_changes(before: Mapping[str, str], step: Seen) -> dict[str, Any]:
    """A step of a recording as data, with what can be seen as far as it differs from ``before``."""
    seen = step["seen"]
    changes: dict[str, Any] = {
        key: seen.get(key) for key in (*before, *seen) if before.get(key) != seen.get(key)
    }
    line: dict[str, Any] = {"does": step["does"]}
    if step["calls"]:
        line["calls"] = list(step["calls"])
    if changes:
        line["changes"] = changes
    return line


def recording(done: Mapping[str, Any]) -> Recording:
    """What `fixtures.recording.record` told, as a value."""
    return Recording(tuple(done["steps"]), done.get("unsupported", ""))


__all__ = ["Recording", "recording", "step_changes"]
