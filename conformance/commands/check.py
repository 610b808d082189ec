"""``check TARGET``: judge an implementation, clause by clause."""

from __future__ import annotations

import functools
import sys
from pathlib import Path

import rich_click as click

from conformance.commands.outputs import FILE, Outputs, output_options
from conformance.commands.searching import Interruption, heard
from conformance.commands.settings import (
    Running,
    accepted_option,
    cover_source_option,
    ends_with_message,
    engines_for,
    engines_option,
    running_options,
    sides_for,
)
from conformance.judging.baseline import file as baselines
from conformance.judging.baseline.force import InForce
from conformance.judging.judgement import judge
from conformance.judging.search import CHECKS
from conformance.judging.search import FLOOR as PAIRS
from conformance.judging.session import run
from conformance.reports import terminal
from conformance.reports.declared import Judged
from conformance.reports.plain import PlainConsole

#: Checks that a full run has to execute at least, so that an empty one is never green.
FLOOR = 100


@click.command()
@click.argument("target")
@running_options
@click.option("--baseline", "baseline_file", type=FILE, help="What is known to fail.")
@accepted_option
@output_options
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
    running: Running,
    baseline_file: Path | None,
    accepted: str | None,
    strict: bool,
    engines: str | None,
    min_checks: int | None,
    min_pairs: int,
    cover_source: bool,
    outputs: Outputs,
) -> None:
    """Judge TARGET, clause by clause.

    TARGET is ref, persistent-c, persistent-py, an installed package in the layout of persistent,
    or package.module:NAME of an Implementation or a factory of one.
    """
    selection = running.selection
    using = engines_for(engines, selection)
    chosen, checks = selection.resolve()
    if baseline_file and accepted:
        raise click.UsageError("--accepted and --baseline both say what is known: give one of them")
    baseline = baselines.read(baseline_file, target) if baseline_file else None
    held = None if baseline is None else functools.partial(InForce.of, baseline)
    console = PlainConsole()
    if CHECKS not in using:
        chosen, checks = [], []
    pinned = baseline.divergences if baseline else ()
    sides = sides_for(target, accepted, running.python, running.timeout)
    events = run(
        sides,
        checks,
        using,
        pinned,
        workers=running.workers,
        cover_source=cover_source,
    )
    with Interruption() as interruption:
        results = heard(events, interruption, console, chosen, using, target, held)
    floor = min_checks or (FLOOR if selection.everything else 1)
    judgement = judge(
        results,
        None if held is None else held(results.subject),
        strict=strict,
        floor=floor if CHECKS in using else 0,
        pairs=min_pairs,
    )
    outputs.write(Judged(results, judgement, baseline_file), sides.target)
    command = terminal.command_for(target, running.python)
    terminal.show(results, judgement, command, console, running.how_much)
    interruption.ended(console)
    sys.exit(judgement.exit_code)
