"""All that a check does, as one stream of events."""

from __future__ import annotations

import time
from collections.abc import Iterator, Sequence

from conformance.clauses.registry import Check
from conformance.judging import in_processes as engine
from conformance.judging.events import Event, RunFinished
from conformance.judging.pinned import Pinned
from conformance.judging.search import CHECKS, SearchEvent, replay_first, search


def run(
    target: str,
    checks: Sequence[Check],
    engines: Sequence[str],
    pinned: Sequence[Pinned] = (),
    *,
    python: str | None = None,
    workers: int = 2,
    timeout: float = 10.0,
    cover_source: bool = False,
) -> Iterator[Event | SearchEvent]:
    """Replay recorded traces, make ``checks``, then search: as far as ``engines`` ask for it.

    ``pinned`` are the divergences of the baseline; ``timeout`` is in seconds for each trace and
    each check. With ``cover_source``, tell how much of the target's source was reached. Raises
    `TargetError` if the target does not start.
    """
    began = time.monotonic()
    replayed = pinned if set(engines) - {CHECKS} else ()
    yield from replay_first(target, engines, replayed, python=python, timeout=timeout)
    made = checks if CHECKS in engines else ()
    yield from engine.run(target, made, python=python, workers=workers, timeout=timeout)
    yield from search(
        target,
        engines,
        python=python,
        workers=workers,
        timeout=timeout,
        cover_source=cover_source,
    )
    yield RunFinished(time.monotonic() - began)
