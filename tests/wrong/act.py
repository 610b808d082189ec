"""Wrong about activation, deactivation and invalidation."""

from tests.wrong.making import wrong

# Activation

wrong(
    "activates without loading",
    breaks="ACT-01",
    module="persistence",
    old="_load(self, head)\n\n    def _p_deactivate",
    new="head.state = UPTODATE\n\n    def _p_deactivate",
)
wrong(
    "activates what is loaded already",
    breaks="ACT-02 ACT-03",
    module="persistence",
    old="if head.state == GHOST:\n            _load(self, head)\n\n    def _p_deactivate",
    new="if head.jar is not None:\n            _load(self, head)\n\n    def _p_deactivate",
)
wrong(
    "shows the jar a saved object",
    breaks="ACT-04 ACT-31",
    module="persistence",
    old="head.state = CHANGED\n    head.loading = True",
    new="head.state = UPTODATE\n    head.loading = False",
)
wrong(
    "shows the jar a ghost",
    breaks="ACT-04 ACT-31",
    module="persistence",
    old="head.state = CHANGED\n    head.loading = True",
    new="head.loading = False",
)
wrong(
    "believes the state in which setstate leaves the object",
    breaks="ACT-05 TRANS-12",
    module="persistence",
    old="head.state = UPTODATE\n    # The jar",
    new="head.state = abs(head.state)\n    # The jar",
)
wrong(
    "enters what it loads as least recently used",
    breaks="ACT-29 ACT-35",
    module="picklecache",
    old="self._ring.add(head, obj)",
    new="self._ring.insert_after(head, self._ring._home); head.object = obj",
)
wrong(
    "does not count what it loads",
    breaks="ACT-29",
    module="picklecache",
    old="self._ring.add(head, obj)\n        self._loaded += 1",
    new="self._ring.add(head, obj)",
)
wrong(
    "tells the cache of a load when it is over",
    breaks="ACT-35",
    module="persistence",
    old="if head.cache is not None:\n        head.cache._enter(head, obj)\n    # Seen",
    new="# Seen",
)
wrong(
    "loads again what setstate invalidates",
    breaks="ACT-34",
    module="persistence",
    old="if head.loading:\n        return",
    new="",
)
wrong(
    "leaves what setstate invalidates out of the ring",
    breaks="ACT-34",
    module="persistence",
    old="if head.cache is not None and head.next is None:",
    new="if False:",
)

# Activation that fails

wrong(
    "forgets to ghost after errors that are no Exception",
    breaks="ACT-06 ACT-07",
    module="persistence",
    old="except BaseException:",
    new="except Exception:",
)
wrong(
    "loses the error of a load",
    breaks="ACT-06 ACT-28",
    module="persistence",
    old="_ghostify(obj, head)\n        raise",
    new="_ghostify(obj, head)\n        return",
)
wrong(
    "raises SystemError when setstate raises",
    breaks="ACT-06 ACT-28",
    module="persistence",
    old="_ghostify(obj, head)\n        raise",
    new="_ghostify(obj, head)\n        raise SystemError('error return without exception set')",
)
wrong(
    "keeps what a failed load had set",
    breaks="ACT-07 ACT-28 ACT-33",
    module="persistence",
    old="_ghostify(obj, head)\n        raise",
    new="head.state = GHOST\n        if head.next is not None:\n"
    "            head.cache._leave(head)\n        raise",
)
wrong(
    "leaves a ghost whose load failed in the ring",
    breaks="ACT-07",
    module="persistence",
    old="_ghostify(obj, head)\n        raise",
    new="drop_data(obj, True)\n        head.state = GHOST\n        raise",
)

# Deactivation

