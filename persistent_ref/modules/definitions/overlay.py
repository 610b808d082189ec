"""Data that a program assigns to a module at run time, where that is to be stored.

The source is the state; what is assigned lasts until the module is executed
again.  A module may opt to keep it: then it is in the module's record until
the source changes (PM-42): a mapping of values by owner and name.  The owner is
the qualified name of a class or function, or empty for the module itself.
"""

from __future__ import annotations

import dis
from collections.abc import Iterator
from types import CodeType
from typing import Any

from persistent_ref.modules.definitions.identities import Table

__all__ = ["apply", "drop", "is_kept", "is_stale", "keep", "keeping", "written_globals"]


_STORE_GLOBAL = dis.opmap["STORE_GLOBAL"]


def is_kept(table: Table) -> bool:
    """Return whether what is assigned now is to be stored."""
    return table.execution is None and table.record.overlay is not None


def is_stale(table: Table) -> bool:
    """Return whether the record has other data than were applied."""
    stored = table.record.overlay
    return bool(stored or table.overlaid) and stored is not table.overlaid


def apply(table: Table) -> None:
    """Set the stored data, after the source was executed."""
    table.overlaid = table.record.overlay
    for (owner, name), value in (table.overlaid or {}).items():
        if not owner:
            table.namespace[name] = value
        elif owner in table.definitions:
            _set(table.definitions[owner], name, value)


def keep(table: Table, owner: str, name: str, value: Any) -> None:
    """Store what was assigned, if that is wanted (PC-11, PF-03)."""
    if is_kept(table) and not name.startswith("__"):
        _replace(table, {**table.record.overlay, (owner, name): value}, owner)


def drop(table: Table, owner: str, name: str) -> None:
    """Store no more what was deleted."""
    if is_kept(table) and (owner, name) in table.record.overlay:
        stored = dict(table.record.overlay)
        del stored[owner, name]
        _replace(table, stored, owner)


def _replace(table: Table, stored: dict[tuple[str, str], Any], owner: str) -> None:
    table.record.overlay = table.overlaid = stored
    if owner in table.definitions:
        table.definitions[owner]._p_changed = True


def _set(target: Any, name: str, value: Any) -> None:
    if isinstance(target, type):
        type.__setattr__(target, name, value)
    else:
        setattr(target._p_home.body, name, value)


def keeping(table: Table, body: Any) -> Any:
    """Return what calls a function and stores the globals that it assigns, if wanted (PF-06)."""
    names = set(written_globals(body.__code__))

    def call(*args: Any, **kwargs: Any) -> Any:
        if not is_kept(table):
            return body(*args, **kwargs)
        before = {name: table.namespace.get(name) for name in names}
        try:
            return body(*args, **kwargs)
        finally:
            for name in sorted(names & table.namespace.keys()):
                if table.namespace[name] is not before[name]:
                    keep(table, "", name, table.namespace[name])

    return call


def written_globals(code: CodeType) -> Iterator[str]:
    """Yield the global names that code, or code in it, assigns (PF-06)."""
    if _STORE_GLOBAL in code.co_code[::2]:
        for instruction in dis.get_instructions(code):
            if instruction.opname == "STORE_GLOBAL":
                yield instruction.argval
    for constant in code.co_consts:
        if isinstance(constant, CodeType):
            yield from written_globals(constant)
