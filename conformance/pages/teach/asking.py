"""Asking: what an implementation in a process of its own does in many traces at once."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Any

from stateful.processes.isolation import AgentLost, Launch
from stateful.processes.target import Target
from stateful.traces.step import Step

#: Traces in a message.
BATCH = 1000
#: Seconds of CPU that a message may take.
_TIMEOUT = 60.0

#: What was seen in a trace; how the process was lost in it, if it is a text.
Answer = Mapping[str, Any] | str
#: Some steps, and the arguments of the function that performs these traces.
Message = Callable[[Sequence[Sequence[Step]]], Mapping[str, Any]]


class Asked:
    """A target that is asked about many traces at once; ``about`` is what it said of itself.

    Raises `TargetError` if it does not start.
    """

    def __init__(self, launch: Launch) -> None:
        self._target = Target(replace(launch, timeout=_TIMEOUT))
        self.about = self._target.about

    def close(self) -> None:
        """End the process."""
        self._target.close()

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
            return list(self._target.call(function, **message(traces)))
        except AgentLost as lost:
            if len(traces) == 1:
                return [lost.how]
        half = len(traces) // 2
        return [
            answer
            for part in (traces[:half], traces[half:])
            for answer in self._together(function, part, message)
        ]


__all__ = ["BATCH", "Answer", "Asked", "Message"]
