"""``history TARGET RELEASES``: what each release, or commit, of a target answers."""

from __future__ import annotations

import sys
import time
from collections.abc import Callable, Sequence
from importlib import metadata
from pathlib import Path

import rich_click as click
from rich.console import Console

from conformance.commands.outputs import FOLDER
from conformance.commands.replay import read_saved
from conformance.commands.searching import Interruption
from conformance.commands.settings import ends_with_message
from conformance.history import questions as asked
from conformance.history.environments import Environments, kept_folder
from conformance.history.points import Point, commits, releases
from conformance.history.pythons import Python, at_hand, named
from conformance.history.questions import Question
from conformance.history.rows import Asker, Row, all_rows, changes, halving
from conformance.judging.baseline import file as baselines
from conformance.judging.causes import shipped
from conformance.judging.judgement import CONFORMANT, NOT_JUDGED
from conformance.judging.selection import Selection
from conformance.reports.history import show_changes, show_row
from conformance.reports.plain import PlainConsole
from fixtures.targets import BUILTINS, entry_points
from stateful.processes.isolation import Launch

Points = Callable[[Sequence[Python]], Sequence[Point]]


@click.command()
@click.argument("target")
@click.argument("text", metavar="RELEASES", default="")
@click.option("--clause", "clauses", multiple=True, help="Ask about this clause (repeatable).")
@click.option("--check", "checks", multiple=True, help="Ask about this check (repeatable).")
@click.option(
    "--trace",
    "traces",
    multiple=True,
    type=click.Path(path_type=Path),
    help="Ask whether the trace in this file, or the divergence of this id, diverges (repeatable).",
)
@click.option("--cause", "causes", multiple=True, help="Ask whether it shows (repeatable).")
@click.option(
    "--baseline",
    "baseline_file",
    type=click.Path(dir_okay=False, path_type=Path),
    help="Causes, and traces that show them, are in this baseline too.",
)
@click.option("--halve", is_flag=True, help="Look for one change only, by halving.")
@click.option(
    "--python",
    "pythons",
    multiple=True,
    metavar="INTERPRETER",
    help="Install in this interpreter, or in the first of them that can (repeatable). Default: the "
    "oldest at hand, from 3.8 on, that a release can be installed in.",
)
@click.option("--git", "repository", type=FOLDER, help="RELEASES are GOOD..BAD in this checkout.")
@click.option(
    "--build",
    default="python -m pip install .",
    show_default=True,
    metavar="COMMAND",
    help="Builds a commit, in its checkout; python is that of its environment.",
)
@click.option("--distribution", help="What releases are of, if it is not called as the package is.")
@click.option("--with", "beside", multiple=True, help="Install this too (repeatable).")
@click.option(
    "--environments",
    "folder",
    type=FOLDER,
    help="Keep environments in this folder. Default: in the cache of the user.",
)
@click.option(
    "--timeout",
    type=click.FloatRange(min=0, min_open=True),
    default=10.0,
    show_default=True,
    help="Seconds of CPU that one check or trace may take; it may sleep for twice as long.",
)
@ends_with_message
def history(
    target: str,
    text: str,
    clauses: tuple[str, ...],
    checks: tuple[str, ...],
    traces: tuple[Path, ...],
    causes: tuple[str, ...],
    baseline_file: Path | None,
    halve: bool,
    pythons: tuple[str, ...],
    repository: Path | None,
    build: str,
    distribution: str | None,
    beside: tuple[str, ...],
    folder: Path | None,
    timeout: float,
) -> None:
    """Ask each release of a target the same, and print a row for each.

    RELEASES are versions, ranges such as 4.5.0..4.6.4, or paths of wheels and folders, with commas
    between. Environments that are missing are made, and kept. What cannot be installed is named
    with its reason. Where the answer changes, both are shown.

    Exit codes: 0 releases were judged, 2 wrong usage, 3 none could be judged.
    """
    questions = _questions(target, clauses, checks, traces, causes, baseline_file)
    hand = named(pythons) if pythons else at_hand()
    if repository is not None:
        points = commits(repository, text, hand)
    else:
        points = releases(distribution or _distribution(target), text, hand)
    environments = Environments(folder or kept_folder(), beside, repository, build)
    asker = Asker(
        environments.of, lambda made: Launch(target, made.interpreter, timeout), questions
    )
    console = PlainConsole()
    began = time.monotonic()
    names = [each.name for each in questions]
    rows: list[Row] = []
    with Interruption() as interruption:
        walk = halving if halve else all_rows
        for row in interruption.until(walk(points, asker)):
            rows.append(row)
            show_row(row, names, console)
        show_changes(changes(rows, questions), console)
        _counted(points, rows, asker.runs, environments.made, time.monotonic() - began, console)
        interruption.ended(console)
    sys.exit(CONFORMANT if any(row.is_judged for row in rows) else NOT_JUDGED)


def _counted(
    points: Sequence[Point],
    rows: Sequence[Row],
    runs: int,
    made: int,
    seconds: float,
    console: Console,
) -> None:
    judged = sum(row.is_judged for row in rows)
    console.print(
        f"{judged} of {len(points)} judged, {len(rows) - judged} could not be; {runs} answers, "
        f"{made} environments made, in {seconds / 60:.1f} min",
        highlight=False,
    )


def _questions(
    target: str,
    clauses: tuple[str, ...],
    checks: tuple[str, ...],
    traces: tuple[Path, ...],
    causes: tuple[str, ...],
    baseline_file: Path | None,
) -> list[Question]:
    found: list[Question] = []
    if clauses:
        found += asked.of_clauses(Selection(clauses=clauses).resolve()[0])
    found += map(asked.of_check, checks)
    found += (asked.of_trace(each, read_saved(each)) for each in traces)
    if causes:
        known = baselines.read(baseline_file) if baseline_file is not None else None
        told = [*shipped(target), *(known.causes if known is not None else ())]
        pinned = known.divergences if known is not None else ()
        found += (asked.of_cause(each, told, pinned) for each in causes)
    if not found:
        raise click.UsageError("Ask about something: --clause, --check, --trace or --cause")
    return found


def _distribution(target: str) -> str:
    """What the releases of ``target`` are of: the distribution that its package comes from."""
    builtin = BUILTINS.get(target)
    if builtin is not None:
        return builtin.package
    package = entry_points().get(target, target).partition(":")[0].partition(".")[0]
    return metadata.packages_distributions().get(package, [package])[0]
