"""What CI runs, in a project that stands for an implementer's: exit codes, files, annotations."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import pytest
import yaml

from conformance.clauses.registry import CLAUSES, load
from conformance.judging.events import CheckFinished, Subject
from conformance.judging.judgement import judge
from conformance.judging.verdicts import ClauseResult, Results
from conformance.reports import annotations, json_report, markdown
from conformance.reports.declared import Judged

TOP = Path(__file__).parents[3]
SAMPLE = TOP / "tests" / "sample_project"
ACTION = yaml.safe_load((TOP / "action.yml").read_text())
FAULT = "            return own(self)"
FILES = ("report.json", "junit.xml", "summary.md", "page.html", "badge.svg", "annotations.txt")


@dataclass(frozen=True)
class Done:
    """What a job left behind."""

    code: int
    log: str
    outputs: str
    summary: str
    project: Path

    @property
    def files(self) -> set[str]:
        folder = self.project / "conformance-report"
        return {str(each.relative_to(folder)) for each in folder.rglob("*") if each.is_file()}


@pytest.fixture
def project(tmp_path: Path) -> Path:
    """A copy of the sample project."""
    folder = tmp_path / "project"
    shutil.copytree(SAMPLE, folder, ignore=shutil.ignore_patterns("__pycache__"))
    return folder


def _environment(project: Path) -> dict[str, str]:
    """Our command is where the action has installed it; a part of the clauses is enough here."""
    installed = project.parent / "persistent-conformance" / "bin"
    installed.mkdir(parents=True, exist_ok=True)
    command = installed / "persistent-conformance"
    if not command.exists():
        command.symlink_to(Path(sys.executable).with_name("persistent-conformance"))
    for name in ("output", "summary"):
        (project.parent / name).touch()
    return {
        **os.environ,
        "RUNNER_TEMP": str(project.parent),
        "GITHUB_OUTPUT": str(project.parent / "output"),
        "GITHUB_STEP_SUMMARY": str(project.parent / "summary"),
        "PATH": f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}",
        "PYTHONPATH": str(TOP),
        "PERSISTENT_CONFORMANCE_CHECK_AREAS": "REPR",
    }


def _bash(script: str, project: Path, env: dict[str, str]) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        ["bash", "--noprofile", "--norc", "-eo", "pipefail", "-c", script],
        cwd=project,
        env=env,
        capture_output=True,
        text=True,
        check=False,
    )


def _step(name: str) -> dict[str, Any]:
    return next(step for step in ACTION["runs"]["steps"] if step["name"] == name)


def _run_action(project: Path, **inputs: str) -> Done:
    """Do what the runner does with the shell steps that judge, as the sample's workflow says."""
    workflow = yaml.safe_load((project / ".github" / "workflows" / "conformance.yml").read_text())
    used = workflow["jobs"]["conformance"]["steps"][-1]["with"]
    values = {name: declared.get("default") for name, declared in ACTION["inputs"].items()}
    values |= used | inputs
    env = _environment(project)
    given = _step("Judge")["env"]
    for name, text in given.items():
        env[name] = re.sub(r"\$\{\{ inputs\.(\w+) \}\}", lambda found: values[found[1]], text)
        assert "${{" not in env[name]
    judged = _bash(_step("Judge")["run"], project, env)
    assert judged.returncode == 0, judged.stderr
    outputs = Path(env["GITHUB_OUTPUT"]).read_text()
    code = outputs.strip().rpartition("exit-code=")[2]
    ended = _bash(_step("Pass or fail")["run"], project, {**env, "CODE": code})
    summary = Path(env["GITHUB_STEP_SUMMARY"]).read_text()
    return Done(ended.returncode, judged.stdout + judged.stderr, outputs, summary, project)


def _annotations(log: str) -> list[str]:
    return [line for line in log.splitlines() if line.startswith("::error ")]


