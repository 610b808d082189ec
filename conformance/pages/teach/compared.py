"""Compared: the steps of a lesson on another implementation, and where it does something else.

The implementation lives in a process of its own. Whole traces are performed there and here, and
checksums of what can be seen are compared; only what differs is recorded in full.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from itertools import chain
from typing import Any, TypeVar

from conformance.pages.teach.asking import BATCH, Answer, Asked
from conformance.pages.teach.citing import Cell
from conformance.pages.teach.transitions import Edge, Transitions
from fixtures.implementation import Implementation
from fixtures.performing import perform
from fixtures.recording import record_ends
from fixtures.seen import left_out
from fixtures.world import trace_json
from stateful.lockstep.lockstep import quiet_garbage
from stateful.processes.isolation import Launch
from stateful.traces.step import Step

#: The numbers of a state and of a step.
_Key = tuple[int, int]
_Item = TypeVar("_Item")

#: Steps between two looks at everything.
LOOKS = 16


@dataclass(frozen=True)
class Differing:
    """What the other implementation does at an edge, in words.

    ``seen`` holds what can be seen differently afterwards: how it is with the reference, and with
    the other; empty where there is nothing.
    """

    does: str
    calls: tuple[str, ...]
    seen: Mapping[str, tuple[str, str]]


@dataclass(frozen=True)
class Compared:
    """A lesson on another implementation.

    ``apart`` are the numbers of the states that the way of the reference does not lead to there.
    ``differing`` are the edges, by state and step, between the others where something differs.
    """

    apart: tuple[int, ...]
    differing: Mapping[tuple[int, int], Differing]


class Other:
    """Another implementation, to compare lessons with.

    Raises `TargetError` if it does not start. ``about`` is what it said of itself.
    """

    def __init__(self, reference: Implementation, launch: Launch) -> None:
        self.target = launch.target
        self._reference = reference
        self._asked = Asked(launch)
        self.about = self._asked.about
        self._without = left_out(reference.capabilities, self.about["capabilities"])

    def close(self) -> None:
        """End its process."""
        self._asked.close()

    def compare(self, found: Transitions) -> Compared:
        """Perform everything in ``found`` there.

        Raises `TargetError` if it does not start again after its process was lost.
        """
        with quiet_garbage():
            return self._compared(found)

    def _compared(self, found: Transitions) -> Compared:
        edges = {
            (edge.source, edge.step): edge
            for edge in found.edges
            if self._can(found.steps[edge.step])
        }
        fatal = self._fatal(found, edges)
        apart = self._apart(found, edges, fatal)
        differing = {}
        left = []
        for key, edge in edges.items():
            if edge.source in apart:
                continue
            if _cell(found, edge) in fatal:
                how = fatal[_cell(found, edge)]
                differing[key] = Differing(f"ends the process, which {how}", (), {})
            else:
                left.append(key)
        differing.update(self._recorded(found, sorted(self._suspects(found, left)), edges))
        return Compared(tuple(sorted(apart)), differing)

    def _fatal(self, found: Transitions, edges: Mapping[_Key, Edge]) -> dict[Cell, str]:
        """The events that end the process, and how: tried once each, since that is slow."""
        first: dict[Cell, _Key] = {}
        for key, edge in edges.items():
            first.setdefault(_cell(found, edge), key)
        traces = {event: found.trace(*key) for event, key in first.items()}
        return {
            event: there
            for event, _, there in self._performed(found, traces)
            if isinstance(there, str)
        }

    def _apart(
        self, found: Transitions, edges: Mapping[_Key, Edge], fatal: Collection[Cell]
    ) -> set[int]:
        """The states to which the way of the reference does not lead there."""
        apart = {
            state
            for state in range(len(found.states))
            if not _is_passable(found, state, edges, fatal)
        }
        ways = {
            state: found.trace(state) for state in range(len(found.states)) if state not in apart
        }
        for state, here, there in self._performed(found, ways):
            if isinstance(there, str) or here["everything"][-1:] != there["everything"][-1:]:
                apart.add(state)
        return apart

    def _can(self, step: Step) -> bool:
        return {*self.about["parts"], *self.about["capabilities"]} >= set(step.operation.needs)

    def _suspects(self, found: Transitions, edges: Sequence[_Key]) -> Iterator[_Key]:
        """The edges where something may differ. Steps that stay where they are share a trace."""
        staying = {(edge.source, edge.step) for edge in found.edges if edge.source == edge.target}
        shared = defaultdict(list)
        for edge in edges:
            if edge in staying:
                shared[edge[0]].append(edge)
        traces = {
            state: found.trace(state, *(step for _, step in of)) for state, of in shared.items()
        }
        alone = [edge for edge in edges if edge not in staying]
        for state, here, there in self._performed(found, traces):
            if here != there:
                alone += shared[state]
        # What is seen at the end of a marked edge is known here already.
        marks = {} if self._without else _marks(found)
        yield from self._unlike(found, [edge for edge in alone if edge in marks], marks)
        rest = {edge: found.trace(*edge) for edge in alone if edge not in marks}
        for edge, here, there in self._performed(found, rest):
            if here != there:
                yield edge

    def _unlike(
        self, found: Transitions, edges: Sequence[_Key], marks: Mapping[_Key, Mapping[str, Any]]
    ) -> Iterator[_Key]:
        """The edges at whose end something else is seen there."""
        message = partial(_performing, found, self._without, ends=True)
        for first in range(0, len(edges), BATCH):
            batch = edges[first : first + BATCH]
            traces = [found.trace(*edge) for edge in batch]
            there = self._asked.about_each("fixtures.performing:perform", traces, message)
            for edge, answer in zip(batch, there, strict=True):
                if answer != {**marks[edge], "unsupported": None}:
                    yield edge

    def _performed(
        self, found: Transitions, traces: Mapping[_Item, Sequence[Step]]
    ) -> Iterator[tuple[_Item, Mapping[str, Any], Answer]]:
        """Perform traces on both sides: the key of each, and what was seen here and there."""
        message = partial(_performing, found, self._without)
        keys = list(traces)
        for first in range(0, len(keys), BATCH):
            batch = [traces[key] for key in keys[first : first + BATCH]]
            here = perform(self._reference, **message(batch))
            there = self._asked.about_each("fixtures.performing:perform", batch, message)
            yield from zip(keys[first : first + BATCH], here, there, strict=True)

    def _recorded(
        self, found: Transitions, keys: Sequence[_Key], edges: Mapping[_Key, Edge]
    ) -> Iterator[tuple[_Key, Differing]]:
        """What differs at edges where something may."""
        message = partial(_recording, found)
        traces = [found.trace(*key) for key in keys]
        there = self._asked.about_each("fixtures.recording:record_ends", traces, message)
        alike: list[tuple[_Key, Mapping[str, Any]]] = []
        for key, answer in zip(keys, there, strict=True):
            if isinstance(answer, str):
                yield key, Differing(f"ends the process, which {answer}", (), {})
                continue
            one = found.states[edges[key].target].seen
            seen = self._differences(one, answer["seen"], lambda name: not name.endswith(".serial"))
            if seen:
                yield key, _differing(answer, seen)
            else:
                alike.append((key, answer))
        # The page tells serials in words; what they are is compared only here.
        here = record_ends(self._reference, **message([found.trace(*key) for key, _ in alike]))
        for (key, answer), recorded in zip(alike, here, strict=True):
            seen = self._differences(recorded["seen"], answer["seen"], lambda name: True)
            differs = _differing(answer, seen)
            if seen or (differs.does, differs.calls) != (edges[key].does, edges[key].calls):
                yield key, differs

    def _differences(
        self, one: Mapping[str, str], other: Mapping[str, str], counts: Callable[[str], bool]
    ) -> dict[str, tuple[str, str]]:
        missing = tuple(f".{name}" for name in self._without)
        return {
            key: (one.get(key, ""), other.get(key, ""))
            for key in dict.fromkeys((*one, *other))
            if one.get(key) != other.get(key) and counts(key) and not key.endswith(missing)
        }


def _marks(found: Transitions) -> dict[_Key, dict[str, Any]]:
    """What is seen at the end of each marked edge, as `fixtures.performing.perform` tells it."""
    return {
        (edge.source, edge.step): {
            "does": [[edge.does, list(edge.calls)] if edge.calls else edge.does],
            "glances": [edge.mark[0]],
            "everything": [edge.mark[1]],
        }
        for edge in found.edges
        if edge.mark is not None
    }


def _differing(answer: Mapping[str, Any], seen: Mapping[str, tuple[str, str]]) -> Differing:
    return Differing(answer["does"], tuple(answer["calls"]), seen)


def _performing(
    found: Transitions,
    without: Sequence[str],
    traces: Sequence[Sequence[Step]],
    ends: bool = False,
) -> dict[str, Any]:
    """The arguments of `fixtures.performing.perform`."""
    numbers: dict[int, int] = {}
    pool: list[tuple[dict[str, Any], list[str]]] = []
    for step in chain.from_iterable(traces):
        if id(step) not in numbers:
            numbers[id(step)] = len(pool)
            (made,) = trace_json({}, [step.made])["operations"]
            pool.append((made, list(step.touched)))
    config = dict(found.lesson.scope.config)
    runs = [
        (config, [numbers[id(step)] for step in steps], [] if ends else _looks(len(steps)))
        for steps in traces
    ]
    return {"pool": pool, "begins": True, "traces": runs, "without": list(without), "ends": ends}


def _looks(length: int) -> list[int]:
    return list(range(LOOKS - 1, length, LOOKS))


def _recording(found: Transitions, traces: Sequence[Sequence[Step]]) -> dict[str, Any]:
    """The arguments of `fixtures.recording.record_ends`."""
    config = found.lesson.scope.config
    return {"traces": [trace_json(config, [step.made for step in steps]) for steps in traces]}


def _cell(found: Transitions, edge: Edge) -> Cell:
    return found.steps[edge.step].label, edge.before


def _is_passable(
    found: Transitions, state: int, edges: Mapping[_Key, Edge], fatal: Collection[Cell]
) -> bool:
    """Whether no step on the way to ``state`` is out of reach, or ends the process."""
    at = 0
    for step in found.states[state].way:
        edge = edges.get((at, step))
        if edge is None or _cell(found, edge) in fatal:
            return False
        at = edge.target
    return True


__all__ = ["Compared", "Differing", "Other"]
