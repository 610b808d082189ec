"""A comparison in the terminal: who answers what, grouped, and what it amounts to."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import groupby

from rich.console import Console
from rich.table import Table
from rich.text import Text

from conformance.comparing.answers import Group
from conformance.comparing.changes import KINDS, OTHER, changes
from conformance.comparing.comparison import ClauseRow, Comparison
from conformance.comparing.informing import HEADING, where
from conformance.explain.sources import in_words
from conformance.judging.verdicts import VERDICTS
from conformance.reports.comparison_diff import show_changes, words
from conformance.reports.comparison_screen import informing, show_on_a_screen
from conformance.reports.terminal import STYLES

#: How long an answer may be before it is cut.
_LONG = 300
#: How many traces, and how many divergences, are shown; the rest are counted.
_SHOWN = 40


def show(
    comparison: Comparison,
    console: Console,
    quiet: bool = False,
    kinds: Sequence[str] = KINDS,
    on_a_screen: bool = False,
) -> None:
    """Print the comparison; of two implementations, the changes of these ``kinds``.

    Of more, ``on_a_screen`` has a line for each difference in place of all that is known of it.
    """
    if on_a_screen and len(comparison.columns) > 2 and not quiet:
        show_on_a_screen(comparison, console)
        console.print(_counts(comparison))
    elif not quiet:
        if len(comparison.columns) == 2:
            show_changes(comparison, changes(comparison), console, kinds)
        else:
            _index(comparison, console)
            _clauses(comparison, console)
        if OTHER in kinds:
            _traces(comparison, console)
        if len(comparison.columns) != 2:
            _reported(comparison, console)
        for counted in informing(comparison):
            console.print(counted, soft_wrap=True)
        if not on_a_screen:
            _informs(comparison, console)
        console.print(_counts(comparison))
    console.print(Text(summary(comparison), style="bold"), soft_wrap=True)


def summary(comparison: Comparison) -> str:
    """What the comparison comes to, in a line."""
    clauses, traces = len(comparison.differing_clauses), len(comparison.differing_traces)
    word = "the same answers" if comparison.agree else "different answers"
    parts = [f"{clauses} of {len(comparison.clauses)} clauses"]
    if comparison.performed:
        parts.append(f"{traces} ways to differ in {comparison.performed} traces")
    if comparison.reported:
        differing = len(comparison.differing_reported)
        parts.append(f"{differing} of {len(comparison.reported)} divergences from the reference")
    if len(comparison.columns) == 2 and (changed := words(changes(comparison))):
        parts.append(changed)
    return f"{len(comparison.columns)} implementations: {word} - {', '.join(parts)}"


def names(comparison: Comparison, members: Sequence[int]) -> str:
    """The labels of these columns."""
    return ", ".join(comparison.columns[number].label for number in members)


def _index(comparison: Comparison, console: Console) -> None:
    """Print which clauses there are different answers to, before what these are."""
    if len(comparison.differing_clauses) > 1:
        ids = ", ".join(row.clause.id for row in comparison.differing_clauses)
        console.print(Text.assemble(("different answers: ", "dim"), ids), soft_wrap=True)


def _clauses(comparison: Comparison, console: Console) -> None:
    rows = comparison.differing_clauses
    for area, found in groupby(rows, key=lambda row: row.clause.area):
        console.rule(area, align="left", style="dim")
        for row in found:
            clause = row.clause
            console.print(Text.assemble((f"{clause.id} ", "bold"), f"({clause.level})"))
            _line(console, "", clause.sentence)
            if clause.decision:
                _line(console, "decision", in_words(clause.decision))
            for group in row.groups:
                _group(comparison, row, group, console)
            console.print()


def _group(comparison: Comparison, row: ClauseRow, group: Group, console: Console) -> None:
    result = row.results[group.members[0]]
    assert result is not None
    _line(console, result.verdict, names(comparison, group.members), STYLES[result.verdict])
    _line(console, "", _cut(group.answer), "dim")


def _traces(comparison: Comparison, console: Console) -> None:
    if not comparison.differing_traces:
        return
    console.rule("traces", align="left", style="dim")
    for row, differs in comparison.differing_traces[:_SHOWN]:
        console.print(
            Text.assemble((row.name, "bold"), f" ({differs.operation}: {differs.fields[0]})"),
            soft_wrap=True,
        )
        words = comparison.played[row.trace].trace.words()[: differs.step + 1]
        for number, each in enumerate(words):
            _line(console, "" if number else "done", each)
        for group in differs.groups:
            _line(console, "got", _cut(group.answer))
            _line(console, "", names(comparison, group.members), "dim")
        console.print()
    _rest(len(comparison.differing_traces), console)


def _reported(comparison: Comparison, console: Console) -> None:
    if not comparison.differing_reported:
        return
    console.rule("divergences from the reference", align="left", style="dim")
    for row in comparison.differing_reported[:_SHOWN]:
        console.print(Text(str(row.divergence.signature), style="bold"), soft_wrap=True)
        _line(console, "expected", _cut(row.divergence.expected))
        for column, answer in zip(comparison.columns, row.answers, strict=True):
            if column.results.search is not None:
                _line(console, "got", "not listed" if answer is None else _cut(answer))
                _line(console, "", column.label, "dim")
        console.print()
    _rest(len(comparison.differing_reported), console)


def _informs(comparison: Comparison, console: Console) -> None:
    if not comparison.informing:
        return
    console.rule(HEADING, align="left", style="dim")
    for row in comparison.informing[:_SHOWN]:
        console.print(Text(where(row), style="bold"), soft_wrap=True)
        for column, answer in zip(comparison.columns, row.answers, strict=True):
            _line(console, "got", "not looked at" if answer is None else _cut(answer))
            _line(console, "", column.label, "dim")
        console.print()
    _rest(len(comparison.informing), console)


def _rest(count: int, console: Console) -> None:
    if count > _SHOWN:
        console.print(f"and {count - _SHOWN} more: see --html or --report-json", highlight=False)


def _counts(comparison: Comparison) -> Table:
    table = Table("implementation", *VERDICTS, "MUST kept", box=None, header_style="dim")
    for column in table.columns[1:]:
        column.justify = "right"
    for each in comparison.columns:
        counts = each.results.counts()
        cells = (
            Text(str(counts[verdict]), style=STYLES[verdict] if counts[verdict] else "dim")
            for verdict in VERDICTS
        )
        kept, judged = each.results.musts
        table.add_row(Text(each.label), *cells, f"{kept} of {judged}")
    return table


def _line(console: Console, label: str, text: str, style: str = "") -> None:
    grid = Table.grid(padding=0)
    grid.add_column(width=14)
    grid.add_column(overflow="fold")
    grid.add_row(Text(f"{label:>12}", style=style or "dim"), Text(text, style=style))
    console.print(grid)


def _cut(text: str) -> str:
    return text if len(text) <= _LONG else f"{text[:_LONG]} ..."


__all__ = ["names", "show", "summary"]
