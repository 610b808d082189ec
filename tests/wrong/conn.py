"""Wrong implementations: commit, abort and other data managers."""

from tests.wrong.making import wrong

wrong(
    "makes what was committed a ghost",
    breaks="CONN-01",
    module="datamanager",
    old="self._set_revision(obj, Record(tid, data))",
    new="obj._p_invalidate()",
)
wrong(
    "leaves what was committed changed",
    breaks="CONN-01",
    module="datamanager",
    old="            obj._p_changed = False\n            self._set_revision(",
    new="            self._set_revision(",
)
wrong(
    "stores nothing but what was registered",
    breaks="CONN-01 CONN-14",
    module="datamanager",
    old="found.append(value)",
    new="pass",
)
wrong(
    "keeps the data of an aborted object",
    breaks="CONN-02",
    module="datamanager",
    old="            obj._p_invalidate()",
    new="            obj._p_changed = False",
)
wrong(
    "keeps the jar of an added object after an abort",
    breaks="CONN-03",
    module="datamanager",
    old="            del obj._p_jar\n",
    new="",
)
wrong(
    "sees the commits of others at once",
    breaks="CONN-06",
    module="datamanager",
    old="record = self._storage.load(obj._p_oid, self._view)",
    new="record = self._storage.load(obj._p_oid)",
)
wrong(
    "never sees the commits of others",
    breaks="CONN-06 CONN-09",
    module="datamanager",
    old="        self._cache.invalidate(\n",
    new="        list(\n",
)
wrong(
    "ghosts its own objects after its own commit",
    breaks="CONN-01 CONN-06",
    module="datamanager",
    old="if each.tid != own for oid in each.oids",
    new="for oid in each.oids",
)
wrong(
    "overwrites what others have committed",
    breaks="CONN-07 CONN-11 PM-30",
    module="datamanager",
    old="        if last.tid != obj._p_serial:",
    new="        if False:",
)
wrong(
    "keeps everything when the cache is minimized",
    breaks="CONN-08",
    module="picklecache",
    old="        _warn_of(ignored)\n        self._sweep(0, 0)",
    new="        _warn_of(ignored)",
)
wrong(
    "loads what is referred to when it commits",
    breaks="CONN-10",
    module="datamanager",
    old='            return ("object", None, value._p_oid)',
    new='            value._p_activate()\n            return ("object", None, value._p_oid)',
)
wrong(
    "gives a new object every time",
    breaks="CONN-13 CONN-14",
    module="datamanager",
    old="            self._cache.new_ghost(oid, obj)",
    new="            obj._p_jar, obj._p_oid = self, oid\n            obj._p_deactivate()",
)
wrong(
    "loads what an object refers to at once",
    breaks="CONN-14",
    module="datamanager",
    old='            if kind == "object":\n',
    new='            if kind == "object":\n                self.get(oid)._p_activate()\n',
)
wrong(
    "gives every revision the same serial",
    breaks="CONN-15",
    module="datamanager",
    old="tid = self.last_tid = last.laterThan(last).raw()",
    new="tid = self.last_tid",
)
