"""`explore` survives its target, leaves what it finds on disk, and goes on from a file."""

from __future__ import annotations

import json
from pathlib import Path

import jsonschema
import pytest

from conformance.files import schema_named
from conformance.judging import findings
from stateful.lockstep.divergence import CRASH
from tests.conftest import Run

CRASHES = "tests.hostile:crashes_in_the_middle"
FINE = "tests.hostile:fine"


def test_a_target_that_agrees_is_explored_to_its_depth(run: Run, tmp_path: Path) -> None:
    graph = tmp_path / "graph.json"
    result = run(
        "explore", FINE, "--scope", "two", "--scope", "timestamps", "--depth", 1,
        "--output", tmp_path / "found", "--graph", graph,
    )  # fmt: skip
    assert result.exit_code == 0, result.output
    assert "0 divergences; 2 of 2 scopes explored" in result.output
    assert list((tmp_path / "found").iterdir()) == []
    data = json.loads(graph.read_text())
    jsonschema.validate(data, schema_named("graph"))
    assert [each["scope"] for each in data["graphs"]] == ["two", "timestamps"]


def test_each_divergence_is_a_file_and_in_the_report(run: Run, tmp_path: Path) -> None:
    command = ("explore", CRASHES, "--scope", "two", "--depth", 1, "--output", tmp_path)
    result = run(*command)
    assert result.exit_code == 1, result.output
    found = [findings.read(path) for path in sorted(tmp_path.glob("*.json"))]
    fields = {(each.signature.operation, each.signature.field) for each in found}
    assert ("incrgc", "value") in fields
    assert ("mru", CRASH) in fields
    for each in found:
        assert result.output.count(str(each.signature)) == 1
        assert each.trace.words()[-1] in result.output.replace("\n", "")
    assert f"{len(found)} divergences; 1 of 1 scopes explored" in result.output
    again = run(*command[:-1], tmp_path / "again")
    names = [sorted(path.name for path in each.glob("*.json")) for each in
             (tmp_path, tmp_path / "again")]  # fmt: skip
    assert again.exit_code == 1
    assert names[0] == names[1]


def test_it_goes_on_from_a_file_and_deeper(run: Run, tmp_path: Path) -> None:
    journal = tmp_path / "journal"
    command = (
        "explore", CRASHES, "--scope", "two", "--output", tmp_path / "f", "--resume", journal
    )  # fmt: skip
    first = run(*command, "--depth", 1)
    size = journal.stat().st_size
    same = run(*command, "--depth", 1)
    assert first.exit_code == same.exit_code == 1
    assert "earlier" not in first.output
    count = len(list((tmp_path / "f").glob("*.json")))
    assert f"{count} divergences, {count} of them earlier; 1 of 1" in same.output
    assert "0 processes lost" in same.output
    assert journal.stat().st_size == size
    deeper = run(*command, "--depth", 2)
    assert deeper.exit_code == 1
    assert journal.stat().st_size > size


@pytest.mark.parametrize(
    ("content", "problem"),
    [
        (b"", "it is empty"),
        (b"garbage\n", "line 1"),
        (b'{"schema": 1, "target": "another"}\n', "is about the target 'another'"),
    ],
)
def test_a_file_that_is_no_journal_is_one_clear_error(
    run: Run, tmp_path: Path, content: bytes, problem: str
) -> None:
    path = tmp_path / "journal"
    path.write_bytes(content)
    result = run("explore", FINE, "--resume", path, "--output", tmp_path / "found")
    assert result.exit_code == 2
    assert problem in result.stderr
    assert str(path) in result.stderr
    assert path.read_bytes() == content


def test_a_scope_that_does_not_exist_is_one_clear_error(run: Run, tmp_path: Path) -> None:
    result = run("explore", FINE, "--scope", "to", "--output", tmp_path)
    assert result.exit_code == 2
    assert "--scope: 'to' does not exist; try two" in result.stderr


def test_a_target_that_does_not_start_is_not_judged(run: Run, tmp_path: Path) -> None:
    result = run("explore", "tests.hostile:factory_that_raises", "--output", tmp_path)
    assert result.exit_code == 3
    assert "the licence has expired" in result.stderr


def test_what_has_nothing_to_try_is_not_judged(run: Run, tmp_path: Path) -> None:
    result = run(
        "explore", "tests.hostile:only_persistent", "--scope", "timestamps", "--output", tmp_path
    )
    assert result.exit_code == 3, result.output
