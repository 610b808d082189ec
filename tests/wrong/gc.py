"""Wrong ways to evict."""

from tests.wrong.making import wrong

wrong(
    "keeps one object too many",
    breaks="GC-01 GC-02",
    module="picklecache",
    old="self._loaded > target)",
    new="self._loaded > target + 1)",
)
wrong(
    "evicts nothing",
    breaks="GC-01 GC-02 GC-03",
    module="picklecache",
    old="            target = min(target, drained)\n"
    "        self._sweep(target, self.cache_size_bytes)",
    new="            target = min(target, drained)",
)
wrong(
    "evicts from the most recently used object on",
    breaks="GC-02",
    module="picklecache",
    old="node = ring.first",
    new="node = end.prev",
)
wrong(
    "stops at an object that is not saved",
    breaks="GC-03 GC-04",
    module="picklecache",
    old="                    node = node.next\n                    continue",
    new="                    break",
)
wrong(
    "keeps to its size in a full sweep",
    breaks="GC-04",
    module="picklecache",
    old='(GC-04)."""\n        self._sweep(0, 0)',
    new='(GC-04)."""\n        self._sweep(self.cache_size, 0)',
)
wrong(
    "takes no size for no limit",
    breaks="GC-05",
    module="picklecache",
    old="        if not target and not target_bytes:\n            return True\n",
    new="",
)
wrong(
    "evicts at the limit in bytes",
    breaks="GC-06",
    module="picklecache",
    old="self._total_size > target_bytes",
    new="self._total_size >= target_bytes",
)
wrong(
    "evicts only above both limits",
    breaks="GC-06",
    module="picklecache",
    old="or (target_bytes and",
    new="and (target_bytes and",
)
wrong(
    "does not drain with a resistance of one",
    breaks="GC-07",
    module="picklecache",
    old="self.cache_drain_resistance >= 1",
    new="self.cache_drain_resistance > 1",
)
wrong(
    "stops to drain before it is empty",
    breaks="GC-07",
    module="picklecache",
    old="target = min(target, drained)",
    new="target = max(1, min(target, drained))",
)
wrong(
    "drains one object less",
    breaks="GC-14",
    module="picklecache",
    old="self._loaded - 1 - self._loaded",
    new="self._loaded - self._loaded",
)
wrong(
    "sweeps inside a sweep",
    breaks="GC-08",
    module="picklecache",
    old="        if self._sweeping:\n            return\n",
    new="",
)
wrong(
    "tells what is left",
    breaks="GC-12",
    module="picklecache",
    old="self._sweep(target, self.cache_size_bytes)",
    new="self._sweep(target, self.cache_size_bytes)\n        return self._loaded",
)
wrong(
    "keeps the data manager of what is freed",
    breaks="GC-15",
    module="persistence",
    old="    def _p_getattr(self, name: str) -> bool:",
    new="    def __del__(self, kept=[]):\n        kept.append(head_of(self).jar)\n\n"
    "    def _p_getattr(self, name: str) -> bool:",
)
wrong(
    "makes ghosts of what a ghost refers to, one inside the other",
    breaks="GC-16",
    module="persistence",
    old="    # Slots of a class with a __new__ of its own may hold what only __new__ sets.",
    new="    for value in list(getattr(obj, '__dict__', {}).values()):\n"
    "        if isinstance(value, Persistent):\n"
    "            head_of(value).jar = head.jar\n"
    "            _ghostify(value, head_of(value))\n"
    "    # Slots of a class with a __new__ of its own may hold what only __new__ sets.",
)
