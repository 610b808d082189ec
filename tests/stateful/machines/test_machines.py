"""Hypothesis machines: what they find, how they say it, and how others make their own."""

from __future__ import annotations

import json
import pickle
import re
import runpy
import subprocess
import sys
import unittest
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from hypothesis import Phase, Verbosity, given, seed, settings
from hypothesis.database import InMemoryExampleDatabase
from hypothesis.stateful import precondition, rule

from fixtures.operations import OPERATIONS
from fixtures.targets import load
from fixtures.values import Ref
from persistent_ref import PickleCache
from stateful.engines.choices import GROUPS, STRANGE
from stateful.engines.units.machines import machine_unit
from stateful.lockstep.divergence import Masked, Signature
from stateful.lockstep.lockstep import replay
from stateful.machines import (
    MACHINES,
    PROFILES,
    Attributes,
    BurstMachine,
    ConformanceMachine,
    Diverged,
    Driver,
    Eviction,
    Lifecycle,
    any_step,
    check_implementation,
    objects,
    profile,
    rules,
    run_machine,
)
from stateful.machines import unit as unit_module
from stateful.machines.steps import any_strange_step
from stateful.processes.work import Post
from stateful.traces.step import Step
from stateful.traces.trace import BadTrace
from tests.wrong import load_all, make

REFERENCE = load("ref")
load_all()

#: No example database, so that no test depends on another one.
QUICK = profile("quick", examples=None)
#: Enough for what is rare, whatever the operation table deals: the search ends with the first find.
#: Seeds beside it are such that this comes soon.
PATIENT = settings(QUICK, max_examples=3000)
SMALL = settings(QUICK, max_examples=20, stateful_step_count=30)


def diverged(implementation: Any, **given: Any) -> Diverged:
    with pytest.raises(Diverged) as caught:
        check_implementation(implementation, **{"settings": QUICK, "seed": 0, **given})
    return caught.value


class _Ring(PickleCache):
    """Wrong with three objects in the ring only."""

    def minimize(self, *ignored: Any) -> None:
        if self.ringlen() < 3:
            super().minimize(*ignored)


class _TwoFaults(PickleCache):
    """Each run differs early, in what `incrgc` returns; that must not hide `minimize`."""

    def incrgc(self, ignored: Any = None) -> Any:
        super().incrgc(ignored)
        return 0

    def minimize(self, *ignored: Any) -> None:
        if self.ringlen() < 3:
            super().minimize(*ignored)


# What machines find


@pytest.mark.parametrize(("machine", "examples"), [(ConformanceMachine, 10), (BurstMachine, 3)])
def test_an_implementation_does_not_differ_from_itself(
    machine: type[Driver], examples: int
) -> None:
    chosen = settings(QUICK, max_examples=examples)
    done = check_implementation(REFERENCE, settings=chosen, seed=1, machine=machine)
    assert done.flaky == 0
    assert done.skipped == 0
    assert done.examples >= examples
    assert done.steps >= 400


@pytest.mark.parametrize(
    "name",
    [
        "loads a ghost twice",
        "records no access",
        "evicts from the most recently used object on",
    ],
)
def test_a_wrong_implementation_is_found(name: str) -> None:
    target = make(name)
    found = diverged(target).divergence
    assert len(found.trace.operations) <= 8
    again = replay(REFERENCE, target, found.trace, known=found.despite)
    assert again is not None
    assert again.signature == found.signature


def test_a_large_ring_is_reached() -> None:
    target = replace(REFERENCE, name="ring", cache=_Ring)
    assert (
        "minimize"
        in diverged(
            target, machine=BurstMachine, settings=PATIENT, seed=8
        ).divergence.signature.operation
    )


def test_what_goes_wrong_inside_callbacks_only_is_found() -> None:
    target = make("leaves what setstate invalidates out of the ring")
    found = diverged(target, machine=BurstMachine, settings=PATIENT, seed=3).divergence
    assert replay(REFERENCE, target, found.trace, known=found.despite) is not None


# What they say


