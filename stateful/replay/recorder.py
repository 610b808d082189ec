"""Records what a target does in traces, in a process of its own, without asking what is right."""

from __future__ import annotations

from fixtures.implementation import Implementation
from fixtures.recording import record
from fixtures.world import trace_json
from stateful.processes.isolation import AgentError, AgentLost, Launch
from stateful.processes.target import Target, step_told
from stateful.replay.recording import Recording, recording
from stateful.traces.trace import Trace


def recorded_by(implementation: Implementation, trace: Trace, seen_from: int = 0) -> Recording:
    """What ``implementation``, in this process, does in ``trace``.

    Nothing is seen before the step with the number ``seen_from``.
    """
    made = trace_json(trace.world, trace.operations)
    return recording(record(implementation, made, seen_from=seen_from))


class Recorder:
    """Records traces on a target; one that ends its process costs a new process, and no more.

    Raises `TargetError` if the target does not start. ``about`` is what the target said of itself.
    """

    def __init__(self, launch: Launch) -> None:
        self._target = Target(launch)
        self.about = self._target.about

    def close(self) -> None:
        """End the process."""
        self._target.close()

    def record(self, trace: Trace, seen_from: int = 0) -> Recording:
        """What the target does in ``trace``. Raises `TargetError` if it does not start again.

        Nothing is seen before the step with the number ``seen_from``.
        """
        try:
            return self._target.fairly(lambda: self._try(trace, seen_from))[0]
        except AgentLost as lost:
            return self._until_lost(trace, lost)

    def _try(self, trace: Trace, seen_from: int = 0) -> Recording:
        data = trace_json(trace.world, trace.operations)
        try:
            done = self._target.record(data, None, seen_from)
        except AgentError as error:
            return Recording(unsupported=f"{error}".strip().splitlines()[-1])
        return recording(done)

    def _until_lost(self, trace: Trace, lost: AgentLost) -> Recording:
        """What was done before the step in which the process was lost."""
        number = step_told(lost, 0)
        try:
            before = self._try(Trace(trace.world, tuple(trace.operations[:number])))
        except AgentLost:
            return Recording(lost=f"the process {lost.how}")
        return Recording(before.steps, before.unsupported, f"the process {lost.how}")


__all__ = ["Recorder", "Recording", "recorded_by"]
