"""What only a real database does: instances by class name, undo, savepoints, packing."""

from __future__ import annotations

import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from persistent_ref.modules import ClassFactory, create_registry
from tests.persistent_ref.modules.databases import ZodbConnection, ZodbDatabase, on_storage

SOURCE = """
from persistent import Persistent

class Item(Persistent):
    def __init__(self):
        self.n = 1
    def hi(self):
        return NUMBER, self.n

def f():
    return NUMBER
"""

Z = pytest.importorskip("ZODB", reason="needs the package ZODB")
ConflictError = pytest.importorskip("ZODB.POSException").ConflictError
Persistent = pytest.importorskip("persistent").Persistent
PersistentMapping = pytest.importorskip("persistent.mapping").PersistentMapping


@pytest.fixture
def world(tmp_path: Path) -> Iterator[ZodbDatabase]:
    storage = pytest.importorskip("ZODB.FileStorage").FileStorage
    database = on_storage(storage(str(tmp_path / "data.fs")))
    yield database
    database.close()
    database.zodb.close()


@pytest.fixture
def module(one: ZodbConnection) -> Any:
    module = one.registry.new("m", SOURCE.replace("NUMBER", "1"))
    one.commit()
    return module


def update(connection: ZodbConnection, number: int) -> None:
    connection.registry.update("m", SOURCE.replace("NUMBER", str(number)))


def test_persistent_instances_are_loaded(
    world: ZodbDatabase, one: ZodbConnection, module: Any
) -> None:
    one.root["item"] = module.Item()
    one.commit()
    # The root refers to the instance directly, and is what a connection loads first.
    two, three = world.open(), world.open()
    for connection in (two, three):
        item = connection.root["item"]
        assert item.hi() == (1, 1)
        assert type(item) is connection.registry.module("m").Item
        assert item._p_oid == one.root["item"]._p_oid
        assert type(item)._p_oid != item._p_oid
    item = two.root["item"]
    item.n = 5
    two.commit()
    update(one, 2)
    one.abort()
    one.begin()
    update(one, 2)
    one.commit()
    three.begin()
    assert three.root["item"].hi() == (2, 5)
    assert vars(three.root["item"]) == {"n": 5}
    record, _ = world.zodb.storage.load(item._p_oid)
    assert b"_p_" not in record


def test_other_classes_are_found_as_ever(
    world: ZodbDatabase, one: ZodbConnection, module: Any
) -> None:
    find = world.zodb.classFactory
    assert find(one.jar, "m", "Item") is module.Item
    assert find(one.jar, "persistent.mapping", "PersistentMapping") is PersistentMapping
    assert "broken" in repr(find(one.jar, "elsewhere", "Thing").__mro__).lower()


def test_a_registry_may_be_anywhere(tmp_path: Path) -> None:
    factory = ClassFactory(lambda root: root["deep"]["code"])
    database = Z.DB(str(tmp_path / "data.fs"), class_factory=factory)
    with database.transaction() as connection:
        assert "broken" in repr(factory(connection, "m", "Item").__mro__).lower()
        registry = create_registry(Persistent)
        connection.root()["deep"] = PersistentMapping(code=registry)
        item = registry.new("m", SOURCE.replace("NUMBER", "1")).Item
        connection.root()["item"] = item()
    database.close()
    again = Z.DB(
        str(tmp_path / "data.fs"), class_factory=ClassFactory(lambda root: root["deep"]["code"])
    )
    with again.transaction() as connection:
        assert connection.root()["item"].hi() == (1, 1)
    again.close()


def test_undo_brings_the_same_objects_back(
    world: ZodbDatabase, one: ZodbConnection, two: ZodbConnection, module: Any
) -> None:
    two.begin()
    held = [module.f, two.registry.module("m").f, module.Item, two.registry.module("m").Item]
    update(one, 2)
    one.commit()
    two.begin()
    last = world.zodb.undoInfo(0, 1)[0]["id"]
    world.zodb.undo(last, one.manager.get())
    one.commit()
    two.begin()
    assert (held[0](), held[1](), held[2]().hi(), held[3]().hi()) == (1, 1, (1, 1), (1, 1))
    other = two.registry.module("m")
    assert held == [module.f, other.f, module.Item, other.Item]


