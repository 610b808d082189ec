"""The registry: every clause of the specification, and the checks that test it.

A clause is declared with `clause` right above its checks, in the file of its area. A check is a
plain function of a world, declared with `check`; it performs operations and states what must be
seen, with the functions of `conformance.clauses.expect`.
"""

import importlib
import pkgutil
from dataclasses import dataclass, field
from typing import Any, Callable, Dict, List, Mapping, Optional, Sequence, Tuple

MUST, SHOULD, MAY, CONTESTED = "MUST", "SHOULD", "MAY", "CONTESTED"
LEVELS = (MUST, SHOULD, MAY, CONTESTED)

#: A check is made twice, with a cache and without: the words that these cases get in their labels.
BOTH = ("", "no cache")
EACH = ("cache", "no cache")

#: What an argument of a case demands of the implementation.
_NEEDS = {"sticky": "sticky", "_p_sticky": "sticky", "_p_status": "status"}


@dataclass(frozen=True)
class Clause:
    """One normative sentence.

    ``source`` names where it is written, in the notation of the catalogue (D<n> a section of the
    documentation, I:<name> a docstring of the interfaces, CH a changelog entry, N nowhere).
    ``decision`` says what the reference follows where a clause is CONTESTED. ``unchecked`` says
    why this suite has no check for it.
    """

    id: str
    level: str
    sentence: str
    source: str
    decision: Optional[str] = None
    unchecked: Optional[str] = None

    @property
    def area(self) -> str:
        """The part of the id before the number."""
        return self.id.rpartition("-")[0]


@dataclass(frozen=True)
class Check:
    """One check of one clause.

    ``function`` takes a world (configured by ``world``) or, if ``because`` is given, the
    implementation: ``because`` says why it cannot be put in operations; then it may return what is
    noted of a clause that leaves things free (MAY). ``arguments`` are further
    arguments of a parametrised check. ``needs`` names parts and capabilities. ``alone`` asks for
    a process of its own: the check provokes faults that may corrupt memory, which would show in
    whatever comes next.
    """

    clause: str
    name: str
    function: Callable[..., Optional[str]]
    needs: Tuple[str, ...] = ()
    world: Mapping[str, Any] = field(default_factory=dict)
    because: Optional[str] = None
    arguments: Mapping[str, Any] = field(default_factory=dict)
    alone: bool = False

    @property
    def id(self) -> str:
        """The clause's id and the check's name: unique."""
        return f"{self.clause}:{self.name}"


CLAUSES: Dict[str, Clause] = {}
CHECKS: Dict[str, Check] = {}


def clause(
    id: str,
    level: str,
    sentence: str,
    source: str,
    decision: Optional[str] = None,
    unchecked: Optional[str] = None,
) -> Clause:
    """Declare a clause. Raises ValueError for a second one of the same id or an unknown level."""
    if id in CLAUSES:
        raise ValueError(f"id: {id!r} is declared twice")
    if level not in LEVELS:
        raise ValueError(f"level: {level!r} is none of {LEVELS}")
    if (level == CONTESTED) != (decision is not None):
        raise ValueError(f"decision: {id} is {level}; CONTESTED clauses, and only they, have one")
    CLAUSES[id] = Clause(id, level, sentence, source, decision, unchecked)
    return CLAUSES[id]


def check(
    clause_id: str,
    needs: Sequence[str] = (),
    world: Optional[Mapping[str, Any]] = None,
    because: Optional[str] = None,
    each: Optional[Mapping[str, Mapping[str, Any]]] = None,
    alone: bool = False,
    caches: Tuple[str, ...] = ("",),
) -> Callable[[Callable[..., Optional[str]]], Callable[..., Optional[str]]]:
    """Declare a check of ``clause_id``; with ``each``, one check for every label and arguments.

    A case whose arguments name the sticky state, or a debug attribute, needs these. With ``caches``
    (`BOTH`, or `EACH` where both are labelled) every case is made in both configurations.
    """
    if clause_id not in CLAUSES:
        raise ValueError(f"clause_id: {clause_id!r} is not declared")

    def declare(function: Callable[..., Optional[str]]) -> Callable[..., Optional[str]]:
        for words in caches:
            settings = {**(world or {}), **({"cache": False} if words == BOTH[1] else {})}
            for label, arguments in (each or {"": {}}).items():
                labels = ", ".join(filter(None, (label, words)))
                made = Check(
                    clause_id,
                    f"{function.__name__}[{labels}]" if labels else function.__name__,
                    function,
                    (*needs, *_needs_of(arguments, needs)),
                    settings,
                    because,
                    dict(arguments),
                    alone,
                )
                if made.id in CHECKS:
                    raise ValueError(f"check: {made.id!r} is declared twice")
                CHECKS[made.id] = made
        return function

    return declare


def _needs_of(arguments: Mapping[str, Any], known: Sequence[str]) -> Tuple[str, ...]:
    named = [v for v in arguments.values() if isinstance(v, str) and v in _NEEDS]
    return tuple(dict.fromkeys(_NEEDS[v] for v in named if _NEEDS[v] not in known))


def load() -> None:
    """Import every file of checks, so that the registry is complete."""
    package = importlib.import_module("conformance.clauses.checks")
    for found in pkgutil.iter_modules(package.__path__):
        importlib.import_module(f"conformance.clauses.checks.{found.name}")


def checks_of(clause_id: str) -> List[Check]:
    """The checks of one clause, in the order of their declaration."""
    return [made for made in CHECKS.values() if made.clause == clause_id]
