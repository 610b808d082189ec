"""``--scheduler``: the same commands with the work done by workers of a fleet."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import jsonschema
import pytest

from conformance.files import schema_named
from conformance.judging import findings
from stateful.fleet import versions
from tests.conftest import Run

pytestmark = [
    # Closing what dask has opened is for the loop of dask, which may be gone by then.
    pytest.mark.filterwarnings("ignore::ResourceWarning"),
    pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning"),
]

FAULTY = "tests.hostile:prints_in_the_middle"
LOCAL = ("--scheduler", "local")


def _signatures(folder: Path) -> set[str]:
    return {str(findings.read(path).signature) for path in folder.glob("*.json")}


def _report(path: Path) -> Any:
    report = json.loads(path.read_text())
    jsonschema.validate(report, schema_named("report"))
    return report


def test_a_campaign_of_a_fleet_ends_as_one_here_and_its_units_can_be_performed_again(
    run: Run, counted: Callable[[int], None], tmp_path: Path
) -> None:
    pytest.importorskip("distributed")
    counted(2)
    folder, file = tmp_path / "found", tmp_path / "report.json"
    options = ("--engines", "walker", "--max-time", 10**6, "--cover-source", "--output", folder)
    result = run("fuzz", FAULTY, *LOCAL, *options, "--workers", 1, "--report-json", file)
    assert result.exit_code == 1, result.output
    reached = "branches of the target's source were reached"
    assert reached in result.output
    assert "fleet: the workers of " in result.output
    assert "fleet: 1 workers joined, 0 left; on each: persistent-conformance " in result.output
    fleet = _report(file)["summary"]["fleet"]
    assert len(fleet["workers"]) == 1
    assert FAULTY in fleet["versions"]
    found = _signatures(folder)
    assert found
    lines = [json.loads(line) for line in (folder / "units.jsonl").read_text().splitlines()]
    assert [line["begun"] for line in lines if "begun" in line] == [0, 1]
    by_unit = {
        number: {line["found"] for line in lines if line.get("unit") == number}
        for number in range(2)
    }
    assert set.union(*by_unit.values()) == found

    for number, own in by_unit.items():
        for path in folder.glob("*.json"):
            path.unlink()
        # Nothing but the log says what was known to it, and what it was.
        result = run("fuzz", FAULTY, "--unit", number, "--cover-source", "--output", folder)
        assert result.exit_code == (1 if own else 0), result.output
        assert reached in result.output
        assert _signatures(folder) == own
    assert run("fuzz", FAULTY, "--unit", 2, "--output", folder).exit_code == 2


def test_a_check_of_a_fleet_comes_to_the_verdicts_of_one_machine(run: Run, tmp_path: Path) -> None:
    pytest.importorskip("distributed")
    options = ("check", "persistent-py", "--area", "TS", "--area", "WREF")
    here, there = tmp_path / "here.json", tmp_path / "there.json"
    one = run(*options, "--report-json", here)
    other = run(*options, *LOCAL, "--report-json", there)
    assert one.exit_code == other.exit_code, other.output
    clauses = _report(there)["clauses"]
    assert clauses == _report(here)["clauses"]
    assert {clause["verdict"] for clause in clauses} >= {"pass", "fail"}
    assert _report(there)["summary"]["fleet"]["workers"]


@pytest.mark.usefixtures("small")
@pytest.mark.parametrize("options", [("--cover-source",), ("--accepted", "ref")])
def test_the_engines_of_a_check_find_the_same_on_a_fleet(
    run: Run, tmp_path: Path, options: tuple[str, ...]
) -> None:
    pytest.importorskip("distributed")
    arguments = ("check", FAULTY, "--engines", "walker", "--quiet", *options)
    here, there = tmp_path / "here.json", tmp_path / "there.json"
    run(*arguments, "--report-json", here)
    run(*arguments, *LOCAL, "--report-json", there)
    one, other = _report(here), _report(there)
    assert one["divergences"] == other["divergences"] != []
    # The lines that were reached of each file, too.
    assert one["summary"]["coverage"] == other["summary"]["coverage"]
    assert ("source" in one["summary"]["coverage"]) == ("--cover-source" in options)


def test_an_interruption_ends_the_work_of_the_fleet_and_keeps_what_was_found(
    run: Run, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    pytest.importorskip("distributed")
    write = findings.Findings.write

    def interrupted(self: findings.Findings, found: findings.Finding) -> Path:
        os.kill(os.getpid(), signal.SIGINT)
        return write(self, found)

    monkeypatch.setattr(findings.Findings, "write", interrupted)
    options = ("--engines", "walker", "--max-time", 10**6, "--output", tmp_path)
    result = run("fuzz", FAULTY, *LOCAL, *options, "--workers", 1)
    assert result.exit_code == 130, result.output
    assert "interrupted: this is what was found until then" in result.output
    assert len(_signatures(tmp_path)) == 1


def test_a_second_interruption_ends_at_once_and_leaves_what_was_found(
    run: Run, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    dask = pytest.importorskip("stateful.fleet.dask")
    close, write = dask.DaskTransport.close, findings.Findings.write

    def interrupted(self: findings.Findings, found: findings.Finding) -> Path:
        os.kill(os.getpid(), signal.SIGINT)
        return write(self, found)

    def again(self: Any) -> None:
        close(self)
        os.kill(os.getpid(), signal.SIGINT)

    monkeypatch.setattr(findings.Findings, "write", interrupted)
    monkeypatch.setattr(dask.DaskTransport, "close", again)
    # Whoever has started the tests in the background may have had the signal ignored.
    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    try:
        options = ("--engines", "walker", "--max-time", 10**6, "--output", tmp_path)
        result = run("fuzz", FAULTY, *LOCAL, *options, "--workers", 1)
    finally:
        signal.signal(signal.SIGINT, before)
    assert result.exit_code == 130, result.output
    assert "Error: interrupted" in result.output
    assert len(_signatures(tmp_path)) == 1


def test_workers_that_have_another_harness_are_refused(
    run: Run, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    pytest.importorskip("distributed")
    digests = iter("abc")
    monkeypatch.setattr(versions, "_digest", lambda: next(digests))
    result = run("fuzz", "ref", *LOCAL, "--workers", 1, "--output", tmp_path)
    assert result.exit_code == 3, result.output
    assert "Error: no worker can perform the units: " in result.output
    assert "persistent-conformance is 0.1.0 (b) there, and 0.1.0 (a) here" in result.output


def test_without_dask_the_extra_is_named(
    run: Run, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setitem(sys.modules, "dask", None)
    monkeypatch.delitem(sys.modules, "stateful.fleet.dask", raising=False)
    result = run("fuzz", "ref", *LOCAL, "--output", tmp_path)
    assert result.exit_code == 2, result.output
    assert "pip install 'persistent-conformance[fleet]'" in result.output


def test_dask_is_not_imported_unless_it_is_asked_for() -> None:
    code = (
        "import sys, conformance.commands.fuzz, conformance.commands.check\n"
        "print([name for name in ('dask', 'distributed', 'redis') if name in sys.modules])"
    )
    made = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert made.stdout.strip() == "[]"


def test_a_folder_without_a_log_is_one_message(run: Run, tmp_path: Path) -> None:
    result = run("fuzz", "ref", "--unit", 0, "--output", tmp_path)
    assert result.exit_code == 2
    assert "units.jsonl: cannot be read" in result.output
    (tmp_path / "units.jsonl").write_text("[]\n")
    result = run("fuzz", "ref", "--unit", 0, "--output", tmp_path)
    assert result.exit_code == 2
    assert "is no log of a campaign" in result.output
