"""The part of a check that searches: pinned traces and the corpus first, then the engines."""

from __future__ import annotations

from collections.abc import Generator, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace

from conformance.judging.baseline.entries import Key, Pinned
from conformance.judging.baseline.markers import Interpreter, holds
from conformance.judging.causes import cause_of, shipped
from conformance.judging.digests import of_once, of_replayed
from conformance.judging.events import Subject
from conformance.judging.findings import Finding
from conformance.judging.known import CHANGED, MENDED, Known, Nothing, Standing
from conformance.judging.repeated import Repeated
from conformance.judging.selection import UnknownName
from stateful.engines.budgets import distinct, units
from stateful.engines.coverage import Coverage
from stateful.engines.engine import Sides
from stateful.engines.units import ENGINES as SEARCHING
from stateful.lockstep.divergence import Divergence
from stateful.processes.child import Limits
from stateful.processes.events import (
    DivergenceFound,
    ProcessLost,
    Progress,
    SourceCoverage,
    SourceReached,
    UnitEvent,
    UnitFailed,
    UnitFinished,
)
from stateful.processes.pools.pool import Pool
from stateful.processes.pools.source import with_source
from stateful.processes.supervisor import Supervisor
from stateful.replay.beside import Beside
from stateful.replay.corpus import replay_beside, replay_each
from stateful.replay.replaying import ERROR, Replayed, Replayer

CORPUS, CHECKS, ALL = "corpus", "checks", "all"
#: The part of a check that replays only what was found last time.
AGAIN = "last"
#: Who finds what a pinned trace of a baseline shows now.
PINNED = "baseline"
#: What `check` can do, in the order in which it does it.
ENGINES = (CORPUS, CHECKS, *SEARCHING)
#: Pairs of operation and abstract state that the engines have to reach, so that none is idle.
FLOOR = 100


@dataclass(frozen=True)
class TraceReplayed:
    """A trace of the corpus (``pinned`` is None), or one of the baseline, was replayed."""

    name: str
    result: Replayed
    pinned: Pinned | None = None


SearchEvent = UnitEvent | TraceReplayed | Repeated
_EVENTS = (DivergenceFound, Progress, ProcessLost, UnitFinished, UnitFailed)


@dataclass(frozen=True)
class Search:
    """What came of a search.

    ``seen`` are all findings, one for each signature and what was seen; ``findings`` those without
    what others cover, news first: to be read. ``replayed`` and ``unjudged`` count traces of the
    corpus; ``pinned`` holds what came of those of the baseline. ``failed`` says which units were
    not performed to their ends, ``unexplained`` how processes were lost of which no trace can be
    shown.
    """

    engines: tuple[str, ...]
    findings: tuple[Finding, ...] = ()
    seen: tuple[Finding, ...] = ()
    replayed: int = 0
    unjudged: int = 0
    pinned: Mapping[Key, Replayed] = field(default_factory=dict)
    coverage: Coverage = field(default_factory=Coverage)
    source: SourceCoverage | None = None
    lost: int = 0
    unexplained: tuple[str, ...] = ()
    failed: tuple[str, ...] = ()

    @property
    def divergences(self) -> tuple[Divergence, ...]:
        """What was found, without what belongs to the target."""
        return tuple(found.divergence for found in self.findings)

    @property
    def news(self) -> tuple[Finding, ...]:
        """The findings that are neither known nor free."""
        return tuple(found for found in self.findings if found.is_news)

    @property
    def free(self) -> tuple[Finding, ...]:
        """The findings that no clause decides: they never gate."""
        return tuple(found for found in self.seen if found.free is not None)

    @property
    def mended(self) -> tuple[Finding, ...]:
        """What an accepted implementation gets wrong, and the target right."""
        return tuple(found for found in self.findings if found.standing.state == MENDED)

    def missed(self, floor: int) -> str | None:
        """Why it did too little to be judged by; None if it did enough."""
        if CORPUS in self.engines and not self.replayed:
            return "no trace of the corpus could be replayed"
        searching = [engine for engine in self.engines if engine in SEARCHING]
        if self.failed:
            return f"not performed to its end: {self.failed[0].strip().splitlines()[-1]}"
        return self.coverage.missed(floor, searching) if searching else None


def engines_named(text: str, known: Sequence[str] = ENGINES) -> tuple[str, ...]:
    """The engines that a list with commas names, in our order. Raises `UnknownName`."""
    names = [name.strip() for name in text.split(",") if name.strip()]
    if names == [ALL]:
        return tuple(known)
    unknown = [name for name in names if name not in known]
    if unknown or not names:
        raise UnknownName(
            f"--engines: {', '.join(map(repr, unknown)) or repr(text)} does not exist; try "
            f"{', '.join(known)} or {ALL}"
        )
    return tuple(name for name in known if name in names)


