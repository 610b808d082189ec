"""The table in the docstring of ``persistent_ref/persistence.py`` says what is checked."""

from __future__ import annotations

import pytest

from conformance.clauses import table
from conformance.clauses.table.notation import AS_BEFORE, FREE, NOTHING
from persistent_ref import persistence

#: Column of the docstring -> the columns of the checked table that it stands for.
_COLUMNS = {
    "GHOST": ("ghost",),
    "UPTODATE": ("added", "saved"),
    "CHANGED": ("changed",),
    "STICKY": ("sticky",),
}
_AFTERWARDS = {"GHOST": "ghost", "UPTODATE": "saved", "CHANGED": "changed", "STICKY": "sticky"}

#: Row of the docstring -> the rows of the checked table that it stands for.
_EVENTS = {
    "read": ("read x", "read doubled", "read a missing name", "read _v_a", "read method"),
    "write, delete": ("x = 9", "y = 9", "x = 1, an equal value", "delete x"),
    "_v_ write": ("_v_b = 9", "delete _v_a"),
    "changed=True": ("_p_changed = True", "_p_changed = 1", "_p_changed = 'text'"),
    "changed=False": ("_p_changed = False", "_p_changed = 0", "_p_changed = ''"),
    "deactivate": ("_p_deactivate()", "_p_changed = None"),
    "invalidate": ("_p_invalidate()", "del _p_changed"),
    "sticky=True": ("_p_sticky = True",),
    "sticky=False": ("_p_sticky = False",),
}

#: What the specification leaves free, and the reference decides.
_OWN = {("sticky=False", "GHOST")}


def _documented() -> dict[str, dict[str, str]]:
    """Return row -> column -> cell of the docstring; a line without an event goes on with a row."""
    lines = (persistence.__doc__ or "").splitlines()
    rules = [number for number, line in enumerate(lines) if line.startswith("===")]
    top, under, bottom = rules
    starts = [at for at in range(len(lines[top])) if f" {lines[top]}"[at : at + 2] == " ="]
    spans = [slice(*pair) for pair in zip(starts, [*starts[1:], None], strict=True)]
    _, *columns = (lines[top + 1][span].strip() for span in spans)
    found: dict[str, dict[str, str]] = {}
    event = ""
    for line in lines[under + 1 : bottom]:
        first, *cells = (line[span].strip() for span in spans)
        event = first or event
        row = found.setdefault(event, dict.fromkeys(columns, ""))
        for column, cell in zip(columns, cells, strict=True):
            row[column] = f"{row[column]} {cell}".strip()
    return found


def _facets(cell: str) -> dict[str, str]:
    """Return what a cell of the docstring demands, as cells of the checked table say it."""
    words = [] if cell == "-" else [word.strip() for word in cell.split(",")]
    calls = [{"load": "setstate"}.get(word, word) for word in words if word in ("load", "register")]
    state = [_AFTERWARDS[word] for word in words if word in _AFTERWARDS]
    errors = [word for word in words if word.endswith("Error")]
    assert len(calls) + len(state) + len(errors) == len(words), cell
    return {
        "calls": " ".join(calls) or NOTHING,
        "state": "".join(state) or AS_BEFORE,
        "error": "".join(errors),
    }


def _checked(event: str, state: str) -> dict[str, str]:
    """Return what the checked table demands, without what it leaves free.

    An AttributeError is about the name, not about the state of the object.
    """
    cell = {
        demand.facet: demand.expected
        for demand in table.row(event).cells[state]
        if demand.expected != FREE
    }
    found = {facet: cell[facet] for facet in ("calls", "state") if facet in cell}
    error = cell.get("gives", "").partition("!")[2].replace("AttributeError", "")
    return {**found, "error": error} if found else {}


def test_the_docstring_has_the_rows_and_columns_that_are_compared() -> None:
    documented = _documented()
    assert set(documented) == set(_EVENTS)
    for cells in documented.values():
        assert set(cells) == set(_COLUMNS)


@pytest.mark.parametrize(
    ("event", "column"),
    [(event, column) for event, cells in _documented().items() for column in cells],
)
def test_a_cell_says_what_is_checked(event: str, column: str) -> None:
    documented = _facets(_documented()[event][column])
    judged = False
    for checked_event in _EVENTS[event]:
        for state in _COLUMNS[column]:
            demanded = _checked(checked_event, state)
            judged = judged or bool(demanded)
            same = {facet: documented[facet] for facet in demanded}
            assert same == demanded, f"{checked_event} in state {state}"
    assert judged == ((event, column) not in _OWN)


def test_an_unsaved_object_stays_as_it_is() -> None:
    assert "stays UPTODATE whatever happens" in (persistence.__doc__ or "")
    for events in _EVENTS.values():
        for event in events:
            assert _checked(event, "unsaved").get("state", AS_BEFORE) == AS_BEFORE, event
