"""Texts as Markdown: what the generated pages share."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence

from conformance.explain.sources import Source


def escaped(text: str) -> str:
    """``text`` in which nothing is markup: ``_v_`` and ``__slots__`` are no emphasis."""
    return re.sub(r"([\\_*<>\[\]`])", r"\\\1", text)


def linked(source: Source) -> str:
    """A source, with its link if it has one."""
    words = escaped(source.words)
    return f"[{words}]({source.link})" if source.link else words


def heading(heads: Sequence[str]) -> list[str]:
    """The first two lines of a table."""
    return [row(heads), "|---" * len(heads) + "|"]


def row(cells: Iterable[str]) -> str:
    """A row of a table."""
    return "| " + " | ".join(" ".join(cell.split()).replace("|", "\\|") for cell in cells) + " |"


__all__ = ["escaped", "heading", "linked", "row"]
