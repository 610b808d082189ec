"""A chain of three modules, and every order in which a jar may invalidate."""

from __future__ import annotations

import itertools
import math
import os
from typing import Any

import pytest

from conformance.clauses.checks.pm_transactions import CHAIN
from persistent_ref.modules import Registry
from persistent_ref.modules.memory import ModuleDatabase
from tests.persistent_ref.modules.databases import MEMORY, memory

#: Of how many orders one is tried; ``nox -s modules`` tries all.
STEP = int(os.environ.get("MODULES_ORDERS_STEP", "97"))


@pytest.fixture(params=MEMORY)
def database(request: pytest.FixtureRequest) -> ModuleDatabase:
    database = memory(request.param)
    connection = database.open()
    for name, source in CHAIN.items():
        connection.registry.new(name, source.format(n=1))
    connection.commit()
    return database


def _change_all(registry: Registry, n: int) -> None:
    a, b, c = (source.format(n=n) for source in CHAIN.values())
    registry.update("a", a + f"def helper{n}(): return {n}\n")
    registry.new(f"new{n}", f"x = {n}")
    registry.update("b", f"from a import helper{n}\nimport new{n}\n{b}")
    registry.update("c", c)


def test_every_order_of_a_chain_is_right(database: ModuleDatabase) -> None:
    writer = database.open()
    _change_all(writer.registry, 2)
    count, written = 0, len(database.written())
    before = writer.jar._view
    writer.commit()
    oids = database.written()[written:]
    told = [oid for oid in oids if _is_known(writer.jar.get(oid))]
    # Three modules, three classes and a function existed before.
    assert len(told) == 7
    rest = [oid for oid in oids if oid not in told]
    for order in itertools.islice(itertools.permutations(told), 0, None, STEP):
        _assert_follows(database, before, [*order, *rest])
        count += 1
    assert count == -(-math.factorial(7) // STEP)


def _is_known(obj: Any) -> bool:
    kind = type(obj).__name__.partition("@")[0]
    if kind == "PersistentModule":
        return obj.name in ("a", "b", "c")
    return kind in ("PersistentMeta", "PersistentFunction") and obj.__name__ != "helper2"


def _assert_follows(database: ModuleDatabase, before: bytes, order: list[bytes]) -> None:
    """Load a reader at ``before`` and tell it of the change in that order."""
    reader = database.open()
    reader.jar._view = before
    registry = reader.registry
    c = registry.module("c")
    held, f = c.C(), registry.module("a").f
    assert (held.c(), f()) == ((1, (1, 1), 1), 1)
    database.tell_in_order(lambda oids: order)
    try:
        reader.begin()
    finally:
        database.tell_in_order(list)
    assert (held.c(), f(), registry.module("b").helper2()) == ((2, (2, 2), 2), 2, 2)
    assert registry.module("c").C is type(held)
    assert not any(registry._p_record(name)._p_runtime().table.error for name in "abc")
