"""The last sources of what is not defined any more (PM-45)."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, TypeAlias

from persistent_ref.modules.storing.scanning import Stored, is_definition

__all__ = ["newest_relic", "unused_relics"]

#: Name and token of a definition that is gone.
_Key: TypeAlias = "tuple[str, str]"


def newest_relic(record: Any, name: str) -> Any:
    """Return the record of the last source that defined ``name``, or None."""
    tokens = [token for known, token in record.relics.objects if known == name]
    if not tokens:
        return None
    last = max(tokens, key=lambda token: int(token.partition(".")[0] or 0))
    return record.relics.objects[name, last]


def unused_relics(record: Any, stored: Iterable[Stored]) -> set[_Key]:
    """Return which relics of a module nothing refers to, where ``stored`` are all records.

    An instance with a record of its own means the last definition of its name.
    Interfaces are not told apart: any reference to the module may mean one.
    """
    relics = record.relics.objects
    homes = {record._p_oid, *(relic._p_oid for relic in relics.values())}
    own = homes | {record.relics._p_oid, record.anchors._p_oid}
    records = [each for each in stored if each.oid not in own]
    definitions = {
        each.oid: each.arguments[1:]
        for each in records
        if is_definition(each) and each.arguments[0] in homes
    }
    if not definitions and not records:
        # The storage does not tell what it has.
        return set()
    used: set[Any] = set()
    names: set[str] = set()
    referred: set[bytes] = set()
    for each in records:
        if each.oid in definitions:
            continue
        used |= {definitions[oid] for oid in each.references & definitions.keys()}
        referred |= each.references
        if each.name is not None and (each.home is None or each.home in homes):
            names.add(each.name[1])
    return {
        key
        for key, relic in relics.items()
        if key not in used
        and key[0] not in names
        and not (relic.identities[key[0]][0] == "interface" and referred & homes)
        and relic._p_oid not in referred
    }
