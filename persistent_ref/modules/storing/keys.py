"""The name of a module as records have it, with the record of the module."""

from __future__ import annotations

from typing import Any

__all__ = ["StoredKey", "module_name", "stored_key"]


def module_name(record: Any, name: str) -> str:
    """Return the name of a module as it was stored; a database has a `StoredKey` made of it."""
    return name


class StoredKey(str):
    """The name of a module as a record has it, with the record of the module."""

    __slots__ = ("record",)

    record: Any

    def __reduce_ex__(self, protocol: Any) -> Any:
        return module_name, (self.record, str(self))


def stored_key(record: Any, name: str) -> StoredKey:
    """Return the name with the record."""
    key = StoredKey(name)
    key.record = record
    return key
