"""``fuzz TARGET``: search for divergences from the reference until the time is over."""

from __future__ import annotations

import sys
from pathlib import Path

import rich_click as click

from conformance.commands.searching import Interruption, searching_options
from conformance.commands.settings import cover_source_option, ends_with_message
from conformance.judging import baseline as baselines
from conformance.judging.baseline import Baseline
from conformance.judging.causes import outside
from conformance.judging.findings import Finding, Findings
from conformance.judging.judgement import CONFORMANT, NONCONFORMANT, NOT_JUDGED
from conformance.judging.search import ALL, engines_named
from conformance.reports import campaign as shown
from conformance.reports.plain import PlainConsole
from stateful.engines.campaign import ENGINES, REMOTE, Plan, campaign
from stateful.processes.child import Limits
from stateful.processes.events import DivergenceFound
from stateful.processes.isolation import Agent, Launch


@click.command()
@click.argument("target")
@click.option(
    "--max-time",
    type=click.FloatRange(min=0, min_open=True),
    default=60.0,
    show_default=True,
    help="Seconds that the search takes.",
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
    "--python",
    metavar="INTERPRETER",
    help=f"Run the target in this interpreter; engines: {', '.join(REMOTE)}.",
)
@click.option(
    "--min-pairs",
    type=click.IntRange(min=0),
    default=100,
    show_default=True,
    help="Pairs of operation and abstract state to be reached; with fewer, the run says nothing.",
)
@searching_options
@cover_source_option
@ends_with_message
def fuzz(
    target: str,
    max_time: float,
    workers: int,
    seed: int,
    output: Path,
    engines: str,
    baseline_file: Path | None,
    python: str | None,
    timeout: float,
    memory: int,
    min_pairs: int,
    quiet: bool,
    cover_source: bool,
) -> None:
    """Search for divergences of TARGET from the reference, until the time is over.

    Each distinct divergence is written to the folder the moment it is found, with its shortest
    trace. What is found is masked, so that the search goes on behind it.

    Exit codes: 0 nothing new was found, 1 something was, 2 wrong usage, 3 could not be judged.
    """
    chosen = engines_named(engines, tuple(ENGINES), python)
    known = baselines.read(baseline_file, target) if baseline_file else Baseline(target)
    findings = Findings(output, target)
    Agent(Launch(target, python)).close()
    plan = Plan(
        target,
        chosen,
        seconds=max_time,
        workers=workers,
        seed=seed,
        limits=Limits(timeout, memory),
        python=python,
        cover_source=cover_source,
    )
    console = PlainConsole()
    tally = shown.Tally()
    events = campaign(plan, [entry.signature for entry in known.divergences])
    with Interruption() as interruption:
        unknown = interruption.until(outside(events, known.causes))
        for event in shown.watch(unknown, tally, console, quiet):
            if isinstance(event, DivergenceFound):
                findings.write(Finding(event.divergence, target))
    # An engine whose turn has not come within the time is not missed.
    missed = tally.coverage.missed(min_pairs)
    shown.show(tally, missed, console, quiet)
    interruption.ended(console)
    if tally.divergences:
        sys.exit(NONCONFORMANT)
    judged = not (missed or tally.failed or tally.unexplained)
    sys.exit(CONFORMANT if judged else NOT_JUDGED)
