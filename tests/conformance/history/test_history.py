"""A history asks each release or commit the same, and shows where the answer changes."""

from __future__ import annotations

import shutil
import subprocess
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import pytest
from packaging.version import Version

from conformance.history import questions
from conformance.history.environments import CannotBuild, Environment, Environments, run_quietly
from conformance.history.points import Point, commits, releases
from conformance.history.pythons import Python, asked, named
from conformance.history.questions import ABSENT, SHOWS, Answer, Question
from conformance.history.rows import Asker, Row, all_rows, changes, halving
from conformance.judging.causes import shipped
from conformance.judging.selection import UnknownName
from stateful.processes.isolation import Agent, Launch
from tests.conftest import Run

HERE = asked(sys.executable)
OLD, NEW = Python("old", "CPython", "3.8.1"), Python("new", "CPython", "3.12.1")


@dataclass(frozen=True)
class Told(Question):
    """The answer is the name of the target."""

    def ask(self, launch: Launch) -> Answer:
        return Answer(launch.target)


@dataclass(frozen=True)
class ItsVersion(Question):
    """The answer is the version that the target says it has."""

    def ask(self, launch: Launch) -> Answer:
        with Agent(launch) as agent:
            return Answer(agent.about["version"])


def _points(answers: Sequence[str]) -> list[Point]:
    return [Point(answer, f"p{number}", None) for number, answer in enumerate(answers)]


def _asker() -> Asker:
    def make(point: Point) -> Environment:
        if point.label == "-":
            raise CannotBuild("no wheel")
        return Environment(point.label, OLD)

    return Asker(make, lambda made: Launch(made.interpreter), [Told("it")])


def _changed(rows: Sequence[Row]) -> list[tuple[int, int]]:
    return [(each.before.place, each.after.place) for each in changes(rows, [Told("it")])]


def test_every_point_has_its_row_since_answers_need_not_be_monotonous() -> None:
    rows = list(all_rows(_points(["pass", "fail", "-", "pass", "pass"]), _asker()))
    assert [row.place for row in rows if row.is_judged] == [0, 1, 3, 4]
    assert rows[2].problem == "not built: no wheel"
    assert _changed(rows) == [(0, 1), (1, 3)]


@pytest.mark.parametrize("first_bad", range(1, 17))
def test_halving_finds_the_change_in_few_runs(first_bad: int) -> None:
    points = _points(["pass"] * first_bad + ["fail"] * (17 - first_bad))
    asker = _asker()
    assert _changed(list(halving(points, asker))) == [(first_bad - 1, first_bad)]
    assert asker.runs <= 6


def test_halving_passes_over_what_cannot_be_judged() -> None:
    rows = list(halving(_points(["pass", "-", "-", "-", "fail"]), _asker()))
    assert _changed(rows) == [(0, 4)]
    assert len(rows) == 5
    rows = list(halving(_points(["-", "pass", "pass", "-", "fail", "fail", "-"]), _asker()))
    assert _changed(rows) == [(2, 4)]


@pytest.mark.parametrize("answers", [["pass"] * 9, ["-", "pass", "-"], ["-", "-"], []])
def test_halving_ends_where_both_ends_agree_or_there_are_none(answers: list[str]) -> None:
    rows = list(halving(_points(answers), _asker()))
    assert _changed(rows) == []
    assert len(rows) <= max(2, len(answers))


def test_details_that_differ_from_run_to_run_are_no_change() -> None:
    one, other = Answer("fail", "<X object at 0x7f00aa>"), Answer("fail", "<X object at 0x7f11bb>")
    assert one.is_same(other)
    assert not one.is_same(Answer("fail", "another thing"))


