"""Nothing fails and nothing differs where an implementation lacks what it may lack."""

from __future__ import annotations

import gc
import sys
from collections.abc import Iterator
from itertools import combinations
from types import ModuleType

import pytest

import persistent_ref
from conformance.clauses import registry
from conformance.judging.in_process import UNSUPPORTED, run_check
from fixtures.targets import from_package, load
from tests.partial import ABSENT, closure, diverging, failing, without

registry.load()
#: The checks by what they need; those of persistent modules need what these are made from.
BY_NEEDS: dict[tuple[str, ...], list[registry.Check]] = {}
for _check in registry.CHECKS.values():
    if "modules" not in _check.needs:
        BY_NEEDS.setdefault(tuple(sorted(_check.needs)), []).append(_check)


@pytest.fixture(autouse=True)
def _short_collections() -> Iterator[None]:
    """Worlds collect garbage often: take what exists out of it."""
    gc.collect()
    gc.freeze()
    yield
    gc.unfreeze()


@pytest.mark.parametrize("needs", sorted(BY_NEEDS), ids=" ".join)
def test_a_check_needs_nothing_but_what_it_says(needs: tuple[str, ...]) -> None:
    with without(*sorted(set(ABSENT) - closure(needs))) as implementation:
        assert [*failing(implementation, BY_NEEDS[needs])] == []


@pytest.mark.parametrize("name", ABSENT)
def test_no_engine_finds_what_is_absent(name: str) -> None:
    with without(name) as implementation:
        found = diverging(
            implementation,
            steps=400,
            examples=2,
            depth=1,
            scopes=("two-jars", "collections", "weak references"),
        )
        assert [*found] == []


@pytest.mark.parametrize("names", [*combinations(ABSENT, 2)], ids=" ".join)
def test_the_walker_finds_nothing_where_two_are_absent(names: tuple[str, ...]) -> None:
    with without(*names) as implementation:
        assert [*diverging(implementation, steps=200, examples=0, depth=1, scopes=())] == []
