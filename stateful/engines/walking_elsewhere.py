"""Walks over targets elsewhere: the runs of the walker, some at a time."""

from __future__ import annotations

from collections.abc import Callable, Iterator

from stateful.engines.elsewhere import Elsewhere, Performed
from stateful.engines.walker import COVERED, UNMASKED, Draws, Run, Walked
from stateful.lockstep.divergence import Divergence
from stateful.lockstep.lockstep import quiet_garbage

#: Runs that are judged together.
BATCH = 20


class WalkElsewhere:
    """A walk as `stateful.engines.walker.Walk` is; the target, and an accepted one, are ``there``.

    ``covered`` is told of steps and the abstract states that they meet, in one run of `COVERED`.
    """

    def __init__(
        self,
        there: Elsewhere,
        seed: int,
        covered: Callable[[str, str], None] | None = None,
    ) -> None:
        self.result = Walked(there.found)
        self._there = there
        self._draws = Draws(there.reference, there.target, seed)
        self._seed = seed
        self._covered = covered

    def divergences(self, budget: int, first: int = 0) -> Iterator[Divergence]:
        """Perform at least ``budget`` steps, from run ``first`` on; yield what is found."""
        number, size = first, 1
        with quiet_garbage():
            while self.result.steps < budget:
                batch: list[Performed] = []
                while len(batch) < size and self.result.steps < budget:
                    batch.append(self._perform(self._draws.run(number), number))
                    number += 1
                # What is found first is frequent: it is masked as soon as it is known.
                size = min(2 * size, BATCH)
                before = len(self._there.found)
                self._there.judge(batch)
                self.result.flaky = self._there.flaky
                yield from self._there.found[before:]

    def _perform(self, run: Run, number: int) -> Performed:
        unmasked = (self._seed + number) % UNMASKED == 0
        covered = self._covered if number % COVERED == 0 else None
        draft = self._there.draft(run.config, covered, unmasked)
        self.result.runs += 1
        for step in (*run.population, *run.steps):
            draft.perform(step)
            if len(draft.performed.steps) >= run.length:
                break
        self.result.steps += len(draft.performed.steps)
        self.result.skipped += draft.skipped
        return draft.end()


__all__ = ["WalkElsewhere"]
