"""Findings: each is made once, with its script, and written to a folder if one is asked for."""

from __future__ import annotations

import hashlib
import json
import re
import tempfile
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import Any

from conformance.clauses.free import Free, free
from conformance.files import BadFile, read_json, write_whole
from conformance.judging.causes import Cause
from conformance.judging.events import CheckFinished
from conformance.judging.known import CHANGED, Standing
from fixtures.operations import OPERATIONS
from stateful.lockstep.divergence import CRASH, Divergence, Signature
from stateful.lockstep.recorded import Seen, differing
from stateful.replay.recording import Recording
from stateful.scripts.script import CannotRender, script
from stateful.traces.trace import BadTrace, Trace

_WAY_OUT = "Name another folder, or make this one writable"


@dataclass(frozen=True)
class Finding:
    """A divergence of ``target``, as everything that shows it gets it.

    ``expected`` and ``actual`` are the recordings of the reference and of the target, ``digest``
    stands for what was seen (`conformance.judging.digests`), ``standing`` says whether it is known.
    If it does not ``repeat``, a process of its own did not show it, and the recordings are equal.
    ``cause`` explains it.
    """

    divergence: Divergence
    target: str
    expected: Recording = field(default=Recording(), repr=False)
    actual: Recording = field(default=Recording(), repr=False)
    digest: str = ""
    standing: Standing = field(default=Standing())
    repeats: bool = True
    cause: Cause | None = None

    @property
    def id(self) -> str:
        """A short id that stays the same as long as the signature does."""
        return hashlib.sha256(str(self.divergence.signature).encode()).hexdigest()[:8]

    @property
    def free(self) -> Free | None:
        """What leaves the outcome free, so that it never gates; None if a clause decides it."""
        found = self.divergence
        operation, step = found.signature.operation, found.step
        if step < min(len(self.expected.steps), len(self.actual.steps)) and not self.is_crash:
            one, other = (each.steps[step]["does"] for each in (self.expected, self.actual))
            if one != other and other.startswith("raises "):
                # What else differs comes of the error, which is free to be raised.
                return free(operation, "error", other)
        return free(operation, found.signature.field, found.actual)

    @property
    def is_crash(self) -> bool:
        """Whether the process of the target is lost in it."""
        return self.divergence.signature.field == CRASH

    @cached_property
    def loses(self) -> str:
        """The name of an object whose data would be lost; empty if none would be.

        It has changes, or is new, as the reference sees it. The target has its data no more, or
        has the changes without knowing of them, so that no transaction would store them.
        """
        step = self.divergence.step
        if step >= min(len(self.expected.steps), len(self.actual.steps)) or self.free is not None:
            return ""
        one, other = self.expected.steps[step], self.actual.steps[step]
        if other["does"].startswith("raises ") and one["does"] != other["does"]:
            return ""
        return next((name for name in _names(one["seen"]) if _is_lost(name, one, other)), "")

    @property
    def is_news(self) -> bool:
        """Whether it is neither known nor free."""
        return self.standing.is_news and self.free is None

    @property
    def key(self) -> tuple[str, str]:
        """What identifies it: the text of its signature, and what was seen."""
        return str(self.divergence.signature), self.digest

    @property
    def clauses(self) -> tuple[str, ...]:
        """The ids of the clauses that the operation which differs exercises."""
        return clauses_of(self.divergence)

    @cached_property
    def script(self) -> str | None:
        """The trace as a program that needs nothing of ours; None if it cannot be one."""
        return script_of(self.divergence, self.target)

    @cached_property
    def differing(self) -> Mapping[str, tuple[str, str]]:
        """All that can be seen to differ after the last step: the name of it -> both sides."""
        step = self.divergence.step
        if step >= min(len(self.expected.steps), len(self.actual.steps)):
            return {}
        return differing(self.expected.steps[step]["seen"], self.actual.steps[step]["seen"])

    @property
    def message(self) -> str:
        """What differs, in a line, and what was known in its place."""
        found, was = self.divergence, self.standing.was
        if self.standing.state != CHANGED:
            once = "" if self.repeats else " (once: a process of its own does not show it)"
            return f"expected {found.expected}, got {found.actual}{once}"
        if was == found.actual:
            return (
                f"changed: expected {found.expected}, got {was} as before, and something else is "
                "seen beside it"
            )
        return f"changed: expected {found.expected}, was {was}, is now {found.actual}"


