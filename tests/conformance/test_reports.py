"""Reports are pure: from findings and results they make texts, and start and compute nothing."""

from __future__ import annotations

import ast
from pathlib import Path

import pytest

import conformance

_FOLDER = Path(conformance.__file__).parent
_REPORTS = [*sorted((_FOLDER / "reports").glob("*.py")), _FOLDER / "pages" / "comparison.py"]
#: What makes scripts, starts or talks to processes, or performs traces.
_WORKS = (
    "fixtures.targets",
    "stateful.scripts",
    "stateful.processes",
    "stateful.replay.recorder",
    "stateful.replay.replaying",
    "subprocess",
    "multiprocessing",
)
#: Values that come out of these.
_VALUES = ("stateful.processes.events",)


def _imported(path: Path) -> set[str]:
    found = set()
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            found |= {each.name for each in node.names}
        elif isinstance(node, ast.ImportFrom):
            found |= {f"{node.module}.{each.name}" for each in node.names}
    return found


def _is_of(name: str, modules: tuple[str, ...]) -> bool:
    return any(name == each or name.startswith(f"{each}.") for each in modules)


@pytest.mark.parametrize("path", _REPORTS, ids=lambda path: path.stem)
def test_a_report_only_formats_what_it_is_given(path: Path) -> None:
    working = {
        name for name in _imported(path) if _is_of(name, _WORKS) and not _is_of(name, _VALUES)
    }
    assert not working, f"{path.name} works: let judging or comparing do it, and hand it over"
