"""The report in the terminal: progress while it runs, then what failed and what it amounts to."""

from __future__ import annotations

import shlex
from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import groupby
from typing import TypeVar

from rich.console import Console
from rich.markup import escape
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn
from rich.table import Table
from rich.text import Text

from conformance.clauses.registry import LEVELS, MAY
from conformance.judging.events import CheckFinished, RunStarted
from conformance.judging.findings import Finding
from conformance.judging.in_process import FAIL, INCONCLUSIVE, NOT_RUN, PASS, UNSUPPORTED
from conformance.judging.judgement import CONFORMANT, NONCONFORMANT, Judgement
from conformance.judging.search import TraceReplayed
from conformance.judging.verdicts import ClauseResult, Results
from conformance.reports.divergences import search_words, show_search
from stateful.processes.events import DivergenceFound

_Event = TypeVar("_Event")

_COLUMNS = (PASS, FAIL, INCONCLUSIVE, UNSUPPORTED, NOT_RUN)
STYLES = {
    PASS: "green",
    FAIL: "red",
    INCONCLUSIVE: "yellow",
    UNSUPPORTED: "dim",
    NOT_RUN: "yellow",
}
#: How many failing checks of a clause are shown; the rest are counted.
_SHOWN_CHECKS = 2
#: How much of what is mended is named.
_SHOWN_MENDED = 10


def watch(events: Iterable[_Event], console: Console) -> Iterator[_Event]:
    """Pass ``events`` on and show progress meanwhile, if ``console`` is a terminal."""
    if not console.is_terminal:
        yield from events
        return
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn())
    with Progress(*columns, console=console, transient=True) as progress:
        task = progress.add_task("starting", total=None)
        failed = divergences = 0
        for event in events:
            if isinstance(event, RunStarted):
                progress.update(task, total=event.checks, description=event.subject.name)
            elif isinstance(event, CheckFinished):
                failed += event.verdict == FAIL
                progress.update(task, advance=1, description=f"{event.clause} ({failed} failed)")
            elif isinstance(event, TraceReplayed):
                progress.update(task, description=event.name)
            elif isinstance(event, DivergenceFound):
                divergences += 1
                progress.update(task, description=f"{event.engine} ({divergences} divergences)")
            yield event


def show(
    results: Results, judgement: Judgement, command: str, console: Console, quiet: bool = False
) -> None:
    """Print the report. ``command`` is how the user can run one clause alone, without its id."""
    if not quiet:
        _heading(results, console)
        for area, found in groupby(
            _worth_showing(results, judgement), key=lambda result: result.clause.area
        ):
            console.rule(area, align="left", style="dim")
            for result in found:
                _clause(result, judgement, command, console)
        _unsupported(results, console)
        if results.clauses:
            console.print(_counts(results))
        if results.search is not None:
            show_search(results.search, console)
    _verdict(results, judgement, console, quiet)


def command_for(target: str, python: str | None) -> str:
    """The command that checks one clause alone, up to the clause's id."""
    words = ["persistent-conformance", "check", target]
    if python is not None:
        words += ["--python", python]
    return shlex.join([*words, "--clause"])


def _heading(results: Results, console: Console) -> None:
    subject, accepted = results.subject, results.accepted
    where = f"{subject.version} on {subject.interpreter} {subject.python}"
    beside = "" if accepted is None else f", beside {accepted.name}"
    console.print(Text.assemble((subject.name, "bold"), f" {where}{beside}"))


def _worth_showing(results: Results, judgement: Judgement) -> tuple[ClauseResult, ...]:
    """If nothing is known, whatever is bad; else what is news."""
    return tuple(
        result
        for result in results.with_verdict(FAIL, INCONCLUSIVE, NOT_RUN)
        if _gates(result, judgement) or (result.clause.level != MAY and judgement.known_by is None)
    )


def _gates(result: ClauseResult, judgement: Judgement) -> bool:
    return result.clause.id in judgement.unexpected or result.clause.id in judgement.unjudged


def _clause(result: ClauseResult, judgement: Judgement, command: str, console: Console) -> None:
    clause = result.clause
    known = "" if _gates(result, judgement) else _why(result)
    console.print(
        Text.assemble(
            (f"{clause.id} ", "bold"),
            (result.verdict, STYLES[result.verdict]),
            f" ({clause.level}{known})",
        )
    )
    _line(console, "", clause.sentence)
    if clause.decision:
        _line(console, "decision", clause.decision)
    news = judgement.news.get(clause.id, ())
    decisive = sorted(result.decisive, key=lambda check: check.check not in news)
    for check in decisive[:_SHOWN_CHECKS]:
        _line(console, "check", check.check.partition(":")[2])
        for number, words in enumerate(check.words):
            _line(console, "done" if number == 0 else "", words)
        if result.verdict == FAIL:
            _line(console, "looked at", check.what)
            _line(console, "expected", check.expected)
            _line(console, "got", check.got)
        else:
            _line(console, "why", check.what)
    if len(decisive) > _SHOWN_CHECKS:
        _line(console, "", f"and {len(decisive) - _SHOWN_CHECKS} more checks of this clause")
    _line(console, "alone", f"{command} {clause.id}")
    console.print()


