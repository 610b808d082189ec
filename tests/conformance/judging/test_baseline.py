"""Baselines: strict in both directions, kept reasons, nothing lost when a file is bad."""

from __future__ import annotations

import datetime
from dataclasses import replace
from pathlib import Path

import pytest
from conformance.judging.pinned import (
    DivergenceComparison,
    Pinned,
    compare_divergences,
    update_divergences,
)
from hypothesis import given
from hypothesis import strategies as st

from conformance.clauses import registry
from conformance.clauses.registry import CLAUSES
from conformance.files import BadFile
from conformance.judging import baseline as baselines
from conformance.judging.baseline import Baseline, Entry
from conformance.judging.events import CheckFinished, Subject
from conformance.judging.in_process import FAIL, INCONCLUSIVE, NOT_RUN, PASS, UNSUPPORTED
from conformance.judging.judgement import CONFORMANT, NONCONFORMANT, NOT_JUDGED, judge
from conformance.judging.verdicts import ClauseResult, Results, verdict_of
from fixtures.operations.table import step
from stateful.lockstep.divergence import Divergence, Signature
from stateful.replay.replaying import DIVERGES, ERROR, FIXED, Replayed
from stateful.traces.trace import Trace

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


def _entries(*entries: Entry) -> Baseline:
    return Baseline("t", "1", {entry.id: entry for entry in entries})


def _code(results: Results, baseline: Baseline | None = None, **named: object) -> int:
    settings = {"strict": False, "floor": 1, "today": TODAY, **named}
    return judge(results, baseline, **settings).exit_code  # type: ignore[arg-type]


_VERDICTS = st.sampled_from([PASS, FAIL, INCONCLUSIVE, UNSUPPORTED])
_RESULTS = st.dictionaries(
    st.sampled_from([*MUSTS, SHOULD]),
    st.dictionaries(st.sampled_from("abc"), _VERDICTS, min_size=1),
    min_size=1,
).map(_results)


@given(_RESULTS)
def test_with_its_own_baseline_nothing_is_new_and_nothing_stale(results: Results) -> None:
    found = judge(results, baselines.update(None, results), strict=True, floor=0, today=TODAY)
    assert (found.exit_code, found.unexpected, found.stale) == (CONFORMANT, {}, {})


@given(_RESULTS)
def test_every_entry_that_is_removed_is_missed(results: Results) -> None:
    whole = baselines.update(None, results)
    for id in whole.entries or {}:
        rest = {other: entry for other, entry in (whole.entries or {}).items() if other != id}
        found = judge(results, Baseline("t", "1", rest), strict=True, floor=0, today=TODAY)
        assert id in found.unexpected or id in found.unjudged
        assert found.exit_code in (NONCONFORMANT, NOT_JUDGED)


@given(_RESULTS, _RESULTS)
def test_a_baseline_that_was_brought_up_to_date_holds(before: Results, after: Results) -> None:
    updated = baselines.update(baselines.update(None, before), after)
    assert _code(after, updated, strict=True, floor=0) == CONFORMANT


@given(_RESULTS)
def test_baselines_survive_their_file(results: Results) -> None:
    import tempfile

    written = baselines.update(None, results)
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "baseline.toml"
        baselines.write(path, written)
        assert baselines.read(path) == written


def test_reasons_issues_and_dates_are_kept() -> None:
    known = Entry(MUSTS[0], FAIL, ("a",), "we know", "#7", datetime.date(2030, 1, 1))
    results = _results({MUSTS[0]: {"a": FAIL, "b": FAIL}})
    kept = baselines.update(_entries(known), results).get(MUSTS[0])
    assert kept == Entry(MUSTS[0], FAIL, ("a", "b"), "we know", "#7", datetime.date(2030, 1, 1))


def test_entries_outside_the_selection_are_kept_and_not_judged() -> None:
    other = Entry(MUSTS[1], FAIL, ("a",), "why")
    results = _results({MUSTS[0]: {"a": PASS}})
    assert baselines.update(_entries(other), results).get(MUSTS[1]) == other
    assert _code(results, _entries(other)) == CONFORMANT


