"""Transitions: every step in every state of a lesson, performed on the reference."""

from __future__ import annotations

from collections.abc import Hashable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any

from conformance.pages.teach.deciding import Done, deciding
from conformance.pages.teach.exact import identity, kept, visible
from conformance.pages.teach.lessons import Lesson
from fixtures.implementation import Implementation
from fixtures.performing import Performer, Prepared
from fixtures.world import World
from stateful.lockstep.abstract import before, object_words
from stateful.lockstep.fingerprint import fingerprint
from stateful.lockstep.lockstep import perform_alone, quiet_garbage
from stateful.traces.step import Step


@dataclass(frozen=True)
class State:
    """An exact state of a small world: a shortest way there, and what it looks like.

    ``way`` holds numbers of steps. ``seen`` is what can be seen of implementation, as a recording
    has it; ``kept`` what the data managers hold; ``objects`` the abstract state of each object.
    """

    way: tuple[int, ...]
    seen: Mapping[str, str]
    kept: Mapping[str, str]
    objects: Mapping[str, str]


@dataclass(frozen=True)
class Edge:
    """A step in a state: what it does, in words, the calls it makes, and the state it leads to.

    ``source`` and ``target`` are numbers of states, ``step`` that of a step; ``before`` is the
    abstract state of what the step touches. ``mark`` is what `fixtures.performing` sees afterwards:
    a glance, and a checksum of everything; None if nobody wants to know, or it is all as before.
    """

    source: int
    step: int
    before: str
    does: str
    calls: tuple[str, ...]
    target: int
    mark: tuple[list[Any], int] | None = None


@dataclass(frozen=True)
class Transitions:
    """All states of a lesson, the first being its start, with all steps between them.

    ``beyond`` counts, by the number of a state, the steps that lead off the map: to states further
    from the start than the explorer looks.
    """

    lesson: Lesson
    steps: tuple[Step, ...]
    states: tuple[State, ...]
    edges: tuple[Edge, ...]
    beyond: Mapping[int, int]

    @cached_property
    def start(self) -> tuple[Step, ...]:
        """The steps from an empty world to the first state."""
        return tuple(Step.of(made) for made in self.lesson.scope.start)

    @cached_property
    def _rings(self) -> tuple[tuple[str, ...], ...]:
        return tuple(map(_ring, self.states))

    def decides(self, edge: Edge) -> str:
        """The id of the clause that decides what happens at ``edge``; empty if none is known."""
        source, target = self.states[edge.source], self.states[edge.target]
        rings = self._rings[edge.source], self._rings[edge.target]
        done = Done(source.objects, target.objects, rings, edge.does, edge.calls)
        return deciding(self.steps[edge.step], done)

    def trace(self, state: int, *more: int) -> tuple[Step, ...]:
        """The steps from an empty world to a state, and ``more`` from there."""
        return (*self.start, *(self.steps[each] for each in (*self.states[state].way, *more)))


def _ring(state: State) -> tuple[str, ...]:
    """The names of the objects in the rings, the least recently used one first."""
    text = " ".join(text for key, text in state.seen.items() if key.endswith("._cache.ring"))
    places = {name: text.find(state.seen.get(f"{name}.oid", "-")) for name in state.objects}
    return tuple(sorted((name for name in places if places[name] >= 0), key=places.__getitem__))


def transitions(reference: Implementation, lesson: Lesson, marked: bool = False) -> Transitions:
    """Perform every step of ``lesson`` in every state that it reaches.

    If edges are ``marked``, others are compared with them in less time.
    """
    with quiet_garbage():
        return _Performing(reference, lesson, marked).everything()


class _Performing:
    """Transitions while they are being performed."""

    def __init__(self, reference: Implementation, lesson: Lesson, marked: bool) -> None:
        self._reference = reference
        self._lesson = lesson
        self._marked = marked
        self._steps = lesson.steps(reference)
        self._prepared = [Prepared(step.made, step.touched) for step in self._steps]
        self._start = tuple(map(Step.of, lesson.scope.start))
        self._numbers: dict[Hashable, int] = {}
        self._found: list[State] = []
        self._edges: dict[int, tuple[Edge, ...]] = {}

    def everything(self) -> Transitions:
        """All states that are shown, those that pressed steps lead to first."""
        performer = self._performed(())
        start = self._number_of(performer.world, ())
        performer.close()
        shown = dict.fromkeys(self._pressed(start))
        shown.update(dict.fromkeys(self._explored(start)))
        numbers = {found: number for number, found in enumerate(shown)}
        edges: list[Edge] = []
        beyond: dict[int, int] = {}
        for found, number in numbers.items():
            for edge in self._edges_of(found):
                if edge.target in numbers:
                    edges.append(replace(edge, source=number, target=numbers[edge.target]))
                else:
                    beyond[number] = beyond.get(number, 0) + 1
        states = tuple(self._found[found] for found in shown)
        return Transitions(self._lesson, self._steps, states, tuple(edges), beyond)

    def _pressed(self, start: int) -> list[int]:
        pressed = [self._lesson.is_pressed(step) for step in self._steps]
        found = {start: None}
        queue = [start]
        for number in queue:
            for edge in self._edges_of(number):
                if pressed[edge.step] and edge.target not in found:
                    found[edge.target] = None
                    queue.append(edge.target)
        return queue

    def _explored(self, start: int) -> list[int]:
        scope = self._lesson.scope
        depths = {start: 0}
        queue = [start]
        for number in queue:
            depth = depths[number] + 1
            if depth > scope.depth:
                break
            for edge in self._edges_of(number):
                step = self._steps[edge.step]
                leads = scope.tries(step, depth - 1) and scope.leads(step, depth)
                if leads and edge.target not in depths:
                    depths[edge.target] = depth
                    queue.append(edge.target)
        return queue

    def _edges_of(self, number: int) -> tuple[Edge, ...]:
        if number not in self._edges:
            self._edges[number] = tuple(self._perform(number))
        return self._edges[number]

    def _perform(self, number: int) -> Iterator[Edge]:
        way = self._found[number].way
        performer: Performer | None = None
        here: Hashable = None
        # What a step meets depends on nothing but the state, and on what it touches.
        met: dict[Hashable, str] = {}
        for each, step in enumerate(self._steps):
            if performer is None:
                performer = self._performed(way)
                here = here or fingerprint(performer.world)
            world = performer.world
            if not step.fits(world.objects):
                continue
            touches = (step.present, step.absent, step.oids, step.jars)
            if touches not in met:
                met[touches] = before(world, step)
            done = performer.perform(self._prepared[each])
            does, calls = (done, []) if isinstance(done, str) else done
            leads, mark = number, None
            if fingerprint(world) != here:
                leads = self._number_of(world, (*way, each))
                if self._marked:
                    mark = performer.glance(self._prepared[each]), performer.everything()
                performer.close()
                performer = None
            yield Edge(number, each, met[touches], does, tuple(calls), leads, mark)
        if performer is not None:
            performer.close()

    def _performed(self, way: Sequence[int]) -> Performer:
        performer = Performer(self._reference, dict(self._lesson.scope.config), ())
        for step in (*self._start, *(self._steps[each] for each in way)):
            perform_alone(performer.world, step)
        return performer

    def _number_of(self, world: World, way: tuple[int, ...]) -> int:
        number = self._numbers.setdefault(identity(world), len(self._found))
        if number == len(self._found):
            words = {name: object_words(world, name) for name in self._lesson.scope.objects}
            self._found.append(State(way, visible(world), kept(world), words))
        return number


__all__ = ["Edge", "State", "Transitions", "transitions"]
