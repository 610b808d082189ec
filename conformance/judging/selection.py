"""Which clauses a run is about."""

from __future__ import annotations

import difflib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from conformance.clauses import registry
from conformance.clauses.registry import CLAUSES, LEVELS, Check, Clause


class UnknownName(ValueError):
    """An option names something that does not exist; the message offers what does."""


@dataclass(frozen=True)
class Selection:
    """Areas, clause ids and levels; what is empty does not restrict."""

    areas: tuple[str, ...] = ()
    clauses: tuple[str, ...] = ()
    levels: tuple[str, ...] = ()

    @property
    def everything(self) -> bool:
        """Whether nothing is left out."""
        return not (self.areas or self.clauses or self.levels)

    def resolve(self) -> tuple[list[Clause], list[Check]]:
        """The clauses and their checks. Raises `UnknownName`, also if nothing is left."""
        registry.load()
        areas = {clause.area for clause in CLAUSES.values()}
        require_names("--area", self.areas, areas)
        require_names("--clause", self.clauses, CLAUSES)
        require_names("--level", self.levels, LEVELS)
        clauses = [
            clause
            for clause in CLAUSES.values()
            if (not self.areas or clause.area in self.areas)
            and (not self.clauses or clause.id in self.clauses)
            and (not self.levels or clause.level in self.levels)
        ]
        if not clauses:
            raise UnknownName("--area, --clause and --level together leave no clause to check")
        chosen = {clause.id for clause in clauses}
        checks = [check for check in registry.CHECKS.values() if check.clause in chosen]
        return clauses, checks


def require_names(option: str, given: Sequence[str], known: Iterable[str]) -> None:
    """Raise `UnknownName` for the first name given to ``option`` that is not ``known``."""
    known = list(known)
    for name in given:
        if name not in known:
            near = _near(name, known)
            hint = " or ".join(near) if near else ", ".join(sorted(known)[:30])
            raise UnknownName(f"{option}: {name!r} does not exist; try {hint}")


def _near(name: str, known: Sequence[str]) -> list[str]:
    as_given = difflib.get_close_matches(name, known, n=3, cutoff=0.4)
    return difflib.get_close_matches(name.upper(), known, n=3, cutoff=0.4) or as_given
