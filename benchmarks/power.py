"""Measure the CPU time that each engine needs to notice wrong implementations.

Each wrong implementation of `tests.wrong` below is given to each engine, with several seeds, in a
process of its own; before that the reference itself, in which nothing must be noticed. Counted is
the time of the process from the first step to the first one that differs, before anything is
shrunk; importing and making the implementation are left out.
"""

from __future__ import annotations

import argparse
import os
import resource
import statistics
import sys
import time
from collections.abc import Sequence
from typing import Any

from fixtures.targets import load
from stateful.engines.engine import Sides
from stateful.engines.units import ENGINES
from stateful.machines import unit as machines
from stateful.processes.isolation import Launch
from stateful.processes.work import Post, loaded
from tests.wrong import WRONG, load_all
from tests.wrong.targets import name_of

#: A varied choice, of all modules of the reference that operations reach.
CHOSEN = (
    "takes _p for a _p_ name",
    "loads to read __of__",
    "does not load for volatile attributes",
    "does not notice changes of sticky objects",
    "stays sticky when _p_changed is set to False",
    "lets a cached object lose its jar to None",
    "loads again what setstate invalidates",
    "loads a ghost before it takes a state",
    "claims every name with two underscores",
    "looks _p_repr up on the object",
    "demands an oid of an object that registers",
    "records no access",
    "clears _p_ slots",
    "leaves out slots that are None",
    "keeps one object too many",
    "evicts from the most recently used object on",
    "evicts at the limit in bytes",
    "asks objects whether they are equal",
    "makes a ghost under a used oid",
    "loads again what is invalidated twice",
    "enters what it loads as least recently used",
    "does not hold loaded objects",
    "marks a list changed before a pop that fails",
    "takes no keyword in update",
    "hashes the weak reference itself",
)
#: Seconds of CPU after which a search counts as missing; POWER_LIMIT sets another number.
LIMIT = float(os.environ.get("POWER_LIMIT", "10"))


def seconds_to_detection(target: str, engine: str, seed: int) -> float | None:
    """Seconds of CPU until the engine sees the first difference; None if it sees none in time."""
    read, write = os.pipe()
    child = os.fork()
    if child == 0:
        resource.setrlimit(resource.RLIMIT_CPU, (int(LIMIT) + 2, int(LIMIT) + 2))
        os.dup2(os.open(os.devnull, os.O_WRONLY), 2)
        _search(target, engine, seed, write)
    os.close(write)
    answer = os.read(read, 100)
    os.close(read)
    os.waitpid(child, 0)
    return float(answer) if answer else None


def _search(target: str, engine: str, seed: int, answer: int) -> None:
    start = time.process_time()

    def send(kind: str, content: Any) -> None:
        spent = time.process_time() - start
        if kind in ("shrinking", "found") and spent <= LIMIT:
            os.write(answer, repr(spent).encode())
        if kind in ("shrinking", "found") or spent > LIMIT:
            os._exit(0)

    try:
        for unit in ENGINES[engine].campaign(Sides(Launch(target)), seed, 1):
            unit.perform(Post(send))
    finally:
        os._exit(0)


def measure(
    names: Sequence[str], engines: Sequence[str], seeds: int
) -> dict[str, dict[str, list[float | None]]]:
    """The seconds by name of the wrong implementation and engine, one for each seed."""
    found: dict[str, dict[str, list[float | None]]] = {}
    loaded("ref")
    for name in names:
        target = f"tests.wrong.targets:{name_of(name)}"
        loaded(target)
        found[name] = {
            engine: [
                seconds_to_detection(target, engine, seed)
                # Nothing in it is drawn at random.
                for seed in range(1 if engine == "explorer" else seeds)
            ]
            for engine in engines
        }
    return found


def _cell(times: Sequence[float | None]) -> str:
    seen = [each for each in times if each is not None]
    if len(seen) <= len(times) // 2:
        return f"missed {len(times) - len(seen)}/{len(times)}"
    middle = statistics.median(each if each is not None else float(LIMIT) for each in times)
    missed = len(times) - len(seen)
    return f"{middle * 1000:.0f}" + (f", missed {missed}/{len(times)}" if missed else "")


def main() -> None:
    """Measure and print a table in Markdown: medians in milliseconds."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n", 1)[0])
    parser.add_argument("--seeds", type=int, default=5)
    parser.add_argument("--engines", default="walker,explorer,machines")
    parser.add_argument("--all", action="store_true", help="all wrong implementations")
    given = parser.parse_args()
    engines = given.engines.split(",")
    unknown = [engine for engine in engines if engine not in ENGINES]
    if unknown or given.seeds < 1:
        parser.error(f"--engines: {unknown} unknown, or --seeds below 1")
    load_all()
    load("ref")
    assert machines is not None
    loaded("persistent_ref")
    for engine in engines:
        # Whatever is noticed here would be counted as a detection below.
        if seconds_to_detection("persistent_ref", engine, 0) is not None:
            sys.exit(f"{engine}: the reference differs from itself, so that nothing can be counted")
    names = list(WRONG) if given.all else CHOSEN
    print(f"| wrong implementation | {' | '.join(f'{each}, ms' for each in engines)} |")
    print("|---|" + "---|" * len(engines))
    times = {engine: [] for engine in engines}  # type: dict[str, list[float]]
    for name in names:
        row = measure([name], engines, given.seeds)[name]
        print(f"| {name} | {' | '.join(_cell(row[each]) for each in engines)} |", flush=True)
        for engine in engines:
            times[engine] += [each for each in row[engine] if each is not None]
    for engine in engines:
        if times[engine]:
            mean = statistics.geometric_mean(times[engine])
            print(f"{engine}: geometric mean {mean * 1000:.0f} ms", file=sys.stderr)


if __name__ == "__main__":
    main()