def _names(seen: Mapping[str, str]) -> list[str]:
    return [key.rpartition(".")[0] for key in seen if key.endswith(".changed")]


def _is_lost(name: str, expected: Seen, actual: Seen) -> bool:
    one: Mapping[str, str] = expected["seen"]
    other: Mapping[str, str] = actual["seen"]
    data, its_data = (side.get(f"{name}.dict", "{}") for side in (one, other))
    if f"{name}.changed" not in other or data == "{}":
        return False
    is_new = one.get(f"{name}.jar") == "None" == one.get(f"{name}.oid")
    is_changed = one[f"{name}.changed"] == "True"
    if its_data == "{}":
        return is_new or is_changed
    return is_changed and other[f"{name}.changed"] != "True" and data == its_data


def clauses_of(found: Divergence) -> tuple[str, ...]:
    """The ids of the clauses that the operation which differs exercises."""
    return OPERATIONS[found.trace.operations[found.step]["op"]].clauses


def script_of(found: Divergence | Trace, target: str) -> str | None:
    """The script of a divergence or a trace for ``target``; None if there can be none."""
    try:
        return script(found, target)
    except CannotRender:
        return None


class Findings:
    """The folder ``path``, made if it is not there. Raises `BadFile` if it cannot be written to.

    What earlier runs left there is kept; a divergence with the same signature replaces it.
    """

    def __init__(self, path: Path, target: str) -> None:
        self.path = path
        self._target = target
        try:
            path.mkdir(parents=True, exist_ok=True)
            with tempfile.TemporaryFile(dir=path):
                pass
        except OSError as error:
            raise BadFile(path, f"cannot be written to ({error.strerror})", _WAY_OUT) from None

    def earlier(self) -> tuple[Divergence, ...]:
        """The divergences of this target that earlier runs have left here.

        Other files, and those of other targets, are passed over. Raises `BadFile` for one of this
        target that is damaged.
        """
        found = []
        for file in sorted(self.path.glob("*.json")):
            try:
                told = json.loads(file.read_text(encoding="utf-8"))
            except (OSError, ValueError):
                continue
            if isinstance(told, dict) and told.get("target") == self._target:
                found.append(read(file))
        return tuple(found)

    def write(self, found: Finding) -> Path:
        """Write a divergence, whole or not at all; the file. Raises `BadFile`.

        Beside it stands a script of the same name, if the trace can be written as one.
        """
        file = self.path / f"{file_name(found.divergence.signature)}.json"
        write_whole(file, dumps(found.divergence, found.target))
        _write_script(file, found.script)
        return file

    def write_check(self, failed: CheckFinished) -> Path | None:
        """Write the trace of a check, and its script; the file, None if the check is no trace."""
        if failed.trace is None:
            return None
        trace = Trace.from_json(failed.trace)
        file = self.path / f"{_name(failed.check)}.json"
        write_whole(file, trace.dumps())
        _write_script(file, script_of(trace, self._target))
        return file


def _write_script(file: Path, text: str | None) -> None:
    if text is not None:
        write_whole(file.with_suffix(".py"), text)


def file_name(signature: Signature) -> str:
    """A file name without extension that shows the signature, and is its own for each."""
    return _name(str(signature))


def _name(text: str) -> str:
    shown = re.sub(r"[^A-Za-z0-9_]+", "-", text).strip("-")[:80].rstrip("-")
    return f"{shown}-{hashlib.sha256(text.encode()).hexdigest()[:8]}"


def dumps(found: Divergence, target: str) -> str:
    """A divergence as JSON with one operation a line."""
    data = found.to_json()
    trace = found.trace.dumps().strip().replace("\n", "\n ")
    head = {"schema": 1, "target": target, **{key: data[key] for key in data if key != "trace"}}
    lines = [f" {json.dumps(key)}: {json.dumps(value)}" for key, value in head.items()]
    return "{\n" + ",\n".join([*lines, f' "trace": {trace}']) + "\n}\n"


def read(path: Path) -> Divergence:
    """The divergence in ``path``. Raises `BadFile` if it is missing, damaged or not one."""
    way_out = "Write it again with `persistent-conformance fuzz TARGET --output FOLDER`"
    data: dict[str, Any] = read_json(path, "divergence", way_out)
    try:
        return Divergence.from_json(data)
    except BadTrace as error:
        raise BadFile(path, str(error), way_out) from None