def test_a_divergence_names_step_state_and_signature() -> None:
    text = str(diverged(make("records no access"), seed=7))
    assert "records no access differs from ref after" in text
    (failing,) = [line for line in text.splitlines() if line.startswith(">")]
    assert failing.split()[1].isdigit()
    # Which jar it is, is drawn.
    for line in (" expected  ", "      got  ", "    state  cache of ", "signature  "):
        assert f"\n{line}" in text
    assert text.endswith("     seed  7")


def test_hypothesis_prints_nothing_of_its_own(capsys: pytest.CaptureFixture[str]) -> None:
    raised = diverged(make("loads a ghost twice"))
    printed = capsys.readouterr()
    assert printed.out + printed.err == ""
    assert "state." not in "\n".join(getattr(raised, "__notes__", []))
    assert isinstance(raised, AssertionError)


def test_what_is_raised_can_be_pickled() -> None:
    raised = diverged(make("loads a ghost twice"))
    again = pickle.loads(pickle.dumps(raised))
    assert (str(again), again.divergence) == (str(raised), raised.divergence)


# What is known


def test_a_masked_signature_does_not_stop_the_search() -> None:
    target = replace(REFERENCE, name="two faults", cache=_TwoFaults)
    known: list[Signature] = []
    while not {"incrgc", "minimize"} <= {each.operation for each in known}:
        found = diverged(target, known=known, machine=BurstMachine, settings=PATIENT).divergence
        assert not Masked(known).holds(found.signature)
        known.append(found.signature)


def test_known_signatures_can_be_texts() -> None:
    target = make("loads a ghost twice")
    first = diverged(target)
    known = [str(first.divergence.signature)]
    second = diverged(target, known=known)
    assert str(second.divergence.signature) not in known
    with pytest.raises(ValueError, match="'get' is not of the form"):
        check_implementation(target, known=["get"])


def test_each_divergence_is_found_once() -> None:
    target = replace(REFERENCE, name="two faults", cache=_TwoFaults)
    result = run_machine(REFERENCE, target, 0, 25)
    signatures = [found.signature for found in result.divergences]
    assert len(set(signatures)) == len(signatures) >= 2
    again = run_machine(REFERENCE, target, 0, 25, signatures)
    assert not set(signatures) & {found.signature for found in again.divergences}


# Settings, seeds, examples


def test_a_run_depends_on_its_arguments_only() -> None:
    target = make("loads a ghost twice")
    one, other = (run_machine(REFERENCE, target, 3, 3) for _ in range(2))
    assert one.divergences
    assert one == other == pickle.loads(pickle.dumps(one))
    assert run_machine(REFERENCE, target, 4, 3) != one


def test_seeds_are_honoured() -> None:
    few = settings(QUICK, max_examples=2)
    one, same, other = (
        check_implementation(REFERENCE, settings=few, seed=number) for number in (5, 5, 6)
    )
    assert one == same != other


def test_profiles_bear_our_names_and_leave_others_alone() -> None:
    assert list(PROFILES) == ["quick", "ci", "deep"]
    for name in PROFILES:
        assert settings.get_profile(f"persistent-conformance-{name}").max_examples >= 50
        assert profile(name).deadline is None
    assert PROFILES["quick"].max_examples < PROFILES["ci"].max_examples
    assert PROFILES["ci"].database is not None
    assert profile("ci", examples=None).database is None
    assert PROFILES["ci"].verbosity is Verbosity.quiet


def test_profiles_do_not_depend_on_the_one_that_is_loaded() -> None:
    """Hypothesis loads a profile without a database by itself on servers for CI."""
    code = (
        "from hypothesis import settings;"
        "from stateful.machines import PROFILES;"
        "print(settings.default.database, PROFILES['ci'].database is None, "
        "PROFILES['ci'].derandomize)"
    )
    done = subprocess.run(
        [sys.executable, "-c", code],
        env={"CI": "true", "PYTHONPATH": str(Path(__file__).parents[3])},
        capture_output=True,
        text=True,
        check=True,
    )
    assert done.stdout.split() == ["None", "False", "False"]


