"""Time stamps are made, shown, compared, and asked for a later one."""

from __future__ import annotations

from hypothesis.stateful import precondition, rule

from stateful.machines.driver import Driver, has_timestamps
from stateful.machines.steps import any_step
from stateful.traces.step import Step


class Timestamps(Driver):
    """One rule on time stamps: they are values, so that nothing can follow from another step."""

    @precondition(has_timestamps)
    @rule(
        step=any_step(
            "timestamp",
            "timestamp_time",
            "timestamp_compare",
            "timestamp_compare_other",
            "timestamp_later",
            "timestamp_later_than_other",
        )
    )
    def use_timestamps(self, step: Step) -> None:
        """Make time stamps and look at them."""
        self.perform(step)
