"""What the commands share that search or judge: options of a search, and what Ctrl-C does."""

from __future__ import annotations

import signal
import sys
from collections.abc import Callable, Generator, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from types import FrameType
from typing import Any, TypeVar

import rich_click as click
from rich.console import Console

from conformance.clauses.registry import Clause
from conformance.commands.settings import (
    INTERRUPTED,
    accepted_option,
    bundled,
    python_option,
    refuse_both,
    sides_for,
)
from conformance.judging.baseline import file as baselines
from conformance.judging.baseline.entries import Baseline
from conformance.judging.baseline.masks import Masks, masks_of
from conformance.judging.causes.explained import explained
from conformance.judging.events import Subject
from conformance.judging.known import Known
from conformance.judging.verdicts import Results, collect
from conformance.reports import terminal
from conformance.reports.plain import echo
from stateful.engines.engine import Sides
from stateful.lockstep.divergence import Divergence
from stateful.processes.child import Limits
from stateful.processes.isolation import Agent

_Item = TypeVar("_Item")
_END: Any = object()
_Function = TypeVar("_Function", bound=Callable[..., Any])

_OPTIONS = (
    python_option,
    accepted_option,
    click.option(
        "-o",
        "--output",
        type=click.Path(file_okay=True, path_type=Path),
        default=Path("findings"),
        show_default=True,
        help="The folder for the divergences, one file each.",
    ),
    click.option(
        "--baseline",
        "baseline_file",
        type=click.Path(dir_okay=False, path_type=Path),
        help="What is known: it is masked, and does not count, where its trace shows just that.",
    ),
    click.option(
        "--timeout",
        type=click.FloatRange(min=0, min_open=True),
        default=10.0,
        show_default=True,
        help="Seconds of CPU after which a silent process hangs; it may sleep for twice as long.",
    ),
    click.option(
        "--memory",
        type=click.IntRange(min=64),
        default=2048,
        show_default=True,
        help="Megabytes that a process may use.",
    ),
    click.option("--quiet", is_flag=True, help="Print the summary only."),
)


@dataclass(frozen=True)
class Searching:
    """What is searched, what is known, where findings go, and what a process may use."""

    python: str | None
    accepted: str | None
    output: Path
    baseline_file: Path | None
    timeout: float
    memory: int
    quiet: bool

    @property
    def limits(self) -> Limits:
        """What each process may use."""
        return Limits(self.timeout, self.memory)

    def known(self, target: str) -> Baseline:
        """The baseline, which is empty if none was named. Raises `BadFile`, UsageError."""
        refuse_both(self.accepted, self.baseline_file)
        return (
            baselines.read(self.baseline_file, target) if self.baseline_file else Baseline(target)
        )

    def masks(self, known: Baseline, sides: Sides, earlier: Sequence[Divergence]) -> Masks:
        """What the baseline masks; entries that show nothing any more are told of."""
        found = masks_of(known, sides, [each.signature for each in earlier])
        if found.gone and not self.quiet:
            echo(f"{self.baseline_file}: {len(found.gone)} entries show nothing, and mask nothing")
        return found

    def sides(self, target: str) -> Sides:
        """Who takes part. Raises `TargetError` if one of them does not start."""
        found = sides_for(target, self.accepted, self.python, self.timeout)
        for launch in (found.target, found.accepted):
            if launch is not None:
                Agent(launch).close()
        return found


def searching_options(function: _Function) -> _Function:
    """Add the options of `Searching`, and give the function these as ``searching``."""
    return bundled("searching", Searching, _OPTIONS)(function)


class Interruption:
    """What happens when the user presses Ctrl-C: the search ends, and what was found is told.

    A context manager. The second time, KeyboardInterrupt is raised as usual. ``happened`` says
    whether there was a first time.
    """

    def __init__(self) -> None:
        self.happened = False
        self._may_raise = False
        self._before: Any = signal.SIG_DFL

    def __enter__(self) -> Interruption:
        self._before = signal.signal(signal.SIGINT, self._hear)
        return self

    def __exit__(self, *ignored: object) -> None:
        signal.signal(signal.SIGINT, self._before)

    def until(self, events: Iterable[_Item]) -> Iterator[_Item]:
        """Yield ``events`` up to the interruption."""
        coming = iter(events)
        try:
            while True:
                found = self.attempt(lambda: next(coming, _END))
                if found is None or found is _END:
                    return
                yield found
        finally:
            if isinstance(coming, Generator):
                # What it has started ends now, and not when garbage is collected.
                coming.close()

    def attempt(self, work: Callable[[], _Item]) -> _Item | None:
        """What ``work`` returns; None if it was interrupted, or something was before."""
        try:
            self._may_raise = True
            if not self.happened:
                return work()
        except KeyboardInterrupt:
            if not self.happened:
                raise
        finally:
            self._may_raise = False
        return None

    def ended(self, console: Console) -> None:
        """Say so if it happened, and end with the exit code for it. Raises SystemExit."""
        if self.happened:
            console.print("interrupted: this is what was found until then", style="bold yellow")
            sys.exit(INTERRUPTED)

    def _hear(self, number: int, frame: FrameType | None) -> None:
        again, self.happened = self.happened, True
        if again or self._may_raise:
            raise KeyboardInterrupt


def heard(
    events: Iterable[object],
    interruption: Interruption,
    console: Console,
    clauses: Sequence[Clause],
    engines: Sequence[str],
    target: str,
    known: Callable[[Subject], Known] | None = None,
) -> Results:
    """The results of a run on ``target``; after an interruption, of what was judged until then."""
    watched = terminal.watch(interruption.until(events), console)
    told = collect(watched, clauses, engines, known, _unheard(target, interruption))
    results = explained(told)
    if not interruption.happened:
        return results
    return replace(results, clauses=tuple(each for each in results.clauses if each.checks))


def _unheard(target: str, interruption: Interruption) -> Callable[[], Subject | None]:
    """A target that was interrupted before it told what it is."""

    def unheard() -> Subject | None:
        return Subject(target, target, "", "", "", "", ()) if interruption.happened else None

    return unheard
