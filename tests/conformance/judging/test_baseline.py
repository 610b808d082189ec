"""Baselines: strict in both directions, kept reasons, nothing lost when a file is bad."""

from __future__ import annotations

import datetime
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from conformance.clauses import registry
from conformance.clauses.registry import CLAUSES
from conformance.files import BadFile
from conformance.judging.baseline import file as baselines
from conformance.judging.baseline import former
from conformance.judging.baseline.entries import Baseline, Entry, FailingCheck, Pinned
from conformance.judging.baseline.force import InForce
from conformance.judging.baseline.markers import Interpreter, holds, marker_for
from conformance.judging.baseline.update import Seen, update
from conformance.judging.causes import Cause, Pattern
from conformance.judging.digests import of_check, of_once, of_replayed
from conformance.judging.events import CheckFinished, Subject
from conformance.judging.findings import Finding
from conformance.judging.in_process import FAIL, INCONCLUSIVE, NOT_RUN, PASS, UNSUPPORTED
from conformance.judging.judgement import CONFORMANT, NONCONFORMANT, NOT_JUDGED, Judgement, judge
from conformance.judging.known import CHANGED, KNOWN, NEW
from conformance.judging.repeated import Repeated
from conformance.judging.search import TraceReplayed, came_to
from conformance.judging.verdicts import ClauseResult, Results, verdict_of
from fixtures.operations.table import step
from stateful.lockstep.divergence import Divergence, Signature
from stateful.processes.events import DivergenceFound
from stateful.replay.recording import Recording
from stateful.replay.replaying import DIVERGES, ERROR, FIXED, Replayed
from stateful.traces.trace import Trace
from tests.conftest import Run

registry.load()

TODAY = datetime.date(2026, 1, 31)
SUBJECT = Subject("t", "t", "1", "3.11", "CPython", "here", ("persistent",))
MUSTS = [each.id for each in CLAUSES.values() if each.level == "MUST"][:6]
SHOULD = next(each.id for each in CLAUSES.values() if each.level == "SHOULD")


def _results(verdicts: dict[str, dict[str, str]]) -> Results:
    """Results from clause id -> check name -> verdict."""
    clauses = []
    for id, checks in verdicts.items():
        finished = tuple(
            CheckFinished(f"{id}:{name}", id, verdict, "what", "this", "that")
            for name, verdict in checks.items()
        )
        clauses.append(ClauseResult(CLAUSES[id], verdict_of(CLAUSES[id], finished), finished))
    return Results(SUBJECT, tuple(clauses), 1.0)


def _finished(id: str, name: str, verdict: str = FAIL, got: str = "that") -> CheckFinished:
    return CheckFinished(f"{id}:{name}", id, verdict, "what", "this", got)


def _entry(
    id: str, *names: str, verdict: str = FAIL, got: str = "that", marker: str | None = None
) -> Entry:
    checks = tuple(FailingCheck.of(_finished(id, name, verdict, got)) for name in names)
    return Entry(id, verdict, checks, "r", marker=marker)


def _baseline(*entries: Entry) -> Baseline:
    return Baseline("t", "1", ("CPython 3.11",), tuple(entries))


def _judged(results: Results, baseline: Baseline | None = None, **named: object) -> Judgement:
    given = {"strict": False, "floor": 1, "today": TODAY, **named}
    known = None if baseline is None else InForce.of(baseline, results.subject)
    return judge(results, known, **given)  # type: ignore[arg-type]


def _code(results: Results, baseline: Baseline | None = None, **named: object) -> int:
    return _judged(results, baseline, **named).exit_code


_VERDICTS = st.sampled_from([PASS, FAIL, INCONCLUSIVE, UNSUPPORTED])
_RESULTS = st.dictionaries(
    st.sampled_from([*MUSTS, SHOULD]),
    st.dictionaries(st.sampled_from("abc"), _VERDICTS, min_size=1),
    min_size=1,
).map(_results)


def _updated(old: Baseline | None, results: Results) -> Baseline:
    return update(old, [Seen(results)])


@given(_RESULTS)
def test_with_its_own_baseline_nothing_is_new_and_nothing_stale(results: Results) -> None:
    found = _judged(results, _updated(None, results), strict=True, floor=0)
    assert (found.exit_code, found.unexpected, found.stale) == (CONFORMANT, {}, {})


