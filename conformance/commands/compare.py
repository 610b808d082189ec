"""``compare TARGET TARGET...``: several implementations side by side, without a judge."""

from __future__ import annotations

import sys
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import rich_click as click
from rich.console import Console

from conformance.clauses.registry import Check, Clause
from conformance.commands.outputs import FILE, FOLDER, html_option, markdown_option
from conformance.commands.searching import Interruption, heard
from conformance.commands.settings import Running, ends_with_message, running_options
from conformance.comparing.changes import KINDS, OTHER, changes
from conformance.comparing.comparison import Column, Comparison, compared, labelled
from conformance.judging.in_process import NOT_RUN
from conformance.judging.judgement import CONFORMANT, NONCONFORMANT, NOT_JUDGED
from conformance.judging.search import CHECKS, CORPUS, ENGINES, engines_named
from conformance.judging.session import run
from conformance.judging.verdicts import Results
from conformance.pages import comparison as page
from conformance.reports import badge, comparison_json, json_report, markdown, terminal
from conformance.reports import comparison as shown
from conformance.reports.plain import PlainConsole
from stateful.engines.engine import Sides
from stateful.processes.isolation import Agent, Launch

_REPORT = ".json"


@dataclass(frozen=True)
class _Plan:
    """What is done with each target."""

    clauses: Sequence[Clause]
    checks: Sequence[Check]
    engines: Sequence[str]
    running: Running
    informs: bool = False


@click.command()
@click.argument("targets", nargs=-1, required=True, metavar="TARGET TARGET...")
@running_options
@click.option(
    "--engines",
    help=f"What is done, with commas between: {', '.join(ENGINES)}. The default is "
    f"{CORPUS},{CHECKS}, or {CHECKS} if only some of the clauses are asked for.",
)
@click.option("--report-json", type=FILE, help="Write everything that was found as JSON.")
@markdown_option
@html_option
@click.option(
    "--badges",
    type=FOLDER,
    help="Write a badge (SVG) for each implementation to this folder.",
)
@click.option(
    "--only",
    "kinds",
    multiple=True,
    type=click.Choice(KINDS),
    help="Of two, print only what is worse in the second one, better, or otherwise (repeatable); "
    "only that makes the command end with 1.",
)
@ends_with_message
def compare(
    targets: tuple[str, ...],
    engines: str | None,
    report_json: Path | None,
    markdown_file: Path | None,
    html_file: Path | None,
    badges: Path | None,
    kinds: tuple[str, ...],
    running: Running,
) -> None:
    """Put implementations side by side and group them by their answers, clause by clause.

    TARGET is what `check` takes; TARGET@INTERPRETER runs it in an interpreter of its own. A file
    that `check --report-json` has written stands for the run that it tells of.

    Of two, the first is what was before: what the second does worse is told first, then what it
    does better. Of several, nobody is right. With --area, --clause, --level and -k, traces and
    divergences are those that are about these clauses.

    Exit codes: 0 all gave the same answers, 1 they differ, 2 wrong usage, 3 could not be judged.
    """
    if len(targets) < 2:
        raise click.UsageError(f"Give a second TARGET to compare {targets[0]!r} with")
    if kinds and len(targets) > 2:
        raise click.UsageError("--only tells how the second of two differs: name two")
    selection = running.selection
    using: Sequence[str] = (CORPUS, CHECKS) if selection.everything else (CHECKS,)
    if engines is not None:
        using = engines_named(engines)
    chosen, checks = selection.resolve() if CHECKS in using else ([], [])
    # The corpus is performed by everyone below; here it would be judged by the reference.
    alone = [engine for engine in using if engine != CORPUS]
    plan = _Plan(chosen, checks, alone, running, informs=CORPUS in using)
    console = PlainConsole()
    with Interruption() as interruption:
        columns = list(_columns(targets, plan, console, interruption))
        names = labelled([column.results for column in columns])
        columns = [replace(each, label=name) for each, name in zip(columns, names, strict=True)]
        comparison = interruption.attempt(
            lambda: compared(
                columns,
                with_corpus=CORPUS in using,
                with_examples=bool(html_file or report_json),
            )
        ) or _of_runs_alone(columns)
    if not selection.everything:
        comparison = comparison.about({clause.id for clause in chosen})
    if report_json:
        comparison_json.write(report_json, comparison)
    if markdown_file:
        markdown.write_comparison(markdown_file, comparison)
    if html_file:
        page.write(html_file, comparison)
    if badges:
        badge.write_all(badges, comparison.columns)
    on_a_screen = running.how_much == terminal.SCREEN
    shown.show(comparison, console, running.quiet, kinds or KINDS, on_a_screen)
    interruption.ended(console)
    sys.exit(_exit_code(comparison, kinds, console))


def _of_runs_alone(columns: Sequence[Column]) -> Comparison:
    """What was found before an interruption: no process is started for it."""
    return compared([replace(column, launch=None) for column in columns], with_corpus=False)


def _columns(
    targets: Sequence[str], plan: _Plan, console: Console, interruption: Interruption
) -> Iterator[Column]:
    wanted = {clause.id for clause in plan.clauses}
    reports = {
        given: json_report.results(Path(given)) for given in targets if given.endswith(_REPORT)
    }
    launches = {
        given: Launch.named(given, plan.running.python, plan.running.timeout)
        for given in targets
        if given not in reports
    }
    for launch in launches.values():
        # What does not start is told before the others have been run.
        Agent(launch).close()
    for given in targets:
        if interruption.happened:
            return
        if given in reports:
            told = reports[given]
            kept = tuple(each for each in told.clauses if each.clause.id in wanted)
            yield Column(given, replace(told, clauses=kept))
        else:
            launch = launches[given]
            yield Column(given, _run(launch, plan, console, interruption), launch)


def _run(launch: Launch, plan: _Plan, console: Console, interruption: Interruption) -> Results:
    workers = plan.running.workers
    events = run(Sides(launch), plan.checks, plan.engines, workers=workers, informs=plan.informs)
    return heard(events, interruption, console, plan.clauses, plan.engines, launch.target)


def _exit_code(comparison: Comparison, kinds: Sequence[str], console: Console) -> int:
    if not comparison.agree:
        differs = True
        if kinds:
            found = changes(comparison)
            differs = any(found.of_kind(kind) for kind in kinds)
            differs |= OTHER in kinds and bool(comparison.differing_traces)
        if differs:
            return NONCONFORMANT
    for column in comparison.columns:
        why = _unjudged(column)
        if why is not None:
            console.print(f"{column.label}: {why}", markup=False, highlight=False, soft_wrap=True)
            return NOT_JUDGED
    return CONFORMANT


def _unjudged(column: Column) -> str | None:
    """Why a run says nothing; None if it does."""
    results = column.results
    if any(result.verdict == NOT_RUN and result.checks for result in results.clauses):
        return "not every check could be run"
    if results.clauses and not results.executed:
        return "no check was executed"
    if column.launch is not None and results.search is not None:
        return results.search.missed(0)
    return None
