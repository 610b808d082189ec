"""Compare our machines and the walker with what a user would otherwise write.

The plain machine is an ordinary one over the same operations: two worlds, a rule for each
operation, each argument drawn by itself, names in a Bundle, and an invariant that compares
everything after every step; run with the default settings of Hypothesis, but not shrunk. Each
engine looks for each of some wrong implementations over some seeds. The table shows the median CPU
time to the first divergence, in which ours are shrunk already.
"""

from __future__ import annotations

import argparse
import statistics
import time
from collections.abc import Callable
from typing import Any

import hypothesis
from hypothesis import HealthCheck, Phase, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    Bundle,
    RuleBasedStateMachine,
    invariant,
    multiple,
    rule,
    run_state_machine_as_test,
)

from fixtures.implementation import Implementation
from fixtures.operations.table import Operation
from fixtures.operations.table import step as made_step
from fixtures.targets import load
from fixtures.world import World
from stateful.engines.choices import Vocabulary, operations_for, samples_for, steps
from stateful.engines.walker import Walk
from stateful.lockstep.lockstep import quiet_garbage
from stateful.lockstep.observe import Observer
from stateful.lockstep.sameness import accidental
from stateful.machines.unit import Sessions
from stateful.traces.naming import NAMES
from tests.wrong import load_all, make

#: Wrong implementations of all kinds: shallow ones, and ones of some depth.
WRONG = (
    "loads a ghost twice",
    "activates without loading",
    "deactivates changed objects",
    "keeps changes when it is invalidated",
    "stays changed when _p_changed is set to False",
    "registers twice",
    "records no access",
    "evicts nothing",
    "evicts from the most recently used object on",
    "keeps one object too many",
    "does not drain with a resistance of one",
    "evicts at the limit in bytes",
    "leaves what setstate invalidates out of the ring",
    "loses the error of a load",
    "goes on counting what became a ghost",
)
#: CPU seconds after which an engine gives up.
PATIENCE = 10.0

REFERENCE = load("ref")
_KNOWN = Vocabulary(
    objects={"a": "", "b": ""},
    new=("c",),
    samples=samples_for(REFERENCE),
    references=("r", "s"),
    new_references=("r", "s"),
    watched=("a", "b"),
    oids=("a", "b", "c"),
)


class Machine(RuleBasedStateMachine):
    """A machine as one writes it; its rules are added below."""

    target: Any = None
    names = Bundle("names")

    def __init__(self) -> None:
        super().__init__()
        self.worlds = [World(REFERENCE), World(self.target)]
        self.observer = Observer(*self.worlds)

    def perform(self, operation: Operation, arguments: dict[str, Any]) -> Any:
        """Perform an operation if it makes sense; the name of what it made."""
        made = None
        objects = self.worlds[0].objects
        for name, domain in operation.arguments.items():
            value = arguments[name]
            if domain.kind == "object" and (
                value not in objects
                or (domain.values and type(objects[value]).__name__ not in domain.values)
            ):
                return multiple()
            if domain.kind == "new":
                made = value
                if made in objects:
                    return multiple()
        self.both(operation.name, **arguments)
        return multiple() if made not in self.worlds[0].objects else made

    def both(self, op: str, **arguments: Any) -> None:
        """Perform an operation in both worlds, and compare what they observed."""
        one, other = (world.apply(made_step(op, **arguments)) for world in self.worlds)
        assert (one.error, accidental(repr(one.value))) == (
            other.error,
            accidental(repr(other.value)),
        )
        assert accidental(repr(one.events)) == accidental(repr(other.events))

    @invariant()
    def same(self) -> None:
        """Compare everything."""
        assert self.observer.everything() is None

    def teardown(self) -> None:
        """Let go of the worlds."""
        for world in self.worlds:
            world.close()


def strategies(operation: Operation) -> dict[str, st.SearchStrategy[Any]]:
    """What each argument of an operation is drawn from."""
    found: dict[str, st.SearchStrategy[Any]] = {}
    made = list(steps(_KNOWN, (operation,)))
    for number, (name, domain) in enumerate(operation.arguments.items()):
        if domain.kind == "object":
            found[name] = Machine.names
        elif domain.kind == "new":
            found[name] = st.sampled_from(NAMES)
        else:
            values = {repr(step.arguments[number]): step.arguments[number] for step in made}
            found[name] = st.sampled_from(list(values.values()))
    return found