@given(_RESULTS)
def test_every_entry_that_is_removed_is_missed(results: Results) -> None:
    whole = _updated(None, results)
    for removed in whole.entries:
        rest = tuple(entry for entry in whole.entries if entry is not removed)
        found = _judged(results, replace(whole, entries=rest), strict=True, floor=0)
        assert removed.id in {*found.unexpected, *found.unjudged}
        assert found.exit_code in (NONCONFORMANT, NOT_JUDGED)


@given(_RESULTS, _RESULTS)
def test_a_baseline_that_was_brought_up_to_date_holds(before: Results, after: Results) -> None:
    updated = _updated(_updated(None, before), after)
    assert _code(after, updated, strict=True, floor=0) == CONFORMANT


@settings(deadline=None)
@given(_RESULTS)
def test_baselines_survive_their_file(results: Results) -> None:
    written = _updated(None, results)
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "baseline.toml"
        baselines.write(path, written)
        assert baselines.read(path) == written


def test_reasons_issues_and_dates_are_kept() -> None:
    date = datetime.date(2030, 1, 1)
    known = replace(_entry(MUSTS[0], "a"), reason="we know", issue="#7", expires=date)
    results = _results({MUSTS[0]: {"a": FAIL, "b": FAIL}})
    (kept,) = _updated(_baseline(known), results).entries
    assert (kept.reason, kept.issue, kept.expires) == ("we know", "#7", date)
    assert [check.name for check in kept.checks] == ["a", "b"]


def test_entries_outside_the_selection_are_kept_and_not_judged() -> None:
    other = _entry(MUSTS[1], "a")
    results = _results({MUSTS[0]: {"a": PASS}})
    assert _updated(_baseline(other), results).entries == (other,)
    assert _code(results, _baseline(other)) == CONFORMANT


_LATE = TODAY - datetime.timedelta(1)


@pytest.mark.parametrize(
    ("entry", "checks", "code"),
    [
        (_entry(MUSTS[0], "a"), {"a": FAIL}, CONFORMANT),
        (_entry(MUSTS[0], "a"), {"a": PASS}, NONCONFORMANT),
        (_entry(MUSTS[0], "a"), {"a": FAIL, "b": FAIL}, NONCONFORMANT),
        (_entry(MUSTS[0], "a", "b"), {"a": FAIL, "b": PASS}, NONCONFORMANT),
        (_entry(MUSTS[0], "a", "gone"), {"a": FAIL}, NONCONFORMANT),
        (_entry(MUSTS[0], "a"), {"a": UNSUPPORTED}, NONCONFORMANT),
        (_entry(MUSTS[0], "a", verdict=INCONCLUSIVE), {"a": INCONCLUSIVE}, CONFORMANT),
        (_entry(MUSTS[0], "a", verdict=INCONCLUSIVE), {"a": FAIL}, NONCONFORMANT),
        (_entry(MUSTS[0], "a"), {"a": INCONCLUSIVE}, NOT_JUDGED),
        (_entry(MUSTS[0], "a"), {"a": NOT_RUN}, NOT_JUDGED),
        (_entry(MUSTS[0], "a", got="another"), {"a": FAIL}, NONCONFORMANT),
        (replace(_entry(MUSTS[0], "a"), expires=TODAY), {"a": FAIL}, CONFORMANT),
        (replace(_entry(MUSTS[0], "a"), expires=_LATE), {"a": FAIL}, NONCONFORMANT),
        (_entry(MUSTS[0], "a", marker="python_version < '3.12'"), {"a": FAIL}, CONFORMANT),
        (_entry(MUSTS[0], "a", marker="python_version < '3.11'"), {"a": FAIL}, NONCONFORMANT),
        (_entry(MUSTS[0], "a", marker="python_version < '3.11'"), {"a": PASS}, CONFORMANT),
    ],
)
def test_an_entry_holds_to_the_letter(entry: Entry, checks: dict[str, str], code: int) -> None:
    results = _results({MUSTS[0]: checks, MUSTS[1]: {"a": PASS}})
    assert _code(results, _baseline(entry)) == code


