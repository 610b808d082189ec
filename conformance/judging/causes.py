"""Causes: all divergences of one root cause, known by what they have in common.

One fault can show in any operation that comes across it, in more signatures than anybody wants to
list. A cause says how its divergences look; a few pinned traces in the same baseline show it.
"""

from __future__ import annotations

import datetime
import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeVar

import tomlkit

from conformance.files import BadFile
from stateful.lockstep.divergence import Divergence
from stateful.processes.events import DivergenceFound

_Event = TypeVar("_Event")

#: What a cause can say of its divergences, each as a regular expression.
PATTERNS = ("signature", "trace", "expected", "actual")
#: What a cause is called in the file of a baseline, and so in messages about it.
KEY = "family"
_WAY_OUT = "Mend the family, or remove it"


@dataclass(frozen=True)
class Cause:
    """Divergences that are known without an entry for each.

    A divergence is held if each pattern is found: ``signature`` in its signature, ``trace`` in its
    steps in words, a line each, ``expected`` and ``actual`` in what its last step shows. An empty
    pattern is found anywhere. ``reason``, ``clause``, ``issue`` and ``expires`` are as in an entry.
    """

    signature: str
    reason: str
    trace: str = ""
    expected: str = ""
    actual: str = ""
    clause: str | None = None
    issue: str | None = None
    expires: datetime.date | None = None

    def __str__(self) -> str:
        given = ((name, getattr(self, name)) for name in PATTERNS)
        return f"{KEY} " + ", ".join(f"{name} /{pattern}/" for name, pattern in given if pattern)

    def holds(self, found: Divergence) -> bool:
        """Whether ``found`` comes of this cause."""
        return (
            _is_found(self.signature, str(found.signature))
            and _is_found(self.expected, found.expected)
            and _is_found(self.actual, found.actual)
            and (not self.trace or _is_found(self.trace, "\n".join(found.trace.words())))
        )


def _is_found(pattern: str, text: str) -> bool:
    return not pattern or re.search(pattern, text) is not None


def cause_of(found: Divergence, causes: Iterable[Cause]) -> Cause | None:
    """The first of ``causes`` that holds ``found``."""
    return next((cause for cause in causes if cause.holds(found)), None)


def outside(events: Iterable[_Event], causes: Iterable[Cause]) -> Iterator[_Event]:
    """``events`` without the divergences that one of ``causes`` holds."""
    known = tuple(causes)
    for event in events:
        is_found = isinstance(event, DivergenceFound)
        if not (is_found and cause_of(event.divergence, known)):  # type: ignore[attr-defined]
            yield event


# The file


def from_table(path: Path, raw: Mapping[str, Any]) -> Cause:
    """The cause that `to_table` wrote. Raises `BadFile`."""
    cause = Cause(**raw)
    for name in PATTERNS:
        try:
            re.compile(getattr(cause, name))
        except re.error as error:
            pattern = getattr(cause, name)
            problem = f"{KEY}: {name}: {pattern!r} is no regular expression ({error})"
            raise BadFile(path, problem, _WAY_OUT) from None
    return cause


def to_table(cause: Cause) -> Any:
    """The cause as a table of TOML."""
    table = tomlkit.table()
    for name in PATTERNS:
        pattern = getattr(cause, name)
        if pattern:
            plain = pattern.isprintable() and "'" not in pattern
            table[name] = tomlkit.string(pattern, literal=plain)
    for name in ("clause", "reason", "issue", "expires"):
        value = getattr(cause, name)
        if value is not None:
            table[name] = value
    return table
