"""Wrong ways to treat persistent classes."""

from tests.wrong.making import wrong

wrong(
    "holds classes weakly",
    breaks="CLASS-01",
    module="picklecache",
    old="self._classes: dict[bytes, type] = {}",
    new="self._classes = WeakValueDictionary()",
)
wrong(
    "sweeps classes",
    breaks="CLASS-01",
    module="picklecache",
    old='(GC-04)."""\n        self._sweep(0, 0)',
    new='(GC-04)."""\n        self._classes.clear()\n        self._sweep(0, 0)',
)
wrong(
    "does not call the hook of a class",
    breaks="CLASS-03",
    module="picklecache",
    old="            if hook is not None:\n                hook()\n",
    new="",
)
