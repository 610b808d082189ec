"""Attributes are read, written and deleted, the protocol's own among them."""

from __future__ import annotations

from hypothesis.stateful import rule

from stateful.machines.driver import Driver, objects
from stateful.machines.steps import any_step
from stateful.traces.step import Step


class Attributes(Driver):
    """Rules on attributes: ordinary, volatile, missing, of the protocol, slots, odd names."""

    @rule(
        first=objects,
        step=any_step(
            "get", "set", "delete", name=("x", "y", "_v_a", "_p_changed"), value=(1, True)
        ),
    )
    def use_ordinary(self, first: str, step: Step) -> None:
        """Read, write or delete an attribute as most programs do, or mark the object as changed."""
        self.perform(step, first)

    @rule(first=objects, step=any_step("get", "set", "delete"))
    def use_any(self, first: str, step: Step) -> None:
        """Read, write or delete any attribute, with any value."""
        self.perform(step, first)

    @rule(
        first=objects,
        step=any_step(
            "append",
            "put",
            "type",
            "getattribute",
            "setattribute",
            "delattribute",
            "p_getattr",
            "p_setattr",
            "p_delattr",
            "set_unshowable",
            "set_unshowable_oid",
        ),
    )
    def use_other_ways(self, first: str, step: Step) -> None:
        """Reach attributes in another way: through the base class, the hooks, mutable values."""
        self.perform(step, first)
