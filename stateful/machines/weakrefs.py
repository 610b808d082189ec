"""Weak references that survive the object, and the dictionary whose keys are such."""

from __future__ import annotations

from typing import Any

from hypothesis.stateful import precondition, rule

from stateful.machines.driver import (
    Driver,
    has_room,
    has_weak_dicts,
    has_weak_references,
    objects,
    references,
    weak_dicts,
)
from stateful.machines.steps import WEAK_DICTS, any_step
from stateful.traces.step import Step


class WeakReferences(Driver):
    """Rules on weak references and on dictionaries with weak keys."""

    @precondition(has_weak_references)
    @rule(target=references, first=objects, step=any_step("refer", "load_reference"))
    def refer_weakly(self, first: str, step: Step) -> Any:
        """Refer weakly to an object, or load such a reference."""
        return self.refer(step, first)

    @precondition(has_weak_references)
    @rule(
        reference=references,
        other=references,
        step=any_step(
            "dereference",
            "recorded_by",
            "hash_alike",
            "compare_references",
            "compare_reference_other",
        ),
    )
    def use_references(self, reference: str, other: str, step: Step) -> None:
        """Call a weak reference, look at it, compare it."""
        self.perform(step, reference=reference, other=other)

    @precondition(has_weak_dicts)
    @precondition(has_room)
    @rule(
        targets=(objects, weak_dicts),
        step=any_step(
            "create", "ghost", "weak_build", "weak_build_keywords", "weak_ghost", samples=WEAK_DICTS
        ),
    )
    def make_weak_dict(self, step: Step) -> Any:
        """Make a dictionary with weak keys."""
        return self.make(step)

    @precondition(has_weak_dicts)
    @rule(
        targets=(objects, weak_dicts),
        first=weak_dicts,
        second=weak_dicts,
        step=any_step(
            "weak_update",
            "weak_update_from",
            "weak_setstate",
            "weak_state",
            "weak_get",
            "weak_build_from",
            objects=2,
        ),
    )
    def use_weak_dicts(self, first: str, second: str, step: Step) -> Any:
        """Read or change a dictionary with weak keys, or make one from it."""
        return self.make(step, first, second)
