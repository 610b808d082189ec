"""The cache evicts in LRU order, and is told what is out of date."""

from __future__ import annotations

from hypothesis.stateful import precondition, rule

from stateful.machines.driver import Driver, has_cache, objects
from stateful.machines.steps import any_step
from stateful.traces.step import Step


class Eviction(Driver):
    """Rules that sweep caches, set their limits, and invalidate by oid."""

    @precondition(has_cache)
    @rule(step=any_step("incrgc", "incrgc", "full_sweep", "minimize"))
    def sweep(self, step: Step) -> None:
        """Let a cache evict what is beyond its limits, or all that it can."""
        self.perform(step)

    @precondition(has_cache)
    @rule(step=any_step("cache_setting", "cache_setting", "sweep_with", "incrgc", "new_cache"))
    def limit(self, step: Step) -> None:
        """Change the limits of a cache, sweep it with an argument, or begin with a new one."""
        self.perform(step)

    @precondition(has_cache)
    @rule(
        first=objects,
        second=objects,
        step=any_step("cache_invalidate", "invalidate_iterable", objects=2),
    )
    def invalidate_oids(self, first: str, second: str, step: Step) -> None:
        """Tell a cache that objects are out of date, in any order and iterable, once or twice."""
        self.perform(step, first, second)