def rule_for(operation: Operation) -> Any:
    """The rule that performs an operation."""

    def perform(self: Machine, **arguments: Any) -> Any:
        return self.perform(operation, arguments)

    perform.__name__ = perform.__qualname__ = operation.name
    return rule(target=Machine.names, **strategies(operation))(perform)


RULES = {
    f"do_{each.name}": rule_for(each)
    for each in operations_for(REFERENCE)
    # What cannot be shown cannot be compared by what it shows.
    if not each.name.startswith("set_unshowable")
}


def plain(target: Implementation, seed: int) -> bool:
    """Look with the plain machine, with default settings again and again."""
    until = time.process_time() + PATIENCE
    # The default settings of machines, without the shrinking, which can take a minute.
    chosen = settings(
        database=None,
        deadline=None,
        suppress_health_check=list(HealthCheck),
        phases=(Phase.generate,),
    )
    number = 0
    while time.process_time() < until:
        machine = type("Plain", (Machine,), {**RULES, "target": target})
        try:
            run_state_machine_as_test(
                hypothesis.seed(1000 * seed + number)(machine), settings=chosen
            )
        except AssertionError:
            return True
        number += 1
    return False


def machine(name: str) -> Callable[[Implementation, int], bool]:
    """Look with one of our machines."""

    def look(target: Implementation, seed: int) -> bool:
        until = time.process_time() + PATIENCE
        sessions = Sessions(REFERENCE, target, seed, machine=name)
        number = 0
        while time.process_time() < until:
            if sessions.perform(number) is not None:
                return True
            number += 1
        return False

    return look


def walker(target: Implementation, seed: int) -> bool:
    """Look with the walker."""
    until = time.process_time() + PATIENCE
    walked = Walk(REFERENCE, target, seed)
    number = 0
    while time.process_time() < until:
        if walked.perform(number) is not None:
            return True
        number += 1
    return False


ENGINES: dict[str, Callable[[Implementation, int], bool]] = {
    "plain": plain,
    "bundles": machine("bundles"),
    "bursts": machine("bursts"),
    "walker": walker,
}


def seconds(engine: str, target: Implementation, seed: int) -> float | None:
    """CPU seconds to the first divergence; None if there was none in time."""
    start = time.process_time()
    with quiet_garbage():
        found = ENGINES[engine](target, seed)
    return time.process_time() - start if found else None


def main() -> None:
    """Measure and print the table."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n", 1)[0])
    parser.add_argument("--seeds", type=int, default=3)
    parser.add_argument("--engines", default=",".join(ENGINES))
    given = parser.parse_args()
    engines = given.engines.split(",")
    load_all()
    for engine in engines:
        # What is built once, such as strategies and pools, is no part of a search.
        seconds(engine, make(WRONG[0]), 99)
    print(f"{'milliseconds of CPU time':<50}" + "".join(f"{name:>10}" for name in engines))
    medians: dict[str, list[float]] = {name: [] for name in engines}
    missed = dict.fromkeys(engines, 0)
    for name in WRONG:
        cells = []
        for engine in engines:
            times = [seconds(engine, make(name), seed) for seed in range(given.seeds)]
            missed[engine] += times.count(None)
            middle = statistics.median(PATIENCE if each is None else each for each in times)
            medians[engine].append(middle)
            cells.append(f">{PATIENCE * 1e3:.0f}" if middle >= PATIENCE else f"{middle * 1e3:.0f}")
        print(f"{name:<50}" + "".join(f"{cell:>10}" for cell in cells), flush=True)
    means = {name: statistics.geometric_mean(medians[name]) for name in engines}
    print(f"{'geometric mean':<50}" + "".join(f"{means[each] * 1e3:>10.0f}" for each in engines))
    print(
        f"{'ratio to the first':<50}"
        + "".join(f"{means[engines[0]] / means[each]:>10.1f}" for each in engines)
    )
    runs = given.seeds * len(WRONG)
    print(f"{f'missed, of {runs} runs':<50}" + "".join(f"{missed[each]:>10}" for each in engines))


if __name__ == "__main__":
    main()
