"""``check TARGET``: judge an implementation, clause by clause."""

from __future__ import annotations

import sys
from pathlib import Path

import rich_click as click
from rich.console import Console

from conformance import baseline as baselines
from conformance.commands.settings import (
    cover_source_option,
    ends_with_message,
    engines_for,
    engines_option,
    running_options,
)
from conformance.findings import Findings
from conformance.judgement import judge
from conformance.reports import annotations as annotated
from conformance.reports import badge, json_report, junit, markdown, page, terminal
from conformance.run import run
from conformance.search import CHECKS
from conformance.search import FLOOR as PAIRS
from conformance.selection import Selection
from conformance.verdicts import collect

#: Checks that a full run has to execute at least, so that an empty one is never green.
FLOOR = 100

_FILE = click.Path(dir_okay=False, path_type=Path)


@click.command()
@click.argument("target")
@running_options
@click.option("--baseline", "baseline_file", type=_FILE, help="What is known to fail.")
@click.option("--report-json", type=_FILE, help="Write everything that was found as JSON.")
@click.option("--junitxml", type=_FILE, help="Write a JUnit XML report.")
@click.option("--markdown", "markdown_file", type=_FILE, help="Write a summary as Markdown.")
@click.option("--html", "html_file", type=_FILE, help="Write a page that needs nothing else.")
@click.option("--badge", "badge_file", type=_FILE, help="Write a badge as SVG.")
@click.option(
    "--findings",
    type=click.Path(file_okay=False, path_type=Path),
    help="Write the trace and the script of each divergence, and of each clause that makes the run "
    "fail, to this folder.",
)
@click.option(
    "--annotations",
    type=_FILE,
    help="Write what makes the run fail as workflow commands of GitHub Actions.",
)
@click.option("--strict", is_flag=True, help="A failing SHOULD clause makes the run fail too.")
@engines_option
@click.option(
    "--min-checks",
    type=click.IntRange(min=1),
    help=f"Checks that must be executed at least (default: {FLOOR}; 1 for a part of the clauses).",
)
@click.option(
    "--min-pairs",
    type=click.IntRange(min=0),
    default=PAIRS,
    show_default=True,
    help="Pairs of operation and abstract state that the engines must reach at least.",
)
@cover_source_option
@ends_with_message
def check(
    target: str,
    areas: tuple[str, ...],
    clauses: tuple[str, ...],
    levels: tuple[str, ...],
    python: str | None,
    workers: int,
    timeout: float,
    quiet: bool,
    baseline_file: Path | None,
    report_json: Path | None,
    junitxml: Path | None,
    markdown_file: Path | None,
    html_file: Path | None,
    badge_file: Path | None,
    findings: Path | None,
    annotations: Path | None,
    strict: bool,
    engines: str | None,
    min_checks: int | None,
    min_pairs: int,
    cover_source: bool,
) -> None:
    """Judge TARGET, clause by clause.

    TARGET is ref, persistent-c, persistent-py, an installed package in the layout of persistent,
    or package.module:NAME of an Implementation or a factory of one.
    """
    selection = Selection(areas, clauses, levels)
    using = engines_for(engines, selection, python)
    chosen, checks = selection.resolve()
    known = baselines.read(baseline_file) if baseline_file else None
    console = Console()
    if CHECKS not in using:
        chosen, checks = [], []
    pinned = known.divergences if known else ()
    events = run(
        target,
        checks,
        using,
        pinned,
        python=python,
        workers=workers,
        timeout=timeout,
        cover_source=cover_source,
    )
    results = collect(terminal.watch(events, console), chosen, using)
    floor = min_checks or (FLOOR if selection.everything else 1)
    judgement = judge(
        results, known, strict=strict, floor=floor if CHECKS in using else 0, pairs=min_pairs
    )
    if report_json:
        json_report.write(report_json, results, judgement)
    if junitxml:
        junit.write(junitxml, results, judgement)
    if markdown_file:
        markdown.write_run(markdown_file, results, judgement)
    if badge_file:
        badge.write(badge_file, results)
    if annotations:
        annotated.write(annotations, results, judgement, baseline_file)
    if findings:
        found = Findings(findings, target)
        for divergence in results.search.divergences if results.search else ():
            found.write(divergence)
        for result in results.clauses:
            if result.clause.id in judgement.unexpected:
                found.write_check(result.decisive[0])
    if html_file:
        page.write_run(html_file, results, python, timeout)
    terminal.show(results, judgement, terminal.command_for(target, python), console, quiet)
    sys.exit(judgement.exit_code)
