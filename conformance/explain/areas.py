"""The areas of the clauses: what each is about, and which clauses it holds."""

from __future__ import annotations

import importlib
import inspect
import pkgutil
import re
import textwrap
from collections import Counter
from collections.abc import Iterable

from conformance.clauses import checks, registry
from conformance.clauses.registry import CLAUSES, LEVELS, Clause

#: How the file of an area begins: its name, and what the file is about.
_ABOUT = re.compile(r"(?P<area>[A-Z]+)(?:, continued)? - (?P<what>[^:.]+)")


def areas() -> dict[str, str]:
    """Each area in the order of its clauses, and what it is about in a few words."""
    registry.load()
    about: dict[str, list[str]] = {}
    for found in pkgutil.iter_modules(checks.__path__):
        module = importlib.import_module(f"{checks.__name__}.{found.name}")
        told = _ABOUT.match(inspect.getdoc(module) or "")
        if told is not None:
            about.setdefault(told["area"], []).append(" ".join(told["what"].split()))
    named = dict.fromkeys(clause.area for clause in CLAUSES.values())
    return {area: "; ".join(dict.fromkeys(about.get(area, ()))) for area in named}


def explain_areas() -> str:
    """All areas, a line each, with how many clauses they have."""
    named = areas()
    counts = Counter(clause.area for clause in CLAUSES.values())
    rows = [
        textwrap.fill(f"{area:<8}{counts[area]:>4}  {what}", 96, subsequent_indent=" " * 14)
        for area, what in named.items()
    ]
    more = "`explain AREA` lists its clauses, `explain CLAUSE` explains one."
    return "\n".join([*rows, "", more])


def explain_area(area: str) -> str:
    """An area: its clauses by level, a line or more for each."""
    clauses = [clause for clause in CLAUSES.values() if clause.area == area]
    counts = Counter(clause.level for clause in clauses)
    levels = ", ".join(f"{counts[level]} {level}" for level in LEVELS if counts[level])
    about = textwrap.fill(f"{area}: {areas()[area]}", 96)
    return "\n".join([about, levels, "", clause_list(clauses)])


def clause_list(clauses: Iterable[Clause]) -> str:
    """Clauses with level and sentence, one below the other."""
    return "\n".join(
        textwrap.fill(
            f"{clause.id:<10} {clause.level:<9} {clause.sentence}",
            96,
            subsequent_indent=" " * 21,
        )
        for clause in clauses
    )


__all__ = ["areas", "clause_list", "explain_area", "explain_areas"]
