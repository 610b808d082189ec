"""Source coverage of a run: what its units have performed, wherever they did, put together."""

from __future__ import annotations

import json
import os
import tempfile
from collections.abc import Generator, Iterable, Mapping, Set
from pathlib import Path
from typing import Any

from stateful.processes.events import SourceCoverage, SourcePerformed, SourceReached, UnitEvent
from stateful.processes.isolation import Agent, Launch
from stateful.processes.source import path_of

_PLACES = "fixtures.targets:python_sources"


def with_source(
    events: Iterable[UnitEvent], launch: Launch, wanted: bool = True
) -> Generator[UnitEvent, None, None]:
    """Pass ``events`` on, but for `SourcePerformed`: what these come to is told in the end.

    If that is not ``wanted``, there are none, and nothing is told.
    """
    if not wanted:
        yield from events
        return
    performed: dict[str, set[tuple[int, int]]] = {}
    for event in events:
        if isinstance(event, SourcePerformed):
            for name, steps in event.performed.items():
                performed.setdefault(name, set()).update(steps)
        else:
            yield event
    yield SourceReached(_reached(performed, launch) if performed else None)


def _reached(performed: Mapping[str, Set[tuple[int, int]]], launch: Launch) -> SourceCoverage:
    with Agent(launch) as agent:
        places = agent.call(_PLACES, Agent.STARTING)
    return reached({path_of(name, places): steps for name, steps in performed.items()})


def reached(performed: Mapping[str, Set[tuple[int, int]]]) -> SourceCoverage:
    """How much of each file was reached, from the steps that were performed in it, by its path."""
    import coverage

    with tempfile.TemporaryDirectory() as folder:
        file, report = str(Path(folder) / "data"), Path(folder) / "report.json"
        data = coverage.CoverageData(file)
        data.add_arcs(performed)
        data.write()
        data.close()
        combined = coverage.Coverage(data_file=file, branch=True, config_file=False)
        combined.load()
        combined.json_report(outfile=str(report))
        combined.get_data().close()
        files = json.loads(report.read_text())["files"]
    common = os.path.commonpath([os.path.dirname(name) for name in files])  # noqa: PTH120
    return SourceCoverage(
        {
            os.path.relpath(name, common): _counts(found)
            for name, found in sorted(files.items())
            if found["summary"]["num_statements"]
        }
    )


def _counts(found: dict[str, Any]) -> dict[str, Any]:
    summary = found["summary"]
    return {
        "lines": summary["num_statements"],
        "lines_reached": summary["covered_lines"],
        "branches": summary["num_branches"],
        "branches_reached": summary["covered_branches"],
        "missing": found["missing_lines"],
    }


__all__ = ["reached", "with_source"]
