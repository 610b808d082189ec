"""Databases with several connections, on each implementation that is installed."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest

import persistent_ref
from persistent_ref.datamanager import DataManager, Storage
from persistent_ref.modules import ClassFactory, Registry, create_registry

try:
    import persistent
    from persistent.persistence import PersistentPy
    from persistent.picklecache import PickleCachePy
except ImportError:
    persistent = None
    PersistentPy = object
try:
    import transaction
    import ZODB
except ImportError:
    ZODB = None


class _Items:
    """A root that behaves as the dict of its items."""

    def __init__(self) -> None:
        self.items: dict[str, Any] = {}

    def __getitem__(self, name: str) -> Any:
        return self.items[name]

    def __setitem__(self, name: str, value: Any) -> None:
        self.items[name] = value
        self._p_changed = True


class RefRoot(_Items, persistent_ref.Persistent):
    pass


if persistent is not None:

    class CRoot(_Items, persistent.Persistent):
        pass

    class PyRoot(_Items, PersistentPy):
        pass


#: Base class, cache and root of each implementation that is installed.
IMPLEMENTATIONS: dict[str, tuple[Any, Any, Any]] = {
    "memory-ref": (persistent_ref.Persistent, persistent_ref.PickleCache, RefRoot)
}
if persistent is not None:
    IMPLEMENTATIONS["memory-py"] = (PersistentPy, PickleCachePy, PyRoot)
    if persistent.Persistent is not PersistentPy:
        IMPLEMENTATIONS["memory-c"] = (persistent.Persistent, persistent.PickleCache, CRoot)

#: The base classes of persistent objects by world, for sources to import.
BASES = {name: parts[0] for name, parts in IMPLEMENTATIONS.items()}
if persistent is not None:
    BASES["zodb"] = persistent.Persistent


@dataclass
class Connection:
    """What the tests need of a connection to any database."""

    root: Any
    begin: Callable[[], None]
    commit: Callable[[], None]
    abort: Callable[[], None]
    jar: Any
    manager: Any = None

    @property
    def registry(self) -> Registry:
        registry: Registry = self.root["modules"]
        return registry

    def find(self, name: str) -> Any:
        return self.registry.module(name)

    @property
    def cache(self) -> Any:
        return self.jar._cache


@dataclass
class World:
    """A database; the first connection has stored an empty registry.

    ``written()`` is the number of records that were ever stored.
    """

    name: str
    persistent: Any
    open: Callable[[], Connection]
    written: Callable[[], int]
    close: Callable[[], None] = lambda: None
    database: Any = None
    first: Connection = field(init=False)

    def __post_init__(self) -> None:
        self.first = self.open()
        self.first.root["modules"] = create_registry(self.persistent)
        self.first.commit()


def _memory(name: str, persistent_class: Any, cache: Any, root: Any) -> World:
    storage = Storage()

    def open_connection() -> Connection:
        jar = DataManager(storage, cache_factory=cache, root_factory=root)
        return Connection(jar.root, jar.begin, jar.commit, jar.abort, jar)

    def written() -> int:
        return sum(len(each.oids) for each in storage.since(b""))

    return World(name, persistent_class, open_connection, written)


def _zodb(name: str, folder: Path) -> World:
    database = ZODB.DB(str(folder / "data.fs"), class_factory=ClassFactory())

    def open_connection() -> Connection:
        manager = transaction.TransactionManager()
        jar = database.open(manager)
        begin = manager.begin
        return Connection(jar.root(), begin, manager.commit, manager.abort, jar, manager)

    def written() -> int:
        return sum(1 for each in database.storage.iterator() for _ in each)

    return World(name, persistent.Persistent, open_connection, written, database.close, database)


WORLDS = ("memory-ref", "memory-c", "memory-py", "zodb")


def implementation(name: str) -> tuple[Any, Any, Any]:
    """Return base class, cache and root; skip the test if that is not installed."""
    if name not in IMPLEMENTATIONS:
        pytest.skip(f"needs the package persistent, for {name}")
    return IMPLEMENTATIONS[name]


def make_world(name: str, folder: Path) -> World:
    """Return a new, empty world; skip the test if it needs what is not installed."""
    if name.startswith("memory"):
        return _memory(name, *implementation(name))
    if ZODB is None or persistent is None:
        pytest.skip("needs the package ZODB")
    return _zodb(name, folder)
