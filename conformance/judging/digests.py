"""Digests: short texts that stand for exactly what was seen where something differs or fails.

Two runs see the same if the digests are equal. What is an accident of a run or of an interpreter -
addresses, the words of an error, the signal that a crash ends with - is not part of it.
"""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Mapping
from typing import Any

from conformance.judging.events import LOST, CheckFinished
from conformance.judging.in_process import INCONCLUSIVE
from fixtures.roles import accidental
from stateful.lockstep.divergence import Divergence
from stateful.lockstep.recorded import differing
from stateful.replay.recording import Recording
from stateful.replay.replaying import Replayed

#: Letters of a digest: a mistake would take two sights of one signature that agree in 48 bits.
LENGTH = 12
#: How a process ends that uses memory which is not its own; which of them is a matter of luck.
_CRASH = re.compile(r"killed by SIG(SEGV|BUS|ABRT|ILL|FPE|TRAP)\b")
_NUMBER = re.compile(r"\d+(\.\d+)?")


def of_divergence(expected: Recording, actual: Recording, step: int) -> str:
    """What was seen of the target at ``step``: what it did there, and all that differs then.

    ``expected`` is the recording of the reference. What the target did is its outcome and its
    calls, or how its process was lost.
    """
    if step >= len(actual.steps):
        return _digest({"lost": _ending(actual.lost), "unsupported": actual.unsupported})
    right, done = expected.steps[step], actual.steps[step]
    seen = {key: got for key, (_, got) in differing(right["seen"], done["seen"]).items()}
    return _digest({"does": done["does"], "calls": list(done["calls"]), "seen": seen})


def of_replayed(replayed: Replayed) -> str:
    """What was seen of the target where a replayed trace diverges; empty if it does not."""
    found = replayed.found
    return "" if found is None else of_divergence(replayed.expected, replayed.actual, found.step)


def of_once(found: Divergence) -> str:
    """What was seen where a divergence is that a process of its own does not show."""
    return _digest({"field": found.signature.field, "once": _ending(found.actual)})


def of_check(finished: CheckFinished) -> str:
    """What a check that did not pass has seen: its verdict, what it looked at, what came, how.

    Where an error came, that is its name.
    """
    what = finished.what
    if finished.verdict == INCONCLUSIVE:
        what = "" if finished.error else _ending(what)
    return _digest(
        {
            "verdict": finished.verdict,
            "what": what,
            "expected": finished.expected,
            "got": finished.error or _outcome(finished.got),
            "trace": finished.trace,
        }
    )


def _outcome(got: str) -> str:
    return _ending(got) if got.startswith(LOST) else got


def _ending(how: str) -> str:
    if _CRASH.search(how):
        return "crash"
    return how if "exit code" in how else _NUMBER.sub("N", how)


def _digest(seen: Mapping[str, Any]) -> str:
    text = accidental(json.dumps(seen, sort_keys=True))
    return hashlib.sha256(text.encode()).hexdigest()[:LENGTH]


__all__ = ["LENGTH", "of_check", "of_divergence", "of_once", "of_replayed"]
