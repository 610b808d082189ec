"""What users of other runners try: words, the last failures, lists, JSON, a watch."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import jsonschema
import pytest
import rich_click as click

from conformance.clauses import registry
from conformance.clauses.registry import CLAUSES
from conformance.commands.checking.watching import changed, files_of, stamps
from conformance.files import BadFile, schema_named
from conformance.judging import last
from conformance.judging.selection import Selection, UnknownName
from tests.conformance.recorded import recorded
from tests.conftest import Run

WRONG = "tests.wrong.targets:wrong_new_object"


def _ids(**given: object) -> list[str]:
    clauses, _ = Selection(**given).resolve()  # type: ignore[arg-type]
    return [clause.id for clause in clauses]


def test_names_are_taken_in_any_case_and_as_patterns() -> None:
    registry.load()
    sticky = [id for id in CLAUSES if id.startswith("STICKY-")]
    assert _ids(clauses=("sticky-*",)) == _ids(areas=("sticky",)) == sticky
    assert _ids(clauses=("STICKY-0[12]", "repr-01")) == ["REPR-01", "STICKY-01", "STICKY-02"]
    with pytest.raises(UnknownName, match="'STICKIES-\\*' does not exist; try STICKY-"):
        _ids(clauses=("STICKIES-*",))


def test_words_are_looked_for_in_ids_sentences_and_names_of_checks() -> None:
    every = _ids()
    sticky = _ids(keyword="STICKY")
    assert {"STICKY-02", "TRANS-04"} <= set(sticky) < set(every)
    rest = _ids(keyword="not sticky")
    assert sorted([*sticky, *rest]) == sorted(every)
    both = _ids(keyword="sticky and not register or repr-01")
    assert "REPR-01" in both
    assert set(both) < {*sticky, "REPR-01"}
    assert not Selection(keyword="sticky").everything
    with pytest.raises(UnknownName, match="-k together leave no clause"):
        _ids(keyword="nowhere to be found")


def test_what_would_be_checked_is_listed(run: Run) -> None:
    result = run("check", "ref", "--list", "--clause", "repr-*")
    assert result.exit_code == 0
    *lines, summary = result.output.splitlines()
    assert [line.split()[0] for line in lines] == [id for id in CLAUSES if id.startswith("REPR-")]
    assert summary.startswith(f"{len(lines)} clauses, ")
    assert (
        "  every_class_has_the_default_repr"
        in run("check", "ref", "--list", "-v", "-k", "repr-01").output
    )


def test_what_failed_last_is_run_again_and_explained(run: Run, tmp_path: Path) -> None:
    report = tmp_path / "report.json"
    clauses = ("--clause", "STATE-01", "--clause", "REPR-01")
    assert run("check", WRONG, *clauses).exit_code == 1
    again = run("check", WRONG, "--lf", "--report-json", report)
    assert again.exit_code == 1
    ids = [each["id"] for each in json.loads(report.read_text())["clauses"]]
    assert ids == ["STATE-01"]
    nothing = run("check", "ref", "--lf", "-q")
    assert nothing.exit_code == 0
    assert "nothing failed in the last run" in nothing.output


def test_a_divergence_of_the_last_run_has_an_id(run: Run) -> None:
    results, _ = recorded("persistent-c")
    assert results.search is not None
    found = next(each for each in results.search.news if "sticky" in str(each.divergence.signature))
    from conformance.reports.divergences import as_data

    last.write(last.Last("persistent-c").after(results, [as_data(found)]))
    told = run("explain", found.id)
    assert told.exit_code == 0, told.output
    for text in (str(found.divergence.signature), "cause", "a jar with a cache of 100 objects"):
        assert text in told.output
    assert f"persistent-conformance replay {found.id} --target persistent-c" in told.output
    assert run("replay", found.id, "--target", "ref").output.startswith(f"FIXED {found.id}")


def test_what_is_kept_is_valid_and_a_damaged_one_is_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    assert last.read("mine").is_empty
    last.write(last.Last("mine", ("STATE-01",)))
    (file,) = tmp_path.rglob("*.json")
    jsonschema.validate(json.loads(file.read_text()), schema_named("last"))
    assert last.read("mine").clauses == ("STATE-01",)
    assert last.read("another").is_empty
    file.write_text('{"schema": 1')
    with pytest.raises(BadFile, match="check TARGET` again"):
        last.read("mine")
    assert last.finding("00000000") is None


def test_a_part_of_a_run_leaves_what_it_did_not_judge(tmp_path: Path) -> None:
    results, _ = recorded("persistent-c")
    before = last.Last("persistent-c", ("XX-01",), {"aaaaaaaa": {"id": "aaaaaaaa"}})
    part = before.after(results, [{"id": "bbbbbbbb"}], is_whole=False)
    assert set(part.findings or ()) == {"aaaaaaaa", "bbbbbbbb"}
    assert part.clauses[0] == "XX-01"
    whole = before.after(results, [{"id": "bbbbbbbb"}])
    assert set(whole.findings or ()) == {"bbbbbbbb"}


def test_the_first_failure_is_enough(run: Run, tmp_path: Path) -> None:
    report = tmp_path / "report.json"
    result = run("check", WRONG, "-x", "--area", "STATE", "--report-json", report)
    assert result.exit_code == 1
    assert "stopped at the first failure" in result.output
    verdicts = json.loads(report.read_text())["summary"]["verdicts"]
    assert verdicts["fail"] == 1
    assert verdicts["not-run"] > 1


def test_json_goes_where_a_program_reads_it(run: Run) -> None:
    result = run("check", WRONG, "--clause", "STATE-01", "--json", "-q")
    data = json.loads(result.stdout)
    jsonschema.validate(data, schema_named("report"))
    assert result.stderr.startswith("makes new objects as ghosts 0.1.0: not")
    assert result.exit_code == data["summary"]["exit_code"] == 1


def test_several_targets_are_judged_one_after_the_other(run: Run, tmp_path: Path) -> None:
    both = ("tests.hostile:fine", WRONG, "--clause", "STATE-01", "-q")
    result = run("check", *both, "--report-json", tmp_path / "{target}.json")
    assert result.exit_code == 1
    assert [line.split()[0] for line in result.output.splitlines()] == ["fine", "makes"]
    names = {path.name for path in tmp_path.iterdir()}
    assert names == {"tests.hostile-fine.json", "tests.wrong.targets-wrong_new_object.json"}
    refused = run("check", *both, "--report-json", tmp_path / "one.json")
    assert refused.exit_code == 2
    assert "put {target} into the name" in " ".join(refused.output.split())


def test_a_target_can_stand_in_the_settings(
    run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "pyproject.toml").write_text(
        '[tool.persistent-conformance]\ntarget = "ref"\nclause = "REPR-01"\nverbose = true\n'
    )
    monkeypatch.chdir(tmp_path)
    result = run("check")
    assert result.exit_code == 0, result.output
    assert result.output.startswith("ref 0.1.0 on ")


def test_a_page_is_opened_once_it_is_written(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    opened: list[str] = []
    monkeypatch.setattr(click, "launch", opened.append)
    run("check", "tests.hostile:fine", "--clause", "REPR-01", "--open", "-q")
    (page,) = opened
    assert Path(page).read_text(encoding="utf-8").startswith("<!doctype html>")


def test_an_option_that_is_little_like_another_is_not_offered_for_it(run: Run) -> None:
    assert "Did you mean" not in run("compare", "ref", "ref", "--list").output
    assert "Did you mean '--baseline'" in run("check", "ref", "--bassline").output


def test_the_package_can_be_run() -> None:
    command = [sys.executable, "-m", "conformance", "explain", "repr-01"]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.stdout.startswith("REPR-01 (")


@pytest.mark.parametrize(
    ("id", "texts"),
    [
        (None, ("STICKY ", "`explain AREA` lists its clauses")),
        ("act", ("ACT: ", "ACT-01     MUST")),
        ("sticky", ("STICKY: ", "STICKY-02  MUST")),
        ("sticky-0[12]", ("STICKY-01", "STICKY-02")),
        ("d1.5", ('D1.5: documentation of persistent, 1.5 "Explicitly', "clauses rest on it")),
        ("CH 4.4.0", ("changelog of persistent 4.4.0", "ATTR-06")),
        ("K", ("the header comment of cPickleCache.c", "clauses rest on it")),
        ("gloss.", ("glossary of persistent", "ACT-15")),
        ("volatile", ("CONN-01",)),
    ],
)
def test_areas_sources_and_words_are_explained(
    run: Run, id: str | None, texts: tuple[str, ...]
) -> None:
    result = run("explain", *([] if id is None else [id]))
    assert result.exit_code == 0
    for text in texts:
        assert text in result.output


def test_files_of_a_target_are_watched(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    assert [path.name for path in files_of("ref")] == ["persistent_ref"]
    assert files_of("no_such_package_anywhere:thing") == ()
    monkeypatch.syspath_prepend(tmp_path)
    module = tmp_path / "mine_to_watch.py"
    module.write_text("x = 1\n")
    paths = files_of("mine_to_watch:make")
    assert paths == (module,)
    before = stamps(paths)
    waits: list[float] = []

    def edit(seconds: float) -> None:
        waits.append(seconds)
        if len(waits) == 2:
            module.write_text("x = 'other'\n")

    assert changed(paths, before, edit) == [module]
    assert len(waits) == 2