def test_an_unknown_profile_is_refused() -> None:
    with pytest.raises(ValueError, match="'slow' is none of quick, ci, deep"):
        check_implementation(REFERENCE, settings="slow")
    with pytest.raises(ValueError, match="machine: 'walker' is none of bundles, bursts"):
        run_machine(REFERENCE, REFERENCE, 0, 1, machine="walker")


def test_the_example_database_replays_a_failure_first() -> None:
    database = InMemoryExampleDatabase()
    chosen = settings(QUICK, database=database)
    target = make("loads a ghost twice")
    first = diverged(target, settings=chosen).divergence
    again = settings(chosen, phases=(Phase.reuse,))
    assert diverged(target, settings=again, seed=999).divergence.signature == first.signature


def test_a_run_of_nothing_is_refused() -> None:
    """Hypothesis skips a test that has no examples: a gate must not pass for that reason."""
    nothing = settings(QUICK, phases=(Phase.reuse,), database=InMemoryExampleDatabase())
    with pytest.raises(ValueError, match="settings: nothing was run"):
        check_implementation(REFERENCE, settings=nothing)


def test_examples_belong_to_an_implementation() -> None:
    chosen = settings(QUICK, database=InMemoryExampleDatabase())
    diverged(make("loads a ghost twice"), settings=chosen)
    again = settings(chosen, phases=(Phase.reuse,))
    with pytest.raises(ValueError, match="nothing was run"):
        check_implementation(REFERENCE, settings=again)


def test_examples_are_kept_in_a_directory_that_can_be_set(tmp_path: Path) -> None:
    chosen = profile("quick", examples=tmp_path / "examples")
    diverged(make("loads a ghost twice"), settings=chosen)
    assert any(path.is_file() for path in (tmp_path / "examples").rglob("*"))


def test_hypothesis_may_shrink_too() -> None:
    chosen = settings(SMALL, stateful_step_count=10, phases=(Phase.generate, Phase.shrink))
    found = diverged(make("loads a ghost twice"), settings=chosen).divergence
    assert len(found.trace.operations) == 2


# Regressions


def test_a_regression_is_written_and_comes_first(tmp_path: Path) -> None:
    target = make("loads a ghost twice")
    raised = diverged(target, regressions=tmp_path)
    (path,) = tmp_path.iterdir()
    assert str(path) in str(raised)
    nothing = settings(QUICK, phases=(Phase.reuse,))
    again = diverged(target, settings=nothing, regressions=tmp_path)
    assert again.divergence.signature == raised.divergence.signature
    known = [raised.divergence.signature]
    done = check_implementation(target, settings=nothing, known=known, regressions=tmp_path)
    assert done.examples == 0
    assert done.replayed == 1


def test_a_damaged_regression_is_refused(tmp_path: Path) -> None:
    (tmp_path / "get-1.json").write_text(json.dumps({"signature": "a | b"}))
    with pytest.raises(BadTrace, match=r"get-1\.json"):
        check_implementation(REFERENCE, settings=QUICK, regressions=tmp_path)


# Machines of others


@seed(0)
class DropsWhatItJustActivated(Lifecycle, Eviction):
    implementation = make("loads a ghost twice")

    @precondition(lambda machine: len(machine.example.names()) > 1)
    @rule(first=objects, step=any_step("activate"))
    def load_and_drop(self, first: str, step: Any) -> None:
        self.perform(step, first)
        self.do("drop", first)
        self.do("collect")


def test_machines_can_be_made_of_some_mixins_and_rules_of_ones_own() -> None:
    DropsWhatItJustActivated.TestCase.settings = SMALL
    result = unittest.TestResult()
    DropsWhatItJustActivated.TestCase("runTest").run(result)
    assert len(result.errors) + len(result.failures) == 1
    ((_, text),) = result.errors + result.failures
    assert "loads a ghost twice differs from ref after 2 steps" in text