def test_an_implementation_that_is_as_its_baseline_says_passes(project: Path) -> None:
    done = _run_action(project)
    assert done.code == 0, done.log
    assert done.outputs == "exit-code=0\n"
    assert set(FILES) <= done.files
    assert "sample&#95;persistent 1&#46;0: conformant" in done.summary
    assert _annotations(done.log) == []
    page = project / "conformance-report" / "page.html"
    assert "<title>sample_persistent 1.0 and the protocol</title>" in page.read_text()
    report = json_report.read(project / "conformance-report" / "report.json")
    assert report["summary"]["exit_code"] == 0
    stopped, resumed = re.findall(
        r"^::(?:stop-commands::)?(\w{32})(?:::)?$", done.log, re.MULTILINE
    )
    assert stopped == resumed


def test_a_new_failure_fails_with_an_annotation_a_trace_and_a_script(project: Path) -> None:
    module = project / "sample_persistent" / "__init__.py"
    module.write_text(module.read_text().replace("return super().__repr__()", 'return "broken"'))
    done = _run_action(project)
    assert done.code == 1
    first = _annotations(done.log)[0]
    assert first.startswith("::error title=sample_persistent%3A REPR-01::The default repr names")
    assert "### Failing" in done.summary
    junit = ElementTree.parse(project / "conformance-report" / "junit.xml").getroot()
    assert junit.find(".//failure") is not None
    findings = project / "conformance-report" / "findings"
    scripts = list(findings.glob("REPR-01-*.py"))
    assert [each.with_suffix(".json").exists() for each in scripts] == [True]


def test_a_mended_fault_makes_its_entry_stale(project: Path) -> None:
    module = project / "sample_persistent" / "__init__.py"
    module.write_text(module.read_text().replace(FAULT, "            return super().__repr__()"))
    done = _run_action(project)
    assert done.code == 1
    (only,) = _annotations(done.log)
    entry = (project / "known.toml").read_text().partition('"REPR-02"')[0].count("\n") + 1
    title = "sample_persistent%3A stale in the baseline%3A REPR-02"
    assert only.startswith(f"::error file=known.toml,line={entry},title={title}::")


def test_what_does_not_start_cannot_be_judged(project: Path) -> None:
    module = project / "sample_persistent" / "__init__.py"
    module.write_text("raise RuntimeError('the licence has expired')\n")
    done = _run_action(project)
    assert done.code == 3
    assert "the licence has expired" in done.log
    assert _annotations(done.log) == [
        "::error title=persistent-conformance::It could not be run: the log says why"
    ]
    assert _run_action(project, target="no_such_module").code == 2


def test_other_ci_systems_run_the_command_itself(project: Path) -> None:
    job = yaml.safe_load((project / ".gitlab-ci.yml").read_text())["conformance"]
    done = _bash("\n".join(job["script"]), project, _environment(project))
    assert done.returncode == 0, done.stdout + done.stderr
    (folder,) = job["artifacts"]["paths"]
    written = {each.name for each in (project / folder).iterdir()}
    assert {"junit.xml", "report.json", "summary.md", "page.html", "badge.svg"} <= written
    assert (project / job["artifacts"]["reports"]["junit"]).is_file()


def test_the_action_uses_the_inputs_that_it_declares() -> None:
    used = set(re.findall(r"inputs\.([\w-]+)", (TOP / "action.yml").read_text()))
    assert used == set(ACTION["inputs"])


def test_what_a_target_says_is_no_command_and_no_markup() -> None:
    load()
    evil = "x\n::error::evil %0A | `<img>` @everyone"
    subject = Subject("t", "a:b,c", "1", "3.12", "CPython", "Linux", ())
    failed = CheckFinished("REPR-01:x", "REPR-01", "fail", evil, evil, evil)
    results = Results(subject, (ClauseResult(CLAUSES["REPR-01"], "fail", (failed,)),), 1.0)
    judgement = judge(results, None, strict=False, floor=1)
    (line,) = annotations.dumps(Judged(results, judgement)).splitlines()
    assert line.startswith("::error title=a%3Ab%2Cc%3A REPR-01::")
    assert "%250A" in line
    text = markdown.run(Judged(results, judgement))
    assert "<code>REPR-01</code>" in text
    for markup in ("<img", "`", "@", "\n::"):
        assert markup not in text
