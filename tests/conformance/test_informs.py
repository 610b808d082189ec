"""What informs stands under a heading of its own in every report, and never gates."""

from __future__ import annotations

import io
import json
from dataclasses import replace
from pathlib import Path

import pytest
from rich.console import Console

from conformance.comparing.comparison import Column, Comparison, compared
from conformance.comparing.informing import HEADING
from conformance.files import read_json
from conformance.judging.judgement import judge
from conformance.judging.verdicts import Results
from conformance.pages import comparison as page
from conformance.reports import comparison as shown
from conformance.reports import comparison_json, json_report, markdown, terminal
from conformance.reports.declared import Judged
from stateful.replay.informed import Informs
from tests.conformance.recorded import Everything, recorded

_TEXT = Informs("text of the error", "set", "'8 bytes'", "'8 octets'", ("make a", "set it"), 3)
_LEAK = Informs("objects left each time", "", "0", "2", ("make a",))
_COUNT = Informs("_cache.ringlen in setstate", "get", "1", "0", ("make a", "read it"))


def _run(*informs: Informs) -> tuple[Results, Judged]:
    results, judgement = recorded("persistent-py", Everything())
    results = replace(results, informs=informs)
    return results, Judged(results, judgement, None)


def _printed(results: Results, how_much: str) -> str:
    console = Console(file=io.StringIO(), width=200)
    judgement = judge(results, Everything(), strict=False, floor=0, pairs=0)
    terminal.show(results, judgement, "check", console, how_much)
    return console.file.getvalue()  # type: ignore[attr-defined, no-any-return]


def test_it_never_gates() -> None:
    judged = [
        judge(_run(*informs)[0], Everything(), strict=True, floor=0, pairs=0)
        for informs in ((), (_TEXT, _LEAK, _COUNT))
    ]
    assert judged[0] == judged[1]


def test_the_first_screen_has_a_line_that_counts() -> None:
    text = _printed(_run(_TEXT, _LEAK, _COUNT, replace(_TEXT, operation="get"))[0], terminal.SCREEN)
    (line,) = (line for line in text.splitlines() if line.startswith("informs: "))
    assert line == (
        "informs: 4 differences: text of the error (2), objects left each time (1), "
        "counts inside calls (1)"
    )
    assert "informs" not in _printed(_run()[0], terminal.SCREEN)


def test_all_of_it_has_a_heading_of_its_own() -> None:
    text = _printed(_run(_TEXT, _LEAK)[0], terminal.ALL)
    assert HEADING in text
    assert "text of the error after set: '8 octets', of the reference '8 bytes' (3 times)" in text
    assert "objects left each time: 2, of the reference 0" in text
    many = [replace(_TEXT, operation=f"set{number}") for number in range(9)]
    assert "and 3 more: see --report-json" in _printed(_run(*many)[0], terminal.ALL)


def test_it_is_in_the_report_and_read_again(tmp_path: Path) -> None:
    path = tmp_path / "report.json"
    path.write_text(json_report.dumps(_run(_TEXT, _LEAK)[1]), encoding="utf-8")
    assert json_report.results(path).informs == (_TEXT, _LEAK)
    results, judged = _run()
    unasked = Judged(replace(results, informs=None), judged.judgement, None)
    path.write_text(json_report.dumps(unasked), encoding="utf-8")
    assert "informs" not in read_json(path, "report", "")
    assert json_report.results(path).informs is None


def test_it_is_in_markdown() -> None:
    text = markdown.run(_run(_TEXT)[1])
    assert f"### {HEADING}" in text
    assert "8 octets" in text
    assert HEADING not in markdown.run(_run()[1])


def _compared(*informs: tuple[Informs, ...] | None) -> Comparison:
    results = _run()[0]
    columns = [
        Column(str(number), replace(results, clauses=(), search=None, informs=each))
        for number, each in enumerate(informs)
    ]
    return compared(columns, with_corpus=False, with_examples=False)


def test_compare_shows_where_they_differ_from_each_other() -> None:
    found = _compared((_TEXT, _LEAK), (_LEAK,), None)
    (row,) = found.informing
    assert row.answers == ("'8 octets'", "'8 bytes'", None)
    assert found.agree
    console = Console(file=io.StringIO(), width=200)
    shown.show(found, console)
    text = console.file.getvalue()  # type: ignore[attr-defined]
    assert "informs: 1 rows: text of the error (1)" in text
    assert HEADING in text
    assert "not looked at" in text
    assert f"### {HEADING}" in markdown.comparison(found)


def test_of_one_alone_it_shows_all() -> None:
    found = _compared((_TEXT, _LEAK))
    assert [row.what for row in found.informing] == ["text of the error", "objects left each time"]


@pytest.mark.parametrize("informs", [((_TEXT,), ()), ((_COUNT, _LEAK),)])
def test_it_is_in_the_comparison_and_on_the_page(
    informs: tuple[tuple[Informs, ...], ...], tmp_path: Path
) -> None:
    found = _compared(*informs)
    path = tmp_path / "comparison.json"
    comparison_json.write(path, found)
    told = comparison_json.read(path)["informs"]
    assert [each["what"] for each in told] == [row.what for row in found.informing]
    assert json.dumps(told[0]["answers"])
    assert HEADING in page.dumps(found)
