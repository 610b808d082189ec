"""What of a target's source was performed is told by names that hold on every machine."""

from __future__ import annotations

import importlib
from pathlib import Path

import pytest

from fixtures.implementation import Implementation
from fixtures.targets import load, python_sources
from stateful.engines.units.walker import walker_unit
from stateful.processes.events import SourcePerformed, SourceReached, UnitEvent
from stateful.processes.isolation import Launch
from stateful.processes.pools.source import reached, with_source
from stateful.processes.source import name_of, path_of, places_of
from stateful.processes.supervisor import Supervisor


def test_a_file_has_the_same_name_wherever_its_package_is() -> None:
    here = {
        "package": "/here/package",
        "package.below": "/here/package/below",
        "one": "/here/one.py",
    }
    there = {name: place.replace("here", "there") for name, place in here.items()}
    for path in ("package/base.py", "package/below/base.py", "one.py"):
        name = name_of(f"/here/{path}", here)
        assert name is not None
        assert path_of(name, there) == f"/there/{path}"
    assert name_of("/here/packages/base.py", here) is None
    assert name_of("/here/other.py", here) is None


def test_of_a_module_in_no_package_only_the_file_is_a_source(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    (tmp_path / "alone_in_a_file.py").write_text("class Persistent:\n    x = 1\n")
    (tmp_path / "beside_it.py").write_text("x = 1\n")
    monkeypatch.syspath_prepend(tmp_path)
    made = importlib.import_module("alone_in_a_file").Persistent
    target = Implementation(name="it", version="1", persistent=made)
    file = str((tmp_path / "alone_in_a_file.py").resolve())
    assert python_sources(target) == places_of(target) == {"alone_in_a_file": file}


def test_a_target_in_c_has_no_source() -> None:
    assert places_of(load("persistent-c")) == {}


def test_lines_and_branches_are_those_that_were_performed(tmp_path: Path) -> None:
    file = tmp_path / "it.py"
    file.write_text("def f(x):\n    if x:\n        return 1\n    return 2\n\nf(1)\n")
    told = reached({str(file): {(-1, 1), (1, 6), (6, -1), (-1, 2), (2, 3), (3, -1)}})
    assert told.files["it.py"] == {
        "lines": 5,
        "lines_reached": 4,
        "branches": 2,
        "branches_reached": 1,
        "missing": [4],
    }


def _told(target: str, cover: bool) -> list[UnitEvent]:
    with Supervisor(1) as supervisor:
        return list(supervisor.run([walker_unit(target, 0, 50)], cover=cover))


def test_a_unit_that_is_asked_tells_before_its_end_what_it_performed() -> None:
    assert not [each for each in _told("ref", cover=False) if isinstance(each, SourcePerformed)]
    told = _told("ref", cover=True)
    assert isinstance(told[-2], SourcePerformed)
    *rest, last = with_source(told, Launch("ref"))
    assert rest == [*told[:-2], told[-1]]
    assert isinstance(last, SourceReached)
    assert last.source is not None
    assert last.source.counts()["lines_reached"] > 0


def test_nothing_is_reached_of_the_source_of_a_target_in_c() -> None:
    told = _told("persistent-c", cover=True)
    assert list(with_source(told, Launch("persistent-c"))) == [*told, SourceReached(None)]
