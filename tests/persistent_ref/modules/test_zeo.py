"""The four processes of the seed, over ZEO.

By default on ``persistent`` as it is installed.  ``nox -s modules`` sets
``MODULES_IMPLEMENTATIONS`` and ``MODULES_PYTHONS`` for all implementations and
for several versions of Python on one database.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Any

import pytest

from conformance.clauses.checks.pc import LONGER, M1, M2, OTHER

pytest.importorskip("ZEO", reason="needs the package ZEO")

PROGRAM = Path(__file__).with_name("zeo_process.py")
IMPLEMENTATIONS = os.environ.get("MODULES_IMPLEMENTATIONS", "persistent-c").split(",")
#: The interpreters of the processes, in turn.
PYTHONS = os.environ.get("MODULES_PYTHONS", sys.executable).split(os.pathsep)
FURTHER_UPDATES = 20


class Process:
    """A client of the server, in a process of its own."""

    def __init__(self, process: subprocess.Popen[str]) -> None:
        self._process = process

    def send(self, *command: Any) -> None:
        assert self._process.stdin is not None
        print(json.dumps(command), file=self._process.stdin, flush=True)

    def receive(self) -> Any:
        assert self._process.stdout is not None
        line = self._process.stdout.readline()
        assert line, f"the process ended with {self._process.wait()}"
        return json.loads(line)

    def __call__(self, *command: Any) -> Any:
        self.send(*command)
        return self.receive()


@contextmanager
def _started(python: str, implementation: str, *arguments: object) -> Iterator[Process]:
    environment = {**os.environ, "PURE_PYTHON": "0" if implementation == "persistent-c" else "1"}
    with subprocess.Popen(
        [python, str(PROGRAM), *(str(argument) for argument in arguments)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
        env=environment,
    ) as process:
        try:
            yield Process(process)
        finally:
            process.kill()


@pytest.fixture(params=IMPLEMENTATIONS, scope="module")
def processes(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[list[Process]]:
    """Four processes; the first has stored an empty registry."""
    with ExitStack() as stack:
        path = tmp_path_factory.mktemp("zeo") / "data.fs"
        server = _started(sys.executable, "persistent-c", "serve", path)
        host, port = stack.enter_context(server).receive()
        processes: list[Process] = []
        for number in range(4):
            python = PYTHONS[number % len(PYTHONS)]
            client = _started(python, request.param, host, port, request.param)
            processes.append(stack.enter_context(client))
            if not number:
                # The first one makes the root.
                processes[0]("create")
                processes[0]("commit")
        yield processes


def both(processes: list[Process], *command: Any) -> list[Any]:
    """Send a command to all and return the answers, which they find at the same time."""
    for process in processes:
        process.send(*command)
    return [process.receive() for process in processes]


CHANGED = LONGER.replace("return i", "return i * 2").replace("return 7", "return 8")
REMOVED = OTHER.replace("8", "9")
HOLDING = M2 + "held = C2()\n"
QUESTIONS = ("m.held[3]", "len(m.held)", "len(m.C2())", "m.C2.__mro__[1] is m.C1")


def test_four_processes_follow_each_other(processes: list[Process]) -> None:
    p1, p2, p3, p4 = processes
    p1("new", "m1", M1)
    p1("new", "m2", HOLDING)
    p1("commit")
    both([p2, p3, p4], "begin")
    for process in (p2, p4):
        assert process("ask", "m2", *QUESTIONS) == [3, "TypeError", "TypeError", True]
    assert p2("ask", "m1", "hasattr(m.C1, '__len__')") == [False]
    assert p3("ask", "m1", "hasattr(m.C1, '__len__')") == [False]
    assert p3("loaded") == ["m1"]
    for source, answers in (
        (LONGER, [3, 7, 7, True]),
        (CHANGED, [6, 8, 8, True]),
        (REMOVED, ["TypeError", 9, 9, True]),
    ):
        p1("update", "m1", source)
        assert p1("ask", "m2", *QUESTIONS) == answers
        p1("commit")
        both([p2, p3, p4], "begin")
        assert both([p1, p2, p4], "ask", "m2", *QUESTIONS) == [answers] * 3
        assert p3("ask", "m1", "len(m.C1())") == [answers[1]]
        assert p3("loaded") == ["m1"]
    for number in range(FURTHER_UPDATES):
        writer = processes[number % 4]
        methods = [f"    def __len__(self):\n        return {number}\n"] * (number % 3 != 1)
        methods += [f"    def __getitem__(self, i):\n        return {number}\n"] * (number % 3 != 2)
        writer("update", "m1", "class C1:\n" + "".join(methods))
        writer("commit")
        both(processes, "begin")
        length = "TypeError" if number % 3 == 1 else number
        item = "TypeError" if number % 3 == 2 else number
        assert both(processes, "ask", "m2", *QUESTIONS) == [[item, length, length, True]] * 4


EVERYTHING = """
import dataclasses
from zope.interface import Attribute, Interface, implementer
from persistent import Persistent

class IThing(Interface):
    aNUMBER = Attribute("A")

@implementer(IThing)
@dataclasses.dataclass
class Thing:
    x: int = NUMBER
    def hi(self):
        return [NUMBER, self.x, *sorted(IThing.names()), IThing.providedBy(self)]

class Item(Persistent):
    def hi(self):
        return [NUMBER, self.n]

def rate(a=NUMBER):
    match a:
        case int():
            return [a, NUMBER]
"""


def test_objects_of_all_kinds_travel(processes: list[Process]) -> None:
    p1, p2, p3, p4 = processes
    both(processes, "begin")
    p1("new", "lib.things", EVERYTHING.replace("NUMBER", "1"))
    p1("store", "thing", "lib.things", "m.Thing()")
    p1("store", "rate", "lib.things", "m.rate")
    p1("store", "interface", "lib.things", "m.IThing")
    p1("commit")
    both([p2, p3, p4], "begin")
    p2("store", "item", "lib.things", "m.Item()")
    p2("ask", "", "setattr(root['item'], 'n', 5)")
    p2("commit")
    for number, writer in enumerate([p3, p4, p1, p2], start=2):
        writer("update", "lib.things", EVERYTHING.replace("NUMBER", str(number)))
        writer("commit")
        both(processes, "begin")
        questions = (
            "root['thing'].hi()",
            "root['rate']()",
            "root['interface'].providedBy(root['thing'])",
            "root['item'].hi()",
        )
        answers = [[number, 1, f"a{number}", True], [number, number], True, [number, 5]]
        assert both(processes, "ask", "", *questions) == [answers] * 4


def test_the_processes_are_what_they_are_said_to_be(processes: list[Process]) -> None:
    versions = both(processes, "version")
    assert len({tuple(version) for version in versions}) == len(PYTHONS)
    assert len({tuple(each) for each in both(processes, "implementation")}) == 1
