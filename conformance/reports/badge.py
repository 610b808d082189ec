"""A badge for a README: how many of the MUST clauses an implementation keeps."""

from __future__ import annotations

import re
from collections.abc import Iterable
from pathlib import Path

import jinja2

from conformance.comparing.comparison import Column
from conformance.files import write_whole
from conformance.judging.verdicts import Results

_LABEL = "persistent protocol"
_GREEN, _AMBER, _GREY = "#14692f", "#7a4a00", "#565b63"
#: Pixels of a letter, about, and around a text.
_LETTER, _AROUND = 6.8, 14


def dumps(results: Results) -> str:
    """The badge as SVG."""
    kept, judged = results.musts
    says = f"{kept} of {judged} MUST clauses" if judged else "not judged"
    colour = _GREY if not judged else _GREEN if kept == judged else _AMBER
    environment = jinja2.Environment(
        loader=jinja2.PackageLoader("conformance", "pages"),
        autoescape=True,
        undefined=jinja2.StrictUndefined,
    )
    left, right = (round(len(text) * _LETTER + _AROUND) for text in (_LABEL, says))
    return environment.get_template("badge.svg").render(
        label=_LABEL, says=says, colour=colour, left=left, right=right
    )


def write(path: Path, results: Results) -> None:
    """Write the badge, whole or not at all. Raises `BadFile`."""
    write_whole(path, dumps(results) + "\n")


def write_all(folder: Path, columns: Iterable[Column]) -> None:
    """Write a badge for each column to ``folder``, named after its label. Raises `BadFile`."""
    for column in columns:
        name = re.sub(r"[^A-Za-z0-9.]+", "-", column.label).strip("-.")
        write(folder / f"{name or 'badge'}.svg", column.results)
