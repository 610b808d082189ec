"""``importFile`` of a ZODB connection, with the modules that the objects in the file need.

ZODB's own import makes the values of a record to write them again, which takes
their classes.  Here a record stays as it is, but for the oids in it.
"""

from __future__ import annotations

import pickletools
import tempfile
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from persistent_ref.modules.storing.scanning import (
    BLOB,
    Stored,
    is_definition,
    is_of_registry,
    read_record,
    read_state,
)

__all__ = ["import_with_modules"]

_END = b"\377" * 16
_BLOB = b"\000BLOBSTART"
_MODULE, _REGISTRY, _FUNCTION = "PersistentModule@", "PersistentRegistry@", "PersistentFunction@"
_CONSTANTS = frozenset({"SHORT_BINBYTES", "BINBYTES", "SHORT_BINSTRING", "BINSTRING"})


@dataclass(frozen=True)
class _Exported:
    """One record of the file, what it says of itself, and the path of its blob, if it has one."""

    stored: Stored
    data: bytes
    blob: str | None

    def is_kind(self, kind: str) -> bool:
        """Return whether it is such a record of a registry."""
        return self.stored.name is not None and self.stored.name[1].startswith(kind)


def import_with_modules(connection: Any, find_registry: Callable[[Any], Any]) -> None:
    """Have the connection import objects with the modules that they need, from now on.

    Modules that its registry has stay as they are.  Without a registry, that of the
    file comes along.
    """
    if "_importDuringCommit" in vars(connection):
        return

    def run(transaction: Any, file: Any, roots: list[bytes]) -> None:
        storage = connection._storage
        exported = {each.stored.oid: each for each in _read(file, storage)}
        registry = find_registry(connection)
        here = {} if registry is None else _standing_in(connection, registry, exported)
        oids = dict(here)
        waiting = list(exported)[:1]
        while waiting:
            oid = waiting.pop()
            if oid not in oids:
                oids[oid] = storage.new_oid()
                found = _references(exported[oid].data) if oid in exported else {}
                waiting.extend(found.values())
        roots += [oids[oid] for oid in list(exported)[:1]]
        for oid, each in exported.items():
            if oid in here or oid not in oids:
                continue
            data = _with_oids(each.data, oids)
            if each.blob is not None:
                storage.storeBlob(oids[oid], None, data, each.blob, "", transaction)
            else:
                storage.store(oids[oid], None, data, "", transaction)

    connection._importDuringCommit = run


def _standing_in(
    connection: Any, registry: Any, exported: Mapping[bytes, _Exported]
) -> dict[bytes, bytes]:
    """Return the oids of what is here in the place of modules, and of what they define.

    What the objects need, and is not here, comes to be.
    """
    modules = {oid: each for oid, each in exported.items() if each.is_kind(_MODULE)}
    states = {oid: read_state(each.data) for oid, each in modules.items()}
    registries = [oid for oid, each in exported.items() if each.is_kind(_REGISTRY)]
    known = {
        name: states[reference.oid]
        for oid in registries
        for name, reference in read_state(exported[oid].data)["_records"].items()
        if reference.oid in states
    }
    homes = {
        oid: each.stored.arguments[0]
        for oid, each in exported.items()
        if is_definition(each.stored) and each.stored.arguments[0] in states
    }
    needed = set()
    for each in exported.values():
        if not is_of_registry(each.stored):
            found = set(_references(each.data).values())
            found |= {homes[one] for one in found & homes.keys()}
            needed |= {states[one]["name"] for one in found & states.keys()}
    registry._p_adopt(known, needed & known.keys())
    standing: dict[bytes, Any] = dict.fromkeys(registries, registry)
    for oid, state in states.items():
        standing[oid] = registry._p_record(state["name"])
    for oid, home in homes.items():
        if standing[home] is not None:
            kind = "function" if exported[oid].is_kind(_FUNCTION) else "class"
            _, qualname, token = exported[oid].stored.arguments
            standing[oid] = standing[home]._p_runtime().object_for_import(kind, qualname, token)
    for value in standing.values():
        if value is not None and value._p_oid is None:
            connection.add(value)
    return {oid: value._p_oid for oid, value in standing.items() if value is not None}


def _read(file: Any, storage: Any) -> Iterator[_Exported]:
    """Yield the records of an exported file; raise ValueError if it is cut off."""
    while (header := file.read(16)) != _END:
        length = int.from_bytes(header[8:], "big")
        data = file.read(length)
        if len(header) != 16 or len(data) != length:
            raise ValueError("the export file is cut off")
        stored = read_record(header[:8], data)
        blob = None
        if stored.name == BLOB:
            mark = file.read(len(_BLOB))
            if mark != _BLOB:
                raise ValueError("the export file has no data of a blob")
            blob = _write_blob(file, int.from_bytes(file.read(8), "big"), storage)
        yield _Exported(stored, data, blob)


def _write_blob(file: Any, size: int, storage: Any) -> str:
    with tempfile.NamedTemporaryFile(dir=storage.temporaryDirectory(), delete=False) as blob:
        while size:
            part = file.read(min(size, 1 << 16))
            blob.write(part)
            size -= len(part) or size
    return blob.name


def _references(data: bytes) -> dict[int, bytes]:
    """Return the oids in a record that refer to other objects, by where they are in it."""
    found: dict[int, bytes] = {}
    start = 0
    while start < len(data):
        start = _read_pickle(data, start, found)
    return found


def _read_pickle(data: bytes, start: int, found: dict[int, bytes]) -> int:
    """Find the references of one pickle, and return where it ends.

    What is on the stack is known by the constant that an oid may be: alone, or
    first in a tuple.
    """
    stack: list[Any] = []
    memo: dict[int, Any] = {}
    position = 0
    argument: Any
    for opcode, argument, at in pickletools.genops(data[start:]):
        position = start + (at or 0)
        name = opcode.name
        if name in _CONSTANTS:
            oid = argument.encode("latin-1") if isinstance(argument, str) else argument
            # The text of a constant is at the end of its opcode.
            end = position + (2 if name.startswith("SHORT") else 5) + len(oid)
            stack.append((end - len(oid), oid) if len(oid) == 8 else None)
        elif name in ("BINPUT", "LONG_BINPUT", "PUT"):
            memo[int(argument)] = stack[-1]
        elif name == "MEMOIZE":
            memo[len(memo)] = stack[-1]
        elif name in ("BINGET", "LONG_BINGET", "GET"):
            stack.append(memo[int(argument)])
        elif name == "BINPERSID":
            reference = stack.pop()
            if reference is not None:
                found[reference[0]] = reference[1]
            stack.append(None)
        elif name in ("TUPLE1", "TUPLE2", "TUPLE3"):
            count = int(name[-1])
            first = stack[-count]
            del stack[-count:]
            stack.append(first)
        else:
            _apply(stack, opcode)
    return position + 1


def _apply(stack: list[Any], opcode: Any) -> None:
    """Do with the stack what an opcode does that makes no oid and no reference."""
    before = opcode.stack_before
    if pickletools.markobject in before:
        mark = len(stack) - 1 - stack[::-1].index(_MARK)
        del stack[mark:]
        before = before[: before.index(pickletools.markobject)]
    if before:
        del stack[-len(before) :]
    for each in opcode.stack_after:
        stack.append(_MARK if each is pickletools.markobject else None)


_MARK = object()


def _with_oids(data: bytes, oids: Mapping[bytes, bytes]) -> bytes:
    """Return a record with other oids in the place of those that it has."""
    changed = bytearray(data)
    for at, oid in _references(data).items():
        changed[at : at + 8] = oids[oid]
    return bytes(changed)
