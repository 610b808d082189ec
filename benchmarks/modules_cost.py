"""What persistent modules cost: with many modules in a registry, and much in one module.

``python -m benchmarks.modules_cost``: milliseconds of CPU, least of some runs, on ZODB in
memory.  Each connection stands for a process.
"""

from __future__ import annotations

import gc
import time
from collections.abc import Callable
from typing import Any

import transaction
import ZODB
from persistent import Persistent

from persistent_ref.modules import ClassFactory, create_registry

MODULES = (10, 100, 1_000, 3_000)
DEFINITIONS = (10, 100, 1_000)
KINDS = {
    "functions": "def f{i}(a, b={k}): return a + {i} + {k}\n",
    "classes": "class C{i}:\n    def m(self): return {i} + {k}\n",
    "slotted dataclasses": "@dataclass(slots=True)\nclass C{i}:\n    x: int = {i} + {k}\n",
    "functions that make functions": "def f{i}():\n    def g(): return {i} + {k}\n    return g\n",
}
CALLS = 200_000
RUNS = 2


def milliseconds(run: Callable[[], object]) -> float:
    """Return how long the CPU takes for ``run``, without what others have left to collect."""
    gc.collect()
    start = time.process_time()
    run()
    return (time.process_time() - start) * 1000


def database() -> tuple[Any, Any, Any]:
    """Return a database, its transaction manager, and a registry in it."""
    zodb = ZODB.DB(None, class_factory=ClassFactory())
    manager = transaction.TransactionManager()
    root = zodb.open(manager).root()
    root["modules"] = create_registry(Persistent)
    manager.commit()
    return zodb, manager, root["modules"]


def costs(zodb: Any, manager: Any, registry: Any, name: str, source: Any) -> list[float]:
    """Return what a load, an update, one by a new process, and following cost."""
    rows = []
    for run in range(RUNS):
        other = zodb.open(transaction.TransactionManager())
        load = milliseconds(lambda: other.root()["modules"].module(name))  # noqa: B023

        def change(registry: Any, manager: Any, number: int) -> None:
            registry.update(name, source(number))
            manager.commit()

        update = milliseconds(lambda: change(registry, manager, 2 * run + 1))  # noqa: B023
        follow = milliseconds(other.transaction_manager.begin)
        third = zodb.open(transaction.TransactionManager())
        first = milliseconds(
            lambda: change(third.root()["modules"], third.transaction_manager, 2 * run + 2)  # noqa: B023
        )
        manager.begin()
        for each in (other, third):
            each.transaction_manager.abort()
            each.close()
            each._resetCache()
        rows.append([load, update, first, follow])
    return [min(column) for column in zip(*rows, strict=True)]


def show(*cells: object) -> None:
    """Print a row of a table."""
    print("| " + " | ".join(f"{c:.1f}" if isinstance(c, float) else str(c) for c in cells) + " |")


def main() -> None:
    """Print the tables."""
    titles = ("load", "update", "update by a new process", "follow")
    show("modules", *titles)
    for number in MODULES:
        zodb, manager, registry = database()
        source = "def f(): return {k}\nclass C:\n    def m(self): return {k}\n".format
        registry.apply({f"m{n}": source(k=0) for n in range(number)})
        manager.commit()
        show(number, *costs(zodb, manager, registry, "m1", lambda k: source(k=k)))  # noqa: B023
        zodb.close()
    for kind, template in KINDS.items():
        show(kind, *titles)
        for number in DEFINITIONS:

            def written(k: int) -> str:
                lines = (template.format(i=i, k=k) for i in range(number))  # noqa: B023
                return "from dataclasses import dataclass\n" + "".join(lines)

            zodb, manager, registry = database()
            registry.new("m", written(0))
            manager.commit()
            show(number, *costs(zodb, manager, registry, "m", written))
            zodb.close()
    calls()


def calls() -> None:
    """Print how much longer calls take than those of plain functions."""
    source = """
def empty(): pass
def sums(a, b=2):
    total = 0
    for n in range(a): total += n * b
    return total
def inside(number):
    for _ in range(number): empty()
"""
    _, _, registry = database()
    stored = registry.new("m", source)
    plain: dict[str, Any] = {}
    exec(source, plain)

    def empty(function: Any) -> None:
        for _ in range(CALLS):
            function()

    def sums(function: Any) -> None:
        for _ in range(CALLS):
            function(10)

    show("call", "times a plain one")
    for name, run in (
        ("an empty function, from outside", lambda of: empty(of["empty"])),
        ("a function that sums up ten numbers, from outside", lambda of: sums(of["sums"])),
        ("an empty function, from its module", lambda of: of["inside"](CALLS)),
    ):
        times = [
            min(milliseconds(lambda: run(of)) for _ in range(5))  # noqa: B023
            for of in (vars(stored), plain)
        ]
        show(name, times[0] / times[1])


if __name__ == "__main__":
    main()
