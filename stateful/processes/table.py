"""The process table: what a process and all that it started use of the machine.

From ``/proc`` where there is one (proc(5); for ``schedstat``, the kernel's
Documentation/scheduler/sched-stats.rst), else from ``ps``, as POSIX describes it.
"""

from __future__ import annotations

import os
import re
import signal
import subprocess
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

_PROC = Path("/proc")
#: What ``ps`` shows as time: days, hours, minutes, seconds with their fraction.
_TIME = re.compile(r"(?:(?:(\d+)-)?(\d+):)?(\d+):(\d+(?:\.\d+)?)")
#: The state of what has ended and was not asked for its exit code yet.
_ENDED = frozenset("ZX")


@dataclass(frozen=True)
class Row:
    """A process: its state is a letter of ``ps``, ``cpu`` is in seconds, with its dead children."""

    parent: int
    group: int
    session: int
    state: str
    cpu: float


@dataclass(frozen=True)
class Use:
    """What a process and its descendants have used so far.

    ``cpu`` is in seconds, and so is ``waited``: how long their threads were able to run and did
    not, since others did. ``states`` are those of all threads that live, as letters of ``ps``: R
    for one that runs or could, T for one that was stopped, t for one that a debugger holds.
    """

    cpu: float
    waited: float
    states: frozenset[str]


def use(pid: int) -> Use:
    """What the process with this id and its descendants have used; nothing if there is none."""
    rows = _rows()
    cpu = waited = 0.0
    states: set[str] = set()
    for member in _family(rows, pid):
        row = rows[member]
        cpu += row.cpu
        if row.state not in _ENDED:
            states.add(row.state)
            for state, delay in _threads(member):
                states.add(state)
                waited += delay
    return Use(cpu, waited, frozenset(states))


def kill_all(pid: int) -> None:
    """Kill a process with all that it started: its descendants, its group, and its session."""
    rows = _rows()
    strays = (each for each, row in rows.items() if pid in (row.group, row.session))
    for each in {*_family(rows, pid), *strays}:
        _kill(each)


def _kill(pid: int) -> None:
    try:
        os.kill(pid, signal.SIGKILL)
    except (ProcessLookupError, PermissionError):
        pass


def _family(rows: dict[int, Row], pid: int) -> Iterator[int]:
    children: dict[int, list[int]] = {}
    for each, row in rows.items():
        children.setdefault(row.parent, []).append(each)
    waiting = [pid] if pid in rows else []
    while waiting:
        member = waiting.pop()
        yield member
        waiting += children.get(member, ())


def _rows() -> dict[int, Row]:
    if not (_PROC / "self" / "stat").exists():
        return _from_ps()
    found = {}
    for folder in _PROC.iterdir():
        if folder.name.isdigit():
            fields = _stat(folder / "stat")
            if fields is not None:
                parent, group, session = map(int, fields[1:4])
                found[int(folder.name)] = Row(parent, group, session, fields[0], _seconds(fields))
    return found


def _stat(path: Path) -> list[str] | None:
    """The fields behind the name, from the state on; None if the process is gone."""
    try:
        text = path.read_bytes()
    except OSError:
        return None
    return text.rpartition(b")")[2].decode("ascii", "replace").split()


def _seconds(fields: list[str]) -> float:
    return sum(map(int, fields[11:15])) / os.sysconf("SC_CLK_TCK")


def _threads(pid: int) -> Iterator[tuple[str, float]]:
    """The state of each thread, and for how long it was able to run and did not."""
    try:
        threads = list((_PROC / str(pid) / "task").iterdir())
    except OSError:
        return
    for thread in threads:
        fields = _stat(thread / "stat")
        if fields is not None and fields[0] not in _ENDED:
            yield fields[0], _delay(thread / "schedstat")


def _delay(path: Path) -> float:
    try:
        return int(path.read_bytes().split()[1]) / 1e9
    except (OSError, IndexError, ValueError):
        return 0.0


def _from_ps() -> dict[int, Row]:
    columns = ("pid", "ppid", "pgid", "state", "time")
    command = ["ps", "-A", *(word for name in columns for word in ("-o", f"{name}="))]
    try:
        shown = subprocess.run(command, capture_output=True, text=True, check=False).stdout
    except OSError:
        return {}
    found = {}
    for line in shown.splitlines():
        words = line.split()
        time = _TIME.fullmatch(words[-1]) if len(words) == len(columns) else None
        if time is not None:
            pid, parent, group = map(int, words[:3])
            days, hours, minutes, seconds = (float(each or 0) for each in time.groups())
            cpu = ((days * 24 + hours) * 60 + minutes) * 60 + seconds
            found[pid] = Row(parent, group, 0, words[3][0], cpu)
    return found


__all__ = ["Use", "kill_all", "use"]