wrong(
    "passes an overridden _p_deactivate by when None is assigned",
    breaks="ACT-09",
    module="persistence",
    old="self._p_deactivate()\n        elif value:",
    new="Persistent._p_deactivate(self)\n        elif value:",
)
wrong(
    "ignores None as a value of _p_changed",
    breaks="ACT-09 ACT-15 ACT-17 ACT-30",
    module="persistence",
    old="self._p_deactivate()\n        elif value:",
    new="pass\n        elif value:",
)
wrong(
    "deactivates changed objects",
    breaks="ACT-10 ACT-14",
    module="persistence",
    old="if head.state == UPTODATE:\n            _ghostify(self, head)",
    new="if head.state in (UPTODATE, CHANGED):\n            _ghostify(self, head)",
)
wrong(
    "deactivates sticky objects on request",
    breaks="ACT-11 ACT-14",
    module="persistence",
    old="if head.state == UPTODATE:\n            _ghostify(self, head)",
    new="if head.state in (UPTODATE, STICKY):\n            _ghostify(self, head)",
)
wrong(
    "loads a ghost to deactivate it",
    breaks="ACT-13 ACT-14",
    module="persistence",
    old="if head.state == UPTODATE:\n            _ghostify(self, head)",
    new="_use(self)\n        if head.state == UPTODATE:\n            _ghostify(self, head)",
)
wrong(
    "keeps volatile attributes in ghosts",
    breaks="ACT-15",
    module="data",
    old="found = bool(instance_dict)\n    if instance_dict:\n        instance_dict.clear()",
    new="found = False\n    for name in [k for k in instance_dict or () if str(k)[:3] != '_v_']:\n"
    "        del instance_dict[name]",
)
wrong(
    "keeps volatile slots in ghosts",
    breaks="ACT-16",
    module="data",
    old='if not name.startswith("_p_")]',
    new='if not name.startswith(("_p_", "_v_"))]',
)
wrong(
    "clears _p_ slots",
    breaks="ACT-16",
    module="data",
    old='if not name.startswith("_p_")]',
    new='if name != "_p_head"]',
)
wrong(
    "clears the slots of classes with their own __new__",
    breaks="ACT-16",
    module="persistence",
    old="with_slots=type(obj).__new__ is Persistent.__new__",
    new="with_slots=True",
)
wrong(
    "keeps the data of ghosts without a cache",
    breaks="ACT-15 ACT-16 ACT-30 ACT-33",
    module="persistence",
    old="drop_data(obj, with_slots=",
    new="head.cache is not None and drop_data(obj, with_slots=",
)
wrong(
    "leaves ghosts in the ring",
    breaks="ACT-17 CAPI-10",
    module="persistence",
    old="if head.next is not None:\n        head.cache._leave(head)",
    new="if False:\n        head.cache._leave(head)",
)
wrong(
    "goes on counting what became a ghost",
    breaks="ACT-07 ACT-17",
    module="picklecache",
    old="self._loaded -= 1\n        obj = self._ring.delete(head)",
    new="obj = self._ring.delete(head)",
)

# Invalidation

wrong(
    "keeps changes when it is invalidated",
    breaks="ACT-18 ACT-20",
    module="persistence",
    old="if head.state != GHOST:\n            head.state = UPTODATE\n            try",
    new="if head.state == UPTODATE:\n            head.state = UPTODATE\n            try",
)
wrong(
    "lets a class refuse to be invalidated",
    breaks="ACT-19 ACT-30 ACT-32",
    module="persistence",
    old="finally:\n                _ghostify(self, head)",
    new="finally:\n                pass",
)
wrong(
    "ignores the deletion of _p_changed",
    breaks="ACT-20 ACT-21 ACT-32",
    module="persistence",
    old="self._p_invalidate()",
    new="pass",
)
wrong(
    "passes an overridden _p_invalidate by when _p_changed is deleted",
    breaks="ACT-21",
    module="persistence",
    old="self._p_invalidate()",
    new="Persistent._p_invalidate(self)",
)
wrong(
    "passes an overridden _p_deactivate by when it is invalidated",
    breaks="ACT-22",
    module="persistence",
    old="self._p_deactivate()\n            finally",
    new="pass\n            finally",
)
wrong(
    "loses errors of an overridden _p_deactivate",
    breaks="ACT-25",
    module="persistence",
    old="self._p_deactivate()\n            finally",
    new="self._p_deactivate()\n            except Exception:\n"
    "                pass\n            finally",
)
wrong(
    "makes ghosts of unsaved objects",
    breaks="ACT-26",
    module="persistence",
    old="if head.state == GHOST or head.jar is None:",
    new="if head.state == GHOST:",
)
