"""What an accepted implementation does too is known; all else is news, or mended."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from conformance.reports import json_report
from tests.conftest import Run

WRONG = "tests.wrong.targets:wrong_new_object"
OTHER = "tests.accepted:wrong_in_another_way"
SEARCH = ("--engines", "checks,walker", "--clause", "STATE-01", "--clause", "STATE-02")


@pytest.mark.usefixtures("small")
def test_what_the_accepted_implementation_does_too_is_known(run: Run) -> None:
    result = run("check", WRONG, "--accepted", WRONG, *SEARCH)
    assert result.exit_code == 0, result.output
    assert "beside makes new objects as ghosts" in result.output
    assert " runs the target differs from the reference as" in result.output


@pytest.mark.usefixtures("small")
def test_what_is_wrong_only_now_is_news(run: Run) -> None:
    result = run("check", WRONG, "--accepted", "ref", *SEARCH)
    assert result.exit_code == 1, result.output
    assert "that are new beside ref" in result.output
    assert "create" in result.output


@pytest.mark.usefixtures("small")
def test_what_only_the_accepted_implementation_gets_wrong_is_mended(
    run: Run, tmp_path: Path
) -> None:
    report = tmp_path / "report.json"
    result = run("check", "ref", "--accepted", WRONG, *SEARCH, "--report-json", report)
    assert result.exit_code == 0, result.output
    assert "mended since makes new objects as ghosts" in result.output
    data = json_report.read(report)
    assert data["summary"]["mended"]
    assert {each["known"] for each in data["divergences"]} == {"mended"}


@pytest.mark.usefixtures("small")
def test_from_one_wrong_to_another_is_news(run: Run, tmp_path: Path) -> None:
    report = tmp_path / "report.json"
    result = run("check", OTHER, "--accepted", WRONG, *SEARCH, "--report-json", report)
    assert result.exit_code == 1, result.output
    data = json_report.read(report)
    changed = [each for each in data["divergences"] if each["known"] == "changed"]
    assert changed
    assert any(len({each["was"], each["actual"], each["expected"]}) == 3 for each in changed)
    # What differs from the reference is told as of any other finding.
    states = [each["differs"] for each in changed if "object.state" in each["signature"]]
    assert states
    assert all(states)


def test_a_campaign_has_it_too(run: Run, counted: Callable[[int], None], tmp_path: Path) -> None:
    counted(2)
    options = ("--engines", "walker", "--max-time", 3600, "--output", tmp_path)
    known = run("fuzz", WRONG, "--accepted", WRONG, *options)
    assert known.exit_code == 0, known.output
    assert not list(tmp_path.glob("*.json"))
    counted(2)
    news = run("fuzz", WRONG, "--accepted", "ref", *options)
    assert news.exit_code == 1, news.output
    assert ", accepted " in news.output


def test_an_exploration_has_it_too(run: Run, tmp_path: Path) -> None:
    options = ("--scope", "one", "--depth", 1, "--output", tmp_path)
    known = run("explore", WRONG, "--accepted", WRONG, *options)
    assert known.exit_code == 0, known.output
    assert run("explore", WRONG, "--accepted", "ref", *options).exit_code == 1


def test_two_sources_of_what_is_known_are_one_too_many(run: Run) -> None:
    result = run("check", "ref", "--accepted", "ref", "--baseline", "it.toml")
    assert result.exit_code == 2
    assert "give one of them" in result.output


def test_an_accepted_implementation_that_does_not_start_is_named(run: Run) -> None:
    result = run("check", "ref", "--accepted", "no_such_package", "--clause", "STATE-01")
    assert result.exit_code == 2
    assert "no_such_package" in result.output
