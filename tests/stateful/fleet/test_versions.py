"""What a worker has is told apart by what is in the files, and not by their versions alone."""

from __future__ import annotations

import importlib
from pathlib import Path

import pytest

from fixtures.implementation import Implementation
from fixtures.targets import load, sources_digest
from stateful.fleet.versions import differing, versions
from stateful.processes.isolation import Launch


def test_a_digest_stands_for_the_sources_of_a_target(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    package = tmp_path / "package_of_a_fleet"
    package.mkdir()
    (package / "__init__.py").write_text("")
    (package / "base.py").write_text("class Persistent:\n    pass\n")
    (package / "beside.py").write_text("one = 1\n")
    monkeypatch.syspath_prepend(tmp_path)
    made = importlib.import_module("package_of_a_fleet.base").Persistent
    target = Implementation(name="it", version="1", persistent=made)
    first = sources_digest(target)
    assert first == sources_digest(target)
    (package / "beside.py").write_text("one = 2\n")
    assert sources_digest(target) != first


def test_what_is_written_in_c_has_none() -> None:
    assert (
        sources_digest(
            Implementation(
                name="it",
                version="1",
                persistent=type(
                    "It",
                    (),
                    {
                        "__module__": "_struct",
                    },
                ),
            )
        )
        == ""
    )


def test_harness_python_and_target_are_named() -> None:
    here = versions([Launch("ref")])
    ref = load("ref")
    assert here["ref"].startswith(f"{ref.name} {ref.version} (")
    assert set(here) == {"persistent-conformance", "Python", "hypothesis", "ref"}
    assert differing(here, here) == ""
    there = {**here, "Python": "CPython 2.7"}
    del there["ref"]
    told = differing(here, there)
    assert f"Python is CPython 2.7 there, and {here['Python']} here" in told
    assert "ref is none there" in told
