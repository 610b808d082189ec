"""Databases with persistent modules, in memory and on ZODB: each is a `ModuleDatabase`."""

from __future__ import annotations

import collections
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from fixtures.implementation import Implementation
from fixtures.targets import load
from persistent_ref.modules import ClassFactory, Registry
from persistent_ref.modules.memory import ModuleDatabase

try:
    import persistent.mapping
    import transaction
    import ZODB
    from persistent.persistence import PersistentPy
    from persistent.picklecache import PickleCachePy
    from ZODB.MappingStorage import MappingStorage
    from ZODB.utils import p64, u64
except ImportError:
    ZODB = None
try:
    import ZEO
except ImportError:
    ZEO = None

#: The databases in memory, one for each implementation.
MEMORY = ("memory-ref", "memory-c", "memory-py")

_FOUND = {"memory-ref": load("ref")}
if ZODB is not None:
    # As they are installed, not loaded once more: sources and pickle find them by their names.
    class _PyMapping(collections.UserDict, PersistentPy):  # type: ignore[type-arg,misc]
        def __setitem__(self, name: str, value: Any) -> None:
            super().__setitem__(name, value)
            self._p_changed = True

    _FOUND["memory-py"] = replace(
        _FOUND["memory-ref"], persistent=PersistentPy, cache=PickleCachePy, mapping=_PyMapping
    )
    if persistent.Persistent is not PersistentPy:
        _FOUND["memory-c"] = _FOUND["zodb"] = _FOUND["zeo"] = replace(
            _FOUND["memory-ref"],
            persistent=persistent.Persistent,
            cache=persistent.PickleCache,
            mapping=persistent.mapping.PersistentMapping,
        )


def implementation(name: str) -> Implementation:
    """Return the implementation of a world; skip the test if that is not installed."""
    if name not in _FOUND:
        pytest.skip(f"needs the packages persistent and ZODB, for {name}")
    return _FOUND[name]


def memory(name: str) -> ModuleDatabase:
    """Return a new database in memory."""
    parts = implementation(name)
    assert parts.persistent is not None
    assert parts.cache is not None
    assert parts.mapping is not None
    return ModuleDatabase(parts.persistent, parts.cache, parts.mapping)


def base_of(database: ModuleDatabase) -> str:
    """Return a source that binds ``Base``: the ``Persistent`` class of a database."""
    module, _, name = type(database.create_registry()).__name__.partition("@")[2].partition(":")
    return f"from {module.replace('/', '.')} import {name} as Base\n"


class ZodbConnection:
    """A connection of its own transaction manager; ``key`` leads from the root to its part."""

    def __init__(self, database: Any, key: str | None = None) -> None:
        self.manager = transaction.TransactionManager()
        self.jar = database.open(self.manager)
        self._key = key
        self.begin, self.commit, self.abort = (
            self.manager.begin,
            self.manager.commit,
            self.manager.abort,
        )
        # A client may not have heard of the last commits yet; a transaction begins with them all.
        self.begin()

    @property
    def root(self) -> Any:
        root = self.jar.root()
        return root if self._key is None else root[self._key]

    @property
    def registry(self) -> Registry:
        registry: Registry = self.root["modules"]
        return registry


class ZodbDatabase(ModuleDatabase):
    """A part of a ZODB database that holds an empty registry; all of it without a ``key``.

    ``clients(number)`` gives what the connection of that number is opened on.
    """

    def __init__(self, clients: Callable[[int], Any], key: str | None = None) -> None:
        self.persistent = persistent.Persistent
        self.zodb = clients(0)
        self._clients = clients
        self._key = key
        self._opened: list[ZodbConnection] = []
        self._order: Callable[[list[bytes]], list[bytes]] = list
        if key is None:
            connection = self.open()
        else:
            first = ZodbConnection(self.zodb)
            first.root[key] = persistent.mapping.PersistentMapping()
            first.commit()
            first.jar.close()
            connection = self.open()
        self._start = p64(u64(self.zodb.lastTransaction()) + 1)
        connection.root["modules"] = self.create_registry()
        connection.commit()
        self.close_one(connection)

    def open(self) -> Any:
        made = ZodbConnection(self._clients(len(self._opened)), self._key)
        storage = made.jar._storage

        def in_order() -> Any:
            found = type(storage).poll_invalidations(storage)
            return found and self._order(sorted(found))[::-1]

        storage.poll_invalidations = in_order
        self._opened.append(made)
        return made

    def written(self) -> list[bytes]:
        found = self.zodb.storage.iterator(self._start)
        return [record.oid for each in found for record in each]

    def stored(self, oid: bytes) -> bytes:
        # Not what a client remembers.
        found = self.zodb.storage.iterator(self._start)
        records = {record.oid: record.data for each in found for record in each}
        data: bytes = records[oid]
        return data

    def tell_in_order(self, order: Callable[[list[bytes]], list[bytes]]) -> None:
        self._order = order

    def close(self) -> None:
        """Close the connections; those of a client that stays are used again."""
        while self._opened:
            self.close_one(self._opened[-1])

    def close_one(self, connection: ZodbConnection) -> None:
        """Close one of the connections."""
        self._opened.remove(connection)
        connection.abort()
        del connection.jar._storage.poll_invalidations
        connection.jar.close()


def on_storage(storage: Any = None) -> ZodbDatabase:
    """Return a new ZODB database; without a ``storage``, in memory."""
    if ZODB is None:
        pytest.skip("needs the package ZODB")
    # An empty storage is false.
    chosen = MappingStorage() if storage is None else storage
    zodb = ZODB.DB(chosen, class_factory=ClassFactory())
    return ZodbDatabase(lambda number: zodb)


class ZeoServer:
    """A server on this machine, and clients that stay; each database is a part of it.

    Now and then all are new: what scans a database reads all the parts that were made before it.
    """

    #: Parts of one server, which costs about as much as scanning so many.
    _PARTS = 16

    def __init__(self, folder: Path) -> None:
        if ZODB is None or ZEO is None:
            pytest.skip("needs the package ZEO")
        self._folder = folder
        self._address: Any = None
        self._stop: Callable[[], None] = list
        self._clients: list[Any] = []
        self._factories: dict[int, ClassFactory] = {}
        self._made = 0
        self._key = ""

    def database(self) -> ZodbDatabase:
        """Return a new database, whose connections are clients; the one before is done with."""
        if self._made % self._PARTS == 0:
            self.close()
            self._address, self._stop = ZEO.server(str(self._folder / f"{self._made}.fs"))
        self._key = f"database {self._made}"
        self._made += 1
        self._factories.clear()
        return ZodbDatabase(self._client, self._key)

    def close(self) -> None:
        while self._clients:
            self._clients.pop().close()
        self._stop()
        self._stop = list

    def _client(self, number: int) -> Any:
        while number >= len(self._clients):
            # Every transaction begins with all that others have committed.
            storage = ZEO.client(self._address, server_sync=True, wait_timeout=60)
            finder = self._finder(len(self._clients))
            self._clients.append(ZODB.DB(storage, class_factory=finder))
        return self._clients[number]

    def _finder(self, client: int) -> Callable[..., Any]:
        def find(connection: Any, module: str, name: str) -> Any:
            if client not in self._factories:
                key = self._key
                self._factories[client] = ClassFactory(lambda root: root[key]["modules"])
            return self._factories[client](connection, module, name)

        return find
