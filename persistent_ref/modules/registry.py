"""The modules of a database: make, find, list, change, remove."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from persistent_ref.modules.execution import Execution, Identities, token_of
from persistent_ref.modules.live import LiveModule
from persistent_ref.modules.names import INIT, parent_of, require_module_name
from persistent_ref.modules.policy import Change, Policy
from persistent_ref.modules.records import Rereadable
from persistent_ref.modules.source import (
    Revision,
    imports_of,
    next_revision,
    require_source,
)

__all__ = ["Registry"]

_DEFAULT = Policy()


class Registry(Rereadable):
    """Modules by dotted name; joined with a ``Persistent`` class.

    Make one with ``create_registry`` and store it like any other object.
    Changes belong to the current transaction of the data manager: they are
    seen here at once, elsewhere when they are committed (PM-28, PM-29).
    """

    #: Modules whose source is being executed for the first time.
    _p_pending: dict[str, Any]

    def __new__(cls) -> Any:
        """Make a registry without data, as a jar does."""
        self = super().__new__(cls)
        self._p_pending = {}
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
        return None if record is None else record._p_runtime().use()

    def module(self, name: str) -> LiveModule:
        """Return the module as ``find`` does; raise KeyError if there is none."""
        return self._record(name)._p_runtime().use()  # type: ignore[no-any-return]

    def modules(self) -> list[str]:
        """Return the names of all modules, in order (PM-05)."""
        return sorted(self._records)

    def __contains__(self, name: object) -> bool:
        return isinstance(name, str) and self._p_record(name) is not None

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
        found: dict[str, tuple[str, ...]] = {}
        parent, _, last = name.rpartition(".")
        for importer, record in sorted(self._records.items()):
            imports = record.imports
            if importer != name:
                if name in imports:
                    found[importer] = imports[name]
                elif parent and last in imports.get(parent, ()):
                    found[importer] = ()
        return found

    # Write

    def new(
        self, name: str, source: str = "", *, package: bool = False, policy: Policy = _DEFAULT
    ) -> LiveModule:
        """Make a module, and the packages that it is in, and return it (PM-01, PM-12).

        ``package.__init__`` gives a source to a package that has none (PM-13).
        Raises ValueError for a name that is taken or cannot be one, TypeError
        for a source that is no text, and what the source raises; then nothing
        has changed (PM-02, PM-04).
        """
        require_module_name(name)
        require_source(source)
        if parent_of(name) and name.endswith(f".{INIT}"):
            return self._new_package_source(parent_of(name), source, policy)
        if INIT in name.split("."):
            raise ValueError(f"{INIT} must be the last part of a name, not as in {name!r}")
        if name in self:
            raise ValueError(f"there is a module {name!r} already; change it with update()")
        made = self._missing_packages(parent_of(name))
        made[name] = self._make_record(name, package)
        self._p_pending.update(made)
        try:
            for each, record in made.items():
                self._write(record, source if each == name else "", policy)
        finally:
            for each in made:
                del self._p_pending[each]
        self._records = {**self._records, **made}
        return self.module(name)

    def update(self, name: str, source: str, *, policy: Policy = _DEFAULT) -> Change:
        """Change the source; all that others have imported follows (PM-20, PM-21).

        Raises KeyError if there is no such module, DeletionRefused and
        LayoutRefused as the policy says, TypeError for a source that is no
        text, and what the source raises; then nothing has changed (PM-31).
        """
        record = self._record(name)
        if require_source(source) == record.source:
            return Change(name)
        return self._write(record, source, policy)

    def remove(self, name: str, *, policy: Policy = _DEFAULT) -> Change:
        """Remove a module; what others have of it stays as it is (PM-03).

        Raises KeyError if there is no such module, ValueError if it has
        children, and DeletionRefused as the policy says.
        """
        self._record(name)
        children = [each for each in self._records if parent_of(each) == name]
        if children:
            raise ValueError(f"{name!r} has modules in it; remove {', '.join(children)} first")
        users = tuple(self.importers(name))
        change = Change(name, deleted=(name,), users={name: users} if users else {})
        policy.judge(change)
        self._records = {each: r for each, r in self._records.items() if each != name}
        return change

    # Helpers

    def _p_record(self, name: str) -> Any:
        return self._records.get(name) or self._p_pending.get(name)

    def _p_read_again_unless_has(self, name: str) -> None:
        if name not in self:
            self._p_read_again()

    def _record(self, name: str) -> Any:
        record = self._p_record(name)
        if record is None:
            raise KeyError(f"no persistent module {name!r}")
        return record

    def _make_record(self, name: str, is_package: bool) -> Any:
        from persistent_ref.modules.families import family_of

        family = family_of(type(self))
        record: Any = family.module()
        record.name = name
        record.source = ""
        record.revision = None
        record.is_package = is_package
        record.registry = self
        record.identities = {}
        record.imports = {}
        record.anchors = family.anchors()
        return record

    def _missing_packages(self, name: str) -> dict[str, Any]:
        """Return new records for the package ``name`` and those that it is in."""
        if not name:
            return {}
        if name in self:
            if not self._record(name).is_package:
                raise ValueError(f"{name!r} is a module, not a package; nothing can be in it")
            return {}
        return {**self._missing_packages(parent_of(name)), name: self._make_record(name, True)}

    def _new_package_source(self, name: str, source: str, policy: Policy) -> LiveModule:
        if name not in self:
            return self.new(name, source, package=True, policy=policy)
        record = self._record(name)
        if not record.is_package:
            raise ValueError(f"{name!r} is a module, not a package")
        if record.source:
            raise ValueError(f"the package {name!r} has a source already; change it with update()")
        self.update(name, source, policy=policy)
        return self.module(name)

    def _write(self, record: Any, source: str, policy: Policy) -> Change:
        """Execute ``source`` in place of what the record has, and store it."""
        runtime = record._p_runtime()
        revision = next_revision(record.revision, source)
        if record.revision is not None:
            with runtime.contained():
                runtime.refresh()
        before = runtime.names()
        identities = Identities(
            record.identities,
            new_token=f"{revision[0]}.{revision[1][:12]}",
            may_replace=policy.layout == "replace",
        )
        execution: Execution = runtime.execute(source, revision, identities, is_reload=False)
        try:
            imports = imports_of(source, runtime.namespace["__package__"])
            change = self._change(record, before, execution)
            for module, names in imports.items():
                policy.on_imports(record.name, module, names)
            policy.judge(change)
        except BaseException:
            execution.undo()
            raise
        runtime.error = None
        execution.keep()
        self._store(record, source, revision, imports if policy.record_imports else {})
        return change

    def _change(self, record: Any, before: set[str], execution: Execution) -> Change:
        after = record._p_runtime().names()
        gone = sorted(before - after)
        uses = self.importers(record.name)
        users = {
            name: tuple(importer for importer, names in uses.items() if {name, "*"} & set(names))
            for name in gone
        }
        return Change(
            record.name,
            added=tuple(sorted(after - before)),
            deleted=tuple(gone),
            replaced=tuple(execution.replaced),
            users={name: importers for name, importers in users.items() if importers},
        )

    def _store(
        self,
        record: Any,
        source: str,
        revision: Revision,
        imports: Mapping[str, tuple[str, ...]],
    ) -> None:
        definitions = record._p_runtime().definitions
        identities = {name: token_of(value) for name, value in definitions.items()}
        self._keep_relics(record, identities)
        record.source = source
        record.revision = revision
        record.identities = identities
        record.imports = dict(imports)
        objects = {n: v for n, v in definitions.items() if identities[n][0] != "interface"}
        if objects != record.anchors.objects:
            record.anchors.objects = objects
        # All that the module defines is written with it, so that it is
        # invalidated wherever it is in memory (PM-34).
        for value in objects.values():
            value._p_changed = True

    def _keep_relics(self, record: Any, identities: Mapping[str, tuple[str, str]]) -> None:
        """Keep the last source of what is not defined any more (PM-45)."""
        gone = {
            (name, known[1])
            for name, known in record.identities.items()
            if identities.get(name) != known
        }
        if gone:
            relic = self._make_record(record.name, record.is_package)
            relic.source, relic.revision = record.source, record.revision
            relic.identities = record.identities
            relics = record.anchors.relics
            record.anchors.relics = {**relics, **dict.fromkeys(gone, relic)}
