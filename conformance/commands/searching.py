"""What the commands share that search until something ends them: `explore` and `fuzz`."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeVar

import rich_click as click

from conformance.commands.settings import accepted_option, bundled, sides_for
from conformance.judging.baseline import file as baselines
from conformance.judging.baseline.entries import Baseline
from stateful.engines.engine import Sides
from stateful.processes.child import Limits
from stateful.processes.events import Event
from stateful.processes.isolation import Agent

_Function = TypeVar("_Function", bound=Callable[..., Any])

_OPTIONS = (
    click.option("--python", metavar="INTERPRETER", help="Run the target in this interpreter."),
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
        help="What is known: it is masked, and does not count.",
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
        """The baseline, which is empty if none was named. Raises `BadFile`."""
        return baselines.read(self.baseline_file) if self.baseline_file else Baseline(target)

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


def until_interrupted(events: Iterable[Event]) -> Iterator[Event]:
    """``events`` up to where the user presses Ctrl-C."""
    try:
        yield from events
    except KeyboardInterrupt:
        return
