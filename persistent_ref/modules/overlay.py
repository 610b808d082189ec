"""Data that a program assigns to a module at run time, where that is to be stored.

The source is the state; what is assigned lasts until the module is executed
again.  A module may opt to keep it: then it is in the module's record until
the source changes (PM-42).
"""

from __future__ import annotations

import dis
from collections.abc import Iterator
from types import CodeType
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from persistent_ref.modules.runtime import Runtime

__all__ = ["Overlay", "written_globals"]


class Overlay:
    """The kept data of one module: value by owner and name.

    The owner is the qualified name of a class or function, or empty for the
    module itself.
    """

    def __init__(self, runtime: Runtime) -> None:
        self._runtime = runtime
        self._applied: dict[tuple[str, str], Any] | None = None

    @property
    def is_kept(self) -> bool:
        """Whether what is assigned now is to be stored."""
        runtime = self._runtime
        return runtime.execution is None and runtime.record.overlay is not None

    def is_stale(self) -> bool:
        """Return whether the record has other data than were applied."""
        stored = self._runtime.record.overlay
        return bool(stored or self._applied) and stored is not self._applied

    def apply(self) -> None:
        """Set the stored data, after the source was executed."""
        runtime = self._runtime
        self._applied = runtime.record.overlay
        for (owner, name), value in (self._applied or {}).items():
            if not owner:
                runtime.namespace[name] = value
            elif owner in runtime.definitions:
                self._set(runtime.definitions[owner], name, value)

    def keep(self, owner: str, name: str, value: Any) -> None:
        """Store what was assigned, if that is wanted (PC-11, PF-03)."""
        if self.is_kept and not name.startswith("__"):
            self._replace({**self._runtime.record.overlay, (owner, name): value}, owner)

    def drop(self, owner: str, name: str) -> None:
        """Store no more what was deleted."""
        if self.is_kept and (owner, name) in self._runtime.record.overlay:
            stored = dict(self._runtime.record.overlay)
            del stored[owner, name]
            self._replace(stored, owner)

    def _replace(self, stored: dict[tuple[str, str], Any], owner: str) -> None:
        self._runtime.record.overlay = self._applied = stored
        if owner in self._runtime.definitions:
            self._runtime.definitions[owner]._p_changed = True

    @staticmethod
    def _set(target: Any, name: str, value: Any) -> None:
        if isinstance(target, type):
            type.__setattr__(target, name, value)
        else:
            setattr(target._p_home.body, name, value)


def written_globals(code: CodeType) -> Iterator[str]:
    """Yield the global names that code, or code in it, assigns (PF-06)."""
    for instruction in dis.get_instructions(code):
        if instruction.opname == "STORE_GLOBAL":
            yield instruction.argval
    for constant in code.co_consts:
        if isinstance(constant, CodeType):
            yield from written_globals(constant)
