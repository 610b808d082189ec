"""Recorded traces, replayed on a target in a process of its own, in any interpreter.

Reference and target need not live in one process for this: each records what it does at each step,
and the recordings are compared. What the reference does may also come from a file.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from typing import Any

from fixtures.implementation import Implementation
from fixtures.recording import record
from fixtures.targets import load
from fixtures.world import World, trace_json
from stateful.lockstep.abstract import before
from stateful.lockstep.divergence import CRASH, PASSING, Divergence, Masked, Signature
from stateful.lockstep.lockstep import perform_alone
from stateful.lockstep.observe import Difference
from stateful.lockstep.recorded import Differs, Seen, differences
from stateful.processes.isolation import AgentError, AgentLost, Launch
from stateful.processes.owner import Owner
from stateful.processes.target import Target, step_told
from stateful.traces.step import Step
from stateful.traces.trace import Trace

FIXED, DIVERGES, ERROR = "FIXED", "DIVERGES", "ERROR"


@dataclass(frozen=True)
class Replayed:
    """The verdict on one recorded trace.

    ``verdict`` is `FIXED`, `DIVERGES` or `ERROR`. ``found`` is the divergence that is seen now,
    where one is; ``problem`` says why nothing could be judged.
    """

    verdict: str
    found: Divergence | None = None
    problem: str = ""


class Replayer(Owner):
    """Replays traces on a target; a trace that ends its process costs that trace only.

    Raises `TargetError` if the target does not start. ``about`` is what the target said of itself.
    """

    def __init__(self, launch: Launch, reference: Implementation | None = None) -> None:
        self._reference = reference or load("ref")
        self._target = Target(launch)
        self.about = self._target.about

    def close(self) -> None:
        """End the process."""
        self._target.close()

    def replay(
        self,
        trace: Trace,
        despite: Collection[Signature] = (),
        expected: Sequence[Seen] | None = None,
        wanted: Signature | None = None,
    ) -> Replayed:
        """Replay ``trace``; differences that are known ``despite`` it pass as in lock-step.

        Where a step differs in several ways, the one of the ``wanted`` signature is reported.
        ``expected`` is what the reference does at each step, as it was recorded with garbage
        collected after each; None to ask the reference. Raises `TargetError` if the target does
        not start again.
        """
        data = trace_json(trace.world, trace.operations)
        collected: list[int] = []
        while True:
            references = expected
            if references is None:
                recorded = record(self._reference, data, collected)
                if "unsupported" in recorded:
                    return Replayed(ERROR, problem=f"the reference: {recorded['unsupported']}")
                references = recorded["steps"]
            try:
                got = self._record(data, None if expected is not None else collected)
            except AgentLost as lost:
                return self._lost(trace, references, lost)
            except AgentError as error:
                return Replayed(ERROR, problem=f"{error}".strip().splitlines()[-1])
            found = self._difference(trace, references, got["steps"], despite, wanted)
            settled = found is None or expected is not None or found.step in collected
            if found is not None and (settled or found.difference.field in (*PASSING, "calls")):
                return Replayed(DIVERGES, self._divergence(trace, found, despite))
            if found is None:
                if "unsupported" in got:
                    return Replayed(ERROR, problem=str(got["unsupported"]))
                return Replayed(FIXED)
            # An object may be freed at once in one implementation, and later in another.
            collected.append(found.step)

    def replay_divergence(self, found: Divergence) -> Replayed:
        """Replay the trace of a saved divergence."""
        return self.replay(found.trace, found.despite, wanted=found.signature)

    def _record(self, data: dict[str, Any], collect: list[int] | None) -> dict[str, Any]:
        result: dict[str, Any]
        result, _ = self._target.fairly(lambda: self._target.record(data, collect))
        return result

    def _lost(self, trace: Trace, expected: Sequence[Seen], lost: AgentLost) -> Replayed:
        number = step_told(lost, len(trace.operations) - 1)
        difference = Difference(CRASH, expected[number]["does"], lost.how)
        return Replayed(DIVERGES, self._divergence(trace, Differs(number, difference), ()))

    def _difference(
        self,
        trace: Trace,
        expected: Sequence[Seen],
        actual: Sequence[Seen],
        despite: Collection[Signature],
        wanted: Signature | None,
    ) -> Differs | None:
        known = Masked(despite)
        steps = [Step.of(made) for made in trace.operations]
        met = self._befores(trace) if despite else ()
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

    def _befores(self, trace: Trace) -> list[str]:
        """The abstract state that each step meets, as the reference has it."""
        world = World(self._reference, trace.world)
        world.keep_no_trace()
        found = []
        try:
            for step in map(Step.of, trace.operations):
                found.append(before(world, step))
                perform_alone(world, step)
        finally:
            world.close()
        return found

    def _divergence(
        self, trace: Trace, found: Differs, despite: Collection[Signature]
    ) -> Divergence:
        number, difference = found
        shorter = Trace(trace.world, tuple(trace.operations[: number + 1]))
        signature = Signature(
            Step.of(trace.operations[number]).label, self._befores(shorter)[-1], difference.field
        )
        return Divergence(
            signature, shorter, number, difference.expected, difference.actual, tuple(despite)
        )
