"""Source coverage: which lines and branches of a target written in Python were reached."""

from __future__ import annotations

import json
import os
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from fixtures.builds import C, written_in
from fixtures.implementation import PARTS, Implementation
from stateful.processes.events import SourceCoverage

_DATA = "data"


def folders_of(implementation: Implementation) -> list[str]:
    """The folders with the source of the parts written in Python; none if the base class is not."""
    if written_in(implementation.persistent) == C:
        return []
    found = set()
    for part in PARTS:
        module = sys.modules.get(getattr(getattr(implementation, part), "__module__", None) or "")
        file = getattr(module, "__file__", None) or ""
        if file.endswith(".py"):
            found.add(os.path.dirname(os.path.abspath(file)))  # noqa: PTH100, PTH120
    return sorted(found)


class LineRecorder:
    """Records in this process, and in those forked from it, what of ``folders`` is performed.

    It has to begin before the target is imported.
    """

    def __init__(self, data: Path, folders: list[str]) -> None:
        # Each process that performs units is one that could record: few do.
        import coverage

        self._coverage = coverage.Coverage(
            data_file=str(data / _DATA),
            data_suffix=True,
            branch=True,
            include=[f"{folder}/*" for folder in folders],
            config_file=False,
        )
        self._coverage.start()

    def save(self) -> None:
        """Write down what was recorded; done once in each forked process, at its end."""
        self._coverage.stop()
        self._coverage.save()


@contextmanager
def data_folder() -> Iterator[Path]:
    """A folder for what is recorded, which is gone afterwards."""
    with tempfile.TemporaryDirectory() as folder:
        yield Path(folder)


def reached(data: Path) -> SourceCoverage | None:
    """What all processes together have recorded; None if that is nothing."""
    import coverage
    from coverage.exceptions import CoverageException

    combined = coverage.Coverage(data_file=str(data / _DATA), branch=True, config_file=False)
    report = data / "report.json"
    try:
        combined.combine([str(data)])
        combined.json_report(outfile=str(report))
    except CoverageException:
        return None
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
