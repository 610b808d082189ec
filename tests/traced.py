"""Targets for replay: wrong implementations under names that another process can load."""

from __future__ import annotations

from fixtures.implementation import Implementation
from fixtures.targets import load
from tests.wrong import load_all, make

load_all()


def records_no_access() -> Implementation:
    return make("records no access")


def wrong_load_failure() -> Implementation:
    return make("keeps what a failed load had set")


def returns_a_count_from_sweeps() -> Implementation:
    reference = load("ref")

    class PickleCache(reference.cache):  # type: ignore[misc, name-defined]
        def minimize(self, *arguments: object) -> int:
            super().minimize(*arguments)
            return 0

    return Implementation(
        "counts", "0", reference.persistent, cache=PickleCache, interfaces=reference.interfaces
    )
