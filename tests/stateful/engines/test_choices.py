"""Domains become steps: all of them, or some at random, for what a driver knows."""

from __future__ import annotations

import random
from collections import Counter

import pytest

from fixtures.operations import OPERATIONS
from fixtures.samples import CROSSED, RULED
from fixtures.targets import load
from fixtures.values import Ref
from stateful.engines.choices import (
    GROUPS,
    STRANGE,
    WEIGHTS,
    Vocabulary,
    any_family,
    operations_for,
    pool,
    samples_for,
    steps,
    strange_steps,
)
from stateful.traces.step import Step

REFERENCE = load("ref")
FULL = Vocabulary(
    objects={"a": "Plain", "b": "Mapping", "c": "List_", "d": "WeakDict"},
    new=("e",),
    jars=("jar", "other"),
    samples=samples_for(REFERENCE),
    references=("r",),
    new_references=("s",),
    watched=("a",),
    oids=("a", "b"),
)


@pytest.mark.parametrize("name", sorted(OPERATIONS))
def test_every_operation_can_be_chosen(name: str) -> None:
    found = list(steps(FULL, [OPERATIONS[name]], limit=3))
    assert found
    for step in found:
        assert Step.of(step.made).arguments == step.arguments


def test_every_operation_is_in_one_group_that_has_a_weight() -> None:
    names = [name for group in GROUPS.values() for name in group]
    assert sorted(names) == sorted(OPERATIONS)
    assert set(GROUPS) == set(WEIGHTS)


def test_who_knows_nothing_can_only_make_something() -> None:
    nothing = Vocabulary(new=("a",), samples=("Plain",), cache=False)
    found = list(steps(nothing, operations_for(REFERENCE, cache=False), limit=2))
    assert found
    assert [step for step in found if step.present] == []


def test_operations_on_collections_are_for_collections() -> None:
    known = Vocabulary(objects={"a": "Plain"}, new=("b",))
    operations = [OPERATIONS[name] for name in ("map_popitem", "list_append", "weak_get")]
    assert list(steps(known, operations)) == []


def test_what_a_value_refers_to_exists() -> None:
    known = Vocabulary(objects={"a": "Plain"}, samples=("Plain",))
    written = [
        step.arguments[2]
        for step in steps(known, [OPERATIONS["set"]])
        if step.arguments[1] in ("_p_jar", "__class__")
    ]
    assert Ref("jar", "jar") in written
    assert Ref("jar", "other") not in written
    assert Ref("class", "Deactivate") not in written


def test_an_implementation_that_lacks_a_part_is_spared_its_operations() -> None:
    from dataclasses import replace

    poor = replace(REFERENCE, name="poor", cache=None, mapping=None)
    names = {operation.name for operation in operations_for(REFERENCE, poor)}
    assert "incrgc" not in names
    assert "activate" in names
    assert "Mapping" not in samples_for(REFERENCE, poor)


def test_a_pool_holds_every_group() -> None:
    drawn = pool(random.Random(0), FULL, operations_for(REFERENCE), 3000)
    assert {step.operation.name for step in drawn} >= {"get", "incrgc", "plan", "timestamp"}
    again = pool(random.Random(0), FULL, operations_for(REFERENCE), 3000)
    assert [step.made for step in drawn] == [step.made for step in again]


def test_the_stranger_a_sample_the_rarer_it_is() -> None:
    rng = random.Random(0)
    names = samples_for(REFERENCE)
    families = dict.fromkeys(RULED, "ruled") | dict.fromkeys(CROSSED, "crossed")
    drawn = Counter(
        families.get(rng.choice(any_family(rng, names)), "written") for _ in range(4000)
    )
    assert 0.7 < drawn["written"] / 4000 < 0.8
    assert 0.15 < drawn["ruled"] / 4000 < 0.22
    assert 0.04 < drawn["crossed"] / 4000 < 0.09
    assert any_family(rng, ["Plain"]) == ["Plain"]


def test_a_strange_keyword_is_one_that_the_operation_has() -> None:
    known = Vocabulary(objects={"a": ""}, hostile=(Ref("hostile", "object bool lies"),))
    made = [step.made for step in strange_steps(known, [OPERATIONS["list_sort"]])]
    assert [list(each["keywords"]) for each in made if each.get("keywords")] == [["reverse"]]


def test_a_name_of_an_attribute_can_be_strange() -> None:
    known = Vocabulary(objects={"a": ""}, hostile=STRANGE)
    for op in ("get", "set", "delete", "p_getattr", "p_setattr", "p_delattr", "getattribute"):
        names = [step.made["name"] for step in strange_steps(known, [OPERATIONS[op]])]
        assert "\ud800" in names
        assert "a\0b" in names
        assert 0 in names
        assert Ref("hostile", "protocol startswith lies") in names
        assert Ref("hostile", "str eq tells") in names
        assert Ref("hostile", "bytes eq tells") not in names or op == "getattribute"
