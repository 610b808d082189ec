"""A trace as a file, with what the reference and a target do at each step."""

from __future__ import annotations

import json
from pathlib import Path

from conformance.files import write_whole
from fixtures.world import trace_json
from stateful.replay.recording import Recording
from stateful.replay.saved import Saved


def write(path: Path, saved: Saved, expected: Recording, target: str, actual: Recording) -> None:
    """Write ``saved`` with both sides. Raises `BadFile`."""
    write_whole(path, dumps(saved, expected, target, actual))


def dumps(saved: Saved, expected: Recording, target: str, actual: Recording) -> str:
    """``saved`` as JSON, valid by the schema ``recording``; `stateful.replay.saved.loads` reads it.

    ``expected`` is what the reference does; ``target`` names who did ``actual``.
    """
    trace = saved.trace
    data = {
        **trace_json(trace.world, trace.operations),
        "about": saved.about or str(saved.signature or f"The trace {saved.name}."),
        "clauses": list(saved.clauses),
        "expected": expected.to_json()["steps"],
        "target": target,
        "actual": actual.to_json(),
    }
    return json.dumps(data, indent=1) + "\n"


__all__ = ["dumps", "write"]
