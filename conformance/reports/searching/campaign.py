"""A campaign in the terminal: progress while it goes on, what is found, and what it amounts to."""

from __future__ import annotations

import time
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field

from rich.console import Console
from rich.progress import Progress as Bar
from rich.progress import TextColumn, TimeElapsedColumn
from rich.text import Text

from conformance.judging.units.workers import Workers
from conformance.reports.divergences import coverage_table, show_found
from stateful.engines.coverage import Coverage
from stateful.lockstep.divergence import Divergence
from stateful.processes.events import (
    DivergenceFound,
    ProcessLost,
    SourceCoverage,
    SourceReached,
    UnitEvent,
    UnitFailed,
    UnitFinished,
)


@dataclass
class Tally:
    """What a campaign came to so far.

    ``divergences`` are news; ``mended`` is what an accepted implementation gets wrong, and the
    target right.
    """

    coverage: Coverage = field(default_factory=Coverage)
    divergences: list[Divergence] = field(default_factory=list)
    mended: list[Divergence] = field(default_factory=list)
    lost: int = 0
    unexplained: list[str] = field(default_factory=list)
    finished: int = 0
    failed: list[str] = field(default_factory=list)
    source: SourceCoverage | None = None
    workers: Workers = field(default_factory=Workers)
    began: float = field(default_factory=time.monotonic)

    def hear(self, event: UnitEvent) -> None:
        """Take an event in."""
        self.coverage.hear(event)
        self.workers.hear(event)
        if isinstance(event, DivergenceFound):
            found = event.divergence
            (self.mended if found.is_mended else self.divergences).append(found)
        elif isinstance(event, ProcessLost):
            self.lost += not event.unexplained
            if event.unexplained:
                self.unexplained.append(event.how)
        elif isinstance(event, UnitFinished):
            self.finished += 1
        elif isinstance(event, UnitFailed):
            self.failed.append(event.why)
        elif isinstance(event, SourceReached):
            self.source = event.source

    @property
    def seconds(self) -> float:
        """Wall time since the beginning."""
        return time.monotonic() - self.began


def watch(
    events: Iterable[UnitEvent], tally: Tally, console: Console, quiet: bool = False
) -> Iterator[UnitEvent]:
    """Pass ``events`` on, count them in ``tally``, and show what is found; progress if it can."""
    if quiet or not console.is_terminal:
        for event in events:
            tally.hear(event)
            if not quiet and _is_news(event):
                show_found(len(tally.divergences), tally.divergences[-1], console)
            yield event
        return
    columns = (TimeElapsedColumn(), TextColumn("{task.description}"))
    with Bar(*columns, console=console, transient=True) as bar:
        task = bar.add_task("starting", total=None)
        for event in events:
            tally.hear(event)
            if _is_news(event):
                show_found(len(tally.divergences), tally.divergences[-1], bar.console)
            bar.update(task, description=_progress(tally))
            yield event


def _is_news(event: UnitEvent) -> bool:
    return isinstance(event, DivergenceFound) and not event.divergence.is_mended


def _progress(tally: Tally) -> str:
    total = tally.coverage.total
    steps = total.done.get("steps", 0)
    workers = "" if tally.workers.is_empty else f"{tally.workers.there} workers, "
    return workers + (
        f"{steps:,} steps, {steps / max(tally.seconds, 0.1):,.0f}/s, {len(total.pairs):,} pairs of "
        f"operation and state, {len(tally.divergences)} divergences, {tally.lost} processes lost"
    )


def show(tally: Tally, missed: str | None, console: Console, quiet: bool = False) -> None:
    """Print what the campaign came to."""
    if not quiet:
        console.print(coverage_table(tally.coverage))
    if not tally.workers.is_empty:
        console.print(Text(str(tally.workers)), soft_wrap=True)
    if tally.source is not None:
        console.print(str(tally.source), highlight=False, soft_wrap=True)
    for why in tally.failed[:3]:
        console.print(Text(f"not performed to its end: {why.strip()}"), soft_wrap=True)
    if tally.unexplained:
        console.print(
            Text(
                f"{len(tally.unexplained)} times a process {tally.unexplained[0]}, and none did "
                "when that was repeated: this is not counted"
            ),
            soft_wrap=True,
        )
    if tally.mended:
        console.print(
            Text(f"mended, where the accepted implementation is wrong: {len(tally.mended)}"),
            soft_wrap=True,
        )
    if missed is not None:
        console.print(Text(missed), soft_wrap=True)
    steps = tally.coverage.total.done.get("steps", 0)
    console.print(
        Text(
            f"{len(tally.divergences)} divergences; {steps:,} steps in {tally.seconds:.1f} s, "
            f"{tally.lost} processes lost"
        ),
        soft_wrap=True,
    )
