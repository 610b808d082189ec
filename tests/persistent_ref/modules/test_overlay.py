"""Data that are assigned to a module at run time, where the module keeps them."""

from __future__ import annotations

from typing import Any

import pytest

from conformance.clauses.checks.pm_overlay import SOURCE
from persistent_ref.modules import create_registry
from persistent_ref.modules.memory import Connection, ModuleDatabase


@pytest.fixture
def modules(one: Connection, two: Connection) -> tuple[Any, Any]:
    module = one.registry.new("m", SOURCE)
    one.registry.keep_data("m")
    one.commit()
    two.begin()
    return module, two.registry.module("m")


def test_module_data_are_stored(
    world: ModuleDatabase, one: Connection, two: Connection, modules: Any
) -> None:
    module, other = modules
    module.count = 5
    module.extra = "new"
    assert other.count == 0
    one.commit()
    two.begin()
    fresh = world.open().registry.module("m")
    assert (other.count, other.f(), other.extra) == (fresh.count, fresh.f(), fresh.extra)
    assert (fresh.f(), fresh.extra) == (5, "new")
    del module.extra
    one.commit()
    two.begin()
    assert not hasattr(other, "extra")


def test_attributes_of_classes_and_functions_are_stored(
    world: ModuleDatabase, one: Connection, two: Connection, modules: Any
) -> None:
    module, other = modules
    instance, function = other.C(), other.f
    module.C.x = 2
    module.C.y = 3
    module.f.note = "here"
    assert module.C._p_changed
    one.commit()
    two.begin()
    fresh = world.open().registry.module("m")
    for each in (other, fresh):
        assert (each.C.x, each.C().y, each.f.note) == (2, 3, "here")
    assert (instance.x, function.note) == (2, "here")
    del module.C.y, module.f.note
    one.commit()
    two.begin()
    assert not hasattr(instance, "y")
    assert not hasattr(function, "note")


def test_abort_resets(one: Connection, modules: Any) -> None:
    module = modules[0]
    cls = module.C
    module.count, cls.x, module.f.note = 5, 6, 7
    one.abort()
    assert (module.count, cls.x, hasattr(module.f, "note"), module.C) == (0, 1, False, cls)


def test_a_change_of_source_resets(one: Connection, two: Connection, modules: Any) -> None:
    module, other = modules
    module.count, module.C.x = 5, 6
    one.commit()
    one.registry.update("m", SOURCE + "# changed\n")
    one.commit()
    two.begin()
    assert [(m.count, m.C.x) for m in modules] == [(0, 1), (0, 1)]
    other.count = 8
    two.commit()
    one.begin()
    assert module.f() == 8


def test_it_can_be_given_up(one: Connection, two: Connection, modules: Any) -> None:
    module, other = modules
    module.count = 5
    one.commit()
    one.registry.keep_data("m", False)
    assert module.count == 0
    module.count = 6
    one.commit()
    two.begin()
    assert (module.count, other.count) == (6, 0)
    with pytest.raises(KeyError, match="no persistent module 'n'"):
        one.registry.keep_data("n")


def test_reading_and_definitions_store_nothing(world: ModuleDatabase, modules: Any) -> None:
    before = world.written()
    fresh = world.open()
    module = fresh.registry.module("m")
    assert (module.f(), module.C().x) == (0, 1)
    fresh.commit()
    assert world.written() == before


def test_an_unsaved_registry_keeps_data(world: ModuleDatabase, one: Connection) -> None:
    registry = create_registry(world.persistent)
    module = registry.new("m", SOURCE)
    registry.keep_data("m")
    module.bump()
    one.root["other"] = registry
    one.commit()
    assert world.open().root["other"].module("m").count == 1