def replay_first(
    sides: Sides,
    engines: Sequence[str],
    pinned: Sequence[Pinned] = (),
    again: Sequence[Divergence] = (),
) -> Generator[SearchEvent, None, None]:
    """Replay the ``pinned`` traces that hold in its interpreter, and the corpus if ``engines`` say.

    Those of ``again`` are replayed first of all. Raises `TargetError` if the target does not start.
    """
    if again:
        with sides.replayer() as asked:
            for found in again:
                yield TraceReplayed(str(found.signature), asked.replay_divergence(found))
    if CORPUS not in engines and not pinned:
        return
    if sides.accepted is not None:
        with Beside(sides.target, sides.accepted) as beside:
            for saved, result in replay_beside(beside):
                yield TraceReplayed(saved.name, result)
        return
    with Replayer(sides.target) as replayer:
        interpreter = Interpreter.of(replayer.about)
        for entry in pinned:
            if entry.repeats and holds(entry.marker, interpreter):
                result = replayer.replay_divergence(entry.divergence)
                yield TraceReplayed(str(entry.signature), result, entry)
        if CORPUS in engines:
            for saved, result in replay_each(replayer):
                yield TraceReplayed(saved.name, result)


def search(
    sides: Sides,
    engines: Sequence[str],
    *,
    workers: int = 2,
    cover_source: bool = False,
    pool: Pool | None = None,
) -> Generator[SearchEvent, None, None]:
    """Search with those of ``engines`` that do, at their default budgets.

    With ``cover_source``, tell in the end how much of the target's source they reached. Units are
    performed by ``pool``, or by processes of this machine.
    """
    if pool is None:
        with Supervisor(workers, Limits(seconds=sides.target.timeout)) as supervisor:
            yield from search(sides, engines, cover_source=cover_source, pool=supervisor)
        return
    performed = units(sides, [engine for engine in engines if engine in SEARCHING])
    if performed:
        events = pool.run(performed, share=False, cover=cover_source)
        yield from with_source(events, sides.target, cover_source)


def came_to(
    engines: Sequence[str], events: Sequence[object], subject: Subject, known: Known | None = None
) -> Search:
    """What ``events`` come to for ``subject``; those about no search are passed over.

    Findings stand to what is ``known``.
    """
    heard = [event for event in events if isinstance(event, _EVENTS)]
    traces = [event for event in events if isinstance(event, TraceReplayed)]
    coverage = Coverage()
    for event in heard:
        coverage.hear(event)
    of_corpus = [event for event in traces if event.pinned is None]
    judged = {event.name for event in of_corpus if event.result.verdict != ERROR}
    findings, seen = found_in(events, subject, known or Nothing())
    return Search(
        engines=tuple(engines),
        findings=findings,
        seen=seen,
        replayed=len(judged),
        unjudged=len({event.name for event in of_corpus} - judged),
        pinned={event.pinned.key: event.result for event in traces if event.pinned is not None},
        coverage=coverage,
        source=next((each.source for each in events if isinstance(each, SourceReached)), None),
        lost=sum(isinstance(each, ProcessLost) and not each.unexplained for each in heard),
        unexplained=tuple(
            each.how for each in heard if isinstance(each, ProcessLost) and each.unexplained
        ),
        failed=tuple(each.why for each in heard if isinstance(each, UnitFailed)),
    )


def found_in(
    events: Sequence[object], subject: Subject, known: Known
) -> tuple[tuple[Finding, ...], tuple[Finding, ...]]:
    """What was found, of which each cannot be read from another, and all of it.

    The same signature with the same to be seen is one finding, with the shortest trace.
    """
    by_key: dict[Key, tuple[DivergenceFound, Finding]] = {}
    for event, finding in _found(events, subject, known):
        by_key.setdefault(finding.key, (event, finding))
    news = [each for each in by_key.values() if each[1].is_news]
    rest = [each for each in by_key.values() if not each[1].is_news]
    read = [finding for some in (news, rest) for finding in _uncovered(some)]
    return tuple(read), tuple(finding for _, finding in by_key.values())


def _found(
    events: Sequence[object], subject: Subject, known: Known
) -> Iterator[tuple[DivergenceFound, Finding]]:
    """Each finding, with the event that tells of it: pinned ones first, then the shortest first."""
    causes = shipped(subject.name)
    for event in events:
        if not isinstance(event, TraceReplayed) or event.pinned is None:
            continue
        entry, result = event.pinned, event.result
        if result.found is None:
            continue
        # An entry that holds keeps its trace, which may go on.
        found = entry.divergence if entry.still_holds(result) else result.found
        made = Finding(
            found,
            subject.target,
            result.expected,
            result.actual,
            digest=of_replayed(result),
            cause=cause_of(found, causes),
        )
        standing = known.divergence(found, made.digest)
        if not standing.is_known:
            standing = Standing(CHANGED, entry.divergence.actual)
        yield DivergenceFound(PINNED, -1, found), replace(made, standing=standing)
    repeated = [event for event in events if isinstance(event, Repeated)]
    repeated.sort(key=lambda each: (len(each.event.divergence.trace.operations), each.event.unit))
    for each in repeated:
        found, result = each.event.divergence, each.result
        repeats = result.found is not None and result.found.step == found.step
        digest = of_replayed(result) if repeats else of_once(found)
        yield (
            each.event,
            Finding(
                found,
                subject.target,
                result.expected,
                result.actual,
                digest,
                known.divergence(found, digest),
                repeats,
                cause_of(found, causes),
            ),
        )


def _uncovered(found: Sequence[tuple[DivergenceFound, Finding]]) -> list[Finding]:
    by_divergence = {id(event.divergence): finding for event, finding in found}
    return [by_divergence[id(each)] for each in distinct([event for event, _ in found])]
