"""What an implementation did in a trace, as a value."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from stateful.lockstep.recorded import Seen
from stateful.replay.saved import step_changes


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


__all__ = ["Recording"]
