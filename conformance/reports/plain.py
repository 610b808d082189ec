"""What reaches a terminal: nothing that a target puts into its texts does anything there."""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Any

import rich_click as click
from rich.console import Console, ConsoleOptions, RenderableType
from rich.segment import Segment

from fixtures.roles import plain

#: What the log of a job in GitHub Actions takes for a command.
_COMMAND = re.compile(r"^([ \t]*):(?=:)|#(?=#\[)", re.MULTILINE)


def inert(text: str) -> str:
    """``text`` for a terminal or a log: `plain`, and no line of it is a workflow command."""
    return _COMMAND.sub(lambda found: f"{found[1] or ''}\\x{ord(found[0][-1]):x}", plain(text))


def echo(text: str, err: bool = False, nl: bool = True) -> None:
    """Print a line on standard output, or standard error; without its end unless ``nl``."""
    click.echo(inert(text), err=err, nl=nl)


class PlainConsole(Console):
    """A console that prints no control character but its own."""

    def render(
        self, renderable: RenderableType, options: ConsoleOptions | None = None
    ) -> Iterable[Segment]:
        """Yield the segments of ``renderable``."""
        for segment in super().render(renderable, options):
            yield segment if segment.control else segment._replace(text=inert(segment.text))


def plain_data(data: Any) -> Any:
    """Data that JSON can hold, with all texts in it `plain`."""
    if isinstance(data, str):
        return plain(data)
    if isinstance(data, dict):
        return {plain_data(key): plain_data(value) for key, value in data.items()}
    if isinstance(data, (list, tuple)):
        return [plain_data(item) for item in data]
    return data


__all__ = ["PlainConsole", "echo", "inert", "plain", "plain_data"]
