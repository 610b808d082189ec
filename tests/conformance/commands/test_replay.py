"""Replay says FIXED, DIVERGES or ERROR of every kind of file, and ends with what that means."""

from __future__ import annotations

import json
import sys
from pathlib import Path

import jsonschema
import pytest

from conformance.files import schema_named
from conformance.judging.findings import dumps
from fixtures.operations.table import step
from fixtures.recording import record
from fixtures.targets import load
from fixtures.world import trace_json
from stateful.engines.walker import walk
from stateful.lockstep.divergence import Divergence, Signature
from stateful.lockstep.lockstep import quiet_garbage, replay
from stateful.processes.isolation import Launch
from stateful.replay.corpus import FOLDER
from stateful.replay.replaying import DIVERGES, ERROR, FIXED, Replayer
from stateful.traces.trace import Trace
from tests.conftest import Run
from tests.wrong import load_all, make

load_all()

_STEPS = (step("ghost", "a"), step("activate", "a"), step("minimize"))
_FOUND = Divergence(
    Signature("minimize", "cache: saved", "value"), Trace({}, _STEPS), 2, "None", "0"
)
_COUNTS = "tests.traced:returns_a_count_from_sweeps"
_FINE = "tests.hostile:fine"


@pytest.fixture
def file(tmp_path: Path) -> Path:
    path = tmp_path / "found.json"
    path.write_text(dumps(_FOUND, _COUNTS))
    return path


def test_a_divergence_is_seen_and_is_gone(run, file: Path) -> None:
    result = run("replay", file, "--target", _COUNTS)
    assert result.exit_code == 1
    assert result.output.splitlines() == [
        f"DIVERGES {file}",
        " signature  minimize | cache: saved | value",
        "      done  make a, a ghost Plain of jar whose stored state is None",
        "            call a._p_activate()",
        "            call jar._cache.minimize()",
        "  expected  None",
        "       got  0",
        f"counts 0 on CPython {sys.version.split()[0]}: 0 FIXED, 1 DIVERGES, 0 ERROR",
    ]
    result = run("replay", file, "--target", _FINE, "--quiet")
    assert result.exit_code == 0
    assert result.output.splitlines()[0] == f"FIXED {file}"


def test_another_interpreter_is_used(run, file: Path) -> None:
    result = run("replay", file, "--target", _COUNTS, "--python", sys.executable, "--quiet")
    assert result.exit_code == 1


def test_traces_and_recordings_are_replayed_too(run, tmp_path: Path) -> None:
    trace = tmp_path / "trace.json"
    trace.write_text(_FOUND.trace.dumps())
    recording = FOLDER / "sticky-object-resists.json"
    result = run("replay", trace, recording, "--target", _COUNTS, "--quiet")
    assert result.exit_code == 1
    assert "0 FIXED, 2 DIVERGES, 0 ERROR" in result.output
    result = run("replay", trace, recording, "--target", _FINE, "--quiet")
    assert result.exit_code == 0
    assert "2 FIXED" in result.output


def test_a_divergence_that_became_another_one_is_told(run, tmp_path: Path) -> None:
    other = Divergence(
        Signature("activate", "Plain ghost cached", "error"), _FOUND.trace, 2, "", ""
    )
    path = tmp_path / "other.json"
    path.write_text(dumps(other, _COUNTS))
    result = run("replay", path, "--target", _COUNTS)
    assert result.exit_code == 1
    assert "       was  activate | Plain ghost cached | error" in result.output.splitlines()


def test_a_crash_and_a_hang_are_divergences(run, file: Path) -> None:
    result = run("replay", file, "--target", "tests.hostile:aborts_when_activated")
    assert result.exit_code == 1
    assert " signature  activate | Plain ghost cached | crash" in result.output
    assert "       got  was killed by SIGABRT" in result.output
    hangs = ("--target", "tests.hostile:hangs_when_activated", "--timeout", "2")
    result = run("replay", file, *hangs)
    assert result.exit_code == 1
    assert "       got  did not answer, and waited for something" in result.output


def test_what_cannot_be_judged_is_an_error(run, file: Path) -> None:
    result = run("replay", file, "--target", "tests.hostile:only_persistent")
    assert result.exit_code == 3
    assert f"ERROR {file}: bare has no part 'cache'" in result.output


def test_a_damaged_file_is_an_error_and_the_others_are_replayed(run, file: Path) -> None:
    bad = file.with_name("bad.json")
    bad.write_text(file.read_text()[:100])
    result = run("replay", bad, file, "--target", _FINE)
    assert result.exit_code == 2
    assert f"ERROR {bad}: damaged or truncated" in result.output
    assert "1 FIXED, 0 DIVERGES, 1 ERROR" in result.output
    assert run("replay", bad, file, "--target", _COUNTS).exit_code == 1


