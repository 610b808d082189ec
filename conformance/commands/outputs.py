"""The files that `check` writes, with their options."""

from __future__ import annotations

import functools
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeVar

import rich_click as click

from conformance.comparing.comparison import alone
from conformance.judging.findings import Findings
from conformance.pages import comparison as page
from conformance.reports.declared import Judged, declared
from stateful.processes.isolation import Launch

_Function = TypeVar("_Function", bound=Callable[..., Any])
FILE = click.Path(dir_okay=False, path_type=Path)
FOLDER = click.Path(file_okay=False, path_type=Path)

markdown_option = click.option(
    "--markdown", "markdown_file", type=FILE, help="Write a summary as Markdown."
)
html_option = click.option(
    "--html", "html_file", type=FILE, help="Write a page that needs nothing else."
)
_REPORTS = declared()
_OPTIONS = (
    *(click.option(each.option, each.parameter, type=FILE, help=each.help) for each in _REPORTS),
    html_option,
    click.option(
        "--findings",
        type=FOLDER,
        help="Write the trace and the script of each divergence, and of each clause that makes "
        "the run fail, to this folder.",
    ),
)
_PARAMETERS = (*(each.parameter for each in _REPORTS), "html_file", "findings")


@dataclass(frozen=True)
class Outputs:
    """The files that are asked for, by the names of their parameters."""

    paths: Mapping[str, Path]

    def write(self, judged: Judged, launch: Launch) -> None:
        """Write them.

        For the page, the target is started once more and asked what it does in traces. Raises
        `BadFile`, and `TargetError` if it does not start again.
        """
        for report in _REPORTS:
            if report.parameter in self.paths:
                report.write(self.paths[report.parameter], judged)
        if "findings" in self.paths:
            _write_findings(self.paths["findings"], judged)
        if "html_file" in self.paths:
            page.write(self.paths["html_file"], alone(judged.results, launch))


def output_options(function: _Function) -> _Function:
    """Add an option for each file, and give the function these as ``outputs``."""

    @functools.wraps(function)
    def wrapped(*arguments: Any, **named: Any) -> Any:
        given = {name: named.pop(name) for name in _PARAMETERS}
        asked = {name: path for name, path in given.items() if path is not None}
        return function(*arguments, outputs=Outputs(asked), **named)

    for option in reversed(_OPTIONS):
        option(wrapped)
    return wrapped  # type: ignore[return-value]


def _write_findings(folder: Path, judged: Judged) -> None:
    results = judged.results
    findings = Findings(folder, results.subject.target)
    for found in results.search.findings if results.search else ():
        findings.write(found)
    for result in results.clauses:
        if result.clause.id in judged.judgement.unexpected:
            findings.write_check(result.decisive[0])
