"""What a baseline holds: failing checks and divergences, each with what was seen of it."""

from __future__ import annotations

import datetime
from dataclasses import dataclass

from conformance.judging.baseline.markers import Interpreter, holds
from conformance.judging.causes import Cause
from conformance.judging.digests import of_check, of_replayed
from conformance.judging.events import CheckFinished
from fixtures.roles import accidental
from stateful.lockstep.divergence import Divergence, Signature
from stateful.replay.replaying import Replayed

#: How long the words of an outcome are; the digest stands for all of it.
_LONG = 200
#: What identifies an entry of a divergence: the text of its signature, and its digest.
Key = tuple[str, str]


@dataclass(frozen=True)
class FailingCheck:
    """A check that is known to fail: what came of it, in words, and the digest of what it saw."""

    name: str
    got: str
    digest: str

    @classmethod
    def of(cls, finished: CheckFinished) -> FailingCheck:
        """What a baseline holds of a check that did not pass."""
        words = accidental(finished.got or finished.what).strip()
        first = words.splitlines()[-1] if words else ""
        got = first if len(first) <= _LONG else f"{first[:_LONG]} ..."
        return cls(finished.check.partition(":")[2], got, of_check(finished))


@dataclass(frozen=True)
class Entry:
    """Checks of one clause that are known to fail, where the ``marker`` holds: None is anywhere."""

    id: str
    verdict: str
    checks: tuple[FailingCheck, ...]
    reason: str
    issue: str | None = None
    expires: datetime.date | None = None
    marker: str | None = None


@dataclass(frozen=True)
class Pinned:
    """One divergence that is known, with the trace that shows it and the digest of what is seen.

    ``reason`` says why it differs, or ``cause`` names the `Cause` that does. If it does not
    ``repeat``, a process of its own does not show it, and it is not replayed.
    """

    divergence: Divergence
    digest: str
    reason: str | None = None
    cause: str | None = None
    clause: str | None = None
    issue: str | None = None
    expires: datetime.date | None = None
    marker: str | None = None
    repeats: bool = True

    @property
    def signature(self) -> Signature:
        """The signature of the divergence."""
        return self.divergence.signature

    @property
    def key(self) -> Key:
        """What identifies it in a baseline."""
        return str(self.divergence.signature), self.digest

    def still_holds(self, replayed: Replayed) -> bool:
        """Whether its trace, replayed, shows at its last step exactly what it did."""
        found, pinned = replayed.found, self.divergence
        if found is None or found.step != pinned.step:
            return False
        same_field = found.signature.field == pinned.signature.field
        return same_field and of_replayed(replayed) == self.digest


@dataclass(frozen=True)
class Baseline:
    """What a target is known to fail.

    ``interpreters`` are those that it was written for, such as "CPython 3.11". ``causes`` explain
    divergences, besides those that come with the package.
    """

    target: str
    version: str = ""
    interpreters: tuple[str, ...] = ()
    entries: tuple[Entry, ...] = ()
    divergences: tuple[Pinned, ...] = ()
    causes: tuple[Cause, ...] = ()

    def pinned_in(self, interpreter: Interpreter) -> tuple[Pinned, ...]:
        """The divergences that are known in ``interpreter``."""
        return tuple(each for each in self.divergences if holds(each.marker, interpreter))

    @property
    def names(self) -> set[object]:
        """What its entries are about: a clause and a check, a signature and a digest each."""
        checks = {(entry.id, check.name) for entry in self.entries for check in entry.checks}
        return {*checks, *(entry.key for entry in self.divergences)}


def message_of(found: Divergence) -> str:
    """What differs, in a line."""
    return f"expected {found.expected}, got {found.actual}"


__all__ = ["Baseline", "Entry", "FailingCheck", "Key", "Pinned", "message_of"]
