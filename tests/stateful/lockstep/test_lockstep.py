"""Reference and target in lock-step: what differs is seen at the step that is to blame."""

from __future__ import annotations

import gc
from collections.abc import Iterable
from typing import Any

import pytest

from fixtures.operations import OPERATIONS
from fixtures.operations.table import step
from fixtures.targets import load
from fixtures.values import ref
from stateful.lockstep.divergence import ANY, CRASH, Divergence, Masked, Signature
from stateful.lockstep.lockstep import Comparing, Found, Lockstep, divergence, replay
from stateful.lockstep.observe import Difference
from stateful.traces.step import Step
from stateful.traces.trace import BadTrace, Trace
from tests.wrong import load_all, make

REFERENCE = load("ref")
LATE = (
    step("ghost", "a"),
    step("ghost", "b"),
    step("activate", "a"),
    step("set", "b", "x", 2),
    step("incrgc"),
)


def _wrong(name: str) -> object:
    load_all()
    return make(name)


def test_an_implementation_does_not_differ_from_itself() -> None:
    assert replay(REFERENCE, REFERENCE, Trace({}, LATE)) is None


def test_the_first_step_that_differs_is_pinned() -> None:
    found = replay(REFERENCE, _wrong("records no access"), Trace({}, _ring_steps()))
    assert found is not None
    assert found.signature == Signature("get", "Plain saved cached", "cache.ring")
    assert found.step == len(found.trace.operations) - 1 == 4


def test_without_full_comparison_a_difference_in_order_is_seen_at_the_end() -> None:
    trace = Trace({}, (*_ring_steps(), step("collect")))
    found = replay(REFERENCE, _wrong("records no access"), trace, Comparing.TOUCHED)
    assert found is not None
    assert found.step == 5


def _ring_steps() -> tuple[dict[str, object], ...]:
    return (
        step("ghost", "a"),
        step("ghost", "b"),
        step("activate", "a"),
        step("activate", "b"),
        step("get", "a", "x"),
    )


def test_steps_that_make_no_sense_are_left_out() -> None:
    driven = Lockstep(REFERENCE, REFERENCE)
    assert not driven.can(Step.of(step("get", "a", "x")))
    assert driven.can(Step.of(step("create", "a")))


def test_a_failing_operation_keeps_nothing_alive() -> None:
    """The error, its traceback and the frames there would keep the ghost in one cache."""
    driven = Lockstep(REFERENCE, REFERENCE)
    gc.disable()
    try:
        for made in (
            step("ghost", "a", "Invalidate"),
            step("plan", "_p_invalidate", "a", [], "ValueError"),
            step("activate", "a"),
            step("cache_invalidate", [ref("a")]),
            step("invalidate", "a"),
            step("drop", "a"),
        ):
            assert driven.perform(Step.of(made)) is None
        assert len(driven.reference.jars["jar"]._cache) == 0
    finally:
        gc.enable()


def test_values_are_compared_by_their_role() -> None:
    driven = Lockstep(REFERENCE, REFERENCE)
    for made in (
        step("ghost", "a"),
        step("get", "a", "_p_jar"),
        step("type", "a"),
        step("repr", "a"),
        step("reduce", "a"),
        step("cache_items"),
        step("debug_info"),
    ):
        assert driven.perform(Step.of(made)) is None, made


def test_dicts_with_weak_keys_are_compared_by_the_role_of_the_keys() -> None:
    driven = Lockstep(REFERENCE, REFERENCE)
    for made in (step("ghost", "a"), step("weak_build", "b", [(ref("a"), 1)])):
        assert driven.perform(Step.of(made)) is None
    assert driven.compare() is None


def test_divergences_survive_json() -> None:
    signature = Signature("set _p_changed None", "Plain ghost cached; planned register", "error")
    found = Divergence(signature, Trace({"jars": 2}, LATE), 4, "raises KeyError", "returns None")
    assert Divergence.from_json(found.to_json()) == found
    assert Signature.parse(str(signature)) == signature


@pytest.mark.parametrize(
    "damage",
    [{"signature": "only one part"}, {"step": 9}, {"step": None}, {"trace": {}}, {"expected": ...}],
)
def test_a_damaged_divergence_is_refused(damage: dict[str, object]) -> None:
    data = Divergence(Signature("a", "b", "c"), Trace({}, LATE), 0, "", "").to_json()
    data.update(damage)
    if damage == {"expected": ...}:
        del data["expected"]
    with pytest.raises(BadTrace):
        Divergence.from_json(data)


@pytest.mark.parametrize(
    ("before", "other", "covered"),
    [
        ("Plain ghost cached", "Slotted ghost cached", True),
        ("Slotted ghost cached", "Plain ghost cached", False),
        ("Plain ghost", "Plain ghost cached", True),
        ("Plain ghost cached", "Plain saved cached", False),
        ("cache: saved", "cache: ghost saved", True),
        ("cache: empty", "cache: ghost", True),
        ("Plain ghost", "Plain ghost; planned setstate set", True),
        ("Plain ghost; planned setstate set", "Plain ghost", False),
        ("-", "-", True),
    ],
)
def test_a_known_signature_covers_those_that_need_more(
    before: str, other: str, covered: bool
) -> None:
    known = Masked([Signature("get", before, "object.state")])
    assert known.holds(Signature("get", other, "object.state")) is covered
    assert not known.holds(Signature("get", other, "value"))
    assert known.masks("get", other) is covered


def test_every_operation_has_a_label() -> None:
    for operation in OPERATIONS.values():
        arguments = tuple(operation.defaults.get(name, "a") for name in operation.arguments)
        if "then" not in operation.arguments:
            assert Step(operation, arguments).label.startswith(operation.name)


