"""The terminal: a line, a screen or everything, the worst first, and each fact once."""

from __future__ import annotations

import io
import re
from collections import Counter
from dataclasses import replace
from pathlib import Path

import pytest
from click import unstyle

from conformance.clauses.registry import CLAUSES, load
from conformance.judging.causes.explained import by_cause, explained
from conformance.judging.events import LOST, CheckFinished, Subject
from conformance.judging.findings import Finding
from conformance.judging.in_process import FAIL, PASS
from conformance.judging.judgement import Judgement, judge
from conformance.judging.search import CORPUS, Search
from conformance.judging.verdicts import ClauseResult, Results
from conformance.reports import terminal
from conformance.reports.plain import PlainConsole
from conformance.reports.terminal.screen import LINES
from fixtures.operations.table import step
from fixtures.targets import load as load_target
from stateful.lockstep.divergence import CRASH, Divergence, Signature
from stateful.replay.recorder import recorded_by
from stateful.replay.recording import Recording
from stateful.traces.trace import Trace
from tests.conformance.recorded import Everything, recorded

RELEASED = ("persistent-c", "persistent-py")
SNAPSHOTS = Path(__file__).parent / "snapshots"
load()


def _printed(
    results: Results, judgement: Judgement, how_much: str, width: int | None = None
) -> list[str]:
    stream = io.StringIO()
    console = PlainConsole(
        file=stream,
        width=width or 100,
        force_terminal=width is not None,
        no_color=True,
        highlight=False,
        legacy_windows=False,
    )
    command = terminal.command_for(results.subject.target, None)
    terminal.show(results, judgement, command, console, how_much)
    return unstyle(stream.getvalue()).splitlines()


