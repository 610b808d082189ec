"""A comparison, or a single run, as a page that needs nothing else."""

from __future__ import annotations

from pathlib import Path

from conformance.comparing.comparison import Comparison
from conformance.files import write_whole
from conformance.pages import packed, render
from conformance.reports.comparison_json import as_data


def write(path: Path, comparison: Comparison) -> None:
    """Write the page, whole or not at all. Raises `BadFile`."""
    write_whole(path, dumps(comparison))


def dumps(comparison: Comparison) -> str:
    """The page as text."""
    several = len(comparison.columns) > 1
    title = "Implementations of persistent objects, side by side"
    return render(
        "compare.html",
        title=title if several else f"{comparison.columns[0].label} and the protocol",
        data=packed(as_data(comparison)),
        assets=("compare.css", "steps.css", "steps.js", "compare.js"),
        several=several,
    )
