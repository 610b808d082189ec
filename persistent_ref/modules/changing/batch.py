"""Changes of several modules that belong together: all of them, or none.

Every source is tried first: executed, compared with what was there, judged by
the policy.  Only when all have passed is anything stored.  A source that
imports another module of the batch finds that one changed already, whatever
their order.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from persistent_ref.modules.changing.importers import (
    Imports,
    all_imported,
    all_importers,
    importers_of,
)
from persistent_ref.modules.changing.moves import Moves
from persistent_ref.modules.changing.relics import newest_relic, unused_relics
from persistent_ref.modules.definitions import overlay
from persistent_ref.modules.definitions.identities import Identities, Table
from persistent_ref.modules.definitions.siblings import execute_parents
from persistent_ref.modules.executing.execution import Execution, token_of
from persistent_ref.modules.policy import Change, Policy
from persistent_ref.modules.sources.imports import imports_of
from persistent_ref.modules.sources.names import parent_of
from persistent_ref.modules.sources.revision import Revision, next_revision
from persistent_ref.modules.storing.scanning import Uses, count_uses, scan

__all__ = ["Batch", "make_record"]


def make_record(registry: Any, name: str, is_package: bool) -> Any:
    """Return the record of a module that has no source yet."""
    family = registry._p_family
    record: Any = family.module()
    record.name = name
    record.source = ""
    record.revision = None
    record.is_package = is_package
    record.registry = registry
    record.identities = {}
    record.imports = {}
    record.anchors = family.anchors()
    record.relics = family.anchors()
    record.overlay = None
    return record


@dataclass(frozen=True)
class _Trial:
    """One source, executed and not stored."""

    name: str
    record: Any
    source: str
    revision: Revision
    execution: Execution
    before: frozenset[str]
    after: frozenset[str]
    imports: Mapping[str, tuple[str, ...]]


class Batch:
    """Changes that are planned for some modules of a registry.

    ``new`` are records that the registry does not have, ``sources`` what is to
    be executed by name, ``removed`` names.
    """

    def __init__(self, registry: Any, policy: Policy) -> None:
        self._registry = registry
        self._policy = policy
        self.new: dict[str, Any] = {}
        self.sources: dict[str, str] = {}
        self.removed: set[str] = set()
        #: What gets another name with these changes.
        self.moves = Moves({}, {})
        #: Importers of what changes, whose sources stay, and are executed again.
        self.again: set[str] = set()
        # Those among them that have to be executed first, in every process.
        self._needed: set[str] = set()
        #: Those among them that cannot be executed, or are not to be, and why.
        self.stale: dict[str, str] = {}
        self._trials: dict[str, _Trial] = {}
        self._started: set[str] = set()
        self._failed: dict[str, Exception] = {}

    def try_source(self, name: str) -> None:
        """Execute the new source of a module, if it has one that was not executed yet.

        The packages that it is in come first, as in every import.
        """
        if parent_of(name):
            self.try_source(parent_of(name))
        if name in self._failed:
            raise self._failed[name]
        if name in self._started or not (name in self.sources or name in self.again):
            return
        record = self._registry._record(name)
        execute_parents(record._p_runtime().table)
        # A package may have imported it.
        if name not in self._started:
            self._started.add(name)
            try:
                self._try(name, record, self.sources.get(name, record.source))
            except Exception as error:
                if name in self.again:
                    # It stays as it last was, and others may use it so.
                    self.stale[name] = f"{type(error).__name__}: {error}"
                else:
                    self._started.remove(name)
                    self._failed[name] = error
                    raise

    def run(self) -> list[Change]:
        """Try all, judge all, store all; return the changes by name.

        Raises what a source raises, DeletionRefused, LayoutRefused, and what
        the hooks of the policy raise; then everything is as it was.
        """
        _prepare(self._registry._p_jar)
        try:
            self._try_everything()
            explicit = [trial for trial in self._trials.values() if self._is_explicit(trial)]
            changes = [self._change(trial) for trial in explicit]
            changes += [self._removal(name) for name in sorted(self.removed)]
            for trial in explicit:
                for module, names in trial.imports.items():
                    self._policy.on_imports(trial.name, module, names)
            for change in changes:
                self._policy.judge(change)
        except BaseException:
            self._undo()
            raise
        finally:
            for trial in self._trials.values():
                trial.record._p_runtime().on_trial = False
        for trial in self._trials.values():
            if self._is_explicit(trial) or trial.name in self._needed:
                self._store(trial)
            else:
                trial.execution.keep()
                overlay.apply(trial.record._p_runtime().table)
        if self.new or self.removed or self.moves.definitions:
            self._registry._p_replace(self.new, self.removed, self.moves)
        self._registry._p_record_imports({each.name: each.record.imports for each in explicit})
        return sorted(changes, key=lambda change: change.module)

    def _try_everything(self) -> None:
        """Try the sources, and execute again what follows them.

        A source may fail because it was executed before: what it has registered
        elsewhere is there already.  Then what it imports is executed again, too,
        as in a new process.
        """
        changed = {*self.sources, *self.removed}
        imports = self._registry._p_imports()
        self._plan_again(changed, imports)
        try:
            self._try_all()
        except Exception:
            known = [name for name in self.sources if name not in self.new]
            needed = all_imported(known, imports)
            if not needed or not self._policy.execute_importers:
                raise
            self._undo()
            self._trials.clear()
            self._started.clear()
            self._plan_again({*changed, *needed}, imports)
            self._needed = needed - changed
            self.again |= self._needed
            self._try_all()

    def _plan_again(self, changed: set[str], imports: Mapping[str, Imports]) -> None:
        self.stale.clear()
        self.again = all_importers(changed, imports) - self.removed - set(self.sources)
        if not self._policy.execute_importers:
            self.stale.update(dict.fromkeys(sorted(self.again), "not executed again"))
            self.again = set()

    def _undo(self) -> None:
        for trial in reversed(self._trials.values()):
            trial.execution.undo()
            trial.record._p_runtime().on_trial = False

    def _is_explicit(self, trial: _Trial) -> bool:
        return trial.name in self.sources

    def _try_all(self) -> None:
        """Try all sources; what fails is tried again when another one has come to be.

        In a cycle of imports not every module can be the first, and an error
        may have been caught by the module that imports.
        """
        waiting = list(self.sources)
        while waiting:
            failed: dict[str, Exception] = {}
            for name in waiting:
                self._failed.clear()
                try:
                    self.try_source(name)
                except Exception as error:
                    failed[name] = error
            still = [name for name in failed if name not in self._started]
            if len(still) == len(waiting):
                raise failed[still[0]]
            waiting = still
        self._failed.clear()
        for name in sorted(self.again):
            self.try_source(name)
        # In a cycle, one of these may have been too early.
        for name in sorted(self.again & set(self.stale)):
            del self.stale[name]
            self._started.remove(name)
            self.try_source(name)

    def _try(self, name: str, record: Any, source: str) -> None:
        runtime = record._p_runtime()
        table = runtime.table
        is_importer = name in self.again and name not in self._needed
        revision = record.revision if is_importer else next_revision(record.revision, source)
        if record.revision is not None and name not in self.again:
            # A source that cannot be executed here may well be replaced.
            with table.errors_kept():
                runtime.refresh()
        before = frozenset(runtime.executor.names())
        names = table.name, table.former
        table.former = {**table.former, **self.moves.former_names(name)}
        runtime.executor.rename(name)
        identities = Identities(
            self._identities(record, table),
            new_token=f"{revision[0]}.{revision[1][:12]}",
            may_replace=self._policy.layout == "replace",
        )
        try:
            execution = runtime.executor.execute(source, revision, identities, is_reload=False)
        except BaseException:
            _give_back(runtime, names)
            raise
        execution.undoing.append(lambda: _give_back(runtime, names))
        runtime.on_trial = True
        imports = imports_of(source, table.namespace["__package__"])
        after = frozenset(runtime.executor.names())
        trial = _Trial(name, record, source, revision, execution, before, after, imports)
        self._trials[name] = trial

    def _identities(self, record: Any, table: Table) -> Mapping[str, tuple[str, str]]:
        """Return the identities of a module, under the names that they are to have.

        What is gone and is said to be the same again gets its last identity back.
        A record may lack what was no definition when it was stored.
        """
        known = {}
        if table.revision == record.revision:
            known = {name: token_of(value) for name, value in table.definitions.items()}
        known.update(record.identities)
        for new, old in table.former.items():
            relic = newest_relic(record, old)
            if old in known and new not in known:
                known[new] = known.pop(old)
            elif new == old and new not in known and relic is not None:
                known[new] = relic.identities[new]
        return known

    # Judging

    def _importers(self, name: str) -> Mapping[str, tuple[str, ...]]:
        """Return who will import what from a module."""
        gone = self.removed
        imports = {each: trial.imports for each, trial in self._trials.items()}
        users = importers_of(name, {**self._registry._p_imports(), **imports})
        return {each: names for each, names in users.items() if each not in gone}

    def _change(self, trial: _Trial) -> Change:
        gone = sorted(trial.before - trial.after)
        moved = {old for (_, old) in self.moves.definitions}
        uses = self._importers(trial.name) if gone else {}
        users = {
            name: tuple(importer for importer, names in uses.items() if {name, "*"} & set(names))
            for name in gone
        }
        return Change(
            trial.name,
            added=tuple(sorted(trial.after - trial.before)),
            deleted=tuple(gone),
            replaced=tuple(trial.execution.replaced),
            users={name: importers for name, importers in users.items() if importers},
            stored=self._stored_uses(trial.record, set(gone) - moved),
            **self._following(trial.name),
        )

    def _removal(self, name: str) -> Change:
        users = tuple(self._importers(name))
        record = self._registry._records[name]
        # Who imports what has moved must use the new name; what is stored follows.
        has_moved = name in self.moves.modules
        stored = {} if has_moved else self._stored_uses(record, record.anchors.objects)
        uses = Uses(
            sum(each.instances for each in stored.values()),
            sum(each.references for each in stored.values()),
        )
        return Change(
            name,
            deleted=(name,),
            users={name: users} if users else {},
            stored={name: uses} if stored else {},
            **self._following(name),
        )

    def _following(self, name: str) -> dict[str, Any]:
        """Return which importers of a module were executed again, and which were not, and why."""
        users = all_importers([name], self._registry._p_imports())
        return {
            "executed": tuple(sorted(self.again & users & set(self._trials))),
            "stale": {each: self.stale[each] for each in sorted(users & set(self.stale))},
        }

    def _stored_uses(self, record: Any, gone: Iterable[str]) -> Mapping[str, Uses]:
        """Return who uses what is gone in the database, so far as that was ever stored."""
        anchors = record.anchors.objects
        oids = {name: anchors[name]._p_oid for name in gone if name in anchors}
        if not oids or record._p_jar is None or not self._policy.count_stored:
            return {}
        own = {record._p_oid, record.anchors._p_oid, record.relics._p_oid}
        own |= {value._p_oid for value in anchors.values()}
        return count_uses(record._p_jar, oids, record.name, frozenset(own - {None}))

    # Storing

    def _store(self, trial: _Trial) -> None:
        record = trial.record
        table = record._p_runtime().table
        table.error = None
        trial.execution.keep()
        definitions = table.definitions
        identities = {name: token_of(value) for name, value in definitions.items()}
        self._keep_relics(record, identities)
        record.name, record.former = trial.name, table.former
        record.source = trial.source
        record.revision = trial.revision
        record.identities = identities
        record.is_quiet = not self._policy.execute_importers
        if self._is_explicit(trial):
            record.imports = dict(trial.imports) if self._policy.record_imports else {}
            if record.overlay:
                record.overlay = {}
        overlay.apply(table)
        objects = {n: v for n, v in definitions.items() if identities[n][0] != "interface"}
        if objects != record.anchors.objects:
            record.anchors.objects = objects
        # All that the module defines is written with it, so that it is
        # invalidated wherever it is in memory (PM-34).
        for value in objects.values():
            value._p_changed = True

    def _keep_relics(self, record: Any, identities: Mapping[str, tuple[str, str]]) -> None:
        """Keep the last source of what is not defined any more (PM-45).

        Those that nothing has come to refer to since they were kept are let go of.
        """
        gone = {
            (name, known[1])
            for name, known in record.identities.items()
            if identities.get(name) != known
        }
        if gone:
            relic = make_record(self._registry, record.name, record.is_package)
            relic.source, relic.revision = record.source, record.revision
            relic.identities = record.identities
            known = record.relics.objects
            unused: set[tuple[str, str]] = set()
            if known and record._p_jar is not None and self._policy.count_stored:
                unused = unused_relics(record, scan(record._p_jar))
            kept = {key: value for key, value in known.items() if key not in unused}
            record.relics.objects = {**kept, **dict.fromkeys(gone, relic)}


def _prepare(jar: Any) -> None:
    """Have a connection of ZODB be as its class factory wants it: it may have loaded nothing."""
    database = jar.db() if jar is not None else None
    prepare = getattr(getattr(database, "classFactory", None), "prepare", None)
    if prepare is not None:
        prepare(jar)


def _give_back(runtime: Any, names: tuple[str, Mapping[str, str]]) -> None:
    """Give a module the names back that it had before a trial."""
    name, runtime.table.former = names
    runtime.executor.rename(name)
