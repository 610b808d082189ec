"""Traces as data: read, written, shown in words, replayed on any implementation."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from fixtures.implementation import Implementation
from fixtures.operations import UnknownOperation, words
from fixtures.world import Observation, World, step_from_json, trace_json

SCHEMA = 1


class BadTrace(ValueError):
    """A text that is no trace: what is wrong with it."""


@dataclass(frozen=True)
class Trace:
    """The configuration of a world and the operations performed in it, as Python values."""

    world: Mapping[str, Any] = field(default_factory=dict)
    operations: Sequence[Mapping[str, Any]] = ()

    @classmethod
    def of(cls, world: World) -> Trace:
        """What was performed in ``world`` so far."""
        return cls(dict(world.config), tuple(world.trace))

    @classmethod
    def from_json(cls, data: Any) -> Trace:
        """The trace that `to_json` wrote. Raises `BadTrace`."""
        if not isinstance(data, dict) or data.get("schema") != SCHEMA:
            raise BadTrace(f"schema: a trace is an object with schema {SCHEMA}")
        world, operations = data.get("world"), data.get("operations")
        if not isinstance(world, dict) or not isinstance(operations, list):
            raise BadTrace("world, operations: an object and an array are needed")
        steps = []
        for number, made in enumerate(operations):
            try:
                steps.append(step_from_json(made))
            except (UnknownOperation, ValueError, TypeError, KeyError, AttributeError) as error:
                raise BadTrace(f"operations[{number}]: {error}") from None
        return cls(world, tuple(steps))

    @classmethod
    def loads(cls, text: str) -> Trace:
        """The trace in ``text``. Raises `BadTrace`."""
        try:
            data = json.loads(text)
        except ValueError as error:
            raise BadTrace(f"damaged or truncated: {error}") from None
        return cls.from_json(data)

    def dumps(self) -> str:
        """The trace as JSON with one operation a line, so that it reads well in a diff."""
        data = trace_json(self.world, self.operations)
        lines = ",\n".join(f"  {json.dumps(made)}" for made in data["operations"])
        operations = f"[\n{lines}\n ]" if lines else "[]"
        world = json.dumps(data["world"])
        return f'{{\n "schema": {SCHEMA},\n "world": {world},\n "operations": {operations}\n}}\n'

    def words(self) -> list[str]:
        """The operations in words, one line each."""
        return [words(dict(made)) for made in self.operations]

    def replay(self, implementation: Implementation) -> Iterator[Observation]:
        """Perform the operations in a new world of ``implementation``."""
        world = World(implementation, self.world)
        for made in self.operations:
            yield world.apply(dict(made))
