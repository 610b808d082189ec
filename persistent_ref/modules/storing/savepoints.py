"""Commits of ZODB after a savepoint, which look at all that the savepoint holds.

A ghost is made of each record then, to see whether it is a blob.  But there is one
object for a class or function of a module: it would be taken from its place in the
cache, to be put there anew, and nobody would do that.  And what a record is of may
be about to be stored itself.
"""

from __future__ import annotations

from typing import Any

from persistent_ref.modules.storing.scanning import BLOB, read_record

__all__ = ["commit_in_place"]


def commit_in_place(connection: Any) -> None:
    """Have commits of the connection leave the classes and functions that they store."""
    if "_commit_savepoint" in vars(connection):
        return
    commit = connection._commit_savepoint

    def run(transaction: Any) -> None:
        reader = connection._reader
        make = reader.getGhost

        def look(data: bytes) -> Any:
            # Blobs allow no subclasses.
            return make(data) if read_record(b"", data).name == BLOB else None

        reader.getGhost = look
        try:
            commit(transaction)
        finally:
            del reader.getGhost

    connection._commit_savepoint = run
