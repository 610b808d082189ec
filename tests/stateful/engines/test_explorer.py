"""The explorer leaves nothing out, shows each difference once and shortest, and can go on."""

from __future__ import annotations

import itertools
import json
import pickle
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import jsonschema
import pytest

from conformance.files import schema_named
from conformance.reports.searching import graphs
from fixtures.implementation import Implementation
from fixtures.samples.by_rule import PLANNED_IN
from fixtures.targets import load
from fixtures.values import Ref
from fixtures.world import World
from persistent_ref import PickleCache
from stateful.engines import journal
from stateful.engines.choices import operations_for
from stateful.engines.explorer import Explorer, Listener, explore
from stateful.engines.graph import state_graph
from stateful.engines.journal import BadJournal, Visited, Writer
from stateful.engines.scopes import SCOPES, Scope
from stateful.lockstep.abstract import DIMENSIONS, abstract
from stateful.lockstep.divergence import CRASH, Divergence, Signature
from stateful.lockstep.lockstep import first_difference, quiet_garbage, replay
from stateful.traces.step import Step
from stateful.traces.trace import Trace
from tests.wrong import load_all, make

REFERENCE = load("ref")
load_all()

#: Small enough to perform every trace that there is.
TINY = Scope(
    "tiny",
    "a few steps on one object",
    depth=4,
    operations=("ghost", "activate", "get", "set", "deactivate", "incrgc", "drop"),
    wide=4,
    narrowed={
        "ghost": ({"state": ({"x": 1},)},),
        "get": ({"name": ("x",)},),
        "set": ({"name": ("_p_changed",), "value": (True, False)},),
    },
)


def _explored(target: Implementation, scope: Scope, depth: int | None = None) -> Explorer:
    explorer = Explorer(REFERENCE, target, scope)
    for _ in explorer.divergences(depth):
        pass
    return explorer


def _found(
    target: Implementation, scope: Scope, depth: int | None = None
) -> tuple[Divergence, ...]:
    return _explored(target, scope, depth).result(depth).divergences


@pytest.mark.parametrize("name", SCOPES)
def test_an_implementation_does_not_differ_from_itself(name: str) -> None:
    scope = SCOPES[name]
    # One that begins with objects is as far from the empty world at once.
    depth = min(scope.depth, 1 if scope.start else 2)
    result = _explored(REFERENCE, scope, depth).result()
    assert result.divergences == ()
    assert result.flaky == 0
    assert result.edges >= 50


@pytest.mark.parametrize("name", SCOPES)
def test_each_pattern_of_a_scope_fits_a_step(name: str) -> None:
    scope = SCOPES[name]
    cached = bool(scope.config.get("cache", True))
    offered = {each.name for each in operations_for(REFERENCE, cache=cached)}
    tried = scope.steps(REFERENCE, REFERENCE)
    everything = replace(scope, narrowed={}).steps(REFERENCE, REFERENCE)
    for patterns, steps in ((scope.leading, tried), (scope.narrowed, everything)):
        for operation in offered.intersection(scope.operations, patterns):
            for pattern in patterns[operation]:
                only = replace(scope, leading={operation: (pattern,)})
                assert any(only.leads(step, only.depth + only.wide) for step in steps), (
                    f"{operation}: {pattern} fits no step"
                )


#: What sets nothing but one dimension of a loaded object.
_SETTING = {
    "size": {"op": "update_size", "oid": Ref("object", "a"), "size": 1000},
    "serial": {"op": "set", "object": "a", "name": "_p_serial", "value": bytes(8)},
}


@pytest.mark.parametrize(
    ("name", "dimension"),
    [(name, dimension) for name, scope in SCOPES.items() for dimension in scope.dimensions],
)
def test_a_promised_dimension_changes_the_abstract_state(name: str, dimension: str) -> None:
    scope = SCOPES[name]
    setting = _SETTING[dimension]
    assert any(setting == step.made for step in scope.steps(REFERENCE, REFERENCE))
    world = World(REFERENCE, scope.config)
    for made in (*scope.start, {"op": "activate", "object": "a"}):
        world.apply(dict(made))
    before, without = abstract(world, scope.dimensions), abstract(world)
    world.apply(setting)
    assert abstract(world) == without
    assert abstract(world, scope.dimensions) != before


def test_every_dimension_is_promised_by_a_scope() -> None:
    assert {each for scope in SCOPES.values() for each in scope.dimensions} == set(DIMENSIONS)


def test_two_objects_with_one_oid_are_a_state_of_their_own() -> None:
    world = World(REFERENCE, {"jars": 2})
    states = set()
    for made in (
        {"op": "ghost", "object": "a"},
        {"op": "namesake", "object": "b", "other": "a", "jar": "other"},
    ):
        world.apply(made)
        states.add(abstract(world))
    assert world.object("b").oid == world.object("a").oid
    world.apply({"op": "drop", "object": "b"})
    world.apply({"op": "ghost", "object": "b", "jar": "other"})
    states.add(abstract(world))
    assert len(states) == 3


