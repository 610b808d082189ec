"""``fuzz TARGET``: search for divergences from the reference until the time is over."""

from __future__ import annotations

import sys
from dataclasses import replace
from itertools import chain
from pathlib import Path

import rich_click as click

from conformance.commands.outputs import FILE
from conformance.commands.searching import Interruption, Searching, searching_options
from conformance.commands.searching.fleets import (
    fleet,
    require_examples,
    scheduler_option,
)
from conformance.commands.settings import cover_source_option, ends_with_message
from conformance.files import write_whole
from conformance.judging.baseline.masks import Masks
from conformance.judging.findings import Finding, Findings
from conformance.judging.judgement import (
    CONFORMANT,
    NONCONFORMANT,
    NOT_JUDGED,
    Judgement,
    judge,
)
from conformance.judging.search import ALL, engines_named
from conformance.judging.session import searched
from conformance.judging.units.log import Log, begun
from conformance.judging.verdicts import Results
from conformance.reports import json_report
from conformance.reports.declared import Judged
from conformance.reports.plain import PlainConsole, echo
from conformance.reports.searching import campaign as shown
from stateful.engines.campaign import Plan, campaign
from stateful.engines.units import ENGINES
from stateful.processes.events import DivergenceFound, UnitEvent


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
@click.option("--report-json", type=FILE, help="Write everything that was found as JSON.")
@click.option(
    "--unit",
    type=click.IntRange(min=0),
    metavar="NUMBER",
    help="Perform this unit of the last campaign that wrote to the folder once more, with what was "
    "known when it began, and nothing else.",
)
@click.option(
    "--examples",
    metavar="redis://HOST:PORT",
    help="Share the examples of the machines through this database. What a unit finds then depends "
    "on what is there.",
)
@scheduler_option
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
    report_json: Path | None,
    unit: int | None,
    examples: str | None,
    scheduler: str | None,
    searching: Searching,
    cover_source: bool,
) -> None:
    """Search for divergences of TARGET from the reference, until the time is over.

    Each distinct divergence is written to the folder the moment it is found, with its shortest
    trace. What is found is masked, so that the search goes on behind it; so is what earlier runs
    have left in the folder, which `replay FOLDER` performs again, and what a baseline knows, if its
    trace still shows exactly that: else it is news.

    How far it comes in its time depends on the machine, and decides nothing.

    Exit codes: 0 nothing new was found, 1 something was, 2 wrong usage, 3 could not be judged: work
    could not be done to its end.
    """
    require_examples(examples)
    chosen = engines_named(engines, tuple(ENGINES))
    known = searching.known(target)
    findings = Findings(searching.output, target)
    again = None if unit is None else begun(searching.output, unit)
    earlier = findings.earlier() if again is None else ()
    sides = searching.sides(target)
    plan = Plan(
        sides,
        chosen,
        seconds=max_time,
        workers=workers,
        seed=seed,
        limits=searching.limits,
        cover_source=cover_source,
        examples=examples,
    )
    console = PlainConsole()
    masks = searching.masks(known, sides, earlier) if again is None else Masks()
    log = Log(searching.output, plan, masks.signatures) if again is None else None
    if earlier and not searching.quiet:
        echo(f"{searching.output}: {len(earlier)} divergences of earlier runs are not told again")
    heard: list[UnitEvent] = []
    performing = fleet(
        scheduler, sides, searching.limits, workers, quiet=searching.quiet, err=False
    )
    with performing as pool, Interruption() as interruption:
        tally = shown.Tally()
        masked = masks.signatures
        performed = campaign(plan, masked, pool) if again is None else again.events(plan, pool)
        events = interruption.until(chain(masks.changed, performed))
        for event in shown.watch(events, tally, console, searching.quiet):
            heard.append(event)
            if log is not None:
                log.hear(event)
            if isinstance(event, DivergenceFound):
                findings.write(Finding(event.divergence, target))
    if report_json is not None:
        results = searched(sides.target, chosen, heard, tally.seconds)
        write_whole(report_json, json_report.dumps(Judged(results, _judged(results))))
    # An engine whose turn has not come within the time is not missed.
    shown.show(tally, tally.coverage.missed(min_pairs), console, searching.quiet)
    interruption.ended(console)
    if tally.divergences:
        sys.exit(NONCONFORMANT)
    sys.exit(NOT_JUDGED if tally.failed else CONFORMANT)


def _judged(results: Results) -> Judgement:
    """What a campaign amounts to: an engine whose turn has not come is not missed."""
    judgement = judge(results, strict=False, floor=0, pairs=0)
    if judgement.exit_code == NOT_JUDGED and results.search and not results.search.failed:
        return replace(judgement, exit_code=CONFORMANT, missed_floor=None)
    return judgement