def test_a_check_that_fails_in_another_way_is_news_of_any_level() -> None:
    for id in (MUSTS[0], SHOULD):
        found = _judged(_results({id: {"a": FAIL}}), _baseline(_entry(id, "a", got="less")))
        assert found.unexpected == {id: "changed: a: what: expected this, was less, is now that"}
        assert found.news == {id: (f"{id}:a",)}


def test_should_gates_only_if_strict() -> None:
    results = _results({SHOULD: {"a": FAIL}, MUSTS[0]: {"a": PASS}})
    assert _code(results) == CONFORMANT
    assert _code(results, strict=True) == NONCONFORMANT


def test_what_could_not_be_judged_is_not_green() -> None:
    assert _code(_results({MUSTS[0]: {"a": INCONCLUSIVE}, MUSTS[1]: {"a": PASS}})) == NOT_JUDGED
    assert _code(_results({MUSTS[0]: {"a": NOT_RUN}, MUSTS[1]: {"a": PASS}})) == NOT_JUDGED
    assert _code(_results({MUSTS[0]: {"a": UNSUPPORTED}})) == NOT_JUDGED
    assert _code(_results({MUSTS[0]: {"a": PASS}}), floor=2) == NOT_JUDGED
    failing = _results({MUSTS[0]: {"a": INCONCLUSIVE}, MUSTS[1]: {"a": FAIL}})
    assert _code(failing) == NONCONFORMANT


def test_digests_of_checks_leave_accidents_out() -> None:
    here = _finished(MUSTS[0], "a", got="<X object at 0x7f01>")
    assert of_check(here) == of_check(replace(here, got="<X object at 0x7f02>"))
    assert of_check(here) != of_check(replace(here, got="<Y object at 0x7f01>"))
    error = replace(here, got="TypeError: these words", error="TypeError")
    assert of_check(error) == of_check(replace(error, got="TypeError: others"))
    assert of_check(error) != of_check(replace(error, error="ValueError"))
    lost = replace(here, verdict=INCONCLUSIVE, what="the target's process was killed by SIGSEGV")
    assert of_check(lost) == of_check(replace(lost, what=lost.what.replace("SEGV", "ABRT")))


_GOOD = (
    'schema = 2\ntarget = "t"\ninterpreters = ["CPython 3.11"]\n[[clause]]\nid = "STATE-01"\n'
    'verdict = "fail"\nchecks = [{name = "a", got = "1", digest = "0123456789ab"}]\n'
    'reason = "r"\n'
)


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("schema = 2", "schema = "),
        ("schema = 2", "schema = 3"),
        ("schema = 2\n", ""),
        ('interpreters = ["CPython 3.11"]\n', ""),
        ("CPython 3.11", "CPython"),
        ('reason = "r"\n', ""),
        ('reason = "r"\n', 'reason = ""\n'),
        ("STATE-01", "state 1"),
        ('reason = "r"', 'reason = "r"\nexpires = "soon"'),
        ('reason = "r"', 'reason = "r"\nmarker = "python < 3"'),
        ('reason = "r"', 'reason = "r"\nodd = 1'),
        ("0123456789ab", "0123"),
        ('{name = "a", got = "1", digest = "0123456789ab"}', '"a"'),
        ("STATE-01", "\udcff"),
    ],
)
def test_a_bad_baseline_is_refused_and_not_overwritten(
    tmp_path: Path, old: str, new: str, run: Run
) -> None:
    path = tmp_path / "baseline.toml"
    path.write_text(_GOOD)
    assert len(baselines.read(path).entries) == 1
    assert old in _GOOD
    path.write_bytes(_GOOD.replace(old, new).encode("utf-8", "surrogateescape"))
    before = path.read_bytes()
    with pytest.raises(BadFile):
        baselines.read(path)
    result = run("baseline", "ref", "-o", path)
    assert result.exit_code == 2
    assert str(path) in result.output
    assert path.read_bytes() == before
    assert [each.name for each in tmp_path.iterdir()] == ["baseline.toml"]


# Divergences


def _divergence(
    before: str = "Plain ghost", field: str = "error", op: str = "get", actual: str = "2"
) -> Divergence:
    steps = (step("ghost", "a"), step("set", "a", "x", "it'''s"), step("get", "a", before))
    known = (Signature("minimize", "-", "value"),)
    return Divergence(
        Signature(op, before, field), Trace({"jars": 2}, steps), 2, "1", actual, known
    )


