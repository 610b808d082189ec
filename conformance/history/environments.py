"""Environments for releases and commits: made where they are needed, and kept."""

from __future__ import annotations

import hashlib
import json
import os
import re
import shutil
import subprocess
import sys
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from conformance.files import write_whole
from conformance.history.points import Point, git
from conformance.history.pythons import Python

#: Says in a folder that the environment is complete, or why it cannot be.
_MADE = "made.json"
_SCRIPTS = "Scripts" if sys.platform == "win32" else "bin"
#: What a line of a failed installation looks like that says why, the most telling first.
_REASONS = (
    re.compile(r"^.*\berror: (?!subprocess-exited|command |metadata-|legacy-|failed-).+"),
    re.compile(r"^\s*(\w+Error|ImportError|ModuleNotFoundError)\b.*"),
    re.compile(r"^ERROR: (?!Failed building|Could not build).+"),
)


Runner = Callable[[Sequence[str]], "subprocess.CompletedProcess[str]"]


def run_quietly(command: Sequence[str]) -> subprocess.CompletedProcess[str]:
    """Run a command to its end, whatever that is; what it printed is there as text."""
    return subprocess.run(command, capture_output=True, text=True, errors="replace", check=False)


class CannotBuild(Exception):
    """There is no environment for a release or commit: the message says why, in a line."""


@dataclass(frozen=True)
class Environment:
    """Where a release is installed: ``interpreter`` runs it, which is a ``python``."""

    interpreter: str
    python: Python


def kept_folder() -> Path:
    """Where environments are kept: below the cache of the user."""
    cache = os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache"
    return Path(cache) / "persistent-conformance" / "environments"


class Environments:
    """Makes environments in ``folder`` and keeps them; ``made`` counts those made by this one.

    ``beside`` are requirements that are installed in each besides the release. For commits of a
    ``repository``, ``build`` is the command, for the shell, that builds a checkout: it runs there,
    with ``python`` being that of its environment. ``run`` runs venv and pip.
    """

    def __init__(
        self,
        folder: Path,
        beside: Sequence[str] = (),
        repository: Path | None = None,
        build: str = "python -m pip install .",
        run: Runner = run_quietly,
    ) -> None:
        self._folder = folder
        self._beside = tuple(beside)
        self._repository = repository
        self._build = build
        self._run = run
        self.made = 0

    def of(self, point: Point) -> Environment:
        """The environment of ``point``: in the first of its interpreters that it installs in.

        Raises `CannotBuild` with the reason of each.
        """
        reasons = []
        for python in point.pythons:
            folder = self._folder / self._name(point, python)
            told: Mapping[str, Any] | None = _told(folder)
            if told is None:
                told = self._make(folder, point, python)
                self.made += 1
            if told["problem"] is None:
                return Environment(str(_interpreter(folder)), python)
            reasons.append(f"{python}: {told['problem']}")
        if not reasons:
            raise CannotBuild("no interpreter at hand is one that it supports")
        # Where it is the same on each, it is said once.
        only = {reason.partition(": ")[2] for reason in reasons}
        raise CannotBuild(reasons[0] if len(only) == 1 else "; ".join(reasons))

    def _name(self, point: Point, python: Python) -> str:
        first, second = python.minor
        name = f"{point.name}-{python.name.lower()}-{first}.{second}"
        special = [*self._beside, *([self._build] if point.commit else [])]
        if not point.commit and point.wanted is not None and Path(point.wanted).exists():
            special += [point.wanted, _state(Path(point.wanted))]
        digest = hashlib.sha256("\n".join(special).encode()).hexdigest()[:8]
        return f"{name}-{digest}" if special else name

    def _make(self, folder: Path, point: Point, python: Python) -> Mapping[str, Any]:
        """Make it, and write down what came of it once that is known."""
        if folder.exists():
            # Somebody was interrupted here.
            shutil.rmtree(folder)
        folder.parent.mkdir(parents=True, exist_ok=True)
        problem = _failed(self._run([python.path, "-m", "venv", str(folder)]))
        if problem is None and point.commit is not None:
            problem = self._built(folder, point.commit)
        elif problem is None and point.wanted is not None:
            problem = self._installed(folder, (point.wanted, *self._beside))
        told = {"problem": problem}
        write_whole(folder / _MADE, json.dumps(told) + "\n")
        return told

    def _built(self, folder: Path, commit: str) -> str | None:
        """Check ``commit`` out below ``folder`` and build it there; why it fails, if it does."""
        assert self._repository is not None
        source = folder / "source"
        git(self._repository, "worktree", "prune")
        git(self._repository, "worktree", "add", "--detach", "--force", str(source), commit)
        # What the build does not install is imported from the checkout.
        for place in folder.glob("lib*/**/site-packages"):
            (place / "source.pth").write_text(f"{source}\n", encoding="utf-8")
        if self._beside:
            problem = self._installed(folder, self._beside)
            if problem is not None:
                return problem
        scripts = str(folder / _SCRIPTS)
        path = os.pathsep.join([scripts, os.environ.get("PATH", "")])
        done = subprocess.run(
            self._build,
            shell=True,
            cwd=source,
            env={**os.environ, "PATH": path, "VIRTUAL_ENV": str(folder)},
            capture_output=True,
            text=True,
            errors="replace",
            check=False,
        )
        return _failed(done)

    def _installed(self, folder: Path, wanted: Sequence[str]) -> str | None:
        """Install what is ``wanted``; why that fails, if it does."""
        quiet = ("--disable-pip-version-check", "--no-input", "-q")
        command = [str(_interpreter(folder)), "-m", "pip", "install", *quiet, *wanted]
        return _failed(self._run(command))


def _told(folder: Path) -> dict[str, Any] | None:
    """What came of the environment in ``folder``; None if there is no complete one."""
    try:
        told: dict[str, Any] = json.loads((folder / _MADE).read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return None
    return told if told.get("problem", ...) is not ... else None


def _state(path: Path) -> str:
    """What changes when a file, or one in a folder, does."""
    files = [path] if path.is_file() else sorted(each for each in path.rglob("*") if each.is_file())
    return " ".join(f"{each.stat().st_mtime_ns}:{each.stat().st_size}" for each in files)


def _interpreter(folder: Path) -> Path:
    return folder / _SCRIPTS / ("python.exe" if sys.platform == "win32" else "python")


def _failed(done: subprocess.CompletedProcess[str]) -> str | None:
    """Why a command failed, in a line; None if it did not."""
    if not done.returncode:
        return None
    lines = [line.strip() for line in f"{done.stdout}\n{done.stderr}".splitlines() if line.strip()]
    for reason in _REASONS:
        found = next((line for line in lines if reason.match(line)), None)
        if found is not None:
            return found
    return lines[-1] if lines else f"ended with exit code {done.returncode}"


__all__ = ["CannotBuild", "Environment", "Environments", "Runner", "kept_folder", "run_quietly"]