def _listing(distribution: str, pythons: Sequence[Python]) -> dict[Version, tuple[Python, ...]]:
    assert distribution == "it"
    versions = {"4.5.1": (OLD,), "4.6.0": (OLD, NEW), "4.10": (NEW,), "5.0a1": (OLD, NEW)}
    return {Version(each): found for each, found in versions.items()}


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("4.5.0..4.10", ["4.5.1", "4.6.0", "4.10"]),
        ("4.6..", ["4.6.0", "4.10"]),
        ("..4.6.0", ["4.5.1", "4.6.0"]),
        ("4.10, 4.5.1", ["4.10", "4.5.1"]),
        ("5.0a1,4.6..4.7,4.6.0", ["5.0a1", "4.6.0"]),
    ],
)
def test_releases_are_named_by_versions_and_ranges(text: str, found: list[str]) -> None:
    points = releases("it", text, [OLD, NEW], _listing)
    assert [each.label for each in points] == found
    assert [each.wanted for each in points] == [f"it=={each}" for each in found]


def test_a_release_is_installed_where_the_index_offers_it() -> None:
    points = releases("it", "4.6.0,4.10", [OLD, NEW], _listing)
    assert [each.pythons for each in points] == [(OLD, NEW), (NEW,)]


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("", "there are none"),
        ("4.7", "there is no release '4.7' for a Python here: 4.5.1, 4.6.0"),
        ("6..7", "there is no release in '6..7'"),
        ("latest", "'latest' is neither a version nor a file"),
    ],
)
def test_what_names_no_release_is_one_clear_error(text: str, problem: str) -> None:
    with pytest.raises(UnknownName) as caught:
        releases("it", text, [OLD, NEW], _listing)
    assert problem in str(caught.value)


def test_what_is_no_interpreter_is_one_clear_error() -> None:
    with pytest.raises(UnknownName, match="--python: '/nowhere' is no Python"):
        named(["/nowhere"])


class _Runner:
    """Makes environments without pip, and plays pip: what is installed, and what that prints."""

    def __init__(self, prints: str = "") -> None:
        self.prints = prints
        self.installed: list[str] = []

    def __call__(self, command: Sequence[str]) -> subprocess.CompletedProcess[str]:
        if "venv" in command:
            return run_quietly([*command, "--without-pip"])
        self.installed.append(command[-1])
        return subprocess.CompletedProcess(command, int(bool(self.prints)), self.prints, "")


def _release(*pythons: Python | None) -> Point:
    return Point("1.0", "it-1.0", "it==1.0", None, tuple(each for each in pythons if each))


def test_environments_are_kept_and_half_made_ones_made_again(tmp_path: Path) -> None:
    runner = _Runner()
    first = Environments(tmp_path, run=runner)
    made = first.of(_release(HERE))
    assert named([made.interpreter])[0].version == made.python.version
    second = Environments(tmp_path, run=runner)
    assert second.of(_release(HERE)) == made
    assert (first.made, second.made, runner.installed) == (1, 0, ["it==1.0"])
    next(tmp_path.glob("it-*/made.json")).unlink()
    assert second.of(_release(HERE)) == made
    assert second.made == 1


PRINTED = {
    "it.c:7:10: fatal error: Python.h: No such file": "  it.c:7:10: fatal error: Python.h: No such "
    "file\nerror: command '/usr/bin/gcc' failed\nERROR: Failed building wheel for it",
    "ModuleNotFoundError: No module named 'six'": "error: subprocess-exited-with-error\n"
    "    ModuleNotFoundError: No module named 'six'\nERROR: Failed to build",
    "ERROR: No matching distribution found for it==1.0": "ERROR: No matching distribution found "
    "for it==1.0",
}


@pytest.mark.parametrize("reason", PRINTED)
def test_what_cannot_be_installed_is_told_with_its_reason_once(reason: str, tmp_path: Path) -> None:
    runner = _Runner(PRINTED[reason])
    for _ in range(2):
        with pytest.raises(CannotBuild) as caught:
            Environments(tmp_path, run=runner).of(_release(HERE))
        assert reason in str(caught.value)
    assert len(runner.installed) == 1