def _replayed(found: Divergence, does: str = "returns 2", state: str = "0") -> Replayed:
    before = {"does": "returns None", "calls": [], "seen": {}}
    right = {"does": "returns 1", "calls": [], "seen": {"a.state": "0"}}
    wrong = {"does": does, "calls": [], "seen": {"a.state": state}}
    return Replayed(
        DIVERGES,
        found,
        "",
        Recording((before, before, right)),
        Recording((before, before, wrong)),
    )


def _pinned(found: Divergence, result: Replayed | None = None, **named: object) -> Pinned:
    digest = of_replayed(result or _replayed(found))
    return Pinned(found, digest, **{"reason": "we know", **named})  # type: ignore[arg-type]


_SEEN = _divergence()
_PINNED = _pinned(_SEEN, clause="GC-01", issue="#7", expires=datetime.date(2030, 1, 1))


def _searched(
    found: Sequence[Replayed],
    pinned: Sequence[tuple[Pinned, Replayed]] = (),
    baseline: Baseline | None = None,
    day: datetime.date = TODAY,
) -> tuple[Results, Judgement]:
    """What comes of a search that ``found`` this, and how it stands to ``baseline``.

    That holds what is ``pinned``, unless it is given.
    """
    events: list[object] = [TraceReplayed("p", result, each) for each, result in pinned]
    for result in found:
        assert result.found is not None
        events.append(Repeated(DivergenceFound("walker", 0, result.found), result))
    held = _with(*(each for each, _ in pinned)) if baseline is None else baseline
    known = InForce.of(held, SUBJECT)
    searched = replace(came_to(("walker",), events, SUBJECT, known), engines=())
    results = Results(SUBJECT, (), 1.0, searched)
    return results, judge(results, known, strict=False, floor=0, pairs=0, today=day)


def _with(*pinned: Pinned) -> Baseline:
    return Baseline("t", "1", ("CPython 3.11",), (), pinned)


_STILL = (_PINNED, _replayed(_SEEN))
_GONE = (_PINNED, Replayed(FIXED))


def test_divergences_survive_their_file(tmp_path: Path) -> None:
    path = tmp_path / "baseline.toml"
    other = _pinned(_divergence("Plain saved"), marker="python_version < '3.11'", repeats=False)
    causes = (Cause("why", "because", "GC-01", "#8", (Pattern("a", actual="it's"),)),)
    written = replace(_with(_PINNED, other), causes=causes)
    baselines.write(path, written)
    assert baselines.read(path) == written
    lines = path.read_text().splitlines()
    assert '  {"op": "ghost", "object": "a"},' in lines
    plain = Trace({}, (step("ghost", "a"), step("collect")))
    baselines.write(path, _with(_pinned(replace(_SEEN, trace=plain, step=1))))
    assert path.read_text().count("'''") == 2


def test_a_divergence_is_known_by_its_signature_and_by_what_was_seen() -> None:
    other, richer = _divergence("Plain saved"), _divergence("Slotted ghost cached")
    results, found = _searched([_replayed(each) for each in (_SEEN, other, richer)], [_STILL])
    assert set(found.divergences.unexpected) == {str(other.signature), str(richer.signature)}
    assert results.search is not None
    assert [each.standing.state for each in results.search.findings] == [NEW, NEW, KNOWN]
    # What else is seen counts as well.
    _, found = _searched([_replayed(_SEEN, state="1")], [_STILL])
    assert set(found.divergences.unexpected) == {str(_SEEN.signature)}
    assert found.exit_code == NONCONFORMANT


def test_another_wrong_in_a_pinned_trace_is_news_that_says_what_it_was() -> None:
    now = _divergence(actual="3")
    for found in ([], [_replayed(now, "returns 3")]):
        _, judged = _searched(found, [(_PINNED, _replayed(now, "returns 3"))])
        changed = {str(_SEEN.signature): "changed: expected 1, was 2, is now 3"}
        assert judged.divergences.unexpected == changed
        assert judged.divergences.stale == {}
    results, judged = _searched([], [(_PINNED, _replayed(_SEEN, state="1"))])
    (message,) = judged.divergences.unexpected.values()
    assert message.startswith("changed: expected 1, got 2 as before, and something else is seen")
    assert results.search is not None
    assert results.search.findings[0].standing.state == CHANGED
    assert results.search.findings[0].differing == {"a.state": ("0", "1")}


