"""Causes of divergences: what they hold, what keeps them honest, what their file says."""

from __future__ import annotations

import datetime
import re
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest
from conformance.judging.pinned import Pinned, compare_divergences, update_divergences
from hypothesis import given
from hypothesis import strategies as st

from conformance.files import BadFile
from conformance.judging import baseline as baselines
from conformance.judging.baseline import Baseline
from conformance.judging.causes import PATTERNS, Cause, outside
from fixtures.operations.table import step
from stateful.lockstep.divergence import Divergence, Signature
from stateful.processes.events import DivergenceFound, UnitFinished
from stateful.replay.replaying import DIVERGES, Replayed
from stateful.traces.trace import Trace
from tests.conftest import Run

TODAY = datetime.date(2026, 1, 31)
LOADS = Cause(r"^get \| \w+ ghost", "loads twice", clause="ACT-01", trace="^make a, a ghost")


def _divergence(op: str, before: str, expected: str = "1", actual: str = "2") -> Divergence:
    trace = Trace({}, (step("ghost", "a"), step("get", "a", "x")))
    return Divergence(Signature(op, before, "calls"), trace, 1, expected, actual)


ONE, OTHER = _divergence("get", "Slotted ghost"), _divergence("get", "Mapping ghost")
ELSEWHERE = _divergence("set", "Plain ghost")


def _compared(causes: list[Cause], *found: Divergence, pinned: tuple[Pinned, ...] = ()) -> set:
    replayed = {entry.signature: Replayed(DIVERGES, entry.divergence) for entry in pinned}
    compared = compare_divergences(pinned, found, replayed, TODAY, causes)
    return {*compared.unexpected, *(f"stale {name}" for name in compared.stale)}


def test_a_cause_holds_what_all_of_its_patterns_are_found_in() -> None:
    assert LOADS.holds(ONE)
    assert LOADS.holds(OTHER)
    assert not LOADS.holds(ELSEWHERE)
    assert not replace(LOADS, trace="b, a ghost").holds(ONE)
    assert replace(LOADS, expected="^1$", actual="^2$").holds(ONE)
    assert not replace(LOADS, expected="^2$").holds(ONE)
    assert not replace(LOADS, actual="^1$").holds(ONE)


def test_what_a_cause_holds_is_not_new() -> None:
    pinned = (Pinned(ONE, LOADS.reason),)
    assert _compared([LOADS], OTHER, pinned=pinned) == set()
    assert _compared([LOADS], ELSEWHERE, pinned=pinned) == {str(ELSEWHERE.signature)}
    assert _compared([], OTHER, pinned=pinned) == {str(OTHER.signature)}


def test_a_cause_that_no_pinned_trace_shows_is_stale() -> None:
    assert _compared([LOADS], OTHER) == {f"stale {LOADS}"}
    late = replace(LOADS, expires=TODAY - datetime.timedelta(days=1))
    assert _compared([late], pinned=(Pinned(ONE, late.reason),)) == {f"stale {late}"}


def test_an_update_pins_one_trace_of_a_cause_that_has_none() -> None:
    (entry,) = update_divergences((), [ONE, OTHER], {}, [LOADS])
    assert (entry.divergence, entry.reason, entry.clause) == (ONE, LOADS.reason, LOADS.clause)
    assert update_divergences((entry,), [OTHER], {}, [LOADS]) == (entry,)


def test_a_search_passes_over_what_a_cause_holds() -> None:
    found = [DivergenceFound("walker", 0, each) for each in (ONE, ELSEWHERE)]
    end = UnitFinished("walker", 0, {}, 1.0)
    assert list(outside([*found, end], [LOADS])) == [found[1], end]


_TEXTS = st.text(min_size=1).map(re.escape)


@given(
    st.builds(
        Cause,
        **dict.fromkeys(PATTERNS, _TEXTS),  # type: ignore[arg-type]
        reason=st.text(st.characters(codec="utf-8", categories=("L", "P", "Z")), min_size=1),
        expires=st.none() | st.dates(),
    )
)
def test_causes_survive_their_file(tmp_path_factory: pytest.TempPathFactory, cause: Cause) -> None:
    path = tmp_path_factory.mktemp("cause") / "baseline.toml"
    baselines.write(path, Baseline("t", causes=(cause,)))
    assert baselines.read(path).causes == (cause,)


def test_an_entry_says_nothing_that_its_cause_says(tmp_path: Path) -> None:
    path = tmp_path / "baseline.toml"
    pinned = (
        Pinned(ONE, LOADS.reason, LOADS.clause),
        Pinned(ELSEWHERE, "another reason", expires=TODAY),
    )
    written = Baseline("t", "1", {}, pinned, (LOADS,))
    baselines.write(path, written)
    assert path.read_text().count(LOADS.reason) == 1
    assert baselines.read(path) == written


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        (r"signature = '^get \| \w+ ghost'", "signature = '('", "signature: '(' is no regular"),
        (r"signature = '^get \| \w+ ghost'", "signature = '^set'", "no reason, and no family"),
        ('reason = "loads twice"\n', "", "'reason' is a required property"),
    ],
)
def test_bad_causes_are_named(tmp_path: Path, old: str, new: str, message: str) -> None:
    path = tmp_path / "baseline.toml"
    written = Baseline("t", "1", {}, (Pinned(ONE, LOADS.reason, LOADS.clause),), (LOADS,))
    baselines.write(path, written)
    text = path.read_text()
    assert old in text
    path.write_text(text.replace(old, new))
    with pytest.raises(BadFile, match=re.escape(message)):
        baselines.read(path)


@pytest.mark.usefixtures("small")
def test_a_cause_in_the_file_of_a_check(
    run: Run, counted: Callable[[int], None], tmp_path: Path
) -> None:
    counted(2)
    target, path = "tests.wrong.targets:wrong_new_object", tmp_path / "baseline.toml"
    cause = Cause(r" \| ", "a new object is wrong", clause="STATE-01")
    baselines.write(path, Baseline(target, causes=(cause,)))
    walker = ("--engines", "walker", "--quiet")
    assert run("baseline", target, *walker, "-o", path).exit_code == 0
    assert len(baselines.read(path).divergences) == 1
    result = run("check", target, *walker, "--baseline", path)
    assert result.exit_code == 0, result.output
    result = run(
        "fuzz",
        target,
        "--engines",
        "walker",
        "--max-time",
        3600,
        "--baseline",
        path,
        "--output",
        tmp_path / "f",
    )
    assert result.exit_code == 0, result.output
    told = baselines.read(path)
    baselines.write(path, replace(told, target="ref"))
    assert run("check", "ref", *walker, "--baseline", path).exit_code == 1
