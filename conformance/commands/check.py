"""``check TARGET``: judge an implementation, clause by clause."""

from __future__ import annotations

import functools
import sys
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import rich_click as click

from conformance.clauses import registry
from conformance.clauses.registry import CLAUSES
from conformance.commands.checking.listing import list_clauses
from conformance.commands.checking.watching import changed, files_of, stamps
from conformance.commands.outputs import FILE, Outputs, output_options
from conformance.commands.searching import Interruption, heard
from conformance.commands.searching.fleets import fleet, scheduler_option
from conformance.commands.settings import (
    Running,
    accepted_option,
    bundled,
    cover_source_option,
    ends_with_message,
    engines_for,
    engines_option,
    refuse_both,
    running_options,
    sides_for,
)
from conformance.judging import last
from conformance.judging.baseline import file as baselines
from conformance.judging.baseline.entries import Baseline
from conformance.judging.baseline.force import InForce
from conformance.judging.digests import of_check
from conformance.judging.events import CheckFinished, RunStarted
from conformance.judging.in_process import FAIL
from conformance.judging.judgement import CONFORMANT, NONCONFORMANT, NOT_JUDGED, gates, judge
from conformance.judging.known import Known, Nothing
from conformance.judging.search import AGAIN, CHECKS, CORPUS
from conformance.judging.search import FLOOR as PAIRS
from conformance.judging.session import run
from conformance.judging.verdicts import Results
from conformance.reports import terminal
from conformance.reports.declared import Judged
from conformance.reports.divergences import as_data
from conformance.reports.plain import PlainConsole, echo
from stateful.engines.engine import Sides
from stateful.processes.child import Limits
from stateful.processes.events import DivergenceFound

#: Checks that a full run has to execute at least, so that an empty one is never green.
FLOOR = 100


@dataclass(frozen=True)
class Judging:
    """By what a target is judged, with what, and how much has to be done at least."""

    baseline_file: Path | None
    accepted: str | None
    strict: bool
    engines: str | None
    min_checks: int | None
    min_pairs: int
    cover_source: bool
    first: bool
    last_failed: bool
    scheduler: str | None


_JUDGING = (
    click.option("--baseline", "baseline_file", type=FILE, help="What is known to fail."),
    accepted_option,
    click.option("--strict", is_flag=True, help="A failing SHOULD clause makes the run fail too."),
    engines_option,
    click.option(
        "--min-checks",
        type=click.IntRange(min=1),
        help=f"Checks that must be executed at least (default: {FLOOR}; 1 for a part of the "
        "clauses).",
    ),
    click.option(
        "--min-pairs",
        type=click.IntRange(min=0),
        default=PAIRS,
        show_default=True,
        help="Pairs of operation and abstract state that the engines must reach at least.",
    ),
    cover_source_option,
    click.option(
        "-x", "--first", is_flag=True, help="Stop at the first failure that makes the run fail."
    ),
    click.option(
        "--lf",
        "--last-failed",
        "last_failed",
        is_flag=True,
        help="Only what failed in the last run on TARGET from this folder.",
    ),
    scheduler_option,
)


@click.command()
@click.argument("targets", nargs=-1, required=True, metavar="TARGET...")
@running_options
@bundled("judging", Judging, _JUDGING)
@output_options
@click.option("--list", "listed", is_flag=True, help="List what would be checked, and end.")
@click.option(
    "--watch", is_flag=True, help="Judge again what failed, whenever files of TARGET change."
)
@ends_with_message
def check(
    targets: tuple[str, ...],
    running: Running,
    judging: Judging,
    outputs: Outputs,
    listed: bool,
    watch: bool,
) -> None:
    """Judge TARGET, clause by clause; several ones, one after the other.

    TARGET is ref, persistent-c, persistent-py, an installed package in the layout of persistent,
    or package.module:NAME of an Implementation or a factory of one.

    What is printed is a screen: -v prints all of it, -q a line. Clauses that are named with
    --clause are shown in full.
    """
    refuse_both(judging.accepted, judging.baseline_file)
    if len(targets) > 1:
        outputs.require_several(targets)
    if listed:
        list_clauses(*running.selection.resolve(), running.verbose)
        return
    if watch:
        _watch(targets, running, judging, outputs)
    codes = [_check(target, running, judging, outputs.of(target)) for target in targets]
    worst = (NONCONFORMANT, NOT_JUDGED, CONFORMANT)
    sys.exit(next(code for code in worst if code in codes))