def test_undo_of_a_deletion_connects_again(
    world: ZodbDatabase, one: ZodbConnection, two: ZodbConnection, module: Any
) -> None:
    two.begin()
    held = two.registry.module("m").f
    one.registry.update("m", "x = 1\n")
    one.commit()
    two.begin()
    assert not hasattr(two.registry.module("m"), "f")
    world.zodb.undo(world.zodb.undoInfo(0, 1)[0]["id"], one.manager.get())
    one.commit()
    two.begin()
    assert two.registry.module("m").f is held
    update(one, 3)
    one.commit()
    two.begin()
    assert held() == 3


def test_rollback_of_a_savepoint(one: ZodbConnection, two: ZodbConnection, module: Any) -> None:
    f, item = module.f, module.Item()
    update(one, 2)
    savepoint = one.manager.savepoint()
    update(one, 3)
    one.registry.new("late", "x = 1")
    one.manager.savepoint()
    update(one, 4)
    assert (f(), item.hi()) == (4, (4, 1))
    savepoint.rollback()
    assert (f(), item.hi(), one.registry.find("late")) == (2, (2, 1), None)
    one.commit()
    two.begin()
    assert two.registry.module("m").f() == 2


def test_a_connection_is_closed_and_opened_again(
    world: ZodbDatabase, one: ZodbConnection, module: Any
) -> None:
    manager = one.manager
    f = module.f
    world.close_one(one)
    two = world.open()
    update(two, 2)
    two.commit()
    again = world.zodb.open(manager)
    assert again.root()["modules"].module("m").f() == 2
    if again is one.jar:
        assert f() == 2


def test_the_past_can_be_looked_at(world: ZodbDatabase, one: ZodbConnection, module: Any) -> None:
    past = world.zodb.lastTransaction()
    update(one, 2)
    one.commit()
    then = world.zodb.open(one.manager, at=past)
    assert (then.root()["modules"].module("m").f(), module.f()) == (1, 2)
    then.close()


def test_packing_keeps_what_is_reachable(
    world: ZodbDatabase, one: ZodbConnection, module: Any
) -> None:
    one.root["class"], one.root["function"] = module.Item, module.f
    one.registry.new("pkg.user", "from m import f, Item\nclass Sub(Item): pass\n")
    one.registry.new("gone", "class Gone: pass\n")
    one.commit()
    one.registry.remove("gone")
    update(one, 2)
    one.commit()
    records = len(world.zodb.storage)
    world.zodb.pack(time.time() + 1)
    assert len(world.zodb.storage) < records
    fresh = world.open()
    assert fresh.root["function"]() == 2
    assert fresh.root["class"] is fresh.registry.module("m").Item
    assert fresh.registry.module("pkg.user").Sub().hi() == (2, 1)
    update(fresh, 3)
    fresh.commit()
    one.begin()
    assert (module.f(), one.registry.module("pkg.user").Sub().hi()) == (3, (3, 1))


def test_modules_may_be_created_at_the_same_time(world: ZodbDatabase) -> None:
    connections = [world.open() for _ in range(3)]
    for number, connection in enumerate(connections):
        connection.registry.new(f"m{number}", f"x = {number}\n")
    for connection in connections:
        connection.commit()
    for connection in [*connections, world.open()]:
        connection.begin()
        registry = connection.registry
        assert [registry.module(name).x for name in registry.modules()] == [0, 1, 2]
    for connection in connections[:2]:
        connection.registry.new("same", "")
    connections[0].commit()
    with pytest.raises(ConflictError):
        connections[1].commit()
