"""What the last run on a target found, kept so that it can be run again, replayed and explained.

It is kept for the folder in which a command is run, in the user's cache. It decides nothing: what
is not there, or cannot be written, is as if nothing had been run.
"""

from __future__ import annotations

import hashlib
import json
import os
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from conformance.files import BadFile, read_json, write_whole
from conformance.judging.in_process import FAIL, INCONCLUSIVE
from conformance.judging.verdicts import Results
from stateful.lockstep.divergence import Divergence
from stateful.traces.trace import BadTrace

_WAY_OUT = "Run `persistent-conformance check TARGET` again"


@dataclass(frozen=True)
class Last:
    """What the last runs on ``target`` found.

    ``clauses`` are the ids of those that fail, ``findings`` the divergences as report.json has
    them, by their ids.
    """

    target: str
    clauses: tuple[str, ...] = ()
    findings: Mapping[str, Mapping[str, Any]] | None = None

    @property
    def divergences(self) -> tuple[Divergence, ...]:
        """The divergences. Raises `BadFile` if one of them is none."""
        try:
            return tuple(map(Divergence.from_json, (self.findings or {}).values()))
        except BadTrace as error:
            raise BadFile(_file(self.target), str(error), _WAY_OUT) from None

    @property
    def is_empty(self) -> bool:
        """Whether nothing failed."""
        return not (self.clauses or self.findings)

    def after(
        self, results: Results, found: Sequence[Mapping[str, Any]], *, is_whole: bool = True
    ) -> Last:
        """What is so after one more run: what that did not judge stays as it was.

        ``found`` are its divergences, as report.json has them. If the run ``is_whole``, there are
        no others.
        """
        judged = {each.clause.id for each in results.clauses if each.checks}
        failing = [each.clause.id for each in results.with_verdict(FAIL, INCONCLUSIVE)]
        kept = [id for id in self.clauses if id not in judged]
        findings = self.findings
        if results.search is not None:
            seen = {each["id"]: {**each, "script": ""} for each in found}
            findings = seen if is_whole else {**(findings or {}), **seen}
        return Last(self.target, (*kept, *failing), findings)


def read(target: str) -> Last:
    """What the last runs on ``target`` in this folder found. Raises `BadFile` if it is damaged."""
    path = _file(target)
    if not path.is_file():
        return Last(target)
    data = read_json(path, "last", _WAY_OUT)
    return Last(target, tuple(data["clauses"]), {each["id"]: each for each in data["divergences"]})


def write(last: Last) -> None:
    """Keep it, if that is possible."""
    data = {
        "schema": 1,
        "target": last.target,
        "clauses": list(last.clauses),
        "divergences": list((last.findings or {}).values()),
    }
    with suppress(BadFile):
        write_whole(_file(last.target), json.dumps(data) + "\n")


def finding(id: str) -> tuple[str, Mapping[str, Any]] | None:
    """The target and the divergence of this id that a last run in this folder found, if one did."""
    folder = _folder()
    for path in sorted(folder.glob("*.json")) if folder.is_dir() else ():
        with suppress(BadFile):
            data = read_json(path, "last", _WAY_OUT)
            for each in data["divergences"]:
                if each["id"] == id:
                    return data["target"], each
    return None


def _file(target: str) -> Path:
    return _folder() / f"{hashlib.sha256(target.encode()).hexdigest()[:16]}.json"


def _folder() -> Path:
    """Where everything is kept that was found by runs in the current folder."""
    cache = os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache"
    here = hashlib.sha256(str(Path.cwd()).encode()).hexdigest()[:16]
    return Path(cache) / "persistent-conformance" / here


__all__ = ["Last", "finding", "read", "write"]
