"""All that a check does, as one stream of events."""

from __future__ import annotations

import time
from collections.abc import Callable, Generator, Hashable, Iterator, Sequence
from contextlib import closing
from dataclasses import replace
from typing import TypeVar

from conformance.clauses.registry import Check
from conformance.judging import in_processes as engine
from conformance.judging.accepted import AcceptedTold
from conformance.judging.baseline.entries import Pinned
from conformance.judging.causes import cause_of, shipped
from conformance.judging.causes.explained import explained
from conformance.judging.events import (
    CheckEvent,
    CheckFinished,
    Informed,
    RunFinished,
    RunStarted,
)
from conformance.judging.findings import Finding
from conformance.judging.repeated import identity, repeat
from conformance.judging.search import (
    CHECKS,
    CORPUS,
    SearchEvent,
    TraceReplayed,
    came_to,
    replay_first,
    search,
)
from conformance.judging.units import checks as dealt
from conformance.judging.units.workers import Workers
from conformance.judging.verdicts import Results
from stateful.engines.engine import Sides
from stateful.lockstep.divergence import Divergence
from stateful.processes.events import DivergenceFound, WorkerEvent
from stateful.processes.isolation import Launch
from stateful.processes.pools.pool import Pool
from stateful.replay.corpus import corpus
from stateful.replay.informed import informing
from stateful.replay.replaying import Replayed

_Event = TypeVar("_Event")


def searched(
    launch: Launch, engines: Sequence[str], events: Sequence[object], seconds: float
) -> Results:
    """What the events of a search without checks come to; each divergence as it was found.

    Raises `TargetError` if the target does not start to say what it is.
    """
    subject = engine.subject_of(launch)
    causes = shipped(subject.name)
    findings = tuple(
        Finding(each.divergence, launch.target, cause=cause_of(each.divergence, causes))
        for each in events
        if isinstance(each, DivergenceFound)
    )
    came = replace(came_to(engines, events, subject), findings=findings, seen=findings)
    return explained(Results(subject, (), seconds, came, workers=Workers.told(events)))


class _Enough:
    """Whether what was heard is ``enough``, so that nothing more is looked for."""

    def __init__(self, enough: Callable[[object], bool]) -> None:
        self._enough = enough
        self.is_so = False

    def until(self, events: Generator[_Event, None, None]) -> Iterator[_Event]:
        """Yield ``events`` up to the one that is enough; none of them if there was one before."""
        with closing(events):
            if self.is_so:
                return
            for event in events:
                yield event
                if self._enough(event):
                    self.is_so = True
                    return


def run(
    sides: Sides,
    checks: Sequence[Check],
    engines: Sequence[str],
    pinned: Sequence[Pinned] = (),
    *,
    workers: int = 2,
    cover_source: bool = False,
    again: Sequence[Divergence] = (),
    pool: Pool | None = None,
    enough: Callable[[object], bool] = lambda event: False,
    informs: bool = False,
) -> Iterator[CheckEvent | AcceptedTold | SearchEvent | Informed]:
    """Replay recorded traces, make ``checks``, then search: as far as ``engines`` ask for it.

    In the end, what was found is performed once more and recorded. ``pinned`` are the divergences
    of the baseline, ``again`` others that are looked for again; the timeout of the target holds for
    each trace and each check. With ``cover_source``, tell how much of the target's source was
    reached. Checks and engines are performed by ``pool``, or by ``workers`` processes of this
    machine. What comes after an event that is ``enough`` is not done. In the end, it is told what
    ``informs`` of the target, if that is wanted. Raises `TargetError` if the target does not start.
    """
    began = time.monotonic()
    found: list[DivergenceFound] = []
    replayed: dict[Hashable, Replayed] = {}
    heard = _Enough(enough)
    replaying = set(engines) - {CHECKS}
    for event in heard.until(
        replay_first(sides, engines, pinned if replaying else (), again if replaying else ())
    ):
        if isinstance(event, TraceReplayed):
            if event.pinned is not None:
                replayed[identity(event.pinned.divergence)] = event.result
            elif event.result.found is not None:
                found.append(DivergenceFound(CORPUS, -1, event.result.found))
        yield event
    made = checks if CHECKS in engines else ()
    if sides.accepted is not None:
        for told in _checked(sides.accepted, made, workers, pool):
            if isinstance(told, (RunStarted, CheckFinished)):
                yield AcceptedTold(told)
            elif not isinstance(told, RunFinished):
                yield told
    yield from heard.until(_checked(sides.target, made, workers, pool))
    searching = search(sides, engines, workers=workers, cover_source=cover_source, pool=pool)
    for event in heard.until(searching):
        if isinstance(event, DivergenceFound):
            found.append(event)
        yield event
    yield from repeat(sides, found, replayed, workers)
    if informs and not heard.is_so:
        yield Informed(informing(sides.target, (each.trace for each in corpus())))
    yield RunFinished(time.monotonic() - began)


def _checked(
    launch: Launch, checks: Sequence[Check], workers: int, pool: Pool | None
) -> Generator[CheckEvent | WorkerEvent, None, None]:
    if pool is not None:
        return dealt.run(launch, checks, pool)
    return engine.run(launch, checks, workers=workers)