@pytest.mark.parametrize(
    "text",
    [
        "[]",
        "{}",
        '{"schema": 1, "world": {}, "operations": []}',
        '{"schema": 1, "world": {"odd": 1}, "operations": [{"op": "collect"}]}',
        '{"signature": "no", "trace": {}}',
        "\udcff",
    ],
)
def test_what_is_nothing_to_replay_is_refused(run, tmp_path: Path, text: str) -> None:
    path = tmp_path / "it.json"
    path.write_bytes(text.encode("utf-8", "surrogateescape"))
    result = run("replay", path, "--target", "ref")
    assert result.exit_code == 2
    assert f"ERROR {path}: " in result.output


def test_a_folder_stands_for_its_files(run, file: Path, tmp_path: Path) -> None:
    result = run("replay", file.parent, "--target", _COUNTS, "--quiet")
    assert (result.exit_code, "1 DIVERGES" in result.output) == (1, True)
    empty = tmp_path / "empty"
    empty.mkdir()
    result = run("replay", empty, "--target", _COUNTS)
    assert result.exit_code == 2
    assert "without JSON files" in result.output


@pytest.mark.parametrize(
    ("options", "code"),
    [
        (("--target", "no_such_package"), 2),
        (("--target", "tests.hostile:factory_that_raises"), 3),
        (("--target", "ref", "--python", "/nowhere/python"), 2),
        (("--target", "ref", "--timeout", "0"), 2),
        ((), 2),
    ],
)
def test_wrong_usage_is_one_message(run, file: Path, options: tuple[str, ...], code: int) -> None:
    result = run("replay", file, *options)
    assert result.exit_code == code
    assert "Traceback" not in result.output


def test_replay_sees_what_lock_step_sees() -> None:
    """Recordings are compared like worlds: the same step, the same field, in the same words."""
    reference = load("ref")
    compared = 0
    for target in ("records_no_access", "wrong_load_failure", "returns_a_count_from_sweeps"):
        implementation = load(f"tests.traced:{target}")
        found = [
            each
            for seed in (1, 2)
            for each in walk(reference, implementation, seed, 600).divergences[:4]
        ]
        with Replayer(Launch(f"tests.traced:{target}")) as replayer:
            for each in found:
                with quiet_garbage():
                    seen = replay(reference, implementation, each.trace, known=each.despite)
                result = replayer.replay_divergence(each)
                assert (result.verdict, seen is not None) == (DIVERGES, True), each.signature
                assert result.found is not None
                assert result.found.signature == each.signature
                compared += 1
    assert compared >= 6


def test_the_reference_never_diverges_from_itself() -> None:
    with Replayer(Launch("ref")) as replayer:
        found = walk(load("ref"), make("records no access"), 3, 3000).divergences
        assert [replayer.replay_divergence(each).verdict for each in found] == [FIXED] * len(found)


def test_recordings_tell_where_they_stopped() -> None:
    bare = load("tests.hostile:only_persistent")
    done = record(bare, trace_json({}, (step("create", "a"), step("minimize"))))
    assert "no part 'cache'" in done["unsupported"]
    assert done["steps"] == []
    with Replayer(Launch("tests.hostile:only_persistent")) as replayer:
        assert replayer.replay(Trace({}, _STEPS)).verdict == ERROR


def test_explain_tells_of_a_divergence(run, file: Path) -> None:
    result = run("explain", file)
    assert result.exit_code == 0
    for line in (
        "minimize | cache: saved | value",
        "      done  call <jar>._cache.minimize()",
        "        to  a cache that holds objects: saved",
        "   differs  what it returns",
        "  3. call jar._cache.minimize()",
        "  expected  None",
        f"Replay it: persistent-conformance replay {file} --target TARGET",
    ):
        assert line in result.output.splitlines(), line
    assert run("explain", str(_FOUND.signature)).exit_code == 0
    assert run("explain", FOLDER / "two-jars.json").exit_code == 0
    for bad in ("nonsense | a | b", "a | b", "missing.json"):
        assert run("explain", bad).exit_code == 2
    file.write_text(json.dumps({"signature": "nonsense | a | b"}))
    assert run("explain", file).exit_code == 2


def test_both_sides_are_recorded_for_who_wants_to_look(run: Run, tmp_path: Path) -> None:
    file = tmp_path / "trace.json"
    file.write_text(Trace({}, _STEPS).dumps())
    folder = tmp_path / "recorded"
    assert run("replay", file, "--target", _COUNTS, "--record", folder).exit_code == 1
    written = folder / "trace.json"
    data = json.loads(written.read_text())
    jsonschema.validate(data, schema_named("recording"))
    assert data["target"] == "counts 0"
    assert data["expected"][-1]["does"] == "returns None"
    assert data["actual"]["steps"][-1]["does"] == "returns 0"
    # It is a recording like any other.
    assert run("replay", written, "--target", "ref").exit_code == 0
    assert run("replay", written, "--target", _COUNTS).exit_code == 1
    twice = run("replay", file, file, "--target", _COUNTS, "--record", folder)
    assert twice.exit_code == 2
    assert "another trace of this name" in twice.output
