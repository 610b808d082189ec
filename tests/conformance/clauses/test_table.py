"""The state x event table: its notation, its accessors, its checks."""

from dataclasses import replace

import pytest

from conformance.clauses import registry, table
from conformance.clauses.table.notation import FREE, BadTable, Row, data_of, declare
from conformance.judging.in_process import FAIL, PASS, run_check
from fixtures.operations.table import step
from fixtures.targets import load

EVENT = {"an event": [step("activate", "a")]}


@pytest.fixture(scope="module", autouse=True)
def clauses_are_loaded() -> None:
    registry.load()


def test_every_clause_of_the_table_is_declared():
    assert set(table.clauses()) <= set(registry.CLAUSES)


@pytest.mark.parametrize("row", table.rows(), ids=lambda row: row.event)
def test_a_cell_says_each_facet_once(row: Row):
    for state in table.columns():
        facets = [demand.facet for demand in row.cells[state] if demand.expected != FREE]
        assert len(facets) == len(set(facets))


@pytest.mark.parametrize("row", table.rows(), ids=lambda row: row.event)
def test_a_row_judges_something_and_becomes_checks(row: Row):
    demanded = {(state, clause) for state in table.columns() for clause in row.demands(state)}
    checked = {
        (check.arguments["state"], check.clause)
        for check in registry.CHECKS.values()
        if check.arguments.get("event") == row.event and "cached" in check.arguments
    }
    assert demanded
    assert checked == demanded


def test_what_is_slotted_is_demanded_of_slots_too():
    demanded = {(row.event, clause) for row in table.rows() for clause in row.slotted}
    checked = {
        (check.arguments["event"], check.clause)
        for check in registry.CHECKS.values()
        if check.arguments.get("slots") is True
    }
    assert len({clause for _, clause in demanded}) > 15
    assert checked == demanded


@pytest.mark.parametrize(
    ("name", "value"), [("_p_oid", b"other"), ("_p_serial", b"12345678"), ("_p_estimated_size", 99)]
)
def test_as_before_are_oid_serial_and_size_too(name: str, value: object):
    reference = load("ref")
    check = "ACT-02:the_table_holds[_p_activate() in saved, slots, no cache]"

    class Persistent(reference.persistent):
        __slots__ = ()

        def _p_activate(self):
            if self._p_state == 0:
                setattr(self, name, value)
            super()._p_activate()

    assert run_check(reference, check)["verdict"] == PASS
    assert run_check(replace(reference, persistent=Persistent), check)["verdict"] == FAIL


def test_the_markdown_has_a_line_for_each_event():
    text = table.markdown()
    for row in table.rows():
        assert f"| {row.event} |" in text
    assert "setstate register (ATTR-09, TRANS-05)" in text
    assert "with slots, too: `read x` (TRANS-12, TRANS-23); " in text


def test_a_row_is_found_by_its_event():
    assert table.row("read x").event == "read x"
    with pytest.raises(KeyError):
        table.row("no event")


def test_data_are_told_by_what_is_added_and_removed():
    before = {"x": 1, "y": 2}
    assert data_of("=", before) == before
    assert data_of("-", before) == {}
    assert data_of("-x", before) == {"y": 2}
    assert data_of("+z=3", before) == {"x": 1, "y": 2, "z": 3}
    assert data_of("x=9", before) == {"x": 9}


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("state | = | =\nby STATE-01", "2 cells"),
        ("state | = | = | = | = | = | =", "no clause demands"),
        ("state | * | * | * | * | * | *\nby STATE-01", "is not used"),
        ("state | = | = | = | = | = | =\nby STATE-01; ghost STATE-04; ghost STATE-05", "repeated"),
        ("effect | no | * | * | * | * | *\nby STATE-01", "is no effect"),
        ("colour | = | * | * | * | * | *\nby STATE-01", "is no facet"),
    ],
)
def test_bad_rows_are_refused(text: str, why: str):
    with pytest.raises(BadTable, match=why):
        declare("a section", EVENT, text)


def test_who_is_slotted_demands_something():
    with pytest.raises(BadTable, match="ACT-02"):
        declare("a section", EVENT, "state | * | * | * | * | * | *", slotted="ACT-02")


def test_an_event_stands_once_in_the_table():
    with pytest.raises(BadTable, match="twice"):
        declare("a section", {"read x": []}, "state | * | * | * | * | * | *")
