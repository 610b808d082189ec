"""All that a run found: each clause that fails with its evidence, each divergence by its cause."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from itertools import groupby

from rich.console import Console
from rich.markup import escape
from rich.table import Table
from rich.text import Text

from conformance.clauses.registry import LEVELS, MAY
from conformance.comparing.informing import HEADING, summary, told_of
from conformance.explain.evidence import settings
from conformance.explain.sources import in_words, sources
from conformance.judging.causes.differing import differing
from conformance.judging.events import CheckFinished
from conformance.judging.findings import Finding
from conformance.judging.in_process import FAIL, INCONCLUSIVE, NOT_RUN, UNSUPPORTED
from conformance.judging.judgement import Judgement
from conformance.judging.verdicts import ClauseResult, Results
from conformance.reports.divergences import show_search
from conformance.reports.terminal.verdict import (
    COLUMNS,
    STYLES,
    line,
    not_known,
    print_line,
    verdict,
)

#: How many differences of a kind are shown that inform; the rest are counted.
_SHOWN_INFORMS = 6
#: How many failing checks of a clause are shown; the rest are counted.
_SHOWN_CHECKS = 2


def show_all(results: Results, judgement: Judgement, command: str, console: Console) -> None:
    """Print everything, each fact once; the verdict stands at the end."""
    subject, accepted = results.subject, results.accepted
    where = f"{subject.version} on {subject.interpreter} {subject.python}"
    if subject.written_in:
        where += f", {subject.written_in}"
    beside = "" if accepted is None else f", beside {accepted.name}"
    console.print(Text.assemble((subject.name, "bold"), f" {where}{beside}"))
    _clauses(results, judgement, command, console)
    _unsupported(results, console)
    if results.clauses:
        console.print(_counts(results))
    if results.search is not None:
        show_search(results.search, console, not_known(results, judgement))
    _informs(results, console)
    _notes(results, judgement, console)
    print_line(verdict(results, judgement), console)


def _clauses(results: Results, judgement: Judgement, command: str, console: Console) -> None:
    """Print the clauses that fail, area by area: if nothing is known all of them, else the news."""
    worth = (
        each
        for each in results.with_verdict(FAIL, INCONCLUSIVE, NOT_RUN)
        if _gates(each, judgement) or (each.clause.level != MAY and judgement.known_by is None)
    )
    for area, found in groupby(worth, key=lambda result: result.clause.area):
        console.rule(area, align="left", style="dim")
        for result in found:
            _clause(result, judgement, command, console)


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
    line(console, "", clause.sentence)
    if clause.decision:
        line(console, "decision", in_words(clause.decision))
    for number, source in enumerate(sources(clause.source)):
        label = "" if number else "says"
        print_line(Text.assemble((f"{label:>9}  ", "dim"), str(source)), console)
    if result.cause is not None and not result.cause.is_derived:
        line(console, "cause", result.cause.sentence)
    changed = judgement.unexpected.get(clause.id, "")
    if changed.startswith("changed: "):
        line(console, "news", changed)
    news = judgement.news.get(clause.id, ())
    decisive = sorted(result.decisive, key=lambda check: check.check not in news)
    for check in decisive[:_SHOWN_CHECKS]:
        _check(check, result.verdict, console)
    if len(decisive) > _SHOWN_CHECKS:
        line(console, "", f"and {len(decisive) - _SHOWN_CHECKS} more checks of this clause")
    line(console, "alone", f"{command} {clause.id}")
    console.print()


def _check(check: CheckFinished, verdict: str, console: Console) -> None:
    """The evidence of a check: the world, the steps, and what differs of what was looked at."""
    line(console, "check", check.check.partition(":")[2])
    if check.trace is not None:
        line(console, "with", settings(check.trace["world"]))
    for number, words in enumerate(check.words):
        line(console, "done" if number == 0 else "", words)
    if verdict != FAIL:
        line(console, "why", check.what)
        return
    line(console, "looked at", check.what)
    for name, expected, got in differing(check.expected, check.got):
        of = f"{name}: " if name else ""
        line(console, "expected", f"{of}{expected}")
        line(console, "got", f"{of}{got}")


def _why(result: ClauseResult) -> str:
    return ", known" if result.clause.level == "MUST" else ", does not gate"


def _unsupported(results: Results, console: Console) -> None:
    reasons: dict[str, list[str]] = {}
    for result in results.with_verdict(UNSUPPORTED):
        reasons.setdefault(result.message, []).append(result.clause.id)
    for reason, ids in reasons.items():
        line(console, "unsupp.", f"{reason}: {', '.join(ids)}")


def _counts(results: Results) -> Table:
    table = Table("level", *COLUMNS, box=None, pad_edge=False, header_style="dim")
    for column in table.columns[1:]:
        column.justify = "right"
    for level in LEVELS:
        counts = results.counts(level)
        if sum(counts.values()):
            cells = (
                Text(str(counts[verdict]), style=STYLES[verdict] if counts[verdict] else "dim")
                for verdict in COLUMNS
            )
            table.add_row(level, *cells)
    return table


def _notes(results: Results, judgement: Judgement, console: Console) -> None:
    """Print what is about the run and no clause or divergence that was shown."""
    for title, found in (
        ("stale in the baseline", {**judgement.stale, **judgement.divergences.stale}),
        ("could not be judged", judgement.divergences.unjudged),
    ):
        _listed(title, found, console)
    if results.aftermaths:
        console.print(
            f"lost or failed once, and not when performed again in a fresh process: "
            f"{results.aftermaths} of the checks",
            highlight=False,
            soft_wrap=True,
        )
    mended = [*results.mended, *(str(e.divergence.signature) for e in _mended(results))]
    if mended:
        console.print(
            f"mended since {judgement.known_by}: {len(mended)}", highlight=False, soft_wrap=True
        )
        for name in mended:
            console.print(Text(f"  {name}"), soft_wrap=True)
    if judgement.unspoken is not None:
        console.print(
            f"the baseline was not written for {judgement.unspoken}: see baseline --python",
            highlight=False,
            soft_wrap=True,
        )
    if judgement.missed_floor:
        console.print(escape(judgement.missed_floor), highlight=False, soft_wrap=True)


def _informs(results: Results, console: Console) -> None:
    """Print what informs and decides nothing, that of one kind together."""
    if not results.informs:
        return
    console.rule(HEADING, align="left", style="dim")
    for what, times in told_of(results.informs).items():
        console.print(Text(f"{what} ({times})", style="bold"), soft_wrap=True)
        of_kind = [each for each in results.informs if each.kind == what]
        for each in of_kind[:_SHOWN_INFORMS]:
            line(console, "", summary(each))
        if len(of_kind) > _SHOWN_INFORMS:
            line(console, "", f"and {len(of_kind) - _SHOWN_INFORMS} more: see --report-json")


def _mended(results: Results) -> Sequence[Finding]:
    return () if results.search is None else results.search.mended


def _listed(title: str, found: Mapping[str, str], console: Console) -> None:
    if not found:
        return
    console.print(f"[bold]{title}:[/]", highlight=False)
    for id, why in found.items():
        console.print(Text.assemble((f"  {id} ", "bold"), why), soft_wrap=True)


__all__ = ["show_all"]
