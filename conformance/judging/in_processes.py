"""Runs checks on a target in processes of their own, and emits what comes of them."""

from __future__ import annotations

import queue
import threading
import time
from collections import deque
from collections.abc import Iterator, Sequence
from dataclasses import replace
from pathlib import Path

import conformance
from conformance.clauses.registry import Check
from conformance.judging.events import CheckFinished, Event, RunFinished, RunStarted, Subject
from conformance.judging.in_process import INCONCLUSIVE, NOT_RUN
from fixtures.targets import TargetError
from stateful.processes.isolation import Agent, AgentError, AgentLost, Launch

_PACKAGES = (Path(conformance.__file__).parent,)
_RUN_CHECK = "conformance.judging.in_process:run_check"


class CheckAgent:
    """Runs checks one after the other; a check that ends the process costs that check only."""

    def __init__(self, target: str, python: str | None = None, timeout: float = 10.0) -> None:
        self._launch = Launch(target, python, _PACKAGES)
        self._timeout = timeout
        self._agent: Agent | None = Agent(self._launch)
        self._runs = 0
        self.subject = _subject(target, self._agent)

    def run(self, check: Check) -> CheckFinished:
        """The verdict of ``check``. Raises `TargetError` if the target does not start again.

        A check in which the process is lost is tried again in a fresh one, unless it was the first
        there: memory that another check has corrupted is no verdict on this one.
        """
        if check.alone and self._used:
            self.close()
        was_used = self._used
        try:
            finished = self._try(check)
        except AgentLost as lost:
            finished = _inconclusive(check, lost)
            if was_used:
                try:
                    finished = replace(self._try(check), aftermath=f"the process {lost.how}")
                except AgentLost as lost_again:
                    finished = _inconclusive(check, lost_again)
        if check.alone:
            self.close()
        return finished

    @property
    def _used(self) -> bool:
        return self._agent is not None and self._runs > 0

    def _try(self, check: Check) -> CheckFinished:
        if self._agent is None:
            self._agent = Agent(self._launch)
            self._runs = 0
        self._runs += 1
        try:
            result = self._agent.call(_RUN_CHECK, self._timeout, check=check.id)
        except AgentLost:
            self.close()
            raise
        except AgentError as error:
            return CheckFinished(check.id, check.clause, INCONCLUSIVE, str(error).strip())
        result["words"] = tuple(result.get("words", ()))
        return CheckFinished(clause=check.clause, **result)

    def close(self) -> None:
        """End the process."""
        if self._agent is not None:
            self._agent.close()
            self._agent = None


def run(
    target: str,
    checks: Sequence[Check],
    *,
    python: str | None = None,
    workers: int = 2,
    timeout: float = 10.0,
) -> Iterator[Event]:
    """Run ``checks`` on ``target``, and yield events in the order in which they happen.

    ``timeout`` is in seconds for each check. Raises `TargetError` if the target does not start.
    """
    began = time.monotonic()
    first = CheckAgent(target, python, timeout)
    yield RunStarted(first.subject, len(checks))
    waiting = deque(checks)
    finished: queue.SimpleQueue[CheckFinished] = queue.SimpleQueue()

    def work(agent: CheckAgent | None) -> None:
        while True:
            try:
                check = waiting.popleft()
            except IndexError:
                break
            try:
                agent = agent or CheckAgent(target, python, timeout)
                finished.put(agent.run(check))
            except TargetError as error:
                finished.put(CheckFinished(check.id, check.clause, NOT_RUN, str(error)))
            except BaseException as error:
                finished.put(CheckFinished(check.id, check.clause, NOT_RUN, repr(error)))
                raise
        if agent is not None:
            agent.close()

    threads = [
        threading.Thread(target=work, args=(first if number == 0 else None,), daemon=True)
        for number in range(max(1, min(workers, len(checks))))
    ]
    try:
        for thread in threads:
            thread.start()
        for _ in checks:
            yield finished.get()
    finally:
        waiting.clear()
        for thread in threads:
            thread.join()
        first.close()
    yield RunFinished(time.monotonic() - began)


def _inconclusive(check: Check, lost: AgentLost) -> CheckFinished:
    return CheckFinished(check.id, check.clause, INCONCLUSIVE, f"the target's process {lost.how}")


def _subject(target: str, agent: Agent) -> Subject:
    about = dict(agent.about)
    about["parts"] = tuple(about["parts"])
    about["capabilities"] = tuple(about["capabilities"])
    return Subject(target=target, **about)
