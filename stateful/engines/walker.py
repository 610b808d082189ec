"""The walker: seeded random traces straight over the operation table.

What is known is masked, so that the search goes on behind it. A difference in what was returned,
after which both worlds are the same, passes: the run goes on. A step that is known to leave the
worlds different, in the abstract state that it meets, is skipped. The other way would be to let it
happen and then bring both worlds back into the same state; but the protocol offers no way to force
an object of the target into a state, and a repair through the operations would use what was just
seen to be broken. Skipping costs what only such a step leads to, or what differs there for another
reason; so a minority of runs is unmasked and skips nothing: they end at such a step, but
what is known there does not count.
"""

from __future__ import annotations

import random
from collections.abc import Callable, Collection, Iterator, Sequence
from dataclasses import dataclass, field, replace
from itertools import chain, islice
from typing import Any

from fixtures.errors import Unsupported
from fixtures.implementation import Implementation
from fixtures.operations import operation_named
from fixtures.recording import leave_aside
from fixtures.samples import WRITTEN
from fixtures.world import JAR_NAMES, settings_for
from stateful.engines.choices import (
    STRANGE,
    Vocabulary,
    absent_for,
    any_family,
    classes_for,
    draw,
    operations_for,
    pool,
    samples_for,
)
from stateful.lockstep.alone import pinned_alone, shrink_alone, wrong_after
from stateful.lockstep.divergence import ALONE, Divergence, Masked, Signature
from stateful.lockstep.lockstep import Lockstep, Pass, divergence, first_difference, quiet_garbage
from stateful.lockstep.settling import Settling, Watcher
from stateful.lockstep.shrink import shrink_divergence
from stateful.traces.naming import NAMES
from stateful.traces.step import Step

#: Runs that share a pool of steps: drawing one costs as much as a few runs.
SHARING = 100
#: Steps in a pool.
POOL = 800
#: Steps between two full comparisons.
INTERVAL = 16
#: One pool of so many is strange: with hostile values, samples made by rule, and operations that
#: belong to a group of these. In a check, what is ordinary comes first.
STRANGE_POOLS = 3
STRANGE_GROUPS = ("constructing",)
#: One run in so many skips nothing.
UNMASKED = 4
#: One run in so many has half of the operations switched off.
HALVED = 4
#: One run in so many has many objects, and one in so many two jars.
CROWDED, TWO_JARS = 5, 5
#: Coverage is noted in one run of so many: noting costs more than comparing.
COVERED = 8
#: Steps of a run behind a difference, with which the target is driven on alone.
ALONE_STEPS = 24
#: After so many runs, what is there by now is left out of later collections of garbage.
_TIDY = 10
#: Samples that runs begin with more often than with others.
FAVOURED = (("Mapping", "List_", "WeakDict"), ("Slotted", "Mixed", "SubSlotted"))


@dataclass(frozen=True)
class Run:
    """One random trace before it is performed: the settings of the world, and the steps.

    Some steps will make no sense when their turn comes, since names are missing or taken; they are
    left out.
    """

    config: dict[str, Any]
    population: tuple[Step, ...]
    steps: tuple[Step, ...]
    length: int


@dataclass
class Walked:
    """What came of a walk: the divergences in the order found, and how much was done.

    ``flaky`` counts the runs that differed, but not when they were repeated.
    """

    divergences: list[Divergence] = field(default_factory=list)
    runs: int = 0
    steps: int = 0
    skipped: int = 0
    flaky: int = 0


