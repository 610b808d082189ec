"""A reader that cannot execute what another process has committed."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import pytest

from conformance.clauses.checks.pc import BAD, GOOD
from persistent_ref.modules import ModuleReloadError
from persistent_ref.modules.memory import Connection, ModuleDatabase

UNREADABLE = BAD + GOOD.replace("1", "2")


@pytest.fixture
def other(one: Connection, two: Connection, monkeypatch: pytest.MonkeyPatch) -> Iterator[Any]:
    """The module in the second connection, which could not execute its last source."""
    one.registry.new("m", GOOD)
    one.registry.new("sub", "from m import C\nclass D(C): pass\n")
    one.root["value"] = 1
    one.commit()
    two.begin()
    two.registry.module("sub")
    module = two.registry.module("m")
    module.f()
    assert two.root["value"] == 1
    one.registry.update("m", UNREADABLE)
    one.root["value"] = 2
    one.commit()
    monkeypatch.setattr(json, "reader", True, raising=False)
    cls, function, namespace = module.C, module.f, vars(module)
    two.begin()
    return cls, function, namespace, module


def test_the_error_is_raised_when_the_module_is_used(two: Connection, other: Any) -> None:
    module = other[3]
    for use in (
        lambda: two.registry.module("m"),
        lambda: module.x,
        lambda: module.f,
        lambda: two.registry.new("late", "from m import C"),
    ):
        with pytest.raises(ModuleReloadError, match=r"revision 2 of .* 'm' .* not here") as caught:
            use()
        assert isinstance(caught.value.__cause__, OSError)
    assert module.__name__ == "m"


def test_the_reader_may_correct_it_itself(one: Connection, two: Connection, other: Any) -> None:
    cls, function, _, module = other
    two.registry.update("m", GOOD.replace("1", "3"))
    assert (cls().n(), function(), module.x, module.C) == (3, 3, 3, cls)
    two.commit()
    one.begin()
    assert one.registry.module("m").x == 3


def test_it_heals_when_the_cause_is_gone(
    two: Connection, other: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delattr(json, "reader")
    assert (two.registry.module("m").x, other[0]().n(), other[1]()) == (2, 2, 2)


def test_a_source_that_exits_does_not_end_the_reader(
    one: Connection, two: Connection, other: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delattr(json, "reader")
    one.registry.update("m", UNREADABLE.replace("raise OSError('not here')", "raise SystemExit(3)"))
    one.root["value"] = 3
    one.commit()
    monkeypatch.setattr(json, "reader", True, raising=False)
    two.begin()
    assert (two.root["value"], other[1]()) == (3, 1)
    with pytest.raises(ModuleReloadError, match="SystemExit: 3"):
        two.registry.module("m")


def test_a_fresh_process_gets_the_original_error(world: ModuleDatabase, other: Any) -> None:
    fresh = world.open()
    with pytest.raises(OSError, match="not here"):
        fresh.registry.module("m")
    assert fresh.root["value"] == 2


def test_a_fresh_process_may_correct_it(
    world: ModuleDatabase, one: Connection, two: Connection, other: Any
) -> None:
    one.root["refs"] = [one.registry.module("m").C, one.registry.module("m").f]
    one.commit()
    fresh = world.open()
    cls, function = fresh.root["refs"]
    for call in (cls, function):
        with pytest.raises(OSError, match="not here"):
            call()
    fresh.registry.update("m", GOOD.replace("1", "3"))
    fresh.commit()
    for connection in (one, two, fresh, world.open()):
        connection.begin()
        cls, function = connection.root["refs"]
        assert (cls().n(), function()) == (3, 3)
        module = connection.registry.module("m")
        assert (cls, function) == (module.C, module.f)
    assert other[0] is two.registry.module("m").C
