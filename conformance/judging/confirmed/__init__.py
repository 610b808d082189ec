"""What is known of released implementations: failures that were confirmed by hand.

Kept as data in ``conformance/judging/confirmed/``, one file an area.
"""

from __future__ import annotations

import functools
import sys
from dataclasses import dataclass
from importlib import resources

if sys.version_info >= (3, 11):
    import tomllib
else:
    import tomli as tomllib


@dataclass(frozen=True)
class ConfirmedFailure:
    """A clause that a release fails: what it does instead, and where in its source."""

    clause: str
    target: str
    version: str
    level: str
    what: str


@functools.lru_cache(maxsize=1)
def _all() -> tuple[ConfirmedFailure, ...]:
    found = []
    folder = resources.files(__name__)
    for file in sorted(folder.iterdir(), key=lambda each: each.name):
        if file.name.endswith(".toml"):
            data = tomllib.loads(file.read_text(encoding="utf-8"))
            found += [ConfirmedFailure(**entry) for entry in data.get("confirmed", ())]
    return tuple(found)


def confirmed_failures(clause: str | None = None) -> tuple[ConfirmedFailure, ...]:
    """The confirmed failures, of one clause if given."""
    return tuple(failure for failure in _all() if clause in (None, failure.clause))
