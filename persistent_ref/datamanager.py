"""A data manager in memory: what a jar owes its objects, and no more.

A `Storage` keeps records; several `DataManager` objects may share it, each
with a cache and a view of its own, as connections share a database.  Records
are pickles in which another persistent object stands as its oid.  Only the
public protocol is used, so objects and caches of any implementation will do.
"""

from __future__ import annotations

import io
import pickle
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from zope.interface import implementer

from persistent_ref.interfaces import IPersistentDataManager
from persistent_ref.mapping import PersistentMapping
from persistent_ref.picklecache import PickleCache
from persistent_ref.timestamp import TimeStamp

__all__ = [
    "ROOT_OID",
    "ConflictError",
    "DataManager",
    "Record",
    "Storage",
    "Transaction",
    "open_data_manager",
]

#: The oid of the root object (META-11).
ROOT_OID = b"\0" * 8

_FIRST_TID = TimeStamp(2000, 1, 1).raw()


class ConflictError(Exception):
    """Another data manager has committed a change of the same object (CONN-07)."""


@dataclass(frozen=True)
class Record:
    """One stored revision: the transaction's id and the pickle."""

    tid: bytes
    data: bytes


@dataclass(frozen=True)
class Transaction:
    """What one commit stored."""

    tid: bytes
    oids: tuple[bytes, ...]


class _Pickler(pickle.Pickler):
    """Writes records; ``reference(value)`` is what stands for another object, or None."""

    def __init__(self, file: io.BytesIO, reference: Callable[[Any], Any]) -> None:
        super().__init__(file, protocol=3)
        self._reference = reference

    def persistent_id(self, value: Any) -> Any:
        return self._reference(value)


class _Unpickler(pickle.Unpickler):
    """Reads records; ``resolve(reference)`` is the object that a reference stands for."""

    def __init__(self, file: io.BytesIO, resolve: Callable[[Any], Any]) -> None:
        super().__init__(file)
        self._resolve = resolve

    def persistent_load(self, reference: Any) -> Any:
        return self._resolve(reference)


class Storage:
    """Records by oid, oldest first, and the transactions that wrote them."""

    def __init__(self, database_name: str = "memory") -> None:
        self.database_name = database_name
        self.last_tid = _FIRST_TID
        self._records: dict[bytes, list[Record]] = {}
        self._transactions: list[Transaction] = []
        self._last_oid = 0

    def new_oid(self) -> bytes:
        """Return an oid that was never returned before."""
        self._last_oid += 1
        return self._last_oid.to_bytes(8, "big")

    def load(self, oid: bytes, at: bytes | None = None) -> Record:
        """Return the last revision, or the last one up to the transaction ``at``.

        Raises KeyError if there is none.
        """
        for record in reversed(self._records.get(oid, ())):
            if at is None or record.tid <= at:
                return record
        raise KeyError(oid)

    def record_iternext(
        self, after: bytes | None = None
    ) -> tuple[bytes, bytes, bytes, bytes | None]:
        """Return oid, tid and data of one record, and the oid to go on with, None at the end.

        Raises StopIteration if nothing is stored.
        """
        oids = sorted(oid for oid in self._records if after is None or oid >= after)
        if not oids:
            raise StopIteration
        record = self.load(oids[0])
        return oids[0], record.tid, record.data, oids[1] if len(oids) > 1 else None

    def history(self, oid: bytes) -> list[Record]:
        """Return the revisions, newest first."""
        return self._records.get(oid, [])[::-1]

    def since(self, tid: bytes) -> list[Transaction]:
        """Return the transactions after ``tid``, oldest first."""
        return [transaction for transaction in self._transactions if transaction.tid > tid]

    def store(self, changes: dict[bytes, bytes]) -> bytes:
        """Store a pickle for each oid in one transaction; return its id (CONN-15)."""
        last = TimeStamp(self.last_tid)
        tid = self.last_tid = last.laterThan(last).raw()
        for oid, data in changes.items():
            self._records.setdefault(oid, []).append(Record(tid, data))
        self._transactions.append(Transaction(tid, tuple(changes)))
        return tid