def _why(result: ClauseResult) -> str:
    return ", known" if result.clause.level == "MUST" else ", does not gate"


def _line(console: Console, label: str, text: str) -> None:
    grid = Table.grid(padding=0)
    grid.add_column(width=11)
    grid.add_column(overflow="fold")
    grid.add_row(Text(f"{label:>9}", style="dim"), Text(text))
    console.print(grid)


def _unsupported(results: Results, console: Console) -> None:
    reasons: dict[str, list[str]] = {}
    for result in results.with_verdict(UNSUPPORTED):
        reasons.setdefault(result.message, []).append(result.clause.id)
    for reason, ids in reasons.items():
        _line(console, "unsupp.", f"{reason}: {', '.join(ids)}")


def _counts(results: Results) -> Table:
    table = Table("level", *_COLUMNS, box=None, pad_edge=False, header_style="dim")
    for column in table.columns[1:]:
        column.justify = "right"
    for level in LEVELS:
        counts = results.counts(level)
        if sum(counts.values()):
            cells = (
                Text(str(counts[verdict]), style=STYLES[verdict] if counts[verdict] else "dim")
                for verdict in _COLUMNS
            )
            table.add_row(level, *cells)
    return table


def _verdict(results: Results, judgement: Judgement, console: Console, quiet: bool) -> None:
    unknown = "" if judgement.known_by is None else f" not in {judgement.known_by}"
    if results.accepted is not None:
        unknown = f" that are new beside {judgement.known_by}"
    for title, found in (
        (f"failing{unknown}", judgement.unexpected),
        (f"divergences{unknown}", judgement.divergences.unexpected),
        ("stale in the baseline", {**judgement.stale, **judgement.divergences.stale}),
        ("could not be judged", {**judgement.unjudged, **judgement.divergences.unjudged}),
    ):
        _listed(title, found, console)
    if results.aftermaths and not quiet:
        console.print(
            f"performed again in a fresh process, which was not lost as the first one was: "
            f"{results.aftermaths} of the checks",
            highlight=False,
            soft_wrap=True,
        )
    mended = [*results.mended, *(str(e.divergence.signature) for e in _mended(results))]
    if mended:
        console.print(
            f"mended since {judgement.known_by}: {len(mended)}", highlight=False, soft_wrap=True
        )
        for name in mended[:_SHOWN_MENDED]:
            console.print(Text(f"  {name}"), soft_wrap=True)
        if len(mended) > _SHOWN_MENDED:
            console.print(f"  and {len(mended) - _SHOWN_MENDED} more", highlight=False)
    if judgement.unspoken is not None:
        console.print(
            f"the baseline was not written for {judgement.unspoken}: see baseline --python",
            highlight=False,
            soft_wrap=True,
        )
    if judgement.missed_floor:
        console.print(escape(judgement.missed_floor), highlight=False, soft_wrap=True)
    word, style = {
        CONFORMANT: ("conformant", "bold green"),
        NONCONFORMANT: ("not conformant", "bold red"),
    }.get(judgement.exit_code, ("could not be judged", "bold yellow"))
    counts = results.counts()
    clauses = ", ".join(f"{counts[verdict]} {verdict}" for verdict in _COLUMNS if counts[verdict])
    done = [clauses] if results.clauses else []
    if results.search is not None:
        done.append(search_words(results.search))
    done.append(f"{results.executed} checks executed in {results.seconds:.1f} s")
    console.print(
        Text.assemble(
            (f"{results.subject.name} {results.subject.version}: {word}", style),
            f" - {'; '.join(done)}",
        ),
        soft_wrap=True,
    )


def _mended(results: Results) -> Sequence[Finding]:
    return () if results.search is None else results.search.mended


def _listed(title: str, found: Mapping[str, str], console: Console) -> None:
    if not found:
        return
    console.print(f"[bold]{title}:[/]", highlight=False)
    for id, why in found.items():
        console.print(Text.assemble((f"  {id} ", "bold"), why), soft_wrap=True)
