"""The journal of an exploration: how far it has come, so that it can go on from there.

A journal is a file with one JSON value a line, written as soon as all steps were tried in a state.
Several scopes share it, and several processes may write it at a time. Whatever ends a process, the
journal holds everything up to the last state; a last line that was cut is ignored, any other damage
refused.
"""

from __future__ import annotations

import hashlib
import json
import os
from collections.abc import Hashable, Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from stateful.lockstep.divergence import Divergence
from stateful.traces.step import Step
from stateful.traces.trace import BadTrace

SCHEMA = 1


class BadJournal(ValueError):
    """A file that is no journal, or one of something else: what is wrong with it."""


@dataclass(frozen=True)
class Visit:
    """An abstract state: where it was first reached from, by which step, and how deep.

    ``parent`` is the number of that state, -1 for the first one; ``step`` the number of the step
    among those of the scope; ``key`` stands for the state itself.
    """

    parent: int
    step: int
    depth: int
    key: str


def key_of(state: Hashable) -> str:
    """A short text that stands for an abstract state, the same in each process."""
    return hashlib.sha1(repr(state).encode(), usedforsecurity=False).hexdigest()[:16]


@dataclass
class Visited:
    """How far an exploration has come.

    ``nodes`` are the abstract states in the order in which they were found; the first ``expanded``
    of them have had all their steps tried. The counts are those of
    `stateful.engines.explorer.Explored`.
    """

    nodes: list[Visit] = field(default_factory=list)
    expanded: int = 0
    edges: int = 0
    steps: int = 0
    skipped: int = 0
    flaky: int = 0

    def way_to(self, number: int) -> list[int]:
        """The numbers of the steps of the shortest trace to a state."""
        way = []
        node = self.nodes[number]
        while node.parent >= 0:
            way.append(node.step)
            node = self.nodes[node.parent]
        return way[::-1]

    def mark(self) -> tuple[int, int, int]:
        """Where it is now, for `go_back`."""
        return len(self.nodes), self.edges, self.skipped

    def go_back(self, mark: tuple[int, int, int]) -> None:
        """Forget what was found since ``mark``; what was performed counts all the same."""
        number, self.edges, self.skipped = mark
        del self.nodes[number:]

    @property
    def depth(self) -> int:
        """The depth to which every step was tried in every state."""
        if self.expanded < len(self.nodes):
            return self.nodes[self.expanded].depth
        return self.nodes[-1].depth + 1 if self.nodes else 0


class Writer:
    """Appends to the journal at ``path`` what happens in one scope."""

    def __init__(self, path: Path, scope: str, steps: Iterable[Step], progress: Visited) -> None:
        self._path = path
        self._scope = scope
        self._written = len(progress.nodes)
        if not progress.nodes:
            append(path, {"scope": scope, "steps": digest(steps)})

    def expanded(self, progress: Visited) -> None:
        """Note that all steps were tried in the next state."""
        new = progress.nodes[self._written :]
        self._written = len(progress.nodes)
        append(
            self._path,
            {
                "scope": self._scope,
                "expanded": progress.expanded,
                "new": [[node.parent, node.step, node.key] for node in new],
                "counts": [progress.edges, progress.steps, progress.skipped, progress.flaky],
            },
        )


def digest(steps: Iterable[Step]) -> str:
    """A short text that stands for these steps, in this order."""
    return key_of(tuple(repr(step.made) for step in steps))


def append(path: Path, data: Mapping[str, Any]) -> None:
    """Append one line to the journal, in one piece."""
    descriptor = os.open(path, os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o666)
    try:
        os.write(descriptor, json.dumps(data).encode() + b"\n")
    finally:
        os.close(descriptor)


@dataclass(frozen=True)
class Journal:
    """What a journal holds: the progress in each scope, with what stands for its steps.

    ``target`` is what was explored, ``found`` what was found so far.
    """

    target: str = ""
    progress: Mapping[str, tuple[str, Visited]] = field(default_factory=dict)
    found: tuple[Divergence, ...] = ()

    def of(self, scope: str, steps: Iterable[Step]) -> Visited:
        """The progress in a scope, new if there is none. Raises `BadJournal`."""
        if scope not in self.progress:
            return Visited()
        known, progress = self.progress[scope]
        if known != digest(steps):
            raise BadJournal(f"scope {scope!r}: it was explored with other operations")
        return progress


def begin(path: Path, target: str) -> None:
    """Begin a new journal. Raises OSError."""
    path.write_bytes(b"")
    append(path, {"schema": SCHEMA, "target": target})


def read(path: Path) -> Journal:
    """The journal at ``path``. Raises `BadJournal` and OSError."""
    *lines, _ = path.read_bytes().split(b"\n")
    if not lines:
        raise BadJournal("it is empty, or its first line was cut")
    head, *rest = [_parsed(number, line) for number, line in enumerate(lines, 1)]
    if head.get("schema") != SCHEMA or not isinstance(head.get("target"), str):
        raise BadJournal(f"line 1: a journal begins with schema {SCHEMA} and a target")
    progress: dict[str, tuple[str, Visited]] = {}
    found = []
    for number, line in enumerate(rest, 2):
        try:
            if "found" in line:
                found.append(Divergence.from_json(line["found"]))
            elif "steps" in line:
                progress[line["scope"]] = (str(line["steps"]), Visited())
            else:
                _take_in(progress[line["scope"]][1], line)
        except (BadTrace, KeyError, TypeError, ValueError, IndexError) as error:
            raise BadJournal(f"line {number}: {error!r}") from None
    return Journal(head["target"], progress, tuple(found))


def _parsed(number: int, line: bytes) -> dict[str, Any]:
    try:
        data = json.loads(line)
    except ValueError as error:
        raise BadJournal(f"line {number}: {error}") from None
    if not isinstance(data, dict):
        raise BadJournal(f"line {number}: no JSON object")
    return data


def _take_in(progress: Visited, line: Mapping[str, Any]) -> None:
    nodes = progress.nodes
    for parent, step, key in line["new"]:
        if not (-1 <= parent < len(nodes) and (parent < 0) == (not nodes)) or not step >= -1:
            raise ValueError(f"state {len(nodes)} cannot be reached from state {parent}")
        depth = nodes[parent].depth + 1 if parent >= 0 else 0
        nodes.append(Visit(parent, step, depth, str(key)))
    if not progress.expanded < line["expanded"] <= len(nodes):
        raise ValueError(f"state {line['expanded'] - 1} cannot come after {progress.expanded - 1}")
    progress.expanded = line["expanded"]
    progress.edges, progress.steps, progress.skipped, progress.flaky = map(int, line["counts"])
