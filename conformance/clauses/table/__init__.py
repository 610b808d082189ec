"""The state x event table: what every event does to an object in every state, and who says so.

The checks of ``conformance/clauses/checks/table.py`` are made from it, and so is the documentation.
The notation is explained in ``notation.py``; the rows stand in ``access.py`` (reading, writing),
``moves.py`` (marking, loading, ghosting, failures) and ``protocol.py`` (hooks, attributes of the
protocol).
"""

from itertools import groupby
from typing import List, Sequence, Tuple

from conformance.clauses.table import access, moves, protocol
from conformance.clauses.table.notation import (
    AS_BEFORE,
    FREE,
    NOTHING,
    STATES,
    Demand,
    Row,
    declared,
)

#: The modules that hold the rows, in the order of the table.
_SOURCES = (access, moves, protocol)


def columns() -> Tuple[str, ...]:
    """The states before the event, in the order of the columns."""
    return STATES


def rows() -> Tuple[Row, ...]:
    """All rows, in the order of the table."""
    return declared()


def row(event: str) -> Row:
    """The row of the event with these words. Raises KeyError."""
    for found in rows():
        if found.event == event:
            return found
    raise KeyError(event)


def clauses() -> Tuple[str, ...]:
    """The ids of all clauses that the table names, sorted."""
    return tuple(
        sorted(
            {
                clause
                for found in rows()
                for cell in found.cells.values()
                for demand in cell
                for clause in demand.clauses
            }
        )
    )


def markdown() -> str:
    """The table as Markdown: one table for each section, one line for each event."""
    lines: List[str] = []
    for section, grouped in groupby(rows(), lambda row: row.section):
        together = list(grouped)
        lines += ["", f"## {section}", "", "| event | " + " | ".join(STATES) + " |"]
        lines.append("|---" * (len(STATES) + 1) + "|")
        for found in together:
            cells = [_cell_markdown(found.cells[state]) for state in STATES]
            lines.append("| " + " | ".join([found.event.replace("|", "\\|"), *cells]) + " |")
        slotted = [f"`{row.event}` ({', '.join(row.slotted)})" for row in together if row.slotted]
        if slotted:
            lines += ["", f"Demanded of an object with slots, too: {'; '.join(slotted)}."]
    return "\n".join(lines[1:]) + "\n"


def _cell_markdown(demands: Sequence[Demand]) -> str:
    if not demands:
        return "-"
    told = [demand for demand in demands if demand.expected != FREE]
    news = [demand for demand in told if not _is_as_before(demand)]
    shown = [f"{demand_words(demand)} ({', '.join(demand.clauses)})" for demand in news]
    quiet = [
        f"{demand_words(demand)} ({', '.join(demand.clauses)})"
        for demand in told
        if _is_as_before(demand)
    ]
    if quiet:
        # What a learner looks for is what happens; the rest is there for who wants to know.
        summary = "else as before" if news else "as before"
        folded = "<br>".join(quiet)
        shown.append(f"<details><summary>{summary}</summary>{folded}</details>")
    return "<br>".join(shown).replace("<br><details>", "<details>") or "free"


def _is_as_before(demand: Demand) -> bool:
    return demand.expected == AS_BEFORE or (demand.facet, demand.expected) == ("calls", NOTHING)


def demand_words(demand: Demand) -> str:
    """What is demanded of which facet, in words such as ``state: saved``."""
    return f"{demand.facet}: {_expected_words(demand)}"


def _expected_words(demand: Demand) -> str:
    if demand.expected == AS_BEFORE:
        return "as before"
    if demand.expected == NOTHING:
        return {"calls": "none", "data": "empty"}.get(demand.facet, "-")
    if demand.facet == "gives" and demand.expected.startswith("!"):
        return f"raises {demand.expected[1:]}"
    return demand.expected