class Draws:
    """Random runs: the one with a given number depends on nothing but seed and number."""

    def __init__(self, reference: Implementation, target: Implementation, seed: int) -> None:
        self._seed = seed
        self._operations = operations_for(reference, target)
        self._samples = samples_for(reference, target)
        self._written = [name for name in self._samples if name in WRITTEN]
        self._classes = classes_for(reference, target)
        self._absent = absent_for(reference, target)
        self._parts = (reference.parts, target.parts)
        self._pools: dict[tuple[int, int, int], list[Step]] = {}
        self._cache = "cache" in reference.parts and "cache" in target.parts

    def run(self, number: int) -> Run:
        """The run with this number."""
        rng = random.Random(f"{self._seed}/{number}")
        jars = 2 if rng.randrange(TWO_JARS) == 0 else 1
        objects = rng.choice((6, 7, 8)) if rng.randrange(CROWDED) == 0 else rng.choice((3, 4))
        config: dict[str, Any] = {"jars": jars}
        if rng.random() < 0.5:
            config["cache_size"] = rng.choice((0, 1, 2, 3))
        if rng.random() < 0.15:
            config["cache_size_bytes"] = rng.choice((64, 128, 1000))
        crowd = 8 if objects > 4 else 4
        strange = self._is_strange(number // SHARING)
        shared = self._pool(number // SHARING, crowd, jars)
        if rng.randrange(HALVED) == 0:
            names = sorted({step.operation.name for step in shared})
            off = set(rng.sample(names, len(names) // 2))
            shared = [step for step in shared if step.operation.name not in off] or shared
        length = rng.randint(50, 200)
        population = tuple(self._population(rng, objects, jars, strange))
        config = settings_for(config, *self._parts)
        return Run(config, population, tuple(rng.choices(shared, k=2 * length)), length)

    def _is_strange(self, number: int) -> bool:
        """Whether the runs that share the pool with this number are strange."""
        return (self._seed + number) % STRANGE_POOLS == STRANGE_POOLS - 1

    def _population(
        self, rng: random.Random, objects: int, jars: int, strange: bool
    ) -> Iterator[Step]:
        ghost, create = operation_named("ghost"), operation_named("create")
        plain = rng.random() < 0.4
        for name in NAMES[:objects]:
            sample = "Plain" if plain or rng.random() < 0.3 else self._sample(rng, strange)
            known = Vocabulary(
                new=(name,),
                jars=JAR_NAMES[:jars] if rng.random() < 0.3 else ("jar",),
                samples=(sample,),
            )
            made = draw(rng, known, create if rng.random() < 0.15 else ghost)
            if made is not None:
                yield made

    def _sample(self, rng: random.Random, strange: bool) -> str:
        """A sample: collections and slots more often, for they have operations of their own."""
        favoured = [name for name in rng.choice(FAVOURED) if name in self._samples]
        chosen = favoured if favoured and rng.random() < 0.5 else self._samples
        if chosen is self._samples:
            return rng.choice(any_family(rng, self._samples) if strange else self._written)
        return rng.choice(chosen)

    def _pool(self, number: int, objects: int, jars: int) -> list[Step]:
        key = (number, objects, jars)
        found = self._pools.get(key)
        if found is None:
            self._pools = {known: self._pools[known] for known in self._pools if known[0] == number}
            names = NAMES[:objects]
            strange = self._is_strange(number)
            known = replace(
                Vocabulary.unsettled(names, jars),
                samples=self._samples if strange else tuple(self._written),
                cache=self._cache,
                classes=self._classes,
                absent=self._absent,
                hostile=STRANGE if strange else (),
            )
            rng = random.Random(f"{self._seed}/{key}")
            operations = [
                each for each in self._operations if strange or each.group not in STRANGE_GROUPS
            ]
            found = self._pools[key] = pool(rng, known, operations, POOL)
        return found


class Walk:
    """A walk over random runs: performs them, and yields each distinct divergence once.

    ``known`` are the signatures that are masked from the beginning; ``watcher`` is told of what is
    found.
    """

    def __init__(
        self,
        reference: Implementation,
        target: Implementation,
        seed: int,
        known: Collection[Signature] = (),
        watcher: Watcher | None = None,
    ) -> None:
        self.reference = reference
        self.target = target
        self.known = Masked(known)
        self._settling = Settling(self.known, self._smallest, watcher)
        self.result = Walked(self._settling.found)
        self._draws = Draws(reference, target, seed)
        self._seed = seed

    def divergences(self, budget: int, first: int = 0) -> Iterator[Divergence]:
        """Perform at least ``budget`` steps, from run ``first`` on; yield what is found at once."""
        number = first
        until = self.result.steps + budget
        with quiet_garbage():
            while self.result.steps < until:
                found = self.perform(number)
                if found is not None:
                    yield found
                number += 1

    def perform(
        self, number: int, about: Callable[[Step, str], None] | None = None
    ) -> Divergence | None:
        """Perform one run; the divergence that it shows, pinned and shrunk, if it is a new one.

        ``about`` is told of each step before it is performed, with the abstract state that it
        meets: for a run that is known to end the process.
        """
        run = self._draws.run(number)
        unmasked = (self._seed + number) % UNMASKED == 0
        self.result.runs += 1
        performed: list[Step] = []
        driven = Lockstep(self.reference, self.target, run.config)
        rest = chain(run.population, run.steps)
        field = None
        try:
            if not self._differs(driven, rest, run.length, unmasked, performed, about):
                return None
            differs = tuple(performed)
            field = self._alone(driven, rest, performed, about)
        finally:
            self.result.steps += len(performed)
            driven.close()
            if self.result.runs % _TIDY == 0:
                leave_aside()
        new = self._settling.settle(self._pinned(run.config, differs))
        if field is not None:
            alone = pinned_alone(self.reference, self.target, run.config, performed, field)
            new = self._settling.settle(alone) or new
        self.result.flaky = self._settling.flaky
        return new

    def _differs(
        self,
        driven: Lockstep,
        steps: Iterator[Step],
        length: int,
        unmasked: bool,
        performed: list[Step],
        about: Callable[[Step, str], None] | None,
    ) -> bool:
        can, known = driven.can, self.known
        perform = Pass(driven, known).perform
        until_full = INTERVAL
        try:
            for step in steps:
                if not can(step):
                    continue
                label = step.label
                # Not even an unmasked run does what is known to end the process.
                if known.concerns(label) and (known.kills if unmasked else known.masks)(
                    label, driven.before(step)
                ):
                    self.result.skipped += 1
                    continue
                performed.append(step)
                if about is not None:
                    about(step, driven.before(step))
                if perform(step) is not None:
                    return True
                until_full -= 1
                if until_full == 0:
                    until_full = INTERVAL
                    if driven.compare() is not None:
                        return True
                    if len(performed) >= length:
                        return False
            return driven.compare() is not None
        except Unsupported:
            return False

    def _alone(
        self,
        driven: Lockstep,
        steps: Iterator[Step],
        performed: list[Step],
        about: Callable[[Step, str], None] | None,
    ) -> str | None:
        """Drive on behind a difference; the field in which something is wrong with the target."""
        if wrong_after(driven.target, None) is not None:
            # That is the difference.
            return None
        for step in islice(steps, ALONE_STEPS):
            if not driven.can(step) or self.known.kills(step.label, driven.before(step)):
                continue
            performed.append(step)
            if about is not None:
                about(step, driven.before(step))
            found = wrong_after(driven.target, driven.go_on(step))
            if found is not None:
                return found.field
        return None

    def _pinned(self, config: dict[str, Any], performed: Sequence[Step]) -> Divergence | None:
        found = first_difference(self.reference, self.target, config, performed, known=self.known)
        return None if found is None else divergence(self.reference, config, found)

    def _smallest(self, found: Divergence) -> Divergence:
        if found.signature.field in ALONE:
            return shrink_alone(self.reference, self.target, found)
        return shrink_divergence(self.reference, self.target, found, self.known)


def walk(
    reference: Implementation,
    target: Implementation,
    seed: int,
    budget: int,
    known: Collection[Signature] = (),
) -> Walked:
    """Walk for ``budget`` steps; what is found depends on the arguments alone."""
    walked = Walk(reference, target, seed, known)
    for _ in walked.divergences(budget):
        pass
    return walked.result


__all__ = ["Draws", "Run", "Walk", "Walked", "walk"]
