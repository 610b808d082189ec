"""Compared: the steps of a lesson on another implementation, and where it does something else.

The implementation lives in a process of its own. Whole traces are performed there and here, and
checksums of what can be seen are compared; only what differs is recorded in full.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from types import TracebackType
from typing import Any

from conformance.pages.teach.transitions import Edge, Transitions
from fixtures.implementation import Implementation
from fixtures.performing import perform
from fixtures.recording import OPTIONAL, record
from fixtures.world import trace_json
from stateful.isolation import Agent, AgentLost, Launch
from stateful.step import Step

#: Traces in a message. Those of a message in which the process is lost are performed one by one.
_BATCH = 400
#: Seconds that a message may take.
_TIMEOUT = 60.0
_PERFORM = "fixtures.performing:perform"
_RECORD = "fixtures.recording:record"

#: The numbers of a node and of a step.
_Key = tuple[int, int]
#: What is done, without names of objects, and the abstract state of what it touches.
_Event = tuple[str, str]
#: What was seen in one trace by `fixtures.performing.perform`; how the process was lost, as text.
_Performed = Mapping[str, Any] | str


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

    ``apart`` are the numbers of the nodes that the way of the reference does not lead to there.
    ``differing`` are the edges, by node and step, between the others where something differs.
    """

    apart: tuple[int, ...]
    differing: Mapping[tuple[int, int], Differing]


class Other:
    """Another implementation, to compare lessons with.

    ``python`` is the interpreter to run it in, this one if None. Raises `TargetError` if it does
    not start. ``about`` is what it said of itself.
    """

    def __init__(self, reference: Implementation, target: str, python: str | None = None) -> None:
        self.target = target
        self._reference = reference
        self._launch = Launch(target, python)
        self._agent: Agent | None = Agent(self._launch)
        self.about: Mapping[str, Any] = self._agent.about
        both = set(reference.capabilities) & set(self.about["capabilities"])
        self._without = [name for name in (*OPTIONAL, "estimated_size") if name not in both]

    def __enter__(self) -> Other:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        if self._agent is not None:
            self._agent.close()

    def compare(self, found: Transitions) -> Compared:
        """Perform everything in ``found`` there.

        Raises `TargetError` if it does not start again after its process was lost.
        """
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
            if _event(found, edge) in fatal:
                how = fatal[_event(found, edge)]
                differing[key] = Differing(f"ends the process, which {how}", (), {})
            else:
                left.append(key)
        for key in sorted(self._suspects(found, left)):
            differs = self._recorded(found.trace(*key), found)
            if differs is not None:
                differing[key] = differs
        return Compared(tuple(sorted(apart)), differing)

    def _fatal(self, found: Transitions, edges: Mapping[_Key, Edge]) -> dict[_Event, str]:
        """The events that end the process, and how: tried once each, since that is slow."""
        first: dict[_Event, _Key] = {}
        for key, edge in edges.items():
            first.setdefault(_event(found, edge), key)
        traces = {event: found.trace(*key) for event, key in first.items()}
        return {
            event: there
            for event, _, there in self._performed(found, traces)
            if isinstance(there, str)
        }

    def _apart(
        self, found: Transitions, edges: Mapping[_Key, Edge], fatal: Collection[_Event]
    ) -> set[int]:
        """The nodes to which the way of the reference does not lead there."""
        apart = {
            node for node in range(len(found.nodes)) if not _is_passable(found, node, edges, fatal)
        }
        ways = {node: found.trace(node) for node in range(len(found.nodes)) if node not in apart}
        for node, here, there in self._performed(found, ways):
            if isinstance(there, str) or here["everything"][-1:] != there["everything"][-1:]:
                apart.add(node)
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
        traces = {node: found.trace(node, *(step for _, step in of)) for node, of in shared.items()}
        alone = [edge for edge in edges if edge not in staying]
        for node, here, there in self._performed(found, traces):
            if here != there:
                alone += shared[node]
        for edge, here, there in self._performed(
            found, {edge: found.trace(*edge) for edge in alone}
        ):
            if here != there:
                yield edge

    def _performed(
        self, found: Transitions, traces: Mapping[Any, Sequence[Step]]
    ) -> Iterator[tuple[Any, Mapping[str, Any], _Performed]]:
        """Perform traces on both sides: the key of each, and what was seen here and there."""
        keys = list(traces)
        for first in range(0, len(keys), _BATCH):
            batch = [traces[key] for key in keys[first : first + _BATCH]]
            here = perform(self._reference, **self._message(found, batch))
            there = self._over_there(found, batch)
            yield from zip(keys[first : first + _BATCH], here, there, strict=True)

    def _over_there(self, found: Transitions, batch: Sequence[Sequence[Step]]) -> list[_Performed]:
        try:
            return list(self._call(_PERFORM, **self._message(found, batch)))
        except AgentLost as lost:
            if len(batch) == 1:
                return [lost.how]
        half = len(batch) // 2
        return self._over_there(found, batch[:half]) + self._over_there(found, batch[half:])

    def _message(self, found: Transitions, batch: Sequence[Sequence[Step]]) -> dict[str, Any]:
        numbers: dict[int, int] = {}
        deck: list[tuple[dict[str, Any], list[str]]] = []
        traces = []
        for steps in batch:
            for step in steps:
                if id(step) not in numbers:
                    numbers[id(step)] = len(deck)
                    (made,) = trace_json({}, [step.made])["operations"]
                    deck.append((made, list(step.touched)))
            traces.append((dict(found.lesson.scope.config), [numbers[id(step)] for step in steps]))
        return {"deck": deck, "begins": True, "traces": traces, "without": self._without}

    def _recorded(self, steps: Sequence[Step], found: Transitions) -> Differing | None:
        """What differs after the last of ``steps``; None if nothing does after all."""
        trace = trace_json(found.lesson.scope.config, [step.made for step in steps])
        here = record(self._reference, trace, [])["steps"][-1]
        try:
            there = self._call(_RECORD, trace=trace, collect=[])["steps"][-1]
        except AgentLost as lost:
            return Differing(f"ends the process, which {lost.how}", (), {})
        one, other = here["seen"], there["seen"]
        missing = {f".{name}" for name in self._without}
        seen = {
            key: (one.get(key, ""), other.get(key, ""))
            for key in dict.fromkeys((*one, *other))
            if one.get(key) != other.get(key) and not key.endswith(tuple(missing))
        }
        if (here["does"], here["calls"]) == (there["does"], there["calls"]) and not seen:
            return None
        return Differing(there["does"], tuple(there["calls"]), seen)

    def _call(self, function: str, **arguments: Any) -> Any:
        if self._agent is None:
            self._agent = Agent(self._launch)
        try:
            return self._agent.call(function, _TIMEOUT, **arguments)
        except AgentLost:
            self._agent.close()
            self._agent = None
            raise


def _event(found: Transitions, edge: Edge) -> _Event:
    return found.steps[edge.step].label, edge.before


def _is_passable(
    found: Transitions, node: int, edges: Mapping[_Key, Edge], fatal: Collection[_Event]
) -> bool:
    """Whether no step on the way to ``node`` is out of reach, or ends the process."""
    at = 0
    for step in found.nodes[node].way:
        edge = edges.get((at, step))
        if edge is None or _event(found, edge) in fatal:
            return False
        at = edge.target
    return True


__all__ = ["Compared", "Differing", "Other"]
