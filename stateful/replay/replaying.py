"""Recorded traces, replayed on a target in a process of its own, in any interpreter.

Reference and target need not live in one process for this: each records what it does at each step,
and the recordings are compared. What the reference does may also come from a file.
"""

from __future__ import annotations

import threading
from collections.abc import Collection, Sequence
from dataclasses import dataclass, field
from typing import Any

from fixtures.implementation import Implementation
from fixtures.operations.domains import PART_NAMES
from fixtures.recording import record
from fixtures.targets import load
from fixtures.world import World, settings_for, trace_json
from stateful.lockstep.abstract import before
from stateful.lockstep.alone import replayed_alone
from stateful.lockstep.divergence import ALONE, CRASH, PASSING, Divergence, Masked, Signature
from stateful.lockstep.lockstep import perform_alone
from stateful.lockstep.observe import Difference
from stateful.lockstep.recorded import Differs, Seen, differences
from stateful.processes.isolation import AgentError, AgentLost, Launch
from stateful.processes.owner import Owner
from stateful.processes.target import Target, step_told
from stateful.replay.recording import Recording, recording
from stateful.traces.step import Step
from stateful.traces.trace import Trace

FIXED, DIVERGES, ERROR = "FIXED", "DIVERGES", "ERROR"
#: Held while the reference performs a trace: its sample classes tell of one world at a time, and
#: the collection of garbage is one for all threads.
_REFERENCE = threading.Lock()


@dataclass(frozen=True)
class Replayed:
    """The verdict on one recorded trace.

    ``verdict`` is `FIXED`, `DIVERGES` or `ERROR`. ``found`` is the divergence that is seen now,
    where one is; ``problem`` says why nothing could be judged. ``expected`` and ``actual`` are what
    reference and target did at each step, as far as they came.
    """

    verdict: str
    found: Divergence | None = None
    problem: str = ""
    expected: Recording = field(default=Recording(), repr=False)
    actual: Recording = field(default=Recording(), repr=False)


class Replayer(Owner):
    """Replays traces on a target; a trace that ends its process costs that trace only.

    Raises `TargetError` if the target does not start. ``about`` is what the target said of itself.
    """

    def __init__(self, launch: Launch, reference: Implementation | None = None) -> None:
        self._reference = reference or load("ref")
        self._target = Target(launch)
        self.about = self._target.about
        self._lacks_parts = not PART_NAMES.keys() & set(self._reference.parts) <= {
            *self.about["parts"]
        }

    def close(self) -> None:
        """End the process."""
        self._target.close()

    def replay(
        self,
        trace: Trace,
        despite: Collection[Signature] = (),
        expected: Sequence[Seen] | None = None,
        wanted: Signature | None = None,
        quickly: bool = False,
        at: int | None = None,
    ) -> Replayed:
        """Replay ``trace``; differences that are known ``despite`` it pass as in lock-step.

        Where a step differs in several ways, the one of the ``wanted`` signature is reported; at
        the step ``at``, as what it was.
        ``expected`` is what the reference does at each step, as it was recorded with garbage
        collected after each; None to ask the reference. ``quickly``, not all is looked at before
        the last two steps, so that an earlier step may be to blame. Raises `TargetError` if the
        target does not start again. Where the target lacks parts, so do the worlds, and the
        reference is asked.
        """
        if self._lacks_parts:
            offered = settings_for(trace.world, self.about["parts"])
            trace, expected = Trace(offered, trace.operations), None
        data = trace_json(trace.world, trace.operations)
        was = (at, wanted)
        collected: list[int] = []
        seen_from = first_seen(trace, quickly)
        while True:
            references = expected
            if references is None:
                with _REFERENCE:
                    recorded = record(self._reference, data, collected, seen_from=seen_from)
                if "unsupported" in recorded:
                    return Replayed(ERROR, problem=f"the reference: {recorded['unsupported']}")
                references = recorded["steps"]
            collect = None if expected is not None else collected
            try:
                got = self._record(data, collect, seen_from)
            except AgentLost as lost:
                made = self._lost(trace, references, lost, was)
                if quickly:
                    return Replayed(DIVERGES, made)
                done = self._until(made, lost, collect)
                return Replayed(DIVERGES, made, "", Recording(tuple(references)), done)
            except AgentError as error:
                return Replayed(ERROR, problem=f"{error}".strip().splitlines()[-1])
            both = recording({"steps": references}), recording(got)
            if wanted is not None and wanted.field in ALONE and at is not None:
                alone = replayed_alone(trace, got["steps"], wanted, at)
                if alone is not None:
                    return Replayed(DIVERGES, alone, "", *both)
            found = first_differing(
                self._reference, trace, references, got["steps"], despite, wanted
            )
            settled = found is None or expected is not None or found.step in collected
            if found is not None and (settled or found.difference.field in (*PASSING, "calls")):
                now = diverging(self._reference, trace, found, despite, was)
                return Replayed(DIVERGES, now, "", *both)
            if found is None:
                if "unsupported" in got:
                    return Replayed(ERROR, None, str(got["unsupported"]), *both)
                return Replayed(FIXED, None, "", *both)
            # An object may be freed at once in one implementation, and later in another.
            collected.append(found.step)

    def replay_divergence(self, found: Divergence) -> Replayed:
        """Replay the trace of a saved divergence."""
        return self.replay(found.trace, found.despite, wanted=found.signature, at=found.step)

    def _record(
        self, data: dict[str, Any], collect: list[int] | None, seen_from: int
    ) -> dict[str, Any]:
        result: dict[str, Any]
        result, _ = self._target.fairly(lambda: self._target.record(data, collect, seen_from))
        return result

    def _lost(
        self,
        trace: Trace,
        expected: Sequence[Seen],
        lost: AgentLost,
        was: tuple[int | None, Signature | None],
    ) -> Divergence:
        number = step_told(lost, len(trace.operations) - 1)
        difference = Difference(CRASH, expected[number]["does"], lost.how)
        return diverging(self._reference, trace, Differs(number, difference), (), was)

    def _until(self, made: Divergence, lost: AgentLost, collect: list[int] | None) -> Recording:
        """What the target did before the step in which its process was lost."""
        shorter = trace_json(made.trace.world, made.trace.operations[: made.step])
        try:
            before = self._record(shorter, collect, 0)["steps"]
        except (AgentLost, AgentError):
            before = ()
        return Recording(tuple(before), lost=f"the process {lost.how}")


