"""``init TARGET``: what a repository needs so that its implementation is held to what it does."""

from __future__ import annotations

import os
import sys
from pathlib import Path

import rich_click as click

from conformance.commands.baseline import baseline
from conformance.commands.outputs import FOLDER
from conformance.commands.settings import (
    Running,
    ends_with_message,
    engines_option,
    running_options,
)
from conformance.commands.starting.adapter import MODULE, adapter_for
from conformance.commands.starting.workflow import workflow
from conformance.files import write_whole
from conformance.judging.search import CHECKS
from conformance.reports.plain import echo
from fixtures.builds import C
from fixtures.implementation import CAPABILITIES, PARTS
from stateful.processes.isolation import Agent

_BASELINE = "conformance.toml"
_WORKFLOW = ".github/workflows/conformance.yml"


@click.command()
@click.argument("target")
@click.option(
    "--folder",
    type=FOLDER,
    default=".",
    show_default=True,
    help="The top of the repository; all else happens there.",
)
@click.option(
    "--released",
    metavar="DISTRIBUTION",
    help="Judge it in CI beside the last release of this distribution, not with a baseline.",
)
@engines_option
@running_options
@click.pass_context
@ends_with_message
def init(
    context: click.Context,
    target: str,
    folder: Path,
    released: str | None,
    engines: str | None,
    running: Running,
) -> None:
    """Write adapter, baseline and CI workflow for an implementation, and say what was found.

    TARGET is what `check` takes, or package.module:Class, a base class: then an adapter is written.
    What is there already stays as it is. A baseline holds what the checks find (--engines says
    otherwise); with --released there is none.

    Exit codes: 0 everything is there, 2 wrong usage, 3 could not be judged.
    """
    os.chdir(folder)
    if str(Path.cwd()) not in sys.path:
        sys.path.append(str(Path.cwd()))
    adapter = adapter_for(target)
    if adapter is not None:
        _write(Path(f"{MODULE}.py"), adapter.source)
        target = adapter.target
        echo(f"adapter: {MODULE}.py, with {', '.join(adapter.parts)}; put it where it is imported")
    with Agent(running.launch(target)) as agent:
        about = agent.about
    echo(f"{about['name']} {about['version']} on {about['interpreter']} {about['python']}")
    for part in about["parts"]:
        echo(f"  has {part}{' (C)' if about['builds'].get(part) == C else ''}")
    for part in PARTS:
        if part not in about["parts"]:
            echo(f"  no {part}: what needs it is unsupported")
    for capability, lack in CAPABILITIES.items():
        if capability not in about["capabilities"]:
            echo(f"  no {capability}: {lack}")
    name = None if released else _BASELINE
    _write(Path(_WORKFLOW), workflow(target, released or "", name))
    if name is not None:
        _judge(context, target, Path(name), engines or CHECKS, running)
        echo(f"now: persistent-conformance check {target} --baseline {name}")


def _write(path: Path, text: str) -> None:
    if path.exists():
        echo(f"{path}: is there, and stays as it is")
        return
    write_whole(path, text)
    echo(f"{path}: written")


def _judge(context: click.Context, target: str, path: Path, engines: str, running: Running) -> None:
    """Write the baseline. Raises SystemExit with its exit code if that is not 0."""
    options = {
        "areas": running.areas,
        "clauses": running.clauses,
        "levels": running.levels,
        "keyword": running.keyword,
        "workers": running.workers,
        "timeout": running.timeout,
        "quiet": running.quiet,
        "verbose": running.verbose,
    }
    pythons = (running.python,) if running.python else ()
    try:
        context.invoke(
            baseline, target=target, output=path, pythons=pythons, engines=engines, **options
        )
    except SystemExit as ended:
        if ended.code:
            raise
