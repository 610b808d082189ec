"""Campaigns find what hides behind the frequent, leave it on disk, and end by themselves."""

from __future__ import annotations

import json
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import jsonschema
import pytest

from conformance.files import BadFile, schema_named
from conformance.judging import findings
from conformance.reports import json_report
from stateful.engines.campaign import Plan, campaign
from stateful.engines.engine import Sides
from stateful.lockstep.divergence import CRASH, Divergence
from stateful.processes.events import DivergenceFound
from stateful.processes.isolation import Launch
from tests.conftest import Run

_TOP = Path(__file__).parents[3]
ENDLESS = ("--max-time", 10**6)
CRASHES = "tests.hostile:crashes_in_the_middle"


def _all(folder: Path) -> dict[str, Divergence]:
    return {path.name: findings.read(path) for path in sorted(folder.glob("*.json"))}


def test_a_campaign_finds_a_crash_behind_a_frequent_fault(
    run: Run, counted: Callable[[int], None], tmp_path: Path
) -> None:
    counted(1)
    using = ("--engines", "walker", "--seed", 2)
    result = run("fuzz", CRASHES, *ENDLESS, "--output", tmp_path, *using)
    assert result.exit_code == 1, result.output
    found = _all(tmp_path)
    fields = {(each.signature.operation, each.signature.field) for each in found.values()}
    assert ("incrgc", "value") in fields
    assert ("mru", CRASH) in fields
    for each in found.values():
        assert str(each.signature) in result.output
    assert f"{len(found)} divergences; " in result.output
    assert "walker" in result.output


def test_findings_are_known_to_a_second_campaign(counted: Callable[[int], None]) -> None:
    counted(2)
    plan = Plan(
        Sides(Launch("tests.hostile:prints_in_the_middle")), ("walker",), seconds=1e6, workers=1
    )
    events = campaign(plan)
    first = [each.divergence for each in events if isinstance(each, DivergenceFound)]
    assert first
    again = campaign(plan, [each.signature for each in first])
    second = {each.divergence.signature for each in again if isinstance(each, DivergenceFound)}
    assert not second & {each.signature for each in first}


def test_what_a_folder_holds_already_is_not_told_as_new(
    run: Run, counted: Callable[[int], None], tmp_path: Path
) -> None:
    counted(1)
    folder, report = tmp_path / "found", tmp_path / "report.json"
    using = ("--engines", "walker", "--workers", 1, "--output", folder, "--report-json", report)
    (folder / "of-somebody-else.json").parent.mkdir()
    (folder / "of-somebody-else.json").write_text("{}")
    target = "tests.hostile:prints_in_the_middle"
    first = run("fuzz", target, *ENDLESS, *using)
    assert first.exit_code == 1, first.output
    told = json_report.read(report)["divergences"]
    assert len(told) == len(list(folder.glob("*-*.json"))) - 1 > 0
    assert all(each["cause"] for each in told)
    again = run("fuzz", target, *ENDLESS, *using)
    assert f"{len(told)} divergences of earlier runs are not told again" in again.output
    new = json_report.read(report)["divergences"]
    assert not {each["signature"] for each in new} & {each["signature"] for each in told}


def test_the_reference_shows_nothing(
    run: Run, counted: Callable[[int], None], tmp_path: Path
) -> None:
    counted(2)
    folder = tmp_path / "new" / "folder"
    engines = ("--engines", "explorer,walker")
    result = run("fuzz", "tests.hostile:fine", *ENDLESS, *engines, "--output", folder)
    assert result.exit_code == 0, result.output
    assert [path.name for path in folder.iterdir()] == ["units.jsonl"]
    assert "0 divergences; " in result.output


