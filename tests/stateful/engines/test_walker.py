"""Random walks find what is wrong, each thing once, and what hides behind it."""

from __future__ import annotations

import pickle
from dataclasses import replace
from typing import Any

import pytest

from fixtures.targets import load
from persistent_ref import PickleCache
from stateful.engines.walker import Draws, Walk, walk
from stateful.lockstep.divergence import Masked
from stateful.lockstep.lockstep import replay
from tests.wrong import load_all, make

REFERENCE = load("ref")
load_all()


def test_an_implementation_does_not_differ_from_itself() -> None:
    result = walk(REFERENCE, REFERENCE, seed=0, budget=8000)
    assert result.divergences == []
    assert result.flaky == 0
    assert result.steps >= 8000


@pytest.mark.parametrize(
    "name",
    ["records no access", "evicts from the most recently used object on", "loads a ghost twice"],
)
def test_a_wrong_implementation_is_found(name: str) -> None:
    found = next(Walk(REFERENCE, make(name), 0).divergences(50_000))
    assert len(found.trace.operations) <= 8
    again = replay(REFERENCE, make(name), found.trace, known=found.despite)
    assert again is not None
    assert again.signature == found.signature


def test_a_walk_depends_on_its_arguments_only() -> None:
    one, other = (walk(REFERENCE, make("records no access"), 3, 1500) for _ in range(2))
    assert one == other
    assert one == pickle.loads(pickle.dumps(one))


class _TwoFaults(PickleCache):
    """Each run differs early, in what `incrgc` returns; what is known of that must not hide mru."""

    def incrgc(self, ignored: Any = None) -> Any:
        super().incrgc(ignored)
        return 0

    def mru(self, oid: bytes) -> None:
        if self.ringlen() < 3:
            super().mru(oid)


class _SweepOfMany(_TwoFaults):
    """The second fault is in the very operation that always differs."""

    def incrgc(self, ignored: Any = None) -> Any:
        if self.ringlen() < 3:
            super().incrgc(ignored)
        return 0


@pytest.mark.parametrize("cache", [_TwoFaults, _SweepOfMany])
def test_a_fault_hidden_behind_a_frequent_one_is_found(cache: type) -> None:
    target = replace(REFERENCE, name=cache.__name__, cache=cache)
    wanted = {("incrgc", "value"), ("mru", "cache")}
    if cache is _SweepOfMany:
        wanted.add(("incrgc", "object"))
    found = set()
    for each in Walk(REFERENCE, target, 0).divergences(60_000):
        found.add((each.signature.operation, each.signature.field.partition(".")[0]))
        if found >= wanted:
            break
    assert found >= wanted
    assert (("incrgc", "object") in found) is (cache is _SweepOfMany)


def test_what_is_known_is_not_found_again() -> None:
    target = make("records no access")
    first = walk(REFERENCE, target, 0, 1000)
    signatures = [found.signature for found in first.divergences]
    assert len(set(signatures)) == len(signatures)
    known = Masked(signatures)
    for found in walk(REFERENCE, target, 0, 1000, signatures).divergences:
        assert not known.holds(found.signature)


def test_a_run_can_be_drawn_again() -> None:
    one, other = (Draws(REFERENCE, REFERENCE, 5) for _ in range(2))
    one.run(0)
    assert [step.made for step in one.run(250).steps] == [
        step.made for step in other.run(250).steps
    ]


def test_each_step_is_told_before_it_is_performed() -> None:
    told: list[str] = []
    Walk(REFERENCE, REFERENCE, 0).perform(1, lambda step, before: told.append(before))
    assert len(told) >= 50