@pytest.mark.parametrize(
    ("entry", "checks", "code"),
    [
        (Entry(MUSTS[0], FAIL, ("a",), "r"), {"a": FAIL}, CONFORMANT),
        (Entry(MUSTS[0], FAIL, ("a",), "r"), {"a": PASS}, NONCONFORMANT),
        (Entry(MUSTS[0], FAIL, ("a",), "r"), {"a": FAIL, "b": FAIL}, NONCONFORMANT),
        (Entry(MUSTS[0], FAIL, ("a", "b"), "r"), {"a": FAIL, "b": PASS}, NONCONFORMANT),
        (Entry(MUSTS[0], FAIL, ("a", "gone"), "r"), {"a": FAIL}, NONCONFORMANT),
        (Entry(MUSTS[0], FAIL, ("a",), "r"), {"a": UNSUPPORTED}, NONCONFORMANT),
        (Entry(MUSTS[0], INCONCLUSIVE, ("a",), "r"), {"a": INCONCLUSIVE}, CONFORMANT),
        (Entry(MUSTS[0], INCONCLUSIVE, ("a",), "r"), {"a": FAIL}, NONCONFORMANT),
        (Entry(MUSTS[0], FAIL, ("a",), "r"), {"a": INCONCLUSIVE}, NOT_JUDGED),
        (Entry(MUSTS[0], FAIL, ("a",), "r"), {"a": NOT_RUN}, NOT_JUDGED),
        (Entry(MUSTS[0], FAIL, ("a",), "r", None, TODAY), {"a": FAIL}, CONFORMANT),
        (
            Entry(MUSTS[0], FAIL, ("a",), "r", None, TODAY - datetime.timedelta(1)),
            {"a": FAIL},
            NONCONFORMANT,
        ),
    ],
)
def test_an_entry_holds_to_the_letter(entry: Entry, checks: dict[str, str], code: int) -> None:
    results = _results({MUSTS[0]: checks, MUSTS[1]: {"a": PASS}})
    assert _code(results, _entries(entry)) == code


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


_GOOD = 'schema = 1\ntarget = "t"\n[[clause]]\nid = "{id}"\nverdict = "fail"\nchecks = ["a"]\n'


@pytest.mark.parametrize(
    "text",
    [
        "schema = ",
        "schema = 2\ntarget = 't'\n",
        "target = 't'\n",
        _GOOD.format(id="STATE-01"),
        _GOOD.format(id="STATE-01") + 'reason = ""\n',
        _GOOD.format(id="state 1") + 'reason = "r"\n',
        _GOOD.format(id="STATE-01") + 'reason = "r"\nexpires = "soon"\n',
        _GOOD.format(id="STATE-01") + 'reason = "r"\nodd = 1\n',
        "\udcff",
    ],
)
def test_a_bad_baseline_is_refused_and_not_overwritten(tmp_path: Path, text: str, run) -> None:
    path = tmp_path / "baseline.toml"
    path.write_bytes(text.encode("utf-8", "surrogateescape"))
    before = path.read_bytes()
    with pytest.raises(BadFile):
        baselines.read(path)
    result = run("baseline", "ref", "-o", path)
    assert result.exit_code == 2
    assert str(path) in result.output
    assert path.read_bytes() == before
    assert [each.name for each in tmp_path.iterdir()] == ["baseline.toml"]


# Divergences


def _divergence(before: str = "Plain ghost", field: str = "error", op: str = "get") -> Divergence:
    steps = (step("ghost", "a"), step("set", "a", "x", "it'''s"), step("get", "a", "x"))
    known = (Signature("minimize", "-", "value"),)
    return Divergence(Signature(op, before, field), Trace({"jars": 2}, steps), 2, "1", "2", known)


_SEEN = _divergence()
_PINNED = Pinned(_SEEN, "we know", "GC-01", "#7", datetime.date(2030, 1, 1))
_STILL = {_SEEN.signature: Replayed(DIVERGES, _SEEN)}
_GONE = {_SEEN.signature: Replayed(FIXED)}


def test_divergences_survive_their_file(tmp_path: Path) -> None:
    path = tmp_path / "baseline.toml"
    written = Baseline("t", "1", {}, (_PINNED, Pinned(_divergence("Plain saved"), "why")))
    baselines.write(path, written)
    assert baselines.read(path) == written
    lines = path.read_text().splitlines()
    assert '  {"op": "ghost", "object": "a"},' in lines
    plain = Trace({}, (step("ghost", "a"), step("collect")))
    baselines.write(
        path, Baseline("t", "1", {}, (Pinned(replace(_SEEN, trace=plain, step=1), "w"),))
    )
    assert path.read_text().count("'''") == 2


