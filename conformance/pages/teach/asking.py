"""Asking: what an implementation in a process of its own does in many traces at once."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any

from stateful.processes.isolation import Agent, AgentLost, Launch
from stateful.traces.step import Step

#: Traces in a message.
BATCH = 400
#: Seconds that a message may take.
_TIMEOUT = 60.0

#: What was seen in a trace; how the process was lost in it, if it is a text.
Answer = Mapping[str, Any] | str
#: Some steps, and the arguments of the function that performs these traces.
Message = Callable[[Sequence[Sequence[Step]]], Mapping[str, Any]]


class Asked:
    """A process that holds ``target``, and is started again when a trace ends it.

    ``python`` is the interpreter to run it in, this one if None. ``about`` is what it said of
    itself. Raises `TargetError` if it does not start.
    """

    def __init__(self, target: str, python: str | None) -> None:
        self._launch = Launch(target, python)
        self._agent: Agent | None = Agent(self._launch)
        self.about: Mapping[str, Any] = self._agent.about

    def close(self) -> None:
        """End the process."""
        if self._agent is not None:
            self._agent.close()
            self._agent = None

    def about_each(
        self, function: str, traces: Sequence[Sequence[Step]], message: Message
    ) -> Iterator[Answer]:
        """What ``function`` tells of each trace; ``message`` makes its arguments for some of them.

        Raises `TargetError` if the target does not start again.
        """
        for first in range(0, len(traces), BATCH):
            yield from self._together(function, traces[first : first + BATCH], message)

    def _together(
        self, function: str, traces: Sequence[Sequence[Step]], message: Message
    ) -> list[Answer]:
        """Half of the traces at a time, if the process is lost in one of them."""
        try:
            return list(self._call(function, message(traces)))
        except AgentLost as lost:
            if len(traces) == 1:
                return [lost.how]
        half = len(traces) // 2
        return [
            answer
            for part in (traces[:half], traces[half:])
            for answer in self._together(function, part, message)
        ]

    def _call(self, function: str, arguments: Mapping[str, Any]) -> Any:
        if self._agent is None:
            self._agent = Agent(self._launch)
        try:
            return self._agent.call(function, _TIMEOUT, **arguments)
        except AgentLost:
            self.close()
            raise


__all__ = ["BATCH", "Answer", "Asked", "Message"]
