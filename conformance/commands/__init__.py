"""The commands, one module each."""

from __future__ import annotations

import importlib
import io
import sys
from difflib import SequenceMatcher
from typing import Any

import rich_click as click

from conformance import __version__
from conformance.commands.settings import from_pyproject

PROGRAM = "persistent-conformance"
#: The commands, each the function of its own name in its own module.
COMMANDS = (
    *("check", "compare", "explore", "fuzz", "baseline", "explain", "teach", "replay"),
    *("targets", "modules", "history", "init"),
)


#: How much an option has to be like what was written, from 0 to 1, to be offered instead.
_LIKE = 0.75


class _Commands(click.RichGroup):
    """The group of `COMMANDS`; one is imported when it is asked for, since all take a second."""

    def invoke(self, ctx: click.Context) -> Any:
        """Invoke a command; of an option that there is not, only what is like it is offered."""
        try:
            return super().invoke(ctx)
        except click.NoSuchOption as error:
            wanted = error.option_name
            like = [
                each
                for each in error.possibilities or ()
                if each.startswith(wanted) or SequenceMatcher(None, wanted, each).ratio() >= _LIKE
            ]
            raise click.NoSuchOption(wanted, possibilities=like, ctx=error.ctx) from None

    def list_commands(self, ctx: click.Context) -> list[str]:
        return list(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> Any:
        if cmd_name not in COMMANDS:
            return None
        return getattr(importlib.import_module(f"{__name__}.{cmd_name}"), cmd_name)


@click.group(
    cls=_Commands,
    context_settings={
        "auto_envvar_prefix": "PERSISTENT_CONFORMANCE",
        "help_option_names": ["-h", "--help"],
    },
)
@click.version_option(__version__, prog_name=PROGRAM)
@click.pass_context
def program(context: click.Context) -> None:
    """Judge implementations of the persistent object protocol of ZODB.

    Exit codes: 0 conformant, 1 not conformant (or not as the baseline says), 2 wrong usage,
    3 could not be judged.
    """
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            # A target can put into its texts what the terminal cannot show.
            stream.reconfigure(errors="backslashreplace")
    context.default_map = from_pyproject()