@implementer(IPersistentDataManager)
class DataManager:
    """The jar of its objects: loads, registers, commits and aborts.

    A storage without a root gets one made by ``root_factory``.
    """

    def __init__(
        self,
        storage: Storage,
        cache_size: int = 400,
        cache_factory: Callable[..., Any] = PickleCache,
        root_factory: Callable[[], Any] = PersistentMapping,
    ) -> None:
        self._storage = storage
        self._cache = cache_factory(self, cache_size)
        # The transaction up to which changes are seen.
        self._view = storage.last_tid
        self._added: dict[bytes, Any] = {}
        self._changed: dict[bytes, Any] = {}
        if not storage.history(ROOT_OID):
            self._adopt(root_factory(), ROOT_OID)
            self.commit()

    # For persistent objects

    def setstate(self, obj: Any) -> None:
        """Load ``obj`` as this data manager sees it (DM-02).

        Raises KeyError if nothing is stored for it.
        """
        record = self._storage.load(obj._p_oid, self._view)
        obj.__setstate__(self._state(record))
        self._set_revision(obj, record)

    def oldstate(self, obj: Any, tid: bytes) -> Any:
        """Return the state that the transaction ``tid`` stored for ``obj`` (DM-03).

        Raises KeyError if it stored none.
        """
        for record in self._storage.history(obj._p_oid):
            if record.tid == tid:
                return self._state(record)
        raise KeyError(tid)

    def register(self, obj: Any) -> None:
        """Note that ``obj`` is about to become changed (TRANS-05, DM-05).

        An object that nothing is stored for counts as added.
        """
        if obj._p_oid is None:
            obj._p_oid = self._storage.new_oid()
        if self._storage.history(obj._p_oid):
            self._changed[obj._p_oid] = obj
        else:
            self._added[obj._p_oid] = obj

    # For applications

    @property
    def root(self) -> Any:
        """The object with the oid of the root."""
        return self.get(ROOT_OID)

    def get(self, oid: bytes) -> Any:
        """Return the object with this oid, as a ghost if it is not cached (CONN-13, CONN-14).

        Raises KeyError if nothing is stored for it.
        """
        obj = self._cache.get(oid)
        if obj is None:
            cls, args = self._reader(self._storage.load(oid, self._view)).load()
            obj = cls.__new__(cls, *args)
            self._cache.new_ghost(oid, obj)
        return obj

    __getitem__ = get

    def db(self) -> Storage:
        """Return the storage, whose ``database_name`` weak references note (WREF-03)."""
        return self._storage

    def another(self) -> DataManager:
        """Return a data manager on the same storage, with a view and a cache of its own."""
        return DataManager(self._storage, self._cache.cache_size, type(self._cache))

    def add(self, obj: Any) -> None:
        """Give an unsaved object an oid and a jar; a commit stores it (STATE-11, STATE-12).

        Raises TypeError for what is not persistent, ValueError for an object
        of another jar.  An object of this jar is left as it is.
        """
        if not _is_persistent(obj):
            raise TypeError(f"only persistent objects can be added, not {obj!r}")
        if obj._p_jar is None:
            self._adopt(obj, self._storage.new_oid())
        elif obj._p_jar is not self:
            raise ValueError(f"{obj!r} belongs to another data manager")

    def commit(self) -> None:
        """Store what was changed or added, and what is reachable from it (TRANS-01).

        The objects stay loaded and are saved (TRANS-10, CONN-01).  Raises
        ConflictError if another data manager has changed one of them since it
        was loaded (CONN-07).  A commit that raises has aborted.
        """
        try:
            stored = self._write()
        except BaseException:
            self.abort()
            raise
        tid = self._storage.store({oid: data for oid, (_, data) in stored.items()})
        for oid, (obj, data) in stored.items():
            if oid in self._added:
                self._cache[oid] = obj
            obj._p_changed = False
            self._set_revision(obj, Record(tid, data))
        self._added.clear()
        self._changed.clear()
        self._follow(own=tid)

    def abort(self) -> None:
        """Forget all changes (TRANS-11, CONN-02); added objects are unsaved again (CONN-03)."""
        for obj in list(self._changed.values()):
            obj._p_invalidate()
        for obj in self._added.values():
            obj._p_changed = False
            del obj._p_jar
            del obj._p_oid
        self._added.clear()
        self._changed.clear()
        self._follow()

    def begin(self) -> None:
        """Start anew: abort, and see what others have committed (CONN-06)."""
        self.abort()

    sync = begin

    # Helpers

    def _adopt(self, obj: Any, oid: bytes) -> None:
        obj._p_oid = oid
        obj._p_jar = self
        self._added[oid] = obj

    def _follow(self, own: bytes | None = None) -> None:
        """Advance the view, ghosting what transactions other than ``own`` have changed."""
        transactions = self._storage.since(self._view)
        self._view = self._storage.last_tid
        self._cache.invalidate(
            [oid for each in transactions if each.tid != own for oid in each.oids]
        )

    def _set_revision(self, obj: Any, record: Record) -> None:
        obj._p_serial = record.tid
        self._cache.update_object_size_estimation(obj._p_oid, len(record.data))
        obj._p_estimated_size = len(record.data)

    def _write(self) -> dict[bytes, tuple[Any, bytes]]:
        """Return object and pickle by oid of all that has to be stored."""
        # An object may have been invalidated or marked saved after it registered.
        changed = [obj for obj in self._changed.values() if obj._p_changed]
        for obj in changed:
            self._check_conflict(obj)
        pending = [*self._added.values(), *changed]
        stored: dict[bytes, tuple[Any, bytes]] = {}
        while pending:
            obj = pending.pop()
            if obj._p_oid not in stored:
                data, found = self._pickle(obj)
                stored[obj._p_oid] = (obj, data)
                pending.extend(found)
        return stored

    def _check_conflict(self, obj: Any) -> None:
        last = self._storage.load(obj._p_oid)
        if last.tid != obj._p_serial:
            raise ConflictError(f"{obj!r} was changed by transaction {last.tid!r}")

    def _pickle(self, obj: Any) -> tuple[bytes, list[Any]]:
        """Return the pickle of ``obj``, and the new objects that it refers to."""
        found: list[Any] = []

        def persistent_id(value: Any) -> tuple[str, Any, bytes] | None:
            if _is_weak_reference(value):
                if value.oid is None:
                    raise ValueError(f"{value!r} refers to an object that is not saved")
                return ("weak", type(value), value.oid)
            if not _is_persistent(value):
                return None
            if value._p_jar is None:
                self._adopt(value, self._storage.new_oid())
                found.append(value)
            elif value._p_jar is not self:
                raise ValueError(f"{value!r} belongs to another data manager")
            return ("object", None, value._p_oid)

        args = obj.__getnewargs__() if hasattr(obj, "__getnewargs__") else ()
        file = io.BytesIO()
        pickler = _Pickler(file, persistent_id)
        pickler.dump((type(obj), args))
        pickler.dump(obj.__getstate__())
        return file.getvalue(), found

    def _reader(self, record: Record) -> pickle.Unpickler:
        """Return what loads, first, class and arguments of ``__new__``; second, the state."""

        def persistent_load(reference: tuple[str, Any, bytes]) -> Any:
            kind, cls, oid = reference
            if kind == "object":
                return self.get(oid)
            weak = cls.__new__(cls)
            weak.oid, weak.dm, weak.database_name = oid, self, self._storage.database_name
            return weak

        return _Unpickler(io.BytesIO(record.data), persistent_load)

    def _state(self, record: Record) -> Any:
        reader = self._reader(record)
        reader.load()
        return reader.load()


def open_data_manager() -> DataManager:
    """Return a data manager with an empty storage behind it."""
    return DataManager(Storage())


def _is_persistent(value: Any) -> bool:
    if not (_has(value, "_p_oid") and _has(value, "_p_jar")):
        return False
    # A class of a persistent kind that no database is to hold has no oid.
    return not isinstance(value, type) or hasattr(value, "_p_oid")


def _is_weak_reference(value: Any) -> bool:
    return _has(value, "_p_oid") and not _has(value, "_p_jar")


def _has(value: Any, name: str) -> bool:
    """Return whether the class of ``value`` gives its instances that attribute.

    A class that is persistent itself answers for itself, too, when it is asked.
    """
    return any(name in vars(base) for base in type(value).__mro__)
