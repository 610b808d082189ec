"""Reports are pure: from findings and results they make texts, and start and compute nothing."""

from __future__ import annotations

import ast
import json
from itertools import groupby
from pathlib import Path
from xml.etree import ElementTree

import jsonschema
import pytest

import conformance
from conformance.clauses.registry import CLAUSES, load
from conformance.commands.check import check
from conformance.files import schema_named
from conformance.judging.causes.explained import by_cause
from conformance.judging.events import CheckFinished, Subject
from conformance.judging.judgement import judge
from conformance.judging.verdicts import ClauseResult, Results
from conformance.reports import annotations, json_report, junit, markdown
from conformance.reports.declared import Judged, Report, declared, report
from tests.conformance.recorded import recorded

_FOLDER = Path(conformance.__file__).parent
_REPORTS = [*sorted((_FOLDER / "reports").rglob("*.py")), _FOLDER / "pages" / "comparison.py"]
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


def test_reports_group_what_was_found_by_its_causes() -> None:
    results, judgement = recorded("persistent-c")
    assert results.search is not None
    judged = Judged(results, judgement)
    causes = by_cause(findings=results.search.news)
    data = json_report.data(results, judgement)
    jsonschema.validate(data, schema_named("report"))
    named = {each["name"]: each for each in data["causes"]}
    assert len(causes) > 1
    assert {each.cause.name for each in causes} <= set(named)
    assert sum(len(each["divergences"]) for each in named.values()) == len(data["divergences"])
    assert named["sticky-ignores-the-state"]["clauses"] == ["STICKY-02"]
    assert not named["sticky-ignores-the-state"]["derived"]
    cases = ElementTree.fromstring(junit.render(judged)).iterfind(".//testcase")
    properties = [each.get("name") for case in cases for each in case.iter("property")]
    assert properties.count("cause") >= len(results.search.findings)
    lines = annotations.dumps(judged).splitlines()
    assert len(lines) <= len(causes) + len(judgement.unexpected)
    assert any("sticky-ignores-the-state::" in line for line in lines)
    summary = markdown.run(judged)
    for each in causes[:10]:
        assert markdown.code(each.cause.name) in summary


def test_cases_of_one_cause_stand_together_in_junit() -> None:
    text = junit.render(Judged(*recorded("persistent-c")))
    found = ElementTree.fromstring(text).iterfind(
        ".//testcase[@classname='conformance.divergences']"
    )
    names = [case.find("properties/property[@name='cause']").get("value") for case in found]  # type: ignore[union-attr]
    runs = [name for name, _ in groupby(names)]
    assert len(runs) == len(set(runs)) > 10


def test_a_report_that_is_read_again_has_its_causes(tmp_path: Path) -> None:
    results, judgement = recorded("persistent-c")
    path = tmp_path / "report.json"
    path.write_text(json.dumps(json_report.data(results, judgement)))
    again = json_report.results(path)
    assert results.search is not None
    assert again.search is not None
    assert [each.cause for each in again.clauses] == [each.cause for each in results.clauses]
    assert [each.cause for each in again.search.findings] == [
        each.cause for each in results.search.findings
    ]


def test_an_option_means_one_report() -> None:
    with pytest.raises(ValueError, match="'--badge' is declared twice"):
        report("--badge", "Write another one.")(lambda judged: "")
