"""The modules of a database: make, find, list, change, remove."""

from __future__ import annotations

import importlib
import sys
import warnings
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from types import MappingProxyType
from typing import Any

from persistent_ref.modules.changing.batch import Batch, make_record
from persistent_ref.modules.changing.importers import Imports, all_imported, importers_of
from persistent_ref.modules.changing.moves import BadMove, Moves, read_moves
from persistent_ref.modules.changing.records import Rereadable
from persistent_ref.modules.executing.execution import definition_of
from persistent_ref.modules.live import LiveModule
from persistent_ref.modules.policy import Change, Policy
from persistent_ref.modules.sources.names import INIT, is_in, parent_of, require_module_name
from persistent_ref.modules.sources.revision import Revision, require_source
from persistent_ref.modules.storing.history import Version, versions_of

__all__ = ["Registry"]

_DEFAULT = Policy()
#: How many names of modules a repr shows.
_SHOWN = 5


class Registry(Rereadable):
    """Modules by dotted name; joined with a ``Persistent`` class.

    Make one with ``create_registry`` and store it like any other object.
    Changes belong to the current transaction of the data manager: they are
    seen here at once, elsewhere when they are committed (PM-28, PM-29).
    """

    #: The stored classes on the same ``Persistent``, see ``families``.
    _p_family: Any
    #: The changes that are being made.
    _p_batch: Batch | None

    _policy: Policy | None = None
    #: What has moved, old names and new ones; older registries have none.
    _moved_modules: Mapping[str, str] = MappingProxyType({})
    _moved_definitions: Mapping[tuple[str, str], tuple[str, str]] = MappingProxyType({})
    #: The recorded imports of modules, to know them without loading all; some may be missing.
    _imports: Mapping[str, Imports] = MappingProxyType({})

    def __new__(cls) -> Any:
        """Make a registry without data, as a jar does."""
        self = super().__new__(cls)
        self._p_batch = None
        return self

    def __init__(self) -> None:
        self._records: dict[str, Any] = {}

    # Read

    def find(self, name: str) -> LiveModule | None:
        """Return the module, executed, or None if there is none of that name (PM-05).

        Raises what the source raises if it cannot be executed here, or
        ModuleReloadError if that was possible before a change (PC-18).
        """
        record = self._p_record(name)
        if record is None:
            return None
        if self._p_batch is not None:
            self._p_batch.try_source(name)
        return record._p_runtime().use()  # type: ignore[no-any-return]

    def module(self, name: str) -> LiveModule:
        """Return the module as ``find`` does; raise KeyError if there is none."""
        return self._record(name)._p_runtime().use()  # type: ignore[no-any-return]

    def modules(self) -> list[str]:
        """Return the names of all modules, in order (PM-05)."""
        return sorted(self._records)

    def __contains__(self, name: object) -> bool:
        return isinstance(name, str) and self._p_record(name) is not None

    def __iter__(self) -> Iterator[str]:
        """Iterate over the names of all modules, in order."""
        return iter(self.modules())

    def __repr__(self) -> str:
        names = self.modules()
        more = ", ..." if len(names) > _SHOWN else ""
        return f"<registry of {len(names)} modules: {', '.join(names[:_SHOWN])}{more}>"

    def source(self, name: str) -> str:
        """Return the source; raise KeyError if there is no such module."""
        return self._record(name).source  # type: ignore[no-any-return]

    def revision(self, name: str) -> Revision:
        """Return number and digest of the source; raise KeyError if there is no such module."""
        return self._record(name).revision  # type: ignore[no-any-return]

    def is_package(self, name: str) -> bool:
        """Return whether the module may have children; raise KeyError if there is none."""
        return self._record(name).is_package  # type: ignore[no-any-return]

    def imports(self, name: str) -> Mapping[str, tuple[str, ...]]:
        """Return the recorded imports: names by the module that they come from (PM-43).

        Raises KeyError if there is no such module.
        """
        return dict(self._record(name).imports)

    def importers(self, name: str) -> Mapping[str, tuple[str, ...]]:
        """Return the names that other modules import from this one, by importer (PM-43).

        An importer that needs the module as a whole has no names, ``*`` stands
        for all.
        """
        return importers_of(name, self._p_imports())

    def history(self, name: str) -> list[Version]:
        """Return the revisions that are stored, newest first; raise KeyError for no module."""
        return list(versions_of(self._record(name)))

    def kept(self, name: str) -> list[str]:
        """Return the definitions of a module that are deleted, and whose last source is kept.

        Something stored may refer to them (PM-63).  Raises KeyError if there is no such module.
        """
        return sorted({gone for gone, _ in self._record(name).relics.objects})

    # Write

    @property
    def policy(self) -> Policy:
        """What judges a change that brings no policy of its own; set it to have it stored.

        Its hooks must be picklable: functions of installed or of persistent modules.
        """
        return self._policy or _DEFAULT

    @policy.setter
    def policy(self, policy: Policy) -> None:
        self._policy = policy

    def new(
        self, name: str, source: str = "", *, package: bool = False, policy: Policy | None = None
    ) -> LiveModule:
        """Make a module, and the packages that it is in, and return it (PM-01, PM-12).

        ``package.__init__`` gives a source to a package that has none (PM-13).
        Raises ValueError for a name that is taken or cannot be one, TypeError
        for a source that is no text, and what the source raises; then nothing
        has changed (PM-02, PM-04). Warns of a name that hides a module of the
        standard library.
        """
        own, is_init = _own_name(name)
        if own in self and not (is_init and self.is_package(own) and not self.source(own)):
            raise ValueError(f"there is a module {own!r} already; change it with update()")
        if own.partition(".")[0] in sys.stdlib_module_names:
            warnings.warn(
                f"{own!r} is called like a module of the standard library: modules of this "
                "registry that import it get this one, and all other code that one",
                stacklevel=2,
            )
        with self._batch(policy) as batch:
            self._plan(batch, own, source, package or is_init)
            batch.run()
        return self.module(own)

    def update(self, name: str, source: str, *, policy: Policy | None = None) -> Change:
        """Change the source; all that others have imported follows (PM-20, PM-21).

        Raises KeyError if there is no such module, DeletionRefused and
        LayoutRefused as the policy says, TypeError for a source that is no
        text, and what the source raises; then nothing has changed (PM-31).
        """
        self._record(name)
        with self._batch(policy) as batch:
            self._plan(batch, name, source, False)
            changes = batch.run()
        return changes[0] if changes else Change(name)

    def revert(self, name: str, number: int, *, policy: Policy | None = None) -> Change:
        """Give a module the source again that it had at a revision.

        Raises KeyError if there is no such module or revision, and what
        ``update`` raises.
        """
        for version in self.history(name):
            if version.number == number:
                return self.update(name, version.source, policy=policy)
        raise KeyError(f"no revision {number} of {name!r} is stored")

    def remove(self, name: str, *, policy: Policy | None = None) -> Change:
        """Remove a module; what others have of it stays as it is (PM-03).

        Raises KeyError if there is no such module, ValueError if it has
        children, and DeletionRefused as the policy says.
        """
        with self._batch(policy) as batch:
            self._plan_removal(batch, name)
            return batch.run()[0]

    def rename(self, old: str, new: str, *, policy: Policy | None = None) -> list[Change]:
        """Give a module, or a package and all that is in it, another name (PM-59).

        Classes, functions and stored instances stay what they are.  Whoever
        imports it by the old name is a user of what is deleted.  Raises KeyError
        if there is no such module, BadMove for a name that is taken, and what
        ``apply`` raises; then nothing has changed.
        """
        return self.apply({}, renames={old: new}, policy=policy)

    def apply(
        self,
        sources: Mapping[str, str | None],
        *,
        renames: Mapping[str, str] = MappingProxyType({}),
        policy: Policy | None = None,
    ) -> list[Change]:
        """Make, change and, where the source is None, remove modules: all, or none of it.

        A package is named with ``.__init__``.  The order does not matter: a
        source that imports another one of them finds it changed.  ``renames`` has
        old names and new ones: of modules, or of definitions as ``module:name``.
        What is renamed stays the same, also in what is stored; a definition that
        was deleted, and is renamed to its own name, is what it was.  Returns the
        changes, sources that stay as they are left out.  Raises what ``new``,
        ``update`` and ``remove`` raise; then nothing has changed.
        """
        with self._batch(policy) as batch:
            batch.moves = read_moves(renames)
            self._plan_moves(batch)
            for name in sorted(sources, key=lambda name: str(name).count(".")):
                own, is_init = _own_name(name)
                source = sources[name]
                if source is not None:
                    self._plan(batch, own, source, is_init)
            # What is in a package is removed before the package.
            for name in sorted(sources, key=lambda name: _own_name(name)[0], reverse=True):
                if sources[name] is None:
                    self._plan_removal(batch, _own_name(name)[0])
            return batch.run()

    def require_moves(self, renames: Mapping[str, str]) -> None:
        """Raise what ``apply`` raises for renames that cannot be, and execute nothing."""
        with self._batch(None) as batch:
            batch.moves = read_moves(renames)
            self._plan_moves(batch)

    def keep_data(self, name: str, keep: bool = True) -> None:
        """Store from now on what is assigned to a module, its classes and functions (PM-42).

        It must be picklable.  A change of the source resets it.  With ``keep``
        false, nothing is stored any more and the data are as the source says.
        Raises KeyError if there is no such module.
        """
        record = self._record(name)
        if keep and record.overlay is None:
            record.overlay = {}
        elif not keep and record.overlay is not None:
            record.overlay = None
            record._p_runtime().refresh()

    # Helpers

    @contextmanager
    def _batch(self, policy: Policy | None) -> Iterator[Batch]:
        if self._p_batch is not None:
            raise RuntimeError("a module cannot change the registry while its source is executed")
        self._p_batch = batch = Batch(self, policy or self.policy)
        try:
            yield batch
        finally:
            self._p_batch = None

    def _plan(self, batch: Batch, name: str, source: str, is_package: bool) -> None:
        require_source(source)
        if name not in self:
            self._plan_package(batch, parent_of(name))
            batch.new[name] = make_record(self, name, is_package)
        elif is_package and not self.is_package(name):
            raise ValueError(f"{name!r} is a module, not a package; remove it first")
        elif self.source(name) == source and self._record(name).revision is not None:
            return
        batch.sources[name] = source

    def _plan_moves(self, batch: Batch) -> None:
        moved: dict[str, str] = {}
        for old, new in batch.moves.modules.items():
            self._record(old)
            inside = [name for name in self._records if is_in(name, old)]
            moved.update({name: new + name.removeprefix(old) for name in inside})
        batch.moves = Moves(moved, batch.moves.definitions)
        for old, new in moved.items():
            if new in self:
                raise BadMove(f"there is a module {new!r} already; remove it first")
            if parent_of(new) not in moved.values():
                self._plan_package(batch, parent_of(new))
            batch.new[new] = self._records[old]
            batch.sources[new] = self._records[old].source
            batch.removed.add(old)
        for (old_module, _), (new_module, _) in batch.moves.definitions.items():
            self._record(moved.get(old_module, old_module))
            if new_module not in batch.sources and new_module in self._records:
                batch.sources[new_module] = self._records[new_module].source

    def _plan_package(self, batch: Batch, name: str) -> None:
        """Plan the package ``name`` and those that it is in, as far as they are missing."""
        if not name:
            return
        if name not in self:
            self._plan(batch, name, "", True)
        elif not self.is_package(name):
            raise ValueError(f"{name!r} is a module, not a package; nothing can be in it")

    def _plan_removal(self, batch: Batch, name: str) -> None:
        self._record(name)
        here = [*self._records, *batch.new]
        children = [n for n in here if parent_of(n) == name and n not in batch.removed]
        if children:
            raise ValueError(f"{name!r} has modules in it; remove {', '.join(children)} first")
        batch.removed.add(name)

    def _record(self, name: str) -> Any:
        record = self._p_record(name)
        if record is None:
            raise KeyError(f"no persistent module {name!r}")
        return record

    def _p_resolveConflict(self, old: Any, saved: Any, new: Any) -> Any:  # noqa: N802
        """Let ZODB join what two transactions have made, moved or removed, nothing twice."""
        merged = dict(saved)
        for name in new:
            if name == "_policy":
                continue
            before, now, theirs = (dict(each.get(name, {})) for each in (old, new, saved))
            for key in before.keys() | now.keys():
                if _same(now.get(key), before.get(key)):
                    continue
                if not _same(theirs.get(key), before.get(key)):
                    raise importlib.import_module("ZODB.POSException").ConflictError
                if key in now:
                    theirs[key] = now[key]
                else:
                    del theirs[key]
            merged[name] = theirs
        return merged

    # For the modules and batches of this registry

    def _p_record(self, name: str) -> Any:
        """Return the record, or None."""
        batch = self._p_batch
        if batch is not None:
            if name in batch.removed:
                return None
            if name in batch.new:
                return batch.new[name]
        return self._records.get(name)

    def _p_global(self, name: str, attribute: str) -> Any:
        """Return what a record means that names something of a module.

        Raises BrokenObject, which says why, if that cannot be had.
        """
        moved = self._p_moved_definition(name, attribute)
        return moved or self._record(name)._p_runtime().named(attribute)

    def _p_left_behind(self, value: Any) -> bool:
        """Return whether ``value`` is, or is of, what a module does not define any more."""
        table, qualname = definition_of(value)
        if table is None:
            return False
        record = self._p_record(table.name)
        return record is not table.record or qualname not in record.identities

    def _p_read_again_unless_has(self, name: str) -> None:
        if name not in self:
            self._p_read_again()

    def _p_imports(self) -> dict[str, Imports]:
        """Return the recorded imports of all modules."""
        missing = self._records.keys() - self._imports.keys()
        return {**self._imports, **{name: self._records[name].imports for name in missing}}

    def _p_record_imports(self, imports: Mapping[str, Imports]) -> None:
        """Know the imports of some modules, and no more those of modules that are gone."""
        known = {**self._imports, **imports}
        known = {name: known[name] for name in known if name in self._records}
        if known != self._imports:
            self._imports = known

    def _p_present_name(self, name: str) -> str | None:
        """Return the name that a module has at present, or None if there is none."""
        seen: set[str] = set()
        while name not in self and name in self._moved_modules and name not in seen:
            seen.add(name)
            name = self._moved_modules[name]
        return name if name in self else None

    def _p_moved_definition(self, module: str, name: str) -> Any:
        """Return what a definition has become that is in another module now, or None."""
        target = self._moved_definitions.get((module, name))
        if target is None or target[0] == module or target[0] not in self:
            return None
        return self._p_global(*target)

    def _p_present_definition(self, module: str, name: str) -> tuple[str, str]:
        """Return module and name at present of what a record names so, or the same."""
        present = self._p_present_name(module)
        if present is None:
            return module, name
        if (present, name) in self._moved_definitions and name not in self._names_in(present):
            return self._p_present_definition(*self._moved_definitions[present, name])
        return present, name

    def _names_in(self, module: str) -> Mapping[str, Any]:
        return self._record(module).identities  # type: ignore[no-any-return]

    def _p_adopt(self, states: Mapping[str, Any], needed: Iterable[str]) -> None:
        """Have the modules ``needed``, and those that they need, as another registry has them.

        ``states`` are those of its records by name.  What is here stays as it is.
        """
        imports = {name: state["imports"] for name, state in states.items()}
        wanted = {*needed, *all_imported(needed, imports)}
        wanted |= {name for name in states for each in wanted if is_in(each, name)}
        with self._batch(None) as batch:
            for name in sorted(wanted - set(self._records)):
                self._plan(batch, name, states[name]["source"], states[name]["is_package"])
                batch.new[name].identities = states[name]["identities"]
            if batch.sources:
                batch.run()

    def _p_replace(self, new: Mapping[str, Any], removed: set[str], moves: Moves) -> None:
        """Have the records ``new``, no more those of the names ``removed``, and what has moved."""
        if moves.modules:
            self._moved_modules = {**self._moved_modules, **moves.modules}
        if moves.definitions:
            self._moved_definitions = {**self._moved_definitions, **moves.definitions}
        records = {**self._records, **new}
        self._records = {name: records[name] for name in records if name not in removed}


def _same(one: Any, other: Any) -> bool:
    """Return whether values are the same where ZODB has references in the place of records."""
    return bool(getattr(one, "oid", one) == getattr(other, "oid", other))


def _own_name(name: object) -> tuple[str, bool]:
    """Return the name without ``.__init__``, and whether it had that.

    Raises TypeError or ValueError for what cannot be the name of a module.
    """
    own = require_module_name(name)
    is_init = bool(parent_of(own)) and own.endswith(f".{INIT}")
    if is_init:
        own = parent_of(own)
    if INIT in own.split("."):
        raise ValueError(f"{INIT} must be the last part of a name, not as in {name!r}")
    return own, is_init
