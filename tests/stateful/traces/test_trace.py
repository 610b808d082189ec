"""Traces survive a trip through JSON, whatever they hold, and replay to the same observations."""

from __future__ import annotations

import json

import jsonschema
import pytest
from hypothesis import given as hypothesis_given
from hypothesis import strategies as st

from conformance.files import schema_named
from fixtures.operations import OPERATIONS, UnknownOperation, operation_named
from fixtures.operations.table import step
from fixtures.targets import load
from fixtures.values import Ref, from_json, to_json
from fixtures.world import World
from stateful.traces.trace import BadTrace, Trace

_SCALARS = (
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats(allow_nan=False)
    | st.text()
    | st.binary()
    | st.builds(Ref, st.sampled_from(["object", "jar", "cache", "class"]), st.text("ab"))
)
_ONE_STEP = '{"schema": 1, "world": {}, "operations": [%s]}'
_VALUES = st.recursive(
    _SCALARS,
    lambda inner: (
        st.lists(inner)
        | st.tuples(inner, inner)
        | st.dictionaries(st.text() | st.integers(), inner)
        | st.sets(st.integers())
    ),
    max_leaves=8,
)


@hypothesis_given(_VALUES)
def test_values_survive_json(value: object) -> None:
    assert from_json(json.loads(json.dumps(to_json(value)))) == value


@hypothesis_given(_VALUES)
def test_traces_survive_json(value: object) -> None:
    trace = Trace({"cache": False}, (step("create", "a"), step("set", "a", "x", value)))
    text = trace.dumps()
    jsonschema.validate(json.loads(text), schema_named("trace"))
    assert Trace.loads(text) == trace


def test_a_trace_has_one_operation_a_line() -> None:
    trace = Trace({}, (step("create", "a"), step("plan", "register", "a", [step("collect")])))
    lines = trace.dumps().splitlines()
    assert [line.strip().rstrip(",") for line in lines if '"op"' in line] == [
        '{"op": "create", "object": "a"}',
        '{"op": "plan", "call": "register", "object": "a", "then": [{"op": "collect"}]}',
    ]


def test_a_replayed_trace_is_observed_the_same() -> None:
    reference = load("ref")
    world = World(reference)
    seen = [
        world.attempt("ghost", "a"),
        world.attempt("set", "a", "y", b"bytes"),
        world.attempt("get", "a", "missing"),
        world.attempt("cache_invalidate", [Ref("object", "a")]),
    ]
    assert list(Trace.loads(Trace.of(world).dumps()).replay(reference)) == seen
    assert seen[2].error == "AttributeError"


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("{", "damaged or truncated"),
        ("[]", "schema"),
        ('{"schema": 2, "world": {}, "operations": []}', "schema"),
        ('{"schema": 1, "world": {}}', "operations"),
        ('{"schema": 1, "world": {}, "operations": [{"op": "nonsense"}]}', "'nonsense'"),
        ('{"schema": 1, "world": {}, "operations": [{"op": "get"}]}', "'object' is missing"),
        ('{"schema": 1, "world": {}, "operations": [7]}', r"operations\[0\]"),
        (
            _ONE_STEP % '{"op": "create", "object": "a", "state": {"$odd": 1}}',
            "'\\$odd' is no kind of value",
        ),
    ],
)
def test_what_is_no_trace_is_refused(text: str, problem: str) -> None:
    with pytest.raises(BadTrace, match=problem):
        Trace.loads(text)


def test_every_operation_has_words_and_known_clauses() -> None:
    from conformance.clauses import registry

    registry.load()
    for declared in OPERATIONS.values():
        assert set(declared.clauses) <= set(registry.CLAUSES), declared.name
        named = dict.fromkeys(declared.arguments, "value")
        assert declared.words.format(**named).strip(), declared.name


def test_an_unknown_operation_is_named() -> None:
    with pytest.raises(UnknownOperation, match="'nonsense' is no operation"):
        operation_named("nonsense")
