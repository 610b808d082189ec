"""What a search found, performed once more and recorded on both sides, before anything is judged.

Each of the engines sees a divergence in its own way; here all are seen in one, each in worlds of
its own, so that what was seen can be compared with what is known.
"""

from __future__ import annotations

import threading
from collections.abc import Hashable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

from conformance.judging.digests import of_replayed
from conformance.judging.findings import Finding
from stateful.engines.engine import Sides
from stateful.lockstep.divergence import Divergence
from stateful.processes.events import DivergenceFound
from stateful.replay.beside import Beside
from stateful.replay.replaying import Replayed, Replayer


@dataclass(frozen=True)
class Repeated:
    """What an engine found, and what came of performing it once more."""

    event: DivergenceFound
    result: Replayed


def identity(found: Divergence) -> Hashable:
    """What two divergences have in common that need not be performed twice."""
    return str(found.signature), found.trace.dumps(), found.despite


def repeat(
    sides: Sides,
    found: Sequence[DivergenceFound],
    replayed: Mapping[Hashable, Replayed],
    workers: int = 2,
) -> Iterator[Repeated]:
    """Perform each divergence of ``found`` once more, in this order, but not those ``replayed``.

    Those are results by `identity`. Raises `TargetError` if the target does not start again.
    """
    waiting: dict[Hashable, Divergence] = {}
    for event in found:
        key = identity(event.divergence)
        if key not in replayed:
            waiting.setdefault(key, event.divergence)
    results = {**replayed, **_replayed(sides, waiting, workers)}
    told = set()
    for event in found:
        key = identity(event.divergence)
        if key not in told:
            told.add(key)
            yield Repeated(event, results[key])


def shown_by(sides: Sides, found: Sequence[Finding], workers: int = 2) -> Iterator[Finding]:
    """Those of ``found``, which other runs have seen, that the target shows in just the same way.

    Raises `TargetError` if the target does not start.
    """
    repeating = {each.key: each for each in found if each.repeats}
    results = _replayed(sides, {key: each.divergence for key, each in repeating.items()}, workers)
    for key, each in repeating.items():
        now = results[key].found
        if now is None or now.step != each.divergence.step:
            continue
        if of_replayed(results[key]) == each.digest:
            yield each


def _replayed(
    sides: Sides, waiting: Mapping[Hashable, Divergence], workers: int
) -> dict[Hashable, Replayed]:
    if not waiting:
        return {}
    replayers: list[Replayer | Beside] = []
    own = threading.local()

    def replay(found: Divergence) -> Replayed:
        if not hasattr(own, "replayer"):
            own.replayer = sides.replayer()
            replayers.append(own.replayer)
        result: Replayed = own.replayer.replay_divergence(found)
        return result

    try:
        with ThreadPoolExecutor(min(workers, len(waiting))) as pool:
            return dict(zip(waiting, pool.map(replay, waiting.values()), strict=True))
    finally:
        for each in replayers:
            each.close()


__all__ = ["Repeated", "identity", "repeat", "shown_by"]
