"""Writers, readers, threads and kills over ZEO: nothing is lost, and all end as a new process does.

``python -m benchmarks.modules_stress --seconds 60``: three writers and three readers,
each with two threads and a connection for each thread, change and read modules that
import one another; a writer and a reader are killed on the way, and replaced.  In
the end every connection must see what a new process sees.  Ends with 1 if one does
not, or if a commit is lost.
"""

from __future__ import annotations

import argparse
import json
import logging
import os
import random
import subprocess
import sys
import tempfile
import threading
import time
from pathlib import Path
from typing import Any

TOP = Path(__file__).parents[1]

SOURCES = {
    "a": """
x = {n}
known = {{}}
class C:
    n = {n}
    def __len__(self): return {n} % 50
""",
    "p.b": """
import a
from a import C as Base, x
known = {{}}
derived = [x, {n}]
class C(Base):
    m = {n}
a.known[__name__] = x
""",
    "c": """
import a
from p import b
from p.b import C as Base, derived
derived2 = [*derived, {n}]
class D(Base):
    k = {n}
b.known["c"] = list(derived)
a.known["c"] = {n}
""",
}


def sources(number: int, *names: str) -> dict[str, str]:
    """Return the sources of modules with a number in them."""
    return {name: SOURCES[name].format(n=number) for name in names or SOURCES}


def seen(registry: Any) -> list[Any]:
    """Return all that modules have of one another."""
    a, b, c = (registry.module(name) for name in ("a", "p.b", "c"))
    d = c.D()
    derived = [b.derived, sorted(b.known.items()), c.derived2]
    return [a.x, sorted(a.known.items()), *derived, len(d), d.n, d.m, d.k]


def opened(address: Any) -> Any:
    """Return a database on the server."""
    import ZEO
    import ZODB

    from persistent_ref.modules import ClassFactory

    storage = ZEO.client(tuple(address), server_sync=True, wait_timeout=60)
    return ZODB.DB(storage, class_factory=ClassFactory())


def work(role: str, address: Any, seconds: float) -> None:
    """Be a process: print what was done, then on each line of input what is seen."""
    import transaction
    from ZODB.POSException import ConflictError

    logging.disable(logging.CRITICAL)
    database = opened(address)
    done: dict[str, Any] = {"commits": 0, "conflicts": 0, "reads": 0, "errors": [], "kept": []}
    connections: list[Any] = []
    lock = threading.Lock()
    end = time.monotonic() + seconds

    def run(number: int) -> None:
        manager = transaction.TransactionManager()
        connection = database.open(manager)
        with lock:
            connections.append((manager, connection))
        chosen = random.Random(os.getpid() * 10 + number)
        while time.monotonic() < end:
            manager.begin()
            kind = "errors"
            try:
                registry = connection.root()["modules"]
                seen(registry)
                kind = "reads"
                if role == "writer":
                    name = chosen.choice(sorted(SOURCES))
                    source = sources(chosen.randrange(1000), name)[name]
                    registry.update(name, source)
                    revision = registry.revision(name)[0]
                    manager.commit()
                    kind = "commits"
                    with lock:
                        done["kept"].append([name, revision, source])
            except ConflictError:
                kind = "conflicts"
                manager.abort()
            except Exception as error:
                manager.abort()
                with lock:
                    done["errors"].append(f"{type(error).__name__}: {error}")
                continue
            with lock:
                done[kind] += 1

    threads = [threading.Thread(target=run, args=(number,)) for number in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    print(json.dumps(done), flush=True)
    sys.stdin.readline()
    for manager, _ in connections:
        manager.begin()
    print(json.dumps([seen(each.root()["modules"]) for _, each in connections]), flush=True)
    sys.stdin.readline()


def main() -> int:
    """Run all, and tell what was seen."""
    parser = argparse.ArgumentParser(
        prog="python -m benchmarks.modules_stress", description=__doc__
    )
    parser.add_argument("--seconds", type=float, default=60.0)
    parser.add_argument("--child", nargs=2, metavar=("ROLE", "ADDRESS"), help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.child:
        work(options.child[0], json.loads(options.child[1]), options.seconds)
        return 0
    with tempfile.TemporaryDirectory() as folder:
        return _stress(folder, options.seconds)


def _stress(folder: str, seconds: float) -> int:
    import transaction
    import ZEO
    from persistent import Persistent

    from persistent_ref.modules import create_registry

    address, stop = ZEO.server(str(Path(folder) / "data.fs"))
    database = opened(address)
    connection = database.open()
    root = connection.root()
    registry = root["modules"] = create_registry(Persistent)
    registry.apply(sources(0))
    transaction.commit()

    def start(role: str, seconds: float) -> subprocess.Popen[str]:
        command = [sys.executable, "-m", "benchmarks.modules_stress", "--seconds", str(seconds)]
        return subprocess.Popen(
            [*command, "--child", role, json.dumps(address)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
            cwd=TOP,
        )

    processes = [start(role, seconds) for role in ["writer"] * 3 + ["reader"] * 3]
    for victim in (0, 3):
        time.sleep(seconds / 3)
        processes[victim].kill()
        processes[victim].wait()
        processes[victim] = start("writer" if victim < 3 else "reader", seconds / 3)
    done = [json.loads(_line(each)) for each in processes]
    for each in processes:
        _say(each)
    ends = [found for each in processes for found in json.loads(_line(each))]
    fresh = start("reader", 0.0)
    _line(fresh)
    _say(fresh)
    wanted = json.loads(_line(fresh))[0]
    transaction.begin()
    stored = {(name, v.number): v.source for name in SOURCES for v in registry.history(name)}
    kept = [(name, number, source) for each in done for name, number, source in each["kept"]]
    lost = [each for each in kept if stored.get(each[:2]) != each[2]]
    print(f"revisions stored: {len(stored)}, of which reported: {len(kept)}, lost: {len(lost)}")
    for kind in ("commits", "conflicts", "reads"):
        print(f"{kind}: {sum(each[kind] for each in done)}")
    errors = [error for each in done for error in each["errors"]]
    equal = sum(each == wanted for each in ends)
    print(f"errors: {len(errors)} {errors[:3]}")
    print(f"as a new process: {equal} of {len(ends)} connections")
    for each in [*processes, fresh]:
        each.kill()
        each.wait()
    connection.close()
    database.close()
    stop()
    return int(bool(errors or lost) or equal != len(ends))


def _line(process: subprocess.Popen[str]) -> str:
    assert process.stdout is not None
    return process.stdout.readline()


def _say(process: subprocess.Popen[str]) -> None:
    assert process.stdin is not None
    process.stdin.write("go on\n")
    process.stdin.flush()


if __name__ == "__main__":
    sys.exit(main())
