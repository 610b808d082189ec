"""All that a check does, as one stream of events."""

from __future__ import annotations

import time
from collections.abc import Iterator, Sequence

from conformance.clauses.registry import Check
from conformance.judging import in_processes as engine
from conformance.judging.events import Event, RunFinished
from conformance.judging.pinned import Pinned
from conformance.judging.search import CHECKS, SearchEvent, replay_first, search
from stateful.engines.engine import Sides


def run(
    sides: Sides,
    checks: Sequence[Check],
    engines: Sequence[str],
    pinned: Sequence[Pinned] = (),
    *,
    workers: int = 2,
    cover_source: bool = False,
) -> Iterator[Event | SearchEvent]:
    """Replay recorded traces, make ``checks``, then search: as far as ``engines`` ask for it.

    ``pinned`` are the divergences of the baseline; the timeout of the target holds for each trace
    and each check. With ``cover_source``, tell how much of the target's source was reached. Raises
    `TargetError` if the target does not start.
    """
    began = time.monotonic()
    replayed = pinned if set(engines) - {CHECKS} else ()
    yield from replay_first(sides, engines, replayed)
    made = checks if CHECKS in engines else ()
    yield from engine.run(sides.target, made, workers=workers)
    yield from search(sides, engines, workers=workers, cover_source=cover_source)
    yield RunFinished(time.monotonic() - began)
