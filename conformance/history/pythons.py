"""The interpreters at hand in which a release can be installed."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

from conformance.judging.selection import UnknownName

#: The oldest version of Python in which a target can be judged.
OLDEST = (3, 8)
#: Minor versions that are looked for by their names, with room for those to come.
_MINORS = range(OLDEST[1], 20)
_ASK = (
    "import platform, sys; "
    "print(platform.python_implementation(), '.'.join(map(str, sys.version_info[:3])))"
)
_ANSWER = re.compile(r"(?P<name>\w+) (?P<version>\d+\.\d+\.\d+)")


@dataclass(frozen=True)
class Python:
    """An interpreter: its path, what it is, such as CPython, and its version."""

    path: str
    name: str
    version: str

    @property
    def minor(self) -> tuple[int, int]:
        """The version without its last number."""
        first, second, _ = map(int, self.version.split("."))
        return first, second

    def __str__(self) -> str:
        return f"{self.name} {self.version}"


def at_hand() -> tuple[Python, ...]:
    """Each version of CPython that pyenv or the path offers, the oldest first."""
    found: dict[tuple[int, int], Python] = {}
    for path in _candidates():
        python = asked(path)
        if python is not None and python.name == "CPython" and python.minor >= OLDEST:
            found.setdefault(python.minor, python)
    return tuple(found[minor] for minor in sorted(found))


def named(paths: Iterable[str]) -> tuple[Python, ...]:
    """The interpreters at these paths, in their order. Raises `UnknownName`."""
    found = []
    for path in paths:
        python = asked(path)
        if python is None:
            raise UnknownName(f"--python: {path!r} is no Python interpreter that can be run")
        found.append(python)
    return tuple(found)


def asked(path: str) -> Python | None:
    """What the interpreter at ``path`` says that it is; None if it is none."""
    try:
        done = subprocess.run([path, "-c", _ASK], capture_output=True, text=True, check=False)
    except OSError:
        return None
    said = _ANSWER.fullmatch(done.stdout.strip())
    return None if said is None else Python(path, said["name"], said["version"])


def _candidates() -> Iterator[str]:
    yield getattr(sys, "_base_executable", sys.executable)
    root = Path(os.environ.get("PYENV_ROOT") or Path.home() / ".pyenv")
    yield from map(str, sorted(root.glob("versions/*/bin/python"), reverse=True))
    for minor in _MINORS:
        path = shutil.which(f"python3.{minor}")
        if path is not None:
            yield path


__all__ = ["OLDEST", "Python", "asked", "at_hand", "named"]
