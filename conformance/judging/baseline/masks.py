"""What a search passes over from its beginning: exactly what a baseline still says of the target.

A search masks by signature, so that it comes to what lies behind what is known. So each trace of
the baseline is replayed first: one that shows something else than it did is news of its own, and
one that shows nothing any more masks nothing.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

from conformance.judging.baseline.entries import Baseline, Pinned
from conformance.judging.baseline.markers import Interpreter
from conformance.judging.search import PINNED
from stateful.engines.engine import Sides
from stateful.lockstep.divergence import Signature
from stateful.processes.events import DivergenceFound
from stateful.replay.replaying import FIXED, Replayed, Replayer


@dataclass
class Masks:
    """What is masked: the signatures that are known, and what was seen instead of one.

    ``changed`` are divergences that the baseline lists with something else to be seen, but for
    those that were found by ``earlier`` runs; ``gone`` the entries whose traces show nothing any
    more.
    """

    earlier: Sequence[Signature] = ()

    signatures: list[Signature] = field(default_factory=list)
    changed: list[DivergenceFound] = field(default_factory=list)
    gone: list[Pinned] = field(default_factory=list)

    def hear(self, entry: Pinned, result: Replayed | None) -> None:
        """Take in what replaying ``entry`` came to; None if it is not replayed."""
        if result is not None and result.verdict == FIXED:
            self.gone.append(entry)
            return
        self.signatures.append(entry.signature)
        if result is not None and result.found is not None and not entry.still_holds(result):
            self.signatures.append(result.found.signature)
            if result.found.signature not in self.earlier:
                self.changed.append(DivergenceFound(PINNED, -1, result.found))


def masks_of(baseline: Baseline, sides: Sides, earlier: Sequence[Signature] = ()) -> Masks:
    """What ``baseline`` masks in the interpreter of the target, and what ``earlier`` runs found.

    Raises `TargetError` if the target does not start.
    """
    made = Masks(earlier, [*earlier])
    if not baseline.divergences:
        return made
    with Replayer(sides.target) as replayer:
        for entry in baseline.pinned_in(Interpreter.of(replayer.about)):
            replayed = replayer.replay_divergence(entry.divergence) if entry.repeats else None
            made.hear(entry, replayed)
    return made


__all__ = ["Masks", "masks_of"]
