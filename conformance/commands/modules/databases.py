"""Databases of ZODB by address: ``file:PATH`` and ``zeo://HOST:PORT``."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from persistent_ref.modules import ClassFactory, Registry, create_registry

FORMS = "file:PATH or zeo://HOST:PORT"


class BadDatabase(Exception):
    """A database that cannot be used as it was named; the message has the way out."""


class DatabaseAway(BadDatabase):
    """A database that cannot be used at this moment."""


@dataclass(frozen=True)
class Connected:
    """A registry of modules in an open database."""

    registry: Registry
    commit: Callable[[str], None]


@contextmanager
def connected(
    address: str,
    key: str,
    *,
    create: bool = False,
    read_only: bool = False,
    execute: bool = True,
    wait: float = 10.0,
) -> Iterator[Connected]:
    """Open the registry at ``root[key]`` of the database with that address.

    What is not committed is forgotten. With ``create``, database and registry are made if there
    are none; with ``read_only`` as well, in memory only. Without ``execute``, no stored
    source is executed, whatever the root holds. ``wait`` is how many seconds a server may take to
    answer. Raises `BadDatabase`, and `DatabaseAway` if another try may help.
    """
    try:
        import transaction
        import ZODB
        from zc.lockfile import LockError
        from ZEO.Exceptions import ClientStorageError
        from ZODB.POSException import ConflictError, POSError
    except ImportError as error:
        raise BadDatabase(
            f"{address}: databases need ZODB and ZEO ({error}); install them with "
            "pip install 'persistent-conformance[zodb]'"
        ) from error
    try:
        storage = _storage(address, create, read_only, wait)
        database = ZODB.DB(
            storage, class_factory=ClassFactory(lambda root: root[key], execute=execute)
        )
    except (OSError, LockError, POSError, ClientStorageError) as error:
        raise DatabaseAway(
            f"{address}: cannot be opened ({type(error).__name__}: {error}). Is it a database, "
            "does a server run there, or has another process opened the file?"
        ) from error
    manager = transaction.TransactionManager()

    def commit(note: str) -> None:
        manager.get().note(note)
        try:
            manager.commit()
        except ConflictError as error:
            raise DatabaseAway(
                f"{address}: another process has changed the modules meanwhile, and nothing was "
                "written; run the command again"
            ) from error

    try:
        connection = database.open(manager)
        root = connection.root()
        if key not in root and create:
            root[key] = create_registry(_persistent_class())
        if not isinstance(root.get(key), Registry):
            raise BadDatabase(
                f"{address}: the root has no registry of persistent modules at {key!r}; give its "
                "key with --key, or have one made by import --create"
            )
        yield Connected(root[key], commit)
    finally:
        manager.abort()
        database.close()


def _persistent_class() -> type:
    import persistent

    found: type = persistent.Persistent
    return found


def _storage(address: str, create: bool, read_only: bool, wait: float) -> Any:
    scheme, _, rest = address.partition(":")
    if scheme == "file" and rest.removeprefix("//"):
        return _file(Path(rest.removeprefix("//")), address, create, read_only)
    if scheme == "zeo":
        return _server(address, read_only, wait)
    raise BadDatabase(f"ADDRESS: {address!r} is no address of a database; give {FORMS}")


def _file(path: Path, address: str, create: bool, read_only: bool) -> Any:
    from ZODB.FileStorage import FileStorage

    if not path.is_file():
        if not create:
            raise BadDatabase(
                f"{address}: there is no such file; name that of a database, or have one made by "
                "import --create"
            )
        if read_only:
            return None
    return FileStorage(str(path), read_only=read_only)


def _server(address: str, read_only: bool, wait: float) -> Any:
    from ZEO.ClientStorage import ClientStorage

    try:
        parts = urlsplit(address)
        host, port = parts.hostname, parts.port
    except ValueError:
        host, port = None, None
    if not host or not port:
        raise BadDatabase(f"ADDRESS: {address!r} names no host and port; give zeo://HOST:PORT")
    return ClientStorage(
        (host, port),
        storage=parts.path.strip("/") or "1",
        read_only=read_only,
        wait_timeout=wait,
    )
