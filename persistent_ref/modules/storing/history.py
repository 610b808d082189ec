"""Former revisions of a module, as far as the storage has kept them."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

__all__ = ["Version", "versions_of"]


@dataclass(frozen=True)
class Version:
    """One revision of a module: its number, its source, and what its transaction says.

    ``time`` is in seconds since the epoch, None where the storage does not tell.
    """

    number: int
    name: str
    source: str
    time: float | None = None
    note: str = ""


def versions_of(record: Any) -> Iterator[Version]:
    """Yield the stored revisions of a module, newest first; one that was stored twice is one."""
    jar = record._p_jar
    if jar is None or record._p_oid is None:
        return
    database = jar.db()
    storage = getattr(database, "storage", None)
    if storage is None:
        found = [{"tid": each.tid} for each in database.history(record._p_oid)]
    else:
        found = storage.history(record._p_oid, size=1_000_000)
    last = None
    for each in found:
        state = jar.oldstate(record, each["tid"])
        number = state["revision"][0]
        if number != last:
            last = number
            note = each.get("description", "")
            text = note.decode("utf-8", "replace") if isinstance(note, bytes) else str(note)
            yield Version(number, state["name"], state["source"], each.get("time"), text)
