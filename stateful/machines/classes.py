"""Persistent classes, and things that only look persistent."""

from __future__ import annotations

from typing import Any

from hypothesis.stateful import precondition, rule

from stateful.machines.driver import Driver, has_room, objects
from stateful.machines.steps import any_step
from stateful.traces.step import Step


class Classes(Driver):
    """One rule that makes what other rules then put into caches."""

    @precondition(has_room)
    @rule(target=objects, step=any_step("create_class", "create_stranger"))
    def make_class(self, step: Step) -> Any:
        """Make a persistent class, or a thing that is not persistent."""
        return self.make(step)
