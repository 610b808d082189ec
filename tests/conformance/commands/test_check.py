"""The command line judges targets, and ends with the documented exit codes."""

from __future__ import annotations

import json
import re
import shutil
from pathlib import Path
from xml.etree import ElementTree

import jsonschema
import pytest

from conformance.clauses import registry
from conformance.explain.clause import explain_clause, explain_operation
from conformance.files import BadFile, schema_named
from conformance.reports import json_report
from fixtures.operations import OPERATIONS
from stateful.engines.scopes import SCOPES
from stateful.engines.units import explorer
from stateful.processes.isolation import Agent
from tests.conftest import Run


def test_the_reference_passes_every_clause(run: Run, tmp_path: Path) -> None:
    report = tmp_path / "report.json"
    every = ("--strict", "--engines", "checks", "--workers", "2")
    result = run("check", "ref", *every, "--report-json", report)
    assert result.exit_code == 0, result.output
    clauses = json_report.read(report)["clauses"]
    registry.load()
    assert {clause["id"] for clause in clauses} == set(registry.CLAUSES)
    verdicts = {clause["id"]: clause["verdict"] for clause in clauses}
    assert set(verdicts.values()) <= {"pass", "unsupported"}
    for clause in clauses:
        if clause["verdict"] == "unsupported":
            assert clause["message"], clause["id"]


@pytest.mark.parametrize("target", ["persistent-c", "persistent-py"])
def test_a_release_fails_without_a_baseline_and_passes_with_its_own(
    run: Run, tmp_path: Path, target: str
) -> None:
    pytest.importorskip("persistent")
    baseline, report = tmp_path / "baseline.toml", tmp_path / "report.json"
    using = (target, "--area", "META")
    first = run("check", *using, "-v", "--report-json", report)
    assert first.exit_code == 1
    failing = [
        clause["id"]
        for clause in json_report.read(report)["clauses"]
        if clause["verdict"] == "fail" and clause["level"] == "MUST"
    ]
    assert len(failing) > 1
    for id in failing:
        assert f"{id} fail" in first.output
        assert f"persistent-conformance check {target} --clause {id}" in _joined(first.output)
    assert run("baseline", *using, "-o", baseline).exit_code == 0
    assert run("check", *using, "--baseline", baseline).exit_code == 0

    without_one = _without(baseline.read_text(), failing[0])
    baseline.write_text(without_one)
    again = run("check", *using, "--baseline", baseline)
    assert again.exit_code == 1
    assert f"not in the baseline\n  {failing[0]} " in again.output
    again = run("check", *using, "--quiet", "--baseline", baseline)
    assert f"; new: {failing[0]}" in again.output


def _joined(text: str) -> str:
    return " ".join(text.split())


def _without(text: str, id: str) -> str:
    head, *entries = text.split("[[clause]]\n")
    kept = [entry for entry in entries if f'id = "{id}"' not in entry]
    assert len(kept) == len(entries) - 1
    return "[[clause]]\n".join([head, *kept])


AREA = ("--area", "REPR")


def test_an_entry_whose_clause_passes_is_stale(run: Run, tmp_path: Path) -> None:
    baseline = tmp_path / "baseline.toml"
    baseline.write_text(
        'schema = 2\ntarget = "ref"\ninterpreters = []\n[[clause]]\nid = "REPR-01"\n'
        'verdict = "fail"\nreason = "why"\n'
        'checks = [{name = "the_oid_is_shown[0]", got = "1", digest = "0123456789ab"}]\n'
    )
    result = run("check", "ref", *AREA, "--baseline", baseline)
    assert result.exit_code == 1
    assert "stale in the baseline\n  REPR-01 the clause is pass now" in result.output
    (line,) = run("check", "ref", *AREA, "--baseline", baseline, "--quiet").output.splitlines()
    assert line.endswith("; stale in the baseline: REPR-01")


def test_an_entry_for_an_unknown_clause_is_stale(run: Run, tmp_path: Path) -> None:
    baseline = tmp_path / "baseline.toml"
    baseline.write_text(
        'schema = 2\ntarget = "ref"\ninterpreters = []\n[[clause]]\nid = "REPR-99"\n'
        'verdict = "fail"\nreason = "why"\n'
        'checks = [{name = "x", got = "1", digest = "0123456789ab"}]\n'
    )
    result = run("check", "ref", *AREA, "--baseline", baseline)
    assert result.exit_code == 1
    assert "REPR-99 there is no such clause" in result.output


