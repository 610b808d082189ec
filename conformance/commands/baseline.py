"""``baseline TARGET -o FILE``: write down what is known to fail, or bring it up to date."""

from __future__ import annotations

import sys
from dataclasses import replace
from pathlib import Path

import rich_click as click

from conformance.commands.searching import Interruption, heard
from conformance.commands.settings import (
    Running,
    ends_with_message,
    engines_for,
    engines_option,
    running_options,
)
from conformance.judging import baseline as baselines
from conformance.judging.in_process import NOT_RUN
from conformance.judging.judgement import CONFORMANT, NOT_JUDGED, judge
from conformance.judging.search import CHECKS
from conformance.judging.session import run
from conformance.reports import terminal
from conformance.reports.plain import PlainConsole, echo


@click.command()
@click.argument("target")
@click.option(
    "-o",
    "--output",
    type=click.Path(dir_okay=False, path_type=Path),
    required=True,
    help="The baseline to write; if it exists, its reasons are kept.",
)
@running_options
@engines_option
@ends_with_message
def baseline(
    target: str,
    output: Path,
    engines: str | None,
    running: Running,
) -> None:
    """Write what TARGET is known to fail to a file that `check --baseline` holds it to.

    Every entry has a reason. An existing file is brought up to date: reasons, issues and expiry
    dates of entries that still hold are kept, new failures are added, what passes is removed.
    """
    selection = running.selection
    using = engines_for(engines, selection, running.python)
    chosen, checks = selection.resolve() if CHECKS in using else ([], [])
    old = baselines.read(output, target) if output.exists() else None
    console = PlainConsole()
    pinned = old.divergences if old else ()
    events = run(running.launch(target), checks, using, pinned, workers=running.workers)
    with Interruption() as interruption:
        results = heard(events, interruption, console, chosen, using, target)
    if interruption.happened:
        judgement = judge(results, old, strict=False, floor=0, pairs=0)
        command = terminal.command_for(target, running.python)
        terminal.show(results, judgement, command, console, running.quiet)
        echo(f"{output}: nothing is written")
        interruption.ended(console)
    missed = results.search and results.search.missed(0)
    if (
        missed
        or (CHECKS in using and results.executed == 0)
        or any(result.verdict == NOT_RUN and result.checks for result in results.clauses)
    ):
        echo("Error: not every check could be run; nothing is written", err=True)
        sys.exit(NOT_JUDGED)
    new = baselines.update(old, results)
    if results.search is not None:
        found, replayed = results.search.divergences, results.search.pinned
        kept = baselines.update_divergences(pinned, found, replayed, new.causes)
        shown = [each for each in new.causes if any(each.holds(e.divergence) for e in kept)]
        new = replace(new, divergences=kept, causes=tuple(shown))
    baselines.write(output, new)
    if not running.quiet:
        before, after = _names(old), _names(new)
        console.print(
            f"{output}: {len(after)} entries, {len(after - before)} new, "
            f"{len(before - after)} removed",
            highlight=False,
            markup=False,
            soft_wrap=True,
        )
    sys.exit(CONFORMANT)


def _names(found: baselines.Baseline | None) -> set[str]:
    if found is None:
        return set()
    return {*(found.entries or {}), *(str(entry.signature) for entry in found.divergences)}
