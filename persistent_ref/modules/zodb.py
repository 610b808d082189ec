"""What a ZODB database needs to load instances of classes in its modules.

ZODB stores the class of a persistent instance by module and name, if the class
is persistent itself, and asks the database for it.
"""

from __future__ import annotations

import threading
from collections.abc import Callable
from typing import Any

__all__ = ["serve_classes"]


def _find_at_root(root: Any) -> Any:
    return root["modules"]


def serve_classes(database: Any, find: Callable[[Any], Any] = _find_at_root) -> None:
    """Let connections of ``database`` find classes in the registry of persistent modules.

    ``find(root)`` returns the registry; it may raise KeyError.  Connections
    that are open already are not affected: call this when the database is made.
    """
    database.classFactory = _ClassFactory(database, find, database.classFactory)


class _ClassFactory:
    """Asks the registry for the modules that it has, the former factory for others."""

    def __init__(
        self, database: Any, find: Callable[[Any], Any], others: Callable[[Any, str, str], Any]
    ) -> None:
        self._database = database
        self._find = find
        self._others = others
        self._oid: bytes | None = None
        self._local = threading.local()

    def __call__(self, connection: Any, module: str, name: str) -> Any:
        """Return the class for a record of ``connection``."""
        registry = self._registry(connection)
        if registry is None or module not in registry:
            return self._others(connection, module, name)
        return getattr(registry.module(module), name)

    def _registry(self, connection: Any) -> Any:
        if getattr(self._local, "searching", False):
            return None
        # The classes of the records of registry and modules are ordinary ones.
        self._local.searching = True
        try:
            if self._oid is None:
                self._oid = self._search(type(connection.transaction_manager)())
            return None if self._oid is None else connection.get(self._oid)
        finally:
            self._local.searching = False

    def _search(self, manager: Any) -> bytes | None:
        """Return the oid of the registry, or None if there is none.

        The connection that asks may be loading its root at this moment.
        """
        connection = self._database.open(manager)
        try:
            oid: bytes | None = self._find(connection.root())._p_oid
        except KeyError:
            return None
        finally:
            # It may hold stand-ins for classes that it could not find.
            connection.cacheMinimize()
            connection.close()
        return oid
