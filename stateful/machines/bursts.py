"""Bursts: many steps in one draw, where throughput counts more than what Hypothesis can learn."""

from __future__ import annotations

import functools
import random
from collections.abc import Sequence
from dataclasses import replace

from hypothesis import strategies as st
from hypothesis.stateful import rule

from fixtures.operations import OPERATIONS
from stateful.engines.choices import Vocabulary, pool
from stateful.machines.driver import Driver
from stateful.machines.example import Capabilities
from stateful.traces.naming import NAMES
from stateful.traces.step import Step

#: Steps in a burst, and in the pool that they are taken from; two bytes choose one.
LENGTH, SIZE = 24, 2048
#: Pools that can be chosen.
_POOLS = 4


class Bursts(Driver):
    """One rule that performs `LENGTH` steps of the whole operation table at once.

    A draw costs Hypothesis ten times what a step costs. A burst is drawn as one value, so that it
    runs several times as many steps in a second, and no Bundle says which names exist: steps whose
    names are gone are left out. In turn Hypothesis knows nothing of the steps: it cannot vary one
    of them, and shrinks worse than our own shrinking, which follows.
    """

    @rule(
        number=st.integers(0, _POOLS - 1),
        drawn=st.binary(min_size=2 * LENGTH, max_size=2 * LENGTH),
    )
    def burst(self, number: int, drawn: bytes) -> None:
        """Perform the steps that these bytes stand for in the pool of that number."""
        example = self.example
        steps = _pool(self._setup.capabilities, number, example.config.get("jars", 1))
        for high, low in zip(drawn[::2], drawn[1::2], strict=True):
            example.perform(steps[((high << 8) | low) % len(steps)])


class BurstMachine(Bursts):
    """The machine that has bursts only."""


@functools.lru_cache(maxsize=64)
def _pool(capabilities: Capabilities, number: int, jars: int) -> Sequence[Step]:
    # Half of the pools are for few objects, so that steps meet one another more often.
    names = NAMES[: 4 if number % 2 else len(NAMES)]
    known = replace(
        Vocabulary.unsettled(names, jars),
        samples=capabilities.samples,
        cache=capabilities.cache,
        classes=capabilities.classes,
        absent=capabilities.absent,
    )
    # The word means nothing: another one would draw other pools, and a seed find other things.
    rng = random.Random(f"deck {number}/{jars}")
    return pool(rng, known, [OPERATIONS[name] for name in capabilities.operations], SIZE)
