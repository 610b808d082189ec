"""Progress in the terminal, while a run goes on."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import TypeVar

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn

from conformance.judging.events import CheckFinished, RunStarted
from conformance.judging.in_process import FAIL
from conformance.judging.search import TraceReplayed
from stateful.processes.events import DivergenceFound

_Event = TypeVar("_Event")


def watch(events: Iterable[_Event], console: Console) -> Iterator[_Event]:
    """Pass ``events`` on and show progress meanwhile, if ``console`` is a terminal."""
    if not console.is_terminal:
        yield from events
        return
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn())
    with Progress(*columns, console=console, transient=True) as progress:
        task = progress.add_task("starting", total=None)
        failed = divergences = 0
        for event in events:
            if isinstance(event, RunStarted):
                progress.update(task, total=event.checks, description=event.subject.name)
            elif isinstance(event, CheckFinished):
                failed += event.verdict == FAIL
                progress.update(task, advance=1, description=f"{event.clause} ({failed} failed)")
            elif isinstance(event, TraceReplayed):
                progress.update(task, description=event.name)
            elif isinstance(event, DivergenceFound):
                divergences += 1
                progress.update(task, description=f"{event.engine} ({divergences} divergences)")
            yield event


__all__ = ["watch"]
