"""Compare the speed of persistent_ref with upstream's pure-Python implementation.

Run with an interpreter that has ``persistent``.  Each operation is timed for
both in turn, round by round, so that a busy machine slows both; the table
shows the medians and their ratio.
"""

from __future__ import annotations

import os

os.environ["PURE_PYTHON"] = "1"

import argparse
import statistics
import time
from collections.abc import Callable
from typing import Any

from persistent.persistence import PersistentPy
from persistent.picklecache import PickleCachePy

from persistent_ref import Persistent, PickleCache

OBJECTS = 1000


class Jar:
    """Loads every object with the same state."""

    def __init__(self, cache_class: Any) -> None:
        self._cache = cache_class(self, OBJECTS)

    def setstate(self, obj: Any) -> None:
        """Load ``obj``."""
        obj.__setstate__({"value": 1})

    def register(self, obj: Any) -> None:
        """Take note of nothing."""


class Side:
    """One implementation: a jar with objects, and the operations to time."""

    def __init__(self, base: Any, cache_class: Any) -> None:
        self.kind = type("Sample", (base,), {"__init__": _set_value})
        self.jar = Jar(cache_class)
        self.cache = self.jar._cache
        self.objects = [self.kind() for _ in range(OBJECTS)]
        for number, obj in enumerate(self.objects):
            self.cache.new_ghost(number.to_bytes(8, "big"), obj)

    def load(self) -> None:
        """Activate all objects."""
        for obj in self.objects:
            obj._p_activate()

    def ghost(self) -> None:
        """Make all objects ghosts."""
        for obj in self.objects:
            obj._p_invalidate()

    def read(self) -> None:
        """Read an attribute of each object."""
        for obj in self.objects:
            _ = obj.value

    def write(self) -> None:
        """Write an attribute of each object."""
        for obj in self.objects:
            obj.value = 2

    def reload(self) -> None:
        """Make all objects saved."""
        self.ghost()
        self.load()

    def change(self) -> None:
        """Make all objects changed."""
        self.load()
        self.write()

    def minimize(self) -> None:
        """Evict all objects."""
        self.cache.minimize()

    def incrgc(self) -> None:
        """Evict half of the objects."""
        self.cache.cache_size = OBJECTS // 2
        self.cache.incrgc()

    def create(self) -> None:
        """Make new objects."""
        kind = self.kind
        for _ in range(OBJECTS):
            kind()


def _set_value(self: Any) -> None:
    self.value = 1


def _nothing(side: Side) -> None:
    pass


#: What is timed, and what puts the objects in place before.
OPERATIONS: dict[str, tuple[Callable[[Side], None], Callable[[Side], None]]] = {
    "read": (Side.load, Side.read),
    "write, first": (Side.reload, Side.write),
    "write, changed": (Side.change, Side.write),
    "activate": (Side.ghost, Side.load),
    "evict, minimize": (Side.reload, Side.minimize),
    "evict, incrgc": (Side.reload, Side.incrgc),
    "create": (_nothing, Side.create),
}


def measure(rounds: int) -> dict[str, tuple[float, float]]:
    """Return the median seconds per object, of upstream and of the reference."""
    upstream, reference = Side(PersistentPy, PickleCachePy), Side(Persistent, PickleCache)
    results = {}
    for name, (prepare, operate) in OPERATIONS.items():
        times: dict[Side, list[float]] = {upstream: [], reference: []}
        for _ in range(rounds):
            for side, taken in times.items():
                prepare(side)
                start = time.perf_counter()
                operate(side)
                taken.append((time.perf_counter() - start) / OBJECTS)
        results[name] = (statistics.median(times[upstream]), statistics.median(times[reference]))
    return results


def main() -> None:
    """Measure and print the table."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n", 1)[0])
    parser.add_argument("--rounds", type=int, default=51)
    rounds = parser.parse_args().rounds
    print(f"{'operation':<16} {'upstream-py ns':>14} {'reference ns':>14} {'ratio':>7}")
    for name, (upstream, reference) in measure(rounds).items():
        print(
            f"{name:<16} {upstream * 1e9:>14.0f} {reference * 1e9:>14.0f} "
            f"{reference / upstream:>7.2f}"
        )


if __name__ == "__main__":
    main()
