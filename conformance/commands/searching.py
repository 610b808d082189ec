"""What the commands share that search until something ends them: `explore` and `fuzz`."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from typing import Any, TypeVar

import rich_click as click

from conformance.judging.causes import Cause, outside
from stateful.processes.events import Event

_Function = TypeVar("_Function", bound=Callable[..., Any])

_OPTIONS = (
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


def searching_options(function: _Function) -> _Function:
    """Add the options that say what is known, where findings go, what a process may use."""
    for option in reversed(_OPTIONS):
        function = option(function)
    return function


def unknown_until_interrupted(events: Iterable[Event], causes: Iterable[Cause]) -> Iterator[Event]:
    """``events`` without what ``causes`` hold, up to where the user presses Ctrl-C."""
    try:
        yield from outside(events, causes)
    except KeyboardInterrupt:
        return
