"""The cache is filled, emptied, asked and ordered."""

from __future__ import annotations

from hypothesis.stateful import precondition, rule

from stateful.machines.driver import Driver, dropped, has_cache, objects
from stateful.machines.steps import any_step
from stateful.traces.step import Step


class Cache(Driver):
    """Rules on the cache as a mapping, on its order and its counts."""

    @precondition(has_cache)
    @rule(
        first=objects,
        second=objects,
        step=any_step("cache_set", "new_ghost", "new_ghost_as", objects=2),
    )
    def put(self, first: str, second: str, step: Step) -> None:
        """Put an object into a cache, under its oid or another one."""
        self.perform(step, first, second)

    @precondition(has_cache)
    @rule(first=objects, step=any_step("cache_set", "cache_del", "mru", "reify", "update_size"))
    def use(self, first: str, step: Step) -> None:
        """Put an object into a cache or take it out, move it in the ring, tell its size."""
        self.perform(step, first)

    @precondition(has_cache)
    @rule(
        first=objects,
        step=any_step(
            "watch",
            "cache_item",
            "cache_get",
            "cache_items",
            "klass_items",
            "lru_items",
            "debug_info",
            "cache_first",
            "cache_data",
            "cache_data_clear",
            "cache_attribute",
        ),
    )
    def ask_cache(self, first: str, step: Step) -> None:
        """Ask the cache for an object, or for what it holds; watch whether an object lives."""
        self.perform(step, first)

    @precondition(has_cache)
    @rule(
        name=dropped,
        step=any_step(
            "is_alive", "is_alive", "cache_item", "cache_get", "cache_del", "mru", "reify"
        ),
    )
    def ask_for_dropped(self, name: str, step: Step) -> None:
        """Look whether an object that was dropped still lives; use its oid."""
        self.perform(step, name)
