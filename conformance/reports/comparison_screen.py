"""Several implementations on one screen: a line for each clause and step at which they differ."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence

from rich.console import Console
from rich.text import Text

from conformance.clauses.registry import LEVELS
from conformance.comparing.answers import Group
from conformance.comparing.comparison import ClauseRow, Comparison
from conformance.comparing.informing import counts
from conformance.reports.terminal import STYLES

#: How many lines there are of clauses, and of traces; the rest are counted.
_CLAUSES, _TRACES = 22, 8
#: How long the answer of a group may be in its line.
_LONG = 40


def show_on_a_screen(comparison: Comparison, console: Console) -> None:
    """Print who answers what: clauses that have to hold first, and who stands alone."""
    for line in (*_clauses(comparison), *_traces(comparison), *_alone(comparison)):
        line.truncate(console.width if console.is_terminal else _WIDE, overflow="ellipsis")
        console.print(line, soft_wrap=True)


#: How long a line is at most where it does not end at the edge of a terminal.
_WIDE = 200


def _clauses(comparison: Comparison) -> Iterator[Text]:
    rows = sorted(comparison.differing_clauses, key=lambda row: LEVELS.index(row.clause.level))
    for row in rows[:_CLAUSES]:
        line = Text.assemble((f"{row.clause.id:<10}", "bold"), f"{row.clause.level:<10}")
        for number, group in enumerate(row.groups):
            line.append("   " if number else "")
            line.append_text(_group(comparison, row, group))
        yield line
    if len(rows) > _CLAUSES:
        rest = ", ".join(row.clause.id for row in rows[_CLAUSES:])
        yield Text(f"and {len(rows) - _CLAUSES} more clauses: {rest}", style="dim")


def _group(comparison: Comparison, row: ClauseRow, group: Group) -> Text:
    result = row.results[group.members[0]]
    assert result is not None
    verdict = result.verdict
    return Text.assemble((verdict, STYLES[verdict]), " ", _names(comparison, group.members))


def _traces(comparison: Comparison) -> Iterator[Text]:
    found = comparison.differing_traces
    for row, differs in found[:_TRACES]:
        line = Text.assemble((row.name, "bold"), f" ({differs.operation}: {differs.fields[0]})")
        for group in differs.groups:
            answer = group.answer
            cut = answer if len(answer) <= _LONG else f"{answer[:_LONG]} ..."
            line.append(f"   {_names(comparison, group.members)}: {cut}")
        yield line
    if len(found) > _TRACES:
        yield Text(f"and {len(found) - _TRACES} more ways to differ in traces", style="dim")


def _alone(comparison: Comparison) -> Iterator[Text]:
    """How often each of them stands alone with its answer, against all others together."""
    groups = [row.groups for row in comparison.differing_clauses]
    groups += [differs.groups for _, differs in comparison.differing_traces]
    alone: Counter[int] = Counter()
    for each in groups:
        single = [group.members[0] for group in each if len(group.members) == 1]
        if len(each) == 2 and len(single) == 1:
            alone.update(single)
    if alone:
        told = ", ".join(
            f"{comparison.columns[number].label} {count}" for number, count in alone.most_common()
        )
        yield Text(f"alone against the others: {told}")
    yield from informing(comparison)
    yield Text("more: -v for all of it, --html FILE for a page", style="dim")


def informing(comparison: Comparison) -> Iterator[Text]:
    """A line that counts what of a comparison informs, if there is anything."""
    if comparison.informing:
        told = f"{len(comparison.informing)} rows: {counts(comparison.informing)}"
        yield Text.assemble(("informs: ", "dim"), told)


def _names(comparison: Comparison, members: Sequence[int]) -> str:
    return ", ".join(comparison.columns[number].label for number in members)


__all__ = ["informing", "show_on_a_screen"]