def test_an_entry_whose_trace_does_not_diverge_is_stale() -> None:
    for found in ([], [_replayed(_SEEN)]):
        # Whatever the engines come across: the pinned trace decides.
        _, judged = _searched(found, [_GONE])
        why = {str(_SEEN.signature): "its pinned trace does not diverge any more"}
        assert judged.divergences.stale == why


def test_an_entry_whose_trace_shows_what_another_holds_is_stale() -> None:
    other = _divergence(field="object.state")
    pinned = [(_PINNED, _replayed(other)), (_pinned(other), _replayed(other))]
    _, judged = _searched([], pinned)
    assert set(judged.divergences.stale) == {str(_SEEN.signature)}
    assert judged.divergences.unexpected == {}


def test_reasons_follow_what_pinned_traces_show_now() -> None:
    other = _divergence(field="object.state")
    results, _ = _searched([], [(_PINNED, _replayed(other))])
    (kept,) = update(_with(_PINNED), [Seen(results)]).divergences
    assert (kept.divergence, kept.reason, kept.issue) == (other, "we know", "#7")


def test_an_entry_that_expired_is_stale() -> None:
    late = datetime.date(2031, 1, 1)
    assert _searched([], [_STILL], day=late)[1].divergences.stale
    assert not _searched([], [_STILL])[1].divergences.stale


def test_an_entry_that_was_not_replayed_is_not_judged() -> None:
    name = str(_SEEN.signature)
    _, judged = _searched([], baseline=_with(_PINNED))
    assert set(judged.divergences.unjudged) == {name}
    broken = Replayed(ERROR, problem="it has no cache")
    results, judged = _searched([], [(_PINNED, broken)])
    assert judged.divergences.unjudged == {name: "it has no cache"}
    assert update(_with(_PINNED), [Seen(results)]).divergences == (_PINNED,)


def test_what_a_process_of_its_own_does_not_show_is_known_all_the_same() -> None:
    once = Repeated(DivergenceFound("walker", 0, _SEEN), Replayed(FIXED))
    searched = came_to(("walker",), [once], SUBJECT)
    (found,) = searched.findings
    assert (found.repeats, found.digest) == (False, of_once(_SEEN))
    assert "once" in found.message
    written = update(None, [Seen(Results(SUBJECT, (), 1.0, searched))])
    again = came_to(("walker",), [once], SUBJECT, InForce.of(written, SUBJECT))
    assert again.news == ()
    results = Results(SUBJECT, (), 1.0, replace(again, engines=()))
    assert _code(results, written, floor=0, pairs=0) == CONFORMANT


def test_divergences_are_updated_and_reasons_kept() -> None:
    other = _divergence("Plain saved")
    found = [_replayed(each) for each in (_SEEN, other, other)]
    results, _ = _searched(found, [_STILL])
    updated = update(_with(_PINNED), [Seen(results)])
    assert updated.divergences == (_PINNED, _pinned(other, reason="expected 1, got 2"))
    pinned = [(each, _replayed(each.divergence)) for each in updated.divergences]
    assert _searched(found, pinned)[1].exit_code == CONFORMANT
    results, _ = _searched([_replayed(other)], [_GONE])
    assert update(updated, [Seen(results)]).divergences == updated.divergences[1:]


def test_all_that_was_seen_is_written_though_it_is_read_from_another() -> None:
    richer = _divergence("Slotted ghost cached")
    results, judged = _searched([_replayed(_SEEN), _replayed(richer)])
    assert set(judged.divergences.unexpected) == {str(_SEEN.signature)}
    written = update(None, [Seen(results)])
    assert len(written.divergences) == 2
    # A run that comes across the covered one only finds it there.
    _, judged = _searched(
        [_replayed(richer)], [(each, _replayed(each.divergence)) for each in written.divergences]
    )
    assert judged.exit_code == CONFORMANT


# Interpreters

_PY = ("CPython 3.8", "CPython 3.9", "CPython 3.10", "CPython 3.13", "PyPy 3.10")


@given(st.sets(st.sampled_from(_PY), min_size=1))
def test_a_marker_chooses_its_interpreters_and_no_others(chosen: set[str]) -> None:
    marker = marker_for(chosen, _PY)
    assert (marker is None) == (chosen == set(_PY))
    assert {each for each in _PY if holds(marker, Interpreter.parse(each))} == chosen