def test_reports_are_valid_and_read_back(run: Run, tmp_path: Path) -> None:
    report, junit = tmp_path / "new folder" / "report.json", tmp_path / "junit.xml"
    result = run("check", "tests.hostile:fine", *AREA, "--report-json", report, "--junitxml", junit)
    assert result.exit_code == 0
    data = json_report.read(report)
    assert data["implementation"]["name"] == "fine"
    assert data["summary"]["executed"] > 10
    suite = ElementTree.parse(junit).getroot()[0]
    names = {case.get("name") for case in suite.iter("testcase")}
    registry.load()
    assert names == {check for check in registry.CHECKS if check.startswith("REPR-")}
    properties = {each.get("name"): each.get("value") for each in suite[0].iter("property")}
    assert properties["clause"] == "REPR-01"
    assert properties["level"] == "MUST"


def test_a_failing_check_comes_with_its_trace(run: Run, tmp_path: Path) -> None:
    report, junit = tmp_path / "report.json", tmp_path / "junit.xml"
    target = "tests.wrong.targets:wrong_new_object"
    result = run(
        "check", target, "--clause", "STATE-01", "--report-json", report, "--junitxml", junit
    )
    assert result.exit_code == 1
    for text in ("STATE-01 fail", "create a, an unsaved Plain", "expected", "got"):
        assert text in result.output
    checks = json_report.read(report)["clauses"][0]["checks"]
    check = next(each for each in checks if each["name"] == "a_new_object_is_unsaved")
    assert check["trace"]["operations"][0]["op"] == "create"
    jsonschema.validate(check["trace"], schema_named("trace"))
    assert ElementTree.parse(junit).find(".//failure") is not None


@pytest.mark.parametrize("text", ["", "{", '{"schema": 1}', '{"schema": 1, "suite": {}}'])
def test_a_truncated_report_is_refused(tmp_path: Path, text: str) -> None:
    path = tmp_path / "report.json"
    path.write_text(text)
    with pytest.raises(BadFile, match="Write it again with"):
        json_report.read(path)


_MORE, _WAITS = "and used more and more CPU", "and waited for something"


@pytest.mark.parametrize(
    ("target", "named"),
    [
        ("aborts", "was killed by SIGABRT"),
        ("exits", "ended by itself with exit code 7"),
        ("hangs", _WAITS),
        ("deadlocks", _WAITS),
        ("looks_for_ever", _WAITS),
        ("spins", _MORE),
        ("spins_in_c", _MORE),
        ("stops", "was stopped by a signal"),
        ("leaves_a_child", "ended by itself with exit code 7"),
        ("closes_everything", "ended by itself with exit code 1"),
        ("closes_everything_and_waits", _WAITS),
        ("eats_memory", "MemoryError"),
        ("reads", "EOFError"),
        ("raises_system_exit", "SystemExit"),
    ],
)
def test_a_check_that_the_process_does_not_survive_fails_and_costs_itself_only(
    run: Run, tmp_path: Path, target: str, named: str
) -> None:
    report, junit = tmp_path / "report.json", tmp_path / "junit.xml"
    using = (f"tests.hostile:{target}_when_activated", "--timeout", "0.5")
    both = ("--clause", "HOOK-08", "--clause", "CACHE-12", "--workers", "1")
    files = ("--report-json", report, "--junitxml", junit)
    result = run("check", *using, *both, *files)
    assert result.exit_code == 1, result.output
    clauses = {clause["id"]: clause for clause in json_report.read(report)["clauses"]}
    assert clauses["HOOK-08"]["verdict"] == "pass"
    assert clauses["CACHE-12"]["verdict"] == "fail"
    assert named in clauses["CACHE-12"]["message"]
    assert named in _joined(result.output)
    assert "CACHE-12 fail" in result.output
    cases = ElementTree.parse(junit).getroot()[0]
    outcomes = [cases.get(name) for name in ("failures", "errors", "skipped")]
    assert outcomes == [str(len(clauses["CACHE-12"]["checks"])), "0", "0"]


def test_a_check_that_the_process_does_not_survive_gates_at_any_level(
    run: Run, tmp_path: Path
) -> None:
    target, baseline = "tests.hostile:aborts_when_activated", tmp_path / "baseline.toml"
    may = ("--clause", "ACT-23", "--clause", "HOOK-08")
    result = run("check", target, *may)
    assert result.exit_code == 1, result.output
    assert "was killed by SIGABRT" in result.output
    assert run("baseline", target, *may, "-o", baseline).exit_code == 0
    assert run("check", target, *may, "--baseline", baseline).exit_code == 0


@pytest.mark.parametrize("target", ["factory_that_spins", "factory_that_waits"])
def test_a_target_that_hangs_while_it_is_imported_is_one_message(
    run: Run, monkeypatch: pytest.MonkeyPatch, target: str
) -> None:
    monkeypatch.setattr(Agent, "STARTING", 1.0)
    result = run("check", f"tests.hostile:{target}", "--clause", "STATE-01")
    assert result.exit_code == 3
    assert "the process that imports it did not answer" in _joined(result.output)