def _alike(operation: str, states: Iterable[str], field: str) -> list[Signature]:
    return [Signature(operation, before, field) for before in states]


_OBJECTS = ("Plain ghost", "Plain saved", "Plain changed", "Plain sticky", "Mixed unsaved")


def test_many_states_of_an_operation_stand_for_all_that_touch_as_much() -> None:
    known = Masked(_alike("getattribute odd", _OBJECTS[:-1], "error"))
    other = Signature("getattribute odd", "Slotted unsaved", "error")
    assert not known.holds(other)
    known.add(Signature("getattribute odd", _OBJECTS[-1], "error"))
    assert known.holds(other)
    assert Signature("getattribute odd", ANY, "error") in set(known)
    for hidden in (
        Signature("getattribute odd", "Slotted unsaved", "value"),
        Signature("getattribute", "Slotted unsaved", "error"),
        Signature("getattribute odd", "-", "error"),
        Signature("getattribute odd", "Slotted unsaved; oids: saved", "error"),
        Signature("getattribute odd", "Slotted ghost; planned setstate set", "calls"),
    ):
        assert not known.holds(hidden)


def test_what_stands_for_many_masks_only_crashes() -> None:
    for field, masked in (("object.state", False), (CRASH, True)):
        known = Masked(_alike("new_ghost", [f"{each}; oids: saved" for each in _OBJECTS], field))
        assert known.masks("new_ghost", "Plain ghost; oids: saved")
        assert known.masks("new_ghost", "Slotted class; oids: ghost") is masked
        assert known.kills("new_ghost", "Slotted class; oids: ghost; planned register") is masked
        assert not known.masks("new_ghost", "Slotted class")


def test_many_operations_on_a_ghost_stand_for_its_load() -> None:
    operations = ("get", "set", "delete", "activate", "reduce", "append")
    known = Masked(Signature(each, "Plain ghost lost", "object.dict") for each in operations)
    assert known.holds(Signature("get_state", "Mixed ghost lost", "object.dict"))
    assert not known.holds(Signature("get_state", "Plain ghost cached", "object.dict"))
    assert not known.masks("get_state", "Mixed ghost lost")
    for before, field in (("Plain saved", "object.dict"), ("Plain ghost cached", "calls")):
        others = Masked(Signature(each, before, field) for each in operations)
        assert not others.holds(Signature("get_state", before, field))


def test_a_plan_stands_for_the_operations_that_it_acts_in() -> None:
    plan = "planned register make_sticky"
    known = Masked(
        Signature(each, f"Plain saved; {plan}", "calls") for each in ("set", "delete", "append")
    )
    assert known.holds(Signature("set doubled", f"Plain sticky; {plan}", "calls"))
    assert known.holds(Signature("clear", f"List_ saved; {plan} set then ValueError", "calls"))
    assert not known.holds(Signature("clear", "List_ saved; planned register set", "calls"))
    assert not known.holds(Signature("clear", "List_ saved", "calls"))


def test_which_error_is_planned_does_not_matter() -> None:
    known = Masked([Signature("get", "Plain ghost; planned setstate then LoadError", "calls")])
    assert known.holds(
        Signature("get", "Plain ghost; planned setstate set then ValueError", "calls")
    )
    assert not known.holds(Signature("get", "Plain ghost; planned setstate set", "calls"))


def test_what_a_step_can_have_changed_is_looked_at() -> None:
    driven = Lockstep(REFERENCE, _wrong("records no access"), comparing=Comparing.REACHED)
    found = None
    for made in _ring_steps():
        found = driven.perform(Step.of(made))
    assert found is not None
    assert found.field == "cache.ring"


def test_values_that_cannot_be_shown_are_shown_all_the_same() -> None:
    driven = Lockstep(REFERENCE, _wrong("ignores the default of get"))
    driven.perform(Step.of(step("create", "a")))
    driven.perform(Step.of(step("set_unshowable_oid", "a", b"short")))
    driven.target.objects["a"]._p_oid = b"other"
    found = driven.compare()
    assert found is not None
    shown = ("object.oid", "<UnshowableOid b'short'>", "b'other'")
    assert (found.field, found.expected, found.actual) == shown


def test_a_plan_that_does_not_act_is_no_part_of_a_signature() -> None:
    steps = (
        step("ghost", "a"),
        step("plan", "register", "a", [step("get", "a", "x")]),
        step("activate", "a"),
    )
    for last, met in (
        (step("p_getattr", "a", "x"), "Plain saved cached"),
        (step("set", "a", "x", 2), "Plain saved cached; planned register get"),
    ):
        performed = [Step.of(made) for made in (*steps, last)]
        found = Found(performed, Difference("value", "1", "2"), ())
        assert divergence(REFERENCE, {}, found).signature.before == met


@pytest.mark.parametrize(
    "planned",
    [
        (),
        ({"op": "plan", "call": "weakref callback", "object": "b", "then": [{"op": "minimize"}]},),
    ],
    ids=["nothing planned", "performing something"],
)
def test_a_collection_inside_a_call_does_not_find_the_garbage_of_the_other_world(
    planned: tuple[dict[str, Any], ...],
) -> None:
    # A class is garbage that only a collection finds.
    own = {"_p_oid": None, "_p_jar": None, "_p_state": 0}
    operations = (
        {"op": "create_class", "object": "b", "attributes": own},
        {"op": "plan", "call": "register", "object": "a", "then": [{"op": "collect"}]},
        {"op": "watch_calling", "object": "b"},
        *planned,
        {"op": "drop", "object": "b"},
        {"op": "ghost", "object": "a"},
        {"op": "delete", "object": "a", "name": "y"},
    )
    assert replay(REFERENCE, REFERENCE, Trace({}, operations)) is None
