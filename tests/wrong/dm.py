"""Wrong implementations: data managers and their objects."""

from tests.wrong.making import wrong

wrong(
    "does not put added objects into the cache",
    breaks="DM-01 CONN-01 CONN-07 CONN-08",
    module="datamanager",
    old="            if oid in self._added:\n                self._cache[oid] = obj\n",
    new="",
)
wrong(
    "leaves an object changed when it is loaded",
    breaks="DM-02 DM-07",
    module="persistence",
    old="    head.state = UPTODATE\n    # The jar may",
    new="    # The jar may",
)
wrong(
    "gives the last state for every transaction",
    breaks="DM-03",
    module="datamanager",
    old="            if record.tid == tid:",
    new="            if tid:",
)
wrong(
    "demands an oid of an object that registers",
    breaks="DM-05",
    module="persistence",
    old="if head.state == CHANGED or head.jar is None or",
    new="if head.state == CHANGED or head.oid is None or head.jar is None or",
)
wrong(
    "demands a cache of every jar",
    breaks="DM-07",
    module="persistence",
    old="        head.jar.setstate(obj)",
    new="        head.jar._cache\n        head.jar.setstate(obj)",
)