def test_what_was_found_survives_the_end_of_the_harness(tmp_path: Path) -> None:
    command = [sys.executable, "-c", "from conformance.cli import main; main()", "fuzz", CRASHES]
    harness = subprocess.Popen(
        [*command, *map(str, ENDLESS), "--output", str(tmp_path)],
        cwd=_TOP,
        stdout=subprocess.DEVNULL,
        start_new_session=True,
    )
    try:
        while not list(tmp_path.glob("*.json")) and harness.poll() is None:
            time.sleep(0.05)
        workers = _children(harness.pid)
    finally:
        harness.kill()
        harness.wait()
    found = _all(tmp_path)
    assert found
    for path in tmp_path.glob("*.json"):
        jsonschema.validate(json.loads(path.read_text()), schema_named("divergence"))
    assert workers
    # They end: a test that waits for ever is one that fails.
    while any(map(_is_running, workers)):
        time.sleep(0.05)


def _children(pid: int) -> list[int]:
    return [
        int(found)
        for task in Path(f"/proc/{pid}/task").iterdir()
        for found in (task / "children").read_text().split()
    ]


def _is_running(pid: int) -> bool:
    try:
        state = Path(f"/proc/{pid}/stat").read_text().rpartition(") ")[2][0]
    except FileNotFoundError:
        return False
    return state != "Z"


def test_how_far_it_came_is_told_and_decides_nothing(
    run: Run, counted: Callable[[int], None], tmp_path: Path
) -> None:
    counted(1)
    result = run("fuzz", "ref", *ENDLESS, "--output", tmp_path, "--min-pairs", 10**6, "--quiet")
    assert result.exit_code == 0
    assert "pairs of operation and state were reached, 1000000 are demanded" in result.output


@pytest.mark.parametrize(
    ("arguments", "code", "message"),
    [
        (("ref", "--max-time", "0"), 2, "0 is not in the range"),
        (("ref", "--max-time", "-1"), 2, "-1.0 is not in the range"),
        (("ref", "--workers", "0"), 2, "0 is not in the range"),
        (("ref", "--engines", "walkers"), 2, "--engines: 'walkers' does not exist; try"),
        (("ref", "--engines", ","), 2, "--engines: ',' does not exist; try"),
        (("ref", "--seed", "x"), 2, "'x' is not a valid integer"),
        (("ref", "--baseline", "missing.toml"), 2, "missing.toml: cannot be read"),
        (("ref", "--python", "/nowhere/python"), 2, "cannot be run"),
        (("ref", "--python", "/bin/true"), 3, "the process that imports it"),
        (("no_such_package",), 2, "there is no module 'no_such_package'"),
        (("tests.hostile:factory_that_kills",), 3, "was killed by SIGKILL"),
        (("ref", "--output", "README.md"), 2, "README.md: cannot be written to"),
    ],
)
def test_bad_input_is_one_message_and_the_documented_exit_code(
    run: Run, tmp_path: Path, arguments: tuple[str, ...], code: int, message: str
) -> None:
    output = () if "--output" in arguments else ("--output", tmp_path / "found")
    result = run("fuzz", *arguments, *output)
    assert result.exit_code == code, result.output
    assert message in " ".join(result.output.replace("│", " ").split())


@pytest.mark.parametrize("text", ["", "{", '{"schema": 1}', "[]"])
def test_a_damaged_finding_is_refused(tmp_path: Path, text: str) -> None:
    path = tmp_path / "finding.json"
    path.write_text(text)
    with pytest.raises(BadFile, match="Write it again with"):
        findings.read(path)


@pytest.mark.parametrize(
    ("settings", "message"),
    [
        ({"seconds": 0}, "seconds: 0 leaves no time"),
        ({"workers": 0}, "workers: 0 is not at least 1"),
        ({"engines": ("walkers",)}, "engines: 'walkers' given; known: explorer, walker, machines"),
        ({"engines": ()}, "engines: none given; known: explorer, walker, machines"),
    ],
)
def test_a_plan_that_makes_no_sense_is_refused(settings: dict[str, object], message: str) -> None:
    with pytest.raises(ValueError, match=message):
        Plan(Sides(Launch("ref")), **settings)  # type: ignore[arg-type]
