"""`init` writes what a repository needs, ready to run, and leaves alone what is there."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest
import yaml

from conformance.commands.starting.adapter import adapter_for
from conformance.commands.starting.workflow import workflow
from fixtures.targets import TargetError
from tests.conftest import Run

_SOURCE = Path(__file__).parents[3] / "docs" / "examples" / "small_implementation.py"
_ONE = ("--clause", "STATE-01", "--workers", "1")


def _repository(folder: Path, name: str) -> None:
    (folder / name).mkdir()
    (folder / name / "__init__.py").write_text(_SOURCE.read_text())
    (folder / name / "mapping.py").write_text(
        f"from {name} import Persistent\nclass PersistentMapping(Persistent): pass\n"
    )


def test_what_init_writes_runs(run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "path", list(sys.path))
    _repository(tmp_path, "mine_to_begin")
    result = run("init", "mine_to_begin:Persistent", "--folder", tmp_path, *_ONE)
    assert result.exit_code == 0, result.output
    assert "adapter: conformance_adapter.py, with persistent, mapping" in result.output
    assert "has mapping" in result.output
    assert "no cache: what needs it is unsupported" in result.output
    made = yaml.safe_load((tmp_path / ".github/workflows/conformance.yml").read_text())
    steps = made["jobs"]["conformance"]["steps"]
    command = steps[-1]["run"]
    assert result.output.splitlines()[-1] == f"now: {command}"
    judged = run(*command.split()[1:], *_ONE)
    assert "mine_to_begin" in judged.output
    adapter = tmp_path / "conformance_adapter.py"
    adapter.write_text("# mine\n" + adapter.read_text())
    again = run("init", "mine_to_begin:Persistent", "--folder", tmp_path, *_ONE)
    assert "conformance_adapter.py: is there, and stays as it is" in again.output
    assert adapter.read_text().startswith("# mine\n")


def test_a_package_in_the_layout_needs_no_adapter() -> None:
    assert adapter_for("persistent_ref") is None
    assert adapter_for("tests.hostile:fine") is None


@pytest.mark.parametrize("target", ["no_such_package:X", "persistent_ref:NoSuchClass"])
def test_what_cannot_be_imported_is_one_clear_error(target: str) -> None:
    with pytest.raises(TargetError, match=r"package\.module:Class"):
        adapter_for(target)


def test_a_released_distribution_stands_beside_it_in_ci() -> None:
    made = yaml.safe_load(workflow("mine", "mine-on-the-index", None))
    *_, installed, checked = (each.get("run", "") for each in made["jobs"]["conformance"]["steps"])
    assert installed.endswith("pip install mine-on-the-index")
    assert checked == "persistent-conformance check mine --accepted mine@released/bin/python"
