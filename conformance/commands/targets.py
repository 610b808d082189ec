"""``targets``: the implementations that can be named here."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import rich_click as click
from rich.table import Table

from conformance.reports.plain import PlainConsole
from fixtures.adapters import TARGETS as ADAPTERS
from fixtures.builds import C
from fixtures.targets import BUILTINS, TargetError, entry_points
from stateful.processes.isolation import Agent, Launch


@click.command()
@click.option("--python", metavar="INTERPRETER", help="Look in this interpreter.")
def targets(python: str | None) -> None:
    """List the implementations that can be named here, with versions and parts."""
    words = {name: builtin.words for name, builtin in BUILTINS.items()}
    words.update({name: adapter.words for name, adapter in ADAPTERS.items()})
    if python is None:
        words.update({name: value for name, value in entry_points().items() if name not in words})
    table = Table("target", "what", "version", "parts", box=None, pad_edge=False)
    for name, what in words.items():
        try:
            with Agent(Launch(name, python)) as agent:
                about = agent.about
        except TargetError as error:
            table.add_row(name, what, "-", error.problem)
        else:
            table.add_row(name, what, about["version"], _parts(about))
    console = PlainConsole()
    console.print(table)
    console.print(
        "Or any installed package in the layout of persistent, or package.module:NAME.",
        soft_wrap=True,
    )


def _parts(about: Mapping[str, Any]) -> str:
    """The parts, each that is written in C marked."""
    builds = about["builds"]
    return ", ".join(f"{part} (C)" if builds.get(part) == C else part for part in about["parts"])
