"""What a release is asked: a clause, a check, a trace, a cause; the answer, a word with details."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from conformance.clauses import registry
from conformance.clauses.registry import Check, Clause
from conformance.comparing.answers import clause_groups
from conformance.judging import in_processes
from conformance.judging.baseline.entries import Pinned
from conformance.judging.causes import Cause
from conformance.judging.in_process import FAIL, PASS
from conformance.judging.selection import require_names
from conformance.judging.verdicts import ClauseResult, collect
from fixtures.roles import accidental
from stateful.processes.isolation import Launch
from stateful.replay.corpus import replay_each
from stateful.replay.replaying import DIVERGES, ERROR, FIXED, Replayer
from stateful.replay.saved import Saved

#: The answers about a cause.
SHOWS, ABSENT = "shows", "absent"
#: What answers come to that are no verdicts.
_VERDICTS = {SHOWS: FAIL, ABSENT: PASS, DIVERGES: FAIL, FIXED: PASS}


@dataclass(frozen=True)
class Answer:
    """What was answered, in a word, and the details in a line."""

    word: str
    details: str = ""

    @property
    def verdict(self) -> str:
        """What the answer comes to, as a verdict."""
        return _VERDICTS.get(self.word, self.word)

    def is_same(self, other: Answer) -> bool:
        """Whether both say the same; details that differ from run to run do not count."""
        return (self.word, accidental(self.details)) == (other.word, accidental(other.details))


@dataclass(frozen=True)
class Question(ABC):
    """What is asked about; the answer is that of `ask`."""

    name: str

    @abstractmethod
    def ask(self, launch: Launch) -> Answer:
        """What the target answers. Raises `TargetError` if it does not start."""


@dataclass(frozen=True)
class ClauseQuestion(Question):
    """What comes of these checks of a clause: all of them, or one by its name."""

    clause: Clause
    checks: tuple[Check, ...]

    def ask(self, launch: Launch) -> Answer:
        """The verdict, and what was seen where it is no pass."""
        result = _judged(launch, self.clause, self.checks)
        groups = clause_groups([result])
        return Answer(result.verdict, groups[0].answer if groups else result.message)


@dataclass(frozen=True)
class TraceQuestion(Question):
    """Whether a saved trace diverges."""

    saved: Saved

    def ask(self, launch: Launch) -> Answer:
        """FIXED, DIVERGES or ERROR, and what differs."""
        with Replayer(launch) as replayer:
            result = self.saved.replay(replayer)
        found = result.found
        if found is None:
            return Answer(result.verdict, result.problem)
        field = found.signature.field
        return Answer(result.verdict, f"{field}: expected {found.expected}, got {found.actual}")


@dataclass(frozen=True)
class CauseQuestion(Question):
    """Whether a cause shows: in the checks of its clause, the corpus, or traces of a baseline."""

    cause: Cause
    pinned: tuple[Pinned, ...] = ()

    def ask(self, launch: Launch) -> Answer:
        """`SHOWS` or `ABSENT`, and in what."""
        where = []
        asked = 0
        if self.cause.clause is not None:
            clause = registry.CLAUSES[self.cause.clause]
            result = _judged(launch, clause, registry.checks_of(clause.id))
            asked += bool(result.checks)
            if result.verdict == FAIL:
                where.append(f"{clause.id} fails: {clause_groups([result])[0].answer}")
        with Replayer(launch) as replayer:
            results = [result for _, result in replay_each(replayer)]
            results += [replayer.replay_divergence(each.divergence) for each in self.pinned]
        asked += sum(result.verdict != ERROR for result in results)
        shown = [
            result.found
            for result in results
            if result.verdict == DIVERGES and result.found and self.cause.holds(result.found)
        ]
        if shown:
            first = shown[0]
            where.append(
                f"{len(shown)} of {len(results)} traces, the first: {first.signature.field}: "
                f"expected {first.expected}, got {first.actual}"
            )
        if where:
            return Answer(SHOWS, "; ".join(where))
        return Answer(ABSENT, f"{asked} times asked")


def _judged(launch: Launch, clause: Clause, checks: Sequence[Check]) -> ClauseResult:
    results = collect(in_processes.run(launch, checks, workers=1), [clause])
    return results.clauses[0]


def of_clauses(clauses: Sequence[Clause]) -> tuple[Question, ...]:
    """A question for each clause, with all of its checks."""
    return tuple(
        ClauseQuestion(each.id, each, tuple(registry.checks_of(each.id))) for each in clauses
    )


def of_check(id: str) -> Question:
    """The question that one check asks, by its id. Raises `UnknownName`."""
    registry.load()
    require_names("--check", (id,), registry.CHECKS)
    check = registry.CHECKS[id]
    return ClauseQuestion(id, registry.CLAUSES[check.clause], (check,))


def of_trace(path: Path, saved: Saved) -> Question:
    """The question whether a trace diverges."""
    return TraceQuestion(path.name, saved)


def of_cause(name: str, causes: Sequence[Cause], pinned: Sequence[Pinned]) -> Question:
    """The question whether a cause shows, one of ``causes`` by its name. Raises `UnknownName`."""
    registry.load()
    known = {each.name: each for each in reversed(causes)}
    require_names("--cause", (name,), known)
    return CauseQuestion(name, known[name], tuple(each for each in pinned if each.cause == name))


__all__ = [
    *("ABSENT", "SHOWS", "Answer", "Question"),
    *("of_cause", "of_check", "of_clauses", "of_trace"),
]