def first_seen(trace: Trace, quickly: bool) -> int:
    """The first step of ``trace`` after which all is looked at; see `Replayer.replay`."""
    return max(len(trace.operations) - 2, 0) if quickly else 0


def first_differing(
    reference: Implementation,
    trace: Trace,
    expected: Sequence[Seen],
    actual: Sequence[Seen],
    despite: Collection[Signature] = (),
    wanted: Signature | None = None,
) -> Differs | None:
    """The first step of ``trace`` in which two recordings differ; see `Replayer.replay`."""
    known = Masked(despite)
    steps = [Step.of(made) for made in trace.operations]
    met = _befores(reference, trace) if despite else ()
    for number, (step, one, other) in enumerate(zip(steps, expected, actual, strict=False)):
        found = list(differences(step, one, other))
        if found and all(
            met
            and each.field in PASSING
            and known.holds(Signature(step.label, met[number], each.field))
            for each in found
        ):
            continue
        if found:
            field = None if wanted is None else wanted.field
            best = next((each for each in found if each.field == field), found[0])
            return Differs(number, best)
    return None


def diverging(
    reference: Implementation,
    trace: Trace,
    found: Differs,
    despite: Collection[Signature] = (),
    was: tuple[int | None, Signature | None] = (None, None),
) -> Divergence:
    """What was ``found`` in ``trace`` as a divergence, whose trace ends there.

    If it is what ``was`` seen before, in a step and as a signature, it keeps that signature.
    """
    number, difference = found
    shorter = Trace(trace.world, tuple(trace.operations[: number + 1]))
    at, wanted = was
    if wanted is not None and (at, wanted.field) == (number, difference.field):
        signature = wanted
    else:
        label = Step.of(trace.operations[number]).label
        signature = Signature(label, _befores(reference, shorter)[-1], difference.field)
    return Divergence(
        signature, shorter, number, difference.expected, difference.actual, tuple(despite)
    )


def _befores(reference: Implementation, trace: Trace) -> list[str]:
    """The abstract state that each step meets, as the reference has it."""
    found = []
    with _REFERENCE:
        world = World(reference, trace.world)
        world.keep_no_trace()
        try:
            for step in map(Step.of, trace.operations):
                found.append(before(world, step))
                perform_alone(world, step)
        finally:
            world.close()
    return found
