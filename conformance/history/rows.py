"""The rows of a history: what each point answers, all of them or halving, and where it changes."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise

from conformance.history.environments import CannotBuild, Environment
from conformance.history.points import Point
from conformance.history.questions import Answer, Question
from fixtures.targets import TargetError
from stateful.processes.isolation import Launch

#: Makes the environment of a point, or raises `CannotBuild`.
Maker = Callable[[Point], Environment]
#: How a target is started in an environment.
Launcher = Callable[[Environment], Launch]


@dataclass(frozen=True)
class Row:
    """What one point answers to each question; or the ``problem``, why it could not be asked.

    ``place`` is its place among the points, ``python`` the interpreter in words.
    """

    place: int
    label: str
    python: str = ""
    answers: tuple[Answer, ...] = ()
    problem: str = ""

    @property
    def is_judged(self) -> bool:
        """Whether it answered."""
        return not self.problem

    def is_same(self, other: Row) -> bool:
        """Whether both answered the same."""
        return all(map(Answer.is_same, self.answers, other.answers))


@dataclass(frozen=True)
class Change:
    """A question that two points, with nothing judged between them, answer otherwise."""

    before: Row
    after: Row
    question: str
    was: Answer
    now: Answer


class Asker:
    """Asks points, each of them once; ``runs`` counts how often one was asked something."""

    def __init__(self, maker: Maker, launcher: Launcher, questions: Sequence[Question]) -> None:
        self._maker = maker
        self._launcher = launcher
        self._questions = questions
        self.runs = 0

    def row(self, place: int, point: Point) -> Row:
        """What ``point`` answers, wherever that leads."""
        try:
            environment = self._maker(point)
        except CannotBuild as error:
            return Row(place, point.label, problem=f"not built: {error}")
        launch = self._launcher(environment)
        python = str(environment.python)
        try:
            answers = tuple(each.ask(launch) for each in self._questions)
        except TargetError as error:
            return Row(place, point.label, python, problem=error.problem)
        self.runs += len(answers)
        return Row(place, point.label, python, answers)


def all_rows(points: Sequence[Point], asker: Asker) -> Iterator[Row]:
    """Yield a row for each point: answers need not be monotonous."""
    for place, point in enumerate(points):
        yield asker.row(place, point)


def halving(points: Sequence[Point], asker: Asker) -> Iterator[Row]:
    """Yield the rows that it takes to find one change, in the order in which they were asked.

    Whoever answers as the first point does is taken for one before the change; what cannot be
    judged is passed over. Where both ends answer the same, these are all.
    """
    rows: dict[int, Row] = {}

    def judged(places: Sequence[int]) -> Iterator[Row]:
        """The rows of ``places`` up to the first one that answered."""
        for place in places:
            if place not in rows:
                rows[place] = asker.row(place, points[place])
                yield rows[place]
            if rows[place].is_judged:
                return

    last = len(points) - 1
    yield from judged(range(last + 1))
    yield from judged(range(last, -1, -1))
    known = sorted(place for place, row in rows.items() if row.is_judged)
    if len(known) < 2 or rows[known[0]].is_same(rows[known[-1]]):
        return
    low, high = known[0], known[-1]
    while True:
        inside = [place for place in range(low + 1, high) if place not in rows]
        if not inside:
            return
        middle = (low + high) / 2
        inside.sort(key=lambda place: abs(place - middle))
        yield from judged(inside)
        found = next((place for place in inside if place in rows and rows[place].is_judged), None)
        if found is None:
            return
        if rows[found].is_same(rows[low]):
            low = found
        else:
            high = found


def changes(rows: Sequence[Row], questions: Sequence[Question]) -> tuple[Change, ...]:
    """Where answers change from one point that was judged to the next."""
    judged = sorted((row for row in rows if row.is_judged), key=lambda row: row.place)
    return tuple(
        Change(before, after, question.name, was, now)
        for before, after in pairwise(judged)
        for question, was, now in zip(questions, before.answers, after.answers, strict=True)
        if not was.is_same(now)
    )


__all__ = ["Asker", "Change", "Launcher", "Maker", "Row", "all_rows", "changes", "halving"]
