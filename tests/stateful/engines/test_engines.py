"""`check` replays the corpus and searches with the engines; what they find is judged."""

from __future__ import annotations

import json
from itertools import islice
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import pytest

from conformance.judging.search import ENGINES, engines_named
from conformance.reports import json_report
from stateful.engines.campaign import Plan, units
from stateful.engines.engine import Sides
from stateful.engines.units import ENGINES as SEARCHING
from stateful.engines.units import walker
from stateful.processes.isolation import Launch
from stateful.processes.work import Unit
from stateful.traces.trace import Trace
from tests.conftest import Run

WRONG = "tests.wrong.targets:wrong_new_object"
WALKER = ("--engines", "walker")

pytestmark = pytest.mark.usefixtures("small")


def _report(run: Run, tmp_path: Path, *arguments: object, code: int = 0) -> dict[str, Any]:
    path = tmp_path / "report.json"
    result = run("check", *arguments, "--report-json", path)
    assert result.exit_code == code, result.output
    return json_report.read(path)


def test_all_engines_agree_that_the_reference_is_right(run: Run, tmp_path: Path) -> None:
    report = _report(run, tmp_path, "tests.hostile:fine", "--engines", "corpus,walker,machines")
    assert report["divergences"] == []
    summary = report["summary"]
    assert summary["engines"] == ["corpus", "walker", "machines"]
    assert summary["corpus"]["replayed"] > 50
    coverage = summary["coverage"]
    assert set(coverage["engines"]) == {"walker", "machines"}
    for counts in coverage["engines"].values():
        assert counts["steps"] > 300
        assert counts["pairs"] >= counts["states"] > 10
    assert coverage["total"]["pairs"] >= max(c["pairs"] for c in coverage["engines"].values())
    assert "STATE-01" in coverage["clauses"]


def test_what_engines_find_is_reported(run: Run, tmp_path: Path) -> None:
    junit = tmp_path / "junit.xml"
    report = _report(run, tmp_path, WRONG, *WALKER, "--junitxml", junit, code=1)
    found = report["divergences"]
    signatures = {each["signature"] for each in found}
    assert len(signatures) == len(found) > 0
    assert len({each["id"] for each in found}) == len(found)
    for each in found:
        assert len(each["steps"]) == len(Trace.from_json(each["trace"]).operations)
        assert each["clauses"]
        assert each["expected"] != each["actual"]
    assert any(each.get("script") for each in found)
    suite = ElementTree.parse(junit).getroot()[0]
    names = {case.get("name") for case in suite.iter("testcase")}
    assert names == signatures
    assert suite.get("failures") == str(len(found))


def test_a_baseline_holds_divergences_with_pinned_traces(run: Run, tmp_path: Path) -> None:
    baseline = tmp_path / "baseline.toml"
    written = run("baseline", WRONG, *WALKER, "-o", baseline)
    assert written.exit_code == 0, written.output
    known = ("--baseline", baseline)
    first = run("check", WRONG, *WALKER, *known)
    assert first.exit_code == 0, first.output

    text = baseline.read_text()
    head, *entries = text.split("[[divergence]]\n")
    assert len(entries) > 1
    signature = json.loads(entries[0].splitlines()[0].partition(" = ")[2])
    baseline.write_text("[[divergence]]\n".join([head, *entries[1:]]))
    without = run("check", WRONG, *WALKER, *known, "--quiet")
    assert without.exit_code == 1
    assert f"new: {signature}" in " ".join(without.output.split())

    baseline.write_text(text.replace(f'target = "{WRONG}"', 'target = "ref"'))
    stale = run("check", "ref", *WALKER, *known)
    assert stale.exit_code == 1
    assert "its pinned trace does not diverge any more" in stale.output


def test_the_same_run_finds_the_same(
    run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(walker, "SEEDS", (2,))
    monkeypatch.setattr(walker, "CHECK_STEPS", 300)
    # What was reached does not matter here.
    monkeypatch.setenv("PERSISTENT_CONFORMANCE_CHECK_MIN_PAIRS", "1")

    def found() -> list[dict[str, Any]]:
        arguments = ("tests.hostile:crashes_in_the_middle", *WALKER)
        divergences: list[dict[str, Any]] = _report(run, tmp_path, *arguments, code=1)[
            "divergences"
        ]
        return divergences

    one = found()
    assert any(each["signature"].endswith("| crash") for each in one)
    assert found() == one


def test_a_part_of_the_clauses_is_checked_without_the_corpus(run: Run, tmp_path: Path) -> None:
    report = _report(run, tmp_path, "ref", "--clause", "STATE-01")
    assert "corpus" not in report["summary"]


@pytest.mark.parametrize(
    ("arguments", "code", "message"),
    [
        (("--engines", "walkers"), 2, "--engines: 'walkers' does not exist; try corpus, checks"),
        (("--engines", ""), 2, "--engines: '' does not exist"),
        ((*WALKER, "--min-pairs", "1000000"), 3, "were reached, 1000000 are demanded"),
    ],
)
def test_what_cannot_be_searched_is_said(
    run: Run, arguments: tuple[str, ...], code: int, message: str
) -> None:
    result = run("check", "tests.hostile:fine", *arguments)
    assert result.exit_code == code, result.output
    assert message in " ".join(result.output.split())


def test_engines_are_named_with_commas_in_any_order() -> None:
    assert engines_named("walker, checks,walker") == ("checks", "walker")
    assert engines_named("all") == ENGINES


def test_source_coverage_tells_what_of_a_target_in_python_was_reached(
    run: Run, tmp_path: Path
) -> None:
    report = _report(run, tmp_path, "ref", *WALKER, "--cover-source")
    source = report["summary"]["coverage"]["source"]
    assert 0.6 * source["lines"] < source["lines_reached"] <= source["lines"]
    assert 0 < source["branches_reached"] < source["branches"]
    ring = source["files"]["ring.py"]
    assert ring["lines_reached"] == ring["lines"] - len(ring["missing"]) > 20


def test_the_units_of_a_campaign_depend_on_its_seed_and_not_on_who_performs_them() -> None:
    def made(seed: int, workers: int) -> list[Unit]:
        plan = Plan(Sides(Launch("ref")), tuple(SEARCHING), workers=workers, seed=seed)
        return list(islice(units(plan), 60))

    assert made(0, 1) == made(0, 2) == made(0, 200)
    assert made(0, 1) != made(1, 1)
