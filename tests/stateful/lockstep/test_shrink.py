"""Traces shrink to what their divergence needs, whatever judges them."""

from __future__ import annotations

import random

from fixtures.operations.table import step
from fixtures.targets import load
from stateful.lockstep.lockstep import replay
from stateful.lockstep.shrink import shrink, shrink_divergence
from stateful.traces.trace import Trace
from tests.wrong import load_all, make

REFERENCE = load("ref")
load_all()


def _long(length: int, seed: int = 0) -> Trace:
    rng = random.Random(seed)
    steps = [step("ghost", name, "Slotted", (None, {"x": 1})) for name in "abc"]
    for _ in range(length):
        name = rng.choice("abc")
        steps.append(
            rng.choice(
                (
                    step("deactivate", name),
                    step("get", name, "x"),
                    step("set", name, "x", 2),
                    step("minimize"),
                    step("commit"),
                )
            )
        )
    return Trace({"jars": 2, "cache_size": 100}, tuple(steps))


def test_any_predicate_can_judge() -> None:
    wanted = [step("set", "a", "x", 2), step("minimize")]

    def holds(trace: Trace) -> bool:
        left = iter(trace.operations)
        return all(any(made == each for made in left) for each in wanted)

    smallest = shrink(_long(197), holds)
    assert list(smallest.operations) == wanted
    assert smallest.world == {}


def test_a_predicate_is_asked_a_limited_number_of_times() -> None:
    asked = []

    def holds(trace: Trace) -> bool:
        asked.append(trace)
        return len(trace.operations) > 150

    assert len(shrink(_long(197), holds, tries=10).operations) > 150
    assert len(asked) == 10


def test_a_long_trace_shrinks_to_a_few_steps_with_plain_objects() -> None:
    target = make("records no access")
    found = replay(REFERENCE, target, _long(197))
    assert found is not None
    smallest = shrink_divergence(REFERENCE, target, found)
    assert len(smallest.trace.operations) <= 5
    assert all(made.get("sample") != "Slotted" for made in smallest.trace.operations)
    assert smallest.signature.covers(found.signature)
    assert smallest.signature.operation == found.signature.operation