def _watch(targets: tuple[str, ...], running: Running, judging: Judging, outputs: Outputs) -> None:
    """Judge until the user presses Ctrl-C; after a change, first what failed, then everything."""
    paths = [path for target in targets for path in files_of(target)]
    if not paths or running.python is not None:
        raise click.UsageError(
            f"--watch: the files of {targets[0]!r} are not found in this interpreter"
        )
    while True:
        before = stamps(paths)
        for target in targets:
            code = _check(target, running, judging, outputs.of(target))
            judging = replace(judging, last_failed=code == NONCONFORMANT)
        names = changed(paths, before)
        echo(f"changed: {', '.join(str(path) for path in names[:3])}")


def _check(target: str, running: Running, judging: Judging, outputs: Outputs) -> int:
    """Judge one target, write the files and print the report; the exit code."""
    selection = running.selection
    earlier = last.read(target)
    again: tuple[Any, ...] = ()
    using = engines_for(judging.engines, selection)
    if judging.last_failed:
        if earlier.is_empty:
            echo(
                f"{target}: nothing failed in the last run from this folder", err=outputs.to_stdout
            )
            return CONFORMANT
        registry.load()
        known_ids = tuple(id for id in earlier.clauses if id in CLAUSES)
        selection = replace(selection, clauses=(*selection.clauses, *known_ids))
        again = earlier.divergences
        using = (*((CHECKS,) if known_ids else ()), *((AGAIN,) if again else ()))
    chosen, checks = selection.resolve()
    if CHECKS not in using:
        chosen, checks = [], []
    path = judging.baseline_file
    baseline = baselines.read(path, target) if path else None
    held = None if baseline is None else functools.partial(InForce.of, baseline)
    console = PlainConsole(stderr=outputs.to_stdout)
    sides = sides_for(target, judging.accepted, running.python, running.timeout)
    enough = _FirstFailure(held, baseline, sides) if judging.first else None
    limits = Limits(seconds=running.timeout)
    performing = fleet(
        judging.scheduler,
        sides,
        limits,
        running.workers,
        quiet=running.quiet,
        err=outputs.to_stdout,
    )
    with performing as pool, Interruption() as interruption:
        events = run(
            sides,
            checks,
            using,
            baseline.divergences if baseline and not judging.last_failed else (),
            workers=running.workers,
            cover_source=judging.cover_source,
            again=again,
            pool=pool,
            enough=enough or (lambda event: False),
            informs=CORPUS in using,
        )
        results = heard(events, interruption, console, chosen, using, target, held)
    stopped = enough is not None and enough.is_so
    is_part = judging.last_failed or stopped
    floor = judging.min_checks or (FLOOR if selection.everything else 1)
    judgement = judge(
        results,
        None if held is None else held(results.subject),
        strict=judging.strict,
        floor=floor if CHECKS in using and not is_part else 0,
        pairs=0 if is_part else judging.min_pairs,
    )
    if stopped:
        judgement = replace(judgement, missed_floor="stopped at the first failure")
    outputs.write(Judged(results, judgement, path), sides.target)
    _keep(earlier, results, is_whole=not (stopped or interruption.happened))
    command = terminal.command_for(target, running.python)
    terminal.show(results, judgement, command, console, running.how_much)
    interruption.ended(console)
    return judgement.exit_code


def _keep(earlier: last.Last, results: Results, *, is_whole: bool) -> None:
    """Keep what was found for the next run, and to be explained and replayed."""
    found = results.search.findings if results.search is not None else ()
    news = [as_data(each) for each in found if each.is_news]
    last.write(earlier.after(results, news, is_whole=is_whole))


class _FirstFailure:
    """Whether an event tells of a failure that makes a run fail; called with one after the other.

    A divergence is passed over if the baseline lists one of its signature: what was seen in it is
    only compared in the end. ``is_so`` says whether there was such an event.
    """

    def __init__(self, held: Any, baseline: Baseline | None, sides: Sides) -> None:
        self._held = held
        self._signatures = {entry.signature for entry in baseline.divergences} if baseline else ()
        self._is_beside = sides.accepted is not None
        self._known: Known = Nothing()
        self.is_so = False

    def __call__(self, event: object) -> bool:
        if isinstance(event, RunStarted) and self._held is not None:
            self._known = self._held(event.subject)
        elif isinstance(event, CheckFinished) and event.verdict == FAIL:
            gating = gates(CLAUSES[event.clause].level, event.is_lost, should=False)
            known = self._is_beside or self._known.check(event.check, of_check(event)).is_known
            self.is_so |= gating and not known
        elif isinstance(event, DivergenceFound):
            found = event.divergence
            self.is_so |= not (found.is_mended or found.signature in self._signatures)
        return self.is_so
