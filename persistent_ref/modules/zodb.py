"""What a ZODB database needs to load instances of classes in its modules.

ZODB stores the class of a persistent instance by module and name, if the class
is persistent itself, and asks the database's class factory for it.
"""

from __future__ import annotations

import sys
import threading
from collections.abc import Callable
from typing import Any

from persistent_ref.modules.storing.broken import Kept, broken_class, is_broken_class, stored_global
from persistent_ref.modules.storing.carrying import import_with_modules
from persistent_ref.modules.storing.keys import StoredKey, module_name, stored_key
from persistent_ref.modules.storing.lenient import read_leniently, read_what_is_broken
from persistent_ref.modules.storing.savepoints import commit_in_place

__all__ = ["ClassFactory"]

#: Their names mean what is installed: what a database itself is made of, and Python's own.
_ORDINARY = {"BTrees", "ZEO", "ZODB", "persistent", "transaction", *sys.stdlib_module_names}
_OWN = __name__.partition(".")[0]
_MODULES = __name__.rpartition(".")[0]
_RECORDS = ("PersistentModule@", "PersistentAnchors@", "PersistentRegistry@")
_NOT_EXECUTED = "the source of its module is not executed here"


def _find_at_root(root: Any) -> Any:
    return root["modules"]


class ClassFactory:
    """Finds classes in the registry of persistent modules, and others as ZODB does.

    Make one for each database: ``ZODB.DB(storage, class_factory=ClassFactory())``.
    ``find(root)`` returns the registry, or raises KeyError as long as there is
    none; by default it is ``root["modules"]``.  What cannot be loaded becomes a
    broken object that keeps its state, and `why_broken` tells why (PM-51).
    Without ``execute``, no source of the registry is executed: all that the
    modules define is broken, and the sources can be read (PM-52).
    """

    def __init__(self, find: Callable[[Any], Any] = _find_at_root, execute: bool = True) -> None:
        self._find = find
        self._execute = execute
        self._oid: bytes | None = None
        self._local = threading.local()
        self._broken: dict[tuple[str, str, str], type] = {}

    def __call__(self, connection: Any, module: str, name: str) -> Any:
        """Return the class that a record of ``connection`` names, or one of broken objects."""
        self.prepare(connection)
        top = module.partition(".")[0]
        if top == _OWN:
            # The classes of the registry's own records are needed to load it.
            return self._own(connection, module, name)
        if top in _ORDINARY:
            found = self._ordinary(connection, module, name)
            if not is_broken_class(found):
                return found
        registry, present = self._home(connection, module)
        if registry is None or present is None:
            found = self._ordinary(connection, module, name)
            if registry is None or not is_broken_class(found):
                return found
            return self._broken_class(module, name, f"there is no module {module!r}")
        if not self._execute:
            return self._broken_class(module, name, _NOT_EXECUTED)
        try:
            return registry._p_global(present, name)
        except Exception as error:
            because = f"{type(error).__name__}: {error}"
        found = self._ordinary(connection, module, name)
        return self._broken_class(module, name, because) if is_broken_class(found) else found

    def prepare(self, connection: Any) -> None:
        """Have ``connection.importFile`` bring the modules along that objects need.

        A connection that has loaded something, or changed modules, does so anyway.
        """
        read_what_is_broken(connection._reader, is_strict=self._execute)
        import_with_modules(connection, self._registry)
        commit_in_place(connection)

    def _home(self, connection: Any, module: str) -> tuple[Any, str | None]:
        """Return the registry that a name is of, and the name that the module has there."""
        record = module.record if isinstance(module, StoredKey) else None
        try:
            registry = self._registry(connection) if record is None else record.registry
        except KeyError:
            # ZODB looks at what it is about to store, while nothing of it can be loaded.
            registry = None
        if registry is None:
            return None, None
        if record is not None and registry._p_record(record.name) is record:
            return registry, record.name
        return registry, registry._p_present_name(str(module))

    def _own(self, connection: Any, module: str, name: str) -> Any:
        found = self._ordinary(connection, module, name)
        if found is stored_global:
            return lambda *names: self(connection, *names)
        if found is module_name:
            return stored_key
        if name == "base_metaclass":
            return lambda: self._own(connection, module, "PersistentMeta")
        in_modules = module.startswith(f"{_MODULES}.")
        if self._execute or not in_modules or name.startswith(_RECORDS):
            return found
        if isinstance(found, type):
            return self._broken_class(module, name, _NOT_EXECUTED)
        return lambda *arguments: Kept(found, arguments, _NOT_EXECUTED)

    def _ordinary(self, connection: Any, module: str, name: str) -> Any:
        """Return what ZODB finds, without persistent modules that ordinary code may import."""
        database = connection.db()
        try:
            return type(database).classFactory(database, connection, module, name)
        except Exception as error:
            return self._broken_class(module, name, f"{type(error).__name__}: {error}")

    def _broken_class(self, module: str, name: str, because: str) -> type:
        key = module, name, because
        if key not in self._broken:
            self._broken[key] = broken_class(*key)
        return self._broken[key]

    def _registry(self, connection: Any) -> Any:
        if self._oid is None and not getattr(self._local, "searching", False):
            self._local.searching = True
            try:
                self._oid = self._search(connection)
            finally:
                self._local.searching = False
        return None if self._oid is None else connection.get(self._oid)

    def _search(self, asking: Any) -> bytes | None:
        """Return the oid of the registry, or None if there is none.

        The connection that asks may be loading its root at this moment.  What
        is loaded on the way to the registry may be of classes that only the
        registry has: what cannot be made without them is left out.
        """
        manager = type(asking.transaction_manager)()
        connection = asking.db().open(manager)
        try:
            with read_leniently(connection._reader):
                oid: bytes | None = self._find(connection.root())._p_oid
        except KeyError:
            return None
        finally:
            # It may hold stand-ins for classes that it could not find.
            connection.cacheMinimize()
            connection.close()
        return oid
