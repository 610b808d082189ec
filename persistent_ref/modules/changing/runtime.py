"""One module in one process, kept at the revision of its record.

`Runtime` is the live side of a record: it decides when the source is executed,
and hands out to jars what it defines.
"""

from __future__ import annotations

from importlib.machinery import ModuleSpec
from typing import Any

from persistent_ref.modules.changing.relics import newest_relic
from persistent_ref.modules.classes import PersistentABCMeta, PersistentMeta, head_of_class
from persistent_ref.modules.definitions import overlay
from persistent_ref.modules.definitions.identities import Identities, Table
from persistent_ref.modules.definitions.siblings import all_importers_of, execute_parents
from persistent_ref.modules.executing.execution import token_of
from persistent_ref.modules.executing.executor import Executor
from persistent_ref.modules.executing.placeholders import make_placeholder
from persistent_ref.modules.functions import Function
from persistent_ref.modules.live import LiveModule
from persistent_ref.modules.policy import ModuleReloadError
from persistent_ref.modules.sources.revision import Revision
from persistent_ref.modules.storing.broken import BrokenObject

__all__ = ["Runtime"]


class Runtime:
    """The live side of a module record.

    ``table`` has what the source defines, ``executor`` executes it.  Nothing
    here is stored.
    """

    def __init__(self, record: Any) -> None:
        self.record = record
        self.table = Table(record, self)
        self.executor = Executor(self.table)
        #: Whether what was executed is ahead of the record, until that is decided.
        self.on_trial = False
        self._failed: Revision | None = None

    @property
    def spec(self) -> ModuleSpec:
        """The spec of the module."""
        return self.executor.spec

    # Use

    def use(self) -> LiveModule:
        """Return the module, executed at the revision of its record.

        Raises what the source raises if it was never executed here, and
        ModuleReloadError if a later revision cannot be (PC-18).
        """
        table = self.table
        self.use_as_parent()
        if table.error is not None and table.execution is None:
            raise ModuleReloadError(
                f"revision {self.record.revision[0]} of the persistent module {table.name!r} "
                f"cannot be executed here: {type(table.error).__name__}: {table.error}",
                name=table.name,
            ) from table.error
        return self.executor.module

    def use_as_parent(self) -> None:
        """Execute the source unless some revision of it was executed here, or is about to be.

        Raises what the source raises.
        """
        table = self.table
        try:
            self.refresh()
        except (Exception, SystemExit) as error:
            if table.revision is None:
                raise
            table.error = error

    def refresh(self) -> None:
        """Execute the source of the record unless that was done.

        Raises what the source raises, leaving everything as it was.
        """
        table = self.table
        if table.execution is not None or self.on_trial:
            return
        record = self.record
        if self._is_fresh():
            table.error = None
            return
        self.take_names()
        execute_parents(table)
        if table.execution is not None or self._is_fresh():
            # A package has imported it.
            return
        self._failed = record.revision
        # Where it was executed before, and not only because of what it imports.
        is_change = table.revision is not None and not table.is_stale
        identities = Identities(record.identities)
        self.executor.execute(record.source, record.revision, identities).keep()
        overlay.apply(table)
        self._failed = None
        table.error = None
        self._adopt()
        if is_change and not record.is_quiet:
            self._execute_importers()

    def _execute_importers(self) -> None:
        """Execute again what has imported this module here, that first which others import (PM-55).

        What cannot be executed stays as it is: whoever has changed this module was told.
        """
        stale = [each for each in all_importers_of(self.table) if each.execution is None]
        for each in stale:
            each.is_stale = True
        for each in stale:
            if each.is_stale:
                each.record._p_read_again()
                is_current = each.revision == each.record.revision
                try:
                    each.follower.use()
                except (Exception, SystemExit) as error:
                    each.error = None if is_current else error
                finally:
                    each.is_stale = False

    def take_names(self) -> None:
        """Take the names over that the module and what it defines have in its record."""
        self.table.former = self.record.former
        self.executor.rename(self.record.name)

    def _is_fresh(self) -> bool:
        table = self.table
        is_fresh = table.revision == self.record.revision and not overlay.is_stale(table)
        return is_fresh and not table.is_stale

    def notice(self, revision: Revision | None) -> None:
        """Take notice that something of this module is stored at ``revision``.

        A class may be told before its module is (PM-34); then the record is
        read again, unless it has changes of its own.
        """
        table = self.table
        if table.execution is None and not self.on_trial and table.revision != revision:
            self.record._p_read_again()
            if self.record.revision != self._failed:
                self.refresh()

    def _adopt(self) -> None:
        """Let the jar hand out what was defined, so that it has its oid (PM-09)."""
        record = self.record
        if record._p_jar is not None:
            record.anchors._p_activate()

    # What others refer to

    def named(self, name: str) -> Any:
        """Return what a record means that names something of this module.

        It is as it last was if it is not defined any more, or if its source
        cannot be executed any more.  Raises BrokenObject if it never was
        executed here, and if instances cannot be of it any more.
        """
        table = self.table
        with table.errors_kept():
            self.refresh()
        if name in table.namespace and table.revision is not None:
            return _require_instances(table.namespace[name], f"{table.name}.{name}")
        if name in table.others:
            return table.others[name]
        present = [new for new, old in self.record.former.items() if old == name != new]
        if present:
            return self.named(present[0])
        relic = newest_relic(self.record, name)
        if relic is not None:
            return relic._p_runtime().named(name)
        if table.error is not None:
            raise BrokenObject(table.why_undefined(name))
        if table.revision is None:
            raise BrokenObject(f"the module {table.name!r} is being executed")
        raise BrokenObject(f"the module {table.name!r} does not define {name!r}")

    def class_for_jar(self, qualname: str, token: str) -> Any:
        """Return, not in any cache yet, the class that a jar is about to hand out."""
        cls = self._object("class", qualname, token)
        head = head_of_class(cls)
        _disown(cls, head.jar, head.oid)
        head.stored = True
        return cls

    def function_for_jar(self, qualname: str, token: str) -> Any:
        """Return, not in any cache yet, the function that a jar is about to hand out."""
        function = self._object("function", qualname, token)
        _disown(function, function._p_jar, function._p_oid)
        return function

    def interface_for_jar(self, qualname: str, token: str) -> Any:
        """Return the interface."""
        return self._object("interface", qualname, token)

    def object_for_import(self, kind: str, qualname: str, token: str) -> Any:
        """Return what an identity of another database means here, or else what has the name."""
        return self._object(kind, qualname, token)

    def _object(self, kind: str, qualname: str, token: str) -> Any:
        table = self.table
        found = table.get(kind, qualname, token)
        if found is None and table.execution is None:
            # What refers to it can be loaded even if the source cannot be executed.
            with table.errors_kept():
                self.refresh()
            found = table.get(kind, qualname, token)
        if found is not None:
            return found
        for new, old in self.record.former.items():
            if old == qualname != new and self.record.identities.get(new) == (kind, token):
                return self._object(kind, new, token)
        moved = self.record.registry._p_moved_definition(table.name, qualname)
        if moved is not None:
            return moved
        relic = self.record.relics.objects.get((qualname, token))
        if relic is not None:
            return relic._p_runtime()._object(kind, qualname, token)
        present = table.definitions.get(qualname)
        if present is not None and token_of(present)[0] == kind:
            # Nothing here was ever that: it is of another database, or the metadata are gone, and
            # the name says which object it is (PM-40).
            return present
        return make_placeholder(table, kind, qualname, token)


def _require_instances(value: Any, name: str) -> Any:
    """Return ``value``; raise BrokenObject if no record can be of it or refer to it by name."""
    if isinstance(value, Function):
        raise BrokenObject(f"{name} is a function now")
    plain = type(value) in (PersistentMeta, PersistentABCMeta) and not issubclass(value, tuple)
    if plain and not any("_p_jar" in vars(base) for base in value.__mro__):
        raise BrokenObject(f"{name} is not persistent any more")
    return value


def _disown(value: Any, jar: Any, oid: bytes | None) -> None:
    """Take an object out of the cache into which its jar is about to put it."""
    if jar is None or oid is None:
        return
    cache = getattr(jar, "_cache", None)
    if cache is not None and cache.get(oid) is value:
        del cache[oid]
    del value._p_jar
    del value._p_oid
