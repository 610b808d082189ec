"""States are taken and set; objects are pickled, copied and constructed."""

from __future__ import annotations

from typing import Any

from hypothesis.stateful import precondition, rule

from stateful.machines.driver import Driver, has_room, objects
from stateful.machines.steps import any_step
from stateful.traces.step import Step


class Pickling(Driver):
    """Rules on states, and on copies made of objects."""

    @rule(
        first=objects,
        step=any_step(
            "get_state",
            "get_state_unbound",
            "get_state_and_write",
            "interned_keys",
            "reduce",
            "stored",
            "set_state",
            "set_state",
            "set_state_and_write",
        ),
    )
    def use_state(self, first: str, step: Step) -> None:
        """Take the state of an object, or what pickle would take; set it."""
        self.perform(step, first)

    @precondition(has_room)
    @rule(target=objects, first=objects, step=any_step("pickle", "copy", "construct", "child"))
    def copy(self, first: str, step: Step) -> Any:
        """Make an object from another one, or with arguments."""
        return self.make(step, first)
