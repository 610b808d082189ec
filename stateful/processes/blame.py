"""Blame: which step ended the process, and the shortest trace that still does."""

from __future__ import annotations

import gc
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from fixtures.implementation import Implementation
from fixtures.world import World
from stateful.lockstep.divergence import CRASH, Divergence, Masked, Signature
from stateful.lockstep.lockstep import Lockstep, Pass, perform_alone, quiet_garbage, replay
from stateful.lockstep.shrink import shrink
from stateful.processes import child
from stateful.processes.child import Limits
from stateful.processes.patience import SILENT
from stateful.processes.work import Post
from stateful.traces.step import Step
from stateful.traces.trace import Trace

#: How many traces may be tried while shrinking, each in a process of its own; fewer where the
#: process hangs.
TRIES, _HANGING_TRIES = 500, 60
#: How many seconds of CPU a step may use that is tried while shrinking; where the process hangs,
#: each try that holds takes that long, and the last one is confirmed.
_TRY_SECONDS, _HANGING_SECONDS = 1.0, 0.2

Run = Callable[[child.Work, Limits, child.Heard], "str | None"]


@dataclass
class Told:
    """The steps that a process told of before it was lost; the last one is the culprit."""

    config: dict[str, Any] = field(default_factory=dict)
    steps: list[dict[str, Any]] = field(default_factory=list)
    label: str = ""
    before: str = ""
    passed: tuple[Signature, ...] = ()

    def hear(self, kind: str, content: Any) -> None:
        """Take a message in, if it is about a step."""
        if kind != "step":
            return
        made, self.label, self.before, passed, first = content
        trace = Trace.from_json(made)
        if first or not self.steps:
            self.config, self.steps = dict(trace.world), []
        self.steps.extend(dict(each) for each in trace.operations)
        self.passed = tuple(map(Signature.parse, passed))

    @property
    def signature(self) -> Signature:
        """The signature of what the last step did."""
        return Signature(self.label, self.before, CRASH)

    def divergence(self, expected: str, actual: str) -> Divergence:
        """What was told as a divergence."""
        trace = Trace(self.config, tuple(self.steps))
        last = len(self.steps) - 1
        return Divergence(self.signature, trace, last, expected, actual, self.passed)


class Blamer:
    """Makes divergences of lost processes, each try in a fresh process.

    ``run`` performs work in such a process, as `stateful.processes.child.run` does.
    """

    def __init__(
        self,
        reference: Implementation,
        target: Implementation,
        limits: Limits,
        run: Run = child.run,
    ) -> None:
        self._reference = reference
        self._target = target
        self._limits = limits
        self._run = run

    def performed(
        self, trace: Trace, known: Sequence[Signature], seconds: float | None = None
    ) -> tuple[Told, str | None]:
        """Perform a trace in a fresh process, as far as nothing differs but what is ``known``.

        The steps that were told, and how the process was lost; None if it was not.
        """
        told = Told()
        limits = self._limits if seconds is None else replace(self._limits, seconds=seconds)

        def work(post: Post) -> None:
            perform_telling(post, self._reference, self._target, trace, known)

        return told, self._run(work, limits, told.hear)

    def blame(self, told: Told, known: Sequence[Signature]) -> Divergence | None:
        """The divergence, not yet shrunk, of what a lost process told; None if it is not repeated.

        It is repeated from a new world on, so that its trace is all that it takes.
        """
        if not told.steps:
            return None
        again, how = self.performed(Trace(told.config, tuple(told.steps)), known)
        if how is None or not again.steps:
            return None
        return again.divergence(self._expected(again), how)

    def shrink(self, found: Divergence) -> Divergence:
        """The shortest trace found whose last step ends the process too, for the same reason."""
        kept = found
        known = found.despite
        hangs = found.actual.startswith(SILENT)
        limit = min(_HANGING_SECONDS if hangs else _TRY_SECONDS, self._limits.seconds)

        def holds(trace: Trace) -> bool:
            nonlocal kept
            told, how = self.performed(trace, known, limit)
            if how is None or not told.steps or how.startswith(SILENT) is not hangs:
                return False
            if not told.signature.covers(kept.signature):
                return False
            kept = told.divergence(kept.expected, found.actual if hangs else how)
            return True

        shrink(found.trace, holds, _HANGING_TRIES if hangs else TRIES)
        if hangs and self.performed(kept.trace, known)[1] is None:
            return found
        return replace(kept, expected=self._expected_of(kept.trace))

    def shrink_difference(self, found: Divergence) -> Divergence:
        """Shrink what differs without ending the process, where other traces may end it."""
        kept = found

        def holds(trace: Trace) -> bool:
            nonlocal kept
            seen: list[Divergence] = []

            def work(post: Post) -> None:
                made = replay(self._reference, self._target, trace, known=found.despite)
                if made is not None:
                    post.found(made)

            def hear(kind: str, content: Any) -> None:
                if kind == "found":
                    seen.append(Divergence.from_json(content))

            limits = replace(self._limits, seconds=min(_TRY_SECONDS, self._limits.seconds))
            if self._run(work, limits, hear) is not None or not seen:
                return False
            signature = seen[0].signature
            same = (signature.operation, signature.field) == (
                kept.signature.operation,
                kept.signature.field,
            )
            if same and signature.covers(kept.signature):
                kept = seen[0]
                return True
            return False

        shrink(found.trace, holds, TRIES)
        return kept

    def _expected(self, told: Told) -> str:
        return self._expected_of(Trace(told.config, tuple(told.steps)))

    def _expected_of(self, trace: Trace) -> str:
        """What the reference does at the last step, in words."""
        world = World(self._reference, trace.world)
        world.keep_no_trace()
        try:
            error = None
            for made in trace.operations:
                error = perform_alone(world, Step.of(made))
        finally:
            world.close()
        return "returns" if error is None else f"raises {error}"


def perform_telling(
    post: Post,
    reference: Implementation,
    target: Implementation,
    trace: Trace,
    known: Sequence[Signature],
) -> None:
    """Perform a trace, telling of each step; behind what is new, nothing is compared any more."""
    with quiet_garbage():
        driven = Lockstep(reference, target, trace.world)
        way = Pass(driven, Masked(known))
        differs = False
        for made in trace.operations:
            step = Step.of(made)
            if driven.can(step):
                post.step(trace.world, step, driven.before(step), tuple(way.passed))
                if differs:
                    driven.go_on(step)
                else:
                    differs = way.perform(step) is not None
        if not differs:
            driven.compare()
        driven.close()
    gc.collect()
