"""The verdict in a line, and what a line and everything else have in common."""

from __future__ import annotations

import shlex
from collections.abc import Mapping, Sequence

from rich.console import Console
from rich.table import Table
from rich.text import Text

from conformance.judging.in_process import FAIL, INCONCLUSIVE, NOT_RUN, PASS, UNSUPPORTED
from conformance.judging.judgement import CONFORMANT, NONCONFORMANT, Judgement
from conformance.judging.verdicts import Results
from conformance.reports.divergences import search_words

COLUMNS = (PASS, FAIL, INCONCLUSIVE, UNSUPPORTED, NOT_RUN)
STYLES = {
    PASS: "green",
    FAIL: "red",
    INCONCLUSIVE: "yellow",
    UNSUPPORTED: "dim",
    NOT_RUN: "yellow",
}
#: How many ids the line names; the rest are counted.
_NAMED = 3


def show_verdict(results: Results, judgement: Judgement, console: Console) -> None:
    """Print the verdict in a line, with what is news if anything was known."""
    text = verdict(results, judgement)
    for told in _news(judgement):
        text.append(f"; {told}")
    print_line(text, console)


def verdict(results: Results, judgement: Judgement) -> Text:
    """The verdict in a word, and in numbers."""
    word, style = {
        CONFORMANT: ("conformant", "bold green"),
        NONCONFORMANT: ("not conformant", "bold red"),
    }.get(judgement.exit_code, ("could not be judged", "bold yellow"))
    counts = results.counts()
    clauses = ", ".join(f"{counts[verdict]} {verdict}" for verdict in COLUMNS if counts[verdict])
    done = [clauses] if results.clauses else []
    if results.search is not None:
        done.append(search_words(results.search))
    done.append(f"{results.executed} checks executed in {results.seconds:.1f} s")
    return Text.assemble(
        (f"{results.subject.name} {results.subject.version}: {word}", style),
        f" - {'; '.join(done)}",
    )


def not_known(results: Results, judgement: Judgement) -> str:
    """How what is news is told apart; empty if nothing was known."""
    if results.accepted is not None:
        return f" that are new beside {judgement.known_by}"
    return "" if judgement.known_by is None else f" not in {judgement.known_by}"


def command_for(target: str, python: str | None) -> str:
    """The command that checks one clause alone, up to the clause's id."""
    words = ["persistent-conformance", "check", target]
    if python is not None:
        words += ["--python", python]
    return shlex.join([*words, "--clause"])


def _news(judgement: Judgement) -> list[str]:
    """What led to the exit code, where that is not what the numbers say."""
    divergences = judgement.divergences
    known: Sequence[tuple[str, Mapping[str, str]]] = ()
    if judgement.known_by is not None:
        known = (
            ("new", {**judgement.unexpected, **divergences.unexpected}),
            ("stale in the baseline", {**judgement.stale, **divergences.stale}),
        )
    unjudged = {**judgement.unjudged, **divergences.unjudged}
    told = [
        f"{title}: {some(tuple(found), _NAMED)}"
        for title, found in (*known, ("could not be judged", unjudged))
        if found
    ]
    return [*told, judgement.missed_floor] if judgement.missed_floor else told


def some(ids: Sequence[str], at_most: int) -> str:
    """The first of ``ids``, so many at most; the rest are counted."""
    more = len(ids) - at_most
    return ", ".join([*ids[:at_most], *([f"and {more} more"] if more > 0 else [])])


def line(console: Console, label: str, text: str) -> None:
    """Print ``text`` behind a label, as many lines as it takes."""
    grid = Table.grid(padding=0)
    grid.add_column(width=11)
    grid.add_column(overflow="fold")
    grid.add_row(Text(f"{label:>9}", style="dim"), Text(text))
    console.print(grid)


def print_line(text: Text, console: Console) -> None:
    """Print a line whole: as many lines of the terminal as it takes, one elsewhere."""
    console.print(text, soft_wrap=True)


__all__ = [
    "COLUMNS",
    "STYLES",
    "command_for",
    "line",
    "not_known",
    "print_line",
    "show_verdict",
    "some",
    "verdict",
]
