"""The stored records: one for each module, one for what it defines.

The classes here are joined with the ``Persistent`` of an implementation, see
``persistent_ref.modules.families``.  Methods that must not load the object
start with ``_p_``.
"""

from __future__ import annotations

import importlib
from collections.abc import Mapping
from typing import Any

from persistent_ref.modules.changing.runtime import Runtime
from persistent_ref.modules.sources.revision import Revision

__all__ = ["Anchors", "ModuleRecord", "Rereadable"]

#: Where the live side is kept; volatile, but it survives invalidation.
_LIVE = "_v_live"


class Rereadable:
    """An object that can be brought up to date before its jar says so."""

    _p_changed: Any

    def _p_read_again(self) -> None:
        """Load the present state, unless there are changes of our own."""
        obj: Any = self
        if obj._p_jar is None or obj._p_changed:
            return
        if obj._p_changed is None:
            obj._p_activate()
        else:
            obj._p_jar.setstate(obj)


class Anchors(Rereadable):
    """References that a module keeps outside its record, which must load without them."""

    def __init__(self) -> None:
        self.objects: dict[Any, Any] = {}


class ModuleRecord(Rereadable):
    """A module as it is stored: source and metadata (PM-40).

    ``identities`` has kind and token of each definition, ``imports`` the names
    that the source imports by module.  ``anchors`` has classes and functions by
    qualified name, to give them oids and to keep them from packing; ``relics``,
    by name and token of a definition that is gone, the record of the last
    source that had it (PM-45).  ``overlay`` is what was assigned at run time,
    None if that is not to be stored.  A record with a live module is never a
    ghost: an invalidation executes the new source at once.
    """

    name: str
    source: str
    revision: Revision
    is_package: bool
    registry: Any
    identities: Mapping[str, tuple[str, str]]
    imports: Mapping[str, tuple[str, ...]]
    anchors: Any
    relics: Any
    overlay: Mapping[tuple[str, str], Any] | None
    #: The names that definitions had before, by those that they have; older records have none.
    former: Mapping[str, str] = {}
    #: Whether the last change asked its importers to stay as they are.
    is_quiet: bool = False

    #: The stored classes on the same ``Persistent``, see ``families``.
    _p_family: Any

    def _p_runtime(self) -> Runtime:
        """Return the live side, made on first use."""
        runtime: Runtime | None = self.__dict__.get(_LIVE)
        if runtime is None:
            runtime = Runtime(self)
            self.__dict__[_LIVE] = runtime
        return runtime

    def _p_deactivate(self) -> None:
        if _LIVE not in self.__dict__:
            super()._p_deactivate()  # type: ignore[misc]

    def _p_invalidate(self) -> None:
        """Become a ghost and, if there is a live module, follow at once (PM-29)."""
        runtime = self.__dict__.pop(_LIVE, None)
        super()._p_invalidate()  # type: ignore[misc]
        if runtime is not None:
            self.__dict__[_LIVE] = runtime
            with runtime.table.errors_kept():
                self._p_activate()  # type: ignore[attr-defined]
                runtime.refresh()

    def __reduce_ex__(self, protocol: Any) -> Any:
        """Be pickled by name: only a jar, which refers to it by its oid, stores it."""
        return _record_of, (self.name,)

    def __setstate__(self, state: Any) -> None:
        runtime = self.__dict__.get(_LIVE)
        super().__setstate__(state)  # type: ignore[misc]
        if runtime is not None:
            self.__dict__[_LIVE] = runtime


def _record_of(name: str) -> Any:
    """Return the record of a module that can be imported by its name."""
    return importlib.import_module(name).__loader__.record  # type: ignore[union-attr]
