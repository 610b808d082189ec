"""The graphs of the states of small worlds as a file."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path

from conformance.files import write_whole
from stateful.engines.graph import Graph

SCHEMA = 1


def write(path: Path, graphs: Sequence[Graph]) -> None:
    """Write ``graphs`` to ``path``, a state or an edge a line. Raises `BadFile`."""
    write_whole(path, dumps(graphs))


def dumps(graphs: Sequence[Graph]) -> str:
    """``graphs`` as JSON, a state or an edge a line."""
    return f'{{"schema": {SCHEMA}, "graphs": [\n' + ",\n".join(map(_graph, graphs)) + "\n]}\n"


def _graph(graph: Graph) -> str:
    data = graph.to_json()
    lines = [
        f" {json.dumps(key)}: {json.dumps(value)}"
        for key, value in data.items()
        if key not in ("states", "edges")
    ]
    for key in ("states", "edges"):
        rows = ",\n".join(f"  {json.dumps(row)}" for row in data[key])
        lines.append(f" {json.dumps(key)}: [\n{rows}\n ]")
    return "{\n" + ",\n".join(lines) + "\n}"
