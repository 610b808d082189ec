"""``fuzz TARGET``: search for divergences from the reference until the time is over."""

from __future__ import annotations

import sys

import rich_click as click

from conformance.commands.searching import Interruption, Searching, searching_options
from conformance.commands.settings import cover_source_option, ends_with_message
from conformance.judging.findings import Finding, Findings
from conformance.judging.judgement import CONFORMANT, NONCONFORMANT, NOT_JUDGED
from conformance.judging.search import ALL, engines_named
from conformance.reports.plain import PlainConsole
from conformance.reports.searching import campaign as shown
from stateful.engines.campaign import Plan, campaign
from stateful.engines.units import ENGINES
from stateful.processes.events import DivergenceFound


@click.command()
@click.argument("target")
@click.option(
    "--max-time",
    type=click.FloatRange(min=0, min_open=True),
    default=60.0,
    show_default=True,
    help="Seconds that the search takes, on the clock.",
)
@click.option(
    "--workers", type=click.IntRange(min=1), default=2, show_default=True, help="Processes."
)
@click.option("--seed", type=int, default=0, show_default=True, help="Chooses what is drawn.")
@click.option(
    "--engines",
    default=ALL,
    show_default=True,
    help=f"Engines, with commas between them: {', '.join(ENGINES)}.",
)
@click.option(
    "--min-pairs",
    type=click.IntRange(min=0),
    default=100,
    show_default=True,
    help="Pairs of operation and abstract state; with fewer, the report says how far it came.",
)
@searching_options
@cover_source_option
@ends_with_message
def fuzz(
    target: str,
    max_time: float,
    workers: int,
    seed: int,
    engines: str,
    min_pairs: int,
    searching: Searching,
    cover_source: bool,
) -> None:
    """Search for divergences of TARGET from the reference, until the time is over.

    Each distinct divergence is written to the folder the moment it is found, with its shortest
    trace. What is found is masked, so that the search goes on behind it.

    How far it comes in its time depends on the machine, and decides nothing.

    Exit codes: 0 nothing new was found, 1 something was, 2 wrong usage, 3 could not be judged: work
    could not be done to its end.
    """
    chosen = engines_named(engines, tuple(ENGINES))
    known = searching.known(target)
    findings = Findings(searching.output, target)
    sides = searching.sides(target)
    plan = Plan(
        sides,
        chosen,
        seconds=max_time,
        workers=workers,
        seed=seed,
        limits=searching.limits,
        cover_source=cover_source,
    )
    console = PlainConsole()
    tally = shown.Tally()
    events = campaign(plan, [entry.signature for entry in known.divergences])
    with Interruption() as interruption:
        for event in shown.watch(interruption.until(events), tally, console, searching.quiet):
            if isinstance(event, DivergenceFound):
                findings.write(Finding(event.divergence, target))
    # An engine whose turn has not come within the time is not missed.
    shown.show(tally, tally.coverage.missed(min_pairs), console, searching.quiet)
    interruption.ended(console)
    if tally.divergences:
        sys.exit(NONCONFORMANT)
    sys.exit(NOT_JUDGED if tally.failed else CONFORMANT)
