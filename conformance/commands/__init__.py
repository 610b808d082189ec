"""The commands, one module each."""

from __future__ import annotations

import io
import sys

import rich_click as click

from conformance import __version__
from conformance.commands.baseline import baseline
from conformance.commands.check import check
from conformance.commands.compare import compare
from conformance.commands.explain import explain
from conformance.commands.explore import explore
from conformance.commands.fuzz import fuzz
from conformance.commands.modules import modules
from conformance.commands.replay import replay
from conformance.commands.settings import from_pyproject
from conformance.commands.targets import targets
from conformance.commands.teach import teach

PROGRAM = "persistent-conformance"


@click.group(
    context_settings={
        "auto_envvar_prefix": "PERSISTENT_CONFORMANCE",
        "help_option_names": ["-h", "--help"],
    }
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


for command in (check, compare, explore, fuzz, baseline, explain, teach, replay, targets, modules):
    program.add_command(command)