@pytest.mark.parametrize(
    ("chosen", "marker"),
    [
        (_PY[:3], "implementation_name == 'cpython' and python_version < '3.13'"),
        (_PY[4:], "implementation_name == 'pypy'"),
        (_PY[3:4], "python_version >= '3.13'"),
        ((_PY[2], _PY[4]), "python_version == '3.10'"),
    ],
)
def test_markers_are_plain(chosen: tuple[str, ...], marker: str) -> None:
    assert marker_for(chosen, _PY) == marker


def _on(python: str, results: Results, also: Sequence[Finding] = ()) -> Seen:
    return Seen(replace(results, subject=replace(SUBJECT, python=python)), also)


def test_one_file_holds_what_several_interpreters_show() -> None:
    id = MUSTS[0]
    old = _results({id: {"a": FAIL, "b": PASS}})
    new = _results({id: {"a": FAIL, "b": FAIL}})
    everywhere, only = _replayed(_SEEN), _replayed(_divergence("Plain saved"))
    old = replace(old, search=_searched([everywhere])[0].search)
    new = replace(new, search=_searched([only])[0].search)
    also = (old.search.findings[0],) if old.search else ()
    written = update(None, [_on("3.9.1", old), _on("3.12.0", new, also)])
    assert written.interpreters == ("CPython 3.9", "CPython 3.12")
    late = "python_version >= '3.12'"
    assert {(each.marker, *(check.name for check in each.checks)) for each in written.entries} == {
        (None, "a"),
        (late, "b"),
    }
    assert [each.marker for each in written.divergences] == [None, late]
    # Where another one is added, what was said of these stays.
    added = update(written, [_on("3.13.0", old)])
    assert added.interpreters == ("CPython 3.9", "CPython 3.12", "CPython 3.13")
    assert {each.marker for each in added.entries} == {None, "python_version == '3.12'"}
    assert update(added, [_on("3.12.7", new, also)]).entries == added.entries


def test_an_interpreter_that_no_entry_speaks_of_is_named() -> None:
    results = _results({MUSTS[0]: {"a": FAIL}})
    known = replace(_baseline(_entry(MUSTS[0], "a")), interpreters=("CPython 3.8",))
    judged = _judged(results, known)
    assert (judged.exit_code, judged.unspoken) == (CONFORMANT, "CPython 3.11")
    assert _judged(results, _baseline(_entry(MUSTS[0], "a"))).unspoken is None


# Files

_PIN = """
schema = 2
target = "t"
interpreters = []
[[divergence]]
signature = "get | Plain ghost | error"
digest = "0123456789ab"
expected = "1"
actual = "2"
reason = "we know"
trace = '''{"schema": 1, "world": {}, "operations": [{"op": "collect"}]}'''
"""


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("get | Plain ghost | error", "get"),
        ('reason = "we know"', 'reason = ""'),
        ('reason = "we know"', ""),
        ('"collect"', '"nonsense"'),
        ('[{"op": "collect"}]', "[]"),
        ('{"op": "collect"}]}', ""),
        ("reason", "odd = 1\nreason"),
        ("reason", 'expires = "soon"\nreason'),
        ("reason", 'marker = "soon"\nreason'),
        ("reason", 'clause = "gc 1"\nreason'),
        ('digest = "0123456789ab"', ""),
        ("target", "[[divergence]]\ntarget"),
        ("[[divergence]]", '[[cause]]\nname = "n"\npatterns = [{actual = "("}]\n[[divergence]]'),
    ],
)
def test_a_damaged_entry_of_a_divergence_is_refused(tmp_path: Path, old: str, new: str) -> None:
    path = tmp_path / "baseline.toml"
    path.write_text(_PIN)
    assert len(baselines.read(path).divergences) == 1
    path.write_text(_PIN.replace(old, new, 1))
    with pytest.raises(BadFile):
        baselines.read(path)


def test_a_divergence_that_is_listed_twice_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "baseline.toml"
    path.write_text(_PIN + _PIN.partition("interpreters = []")[2])
    with pytest.raises(BadFile, match="listed twice"):
        baselines.read(path)


