"""Wrong ways to invalidate through the cache."""

from tests.wrong.making import wrong

wrong(
    "invalidates no single oid",
    breaks="INV-01",
    module="picklecache",
    old="return [oids] if issubclass(type(oids), bytes) else list(oids)",
    new="return [] if issubclass(type(oids), bytes) else list(oids)",
)
wrong(
    "raises for an unknown oid",
    breaks="INV-01",
    module="picklecache",
    old="            if obj is not None:\n                obj._p_invalidate()",
    new="            if obj is None:\n"
    "                raise KeyError(oid)\n"
    "            obj._p_invalidate()",
)
wrong(
    "invalidates the oids of lists only",
    breaks="INV-02",
    module="picklecache",
    old="else list(oids)",
    new="else oids.copy()",
)
wrong(
    "empties the list that it is given",
    breaks="INV-03",
    module="picklecache",
    old="return [oids] if issubclass(type(oids), bytes) else list(oids)",
    new="if issubclass(type(oids), bytes):\n"
    "        return [oids]\n"
    "    found = list(oids)\n"
    "    if hasattr(oids, 'clear'):\n"
    "        oids.clear()\n"
    "    return found",
)
wrong(
    "only deactivates",
    breaks="INV-04",
    module="picklecache",
    old="obj._p_invalidate()",
    new="obj._p_deactivate()",
)
wrong(
    "forgets what it invalidates",
    breaks="INV-05",
    module="picklecache",
    old="                obj._p_invalidate()",
    new="                obj._p_invalidate()\n"
    "                head_of(obj).cache = None\n"
    "                del self._objects[oid]",
)
wrong(
    "loads again what is invalidated twice",
    breaks="INV-06",
    module="picklecache",
    old="                obj._p_invalidate()",
    new="                if head_of(obj).state == GHOST:\n"
    "                    obj._p_activate()\n"
    "                else:\n"
    "                    obj._p_invalidate()",
)
wrong(
    "keeps an invalidated class",
    breaks="INV-08",
    module="picklecache",
    old="self._classes.pop(oid)",
    new="self._classes[oid]",
)
wrong(
    "swallows the error of a hook",
    breaks="INV-10",
    module="picklecache",
    old="        if failure is not None:\n            raise failure\n",
    new="",
)
