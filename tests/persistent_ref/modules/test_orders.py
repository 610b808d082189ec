"""A chain of three modules, and every order in which a jar may invalidate."""

from __future__ import annotations

import itertools
import math
import os
from typing import Any

import pytest

from persistent_ref.datamanager import DataManager, Storage, Transaction
from persistent_ref.modules import Registry, create_registry
from tests.persistent_ref.modules.worlds import WORLDS, implementation

#: Of how many orders one is tried; ``nox -s modules`` tries all.
STEP = int(os.environ.get("MODULES_ORDERS_STEP", "97"))

A = "class A:\n    def a(self): return {n}\n{more}"
B = "from a import A{imports}\nclass B(A):\n    def b(self): return {n}\n"
C = """
import b
class C(b.B):
    def c(self): return {n}, self.b(), self.a()
def f(): return C().c()
"""


class _ShuffledStorage(Storage):
    """Tells of the records of a transaction in an order of choice."""

    def __init__(self, parts: tuple[Any, Any, Any]) -> None:
        super().__init__()
        self.persistent, self._cache, self._root = parts
        self.order: Any = None

    def open(self) -> DataManager:
        return DataManager(self, cache_factory=self._cache, root_factory=self._root)

    def since(self, tid: bytes) -> list[Transaction]:
        return [
            Transaction(each.tid, tuple(self.order(list(each.oids)))) if self.order else each
            for each in super().since(tid)
        ]


@pytest.fixture(params=[name for name in WORLDS if name.startswith("memory")])
def storage(request: pytest.FixtureRequest) -> _ShuffledStorage:
    storage = _ShuffledStorage(implementation(request.param))
    jar = storage.open()
    registry = create_registry(storage.persistent)
    jar.root["modules"] = registry
    registry.new("a", A.format(n=1, more=""))
    registry.new("b", B.format(n=1, imports=""))
    registry.new("c", C.format(n=1))
    jar.commit()
    return storage


def _change_all(registry: Registry, n: int) -> None:
    more = f"def helper{n}(): return {n}\n"
    registry.update("a", A.format(n=n, more=more))
    registry.new(f"new{n}", f"x = {n}")
    registry.update("b", B.format(n=n, imports=f", helper{n}\nimport new{n}"))
    registry.update("c", C.format(n=n))


def test_every_order_of_a_chain_is_right(storage: _ShuffledStorage) -> None:
    writer = storage.open()
    _change_all(writer.root["modules"], 2)
    count = 0
    before = storage.last_tid
    writer.commit()
    oids = storage.since(before)[0].oids
    told = [oid for oid in oids if _is_known(writer.get(oid))]
    # Three modules, three classes and a function existed before.
    assert len(told) == 7
    rest = [oid for oid in oids if oid not in told]
    for order in itertools.islice(itertools.permutations(told), 0, None, STEP):
        _assert_follows(storage, before, [*order, *rest])
        count += 1
    assert count == -(-math.factorial(7) // STEP)


def _is_known(obj: Any) -> bool:
    kind = type(obj).__name__.partition("@")[0]
    if kind == "PersistentModule":
        return obj.name in ("a", "b", "c")
    return kind in ("PersistentMeta", "PersistentFunction") and obj.__name__ != "helper2"


def _assert_follows(storage: _ShuffledStorage, before: bytes, order: list[bytes]) -> None:
    """Load a reader at ``before`` and tell it of the change in that order."""
    reader = storage.open()
    reader._view = before
    registry = reader.root["modules"]
    c = registry.module("c")
    held, f = c.C(), c.f
    assert (held.c(), f()) == ((1, 1, 1), (1, 1, 1))
    storage.order = lambda oids: order
    try:
        reader.begin()
    finally:
        storage.order = None
    assert (held.c(), f(), registry.module("b").helper2()) == ((2, 2, 2), (2, 2, 2), 2)
    assert registry.module("c").C is type(held)
    assert not any(registry._p_record(name)._p_runtime().table.error for name in "abc")
