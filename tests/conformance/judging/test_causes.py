"""Causes of divergences: what they hold, and that those of released implementations explain."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from conformance.clauses import registry
from conformance.clauses.registry import CLAUSES
from conformance.judging.baseline import file
from conformance.judging.causes import Cause, Pattern, cause_of, shipped
from fixtures.operations.table import step
from stateful.lockstep.divergence import Divergence, Signature
from stateful.traces.trace import Trace

registry.load()

BASELINES = Path(__file__).parents[2] / "baselines"
RELEASED = ("persistent-c", "persistent-py")
LOADS = Pattern(r"^get \| \w+ ghost", trace="^make a, a ghost")


def _divergence(op: str, before: str, expected: str = "1", actual: str = "2") -> Divergence:
    trace = Trace({}, (step("ghost", "a"), step("get", "a", "x")))
    return Divergence(Signature(op, before, "calls"), trace, 1, expected, actual)


ONE, ELSEWHERE = _divergence("get", "Slotted ghost"), _divergence("set", "Plain ghost")


def test_a_pattern_holds_what_all_of_it_is_found_in() -> None:
    assert LOADS.holds(ONE)
    assert not LOADS.holds(ELSEWHERE)
    assert not replace(LOADS, trace="b, a ghost").holds(ONE)
    assert replace(LOADS, expected="^1$", actual="^2$").holds(ONE)
    assert not replace(LOADS, expected="^2$").holds(ONE)
    assert not replace(LOADS, actual="^1$").holds(ONE)


def test_the_first_cause_that_holds_a_divergence_explains_it() -> None:
    causes = (
        Cause("one", "loads twice", patterns=(Pattern("^set"), LOADS)),
        Cause("other", "too late", patterns=(Pattern("get"),)),
    )
    assert cause_of(ONE, causes) is causes[0]
    assert cause_of(ELSEWHERE, causes) is causes[0]
    assert cause_of(_divergence("get", "Plain saved"), causes) is causes[1]
    assert cause_of(_divergence("del", "Plain saved"), causes) is None


def test_a_pattern_that_is_none_is_refused() -> None:
    with pytest.raises(ValueError, match=r"signature: .* is no regular expression"):
        Pattern("(")


@pytest.mark.parametrize("name", RELEASED)
def test_causes_of_releases_name_clauses_and_are_told_apart(name: str) -> None:
    causes = shipped(name)
    assert len({cause.name for cause in causes}) == len(causes) > 0
    assert {cause.clause for cause in causes} <= set(CLAUSES)
    assert all(cause.patterns for cause in causes)


@pytest.mark.parametrize("name", RELEASED)
def test_causes_explain_what_is_in_the_baselines(name: str) -> None:
    baseline = file.read(BASELINES / f"{name}.toml")
    causes = {cause.name: cause for cause in (*baseline.causes, *shipped(name))}
    entries = [(entry, causes[entry.cause]) for entry in baseline.divergences if entry.cause]
    held = [entry for entry, cause in entries if cause.holds(entry.divergence)]
    # Some are named by hand, where no pattern tells them from others.
    assert len(held) > 0.95 * len(baseline.divergences) > 100


def test_no_other_implementation_has_causes() -> None:
    assert shipped("ref") == ()
