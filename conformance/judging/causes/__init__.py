"""Causes: what divergences of one root cause have in common, in a sentence.

One fault can show in any operation that comes across it, in more signatures than anybody wants to
read about. A cause groups and explains them in reports and in baselines. It decides nothing:
whether a divergence is known is a matter of what was seen (`conformance.judging.known`).

Those of released implementations come with the package, a file for each in this folder.
"""

from __future__ import annotations

import functools
import re
import sys
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, fields
from importlib import resources
from typing import Any

from stateful.lockstep.divergence import Divergence

if sys.version_info >= (3, 11):
    import tomllib
else:
    import tomli as tomllib


@dataclass(frozen=True)
class Pattern:
    """Divergences that look alike, each field a regular expression that has to be found.

    ``signature`` in its signature, ``trace`` in its steps in words, a line each, ``expected`` and
    ``actual`` in what its last step shows. An empty one is found anywhere.
    """

    signature: str = ""
    trace: str = ""
    expected: str = ""
    actual: str = ""

    def __post_init__(self) -> None:
        for field in fields(self):
            given = getattr(self, field.name)
            try:
                re.compile(given)
            except re.error as error:
                problem = f"{field.name}: {given!r} is no regular expression ({error})"
                raise ValueError(problem) from None

    def holds(self, found: Divergence) -> bool:
        """Whether ``found`` looks like this."""
        return (
            _is_found(self.signature, str(found.signature))
            and _is_found(self.expected, found.expected)
            and _is_found(self.actual, found.actual)
            and (not self.trace or _is_found(self.trace, "\n".join(found.trace.words())))
        )


def _is_found(pattern: str, text: str) -> bool:
    return not pattern or re.search(pattern, text) is not None


@dataclass(frozen=True)
class Cause:
    """Why a group of divergences differs: a short name, a sentence, the clause that it breaks.

    It explains what one of its ``patterns`` holds. One that ``is_derived`` was not written down by
    anybody, but made of what a run found (`conformance.judging.causes.derived`).
    """

    name: str
    reason: str
    clause: str | None = None
    issue: str | None = None
    patterns: tuple[Pattern, ...] = ()
    is_derived: bool = False

    @property
    def sentence(self) -> str:
        """The reason on one line, however it is broken in a file."""
        return " ".join(self.reason.split())

    @property
    def is_free(self) -> bool:
        """Whether no clause says that it is wrong: its reason begins with that."""
        return self.reason.startswith("Free")

    def holds(self, found: Divergence) -> bool:
        """Whether ``found`` comes of this cause, as far as can be told."""
        return any(pattern.holds(found) for pattern in self.patterns)

    @classmethod
    def from_json(cls, data: Mapping[str, Any]) -> Cause:
        """The cause that a file tells. Raises ValueError."""
        patterns = tuple(Pattern(**each) for each in data.get("patterns", ()))
        return cls(**{**data, "patterns": patterns})


def cause_of(found: Divergence, causes: Iterable[Cause]) -> Cause | None:
    """The first of ``causes`` that explains ``found``."""
    return next((cause for cause in causes if cause.holds(found)), None)


@functools.lru_cache(maxsize=16)
def shipped(name: str) -> tuple[Cause, ...]:
    """The causes of a released implementation, by its name; none for one that is not known here."""
    file = resources.files(__name__) / f"{name}.toml"
    if not file.is_file():
        return ()
    data = tomllib.loads(file.read_text(encoding="utf-8"))
    return tuple(Cause.from_json(each) for each in data["cause"])


__all__ = ["Cause", "Pattern", "cause_of", "shipped"]
