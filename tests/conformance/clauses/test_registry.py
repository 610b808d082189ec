"""The registry holds clauses that are whole and checked, and refuses what does not fit."""

from __future__ import annotations

import re

import pytest

from conformance.clauses import registry, table
from conformance.clauses.registry import CHECKS, CLAUSES, CONTESTED, MAY, check, clause

registry.load()


def test_every_clause_is_checked_or_says_why_not() -> None:
    for each in CLAUSES.values():
        assert bool(registry.checks_of(each.id)) != bool(each.unchecked), each.id


def test_clauses_are_sentences_with_a_source() -> None:
    for each in CLAUSES.values():
        assert re.fullmatch(r"[A-Z]+-\d\d", each.id)
        assert each.sentence.rstrip().endswith((".", ")", ":")), each.id
        assert each.source, each.id
        assert bool(each.decision) == (each.level == CONTESTED), each.id


def test_checks_on_an_implementation_say_why() -> None:
    for each in CHECKS.values():
        if each.because is not None:
            assert len(each.because) > 20, each.id


def test_may_clauses_are_recorded_and_never_fail() -> None:
    from conformance.judging.in_process import PASS, UNSUPPORTED, run_check
    from fixtures.targets import load

    reference = load("ref")
    may = [made for made in CHECKS.values() if CLAUSES[made.clause].level == MAY]
    assert may
    for made in may:
        seen = run_check(reference, made.id)
        assert seen["verdict"] in (PASS, UNSUPPORTED)
        assert seen["what"], f"{made.id} recorded nothing"


def test_the_table_covers_every_state_in_every_row() -> None:
    for row in table.rows():
        assert tuple(row.cells) == table.columns(), row.event
    assert set(table.clauses()) <= set(CLAUSES)


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (("STATE-01", "MUST", "x", "y"), "'STATE-01' is declared twice"),
        (("NEW-01", "WOULD", "x", "y"), "level: 'WOULD' is none of"),
        (("NEW-01", "CONTESTED", "x", "y"), "decision: NEW-01 is CONTESTED"),
        (("NEW-01", "MUST", "x", "y", "z"), "decision: NEW-01 is MUST"),
    ],
)
def test_a_clause_that_does_not_fit_is_refused(arguments: tuple[str, ...], message: str) -> None:
    with pytest.raises(ValueError, match=message):
        clause(*arguments)
    assert "NEW-01" not in CLAUSES


def test_a_check_of_an_unknown_clause_is_refused() -> None:
    with pytest.raises(ValueError, match="clause_id: 'NEW-01' is not declared"):
        check("NEW-01")


def test_a_check_of_the_same_name_is_refused() -> None:
    name = CHECKS["STATE-01:a_new_object_is_unsaved"].function
    with pytest.raises(ValueError, match="is declared twice"):
        check("STATE-01")(name)
