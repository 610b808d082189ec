"""Persistent mappings and lists do what dicts and lists do, and tell of changes."""

from __future__ import annotations

from typing import Any

from hypothesis.stateful import precondition, rule

from stateful.machines.driver import Driver, collections, has_collections, has_room, objects
from stateful.machines.steps import COLLECTIONS, any_step
from stateful.traces.step import Step


class Collections(Driver):
    """Rules on persistent mappings and lists."""

    @precondition(has_collections)
    @precondition(has_room)
    @rule(
        targets=(objects, collections),
        step=any_step("ghost", "create", "build", "build_from_keys", samples=COLLECTIONS),
    )
    def make_collection(self, step: Step) -> Any:
        """Make a mapping or a list."""
        return self.make(step)

    @precondition(has_collections)
    @rule(
        first=collections,
        second=collections,
        step=any_step(
            "collection_state",
            "shares_data",
            "item_read",
            "item_get",
            "contains",
            "length",
            "truth",
            "iterate",
            "iterate_reversed",
            "views",
            "search",
            "compare_collection",
            "item_write",
            "item_delete",
            "pop",
            "clear",
            "map_update",
            "map_update_failing",
            "map_setdefault",
            "map_popitem",
            "map_unite",
            "list_append",
            "list_extend",
            "list_extend_failing",
            "list_insert",
            "list_remove",
            "list_reverse",
            "list_sort",
            "list_add",
            "list_multiply",
            "slice_write",
            "slice_delete",
            objects=2,
        ),
    )
    def use_collection(self, first: str, second: str, step: Step) -> None:
        """Read or change a mapping or a list, or ask whether two share their data."""
        self.perform(step, first, second)

    @precondition(has_collections)
    @precondition(has_room)
    @rule(
        targets=(objects, collections),
        first=collections,
        step=any_step("map_union", "copy_collection", "slice_read", "list_sum", "list_product"),
    )
    def derive_collection(self, first: str, step: Step) -> Any:
        """Make a mapping or a list from another one."""
        return self.make(step, first)