def test_what_an_implementation_lacks_is_unsupported_and_the_floor_is_missed(run: Run) -> None:
    result = run("check", "tests.hostile:only_persistent", "--clause", "RING-01")
    assert result.exit_code == 3
    assert "only 0 checks were executed" in result.output
    assert "bare has no part 'cache'" in _joined(result.output)


@pytest.mark.parametrize(
    ("arguments", "code", "message"),
    [
        (("check", "no_such_package"), 2, "there is no module 'no_such_package'"),
        (("check", "json"), 2, "has no class Persistent"),
        (("check", "tests.hostile:missing"), 2, "has no attribute 'missing'"),
        (("check", "tests.hostile:factory_that_raises"), 3, "the licence has expired"),
        (("check", "tests.hostile:factory_that_kills"), 3, "was killed by SIGKILL"),
        (("check", "ref", "--python", "/nowhere/python"), 2, "cannot be run"),
        (("check", "ref", "--area", "STATES"), 2, "--area: 'STATES' does not exist; try STATE"),
        (("check", "ref", "--clause", "ACT-1"), 2, "--clause: 'ACT-1' does not exist; try ACT-"),
        (("check", "ref", "--clause", "ACT-01", "--level", "MAY"), 2, "leave no clause"),
        (("check", "ref", "--level", "WOULD"), 2, "'WOULD' is not one of"),
        (("check", "ref", "--workers", "0"), 2, "0 is not in the range"),
        (("check", "ref", "--min-checks", "0"), 2, "0 is not in the range"),
        (("check", "ref", "--baseline", "missing.toml"), 2, "missing.toml: cannot be read"),
        (("check",), 2, "Missing argument"),
        (("baseline", "ref"), 2, "Missing option"),
        (("explain", "STATE-1"), 2, "neither a clause nor an operation; try STATE-"),
    ],
)
def test_bad_input_is_one_message_and_the_documented_exit_code(
    run: Run, arguments: tuple[str, ...], code: int, message: str
) -> None:
    result = run(*arguments)
    assert result.exit_code == code
    assert message in _joined(result.output.replace("│", " "))


@pytest.mark.parametrize("bad", ["report_json", "junitxml"])
def test_a_report_that_cannot_be_written_is_an_error(run: Run, tmp_path: Path, bad: str) -> None:
    (tmp_path / "file").write_text("in the way")
    option = f"--{bad.replace('_', '-')}"
    result = run("check", "ref", "--clause", "STATE-01", option, tmp_path / "file" / "report")
    assert result.exit_code == 2
    assert "cannot be written" in result.output


def test_quiet_prints_the_verdict_only(run: Run) -> None:
    result = run("check", "ref", "--clause", "STATE-01", "--quiet")
    (line,) = result.output.splitlines()
    assert "conformant - 1 pass; " in line


def test_settings_stand_in_pyproject_and_the_command_line_wins(
    run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "pyproject.toml").write_text(
        "[tool.persistent-conformance]\nquiet = true\n[tool.persistent-conformance.check]\n"
        'clause = ["STATE-01"]\n'
    )
    monkeypatch.chdir(tmp_path)
    assert "1 pass; " in run("check", "ref").output
    both = run("check", "ref", "--clause", "STATE-01", "--clause", "STATE-02").output
    assert "2 pass" in both
    monkeypatch.setenv("PERSISTENT_CONFORMANCE_CHECK_CLAUSES", "STATE-03")
    assert "1 pass; " in run("check", "ref").output
    (tmp_path / "pyproject.toml").write_text("[tool.persistent-conformance]\nclauze = 1\n")
    result = run("check", "ref")
    assert result.exit_code == 2
    assert "pyproject.toml" in result.output
    assert "clauze" in result.output


@pytest.mark.parametrize(
    ("settings", "named"),
    [
        ("workerz = 3", "'workerz' does not exist; try workers"),
        ("xyz = 3", "'xyz' does not exist; try accepted, annotations,"),
        ("[tool.persistent-conformance.check]\nstrickt = true", "'strickt' does not exist"),
        ("[tool.persistent-conformance.replay]\nquiet = true", "'replay' does not exist"),
        ('timeout = "soon"', "timeout"),
        ("report_json = 1", "report-json"),
    ],
)
def test_a_wrong_setting_is_named_with_what_exists(
    settings: str, named: str, run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "pyproject.toml").write_text(f"[tool.persistent-conformance]\n{settings}\n")
    monkeypatch.chdir(tmp_path)
    result = run("check", "ref", "--clause", "STATE-01")
    assert result.exit_code == 2
    assert named in result.output


def test_settings_may_have_underscores(
    run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "pyproject.toml").write_text(
        '[tool.persistent-conformance]\nreport_json = "it.json"\nclause = "STATE-01"\n'
    )
    monkeypatch.chdir(tmp_path)
    assert run("check", "ref").exit_code == 0
    assert (tmp_path / "it.json").exists()