def test_what_is_for_no_interpreter_here_says_so(tmp_path: Path) -> None:
    with pytest.raises(CannotBuild, match="no interpreter at hand"):
        Environments(tmp_path).of(_release())


def _git(folder: Path, *arguments: str) -> None:
    who = ("-c", "user.name=somebody", "-c", "user.email=nobody@example.org")
    subprocess.run(["git", "-C", folder, *who, *arguments], check=True, capture_output=True)


@pytest.mark.skipif(not shutil.which("git"), reason="git is not installed")
def test_commits_are_checked_out_built_and_asked(tmp_path: Path) -> None:
    repository = tmp_path / "mine"
    repository.mkdir()
    _git(repository, "init", "-q")
    for number, version in enumerate(("1", "1", None, "2", "2")):
        broken = "raise ImportError('half done')\n"
        source = f"__version__ = '{version}'\nclass Persistent: pass\n" if version else broken
        (repository / "committed_package.py").write_text(f"# {number}\n{source}")
        _git(repository, "add", ".")
        _git(repository, "commit", "-q", "-m", f"commit {number}")
    assert HERE is not None
    points = commits(repository, "HEAD~4..HEAD", [HERE])
    assert [each.label.partition(" ")[2] for each in points] == [f"commit {n}" for n in range(5)]
    folder = tmp_path / "kept"
    made = Environments(folder, repository=repository, build="echo built > it", run=_Runner())
    asked = [ItsVersion("version")]
    asker = Asker(made.of, lambda it: Launch("committed_package", it.interpreter), asked)
    rows = list(halving(points, asker))
    assert [(each.before.place, each.after.place) for each in changes(rows, asked)] == [(1, 3)]
    assert next(row for row in rows if row.place == 2).problem.endswith("ImportError: half done")
    assert len(list(folder.glob("*/source/it"))) == made.made == len(rows)


@pytest.mark.skipif(not shutil.which("git"), reason="git is not installed")
@pytest.mark.parametrize("text", ["HEAD", "nothing..HEAD"])
def test_what_names_no_commits_is_one_clear_error(text: str) -> None:
    with pytest.raises(UnknownName, match="--git"):
        commits(Path(__file__).parent, text, [])


def test_a_cause_shows_in_its_clause_and_in_traces() -> None:
    causes = shipped("persistent-py")
    cause = next(each for each in causes if each.clause == "STICKY-02")
    question = questions.of_cause(cause.name, causes, ())
    answer = question.ask(Launch("persistent-py"))
    assert answer.word == SHOWS
    assert "STICKY-02 fails" in answer.details
    assert question.ask(Launch("ref")).word == ABSENT
    with pytest.raises(UnknownName, match="--cause"):
        questions.of_cause("no such cause", causes, ())


def test_the_command_prints_a_row_for_each_and_the_changes(
    run: Run, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    def make(self: Environments, point: Point) -> Environment:
        if point.label == "docs":
            raise CannotBuild("it is no project")
        assert HERE is not None
        return Environment(sys.executable, HERE)

    monkeypatch.setattr(Environments, "of", make)
    trace = "fixtures/traces/changed-set-to-none-ghosts.json"
    result = run(
        *("history", "persistent-py", "tests,docs", "--check", "STICKY-02:_"),
        *("--python", sys.executable),
    )
    assert result.exit_code == 2
    assert "--check: 'STICKY-02:_' does not exist" in result.output
    result = run(
        *("history", "persistent-py", "tests,docs", "--clause", "STICKY-02", "--trace", trace),
        *("--python", sys.executable, "--environments", tmp_path),
    )
    assert result.exit_code == 0, result.output
    lines = result.output.splitlines()
    assert lines[0].endswith(": STICKY-02 fail, changed-set-to-none-ghosts.json DIVERGES")
    assert lines[1] == "docs: not built: it is no project"
    assert lines[-1].startswith("1 of 2 judged, 1 could not be; 2 answers, 0 environments made")
