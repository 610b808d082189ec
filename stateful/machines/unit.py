"""The machines as a unit of work: each session of Hypothesis is a part.

A session ends at the first divergence, since Hypothesis expects that the same choices lead to the
same end: what was found is masked in the next one.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from hypothesis import Phase, settings

from fixtures.implementation import Implementation
from stateful.lockstep.divergence import Divergence, Masked, Signature
from stateful.lockstep.lockstep import quiet_garbage
from stateful.lockstep.settling import Settling, Watcher
from stateful.lockstep.shrink import shrink_divergence
from stateful.machines.bursts import BurstMachine
from stateful.machines.checking import search
from stateful.machines.driver import Driver
from stateful.machines.example import About, MachineSetup
from stateful.machines.profiles import profile
from stateful.machines.rules import ConformanceMachine
from stateful.processes.work import Post, loaded
from stateful.traces.step import Step

#: The machines that a unit can run, by the names that it gives them.
MACHINES: Mapping[str, type[Driver]] = {"bundles": ConformanceMachine, "bursts": BurstMachine}
#: Examples in a session.
SESSION = 25


@dataclass
class Driven:
    """What came of running a machine: the divergences in the order found, how much was done."""

    divergences: list[Divergence] = field(default_factory=list)
    examples: int = 0
    steps: int = 0
    skipped: int = 0
    flaky: int = 0


class Sessions:
    """Sessions of one machine: what each finds depends on seed, number and what is known.

    ``about`` is told of each step before it is performed, which may end the process, ``watcher``
    of what is found. Examples are shared in the ``database`` at an address, if there is one.
    """

    def __init__(
        self,
        reference: Implementation,
        target: Implementation,
        seed: int,
        known: Iterable[Signature] = (),
        machine: str = "bundles",
        about: About | None = None,
        watcher: Watcher | None = None,
        database: str | None = None,
    ) -> None:
        if machine not in MACHINES:
            raise ValueError(f"machine: {machine!r} is none of {', '.join(MACHINES)}")
        self._setup = MachineSetup(reference, target, known, about, supervised=True)
        self._machine = machine
        self._seed = seed
        self._database = database
        self._settling = Settling(self._setup.known, self._smallest, watcher)
        self.result = Driven(self._settling.found)

    @property
    def known(self) -> Masked:
        """What is masked: it grows by what is found."""
        return self._setup.known

    def divergences(self, examples: int) -> Iterator[Divergence]:
        """Yield what sessions of ``examples`` examples in all find, from the first one on."""
        number = 0
        while self.result.examples < examples:
            found = self.perform(number, examples - self.result.examples)
            if found is not None:
                yield found
            number += 1

    def perform(self, number: int, examples: int = SESSION) -> Divergence | None:
        """Perform one session; the divergence that it shows, shrunk, if it is a new one."""
        setup = self._setup
        with quiet_garbage():
            found = session(setup, self._machine, self._seed, number, examples, self._database)
            new = None if found is None else self._settling.settle(found)
        counts = setup.counts
        result = self.result
        result.examples, result.steps = counts.examples, counts.steps
        result.skipped, result.flaky = counts.skipped, counts.flaky
        return new

    def _smallest(self, found: Divergence) -> Divergence:
        setup = self._setup
        return shrink_divergence(setup.reference, setup.target, found, setup.known)


def session(
    setup: MachineSetup,
    machine: str,
    seed: int,
    number: int,
    examples: int = SESSION,
    database: str | None = None,
) -> Divergence | None:
    """Run one session of a machine on ``setup`` until it diverges; what it found, or None.

    With the address of a ``database``, the examples that failed anywhere come first.
    """
    # Any two sessions of any two seeds are to be different.
    chosen = seed * 1_000_003 + number
    return search(MACHINES[machine], setup, _settings(min(examples, SESSION), database), chosen)


def _settings(examples: int, database: str | None) -> settings:
    return settings(
        profile("quick", examples=database),
        max_examples=examples,
        # Our own delta debugging is a hundred times as fast.
        phases=(Phase.generate,) if database is None else (Phase.reuse, Phase.generate),
    )


def run_machine(
    reference: Implementation,
    target: Implementation,
    seed: int,
    examples: int,
    known: Collection[Signature] = (),
    machine: str = "bundles",
) -> Driven:
    """Run a machine for at least ``examples`` examples; the arguments alone decide what is found.

    ``machine`` is a key of `MACHINES`. Raises ValueError.
    """
    sessions = Sessions(reference, target, seed, known, machine)
    with quiet_garbage():
        for _ in sessions.divergences(examples):
            pass
    return sessions.result


def perform_unit(
    post: Post,
    target: str,
    seed: int,
    examples: int,
    machine: str,
    reference: str,
    database: str | None = None,
) -> dict[str, Any]:
    """Run a machine; sessions behind a lost one go on counting."""

    def about(
        config: Mapping[str, Any],
        first: bool,
        step: Step,
        met: str,
        passed: Collection[Signature],
    ) -> None:
        if post.only is None:
            post.covered(step.label, met)
        else:
            post.step(config, step, met, tuple(passed), first)

    watcher = post if post.only is None else None
    sessions = Sessions(
        loaded(reference), loaded(target), seed, post.known, machine, about, watcher, database
    )
    with quiet_garbage():
        if post.only is not None:
            sessions.perform(post.only[0])
            return {}
        number, before = (0, 0) if post.after is None else post.after
        number += post.after is not None and not post.again
        result = sessions.result
        while before + result.examples < examples:
            post.part([number, before + result.examples])
            steps, done = result.steps, result.examples
            sessions.perform(number)
            post.count(steps=result.steps - steps, examples=result.examples - done)
            number += 1
    return {"skipped": result.skipped, "flaky": result.flaky}
