"""Ctrl-C ends a command with 130, and what was found until then is told."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.conftest import Run

TARGET = "tests.interrupting:at_the_first_stamp"
#: What fails before, and what the signal is sent in.
CLAUSES = ("--clause", "ACT-16", "--clause", "TS-01")


@pytest.fixture(autouse=True)
def judged_here(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    monkeypatch.setenv("TESTS_JUDGE", str(os.getpid()))
    # Whoever has started the tests in the background may have had the signal ignored.
    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    yield
    signal.signal(signal.SIGINT, before)


def test_check_tells_what_failed_and_writes_its_reports(run: Run, tmp_path: Path) -> None:
    report = tmp_path / "it.json"
    result = run("check", TARGET, *CLAUSES, "--workers", 1, "--report-json", report)
    assert result.exit_code == 130
    assert "ACT-16 fail" in result.output
    assert "interrupted" in result.output
    assert "ACT-16" in report.read_text()


def test_compare_tells_what_was_answered(run: Run) -> None:
    result = run("compare", TARGET, "ref", *CLAUSES)
    assert result.exit_code == 130
    assert "interrupted" in result.output


def test_a_baseline_is_not_written(run: Run, tmp_path: Path) -> None:
    written = tmp_path / "it.toml"
    result = run("baseline", TARGET, *CLAUSES, "-o", written)
    assert result.exit_code == 130
    assert f"{written}: nothing is written" in result.output.replace("\n", "")
    assert not written.exists()


def test_a_page_is_not_written(run: Run, tmp_path: Path) -> None:
    written = tmp_path / "it.html"
    result = run("teach", "tests.interrupting:at_the_start", "-o", written)
    assert result.exit_code == 130
    assert not written.exists()


@pytest.mark.parametrize(
    "command", [["explore", "--scope", "one"], ["fuzz", "--engines", "walker"]]
)
def test_a_search_keeps_what_it_found(command: list[str], tmp_path: Path) -> None:
    name, *options = command
    arguments = [name, "persistent-py", *options, "-o", str(tmp_path)]
    code = f"from conformance.cli import main; import sys; sys.argv[1:] = {arguments!r}; main()"
    with subprocess.Popen(
        [sys.executable, "-u", "-c", code], stdout=subprocess.PIPE, text=True
    ) as process:
        assert process.stdout is not None
        found = next(line for line in process.stdout if " | " in line)
        process.send_signal(signal.SIGINT)
        output = found + process.stdout.read()
    assert process.returncode == 130
    assert "interrupted" in output
    assert [*tmp_path.glob("*.json")]
