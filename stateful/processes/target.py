"""A target that is talked to, lost and started again: whoever needs one has it from here."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from typing import Any, TypeVar

from stateful.processes.isolation import Agent, AgentLost, Launch
from stateful.processes.owner import Owner
from stateful.processes.patience import Patience

_Result = TypeVar("_Result")
#: What a recording prints before each step.
_STEP = re.compile(r"^step (\d+)$", re.MULTILINE)


class Target(Owner):
    """A target in a process of its own; after the process was lost, the next call starts another.

    ``about`` is what the target said of itself; ``patience`` is for the calls that follow, and
    falls with those that hang. Raises `TargetError` if it does not start, and so
    does each call that has to start it again. Where a process was lost, others will be: they are
    forked from one that has loaded the target, and has nothing else to do.
    """

    def __init__(self, launch: Launch) -> None:
        self.launch = launch
        self.patience = Patience(launch.timeout)
        self._agent: Agent | None = Agent(launch)
        self._mother: Agent | None = None
        self._is_used = False
        self.about: Mapping[str, Any] = self._agent.about

    @property
    def is_running(self) -> bool:
        """Whether there is a process, so that the next call starts none."""
        return self._agent is not None

    @property
    def is_used(self) -> bool:
        """Whether something has been called in the process that runs now."""
        return self._agent is not None and self._is_used

    def call(self, function: str, **arguments: Any) -> Any:
        """Call ``module:function`` with the implementation and ``arguments``.

        Raises `AgentLost` and `AgentError` as `Agent.call` does; a lost process is cleared away.
        """
        self.send(function, **arguments)
        return self.receive()

    def record(
        self, trace: Mapping[str, Any], collect: Sequence[int] | None, seen_from: int = 0
    ) -> Any:
        """What the target does in ``trace`` (JSON), as `fixtures.recording.record` tells it.

        Raises what `call` does; `step_told` says then how far it came.
        """
        return self.call(
            "fixtures.recording:record",
            trace=trace,
            collect=collect,
            tell=True,
            seen_from=seen_from,
        )

    def send(self, function: str, **arguments: Any) -> None:
        """Have ``module:function`` called; `receive` has to follow before the next one is sent."""
        if self._agent is None:
            self._agent = self._another()
        self._is_used = True
        try:
            self._agent.send(function, **arguments)
        except AgentLost:
            self._let_go()
            raise

    def receive(self) -> Any:
        """What the function that was sent returned."""
        if self._agent is None:
            raise ValueError("receive: nothing was sent")
        try:
            return self._agent.receive(self.patience.seconds)
        except AgentLost as lost:
            self.patience.heed(lost.how)
            self._let_go()
            raise

    def fairly(self, attempt: Callable[[], _Result]) -> tuple[_Result, AgentLost | None]:
        """What ``attempt`` comes to, which calls this target once.

        If the process is lost, ``attempt`` is made again in a fresh one: memory that others have
        corrupted, or a signal from outside, is no verdict on this one. Then the second value tells
        of that loss. Raises `AgentLost` if that process is lost too.
        """
        try:
            return attempt(), None
        except AgentLost as lost:
            earlier = lost
        return attempt(), earlier

    def close(self) -> None:
        """End the process."""
        self._let_go()
        if self._mother is not None:
            self._mother.close()
            self._mother = None

    def _let_go(self) -> None:
        if self._agent is not None:
            self._agent.close()
            self._agent = None
        self._is_used = False

    def _another(self) -> Agent:
        try:
            if self._mother is None:
                self._mother = Agent(self.launch)
                if not self._mother.nurse():
                    loaded, self._mother = self._mother, None
                    return loaded
            return Agent(self.launch, self._mother)
        except AgentLost:
            # Somebody has killed it.
            self.close()
            return Agent(self.launch)


def step_told(lost: AgentLost, otherwise: int) -> int:
    """The number of the step in which the process was lost, by what it said last, if anything."""
    told = _STEP.findall(lost.printed)
    return int(told[-1]) if told else otherwise


__all__ = ["Target", "step_told"]
