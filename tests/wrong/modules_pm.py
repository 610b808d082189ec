"""Wrong implementations: persistent modules, their updates and their state."""

from tests.wrong.making import wrong

wrong(
    "registers a module before it is executed",
    breaks="PM-04",
    module="modules/registry",
    old="            self._plan(batch, own, source, package or is_init)\n",
    new="            self._plan(batch, own, source, package or is_init)\n"
    "            self._p_replace(batch.new, set())\n",
)
wrong(
    "stores modules without their source",
    breaks="PM-07 PM-29 PM-40 PM-43 PM-47",
    module="modules/changing/batch",
    old="        record.source = trial.source\n",
    new="",
)
wrong(
    "executes a source in a copy of the namespace",
    breaks="PM-20",
    module="modules/executing/executor",
    old="                exec(code, self._namespace)\n",
    new="                namespace = dict(self._namespace)\n"
    "                exec(code, namespace)\n"
    "                self._namespace.update(namespace)\n",
)
wrong(
    "makes a new class of each definition",
    breaks="PM-21 PC-04 PC-20",
    module="modules/executing/defining",
    old='    cls = table.get("class", qualname, token)\n    stand_in = None\n',
    new="    cls = stand_in = None\n",
)
wrong(
    "makes a new function of each definition",
    breaks="PM-23",
    module="modules/executing/execution",
    old="        if bodies.can_become(old, function):\n",
    new="        if False:\n",
)
wrong(
    "does not follow in functions that functions have made",
    breaks="PM-21",
    module="modules/executing/executor",
    old="            execution.closures = update_closures(table.code, code, self._namespace)\n",
    new="            pass\n",
)
wrong(
    "never executes a module again",
    breaks="PM-28 PM-29 PM-34 PC-02 PC-03 PC-05 PC-06 PC-18 PC-19 PC-20 PI-02 PI-04 PI-05",
    module="modules/changing/runtime",
    old="        return is_fresh and not table.is_stale\n",
    new="        return table.revision is not None\n",
)
wrong(
    "keeps what a failed execution has done",
    breaks="PM-31",
    module="modules/executing/executor",
    old="        except BaseException:\n            execution.undo()\n            raise\n",
    new="        except BaseException:\n            raise\n",
)
wrong(
    "keeps the names of the last execution",
    breaks="PM-33",
    module="modules/executing/executor",
    old="        for name in [name for name in self._namespace if name not in self._fixed]:\n",
    new="        for name in []:\n",
)
wrong(
    "writes the module alone",
    breaks="PM-34",
    module="modules/changing/batch",
    old="        for value in objects.values():\n            value._p_changed = True\n",
    new="",
)
wrong(
    "stores the data that are assigned to any module",
    breaks="PM-35",
    module="modules/changing/batch",
    old="    record.overlay = None\n",
    new="    record.overlay = {}\n",
)
wrong(
    "refuses no deletion",
    breaks="PM-37",
    module="modules/policy",
    old='        if self.deletion == "refuse":\n',
    new="        if False:\n",
)
wrong(
    "stores what a source computes",
    breaks="PM-40",
    module="modules/changing/batch",
    old="        record.identities = identities\n        record.is_quiet",
    new="        record.identities = identities\n"
    "        record.data = [v for v in table.namespace.values() if isinstance(v, str)]\n"
    "        record.is_quiet",
)
wrong(
    "stores code",
    breaks="PM-41",
    module="modules/changing/batch",
    old="        record.identities = identities\n        record.is_quiet",
    new="        record.identities = identities\n"
    "        record.code = __import__('marshal').dumps(table.code)\n"
    "        record.is_quiet",
)
wrong(
    "records no imports",
    breaks="PM-37 PM-43",
    module="modules/changing/batch",
    old="            record.imports = dict(trial.imports) if self._policy.record_imports else {}\n",
    new="            pass\n",
)
wrong(
    "gives a name that returns its old identity",
    breaks="PM-45",
    module="modules/changing/batch",
    old='            new_token=f"{revision[0]}.{revision[1][:12]}",\n',
    new='            new_token="1",\n',
)
wrong(
    "imports the files of a tree one by one",
    breaks="PM-46",
    module="modules/files",
    old="        registry.apply(sources, renames=renames, policy=policy)\n",
    new="        for name, source in sources.items():\n"
    "            registry.apply({name: source}, renames=renames, policy=policy)\n",
)
wrong(
    "shows no source",
    breaks="PM-47",
    module="modules/live",
    old="        source: str = self._table.record.source\n",
    new='        source = ""\n',
)
wrong(
    "needs what is stored beside the source",
    breaks="PM-40",
    module="modules/changing/runtime",
    old="        if present is not None and token_of(present)[0] == kind:\n",
    new="        if False:\n",
)
wrong(
    "executes a module before its package",
    breaks="PM-50",
    module="modules/definitions/siblings",
    old="        record._p_runtime().use_as_parent()\n",
    new="        pass\n",
)
wrong(
    "cannot load what refers to a source that fails",
    breaks="PM-51",
    module="modules/changing/runtime",
    old="            with table.errors_kept():\n                self.refresh()\n"
    "            found = table.get(kind, qualname, token)\n",
    new="            self.refresh()\n            found = table.get(kind, qualname, token)\n",
)
wrong(
    "executes what it compares",
    breaks="PM-52",
    module="modules/files",
    old="        found[path] = registry.source(name)\n",
    new="        registry.module(name)\n        found[path] = registry.source(name)\n",
)
wrong(
    "lists broken modules, and not what needs them",
    breaks="PM-53",
    module="modules/doctor",
    old="        if counted[name]:\n",
    new="        if False:\n",
)
wrong(
    "counts importers only",
    breaks="PM-54",
    module="modules/changing/batch",
    old="        return count_uses(record._p_jar, oids, record.name, frozenset(own - {None}))\n",
    new="        return {}\n",
)
wrong(
    "leaves importers as they are",
    breaks="PM-55",
    module="modules/changing/runtime",
    old="        if is_change and not record.is_quiet:\n",
    new="        if False:\n",
)
wrong(
    "leaves what is imported as it is",
    breaks="PM-56",
    module="modules/changing/batch",
    old="            needed = all_imported(known, imports)\n",
    new="            needed = set()\n",
)
wrong(
    "executes importers whatever the policy says",
    breaks="PM-57",
    module="modules/changing/batch",
    old="        if not self._policy.execute_importers:\n            self.stale",
    new="        if False:\n            self.stale",
)
wrong(
    "has one module for all threads",
    breaks="PM-58",
    module="modules/executing/visible",
    old="            sys.modules.setdefault(name, Place(name, partial(_seen, name, module)))\n",
    new="            sys.modules.setdefault(name, module)\n",
)
wrong(
    "makes what is renamed anew",
    breaks="PM-59",
    module="modules/changing/batch",
    old="            if old in known and new not in known:\n",
    new="            if False:\n",
)
wrong(
    "shows registries what they have already",
    breaks="PM-56",
    module="modules/executing/executor",
    old="                    if not is_registered:\n",
    new="                    if True:\n",
)
wrong(
    "puts no revision back",
    breaks="PM-60",
    module="modules/registry",
    old="            if version.number == number:\n",
    new="            if False:\n",
)
wrong(
    "forgets the policy of a registry",
    breaks="PM-61",
    module="modules/registry",
    old="        return self._policy or _DEFAULT\n",
    new="        return _DEFAULT\n",
)
wrong(
    "gives modules no place that tools find",
    breaks="PM-47",
    module="modules/definitions/places",
    old="            sys.modules[self._place] = Place(str(self), self._module)\n",
    new="            pass\n",
)
wrong(
    "sets states as they were stored",
    breaks="PM-62",
    module="modules/storing/upgrading",
    old="            state = self.__upgrade__(state)\n",
    new="            pass\n",
)
wrong(
    "leaves the states in memory as an earlier source has stored them",
    breaks="PM-62",
    module="modules/storing/upgrading",
    old="        cache.minimize()\n",
    new="        pass\n",
)
wrong(
    "stores nothing of what it upgrades",
    breaks="PM-62",
    module="modules/storing/upgrading",
    old="            obj._p_changed = True\n            changed += 1\n",
    new="            changed += 1\n",
)
wrong(
    "keeps every source for ever",
    breaks="PM-63",
    module="modules/changing/batch",
    old="                unused = unused_relics(record, scan(record._p_jar))\n",
    new="                pass\n",
)
wrong(
    "keeps no source of what is deleted",
    breaks="PM-63",
    module="modules/changing/batch",
    old="            kept = {key: value for key, value in known.items() if key not in unused}\n",
    new="            kept = {}\n",
)
wrong(
    "drops what adapters carry",
    breaks="PM-48",
    module="modules/files",
    old="                    adapter.write(registry, step.name, step.source)\n",
    new="                    pass\n",
)
