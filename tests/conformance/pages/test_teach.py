"""The teaching page: what it is made from agrees with the reference, in every state."""

from __future__ import annotations

import functools
import json
import random
import re
from collections import defaultdict
from contextlib import closing
from dataclasses import replace
from pathlib import Path

import pytest

from conformance.clauses import registry
from conformance.judging.in_process import run_check
from conformance.pages.teach.citing import Citations
from conformance.pages.teach.compared import Other
from conformance.pages.teach.deciding import SCENE, status
from conformance.pages.teach.exact import kept, visible
from conformance.pages.teach.lessons import LESSONS, Lesson
from conformance.pages.teach.saying import code, plainly
from conformance.pages.teach.transitions import Edge, Transitions, transitions
from fixtures.performing import Performer, Prepared
from fixtures.targets import load
from fixtures.values import ref
from fixtures.world import step_from_json
from stateful.engines.graph import state_graph
from stateful.engines.scopes import SCOPES
from stateful.lockstep.lockstep import quiet_garbage
from stateful.processes.isolation import Launch
from stateful.traces.step import Step
from tests.conftest import Run

REFERENCE = load("ref")
#: Two objects and one place.
SMALL = "one-slot"
#: A ghost, and little to do with it.
TINY = Lesson(
    replace(SCOPES["one"], depth=2, operations=("get", "mru", "minimize", "deactivate", "ghost")),
    {"ghost": ({"state": ({"x": 1},)},), "minimize": ({},), "get": ({"name": ("x",)},)},
)


@pytest.fixture(scope="module")
def tiny() -> Transitions:
    return transitions(REFERENCE, TINY)


@functools.cache
def _found(name: str) -> Transitions:
    """The transitions of a lesson, but not as far as the explorer looks."""
    pressed = {
        key: each
        for key, each in LESSONS[name].pressed.items()
        if name != SMALL or key not in ("activate", "full_sweep", "make_sticky")
    }
    depth = 1 if name == SMALL else 2
    return transitions(REFERENCE, Lesson(replace(SCOPES[name], depth=depth), pressed))


@pytest.fixture(scope="module")
def small() -> Transitions:
    return _found(SMALL)


def _from(found: Transitions) -> dict[int, list[Edge]]:
    edges = defaultdict(list)
    for edge in found.edges:
        edges[edge.source].append(edge)
    return edges


@pytest.mark.parametrize("name", ["one", "no-cache", "one-slot"])
def test_a_walk_over_the_table_sees_what_the_reference_does(
    name: str,
) -> None:
    table = _found(name)
    edges = _from(table)
    rng = random.Random(1)
    with quiet_garbage():
        for _ in range(12):
            performer = Performer(REFERENCE, dict(table.lesson.scope.config), ())
            for step in table.start:
                performer.perform(Prepared(step.made, step.touched))
            node = 0
            for _ in range(25):
                edge = rng.choice(edges[node])
                step = table.steps[edge.step]
                done = performer.perform(Prepared(step.made, step.touched))
                does, calls = (done, []) if isinstance(done, str) else done
                assert (does, tuple(calls)) == (edge.does, edge.calls)
                node = edge.target
                assert visible(performer.world) == table.states[node].seen
                assert kept(performer.world) == table.states[node].kept
            performer.close()


@pytest.mark.parametrize("name", ["one", "no-cache", "one-slot"])
def test_every_state_that_the_explorer_reached_is_on_the_map(
    name: str,
) -> None:
    table = _found(name)
    there = {(edge.source, str(table.steps[edge.step].made)): edge.target for edge in table.edges}
    graph = state_graph(REFERENCE, table.lesson.scope)
    for state in graph.states:
        node = 0
        for made in state.trace[len(table.start) :]:
            node = there[node, str(Step.of(step_from_json(dict(made))).made)]
        for name, words in table.states[node].objects.items():
            assert words == state.objects.get(name, "absent")
    assert len(table.states) >= len(graph.states) > 5


def test_who_presses_only_what_is_pressed_never_leaves_the_map(small: Transitions) -> None:
    edges = _from(small)
    reached, queue = {0}, [0]
    for node in queue:
        pressed = [edge for edge in edges[node] if small.lesson.is_pressed(small.steps[edge.step])]
        wanted = {
            each
            for each, step in enumerate(small.steps)
            if small.lesson.is_pressed(step) and all(name in "ab" for name, _ in step.present)
        }
        assert {edge.step for edge in pressed} == wanted
        for edge in pressed:
            if edge.target not in reached:
                reached.add(edge.target)
                queue.append(edge.target)
    assert len(reached) > 100


def test_eviction_and_the_order_of_invalidation_can_be_seen(small: Transitions) -> None:
    assert _rings_after(small, "incrgc") >= {"a", "b"}
    assert {
        tuple(made["oids"])
        for made in (step.made for step in small.steps)
        if made["op"] == "cache_invalidate" and isinstance(made["oids"], list)
    } >= {(ref("a"), ref("b")), (ref("b"), ref("a"))}


