"""The files that `check` writes, with their options."""

from __future__ import annotations

import functools
import re
import tempfile
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
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
#: What a name of a file may hold where several targets are judged, and the file of standard output.
_PLACE, _STDOUT = "{target}", Path("-")
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
        "--json", "as_json", is_flag=True, help="Print everything as JSON, and the rest as errors."
    ),
    click.option("--open", "opened", is_flag=True, help="Show the page of --html in a browser."),
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
    """The files that are asked for, by the names of their parameters.

    The page is ``opened`` in a browser, once it is written.
    """

    paths: Mapping[str, Path]
    opened: bool = False

    @property
    def to_stdout(self) -> bool:
        """Whether a file is standard output, so that nothing else may go there."""
        return _STDOUT in self.paths.values()

    def of(self, target: str) -> Outputs:
        """The files of one target: its name stands where they say so."""
        name = re.sub(r"[^\w.-]+", "-", target)
        told = {key: str(path).replace(_PLACE, name) for key, path in self.paths.items()}
        return replace(self, paths={key: Path(path) for key, path in told.items()})

    def require_several(self, targets: Sequence[str]) -> None:
        """Raise click.UsageError if what is written of one of ``targets`` is lost to the next."""
        for path in self.paths.values():
            if _PLACE not in str(path):
                raise click.UsageError(
                    f"{path}: {len(targets)} targets are judged; put {_PLACE} into the name"
                )

    def write(self, judged: Judged, launch: Launch) -> None:
        """Write them.

        For the page, the target is started once more and asked what it does in traces. Raises
        `BadFile`, and `TargetError` if it does not start again.
        """
        for report in _REPORTS:
            path = self.paths.get(report.parameter)
            if path == _STDOUT:
                click.echo(report.text(judged), nl=False)
            elif path is not None:
                report.write(path, judged)
        if "findings" in self.paths:
            _write_findings(self.paths["findings"], judged)
        if "html_file" in self.paths:
            page.write(self.paths["html_file"], alone(judged.results, launch))
            if self.opened:
                click.launch(str(self.paths["html_file"]))


def output_options(function: _Function) -> _Function:
    """Add an option for each file, and give the function these as ``outputs``."""

    @functools.wraps(function)
    def wrapped(*arguments: Any, **named: Any) -> Any:
        given = {name: named.pop(name) for name in _PARAMETERS}
        asked = {name: path for name, path in given.items() if path is not None}
        if named.pop("as_json"):
            asked.setdefault("report_json", _STDOUT)
        opened = named.pop("opened")
        if opened and "html_file" not in asked:
            asked["html_file"] = Path(tempfile.mkdtemp()) / "persistent-conformance.html"
        return function(*arguments, outputs=Outputs(asked, opened), **named)

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
