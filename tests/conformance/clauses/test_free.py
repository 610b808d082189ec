"""What no clause decides: narrow, and each row with the clause that leaves it free."""

from __future__ import annotations

from conformance.clauses import registry
from conformance.clauses.free import FREE, free
from conformance.clauses.registry import CLAUSES
from fixtures.operations import OPERATIONS

registry.load()


def test_each_row_is_about_operations_and_names_its_clause() -> None:
    assert {row.clause for row in FREE} <= set(CLAUSES)
    names = {label.split()[0] for row in FREE for label in row.operations}
    assert names <= set(OPERATIONS)


def test_only_the_choices_that_a_clause_lists_are_free() -> None:
    row = free("invalidate_iterable set", "error", "raises TypeError")
    assert row is not None
    assert row.clause == "INV-09"
    assert free("invalidate_iterable set", "error", "raises SystemError") is None
    assert free("invalidate_iterable list", "error", "raises TypeError") is None
    assert free("invalidate_iterable set", "cache.length", "raises TypeError") is None


def test_a_crash_is_never_free() -> None:
    labels = [label for row in FREE for label in row.operations]
    assert labels
    assert not [each for each in labels if free(each, "crash", "was killed by SIGSEGV")]
