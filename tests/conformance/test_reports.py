"""Reports are pure: from findings and results they make texts, and start and compute nothing."""

from __future__ import annotations

import ast
from pathlib import Path

import pytest

import conformance
from conformance.clauses.registry import CLAUSES, load
from conformance.commands.check import check
from conformance.judging.events import CheckFinished, Subject
from conformance.judging.judgement import judge
from conformance.judging.verdicts import ClauseResult, Results
from conformance.reports.declared import Judged, Report, declared, report

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


@pytest.mark.parametrize("found", declared(), ids=lambda found: found.option)
@pytest.mark.parametrize("verdict", ["pass", "fail", None])
def test_a_report_is_an_option_and_written_of_any_run(
    found: Report, verdict: str | None, tmp_path: Path
) -> None:
    assert found.option in [name for parameter in check.params for name in parameter.opts]
    load()
    made = CheckFinished("REPR-01:x", "REPR-01", verdict or "", "what", "expected", "got")
    clauses = (ClauseResult(CLAUSES["REPR-01"], verdict, (made,)),) if verdict else ()
    results = Results(Subject("t", "t", "1", "3.12", "CPython", "Linux", ()), clauses, 1.0)
    judged = Judged(results, judge(results, None, strict=False, floor=1))
    found.write(tmp_path / "file", judged)
    assert (tmp_path / "file").read_text(encoding="utf-8") == found.text(judged)


def test_an_option_means_one_report() -> None:
    with pytest.raises(ValueError, match="'--badge' is declared twice"):
        report("--badge", "Write another one.")(lambda judged: "")