def test_an_unlisted_failing_check_of_a_listed_clause_is_named(run: Run, tmp_path: Path) -> None:
    path = tmp_path / "baseline.toml"
    target = "tests.wrong.targets:wrong_new_object"
    path.write_text(_GOOD)
    written = baselines.read(path)
    result = run("check", target, "--clause", "STATE-01", "--baseline", path)
    assert result.exit_code == 2
    assert f"is of the target {written.target!r}, not of {target!r}" in result.output
    baselines.write(path, replace(written, target=target))
    result = run("check", target, "--clause", "STATE-01", "--baseline", path)
    assert result.exit_code == 1
    assert "was no failure of this check" in " ".join(result.output.split())


_FORMER = r"""
schema = 1
target = "t"

[[clause]]
id = "STATE-01"
verdict = "fail"
checks = ["a"]
reason = "a new object is wrong"

[[family]]
signature = '^get \| '
clause = "ACT-01"
reason = "loads twice"

[[family]]
signature = '^set \| '
clause = "ACT-01"
reason = "loads twice"

[[divergence]]
signature = "get | Plain ghost | error"
expected = "1"
actual = "2"
trace = '''{"schema": 1, "world": {}, "operations": [{"op": "collect"}]}'''
"""


def test_a_file_of_an_earlier_release_is_refused_with_the_way_over(
    run: Run, tmp_path: Path
) -> None:
    path = tmp_path / "baseline.toml"
    path.write_text(_FORMER)
    result = run("check", "ref", "--clause", "STATE-01", "--baseline", path)
    assert result.exit_code == 2
    assert f"baseline TARGET -o {path}" in " ".join(result.output.split())


def test_a_file_of_an_earlier_release_leaves_its_reasons(tmp_path: Path) -> None:
    path = tmp_path / "baseline.toml"
    path.write_text(_FORMER)
    old = former.read(path)
    (cause,) = old.causes
    assert (cause.reason, len(cause.patterns)) == ("loads twice", 2)
    now = _divergence()
    results = _results({"STATE-01": {"a": FAIL}})
    searched, _ = _searched([], [(old.divergences[0], _replayed(now))])
    written = update(old, [Seen(replace(results, search=searched.search))])
    assert [entry.reason for entry in written.entries] == ["a new object is wrong"]
    (entry,) = written.divergences
    assert (entry.cause, entry.digest) == (cause.name, of_replayed(_replayed(now)))
    assert written.causes == old.causes
    baselines.write(path, written)
    assert baselines.read(path) == written


@pytest.mark.parametrize(
    ("old", "new"),
    [(r"'^get \| '", "'('"), ('reason = "loads twice"', "expires = 1"), (r"'^get \| '", "''")],
)
def test_a_damaged_file_of_an_earlier_release_is_refused(
    tmp_path: Path, old: str, new: str
) -> None:
    path = tmp_path / "baseline.toml"
    assert old in _FORMER
    path.write_text(_FORMER.replace(old, new, 1))
    with pytest.raises(BadFile):
        former.read(path)


def test_what_no_clause_decides_does_not_gate_and_is_not_written() -> None:
    chosen = _divergence(op="invalidate_iterable set", actual="raises TypeError")
    other = replace(chosen, actual="raises SystemError")
    results, judged = _searched([_replayed(chosen, "raises TypeError")])
    assert judged.exit_code == CONFORMANT
    assert results.search is not None
    assert [each.divergence for each in results.search.free] == [chosen]
    assert update(None, [Seen(results)]).divergences == ()
    assert _searched([_replayed(other, "raises SystemError")])[1].exit_code == NONCONFORMANT


def test_a_run_without_checks_keeps_the_entries_of_clauses(run: Run, tmp_path: Path) -> None:
    target, path = "tests.wrong.targets:wrong_new_object", tmp_path / "it.toml"
    assert run("baseline", target, "--clause", "STATE-01", "-o", path).exit_code == 0
    before = baselines.read(path).entries
    assert before
    # In a process of its own: here, all clauses are loaded by now.
    program = "from conformance.cli import main; main()"
    arguments = ("baseline", target, "--engines", "corpus", "-o", str(path))
    subprocess.run(
        [sys.executable, "-c", program, *arguments], check=True, cwd=Path(__file__).parents[3]
    )
    assert baselines.read(path).entries == before