def test_a_machine_of_a_rule_that_agrees_passes() -> None:
    class Agrees(Attributes):
        implementation = REFERENCE

    Agrees.TestCase.settings = SMALL
    result = unittest.TestResult()
    Agrees.TestCase("runTest").run(result)
    assert result.testsRun == 1
    assert result.wasSuccessful()


def test_a_machine_without_implementation_says_so() -> None:
    class Forgets(Attributes):
        """Set no implementation."""

    with pytest.raises(TypeError, match=r"Forgets\.implementation: None"):
        Forgets()


def test_parts_that_are_missing_are_not_asked_for() -> None:
    bare = replace(
        REFERENCE, name="bare", cache=None, mapping=None, list=None, timestamp=None,
        weakref=None, weak_dict=None, data_manager=None, package=None,
    )  # fmt: skip
    done = check_implementation(
        bare, reference=bare, settings=settings(SMALL, max_examples=10), seed=0
    )
    assert done.steps > 200


def test_every_operation_is_in_some_rule() -> None:
    rules = ConformanceMachine.setup_state().rules
    words = {word for each in rules for word in re.findall(r"\w+", repr(each))}
    assert set(OPERATIONS) - words == set()


@pytest.mark.parametrize("like", ["getattribute", "cache_items", "list_append", "copy", "refer"])
def test_an_operation_that_is_new_in_its_group_is_drawn(
    like: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    group = OPERATIONS[like].group
    monkeypatch.setitem(OPERATIONS, "anew", replace(OPERATIONS[like], name="anew"))  # type: ignore[arg-type]
    monkeypatch.setitem(GROUPS, group, (*GROUPS[group], "anew"))  # type: ignore[arg-type]
    machine = runpy.run_path(rules.__file__)["ConformanceMachine"]
    assert any("anew" in repr(each) for each in machine.setup_state().rules)


# Units of work


@pytest.fixture
def short_sessions(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let a session of a unit be five examples."""
    monkeypatch.setattr(unit_module, "SESSION", 5)


@pytest.mark.usefixtures("short_sessions")
def test_a_unit_tells_parts_divergences_and_steps() -> None:
    told: list[tuple[str, Any]] = []
    unit = machine_unit("ref", 0, "bundles", examples=8)
    post = Post(lambda kind, content: told.append((kind, content)))
    json.dumps(unit.arguments)
    unit.perform(post)
    post.flush()
    parts = [content["position"] for kind, content in told if kind == "part"]
    assert parts[0] == [0, 0]
    assert parts[1][0] == 1
    assert parts[1][1] >= 5
    covered = [content["covered"] for kind, content in told if kind == "progress"]
    assert sum(map(len, covered)) > 100


@pytest.mark.usefixtures("short_sessions")
def test_a_part_alone_tells_each_step_with_new_worlds_marked() -> None:
    told: list[Any] = []
    post = Post(lambda kind, content: told.append((kind, content)), only=[1, 5])
    machine_unit("ref", 0, "bundles", examples=10).perform(post)
    steps = [content for kind, content in told if kind == "step"]
    assert len(steps) > 60
    assert sum(content[-1] for content in steps) >= 4
    assert {kind for kind, _ in told} == {"step"}


def test_the_machines_have_names() -> None:
    assert dict(MACHINES) == {"bundles": ConformanceMachine, "bursts": BurstMachine}


def _strange_steps() -> list[Step]:
    seen: list[Step] = []

    @settings(max_examples=30, derandomize=True, database=None)
    @given(made=any_strange_step("get", "set", "cache_get"))
    def look(made: Step) -> None:
        seen.append(made)

    look()
    return seen


def test_a_strange_step_has_a_strange_argument_and_is_the_same_each_time() -> None:
    seen = _strange_steps()
    assert len(seen) > 20
    for made in seen:
        assert (
            made.hostile
            or any(type(each) not in (str, Ref) for each in made.arguments)
            or any(each in STRANGE for each in made.arguments)
        )
    assert [each.made for each in seen] == [each.made for each in _strange_steps()]
