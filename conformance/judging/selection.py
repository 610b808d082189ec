"""Which clauses a run is about."""

from __future__ import annotations

import difflib
import fnmatch
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from conformance.clauses import registry
from conformance.clauses.registry import CLAUSES, LEVELS, Check, Clause


class UnknownName(ValueError):
    """An option names something that does not exist; the message offers what does."""


@dataclass(frozen=True)
class Selection:
    """Areas, clause ids, levels and words; what is empty does not restrict.

    Areas and ids are in any case, and ids may hold ``*`` and ``?``. ``keyword`` is an expression of
    words with ``and``, ``or`` and ``not``: a word holds for a clause that has it in its id, its
    sentence, or the name of a check.
    """

    areas: tuple[str, ...] = ()
    clauses: tuple[str, ...] = ()
    levels: tuple[str, ...] = ()
    keyword: str = ""

    @property
    def everything(self) -> bool:
        """Whether nothing is left out."""
        return not (self.areas or self.clauses or self.levels or self.keyword)

    def resolve(self) -> tuple[list[Clause], list[Check]]:
        """The clauses and their checks. Raises `UnknownName`, also if nothing is left."""
        registry.load()
        areas = {clause.area for clause in CLAUSES.values()}
        wanted = {area if area in areas else area.upper() for area in self.areas}
        require_names("--area", tuple(wanted - areas), areas)
        named = {id for given in self.clauses for id in matching(given)}
        require_names("--level", self.levels, LEVELS)
        clauses = [
            clause
            for clause in CLAUSES.values()
            if (not self.areas or clause.area in wanted)
            and (not self.clauses or clause.id in named)
            and (not self.levels or clause.level in self.levels)
            and (not self.keyword or _holds(self.keyword, _words_of(clause)))
        ]
        if not clauses:
            options = "--area, --clause, --level and -k" if self.keyword else _THREE
            raise UnknownName(f"{options} together leave no clause to check")
        chosen = {clause.id for clause in clauses}
        checks = [check for check in registry.CHECKS.values() if check.clause in chosen]
        return clauses, checks


_THREE = "--area, --clause and --level"


def matching(pattern: str) -> list[str]:
    """The ids of the clauses that ``pattern``, in any case, stands for. Raises `UnknownName`."""
    registry.load()
    found = fnmatch.filter(CLAUSES, pattern.upper())
    if not found:
        require_names("--clause", (pattern,), CLAUSES)
    return found


def _words_of(clause: Clause) -> str:
    names = (check.name for check in registry.checks_of(clause.id))
    return " ".join([clause.id, clause.sentence, *names]).lower()


def _holds(expression: str, text: str) -> bool:
    """Whether ``expression`` holds for ``text``: ``or`` binds least, then ``and``, then ``not``."""
    return any(
        all(_is_in(word, text) for word in _between(" and ", either))
        for either in _between(" or ", expression.lower())
    )


def _between(word: str, text: str) -> list[str]:
    return [part.strip() for part in text.split(word)]


def _is_in(word: str, text: str) -> bool:
    if word.startswith("not "):
        return not _is_in(word[4:].strip(), text)
    return word in text


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
