"""Wrong ways to make a ghost from scratch."""

from tests.wrong.making import wrong

wrong(
    "leaves a new ghost as it is",
    breaks="GHOST-01",
    module="picklecache",
    old="            head.oid = oid\n            head.state = GHOST\n",
    new="            head.oid = oid\n",
)
wrong(
    "empties the dict of a new ghost",
    breaks="GHOST-01",
    module="picklecache",
    old="            head.state = GHOST\n",
    new="            head.state = GHOST\n            getattr(obj, '__dict__', {}).clear()\n",
)
wrong(
    "gives a new ghost no oid",
    breaks="GHOST-01",
    module="picklecache",
    old="            head.oid = oid\n",
    new="",
)
wrong(
    "makes a ghost of a class without an oid",
    breaks="GHOST-02",
    module="picklecache",
    old="if obj._p_oid is not None:",
    new='if getattr(obj, "_p_oid", None) is not None:',
)
wrong(
    "makes a ghost of an object that has an oid",
    breaks="GHOST-03",
    module="picklecache",
    old="if obj._p_oid is not None:",
    new="if False:",
)
wrong(
    "makes a ghost of an object that has a jar",
    breaks="GHOST-03",
    module="picklecache",
    old="if obj._p_jar is not None:",
    new="if False:",
)
wrong(
    "makes a ghost under a used oid",
    breaks="GHOST-04",
    module="picklecache",
    old="if self.get(oid) is not None:",
    new="if False:",
)
wrong(
    "makes a ghost under any kind of oid",
    breaks="GHOST-07",
    module="picklecache",
    old="        require_bytes(oid)\n        require_filled(oid)\n",
    new="",
)
wrong(
    "deactivates a new ghost by its hook",
    breaks="GHOST-06",
    module="picklecache",
    old="            head.state = GHOST\n",
    new="            obj._p_deactivate()\n            head.state = GHOST\n",
)
