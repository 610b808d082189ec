"""The report in the terminal: progress while it runs, then a screen, a line, or all of it."""

from __future__ import annotations

from rich.console import Console

from conformance.judging.judgement import Judgement
from conformance.judging.verdicts import Results
from conformance.reports.terminal.details import show_all
from conformance.reports.terminal.screen import show_screen
from conformance.reports.terminal.verdict import STYLES, command_for, line, show_verdict
from conformance.reports.terminal.watching import watch

#: How much is printed: a line, a screen, or all of it.
LINE, SCREEN, ALL = "line", "screen", "all"


def show(
    results: Results,
    judgement: Judgement,
    command: str,
    console: Console,
    how_much: str = SCREEN,
) -> None:
    """Print the report. ``command`` is how the user can run one clause alone, without its id."""
    if how_much == LINE:
        show_verdict(results, judgement, console)
    elif how_much == ALL:
        show_all(results, judgement, command, console)
    else:
        show_screen(results, judgement, console)


__all__ = ["ALL", "LINE", "SCREEN", "STYLES", "command_for", "line", "show", "watch"]
