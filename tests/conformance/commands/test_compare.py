"""`compare` puts implementations side by side and groups them by their answers."""

from __future__ import annotations

import base64
import gzip
import json
from pathlib import Path
from xml.etree import ElementTree

import pytest

from conformance.clauses.registry import Clause
from conformance.comparing.answers import clause_groups, disagreement
from conformance.files import BadFile
from conformance.judging.events import CheckFinished
from conformance.judging.verdicts import ClauseResult
from conformance.reports import comparison_json
from conformance.reports.plain import plain_data
from fixtures.targets import load
from fixtures.values import ref
from stateful.processes.isolation import Launch
from stateful.replay.recorder import Recorder, recorded_by
from stateful.replay.recording import Recording
from stateful.scripts.script import script
from stateful.traces.trace import Trace
from tests.conformance.pages.test_pages import Parsed
from tests.conftest import Compared, Run

WRONG = "tests.wrong.targets:wrong_new_object"


def test_clauses_are_grouped_by_answer(three: Compared) -> None:
    assert three.exit_code == 1
    data = three.data
    clause = next(each for each in data["clauses"] if each["id"] == "STATE-01")
    assert [cell["verdict"] for cell in clause["cells"]] == ["pass", "fail", "fail"]
    assert [group["members"] for group in clause["groups"]] == [[0], [1], [2]]
    shown = clause["cells"][1]["shown"][0]
    assert shown["expected"] != shown["got"]
    assert "sys.exit" in three.script(shown["script"])
    compile(three.script(clause["scripts"][0]), "script", "exec")
    trace = data["traces"][shown["trace"]]
    assert trace["words"][0].startswith("create a")
    wrong, right = (
        data["recordings"][each] for each in (trace["recordings"][1], trace["reference"])
    )
    assert wrong["steps"] != right["steps"]


def test_a_truncated_comparison_is_refused(three: Compared, tmp_path: Path) -> None:
    text = three.text("compared.json")
    damaged = tmp_path / "compared.json"
    for part in (text[:1000], "{}", text.replace('"schema": 1', '"schema": 2')):
        damaged.write_text(part)
        with pytest.raises(BadFile, match="Write it again with"):
            comparison_json.read(damaged)


def test_the_terminal_names_who_answers_what(three: Compared) -> None:
    assert "STATE-01 (MUST)" in three.output
    assert "pass  ref 0.1.0" in three.output
    assert "3 implementations: different answers - 2 of 2 clauses" in three.output


def test_hostile_text_stays_text_on_the_page(three: Compared) -> None:
    page = Parsed(three.text("it.html"))
    tags = {tag for tag, _ in page.tags}
    assert not tags & {"img", "b", "i", "u"}
    (packed,) = [text for _, attributes, text in page.texts if attributes.get("id") == "data"]
    data = json.loads(gzip.decompress(base64.b64decode(json.loads(packed))))
    assert data == plain_data(three.data)
    assert "onerror" in json.dumps(data)


def test_scripts_never_turn_text_into_markup() -> None:
    files = list((Path(__file__).parents[3] / "conformance" / "pages").rglob("*.js"))
    assert files
    for file in files:
        for name in ("innerHTML", "outerHTML", "insertAdjacentHTML", "document.write", "eval("):
            assert name not in file.read_text(), file.name


def test_hostile_text_stays_text_in_markdown(three: Compared) -> None:
    text = three.text("it.md")
    assert "| ref 0&#46;1&#46;0 | " in text
    for markup in ("<img", "<u>", "<b>", "</script", "`", "\n::error"):
        assert markup not in text
    heads = next(line for line in text.splitlines() if line.startswith("| clause | "))
    rows = [line for line in text.splitlines() if line.startswith("| <code>")]
    assert rows
    assert all(line.count("|") == heads.count("|") for line in rows)


def test_a_badge_for_each(three: Compared) -> None:
    badges = sorted((three.folder / "badges").iterdir())
    assert len(badges) == 3
    texts = [ElementTree.parse(badge).getroot().get("aria-label") for badge in badges]
    assert "persistent protocol: 2 of 2 MUST clauses" in texts
    assert "persistent protocol: 1 of 2 MUST clauses" in texts


def test_the_same_implementation_gives_the_same_answers(run: Run) -> None:
    result = run("compare", "ref", "tests.hostile:fine", "--clause", "REPR-01")
    assert result.exit_code == 0, result.output
    assert "2 implementations: the same answers - 0 of 1 clauses" in result.output


def test_reports_of_earlier_runs_are_compared(run: Run, tmp_path: Path) -> None:
    old, new, data = (tmp_path / name for name in ("old.json", "new.json", "compared.json"))
    some = ("--clause", "STATE-01", "--clause", "STATE-02", "--engines", "corpus,checks")
    for target, path in (("ref", old), (WRONG, new)):
        run("check", target, *some, "--report-json", path)
    result = run("compare", old, new, *some, "--report-json", data)
    assert result.exit_code == 1
    found = comparison_json.read(data)
    assert [each["live"] for each in found["implementations"]] == [False, False]
    cells = {each["id"]: [cell["verdict"] for cell in each["cells"]] for each in found["clauses"]}
    assert cells["STATE-01"] == ["pass", "fail"]
    assert found["reported"]
    for each in found["reported"]:
        assert each["answers"][0] is None
        assert each["answers"][1] != each["expected"]
        assert each["signature"] in " ".join(result.output.split("\n"))
    assert run("compare", old, old, "--clause", "STATE-02").exit_code == 0


