"""Several implementations side by side: every clause, and every trace in which they differ.

`compare` runs targets, or reads reports of earlier runs, and makes a `Comparison` of them, which
the reports show. Nobody is right in it: implementations are grouped by their answers. What the
reference does is recorded beside them for who wants to know.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Collection, Iterator, Mapping, Sequence
from concurrent.futures import Executor, ThreadPoolExecutor
from contextlib import ExitStack
from dataclasses import dataclass, replace
from functools import cached_property

from conformance.clauses import registry
from conformance.clauses.registry import Clause
from conformance.comparing.answers import Disagreement, Group, clause_groups, disagreement
from conformance.comparing.scripts import Scripts
from conformance.explain.example import example_of
from conformance.judging.events import CheckFinished
from conformance.judging.findings import Finding
from conformance.judging.in_process import FAIL, INCONCLUSIVE
from conformance.judging.verdicts import ClauseResult, Results
from fixtures.operations import OPERATIONS
from fixtures.roles import accidental
from fixtures.targets import load
from fixtures.world import trace_json
from stateful.lockstep.divergence import Divergence
from stateful.processes.isolation import Launch
from stateful.replay.corpus import corpus
from stateful.replay.informed import Informs
from stateful.replay.recorder import Recorder, Recording, recorded_by
from stateful.traces.trace import Trace

#: How many failing checks of a clause are kept with their traces, for each implementation.
DETAILED = 2


@dataclass(frozen=True)
class Column:
    """One of the implementations: how it is called here, and what came of its run.

    ``launch`` starts it again, so that it can be asked for more; None for one from a report.
    """

    label: str
    results: Results
    launch: Launch | None = None


@dataclass(frozen=True)
class ClauseRow:
    """A clause, what came of it in each column (None: not asked), and these grouped."""

    clause: Clause
    results: tuple[ClauseResult | None, ...]
    groups: tuple[Group, ...]
    example: str | None = None

    @property
    def differs(self) -> bool:
        """Whether there is more than one answer."""
        return len(self.groups) > 1


@dataclass(frozen=True)
class Played:
    """A trace, what each column does in it (None: not asked), and the reference."""

    trace: Trace
    recordings: tuple[Recording | None, ...]
    reference: Recording
    difference: Disagreement | None


@dataclass(frozen=True)
class TraceRow:
    """A trace that is no check: where it comes from, what it is about, its id."""

    name: str
    about: str
    clauses: tuple[str, ...]
    trace: str


@dataclass(frozen=True)
class DivergenceRow:
    """A divergence from the reference, and the finding of each column that lists it."""

    divergence: Divergence
    findings: tuple[Finding | None, ...]

    @property
    def answers(self) -> tuple[str | None, ...]:
        """What each column that lists it shows there."""
        return tuple(None if each is None else each.divergence.actual for each in self.findings)


@dataclass(frozen=True)
class InformingRow:
    """Something that decides nothing: what the reference shows there, and each column.

    A column that nobody looked at there has None. The steps are those that show it, in words.
    """

    what: str
    kind: str
    operation: str
    expected: str
    answers: tuple[str | None, ...]
    steps: tuple[str, ...]


@dataclass(frozen=True)
class Comparison:
    """Everything that was compared. ``played`` holds all traces by their ids."""

    columns: tuple[Column, ...]
    clauses: tuple[ClauseRow, ...]
    traces: tuple[TraceRow, ...]
    played: Mapping[str, Played]

    @cached_property
    def differing_clauses(self) -> tuple[ClauseRow, ...]:
        """The clauses to which there is more than one answer."""
        return tuple(row for row in self.clauses if row.differs)

    @cached_property
    def differing_traces(self) -> tuple[tuple[TraceRow, Disagreement], ...]:
        """The traces to which there is more than one answer; one for each way to differ."""
        found: dict[object, tuple[TraceRow, Disagreement]] = {}
        for row in self.traces:
            differs = self.played[row.trace].difference
            if differs is not None:
                same = (differs.operation, differs.fields, differs.groups)
                found.setdefault(same, (row, differs))
        return tuple(found.values())

    @cached_property
    def reported(self) -> tuple[DivergenceRow, ...]:
        """The divergences from the reference that runs or reports of them list, by signature."""
        found: dict[str, tuple[Divergence, list[Finding | None]]] = {}
        for index, column in enumerate(self.columns):
            for each in _findings(column):
                name, empty = str(each.divergence.signature), [None] * len(self.columns)
                found.setdefault(name, (each.divergence, [*empty]))[1][index] = each
        return tuple(DivergenceRow(each, tuple(findings)) for each, findings in found.values())

    @cached_property
    def differing_reported(self) -> tuple[DivergenceRow, ...]:
        """Those that not all who searched list, or with other answers."""
        searched = [
            index for index, each in enumerate(self.columns) if each.results.search is not None
        ]
        return tuple(
            row
            for row in self.reported
            if len({accidental(row.answers[index] or "") for index in searched}) > 1
        )

    @cached_property
    def informing(self) -> tuple[InformingRow, ...]:
        """What differs and decides nothing: of one alone from the reference, else of each other."""
        found: dict[tuple[str, str, str], Informs] = {}
        for column in self.columns:
            for each in column.results.informs or ():
                known = found.setdefault(each.key, each)
                if len(each.steps) < len(known.steps):
                    found[each.key] = each
        rows = [
            InformingRow(
                one.what, one.kind, one.operation, one.expected, self._informed(one), one.steps
            )
            for one in found.values()
        ]
        alone = len(self.columns) == 1
        return tuple(each for each in rows if alone or len({*each.answers} - {None}) > 1)

    def _informed(self, one: Informs) -> tuple[str | None, ...]:
        answers: list[str | None] = []
        for column in self.columns:
            told = column.results.informs
            shown = None
            if told is not None:
                actual = (each.actual for each in told if each.key == one.key)
                shown = next(actual, one.expected)
            answers.append(shown)
        return tuple(answers)

    @property
    def performed(self) -> int:
        """How many traces two or more of them performed."""
        return sum(
            sum(each is not None for each in self.played[row.trace].recordings) > 1
            for row in self.traces
        )

    def about(self, wanted: Collection[str]) -> Comparison:
        """What of it is about the clauses with these ids; traces are about what they exercise."""
        kept = frozenset(wanted)
        columns = tuple(replace(each, results=_about(each.results, kept)) for each in self.columns)
        rows = tuple(row for row in self.clauses if row.clause.id in kept)
        traces = tuple(
            row for row in self.traces if kept & _exercised(row, self.played[row.trace].trace)
        )
        return replace(self, columns=columns, clauses=rows, traces=traces)

    @cached_property
    def scripts(self) -> Scripts:
        """The scripts of the traces that are shown, made when the first report asks for them."""
        reported = [
            (found, number)
            for row in self.reported
            for number, found in enumerate(row.findings)
            if found is not None
        ]
        targets = tuple(column.results.subject.target for column in self.columns)
        return Scripts(targets, self._scripted(), reported)

    def _scripted(self) -> Iterator[tuple[str, Trace, int]]:
        every = range(len(self.columns))
        for row in self.clauses:
            if row.example is not None:
                yield from ((row.example, self.played[row.example].trace, each) for each in every)
            for number, result in enumerate(row.results):
                # One script is enough for a clause, though several checks are shown.
                for check in detailed(result)[:1]:
                    if check.trace is not None:
                        trace = trace_of(check)
                        yield id_of(trace), trace, number
        for traced, _ in self.differing_traces:
            yield from ((traced.trace, self.played[traced.trace].trace, each) for each in every)

    @property
    def agree(self) -> bool:
        """Whether all gave the same answers everywhere."""
        return not (self.differing_clauses or self.differing_traces or self.differing_reported)


def _about(results: Results, wanted: frozenset[str]) -> Results:
    search = results.search
    if search is not None:
        kept = tuple(each for each in search.findings if wanted & _clauses_of(each))
        search = replace(search, findings=kept)
    clauses = tuple(each for each in results.clauses if each.clause.id in wanted)
    return replace(results, clauses=clauses, search=search)


def _clauses_of(finding: Finding) -> set[str]:
    """The clauses that a finding is about: that of its cause, else those that it exercises."""
    if finding.cause is not None and finding.cause.clause is not None:
        return {finding.cause.clause}
    return set(finding.clauses)


def _exercised(row: TraceRow, trace: Trace) -> set[str]:
    every = (OPERATIONS[made["op"]].clauses for made in trace.operations)
    return set(row.clauses) or {id for clauses in every for id in clauses}


def compared(
    columns: Sequence[Column], *, with_corpus: bool, with_examples: bool = True
) -> Comparison:
    """Put ``columns`` side by side, and ask those that are live what they do in more traces.

    These are the traces that divergences come with, those of failing checks and an example of each
    clause if ``with_examples``, and the corpus if ``with_corpus``. Raises `TargetError` if a target
    does not start again.
    """
    registry.load()
    with ExitStack() as stack:
        recorders: list[Recorder | None] = []
        for column in columns:
            recorder = None
            if column.launch is not None:
                recorder = Recorder(column.launch)
                stack.callback(recorder.close)
            recorders.append(recorder)
        player = _Player(recorders, stack.enter_context(ThreadPoolExecutor(len(recorders))))
        clauses = tuple(_clause_rows(columns, player if with_examples else None))
        traces = []
        if with_examples or any(recorders):
            traces += _of_divergences(columns, player)
            if with_corpus:
                traces += _of_corpus(player)
    return Comparison(tuple(columns), clauses, tuple(traces), player.played)


def alone(results: Results, launch: Launch) -> Comparison:
    """A single run beside the reference; the target is asked for what it does in traces.

    Raises `TargetError` if it does not start again.
    """
    label = f"{results.subject.name} {results.subject.version}"
    return compared([Column(label, results, launch)], with_corpus=False)


def labelled(subjects: Sequence[Results]) -> list[str]:
    """A name for each: the target and its version, and the interpreter where that is needed."""
    short = [f"{each.subject.name} {each.subject.version}" for each in subjects]
    long = [
        f"{name} on {each.subject.interpreter} {each.subject.python}"
        for name, each in zip(short, subjects, strict=True)
    ]
    names = [
        one if short.count(one) == 1 else other for one, other in zip(short, long, strict=True)
    ]
    found: list[str] = []
    for number, name in enumerate(names):
        again = names[:number].count(name)
        found.append(f"{name} ({again + 1})" if again else name)
    return found


class _Player:
    """Has every trace performed once by everyone."""

    def __init__(self, recorders: Sequence[Recorder | None], pool: Executor) -> None:
        self._recorders = recorders
        self._pool = pool
        self.reference = load("ref")
        self.played: dict[str, Played] = {}

    def play(self, trace: Trace) -> str:
        """The id of ``trace``, under which what came of it is found."""
        id = id_of(trace)
        if id not in self.played:
            recordings = tuple(
                self._pool.map(lambda each: each and each.record(trace), self._recorders)
            )
            expected = recorded_by(self.reference, trace)
            self.played[id] = Played(trace, recordings, expected, disagreement(trace, recordings))
        return id

    def take(self, found: Finding) -> str:
        """As `play`, the trace of a finding; nobody performs it again who has done so."""
        trace = found.divergence.trace
        id = id_of(trace)
        if len(self._recorders) > 1 or not found.actual.steps:
            return self.play(trace)
        if id not in self.played:
            self.played[id] = Played(trace, (found.actual,), found.expected, None)
        return id


def _clause_rows(columns: Sequence[Column], player: _Player | None) -> Iterator[ClauseRow]:
    found: dict[str, Clause] = {}
    by_column = [{each.clause.id: each for each in column.results.clauses} for column in columns]
    for column in columns:
        for result in column.results.clauses:
            found.setdefault(
                result.clause.id, registry.CLAUSES.get(result.clause.id, result.clause)
            )
    order = {id: number for number, id in enumerate(registry.CLAUSES)}
    for clause in sorted(found.values(), key=lambda each: order.get(each.id, len(order))):
        results = tuple(results.get(clause.id) for results in by_column)
        shown = None
        if player is not None:
            for each in results:
                for check in detailed(each):
                    if check.trace is not None:
                        player.play(trace_of(check))
            example = example_of(clause.id, player.reference)
            shown = player.play(example.trace) if example is not None else None
        yield ClauseRow(clause, results, clause_groups(results), shown)


def detailed(result: ClauseResult | None) -> tuple[CheckFinished, ...]:
    """The checks that are shown in full: some of those that made the verdict, if it is bad."""
    if result is None or result.verdict not in (FAIL, INCONCLUSIVE):
        return ()
    return result.decisive[:DETAILED]


def trace_of(check: CheckFinished) -> Trace:
    """The trace of a check that has one."""
    return Trace.from_json(check.trace)


def id_of(trace: Trace) -> str:
    """A short id, the same for equal traces."""
    data = json.dumps(trace_json(trace.world, trace.operations))
    return hashlib.sha256(data.encode()).hexdigest()[:10]


def _of_divergences(columns: Sequence[Column], player: _Player) -> list[TraceRow]:
    found: dict[str, TraceRow] = {}
    for column in columns:
        for each in _findings(column):
            name = str(each.divergence.signature)
            if name not in found:
                about = f"found in {column.label}"
                found[name] = TraceRow(name, about, (), player.take(each))
    return list(found.values())


def _findings(column: Column) -> tuple[Finding, ...]:
    return () if column.results.search is None else column.results.search.findings


def _of_corpus(player: _Player) -> list[TraceRow]:
    return [
        TraceRow(each.name, each.about, each.clauses, player.play(each.trace)) for each in corpus()
    ]


__all__ = [
    "DETAILED",
    "ClauseRow",
    "Column",
    "Comparison",
    "DivergenceRow",
    "InformingRow",
    "Played",
    "TraceRow",
    "alone",
    "compared",
    "detailed",
    "id_of",
    "labelled",
    "trace_of",
]
