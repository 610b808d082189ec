"""A history in the terminal: a row for each release, then each change with both answers."""

from __future__ import annotations

from collections.abc import Sequence

from rich.console import Console
from rich.table import Table
from rich.text import Text

from conformance.history.rows import Change, Row
from conformance.reports.terminal.verdict import STYLES


def show_row(row: Row, questions: Sequence[str], console: Console) -> None:
    """Print one row, while others are to come."""
    line = Text.assemble((row.label, "bold"), f" {row.python}" if row.python else "")
    if row.problem:
        line.append(f": {row.problem}", style="dim")
    for name, answer in zip(questions, row.answers, strict=False):
        line.append(f"{':' if name == questions[0] else ','} ")
        line.append(f"{name} " if len(questions) > 1 else "")
        line.append(answer.word, style=STYLES.get(answer.verdict, ""))
    console.print(line, soft_wrap=True)


def show_changes(changes: Sequence[Change], console: Console) -> None:
    """Print where answers change, both side by side."""
    for change in changes:
        before, after = change.before, change.after
        console.rule(f"{change.question}: {before.label} -> {after.label}", align="left")
        table = Table(box=None, pad_edge=False, show_header=False)
        for row, answer in ((before, change.was), (after, change.now)):
            cell = Text(answer.word, style=STYLES.get(answer.verdict, ""))
            table.add_row(Text(row.label), Text(row.python), cell, Text(answer.details))
        console.print(table)
        if before.python != after.python:
            console.print("the interpreter is another one, too", style="dim")


__all__ = ["show_changes", "show_row"]
