"""``teach [TARGET...]``: the interactive page of the specification."""

from __future__ import annotations

from contextlib import ExitStack, closing
from pathlib import Path

import rich_click as click

from conformance.commands.settings import ends_with_message
from conformance.files import write_whole
from conformance.judging.selection import require_names
from conformance.pages.teach.compared import Other
from conformance.pages.teach.lessons import DEFAULT, LESSONS
from conformance.pages.teach.page import teaching_page
from conformance.reports.plain import echo
from fixtures.targets import load
from stateful.processes.isolation import Launch


@click.command()
@click.argument("targets", nargs=-1, metavar="[TARGET]...")
@click.option(
    "-o",
    "--output",
    type=click.Path(dir_okay=False, path_type=Path),
    default=Path("teach.html"),
    show_default=True,
    help="The page, one self-contained HTML file.",
)
@click.option(
    "--scope",
    "names",
    multiple=True,
    help=f"A small world to show (repeatable), one of: {', '.join(LESSONS)}. The default is "
    f"{', '.join(DEFAULT)}.",
)
@click.option("--python", metavar="INTERPRETER", help="Run the targets in this interpreter.")
@ends_with_message
def teach(
    targets: tuple[str, ...], output: Path, names: tuple[str, ...], python: str | None
) -> None:
    """Write a page on which the specification can be tried out in a browser.

    Every step in every state of small worlds is performed on the reference, and on each TARGET,
    to show where it does something else. Nothing is loaded when the page is opened.
    """
    require_names("--scope", names, LESSONS)
    reference = load("ref")
    with ExitStack() as stack:
        others = [
            stack.enter_context(closing(Other(reference, Launch(target, python))))
            for target in targets
        ]
        lessons = [LESSONS[name] for name in names or DEFAULT]
        text = teaching_page(reference, lessons, others, _tell)
    write_whole(output, text)
    echo(f"{output}: {len(text.encode()) / 1e6:.1f} MB")


def _tell(how_far: str) -> None:
    """On the way, which takes a minute: beside what is printed at the end."""
    echo(how_far, err=True)
