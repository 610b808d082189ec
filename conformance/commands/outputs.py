"""The files that `check` writes, with their options."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeVar

import rich_click as click

from conformance.commands.settings import bundled
from conformance.comparing.comparison import alone
from conformance.judging.findings import Findings
from conformance.judging.judgement import Judgement
from conformance.judging.verdicts import Results
from conformance.pages import comparison as page
from conformance.reports import annotations as annotated
from conformance.reports import badge, json_report, junit, markdown
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
_OPTIONS = (
    click.option("--report-json", type=FILE, help="Write everything that was found as JSON."),
    click.option("--junitxml", type=FILE, help="Write a JUnit XML report."),
    markdown_option,
    html_option,
    click.option("--badge", "badge_file", type=FILE, help="Write a badge as SVG."),
    click.option(
        "--findings",
        type=FOLDER,
        help="Write the trace and the script of each divergence, and of each clause that makes "
        "the run fail, to this folder.",
    ),
    click.option(
        "--annotations",
        type=FILE,
        help="Write what makes the run fail as workflow commands of GitHub Actions.",
    ),
)


@dataclass(frozen=True)
class Outputs:
    """The files that are asked for; None for those that are not."""

    report_json: Path | None
    junitxml: Path | None
    markdown_file: Path | None
    html_file: Path | None
    badge_file: Path | None
    findings: Path | None
    annotations: Path | None

    def write(
        self, results: Results, judgement: Judgement, baseline: Path | None, launch: Launch
    ) -> None:
        """Write them. ``baseline`` is the file that was judged by.

        For the page, the target is started once more and asked what it does in traces. Raises
        `BadFile`, and `TargetError` if it does not start again.
        """
        if self.report_json:
            json_report.write(self.report_json, results, judgement)
        if self.junitxml:
            junit.write(self.junitxml, results, judgement)
        if self.markdown_file:
            markdown.write_run(self.markdown_file, results, judgement)
        if self.badge_file:
            badge.write(self.badge_file, results)
        if self.annotations:
            annotated.write(self.annotations, results, judgement, baseline)
        if self.findings:
            _write_findings(Findings(self.findings, results.subject.target), results, judgement)
        if self.html_file:
            page.write(self.html_file, alone(results, launch))


def output_options(function: _Function) -> _Function:
    """Add the options of `Outputs`, and give the function these as ``outputs``."""
    return bundled("outputs", Outputs, _OPTIONS)(function)


def _write_findings(findings: Findings, results: Results, judgement: Judgement) -> None:
    for found in results.search.findings if results.search else ():
        findings.write(found)
    for result in results.clauses:
        if result.clause.id in judgement.unexpected:
            findings.write_check(result.decisive[0])
