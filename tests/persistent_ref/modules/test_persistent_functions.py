"""Functions of persistent modules: stored by name, called as they are now."""

from __future__ import annotations

from typing import Any

import pytest

from persistent_ref.modules.memory import Connection, ModuleDatabase

SOURCE = "def plain(): return 1\ndouble = lambda x: 2 * x\n"


@pytest.fixture
def modules(one: Connection, two: Connection) -> tuple[Any, Any]:
    module = one.registry.new("m", SOURCE)
    one.commit()
    two.begin()
    return module, two.registry.module("m")


def test_functions_are_stored_by_reference(
    one: Connection, two: Connection, modules: tuple[Any, Any]
) -> None:
    one.root["f"] = [modules[0].plain, modules[0].double]
    one.commit()
    two.begin()
    assert two.root["f"] == [modules[1].plain, modules[1].double]
    assert repr(two.root["f"][0]) == "<persistent function m.plain>"


def test_attributes_belong_to_the_plain_function(
    world: ModuleDatabase, one: Connection, modules: tuple[Any, Any]
) -> None:
    before = world.written()
    plain = modules[0].plain
    plain.note = "here"
    assert plain.note == "here"
    del plain.note
    assert not hasattr(plain, "note")
    one.commit()
    assert world.written() == before
