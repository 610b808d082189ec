"""A trace as a file, with what the reference and a target do at each step."""

from __future__ import annotations

import json
from pathlib import Path

from conformance.files import write_whole
from fixtures.implementation import Implementation
from fixtures.world import trace_json
from stateful.replay.recorder import Recording, recorded_by
from stateful.replay.saved import Saved


def write(
    path: Path, saved: Saved, reference: Implementation, target: str, actual: Recording
) -> None:
    """Write ``saved`` with both sides. Raises `BadFile`."""
    write_whole(path, dumps(saved, reference, target, actual))


def dumps(saved: Saved, reference: Implementation, target: str, actual: Recording) -> str:
    """``saved`` as JSON, valid by the schema ``recording``; `stateful.replay.saved.loads` reads it.

    What the reference does is as it was recorded, if it was. ``target`` names who did ``actual``.
    """
    trace, expected = saved.trace, Recording(saved.expected or ())
    if saved.expected is None:
        expected = recorded_by(reference, trace)
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
