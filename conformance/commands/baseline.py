"""``baseline TARGET -o FILE``: write down what is known to fail, or bring it up to date."""

from __future__ import annotations

import sys
from pathlib import Path

import rich_click as click
from rich.console import Console

from conformance import baseline as baselines
from conformance import engine
from conformance.commands.settings import ends_with_message, running_options
from conformance.judgement import CONFORMANT, NOT_JUDGED
from conformance.reports import terminal
from conformance.runner import NOT_RUN
from conformance.selection import Selection
from conformance.verdicts import collect


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
@ends_with_message
def baseline(
    target: str,
    output: Path,
    areas: tuple[str, ...],
    clauses: tuple[str, ...],
    levels: tuple[str, ...],
    python: str | None,
    workers: int,
    timeout: float,
    quiet: bool,
) -> None:
    """Write what TARGET is known to fail to a file that `check --baseline` holds it to.

    Every entry has a reason. An existing file is brought up to date: reasons, issues and expiry
    dates of entries that still hold are kept, new failures are added, what passes is removed.
    """
    chosen, checks = Selection(areas, clauses, levels).resolve()
    old = baselines.read(output) if output.exists() else None
    console = Console()
    events = engine.run(target, checks, python=python, workers=workers, timeout=timeout)
    results = collect(terminal.watch(events, console), chosen)
    if results.executed == 0 or any(
        result.verdict == NOT_RUN and result.checks for result in results.clauses
    ):
        click.echo("Error: not every check could be run; nothing is written", err=True)
        sys.exit(NOT_JUDGED)
    new = baselines.update(old, results)
    baselines.write(output, new)
    if not quiet:
        before, after = set((old and old.entries) or {}), set(new.entries or {})
        console.print(
            f"{output}: {len(after)} entries, {len(after - before)} new, "
            f"{len(before - after)} removed",
            highlight=False,
            markup=False,
            soft_wrap=True,
        )
    sys.exit(CONFORMANT)