def _rings_after(found: Transitions, operation: str) -> set[str]:
    """The rings, as the names of what is in them, to which an operation leads."""
    return {
        "".join(re.findall(r"x00(\w)'", found.states[edge.target].seen["jar._cache.ring"]))
        for edge in found.edges
        if found.steps[edge.step].operation.name == operation
    }


@pytest.fixture
def few_checks(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    """Look for clauses to cite in the checks of some areas only."""
    registry.load()
    areas = request.param
    few = {id: check for id, check in registry.CHECKS.items() if id.partition("-")[0] in areas}
    monkeypatch.setattr(registry, "CHECKS", few)


@pytest.mark.parametrize("few_checks", [("ACT", "TRANS")], indirect=True)
@pytest.mark.usefixtures("few_checks")
def test_a_step_cites_the_clauses_whose_checks_end_with_it() -> None:
    steps = [
        Step.of({"op": "get", "object": "a", "name": "x"}),
        Step.of({"op": "deactivate", "object": "a"}),
        Step.of({"op": "fetch", "object": "a"}),
    ]
    citations = Citations(REFERENCE, [step.label for step in steps])
    reading, deactivating, naming = steps
    cited = {each.clause: each.demands for each in citations.of(reading, "Plain ghost cached")}
    assert {"gives", "state", "calls", "data"} <= set(cited["TRANS-12"])
    assert "ring" in cited["ACT-29"]
    assert "ACT-10" in {each.clause for each in citations.of(deactivating, "Plain changed cached")}
    unknown = citations.of(deactivating, "Plain unheard-of")
    assert [each.clause for each in unknown] == ["ACT-08", "ACT-10"]
    assert not any(each.here for each in unknown)
    assert citations.of(naming, "-") == ()


def test_another_implementation_differs_where_it_is_wrong(tiny: Transitions) -> None:
    with closing(Other(REFERENCE, Launch("tests.traced:returns_a_count_from_sweeps"))) as other:
        differs = other.compare(tiny)
    everywhere = {
        (edge.source, edge.step)
        for edge in tiny.edges
        if tiny.steps[edge.step].operation.name == "minimize"
    }
    assert differs.apart == ()
    assert set(differs.differing) == everywhere
    assert {each.does for each in differs.differing.values()} == {"returns 0"}


def test_marks_save_time_and_find_the_same(tiny: Transitions) -> None:
    marked = transitions(REFERENCE, TINY, marked=True)
    moving = [edge for edge in marked.edges if edge.source != edge.target]
    assert moving
    assert all(edge.mark is not None for edge in moving)
    assert [replace(edge, mark=None) for edge in marked.edges] == list(tiny.edges)
    for target in ("tests.traced:returns_a_count_from_sweeps", "tests.hostile:fine"):
        with closing(Other(REFERENCE, Launch(target))) as other:
            assert other.compare(marked) == other.compare(tiny)
    # Where nothing is right, every mark differs.
    off = [edge if edge.mark is None else replace(edge, mark=([], 0)) for edge in marked.edges]
    with closing(Other(REFERENCE, Launch("tests.hostile:fine"))) as other:
        suspects = set(other._suspects(replace(marked, edges=tuple(off)), _keys(moving)))
    assert suspects == set(_keys(moving))


def _keys(edges: list[Edge]) -> list[tuple[int, int]]:
    return [(edge.source, edge.step) for edge in edges]


def test_one_that_is_right_differs_nowhere(tiny: Transitions) -> None:
    with closing(Other(REFERENCE, Launch("tests.hostile:fine"))) as other:
        same = other.compare(tiny)
    assert (same.apart, same.differing) == ((), {})


def test_what_ends_the_process_differs_and_nothing_else_is_lost(tiny: Transitions) -> None:
    with closing(Other(REFERENCE, Launch("tests.hostile:crashes_in_the_middle"))) as other:
        differs = other.compare(tiny)
    done = {
        (tiny.steps[step].operation.name, what.does)
        for (_, step), what in differs.differing.items()
    }
    assert done == {("mru", "ends the process, which was killed by SIGABRT")}


@pytest.mark.parametrize("few_checks", [("WREF",)], indirect=True)
@pytest.mark.usefixtures("few_checks")
def test_the_command_writes_a_page_whose_numbers_lead_somewhere(run: Run, tmp_path: Path) -> None:
    output = tmp_path / "teach.html"
    done = run("teach", "--scope", "weak references", "-o", output)
    assert done.exit_code == 0, done.output
    assert "MB" in done.output
    assert re.search(r"weak references: \d+ states, \d+ steps", done.stderr)
    found = re.search(r'id="data">(.*?)</script>', output.read_text(encoding="utf-8"), re.DOTALL)
    assert found is not None
    data = json.loads(found.group(1))
    (lesson,) = data["lessons"]
    counts = [len(lesson[key]) for key in ("steps", "outcomes", "nodes", "cites")]
    assert any(lesson["edges"])
    for flat in lesson["edges"]:
        for at, limit in enumerate(counts):
            assert all(0 <= number < limit for number in flat[at::4])
    assert {cited[0] for together in lesson["cites"] for cited in together} == set(data["clauses"])


@pytest.mark.parametrize("name", ["one", "no-cache", "one-slot"])
def test_the_clause_that_decides_speaks_of_what_the_step_did(name: str) -> None:
    """Where objects change, its sentence names the state of one of them, before or after."""
    table = _found(name)
    undecided, astray = set(), set()
    for edge in table.edges:
        step, clause = table.steps[edge.step], table.decides(edge)
        if not clause:
            undecided.add(step.operation.name)
            continue
        before, after = table.states[edge.source].objects, table.states[edge.target].objects
        moves = [(before[each], after[each]) for each in after]
        moved = [move for move in moves if len(set(map(status, move))) > 1]
        # What a sweep passes over decides whom it takes.
        concerned = moves if moved and step.operation.name == "incrgc" else moved
        states = {state for move in concerned for state in _named(*move)}
        said = set(_STATES.findall(registry.CLAUSES[clause].sentence))
        # An error of the jar is the same from whatever state.
        if states and said and not said & states and not edge.does.startswith("raises"):
            astray.add((step.label, clause, *moves))
    assert undecided <= SCENE
    assert astray == set()


#: The states in a sentence; the names of attributes are none.
_STATES = re.compile(r"(?<!_)\b(unsaved|added|ghost|saved|changed|sticky)")


def _named(*words: str) -> set[str]:
    """The states of an object, before and after, as sentences name them."""
    found = set(map(status, words))
    # What has a jar and an oid, and is in no cache yet, was added.
    return found | {"added" for each in words if "with oid" in each}


def test_a_clause_decides_what_one_of_its_checks_does() -> None:
    """Whatever a data manager does when a transaction ends is made of other operations."""
    registry.load()
    pairs = set()
    for name in ("one", "no-cache", "one-slot"):
        table = _found(name)
        pairs |= {
            (table.steps[edge.step].operation.name, clause)
            for edge in table.edges
            if (clause := table.decides(edge))
        }
    pairs = {pair for pair in pairs if pair[0] not in ("commit", "abort", "fetch")}
    clauses = {clause for _, clause in pairs}
    done = {
        (made["op"], check.clause)
        for check in registry.CHECKS.values()
        if check.clause in clauses and check.because is None
        for made in run_check(REFERENCE, check.id)["trace"]["operations"]
    }
    assert len(pairs) > 60
    assert pairs - done == set()


@pytest.mark.parametrize(
    ("name", "way", "wanted"),
    [
        # What a step does to which object decides, not what else is there.
        ("one", ["ghost", "set", "abort"], "TRANS-11"),
        ("one", ["create", "add", "abort"], "CONN-03"),
        ("one", ["create", "abort"], "TRANS-02"),
        ("one", ["ghost", "abort"], "CONN-10"),
        ("one", ["ghost", "set", "commit"], "TRANS-10"),
        ("one", ["ghost", "set", "deactivate"], "ACT-10"),
        ("one", ["ghost", "set", "invalidate"], "ACT-18"),
        ("one", ["ghost", "plan", "get"], "ACT-06"),
        ("one-slot", ["incrgc"], "GC-02"),
        ("one-slot", ["set", "get b", "incrgc"], "GC-03"),
    ],
)
def test_because_names_the_clause_that_decides(name: str, way: list[str], wanted: str) -> None:
    table = _found(name)
    node, last = 0, None
    for each in way:
        operation, _, object = each.partition(" ")
        last = next(
            edge
            for edge in table.edges
            if edge.source == node
            and table.steps[edge.step].operation.name == operation
            and table.lesson.is_pressed(table.steps[edge.step])
            and object in ("", table.steps[edge.step].made.get("object"))
        )
        node = last.target
    assert last is not None
    assert table.decides(last) == wanted


def test_every_step_of_the_default_worlds_has_plain_words_and_none_twice() -> None:
    for name in ("one", "no-cache", "one-slot"):
        steps = [step for step in _found(name).steps if LESSONS[name].is_pressed(step)]
        said = [plainly(step) for step in steps]
        assert len(said) > 10
        assert all(said)
        assert len(set(said)) == len(said)
    assert code(Step.of({"op": "get", "object": "a", "name": "x"})) == "a.x"
    assert code(Step.of({"op": "deactivate", "object": "a"})) == "a._p_deactivate()"


def test_an_unknown_world_is_refused(run: Run) -> None:
    done = run("teach", "--scope", "on")
    assert done.exit_code == 2
    assert "--scope: 'on' does not exist; try" in done.output
