"""The graph of the states of a small world: what leads where, and what is observed on the way.

The graph is that of the reference. Divergences of an implementation are shown on the edges where
their signatures say that they are met.
"""

from __future__ import annotations

from collections.abc import Collection, Hashable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from typing import Any

from fixtures.errors import Unsupported
from fixtures.implementation import Implementation
from fixtures.operations import words
from fixtures.values import to_json
from fixtures.world import Observation, World, trace_json
from stateful.engines.scopes import Scope
from stateful.lockstep.abstract import abstract, before, object_words
from stateful.lockstep.divergence import Signature
from stateful.lockstep.fingerprint import fingerprint
from stateful.lockstep.lockstep import perform_alone, quiet_garbage
from stateful.traces.step import Step


@dataclass(frozen=True)
class State:
    """An abstract state: how it looks, in words, and the steps of a shortest trace to it.

    ``objects`` and ``jars`` say by name what an object is like, and what a data manager and its
    cache hold; ``planned`` what is to happen inside calls.
    """

    depth: int
    trace: tuple[Mapping[str, Any], ...]
    objects: Mapping[str, str]
    jars: Mapping[str, str]
    planned: tuple[str, ...] = ()


@dataclass(frozen=True)
class Edge:
    """A step in a state: what is done, what it does, and to which state it leads.

    ``source`` and ``target`` are numbers of states; ``target`` is None if it leads to a state that
    is not part of the graph. ``value`` is what the step returns, as JSON, or None if it raises
    ``error``; ``calls`` are those that the implementation makes. ``divergences`` are the signatures
    that are met here.
    """

    source: int
    operation: Mapping[str, Any]
    words: str
    target: int | None
    value: Any = None
    error: str | None = None
    calls: tuple[str, ...] = ()
    divergences: tuple[str, ...] = ()


@dataclass(frozen=True)
class Graph:
    """All states of a scope that are at most ``depth`` steps from its start, with their edges."""

    scope: str
    words: str
    depth: int
    world: Mapping[str, Any] = field(default_factory=dict)
    states: tuple[State, ...] = ()
    edges: tuple[Edge, ...] = ()

    def to_json(self) -> dict[str, Any]:
        """The graph as JSON."""
        return asdict(self)


def state_graph(
    reference: Implementation,
    scope: Scope,
    depth: int | None = None,
    divergences: Collection[Signature] = (),
) -> Graph:
    """The graph of ``scope`` to ``depth``, its own if None."""
    making = _Making(reference, scope, scope.depth if depth is None else depth, divergences)
    with quiet_garbage():
        return making.graph()


class _Making:
    """A graph while it is being made."""

    def __init__(
        self,
        reference: Implementation,
        scope: Scope,
        depth: int,
        divergences: Collection[Signature],
    ) -> None:
        self._reference = reference
        self._scope = scope
        self._depth = depth
        self._steps = scope.steps(reference, reference)
        self._start = tuple(Step.of(made) for made in scope.start)
        self._divergences: dict[str, list[Signature]] = {}
        for signature in divergences:
            self._divergences.setdefault(signature.operation, []).append(signature)
        self._numbers: dict[Hashable, int] = {}
        self._ways: list[tuple[Step, ...]] = []
        self._states: list[State] = []

    def graph(self) -> Graph:
        """Make it."""
        world = self._at(self._start)
        self._number_of(world, (), 0)
        world.close()
        edges: list[Edge] = []
        number = 0
        while number < len(self._states) and self._states[number].depth < self._depth:
            edges += self._edges(number)
            number += 1
        scope = self._scope
        return Graph(
            scope.name,
            scope.words,
            self._depth,
            dict(scope.config),
            tuple(self._states),
            tuple(edges),
        )

    def _edges(self, number: int) -> Iterator[Edge]:
        way, depth = self._ways[number], self._states[number].depth
        world = None
        here: Hashable = None
        for step in self._steps:
            if not self._scope.tries(step, depth):
                continue
            if world is None:
                world = self._at((*self._start, *way))
                here = here or fingerprint(world)
            if not step.fits(world.objects):
                continue
            met = before(world, step)
            try:
                seen = world.apply(dict(step.made))
            except Unsupported:
                seen = None
            leads: int | None = number
            if fingerprint(world) != here:
                leads = None
                if self._scope.leads(step, depth + 1):
                    leads = self._number_of(world, (*way, step), depth + 1)
                else:
                    leads = self._numbers.get(abstract(world, self._scope.dimensions))
                world.close()
                world = None
            if seen is not None:
                yield self._edge(number, step, met, seen, leads)
        if world is not None:
            world.close()

    def _edge(
        self, source: int, step: Step, met: str, seen: Observation, target: int | None
    ) -> Edge:
        made = trace_json({}, [step.made])["operations"][0]
        differs = tuple(
            str(signature)
            for signature in self._divergences.get(step.label, ())
            if signature.covers(Signature(step.label, met, signature.field))
        )
        return Edge(
            source,
            made,
            words(dict(step.made)),
            target,
            to_json(seen.value),
            seen.error,
            tuple(seen.calls()),
            differs,
        )

    def _at(self, way: Sequence[Step]) -> World:
        world = World(self._reference, self._scope.config)
        world.keep_no_trace()
        for step in way:
            perform_alone(world, step)
        return world

    def _number_of(self, world: World, way: tuple[Step, ...], depth: int) -> int:
        state = abstract(world, self._scope.dimensions)
        number = self._numbers.setdefault(state, len(self._states))
        if number == len(self._states):
            self._ways.append(way)
            self._states.append(_state(world, [*self._start, *way], depth))
        return number


def _state(world: World, way: Sequence[Step], depth: int) -> State:
    return State(
        depth,
        tuple(trace_json({}, [step.made for step in way])["operations"]),
        {name: object_words(world, name) for name in sorted(world.objects)},
        {name: _jar_words(world, name) for name in world.jars},
        tuple(
            f"inside {call} for {name}: {then}"
            for (call, name), then in sorted(world.pending().items())
        ),
    )


def _jar_words(world: World, name: str) -> str:
    jar = world.jars[name]
    parts = []
    if getattr(jar, "_cache", None) is not None:
        cache = world.cache(name)
        parts.append(f"ring: {' '.join(cache.ring or ()) or 'empty'}")
        others = cache.length - cache.ringlen - cache.class_count
        parts += [f"{others} ghosts"] if others else []
        parts += [f"{cache.class_count} classes"] if cache.class_count else []
    for kind, objects in (("added", jar.added), ("registered", jar.registered)):
        if objects:
            parts.append(f"{kind}: {' '.join(world.name_of(obj) for obj in objects)}")
    return "; ".join(parts)


__all__ = ["Edge", "Graph", "State", "state_graph"]