def test_an_address_is_no_difference(run: Run) -> None:
    result = run("compare", "persistent-py", "persistent-py", "--clause", "GC-08")
    assert result.exit_code == 0, result.output


def test_a_module_is_judged_as_the_package(run: Run, small: None) -> None:
    result = run("check", "tests.hostile:persistent_ref", "--engines", "walker")
    assert result.exit_code == 0, result.output
    result = run("check", "tests.hostile:persistent_ref", "--area", "REPR", "--strict")
    assert result.exit_code == 0, result.output


def test_an_adapter_in_the_current_folder_is_found_in_every_process(
    small: None, run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    adapter = Path(__file__).parents[3] / "docs" / "examples" / "my_adapter.py"
    shutil.copy(adapter, tmp_path / "adapter_of_mine.py")
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(explorer, "SCOPES", {"callbacks": SCOPES["callbacks"]})
    engines = ("--clause", "TRANS-12", "--engines", "checks,explorer,walker")
    result = run("check", "adapter_of_mine:bare", *engines)
    assert result.exit_code == 0, result.output


def test_targets_are_listed(run: Run) -> None:
    output = run("targets").output
    for name in ("ref", "persistent-c", "persistent-py"):
        assert name in output


def test_a_clause_is_explained(run: Run) -> None:
    output = run("explain", "state-01").output
    assert output.startswith("STATE-01 (MUST)\n")
    assert "Source: persistent.interfaces, IPersistent, Unsaved <https://github.com/" in output
    assert 'Source: documentation of persistent, 1.3 "Persistent objects without a Data' in output
    assert "create a, an unsaved Plain" in output
    assert "ref: as the clause says" in output


def test_an_explanation_shows_what_is_observed_and_who_fails(run: Run) -> None:
    output = " ".join(run("explain", "ACT-16").output.split())
    assert "calls setstate a in state 1; setstate done a in state 1; a.state = 0;" in output
    assert "persistent-c 6.9: fails: With a jar that has no cache" in output
    assert "persistent-py 6.9: no failure is known" in output


def test_an_operation_is_explained_with_an_example(run: Run) -> None:
    _, _, example = run("explain", "invalidate").output.partition("\nExample (")
    steps = [line for line in example.splitlines() if line.startswith("  ") and line[2] != " "]
    assert steps[-1] == "  call a._p_invalidate()"
    assert "a.state = -1" in example.partition(steps[-1])[2]


def test_every_clause_and_operation_can_be_explained() -> None:
    registry.load()
    for id, clause in list(registry.CLAUSES.items())[::7]:
        assert id in explain_clause(clause)
    for name, operation in OPERATIONS.items():
        assert name in explain_operation(operation)


def test_the_schemas_are_schemas() -> None:
    ending = ".schema.json"
    folder = Path(__file__).parents[3] / "conformance" / "schemas"
    names = {file.name.removesuffix(ending) for file in folder.glob(f"*{ending}")}
    assert names >= {"baseline", "report", "trace", "pyproject"}
    for name in names:
        jsonschema.Draft202012Validator.check_schema(schema_named(name))


def test_the_report_in_the_terminal_is_plain_where_it_is_no_terminal(run: Run) -> None:
    assert "\x1b" not in run("check", "ref", "--clause", "STATE-01").output


def test_json_is_ascii(run: Run, tmp_path: Path) -> None:
    report = tmp_path / "report.json"
    run("check", "ref", "--clause", "ATTR-21", "--report-json", report)
    assert json.loads(report.read_bytes().decode("ascii"))["clauses"]


@pytest.mark.usefixtures("small")
def test_a_baseline_that_was_just_written_holds_for_any_engines_and_seed(
    run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    target, path = "tests.wrong.targets:wrong_new_object", tmp_path / "baseline.toml"
    monkeypatch.setenv("PYTHONHASHSEED", "1")
    assert run("baseline", target, "--engines", "corpus,walker", "-o", path).exit_code == 0
    text = path.read_text()
    assert text.count("[[divergence]]") > 1
    monkeypatch.setenv("PYTHONHASHSEED", "2")
    for engines in ("corpus,walker", "walker"):
        result = run("check", target, "--engines", engines, "--baseline", path)
        assert result.exit_code == 0, result.output
    # What each of the entries says that was seen is held to.
    path.write_text(re.sub('digest = "[0-9a-f]{4}', 'digest = "0000', text, count=1))
    result = run("check", target, "--engines", "walker", "--baseline", path)
    assert result.exit_code == 1
    assert "changed: expected" in result.output
    result = run("check", "ref", "--engines", "walker", "--quiet", "--baseline", path)
    assert result.exit_code in (1, 2)
