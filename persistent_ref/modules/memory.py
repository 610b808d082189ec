"""A database in memory with persistent modules, on any implementation of the protocol.

Each connection has a cache, and live modules, of its own, as a process of its
own would have.
"""

from __future__ import annotations

from collections.abc import Callable
from types import ModuleType
from typing import Any

import persistent_ref.modules
from persistent_ref.datamanager import DataManager, Storage, Transaction
from persistent_ref.mapping import PersistentMapping
from persistent_ref.modules.registry import Registry
from persistent_ref.persistence import Persistent
from persistent_ref.picklecache import PickleCache

__all__ = ["Connection", "ModuleDatabase"]

_NAME = "modules"


class _Storage(Storage):
    """Tells of the records of a transaction in an order of choice."""

    def __init__(self) -> None:
        super().__init__()
        self.order: Callable[[list[bytes]], list[bytes]] = list

    def since(self, tid: bytes) -> list[Transaction]:
        told = super().since(tid)
        # A cache invalidates from the last to the first.
        return [Transaction(each.tid, tuple(self.order(list(each.oids))[::-1])) for each in told]


class Connection:
    """One view of the database: the registry, a root for other objects, a transaction."""

    def __init__(self, jar: DataManager) -> None:
        self.jar = jar
        self.begin, self.commit, self.abort = jar.begin, jar.commit, jar.abort

    @property
    def root(self) -> Any:
        """A mapping of names to objects."""
        return self.jar.root

    @property
    def registry(self) -> Registry:
        """The registry of modules."""
        registry: Registry = self.root[_NAME]
        return registry


class ModuleDatabase:
    """A new database that holds an empty registry.

    ``persistent``, ``cache`` and ``mapping`` are the parts of one
    implementation.  Raises ValueError for a ``persistent`` that cannot be
    imported by its name.
    """

    def __init__(
        self,
        persistent: type = Persistent,
        cache: Callable[..., Any] = PickleCache,
        mapping: Callable[[], Any] = PersistentMapping,
    ) -> None:
        self.persistent = persistent
        self._cache = cache
        self._mapping = mapping
        self._storage = _Storage()
        connection = self.open()
        connection.root[_NAME] = self.create_registry()
        connection.commit()

    @property
    def facility(self) -> ModuleType:
        """Where policies, errors and the finder are."""
        return persistent_ref.modules

    def create_registry(self) -> Registry:
        """Return another registry, which nothing holds yet."""
        return persistent_ref.modules.create_registry(self.persistent)

    def open(self) -> Connection:
        """Return a new connection, which sees all that is committed."""
        return Connection(
            DataManager(self._storage, cache_factory=self._cache, root_factory=self._mapping)
        )

    def written(self) -> list[bytes]:
        """Return the oids of all records that were ever stored, oldest first."""
        return [oid for each in Storage.since(self._storage, b"") for oid in each.oids]

    def stored(self, oid: bytes) -> bytes:
        """Return the record that was stored last under ``oid``; raise KeyError if none was."""
        return self._storage.load(oid).data

    def strip(self, name: str) -> None:
        """Commit that nothing is stored of a module but its name, its source and its place.

        Raises KeyError if there is no such module.
        """
        connection = self.open()
        record = connection.registry._record(name)
        record.identities, record.imports = {}, {}
        record.anchors, record.relics = (record._p_family.anchors() for _ in range(2))
        connection.commit()

    def tell_in_order(self, order: Callable[[list[bytes]], list[bytes]]) -> None:
        """Have connections invalidate the records of each transaction in that order."""
        self._storage.order = order