@pytest.mark.parametrize(
    ("arguments", "code", "message"),
    [
        (("ref",), 2, "Give a second TARGET to compare 'ref' with"),
        (("ref", "no_such_package"), 2, "there is no module 'no_such_package'"),
        (("ref", "ref@/nowhere/python"), 2, "the interpreter '/nowhere/python' cannot be run"),
        (("ref", "missing.json"), 2, "missing.json: cannot be read"),
        (("ref", "tests.hostile:factory_that_raises"), 3, "the licence has expired"),
        (("ref", "ref", "--area", "STATES"), 2, "--area: 'STATES' does not exist"),
        (("ref", "ref", "--engines", "luck"), 2, "'luck' does not exist"),
        (
            ("tests.hostile:only_persistent",) * 2 + ("--clause", "RING-01"),
            3,
            "no check was executed",
        ),
    ],
)
def test_what_cannot_be_compared_is_one_message(
    run: Run, arguments: tuple[str, ...], code: int, message: str
) -> None:
    result = run("compare", *arguments)
    assert message in " ".join(result.output.replace("│", " ").split())
    assert result.exit_code == code


# Traces

TRACE = Trace({}, ({"op": "ghost", "object": "a"}, {"op": "activate", "object": "a"}))


def test_answers_are_grouped_without_a_judge() -> None:
    right = recorded_by(load("ref"), TRACE)
    other = {**right.steps[1], "does": "raises KeyError"}
    wrong = Recording((right.steps[0], other))
    assert disagreement(TRACE, [right, right, None]) is None
    found = disagreement(TRACE, [wrong, right, None, wrong])
    assert found is not None
    assert (found.step, found.operation, found.fields) == (1, "activate", ("error",))
    assert [group.members for group in found.groups] == [(0, 3), (1,)]
    assert found.groups[0].answer == "error: raises KeyError"


def test_three_implementations_fit_on_a_screen(run: Run) -> None:
    three = ("ref", WRONG, "tests.hostile:draws_markup")
    lines = run("compare", *three, "--area", "REPR").output.splitlines()
    assert len(lines) <= 40
    told = next(line for line in lines if line.startswith("REPR-01"))
    assert told.split()[1:3] == ["MUST", "pass"]
    assert any(line.startswith("alone against the others: ") for line in lines)


def test_what_could_not_be_run_is_no_answer() -> None:
    clause = Clause("X-01", "MUST", "It holds.", "N")
    results = [ClauseResult(clause, verdict, ()) for verdict in ("pass", "not-run", "unsupported")]
    assert [group.members for group in clause_groups(results)] == [(0,)]
    assert [group.members for group in clause_groups(results[::2])] == [(0,), (1,)]


def test_an_answer_is_more_than_a_verdict() -> None:
    def answers(level: str, *checks: CheckFinished) -> list[tuple[int, ...]]:
        clause = Clause("X-01", level, "It holds.", "N", "as C" if level == "CONTESTED" else None)
        results = [ClauseResult(clause, check.verdict, (check,)) for check in checks]
        return [group.members for group in clause_groups(results)]

    def seen(verdict: str, what: str = "", got: str = "") -> CheckFinished:
        return CheckFinished("X-01:x", "X-01", verdict, what, "1", got)

    fails = seen("fail", "it", "2"), seen("fail", "it", "3"), seen("fail", "it", "2")
    assert answers("MUST", *fails) == [(0, 2), (1,)]
    at = seen("fail", "it", "<x at 0x7f01>"), seen("fail", "it", "<x at 0x8f02>")
    assert answers("MUST", *at) == [(0, 1)]
    ends = seen("inconclusive", "an error"), seen("inconclusive", "another one")
    assert answers("MUST", *ends) == [(0,), (1,)]
    chosen = seen("pass", "it is ignored"), seen("pass", "it is done")
    assert answers("MUST", *chosen) == [(0, 1)]
    assert answers("MAY", *chosen) == [(0,), (1,)]


def test_who_lacks_a_part_does_not_take_part() -> None:
    right = recorded_by(load("ref"), TRACE)
    assert disagreement(TRACE, [right, Recording(right.steps[:1], unsupported="no")]) is None


def test_a_lost_process_is_an_answer() -> None:
    right = recorded_by(load("ref"), TRACE)
    recorder = Recorder(Launch("tests.hostile:aborts_when_activated"))
    try:
        lost = recorder.record(TRACE)
        assert lost == Recording(lost.steps, lost="the process was killed by SIGABRT")
        assert len(lost.steps) == 1
        assert recorder.record(Trace({}, TRACE.operations[:1])).steps == lost.steps
    finally:
        recorder.close()
    found = disagreement(TRACE, [right, lost])
    assert found is not None
    assert (
        found.groups[1].answer == "what becomes of the process: the process was killed by SIGABRT"
    )


def test_no_oids_can_be_written_in_a_script() -> None:
    trace = Trace({}, ({"op": "cache_invalidate", "oids": ()},))
    assert "jar._cache.invalidate(())" in script(trace, "ref")
    one = Trace({}, ({"op": "cache_invalidate", "oids": (ref("a"),)},))
    assert "jar._cache.invalidate((oid('a'),))" in script(one, "ref")
