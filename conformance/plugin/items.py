"""Checks as pytest items, run in one process of the target per pytest process."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from conformance.clauses import checks, registry
from conformance.clauses.registry import CLAUSES, Check
from conformance.files import BadFile
from conformance.judging.accepted import Accepted
from conformance.judging.baseline import file as baselines
from conformance.judging.baseline.entries import Baseline, FailingCheck
from conformance.judging.baseline.force import InForce
from conformance.judging.digests import of_check
from conformance.judging.events import CheckFinished
from conformance.judging.in_process import FAIL, INCONCLUSIVE, PASS, UNSUPPORTED
from conformance.judging.in_processes import CheckAgent
from conformance.judging.judgement import gates
from conformance.judging.known import CHANGED, Standing
from conformance.reports.terminal import command_for
from fixtures.roles import plain
from fixtures.targets import TargetError
from stateful.processes.isolation import Launch

_CHECKS = Path(checks.__file__).parent


class Inconclusive(Exception):
    """The check could not be judged."""


class Failed(Exception):
    """The check failed; the text is what a person needs to understand it."""


class Judge:
    """Collects the checks and runs them on ``target``."""

    def __init__(self, config: pytest.Config, target: str) -> None:
        registry.load()
        self.launch = Launch(
            target, config.getoption("--target-python"), config.getoption("--target-timeout")
        )
        self.strict: bool = config.getoption("--target-strict")
        self.baseline = _read_baseline(config.getoption("--target-baseline"), target)
        accepted: str | None = config.getoption("--target-accepted")
        if accepted is not None and self.baseline is not None:
            raise pytest.UsageError(
                "--target-accepted and --target-baseline both say what is known: give one of them"
            )
        launch = self.launch
        self.accepted = accepted and Launch.named(accepted, launch.python, launch.timeout)
        self._agent: CheckAgent | None = None
        self._beside: CheckAgent | None = None
        self._known: InForce | None = None

    def pytest_collect_file(self, file_path: Path, parent: pytest.Collector) -> Any:
        """A file of checks becomes a collector of its checks."""
        if file_path.parent == _CHECKS and file_path.name != "__init__.py":
            checks = [
                check
                for check in registry.CHECKS.values()
                if check.function.__module__ == f"conformance.clauses.checks.{file_path.stem}"
            ]
            return _File.from_parent(parent, path=file_path, checks=checks, judge=self)
        return None

    def pytest_sessionstart(self, session: pytest.Session) -> None:
        """Start the target early, so that a bad one is one message and not hundreds."""
        if os.environ.get("PYTEST_XDIST_WORKER") is None:
            self._start()

    def pytest_unconfigure(self) -> None:
        """End the target's process."""
        for agent in (self._agent, self._beside):
            if agent is not None:
                agent.close()

    def pytest_report_header(self) -> str:
        """Say which implementation is judged."""
        subject = self._start().subject
        told = f"target: {subject.name} {subject.version} on {subject.interpreter} {subject.python}"
        if self._beside is not None:
            told += f", beside {Accepted.of(self._beside).name}"
        return plain(told)

    def run(self, check: Check) -> CheckFinished:
        """The verdict of ``check``."""
        return self._start().run(check)

    def known(self) -> InForce | None:
        """What the baseline says of the interpreter of the target; None if there is none."""
        if self._known is None and self.baseline is not None:
            self._known = InForce.of(self.baseline, self._start().subject)
        return self._known

    @property
    def should(self) -> bool:
        """Whether SHOULD clauses gate: if that is asked for, or what fails them is known."""
        return self.strict or self.baseline is not None or self.accepted is not None

    def standing(self, seen: CheckFinished, check: Check) -> Standing:
        """How a check that did not pass stands to what is known."""
        digest = of_check(seen)
        if self._beside is not None:
            return Accepted.of(self._beside, [self._beside.run(check)]).check(check.id, digest)
        known = self.known()
        return Standing() if known is None else known.check(check.id, digest)

    def _start(self) -> CheckAgent:
        if self._agent is None:
            try:
                self._agent = CheckAgent(self.launch)
                self._beside = CheckAgent(self.accepted) if self.accepted else None
            except TargetError as error:
                raise pytest.UsageError(plain(str(error))) from error
        return self._agent


def _read_baseline(path: str | None, target: str) -> Baseline | None:
    if path is None:
        return None
    try:
        return baselines.read(Path(path), target)
    except BadFile as error:
        raise pytest.UsageError(str(error)) from error


class _File(pytest.File):
    def __init__(self, *, checks: list[Check], judge: Judge, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self._checks = checks
        self._judge = judge

    def collect(self) -> Iterator[pytest.Item]:
        for check in self._checks:
            yield _Item.from_parent(self, name=check.id, check=check, judge=self._judge)


class _Item(pytest.Item):
    def __init__(self, *, check: Check, judge: Judge, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self._check = check
        self._judge = judge
        self._clause = CLAUSES[check.clause]
        self.user_properties += [
            ("clause", self._clause.id),
            ("level", self._clause.level),
            ("source", self._clause.source),
        ]

    def runtest(self) -> None:
        seen = self._judge.run(self._check)
        if seen.verdict == UNSUPPORTED:
            pytest.skip(plain(seen.what))
        if seen.verdict == PASS:
            known = self._judge.known()
            if known is not None and known.lists(self._check.id):
                raise Failed(f"{self._check.id} passes: its entry in the baseline is stale")
            return
        standing = self._judge.standing(seen, self._check)
        if standing.is_known:
            pytest.xfail(plain(f"known: {standing.reason}"))
        if seen.verdict == INCONCLUSIVE:
            raise Inconclusive(plain(seen.what))
        if seen.verdict == FAIL:
            if standing.state == CHANGED:
                changed = f"it was {standing.was}, and is now {FailingCheck.of(seen).got}"
                raise Failed(plain(f"{self._text(seen)}\n  changed:   {changed}"))
            if not gates(self._clause.level, seen.is_lost, self._judge.should):
                pytest.xfail(plain(f"{self._clause.level}: {seen.what}"))
            raise Failed(plain(self._text(seen)))

    def _text(self, seen: CheckFinished) -> str:
        steps = "\n".join(f"    {line}" for line in seen.words)
        command = command_for(self._judge.launch.target, self._judge.launch.python)
        return (
            f"{self._clause.id} ({self._clause.level}): {self._clause.sentence}\n"
            f"  done:\n{steps}\n"
            f"  looked at: {seen.what}\n"
            f"  expected:  {seen.expected}\n"
            f"  got:       {seen.got}\n"
            f"  alone:     {command} {self._clause.id}"
        )

    def repr_failure(self, excinfo: pytest.ExceptionInfo[BaseException], style: Any = None) -> Any:
        if isinstance(excinfo.value, (Failed, Inconclusive)):
            return str(excinfo.value)
        return super().repr_failure(excinfo, style)

    def reportinfo(self) -> tuple[Path, None, str]:
        return self.path, None, self.name
