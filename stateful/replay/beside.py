"""Traces replayed on a target beside an accepted implementation: what is new, what is mended."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import replace

from fixtures.implementation import Implementation
from fixtures.targets import load
from fixtures.world import settings_for
from stateful.lockstep.divergence import CRASH, Divergence, Signature
from stateful.lockstep.observe import Difference
from stateful.lockstep.recorded import Differs, Seen, differences
from stateful.processes.isolation import Launch
from stateful.processes.owner import Owner
from stateful.replay.recorder import Recorder, recorded_by
from stateful.replay.recording import Recording
from stateful.replay.replaying import (
    DIVERGES,
    ERROR,
    FIXED,
    Replayed,
    diverging,
    first_differing,
    first_seen,
)
from stateful.traces.step import Step
from stateful.traces.trace import Trace


class Beside(Owner):
    """Replays traces on a target and on an accepted implementation, each in a process of its own.

    `replay` is that of `stateful.replay.replaying.Replayer`, except that a trace diverges where
    the target differs from the accepted implementation. Raises `TargetError` if one of them does
    not start.
    """

    def __init__(
        self, target: Launch, accepted: Launch, reference: Implementation | None = None
    ) -> None:
        self._reference = reference or load("ref")
        self._target = Recorder(target)
        self._accepted = Recorder(accepted)

    def close(self) -> None:
        """End the processes."""
        self._target.close()
        self._accepted.close()

    def replay(
        self,
        trace: Trace,
        despite: Collection[Signature] = (),
        wanted: Signature | None = None,
        quickly: bool = False,
    ) -> Replayed:
        """Replay ``trace``; what of it differs first, as it stands to the reference."""
        seen_from = first_seen(trace, quickly)
        # What one of them lacks, the worlds of both lack.
        parts = (each.about["parts"] for each in (self._target, self._accepted))
        trace = Trace(settings_for(trace.world, *parts), trace.operations)
        actual = self._target.record(trace, seen_from)
        accepted = self._accepted.record(trace, seen_from)
        found = first_differing(
            self._reference, trace, accepted.steps, actual.steps, despite, wanted
        ) or _ends_differ(accepted, actual)
        if found is None:
            lacking = actual.unsupported or accepted.unsupported
            return Replayed(ERROR, problem=lacking) if lacking else Replayed(FIXED)
        made = diverging(self._reference, trace, found, despite)
        right = recorded_by(self._reference, made.trace, seen_from)
        return Replayed(DIVERGES, _judged(made, right.steps, actual.steps), "", right, actual)

    def replay_divergence(self, found: Divergence) -> Replayed:
        """Replay the trace of a saved divergence."""
        return self.replay(found.trace, found.despite, found.signature)


def _judged(made: Divergence, right: Sequence[Seen], actual: Sequence[Seen]) -> Divergence:
    """``made``, which says what the accepted implementation shows, with what is right."""
    step, field = Step.of(made.trace.operations[made.step]), made.signature.field
    expected = made.actual
    if made.step >= len(actual):
        expected = right[made.step]["does"]
    elif field != CRASH:
        seen = differences(step, right[made.step], actual[made.step])
        expected = next((each.expected for each in seen if each.field == field), expected)
    is_mended = len(actual) > made.step and not any(
        next(differences(Step.of(did), one, other), None)
        for did, one, other in zip(made.trace.operations, right, actual, strict=False)
    )
    return replace(made, expected=expected, accepted=made.expected, is_mended=is_mended)


def _ends_differ(accepted: Recording, actual: Recording) -> Differs | None:
    """The step in which the process of one is lost, and not that of the other."""
    place = min(len(accepted.steps), len(actual.steps))
    if len(accepted.steps) == len(actual.steps) or not (accepted.lost or actual.lost):
        return None
    shown = [
        str(each.steps[place]["does"])
        if place < len(each.steps)
        else each.lost.replace("the process ", "", 1)
        for each in (accepted, actual)
    ]
    return Differs(place, Difference(CRASH, *shown)) if all(shown) else None


__all__ = ["Beside"]