@pytest.mark.parametrize(
    "name", [name for name, scope in SCOPES.items() if "plan" in scope.operations]
)
def test_what_is_planned_in_a_scope_can_happen(name: str) -> None:
    """A call inside which something is planned is one that an object of the scope makes."""
    made, world = [], World(REFERENCE, SCOPES[name].config)
    for step in SCOPES[name].start:
        world.apply(dict(step))
    for step in SCOPES[name].steps(REFERENCE, REFERENCE):
        if step.operation.name == "plan":
            made.append((step.made["call"], type(world.objects[step.made["object"]])))
    base = REFERENCE.persistent
    assert made
    for call, cls in dict.fromkeys(made):
        assert call not in PLANNED_IN or getattr(cls, call) is not getattr(base, call, None)


@pytest.mark.parametrize(
    ("name", "scope"),
    [
        ("loads a ghost twice", "callbacks"),
        ("activates without loading", "one"),
        ("believes the state in which setstate leaves the object", "callbacks"),
        ("evicts from the most recently used object on", "one-slot"),
        ("records no access", "two"),
    ],
)
def test_a_wrong_implementation_is_found(name: str, scope: str) -> None:
    target = make(name)
    found = next(Explorer(REFERENCE, target, SCOPES[scope]).divergences(2))
    again = replay(REFERENCE, target, found.trace, known=found.despite)
    assert again is not None
    assert again.signature == found.signature


def _traces(scope: Scope, length: int) -> Iterator[tuple[Step, ...]]:
    return itertools.product(scope.steps(REFERENCE, REFERENCE), repeat=length)


@pytest.mark.parametrize(
    "name", ["activates without loading", "activates what is loaded already", "loads a ghost twice"]
)
def test_no_shorter_trace_shows_what_was_found(name: str) -> None:
    target = make(name)
    found = {each.signature: len(each.trace.operations) for each in _found(target, TINY, 3)}
    assert found
    shortest: dict[Signature, int] = {}
    with quiet_garbage():
        for length in range(1, 4):
            for trace in _traces(TINY, length):
                seen = first_difference(REFERENCE, target, {}, trace)
                if seen is not None and len(seen.performed) == length:
                    made = replay(REFERENCE, target, _trace_of(seen.performed))
                    assert made is not None
                    shortest.setdefault(made.signature, length)
    for signature, length in found.items():
        assert shortest[signature] == length
    # Nothing that a trace of this length shows is left out, but what is covered.
    for signature in shortest:
        assert any(each.covers(signature) for each in found)


def _trace_of(steps: list[Step]) -> Trace:
    return Trace({}, tuple(step.made for step in steps))


def test_each_signature_is_reported_once_and_none_that_another_covers() -> None:
    signatures = [
        each.signature for each in _found(make("activates without loading"), SCOPES["one"], 3)
    ]
    assert signatures
    for number, signature in enumerate(signatures):
        assert not any(earlier.covers(signature) for earlier in signatures[:number])


def test_what_is_found_depends_on_the_arguments_only() -> None:
    one, other = (explore("ref", "tests.hostile:crashes_in_the_middle", TINY) for _ in range(2))
    assert one == other
    assert pickle.loads(pickle.dumps(one)) == one


def test_what_is_known_is_not_found_again() -> None:
    target = make("activates without loading")
    known = [each.signature for each in _found(target, TINY)]
    explorer = Explorer(REFERENCE, target, TINY, known)
    assert list(explorer.divergences()) == []


def test_a_step_that_is_known_to_end_the_process_is_not_performed() -> None:
    killing = Signature("activate", "Plain ghost cached", CRASH)
    told: list[tuple[str, str]] = []
    explorer = Explorer(
        REFERENCE,
        REFERENCE,
        TINY,
        [killing],
        listener=Listener(covered=lambda operation, before: told.append((operation, before))),
    )
    assert list(explorer.divergences()) == []
    assert ("activate", "Plain ghost cached") not in told
    assert ("activate", "Plain saved cached") in told
    assert explorer.result().skipped > 0


class _TwoFaults(PickleCache):
    """The second one, in `full_sweep`, shows only after the first one, in what `incrgc` returns."""

    swept = False

    def incrgc(self, ignored: Any = None) -> Any:
        super().incrgc(ignored)
        self.swept = True
        return 0

    def full_sweep(self, ignored: Any = None) -> Any:
        if not self.swept:
            super().full_sweep(ignored)


def test_a_fault_hidden_behind_a_frequent_one_is_found() -> None:
    target = replace(REFERENCE, name="two faults", cache=_TwoFaults)
    scope = replace(TINY, operations=(*TINY.operations, "full_sweep"))
    found = {
        (each.signature.operation, each.signature.field.partition(".")[0]): each
        for each in _found(target, scope)
    }
    assert ("incrgc", "value") in found
    behind = found["full_sweep", "object"]
    assert [each["op"] for each in behind.trace.operations][-2:] == ["incrgc", "full_sweep"]
    assert [each.operation for each in behind.despite] == ["incrgc"]


