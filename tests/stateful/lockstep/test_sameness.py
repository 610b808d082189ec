"""Values that lock-step compares in place, and recordings in words: both see the same."""

from __future__ import annotations

from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from fixtures.operations.table import step
from fixtures.roles import in_words, role
from fixtures.targets import load
from fixtures.world import World
from stateful.lockstep.lockstep import replay
from stateful.lockstep.sameness import same
from stateful.processes.isolation import Launch
from stateful.replay.replaying import DIVERGES, Replayer
from stateful.traces.trace import Trace


class Text(str):
    """Looks like a plain one."""

    __slots__ = ()


class Bytes(bytes):
    """Looks like a plain one."""


class Int(int):
    """Looks like a plain one."""


class Float(float):
    """Looks like a plain one."""


_NUMBERS = st.sampled_from([0, 1, True, False, 0.0, -0.0, 1.0, float("nan"), Int(1), Float(1.0)])
_TEXTS = st.sampled_from(["", "a", Text("a"), b"a", Bytes(b"a"), "at 0x1f", "at 0x2f"])
_KEYS = st.sampled_from(["a", Text("a"), 1, True, 1.0, b"a", None, (1,), (True,)])
_VALUES = st.recursive(
    _NUMBERS | _TEXTS | st.none() | st.builds(object),
    lambda inner: (
        st.lists(inner, max_size=2)
        | st.tuples(inner)
        | st.dictionaries(_KEYS, inner, max_size=2)
        | st.sets(_NUMBERS | _TEXTS, max_size=2)
    ),
    max_leaves=4,
)


@given(_VALUES, _VALUES)
def test_lockstep_tells_apart_what_recordings_do(one: Any, other: Any) -> None:
    world, twin = World(load("ref"), {}), World(load("persistent-py"), {})
    for value, counterpart in ((one, other), (one, one)):
        shown = in_words(role(world, value)) == in_words(role(twin, counterpart))
        assert same(world, value, twin, counterpart) == shown


def test_a_value_that_looks_like_another_differs_in_a_replay_too() -> None:
    trace = Trace(
        {},
        (
            step("create", "d"),
            step("set_unshowable_oid", "d", b"short"),
            step("set", "d", "_p_oid", b"short"),
        ),
    )
    found = replay(load("ref"), load("persistent-py"), trace)
    assert found is not None
    assert found.expected != found.actual
    with Replayer(Launch("persistent-py")) as replayer:
        result = replayer.replay(trace)
    assert result.verdict == DIVERGES
    assert result.found == found
