"""What a ZODB database needs to load instances of classes in its modules.

ZODB stores the class of a persistent instance by module and name, if the class
is persistent itself, and asks the database's class factory for it.
"""

from __future__ import annotations

import threading
from collections.abc import Callable
from typing import Any

from persistent_ref.modules.lenient import read_leniently

__all__ = ["ClassFactory"]


def _find_at_root(root: Any) -> Any:
    return root["modules"]


class ClassFactory:
    """Finds classes in the registry of persistent modules, and others as ZODB does.

    Make one for each database: ``ZODB.DB(storage, class_factory=ClassFactory())``.
    ``find(root)`` returns the registry, or raises KeyError as long as there is
    none; by default it is ``root["modules"]``.
    """

    def __init__(self, find: Callable[[Any], Any] = _find_at_root) -> None:
        self._find = find
        self._oid: bytes | None = None
        self._local = threading.local()

    def __call__(self, connection: Any, module: str, name: str) -> Any:
        """Return the class that a record of ``connection`` names."""
        # The classes of the registry's own records are needed to load it.
        own = module.partition(".")[0] == __name__.partition(".")[0]
        registry = None if own else self._registry(connection)
        if registry is not None and module in registry:
            return getattr(registry.module(module), name)
        database = connection.db()
        return type(database).classFactory(database, connection, module, name)

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