def test_an_exploration_goes_on_where_it_stopped(tmp_path: Path) -> None:
    target, path = make("activates without loading"), tmp_path / "journal"
    whole = _explored(target, TINY)
    journal.begin(path, "wrong")
    found: list[Divergence] = []
    for _ in range(100):
        steps = TINY.steps(REFERENCE, target)
        progress = journal.read(path).of(TINY.name, steps)
        writer = Writer(path, TINY.name, steps, progress)
        explorer = Explorer(
            REFERENCE,
            target,
            TINY,
            [each.signature for each in found],
            progress,
            Listener(starting=_Interrupt(), expanded=writer.expanded),
        )
        try:
            for each in explorer.divergences():
                found.append(each)
        except KeyboardInterrupt:
            continue
        break
    assert explorer.progress.nodes == whole.progress.nodes
    assert explorer.progress.edges == whole.progress.edges
    assert found == list(whole.result().divergences)
    assert journal.read(path).of(TINY.name, steps) == explorer.progress


class _Interrupt:
    """Interrupts before the third state."""

    def __init__(self) -> None:
        self.left = 3

    def __call__(self, number: int) -> None:
        self.left -= 1
        if self.left == 0:
            raise KeyboardInterrupt


def _journal(path: Path) -> list[bytes]:
    journal.begin(path, "fine")
    steps = TINY.steps(REFERENCE, REFERENCE)
    writer = Writer(path, TINY.name, steps, Visited())
    explorer = Explorer(REFERENCE, REFERENCE, TINY, listener=Listener(expanded=writer.expanded))
    assert list(explorer.divergences()) == []
    return path.read_bytes().splitlines(keepends=True)


def test_a_journal_whose_last_line_was_cut_is_good_up_to_there(tmp_path: Path) -> None:
    path = tmp_path / "journal"
    lines = _journal(path)
    path.write_bytes(b"".join(lines)[:-5])
    progress = journal.read(path).of(TINY.name, TINY.steps(REFERENCE, REFERENCE))
    assert progress.expanded == len(lines) - 3


@pytest.mark.parametrize(
    "damage",
    [
        lambda lines: [],
        lambda lines: [b'{"schema": 99, "target": "x"}\n'],
        lambda lines: [lines[0], lines[1], b"garbage\n", *lines[2:]],
        lambda lines: [lines[0], *lines[2:]],
        lambda lines: [*lines[:3], *lines[5:]],
        lambda lines: [*lines[:2], lines[2].replace(b'"new"', b'"old"')],
        lambda lines: [lines[0], b"[]\n"],
        lambda lines: [lines[0], b'{"found": {}}\n'],
    ],
)
def test_a_damaged_journal_is_refused(tmp_path: Path, damage: Any) -> None:
    path = tmp_path / "journal"
    path.write_bytes(b"".join(damage(_journal(path))))
    with pytest.raises(BadJournal):
        journal.read(path)


def test_a_journal_of_other_operations_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "journal"
    _journal(path)
    other = replace(TINY, operations=TINY.operations[:-1]).steps(REFERENCE, REFERENCE)
    with pytest.raises(BadJournal, match="other operations"):
        journal.read(path).of(TINY.name, other)


def test_the_graph_holds_what_the_traces_lead_to() -> None:
    known = [Signature("get", "Plain ghost cached", "value")]
    graph = state_graph(REFERENCE, TINY, 3, known)
    explored = _explored(REFERENCE, TINY, 3).progress
    assert len(graph.states) == len(explored.nodes)
    assert len(graph.edges) == explored.edges
    loaded = next(state for state in graph.states if state.objects == {"a": "Plain saved cached"})
    assert [made["op"] for made in loaded.trace] == ["ghost", "get"]
    assert loaded.jars == {"jar": "ring: a"}
    ghost = next(
        number
        for number, state in enumerate(graph.states)
        if state.objects == {"a": "Plain ghost cached"}
    )
    load_ = next(
        edge for edge in graph.edges if edge.source == ghost and edge.operation["op"] == "get"
    )
    assert (load_.value, load_.calls) == (1, ("setstate a",))
    assert load_.target == graph.states.index(loaded)
    assert load_.divergences == (str(known[0]),)
    jsonschema.validate(json.loads(graphs.dumps([graph])), schema_named("graph"))


def test_each_state_of_the_graph_is_reached_by_its_trace() -> None:
    graph = state_graph(REFERENCE, SCOPES["two"], 2)
    assert {state.depth for state in graph.states} == {0, 1, 2}
    for state in graph.states:
        world = World(REFERENCE, graph.world)
        for made in state.trace:
            world.apply(dict(made))
        assert len(state.trace) == len(SCOPES["two"].start) + state.depth
        assert set(world.objects) == set(state.objects)
