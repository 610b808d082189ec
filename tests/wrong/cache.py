"""Wrong caches: the mapping, the counts, the sizes, what is kept alive."""

from tests.wrong.making import wrong

wrong(
    "ignores the default of get",
    breaks="CACHE-01",
    module="picklecache",
    old="return self._classes.get(oid, default)",
    new="return self._classes.get(oid)",
)
wrong(
    "answers None for an unknown oid",
    breaks="CACHE-01 CACHE-33",
    module="picklecache",
    old="        if value is None:\n            raise KeyError(oid)\n        return value",
    new="        return value",
)
wrong(
    "takes an object under any key",
    breaks="CACHE-05",
    module="picklecache",
    old="if value_oid != oid:",
    new="if False:",
)
wrong(
    "takes an object without a jar",
    breaks="CACHE-05",
    module="picklecache",
    old="if value._p_jar is None:",
    new="if False:",
)
wrong(
    "takes an object of another cache",
    breaks="CACHE-05",
    module="picklecache",
    old='raise ValueError("Cache values may only be in one cache.")',
    new="pass",
)
wrong(
    "takes what is not persistent",
    breaks="CACHE-05",
    module="picklecache",
    old="if not issubclass(type(value), (type, Persistent)):",
    new="if False:",
)
wrong(
    "leaves a stored object out of the ring",
    breaks="CACHE-05 CACHE-11",
    module="picklecache",
    old="            if head.state != GHOST:\n                self._enter(head, value)\n",
    new="",
)
wrong(
    "leaves a deleted object in the ring",
    breaks="CACHE-33",
    module="picklecache",
    old="            if head.next is not None:\n"
    "                self._leave(head)\n"
    "            head.cache",
    new="            head.cache",
)
wrong(
    "deletes an unknown oid in silence",
    breaks="CACHE-33",
    module="picklecache",
    old="if obj is None:\n                raise KeyError(oid)",
    new="if obj is None:\n                return",
)
wrong(
    "goes on to claim a deleted object",
    breaks="CACHE-07",
    module="picklecache",
    old="head.cache = head.object = None",
    new="head.object = None",
)
wrong(
    "does not count classes in its length",
    breaks="CACHE-08 CLASS-01",
    module="picklecache",
    old="return len(self._objects) + len(self._classes)",
    new="return len(self._objects)",
)
wrong(
    "counts loaded objects as its length",
    breaks="CACHE-08",
    module="picklecache",
    old="return len(self._objects) + len(self._classes)",
    new="return self._loaded + len(self._classes)",
)
wrong(
    "lists classes among the objects",
    breaks="CACHE-09",
    module="picklecache",
    old="in list(self._objects.items())]",
    new="in [*self._objects.items(), *self._classes.items()]]",
)
wrong(
    "lists the ring from the most recently used object",
    breaks="CACHE-10",
    module="picklecache",
    old="for obj in self._ring]",
    new="for obj in reversed(list(self._ring))]",
)
wrong(
    "counts ghosts as in the ring",
    breaks="CACHE-10 CACHE-11",
    module="picklecache",
    old='(CACHE-10, CACHE-11)."""\n        return self._loaded',
    new='(CACHE-10, CACHE-11)."""\n        return len(self._objects)',
)
wrong(
    "never counts down",
    breaks="CACHE-11",
    module="picklecache",
    old="        self._loaded -= 1\n",
    new="",
)
wrong(
    "hands out its own dict",
    breaks="CACHE-12",
    module="picklecache",
    old="return dict(self.items())",
    new="return self._objects",
)
wrong(
    "counts no classes",
    breaks="CACHE-13 CLASS-01",
    module="picklecache",
    old='(CACHE-13)."""\n        return len(self._classes)',
    new='(CACHE-13)."""\n        return 0',
)
wrong(
    "holds ghosts strongly",
    breaks="CACHE-15 CACHE-17 CACHE-28",
    module="picklecache",
    old="Persistent | Head] = WeakValueDictionary()",
    new="Persistent | Head] = {}",
)
wrong(
    "does not hold loaded objects",
    breaks="CACHE-16",
    module="ring",
    old="        node.object = obj\n",
    new="",
)
wrong(
    "tells no states in debug_info",
    breaks="CACHE-18",
    module="picklecache",
    old=", _state_of(value))",
    new=")",
)
wrong(
    "tells ids in debug_info",
    breaks="CACHE-18",
    module="picklecache",
    old="(oid, _counted(value), type(value).__name__,",
    new="(oid, _counted(value), id(value),",
)
wrong(
    "adds every size that it is told",
    breaks="CACHE-19",
    module="picklecache",
    old="head.share + rounded_size(new_size) - head.size",
    new="head.share + rounded_size(new_size)",
)
wrong(
    "counts the size of a ghost",
    breaks="CACHE-19",
    module="picklecache",
    old="            if head.next is not None:\n                self._count(",
    new="            if True:\n                self._count(",
)
wrong(
    "counts sizes as they are told",
    breaks="CACHE-19",
    module="picklecache",
    old="head.share + rounded_size(new_size) - head.size",
    new="head.share + new_size - head.size",
)
wrong(
    "does not count a loaded object's size",
    breaks="CACHE-20",
    module="picklecache",
    old="        self._count(head, head.size)\n",
    new="",
)
wrong(
    "does not say what it implements",
    breaks="CACHE-24",
    module="picklecache",
    old="@implementer(IExtendedPickleCache)\n",
    new="",
)
wrong(
    "reifies nothing",
    breaks="CACHE-25",
    module="picklecache",
    old="value._p_activate()",
    new="pass",
)
wrong(
    "reifies in silence what it does not know",
    breaks="CACHE-25",
    module="picklecache",
    old="            value = self[oid]\n            if not issubclass(type(value), type) and",
    new="            value = self.get(oid)\n"
    "            if value is not None and not issubclass(type(value), type) and",
)
wrong(
    "does not move what mru names",
    breaks="CACHE-26",
    module="picklecache",
    old="self._ring.move_to_head(head)",
    new="pass",
)
wrong(
    "cannot hold what has no weak references",
    breaks="CACHE-28",
    module="picklecache",
    old="            self._objects[oid] = head\n            head.object = obj",
    new="            raise",
)
wrong(
    "ignores the size in bytes that it is given",
    breaks="CACHE-30 GC-06",
    module="picklecache",
    old="self.cache_size_bytes = cache_size_bytes",
    new="self.cache_size_bytes = 0",
)
wrong(
    "ignores the size that it is given",
    breaks="CACHE-30",
    module="picklecache",
    old="self.cache_size = target_size",
    new="self.cache_size = 100",
)
wrong(
    "sweeps changed objects",
    breaks="CACHE-31 GC-03 GC-04",
    module="picklecache",
    old="                    node = node.next\n                    continue",
    new="                    node.object._p_invalidate()\n"
    "                    node = ring.first\n"
    "                    continue",
)

wrong(
    "asks an object for its truth",
    breaks="CACHE-37",
    module="picklecache",
    old="        return self._classes.get(oid, default) if value is None else value",
    new="        return value or self._classes.get(oid, value if default is None else default)",
)
wrong(
    "asks an object for its class",
    breaks="CACHE-37",
    module="picklecache",
    old="        if not issubclass(type(value), type):\n            head",
    new="        if not isinstance(value, type):\n            head",
)
wrong(
    "asks an object for its hash",
    breaks="CACHE-37",
    module="picklecache",
    old="        _require_cacheable(value)\n        value_oid",
    new="        _require_cacheable(value)\n        hash(value)\n        value_oid",
)
