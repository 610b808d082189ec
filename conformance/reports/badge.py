"""A badge for a README: how many of the MUST clauses an implementation keeps."""

from __future__ import annotations

import re
from collections.abc import Iterable
from pathlib import Path

import jinja2

from conformance.comparing.comparison import Column
from conformance.files import write_whole
from conformance.judging.verdicts import Results
from conformance.reports.declared import Judged, report

_LABEL = "persistent protocol"
_GREEN, _AMBER, _GREY = "#14692f", "#7a4a00", "#565b63"
#: Pixels of a letter, about, and around a text.
_LETTER, _AROUND = 6.8, 14


@report("--badge", "Write a badge as SVG.", parameter="badge_file")
def of_run(judged: Judged) -> str:
    """The badge of a run as SVG."""
    return dumps(judged.results)


def dumps(results: Results) -> str:
    """The badge as SVG, and the end of a line."""
    kept, judged = results.musts
    says = f"{kept} of {judged} MUST clauses" if judged else "not judged"
    colour = _GREY if not judged else _GREEN if kept == judged else _AMBER
    environment = jinja2.Environment(
        loader=jinja2.PackageLoader("conformance", "pages"),
        autoescape=True,
        undefined=jinja2.StrictUndefined,
    )
    left, right = (round(len(text) * _LETTER + _AROUND) for text in (_LABEL, says))
    svg = environment.get_template("badge.svg").render(
        label=_LABEL, says=says, colour=colour, left=left, right=right
    )
    return f"{svg}\n"


def write_all(folder: Path, columns: Iterable[Column]) -> None:
    """Write a badge for each column to ``folder``, named after its label. Raises `BadFile`."""
    for column in columns:
        name = re.sub(r"[^A-Za-z0-9.]+", "-", column.label).strip("-.")
        write_whole(folder / f"{name or 'badge'}.svg", dumps(column.results))
