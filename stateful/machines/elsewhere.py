"""The machines over targets elsewhere: the reference performs examples, which are judged later.

Nothing that the target does decides what is drawn, so that Hypothesis sees the same end for the
same choices; a session is judged when it is over.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from fixtures.errors import Unsupported
from fixtures.world import World
from stateful.engines.elsewhere import Draft, Elsewhere, Performed
from stateful.lockstep.divergence import Masked
from stateful.lockstep.lockstep import quiet_garbage
from stateful.machines.example import Example, MachineSetup
from stateful.machines.unit import session
from stateful.processes.work import Post
from stateful.traces.step import Step

_Covered = Callable[[str, str], None]


class SetupElsewhere(MachineSetup):
    """What all runs of a machine share whose target, and perhaps an accepted one, are ``there``.

    ``covered`` is told of each step and the abstract state that it meets.
    """

    def __init__(self, there: Elsewhere, covered: _Covered | None = None) -> None:
        super().__init__(there.reference, there.target, supervised=True)
        self.known: Masked = there.known
        self.there = there
        self.covered = covered
        self._drafted: list[Performed] = []

    def begin(
        self, config: Mapping[str, Any], population: Sequence[Step], unmasked: bool
    ) -> Example:
        """An example with this configuration and population, judged by `judge`."""
        return _Drafted(self, config, population, unmasked)

    def keep(self, performed: Performed) -> None:
        """Keep an example until it is judged."""
        self._drafted.append(performed)

    def judge(self) -> None:
        """Judge the examples that were kept."""
        drafted, self._drafted = self._drafted, []
        self.there.judge(drafted)
        self.counts.flaky = self.there.flaky


class _Drafted(Example):
    """An example that only the reference performs."""

    _setup: SetupElsewhere

    @property
    def world(self) -> World | None:
        """The world of the reference; None if the example is over."""
        return None if self._draft is None else self._draft.world

    def _start(self) -> None:
        setup = self._setup
        self._draft: Draft | None = setup.there.draft(self.config, setup.covered, self._unmasked)
        for step in self._population:
            self.perform(step)

    def perform(self, step: Step) -> bool:
        """Perform ``step``; whether it was performed."""
        if self._draft is None:
            return False
        try:
            done = self._draft.perform(step)
        except Unsupported:
            self.end()
            return False
        self._setup.counts.steps += done
        return done

    def end(self) -> None:
        """Let go of the world, and hand over what was performed."""
        if self._draft is not None:
            self._setup.counts.skipped += self._draft.skipped
            self._setup.keep(self._draft.end())
            self._draft = None


def play_elsewhere(
    post: Post,
    sides: Mapping[str, Any],
    seed: int,
    examples: int,
    machine: str,
    database: str | None = None,
) -> dict[str, Any]:
    """Run a machine for at least ``examples`` examples."""
    with Elsewhere.of(post, sides) as there:
        setup = SetupElsewhere(there, post.covered)
        number = 0
        with quiet_garbage():
            while setup.counts.examples < examples:
                steps, done = setup.counts.steps, setup.counts.examples
                session(setup, machine, seed, number, database=database)
                setup.judge()
                post.count(steps=setup.counts.steps - steps, examples=setup.counts.examples - done)
                number += 1
        post.count(known=there.known_runs)
        return {"skipped": setup.counts.skipped, "flaky": setup.counts.flaky}