def test_a_divergence_that_no_entry_covers_is_new() -> None:
    other = _divergence("Plain saved")
    found = compare_divergences((_PINNED,), [_SEEN, other], _STILL, TODAY)
    assert found.unexpected == {str(other.signature): "expected 1, got 2"}
    assert not found.stale
    assert not found.unjudged
    richer = _divergence("Slotted ghost cached")
    assert not compare_divergences((_PINNED,), [richer], _STILL, TODAY).unexpected


def test_an_entry_whose_trace_does_not_diverge_is_stale() -> None:
    found = compare_divergences((_PINNED,), [], _GONE, TODAY)
    assert found.stale == {str(_SEEN.signature): "its pinned trace does not diverge any more"}
    # Whatever the engines come across: the pinned trace decides.
    assert compare_divergences((_PINNED,), [_SEEN], _GONE, TODAY).stale


def test_an_entry_whose_trace_diverges_in_another_way_is_stale_and_that_is_new() -> None:
    other = _divergence(field="object.state")
    replayed = {_SEEN.signature: Replayed(DIVERGES, other)}
    found = compare_divergences((_PINNED,), [], replayed, TODAY)
    assert set(found.stale) == {str(_SEEN.signature)}
    assert set(found.unexpected) == {str(other.signature)}
    (kept,) = update_divergences((_PINNED,), [], replayed)
    assert (kept.divergence, kept.reason, kept.issue) == (other, "we know", "#7")


def test_an_entry_that_expired_is_stale() -> None:
    late = datetime.date(2031, 1, 1)
    assert compare_divergences((_PINNED,), [], _STILL, late).stale
    assert not compare_divergences((_PINNED,), [], _STILL, TODAY).stale


def test_an_entry_that_was_not_replayed_is_not_judged() -> None:
    broken = {_SEEN.signature: Replayed(ERROR, problem="it has no cache")}
    assert set(compare_divergences((_PINNED,), [], {}, TODAY).unjudged) == {str(_SEEN.signature)}
    found = compare_divergences((_PINNED,), [], broken, TODAY)
    assert found.unjudged == {str(_SEEN.signature): "it has no cache"}
    assert update_divergences((_PINNED,), [], broken) == (_PINNED,)


def test_divergences_are_updated_and_reasons_kept() -> None:
    other = _divergence("Plain saved")
    updated = update_divergences((_PINNED,), [_SEEN, other, other], _STILL)
    assert updated == (_PINNED, Pinned(other, "expected 1, got 2"))
    assert update_divergences(updated, [other], _GONE) == (updated[1],)
    replayed = {each.signature: Replayed(DIVERGES, each.divergence) for each in updated}
    assert compare_divergences(updated, [other, _SEEN], replayed, TODAY) == (
        DivergenceComparison({}, {}, {})
    )


_PIN = """
schema = 1
target = "t"
[[divergence]]
signature = "get | Plain ghost | error"
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
        ("reason", 'clause = "gc 1"\nreason'),
        ("target", "[[divergence]]\ntarget"),
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
    path.write_text(_PIN + _PIN.partition('target = "t"')[2])
    with pytest.raises(BadFile, match="listed twice"):
        baselines.read(path)


def test_an_unlisted_failing_check_of_a_listed_clause_is_named(run, tmp_path: Path) -> None:
    path = tmp_path / "baseline.toml"
    target = "tests.wrong.targets:wrong_new_object"
    path.write_text(_GOOD.format(id="STATE-01") + 'reason = "r"\n')
    written = baselines.read(path)
    result = run("check", target, "--clause", "STATE-01", "--baseline", path)
    assert result.exit_code == 2
    assert f"is of the target {written.target!r}, not of {target!r}" in result.output
    baselines.write(path, replace(written, target=target))
    result = run("check", target, "--clause", "STATE-01", "--baseline", path)
    assert result.exit_code == 1
    assert "which the baseline does not list" in " ".join(result.output.split())
