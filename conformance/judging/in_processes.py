"""Runs checks on a target in processes of their own, and emits what comes of them."""

from __future__ import annotations

import queue
import threading
import time
from collections import deque
from collections.abc import Generator, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import conformance
from conformance.clauses.registry import CLAUSES, Check
from conformance.judging.digests import of_check
from conformance.judging.events import (
    LOST,
    CheckEvent,
    CheckFinished,
    RunFinished,
    RunStarted,
    Subject,
)
from conformance.judging.in_process import FAIL, INCONCLUSIVE, NOT_RUN
from fixtures.targets import TargetError
from stateful.processes.isolation import Agent, AgentError, AgentLost, Launch
from stateful.processes.owner import Owner
from stateful.processes.patience import Patience
from stateful.processes.target import Target

_PACKAGES = (Path(conformance.__file__).parent,)
_RUN_CHECK = "conformance.judging.in_process:run_check"
_PREPARE = "conformance.judging.in_process:prepare"
#: What the outcome of a check holds where there was no memory left.
_OUT_OF_MEMORY = MemoryError.__name__
#: How often the target may fail to start again before nothing more is asked of it.
_STARTS = 3


class AreaPatience:
    """The patience with the checks of each area: it falls with those of them that hang.

    ``seconds`` is what it is at first, see `Patience`.
    """

    def __init__(self, seconds: float) -> None:
        self._seconds = seconds
        self._areas: dict[str, Patience] = {}

    def with_(self, check: Check) -> Patience:
        """The patience with ``check``."""
        return self._areas.setdefault(CLAUSES[check.clause].area, Patience(self._seconds))


class CheckAgent:
    """Runs checks one after the other; a check that ends the process costs that check only.

    ``patience`` may be shared with other agents.
    """

    def __init__(self, launch: Launch, patience: AreaPatience | None = None) -> None:
        self._launch = replace(launch, packages=_PACKAGES, prepare=_PREPARE)
        self._target = Target(self._launch)
        #: Performs once more what fails; it is started when something does.
        self._second: Target | None = None
        self._patience = patience or AreaPatience(launch.timeout)
        self.subject = _subject(launch.target, self._target.about)

    def run(self, check: Check) -> CheckFinished:
        """The verdict of ``check``. Raises `TargetError` if the target does not start again.

        A check in which the process is lost is performed again in a fresh one. If that is lost too,
        the check fails: its clause says what must be seen, and it was not. A check that fails is
        performed again in another process, and if that sees something else, alone: what other
        checks have left behind, such as memory that was corrupted, is no verdict on this one.
        """
        finished = self._performed(self._target, check)
        if finished.verdict != FAIL or finished.is_lost or check.alone:
            return finished
        if self._second is None:
            self._second = Target(self._launch)
        seen = of_check(finished)
        if of_check(self._performed(self._second, check)) == seen:
            return finished
        self._second.close()
        alone = self._performed(self._second, check)
        if of_check(alone) == seen:
            return finished
        return replace(alone, aftermath=f"other checks came before it, and it got {finished.got}")

    def _performed(self, target: Target, check: Check) -> CheckFinished:
        if check.alone and target.is_used:
            target.close()
        target.patience = self._patience.with_(check)
        try:
            finished, earlier = target.fairly(lambda: _try(target, check))
        except AgentLost as lost:
            finished = CheckFinished(
                check.id,
                check.clause,
                FAIL,
                "the outcome of the check",
                "an answer",
                f"{LOST}{lost.how}",
            )
        else:
            if earlier is not None:
                finished = replace(finished, aftermath=f"the process {earlier.how}")
        if check.alone:
            target.close()
        return finished

    def close(self) -> None:
        """End the processes."""
        self._target.close()
        if self._second is not None:
            self._second.close()


def _try(target: Target, check: Check) -> CheckFinished:
    was_used = target.is_used
    try:
        result = target.call(_RUN_CHECK, check=check.id)
    except AgentError as error:
        raised = str(error).strip()
        name = raised.splitlines()[-1].partition(":")[0]
        return CheckFinished(check.id, check.clause, INCONCLUSIVE, raised, error=name)
    if result["verdict"] == FAIL and _OUT_OF_MEMORY in result["got"]:
        # What others have kept is no verdict on this check, nor what it keeps one on others.
        target.close()
        if was_used:
            raise AgentLost("had no memory left", "")
    result["words"] = tuple(result.get("words", ()))
    return CheckFinished(clause=check.clause, **result)


class Checker(Owner):
    """Makes checks one after the other, by agents that it starts, and starts again.

    ``failed`` holds how the target did not start again, for all who make checks of it: after some
    times nothing more is asked of it. ``agent`` is the first one, if there is one already.
    """

    def __init__(
        self,
        launch: Launch,
        patience: AreaPatience,
        failed: list[TargetError],
        agent: CheckAgent | None = None,
    ) -> None:
        self._launch = launch
        self._patience = patience
        self._failed = failed
        self._agent = agent

    def run(self, check: Check) -> CheckFinished:
        """The verdict of ``check``: it was not run if the target does not start again."""
        try:
            if len(self._failed) >= _STARTS:
                raise self._failed[-1]
            self._agent = self._agent or CheckAgent(self._launch, self._patience)
            return self._agent.run(check)
        except TargetError as error:
            self._failed.append(error)
            return CheckFinished(check.id, check.clause, NOT_RUN, str(error))

    def close(self) -> None:
        """End the process."""
        if self._agent is not None:
            self._agent.close()


def run(
    launch: Launch, checks: Sequence[Check], *, workers: int = 2
) -> Generator[CheckEvent, None, None]:
    """Run ``checks`` on a target, and yield events in the order in which they happen.

    Raises `TargetError` if the target does not start.
    """
    began = time.monotonic()
    patience = AreaPatience(launch.timeout)
    first = CheckAgent(launch, patience)
    yield RunStarted(first.subject, len(checks))
    waiting = deque(checks)
    finished: queue.SimpleQueue[CheckFinished] = queue.SimpleQueue()

    failed: list[TargetError] = []

    def work(agent: CheckAgent | None) -> None:
        with Checker(launch, patience, failed, agent) as checker:
            while True:
                try:
                    check = waiting.popleft()
                except IndexError:
                    break
                try:
                    finished.put(checker.run(check))
                except BaseException as error:
                    finished.put(CheckFinished(check.id, check.clause, NOT_RUN, repr(error)))
                    raise

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


def subject_of(launch: Launch) -> Subject:
    """What a target says of itself. Raises `TargetError` if it does not start."""
    with Agent(launch) as agent:
        return _subject(launch.target, agent.about)


def _subject(target: str, told: Mapping[str, Any]) -> Subject:
    about = dict(told)
    about["parts"] = tuple(about["parts"])
    about["capabilities"] = tuple(about["capabilities"])
    return Subject(target=target, **about)
