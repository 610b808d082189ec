"""``baseline TARGET -o FILE``: write down what is known to fail, or bring it up to date."""

from __future__ import annotations

import sys
from collections.abc import Iterator, Sequence
from dataclasses import replace
from pathlib import Path

import rich_click as click

from conformance.commands.searching import Interruption, heard
from conformance.commands.settings import (
    Running,
    ends_with_message,
    engines_for,
    engines_option,
    running_anywhere,
)
from conformance.judging.baseline import file as baselines
from conformance.judging.baseline import former
from conformance.judging.baseline.entries import Baseline
from conformance.judging.baseline.update import Seen, update
from conformance.judging.findings import Finding
from conformance.judging.in_process import NOT_RUN
from conformance.judging.judgement import CONFORMANT, NOT_JUDGED, judge
from conformance.judging.repeated import shown_by
from conformance.judging.search import CHECKS
from conformance.judging.session import run
from conformance.judging.verdicts import Results
from conformance.reports import terminal
from conformance.reports.plain import PlainConsole, echo
from stateful.engines.engine import Sides
from stateful.processes.isolation import Agent


@click.command()
@click.argument("target")
@click.option(
    "-o",
    "--output",
    type=click.Path(dir_okay=False, path_type=Path),
    required=True,
    help="The baseline to write; if it exists, its reasons are kept.",
)
@click.option(
    "--python",
    "pythons",
    metavar="INTERPRETER",
    multiple=True,
    help="Run the target in this interpreter (repeatable: one file for all of them).",
)
@running_anywhere
@engines_option
@ends_with_message
def baseline(
    target: str,
    output: Path,
    pythons: tuple[str, ...],
    engines: str | None,
    running: Running,
) -> None:
    """Write what TARGET is known to fail to a file that `check --baseline` holds it to.

    Every entry has a reason, and a digest of what was seen. An existing file is brought up to date:
    reasons, issues and expiry dates of entries that still hold are kept, new failures are added,
    what passes is removed. Entries that hold in some interpreters only say so.
    """
    runnings = [replace(running, python=python) for python in pythons or (None,)]
    old = _read(output, target)
    console = PlainConsole()
    for each in runnings if len(runnings) > 1 else ():
        # What does not start is told before the others have been run.
        Agent(each.launch(target)).close()
    results = []
    with Interruption() as interruption:
        for each in runnings:
            results.append(_results(target, each, engines, old, console, interruption))
            if interruption.happened:
                judgement = judge(results[-1], strict=False, floor=0, pairs=0)
                command = terminal.command_for(target, each.python)
                terminal.show(results[-1], judgement, command, console, running.how_much)
                echo(f"{output}: nothing is written")
                break
    interruption.ended(console)
    if any(_missed(each) for each in results):
        echo("Error: not every check could be run; nothing is written", err=True)
        sys.exit(NOT_JUDGED)
    seen = [
        Seen(each, _also(each, results, target, its))
        for each, its in zip(results, runnings, strict=True)
    ]
    new = update(old, seen)
    baselines.write(output, new)
    if not running.quiet:
        before, after = old.names if old else set(), new.names
        console.print(
            f"{output}: {len(after)} entries, {len(after - before)} new, "
            f"{len(before - after)} removed",
            highlight=False,
            markup=False,
            soft_wrap=True,
        )
    sys.exit(CONFORMANT)


def _read(path: Path, target: str) -> Baseline | None:
    if not path.exists():
        return None
    if former.is_former(path):
        return former.read(path, target)
    return baselines.read(path, target)


def _results(
    target: str,
    running: Running,
    engines: str | None,
    old: Baseline | None,
    console: PlainConsole,
    interruption: Interruption,
) -> Results:
    using = engines_for(engines, running.selection)
    chosen, checks = running.selection.resolve()
    if CHECKS not in using:
        chosen, checks = [], []
    pinned = old.divergences if old else ()
    events = run(Sides(running.launch(target)), checks, using, pinned, workers=running.workers)
    return heard(events, interruption, console, chosen, using, target)


def _missed(results: Results) -> bool:
    """Whether a run did too little to write down what it saw."""
    if results.search is not None and results.search.missed(0):
        return True
    if results.clauses and results.executed == 0:
        return True
    return any(result.verdict == NOT_RUN and result.checks for result in results.clauses)


def _also(
    results: Results, every: Sequence[Results], target: str, running: Running
) -> tuple[Finding, ...]:
    """What other runs found, and this one did not come across, but shows as well."""
    if results.search is None:
        return ()
    own = {found.key for found in results.search.seen}
    others = {found.key: found for each in every for found in _seen(each)}
    waiting = [found for key, found in others.items() if key not in own]
    return tuple(shown_by(Sides(running.launch(target)), waiting, running.workers))


def _seen(results: Results) -> Iterator[Finding]:
    yield from results.search.seen if results.search is not None else ()
