"""Objects are made, loaded, made ghosts, stored, dropped and found again."""

from __future__ import annotations

from typing import Any

from hypothesis.stateful import consumes, precondition, rule

from stateful.machines.driver import Driver, dropped, has_cache, has_room, objects
from stateful.machines.steps import any_step
from stateful.traces.step import Step


class Lifecycle(Driver):
    """Rules on the life of objects, on transactions, and on what happens inside callbacks."""

    @precondition(has_room)
    @rule(target=objects, step=any_step("ghost", "ghost", "create"))
    def make_object(self, step: Step) -> Any:
        """Make an object of any sample, a ghost or a new one."""
        return self.make(step)

    @rule(target=dropped, first=consumes(objects), step=any_step("drop"))
    def drop(self, first: str, step: Step) -> Any:
        """Drop the last reference to an object."""
        self.perform(step, first)
        return first

    @precondition(has_cache)
    @rule(target=objects, name=consumes(dropped), step=any_step("fetch"))
    def fetch(self, name: str, step: Step) -> Any:
        """Look whether the cache still holds an object that was dropped."""
        return self.make(step, name=name)

    @rule(first=objects, step=any_step("activate", "deactivate", "invalidate", "make_sticky"))
    def change_state(self, first: str, step: Step) -> None:
        """Load an object, make it a ghost, make it sticky."""
        self.perform(step, first)

    @rule(
        first=objects,
        step=any_step("commit", "abort", "add", "store", "forget_registered", "collect"),
    )
    def transact(self, first: str, step: Step) -> None:
        """Commit, abort, add an object, let another data manager store it; collect garbage."""
        self.perform(step, first)

    @rule(first=objects, step=any_step("plan", times=(1,), error=(None,)))
    def plan(self, first: str, step: Step) -> None:
        """Plan what happens to an object inside the next call for it."""
        self.perform(step, first)

    @rule(
        first=objects,
        second=objects,
        step=any_step("plan", "with_unraisable", objects=2, times=(1,), error=(None, "ValueError")),
    )
    def plan_for_another(self, first: str, second: str, step: Step) -> None:
        """Plan what happens to an object inside a call for another one, and then maybe fails."""
        self.perform(step, first, second)

    @rule(first=objects, step=any_step("plan", then=([],)))
    def plan_failure(self, first: str, step: Step) -> None:
        """Plan an error inside the next calls for an object, or forget what was planned."""
        self.perform(step, first)

    @rule(
        first=objects,
        second=objects,
        step=any_step("repr", "isinstance", "hash", "equal", objects=2),
    )
    def ask(self, first: str, second: str, step: Step) -> None:
        """Ask what loads no ghost."""
        self.perform(step, first, second)
