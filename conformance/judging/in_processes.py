"""Runs checks on a target in processes of their own, and emits what comes of them."""

from __future__ import annotations

import queue
import threading
import time
from collections import deque
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import conformance
from conformance.clauses.registry import Check
from conformance.judging.events import CheckFinished, Event, RunFinished, RunStarted, Subject
from conformance.judging.in_process import INCONCLUSIVE, NOT_RUN
from fixtures.targets import TargetError
from stateful.processes.isolation import AgentError, AgentLost, Launch
from stateful.processes.target import Target

_PACKAGES = (Path(conformance.__file__).parent,)
_RUN_CHECK = "conformance.judging.in_process:run_check"


class CheckAgent:
    """Runs checks one after the other; a check that ends the process costs that check only."""

    def __init__(self, launch: Launch) -> None:
        self._target = Target(replace(launch, packages=_PACKAGES))
        self.subject = _subject(launch.target, self._target.about)

    def run(self, check: Check) -> CheckFinished:
        """The verdict of ``check``. Raises `TargetError` if the target does not start again.

        A check in which the process is lost is tried again in a fresh one, unless it was the first
        there.
        """
        if check.alone and self._target.is_used:
            self.close()
        try:
            finished, earlier = self._target.fairly(lambda: self._try(check))
        except AgentLost as lost:
            finished = CheckFinished(
                check.id, check.clause, INCONCLUSIVE, f"the target's process {lost.how}"
            )
        else:
            if earlier is not None:
                finished = replace(finished, aftermath=f"the process {earlier.how}")
        if check.alone:
            self.close()
        return finished

    def _try(self, check: Check) -> CheckFinished:
        try:
            result = self._target.call(_RUN_CHECK, check=check.id)
        except AgentError as error:
            raised = str(error).strip()
            name = raised.splitlines()[-1].partition(":")[0]
            return CheckFinished(check.id, check.clause, INCONCLUSIVE, raised, error=name)
        result["words"] = tuple(result.get("words", ()))
        return CheckFinished(clause=check.clause, **result)

    def close(self) -> None:
        """End the process."""
        self._target.close()


def run(launch: Launch, checks: Sequence[Check], *, workers: int = 2) -> Iterator[Event]:
    """Run ``checks`` on a target, and yield events in the order in which they happen.

    Raises `TargetError` if the target does not start.
    """
    began = time.monotonic()
    first = CheckAgent(launch)
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
                agent = agent or CheckAgent(launch)
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


def _subject(target: str, told: Mapping[str, Any]) -> Subject:
    about = dict(told)
    about["parts"] = tuple(about["parts"])
    about["capabilities"] = tuple(about["capabilities"])
    return Subject(target=target, **about)
