"""All records of a database: of which class they are, and what they refer to.

Nothing is loaded, and nothing that is stored is executed.
"""

from __future__ import annotations

import io
import pickle
from collections.abc import Iterable, Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass
from typing import Any

__all__ = [
    "BLOB",
    "Stored",
    "Uses",
    "count_uses",
    "is_definition",
    "is_of_registry",
    "read_record",
    "read_state",
    "scan",
]

#: Where the classes of the records of a registry are.
_FAMILIES = "persistent_ref.modules.families"
#: What the name of a module in a record is made by, see ``places``.
_NAME_OF_MODULE = ("persistent_ref.modules.definitions.places", "module_name")

#: What the record of a blob is of.
BLOB = ("ZODB.blob", "Blob")


@dataclass(frozen=True)
class Stored:
    """One record: the module and name of its class, if it has them, and the oids in it.

    ``home`` is the oid of the record of that module, where it is stored with the name.

    ``of`` is the oid of the class where a record names it so, ``arguments`` are
    those of ``__new__``; what is persistent among them is its oid.
    """

    oid: bytes
    name: tuple[str, str] | None
    of: bytes | None
    arguments: tuple[Any, ...]
    references: frozenset[bytes]
    home: bytes | None = None


def is_definition(stored: Stored) -> bool:
    """Return whether a record is a class or a function that a module defines."""
    return len(stored.arguments) == 3 and isinstance(stored.arguments[0], bytes)


def is_of_registry(stored: Stored) -> bool:
    """Return whether a record is one of those that a registry consists of."""
    return is_definition(stored) or (
        stored.name is not None and stored.name[0] == _FAMILIES and "@" in stored.name[1]
    )


@dataclass(frozen=True)
class Uses:
    """How many records are instances of something, and how many others refer to it."""

    instances: int = 0
    references: int = 0


def scan(jar: Any) -> Iterator[Stored]:
    """Yield the last revision of each record in the storage of ``jar``.

    Nothing is yielded for a storage that cannot list its records.
    """
    database = jar.db()
    storage = getattr(database, "storage", database)
    after = getattr(storage, "record_iternext", None)
    records: Iterable[tuple[bytes, bytes]]
    if after is not None:
        records = _one_by_one(after)
    elif hasattr(storage, "iterator"):
        records = {
            record.oid: record.data for each in storage.iterator() for record in each
        }.items()
    else:
        return
    for oid, data in records:
        if data:
            yield read_record(oid, data)


def count_uses(
    jar: Any, oids: Mapping[str, bytes | None], module: str, own: frozenset[bytes]
) -> dict[str, Uses]:
    """Return who uses definitions of ``module``, by their qualified names, if anybody does.

    ``oids`` are those of the definitions, ``own`` those of the records that the
    module itself consists of and that do not count.
    """
    names = {oid: name for name, oid in oids.items() if oid is not None}
    found: dict[str, Uses] = {}
    for stored in scan(jar):
        if stored.oid in own or stored.oid in names:
            continue
        own_class = names.get(stored.of) if stored.of is not None else None
        is_here = stored.home is None or stored.home in own
        if is_here and stored.name is not None and stored.name[0] == module:
            own_class = stored.name[1] if stored.name[1] in oids else own_class
        if own_class is not None:
            uses = found.get(own_class, Uses())
            found[own_class] = Uses(uses.instances + 1, uses.references)
        for oid in stored.references & names.keys():
            if names[oid] != own_class:
                uses = found.get(names[oid], Uses())
                found[names[oid]] = Uses(uses.instances, uses.references + 1)
    return found


def _one_by_one(after: Any) -> Iterator[tuple[bytes, bytes]]:
    oid: bytes | None = None
    while True:
        try:
            found, _, data, following = after(oid)
        except (StopIteration, KeyError, ValueError):
            return
        yield found, data
        if following is None:
            return
        oid = following


class _Stub:
    """Stands for whatever a record is made of."""

    def __new__(cls, *args: Any, **kwargs: Any) -> Any:
        return super().__new__(cls)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        pass

    def __call__(self, *args: Any, **kwargs: Any) -> Any:
        return self

    def __setstate__(self, state: Any) -> None:
        pass

    def __setitem__(self, key: Any, value: Any) -> None:
        pass

    def append(self, item: Any) -> None:
        """Take an item of a list."""

    add = extend = append


class _Reference(_Stub):
    """Stands for another persistent object, which may be a class: so it is one."""

    oid: bytes


class _Unpickler(pickle.Unpickler):
    def __init__(self, data: bytes) -> None:
        super().__init__(io.BytesIO(data))
        self.found: set[bytes] = set()
        #: The record of the module that was named last.
        self.home: bytes | None = None

    def _name_of_module(self, record: Any, name: str) -> str:
        self.home = getattr(record, "oid", None)
        return name

    def find_class(self, module: str, name: str) -> Any:
        if (module, name) in (("builtins", "str"), ("__builtin__", "unicode")):
            # The name of a module, as its classes have it.
            return str
        if (module, name) == _NAME_OF_MODULE:
            return self._name_of_module
        return type(name, (_Stub,), {"__module__": module})

    def persistent_load(self, reference: Any) -> Any:
        oid = _oid_of(reference)
        if oid is None:
            return _Stub()
        self.found.add(oid)
        return type("Reference", (_Reference,), {"oid": oid})


def read_state(data: bytes) -> Any:
    """Return the state in a record, where that is made of nothing but Python's own types.

    What is persistent in it is a class with its ``oid``.
    """
    unpickler = _Unpickler(data)
    unpickler.load()
    return unpickler.load()


def read_record(oid: bytes, data: bytes) -> Stored:
    """Return what a record says of itself."""
    unpickler = _Unpickler(data)
    try:
        cls = unpickler.load()
    except Exception:
        return Stored(oid, None, None, (), frozenset())
    arguments: Any = ()
    if isinstance(cls, tuple):
        cls, arguments = cls
    name, of, home = None, None, None
    if isinstance(cls, tuple):
        name = (str(cls[0]), str(cls[1]))
        # The module that the name is of: what uses that is the class, not this object.
        home = unpickler.home
        unpickler.found -= {home}
    elif _is_reference(cls):
        of = cls.oid
    elif isinstance(cls, type):
        name = (cls.__module__, cls.__name__)
    with suppress(Exception):
        # What cannot be read refers to what was read so far.
        unpickler.load()
    given = [each.oid if _is_reference(each) else each for each in arguments or ()]
    return Stored(oid, name, of, tuple(given), frozenset(unpickler.found), home)


def _is_reference(value: Any) -> bool:
    return isinstance(value, type) and issubclass(value, _Reference)


def _oid_of(reference: Any) -> bytes | None:
    """Return the oid in what stands for another object of the same database, if there is one."""
    if isinstance(reference, list):
        # A weak reference, or one to another database.
        return None
    parts = reference if isinstance(reference, tuple) else (reference,)
    for part in parts:
        found = part.encode("latin-1") if isinstance(part, str) and len(part) == 8 else part
        if isinstance(found, bytes) and len(found) == 8:
            return found
    return None