@pytest.mark.parametrize("name", RELEASED)
@pytest.mark.parametrize("width", [None, 80, 200])
def test_a_release_without_a_baseline_is_one_screen(name: str, width: int | None) -> None:
    lines = _printed(*recorded(name), terminal.SCREEN, width)
    height = sum(-(-len(line) // width) if width else 1 for line in lines)
    assert 20 < height <= LINES == 40
    assert lines[0].startswith(f"{name} 6.9: not conformant - ")


@pytest.mark.parametrize("name", RELEASED)
def test_ten_lines_say_that_all_is_as_known(name: str) -> None:
    lines = _printed(*recorded(name, Everything()), terminal.SCREEN)
    assert len(lines) <= 10
    assert f"{name} 6.9: conformant - " in lines[0]
    assert any(line.startswith("known: ") and "as the baseline has it" in line for line in lines)


@pytest.mark.parametrize("name", RELEASED)
def test_quiet_is_a_line(name: str) -> None:
    for known in (None, Everything()):
        assert len(_printed(*recorded(name, known), terminal.LINE)) == 1


def test_a_screen_tells_the_worst_first_and_where_the_rest_is() -> None:
    results, judgement = recorded("persistent-c")
    lines = _printed(results, judgement, terminal.SCREEN)
    headings = [line for line in lines if line.endswith(("data", "fail")) or "come of each" in line]
    assert headings == [
        "crashes, and losses of data",
        "MUST clauses that fail",
        "causes of divergences, and how many come of each",
    ]
    assert "SIGSEGV" in lines[lines.index(headings[0]) + 1]
    assert "more causes: see -v" in "\n".join(lines)
    assert lines[-1].startswith("more: -v for all of it")


def test_everything_is_printed_once() -> None:
    results, judgement = recorded("persistent-c")
    text = "\n".join(_printed(results, judgement, terminal.ALL))
    for result in results.with_verdict(FAIL):
        assert text.count(f"{result.clause.id} fail") == (result.clause.level != "MAY")
    assert results.search is not None
    shown = Counter(re.findall(r"  ([0-9a-f]{8})(?: |$)", text, re.MULTILINE))
    assert shown == Counter(finding.id for finding in results.search.news)


def _check(clause: str, verdict: str = FAIL, **told: object) -> ClauseResult:
    given = {"what": "_p_state of a", "expected": "0", "got": "-1", **told}
    check = CheckFinished(f"{clause}:it_is_so", clause, verdict, **given)  # type: ignore[arg-type]
    return ClauseResult(CLAUSES[clause], verdict, (check,))


def _run(*clauses: ClauseResult, found: tuple[Finding, ...] = ()) -> tuple[Results, Judgement]:
    subject = Subject("mine", "mine", "1.0", "3.12", "CPython", "Linux", ("persistent",))
    search = Search((CORPUS,), found, found, replayed=1) if found else None
    results = explained(Results(subject, clauses, 1.0, search))
    return results, judge(results, None, strict=False, floor=0, pairs=0)


def _found(field: str, *steps: dict[str, object], actual: str = "") -> Finding:
    trace = Trace({}, steps)
    both = [recorded_by(load_target(target), trace) for target in ("ref", "ref")]
    signature = Signature(str(steps[-1]["op"]), "Plain changed cached", field)
    found = Divergence(signature, trace, len(steps) - 1, "{'x': 1}", actual or "{}")
    return Finding(found, "mine", *both)


def _with_data_lost(finding: Finding, name: str) -> Finding:
    """The finding, as if the object ``name`` were a ghost in the end."""
    *steps, end = finding.actual.steps
    seen = {**end["seen"], f"{name}.changed": "None", f"{name}.dict": "{}"}
    return replace(finding, actual=Recording((*steps, {**end, "seen": seen})))


CHANGE = (step("ghost", "a"), step("set", "a", "x", 1))


def test_what_loses_data_is_told_apart_from_what_does_not() -> None:
    same = _found("object.dict", *CHANGE, step("deactivate", "a"))
    assert same.loses == ""
    assert _with_data_lost(same, "a").loses == "a"
    clean = _found("object.dict", step("ghost", "a"), step("deactivate", "a"))
    assert _with_data_lost(clean, "a").loses == ""


def _surrogate(actual: str) -> Finding:
    """A name with a lone surrogate is written, and the target does not do it."""
    found = _found("calls", *CHANGE, actual="none")
    *steps, end = found.actual.steps
    divergence = replace(
        found.divergence,
        signature=Signature("setattribute surrogate", "Plain ghost cached", "calls"),
    )
    refused = Recording((*steps, {**end, "does": actual}))
    return replace(found, divergence=divergence, actual=refused)


def test_what_comes_of_an_error_that_is_free_is_free() -> None:
    assert _surrogate("raises UnicodeEncodeError").free is not None
    assert _surrogate("raises ValueError").free is None
    assert _surrogate("returns None").free is None


def test_checks_that_end_with_the_same_error_have_one_cause() -> None:
    error = {"error": "AttributeError", "expected": "no error"}
    one, other = (
        f"AttributeError: '{name}' object has no attribute '_p_getattr'"
        for name in ("Plain", "Mapping")
    )
    results, judgement = _run(
        _check("HOOK-04", got=one, **error),
        _check("HOOK-01", got=other, **error),
        _check("STATE-01"),
    )
    (shared, alone) = by_cause(results.clauses)
    assert [each.clause.id for each in shared.clauses] == ["HOOK-04", "HOOK-01"]
    assert shared.cause.reason == "AttributeError: ... has no attribute '_p_getattr'"
    assert [each.clause.id for each in alone.clauses] == ["STATE-01"]
    lines = _printed(results, judgement, terminal.SCREEN)
    assert f"  HOOK-04, HOOK-01 {shared.cause.reason}" in lines


def test_a_divergence_has_the_cause_of_the_clause_that_it_breaks() -> None:
    trace = {"schema": 1, "world": {}, "operations": [*CHANGE, step("deactivate", "a")]}
    failing = _check("ACT-10", trace=trace)
    results, _ = _run(failing, found=(_found("object.state", *CHANGE, step("deactivate", "a")),))
    (caused,) = by_cause(results.with_verdict(FAIL), results.search.findings)  # type: ignore[union-attr]
    assert caused.cause.clause == "ACT-10"
    assert len(caused.findings) == 1


def test_divergences_of_the_same_steps_have_one_cause() -> None:
    one = _found("object.state", *CHANGE, step("deactivate", "a"))
    same = _found("object.dict", *CHANGE, step("deactivate", "a"))
    other = _found("object.dict", step("ghost", "a"), step("activate", "a"))
    results, _ = _run(found=(one, same, other))
    causes = by_cause(findings=results.search.findings)  # type: ignore[union-attr]
    assert sorted(len(each.findings) for each in causes) == [1, 2]
    assert len({each.cause.name for each in causes}) == 2


def _some_of_each() -> tuple[Results, Judgement]:
    """A run that has one of everything that a screen can show."""
    lost = _with_data_lost(_found("object.dict", *CHANGE, step("deactivate", "a")), "a")
    crash = _found(CRASH, *CHANGE, step("invalidate", "a"), actual="was killed by SIGSEGV")
    trace = {"schema": 1, "world": {"cache": False}, "operations": list(CHANGE)}
    state = "ObjectState(state=-1, dict={0}, slots={{}})"
    return _run(
        _check("STATE-01", PASS),
        _check("ACT-10", expected=state.format("{}"), got=state.format("{'x': 1}"), trace=trace),
        _check("CACHE-12", got=f"{LOST}was killed by SIGABRT", expected="an answer"),
        _check("STATE-15"),
        found=(lost, crash),
    )


@pytest.mark.parametrize("how_much", [terminal.LINE, terminal.SCREEN, terminal.ALL])
def test_the_text_is_the_one_that_was_reviewed(how_much: str) -> None:
    printed = "\n".join(line.rstrip() for line in _printed(*_some_of_each(), how_much)) + "\n"
    reviewed = SNAPSHOTS / f"{how_much}.txt"
    assert printed == reviewed.read_text(encoding="utf-8"), f"review it, then store it: {reviewed}"


def test_lines_end_at_the_edge_of_a_terminal_and_are_whole_elsewhere() -> None:
    run = recorded("persistent-c")
    verdict, _, *lines, more = _printed(*run, terminal.SCREEN, 60)
    assert max(map(len, lines)) == 60
    # What is to be done next, and the verdict, are whole anywhere.
    assert verdict.endswith(" s")
    assert " explain " in more
    assert max(map(len, _printed(*run, terminal.SCREEN))) > 200
