"""The first screen: what a run amounts to, the worst first, in as many lines as a screen has."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from rich.console import Console
from rich.text import Text

from conformance.clauses.registry import MUST
from conformance.comparing.informing import counts
from conformance.judging.causes.explained import Caused, by_cause
from conformance.judging.events import LOST
from conformance.judging.findings import Finding
from conformance.judging.in_process import FAIL, INCONCLUSIVE, NOT_RUN, UNSUPPORTED
from conformance.judging.judgement import Judgement
from conformance.judging.verdicts import ClauseResult, Results
from conformance.reports.terminal.verdict import not_known, print_line, some, verdict

#: How many lines it has at most.
LINES = 40
#: So many lines a section has if others need more than there is room for.
_LEAST = 4
#: How it is said that an implementation lacks a part.
_PART = re.compile(r"has no part '(?P<part>\w+)'$")
#: How many ids of a level are named; the rest are counted.
_NAMED = 4
#: How long a line is at most where it is not cut at the edge of the terminal.
_LONG = 400


@dataclass(frozen=True)
class _Section:
    """A heading, and lines of which as many are shown as there is room for.

    ``rest`` says what those are that are not shown. It has ``least`` lines in any case, if it has
    so many, and never more than ``most``.
    """

    heading: Text
    lines: Sequence[Text]
    rest: str
    least: int = _LEAST
    most: int = LINES

    def fitted(self, room: int) -> Iterator[Text]:
        """At most ``room`` lines, the heading among them; the rest are counted."""
        yield self.heading
        fit = len(self.lines) if len(self.lines) < room else room - 2
        yield from self.lines[:fit]
        if fit < len(self.lines):
            yield Text(f"  and {len(self.lines) - fit} more {self.rest}", style="dim")


def show_screen(results: Results, judgement: Judgement, console: Console) -> None:
    """Print it: in a terminal, what can be cut is cut at the edge, and the rest goes on below."""
    head = [verdict(results, judgement), _where(results, judgement)]
    asides, more = list(_asides(results, judgement)), list(_more(results, judgement))
    sections = [each for each in _sections(results, judgement) if each.lines]
    width = console.width if console.is_terminal else None
    taken = sum(_height(line, width) for line in (*head, *more)) + len(asides)
    for line in head:
        print_line(line, console)
    for line in (*_fitted(sections, LINES - taken), *asides):
        _print(line, console)
    for line in more:
        print_line(line, console)


def _height(line: Text, width: int | None) -> int:
    """How many lines of a terminal of this width a line takes; elsewhere, it is one."""
    return 1 if width is None else max(1, -(-len(line) // width))


def _fitted(sections: Sequence[_Section], room: int) -> Iterator[Text]:
    """The sections in ``room`` lines: each has the least, and the first ones what is left."""
    wanted = [min(1 + len(each.lines), each.most) for each in sections]
    given = [min(each, its.least) for each, its in zip(wanted, sections, strict=True)]
    for number, wants in enumerate(wanted):
        given[number] += max(0, min(wants - given[number], room - sum(given)))
    for section, lines in zip(sections, given, strict=True):
        yield from section.fitted(lines)


def _where(results: Results, judgement: Judgement) -> Text:
    """What was judged, beside what, and how much of it is wrong."""
    subject, search = results.subject, results.search
    beside = "" if results.accepted is None else f", beside {results.accepted.name}"
    by = f", by {judgement.known_by}" if judgement.known_by and not beside else ""
    written = f", {subject.written_in}" if subject.written_in else ""
    told = [f"on {subject.interpreter} {subject.python}{written}{beside}{by}"]
    if not results.workers.is_empty:
        told.append(f"performed by {_count(len(results.workers.joined), 'worker')} of a fleet")
    kept, judged = results.musts
    if judged and kept == judged:
        told.append(f"all of {judged} MUST clauses are kept")
    elif judged:
        told.append(f"{judged - kept} of {judged} MUST clauses are broken")
    news = search.news if search is not None else ()
    if news:
        causes = len({each.cause.name for each in news if each.cause is not None})
        text = f"{_count(len(news), 'divergence')} of {_count(causes, 'cause')}"
        ends = sum(each.is_crash for each in news)
        lost = sum(bool(each.loses) for each in news)
        worst = [f"{ends} {'ends' if ends == 1 else 'end'} the process"] if ends else []
        worst += [f"{lost} {'loses' if lost == 1 else 'lose'} data"] if lost else []
        told.append(f"{text}, {' and '.join(worst)}" if worst else text)
    return Text("; ".join(told))


def _sections(results: Results, judgement: Judgement) -> Iterator[_Section]:
    news = results.search.news if results.search is not None else ()
    unknown = not_known(results, judgement)
    yield _Section(
        _heading("crashes, and losses of data"),
        list(_worst(results, judgement, news)),
        "causes of these: see -v",
        least=7,
        most=7,
    )
    failing = [
        each
        for each in results.clauses
        if each.clause.id in judgement.unexpected and not _is_loss(each)
    ]
    broken = by_cause(failing)
    levels = {each.clause.level for each in failing}
    which = f"{MUST} clauses" if levels == {MUST} else "clauses"
    yield _Section(
        _heading(f"{which} that fail{',' if unknown.startswith(' not') else ''}{unknown}"),
        [_failing(each, judgement) for each in broken],
        "causes: see -v",
    )
    stale = {**judgement.stale, **judgement.divergences.stale}
    yield _Section(_heading("stale in the baseline"), list(_listed(stale)), "entries: see -v")
    unjudged = {**judgement.unjudged, **judgement.divergences.unjudged}
    yield _Section(_heading("could not be judged"), list(_listed(unjudged)), "of these: see -v")
    found = by_cause(findings=news)
    above = {each.cause.name: each.clauses[0].clause.id for each in broken}
    changed = [each for each in found if any(one.standing.was for one in each.findings)]
    yield _Section(
        _heading(f"causes of divergences{unknown}, and how many come of each"),
        [_diverging(each, above) for each in sorted(found, key=lambda one: one not in changed)],
        "causes: see -v",
        least=8,
    )


def _worst(results: Results, judgement: Judgement, news: Sequence[Finding]) -> Iterator[Text]:
    """The ways in which the process ends or data are lost, shortest trace first."""
    in_search = {each.cause for each in news if each.is_crash}
    for result in results.clauses:
        known = judgement.known_by is not None and result.clause.id not in judgement.unexpected
        if _is_loss(result) and not known and result.cause not in in_search:
            first = result.lost[0]
            how = first.got.removeprefix(LOST)
            what = "; ".join(first.words) or f"in {first.check.partition(':')[2]}"
            yield _cut(_row(result.clause.id, "bold red", f"the process {how}: {what}"))
    for each in by_cause(findings=[one for one in news if one.is_crash]):
        yield _trace(each, f"the process {each.findings[0].divergence.actual}")
    for each in by_cause(findings=[one for one in news if one.loses]):
        yield _trace(each, f"data of {each.findings[0].loses} would be lost")


def _is_loss(result: ClauseResult) -> bool:
    """Whether all that fails is that the process ends."""
    return bool(result.lost) and len(result.lost) == len(result.decisive)


def _trace(caused: Caused, what: str) -> Text:
    found = caused.findings[0].divergence
    steps = "; ".join(found.trace.words()[: found.step + 1])
    return _cut(
        Text.assemble(
            _number(len(caused.findings)), (caused.cause.name, "bold red"), f" {what}: {steps}"
        )
    )


def _failing(caused: Caused, judgement: Judgement) -> Text:
    ids = [each.clause.id for each in caused.clauses]
    shown = ids if len(ids) <= 3 else [*ids[:2], f"and {len(ids) - 2} more"]
    why = judgement.unexpected[ids[0]]
    text = why if why.startswith("changed: ") else caused.cause.reason
    return _cut(_row(", ".join(shown), "bold", text))


def _diverging(caused: Caused, above: Mapping[str, str]) -> Text:
    """A cause in a line; where clauses fail of it, those ``above`` tell what it is."""
    text = Text.assemble(_number(len(caused.findings)), (caused.cause.name, "bold"))
    changed = next((each for each in caused.findings if each.standing.was), None)
    if changed is not None:
        return _cut(text.append(f" {changed.message}"))
    name, clause = caused.cause.name, caused.cause.clause
    told = caused.cause.reason + (f" ({clause})" if clause else "")
    told = f"see {above[name]} above" if name in above else told
    return _cut(text.append(f" {' '.join(told.split())}"))


def _asides(results: Results, judgement: Judgement) -> Iterator[Text]:
    """What does not decide: what is free, informs, is known, mended or missing; a line each."""
    search = results.search
    below = [
        each
        for each in results.with_verdict(FAIL, INCONCLUSIVE, NOT_RUN)
        if each.checks and each.clause.id not in {**judgement.unexpected, **judgement.unjudged}
    ]
    free = search.free if search is not None else ()
    if judgement.known_by is None:
        if below:
            yield _aside("information", f"{_levels(below)} fail and do not gate")
    else:
        known = [f"{len(below)} clauses that fail"] if below else []
        seen = [each for each in search.seen if each.standing.is_known] if search else []
        if seen:
            causes = {each.cause.name for each in seen if each.cause is not None}
            known.append(f"{_count(len(seen), 'divergence')} of {_count(len(causes), 'cause')}")
        beside = search.coverage.total.done.get("known", 0) if search is not None else 0
        if beside:
            known.append(f"{beside:,} runs in which the accepted one does the same")
        if known:
            yield _aside("known", f"{', '.join(known)}: as {judgement.known_by} has it")
    if free:
        rows = Counter(each.free.clause for each in free if each.free is not None)
        told = ", ".join(f"{clause} ({times})" for clause, times in rows.items())
        yield _aside("free", f"{_count(len(free), 'divergence')} that no clause decides: {told}")
    if results.informs:
        told = f"{_count(len(results.informs), 'difference')}: {counts(results.informs)}"
        yield _cut(_aside("informs", told))
    unsupported = results.with_verdict(UNSUPPORTED)
    if unsupported:
        reasons = Counter(_lacking(each.message) for each in unsupported)
        told = "; ".join(
            f"{reason} ({times})" if times > 1 else reason
            for reason, times in reasons.most_common()
        )
        yield _cut(_aside("unsupported", f"{_count(len(unsupported), 'clause')}: {told}"))
    mended = [*results.mended, *(search.mended if search is not None else ())]
    if mended:
        yield _aside("mended", f"{len(mended)} since {judgement.known_by}: see -v")
    if results.aftermaths:
        counted = _count(results.aftermaths, "check")
        yield _aside("not repeated", f"{counted} lost or failed, and not when performed again")
    if search is not None and search.unexplained:
        yield _aside(
            "unexplained",
            f"{len(search.unexplained)} times a process {search.unexplained[0]}, and not again",
        )
    if search is not None and search.source is not None:
        yield _aside("source", str(search.source))
    if judgement.unspoken is not None:
        yield _aside("baseline", f"not written for {judgement.unspoken}: see baseline --python")
    if judgement.missed_floor:
        yield _aside("missed", judgement.missed_floor)


def _lacking(reason: str) -> str:
    """Why something is unsupported; of a part that is not there, its name."""
    part = _PART.search(reason)
    return reason if part is None else f"no {part['part'].replace('_', ' ')}"


def _more(results: Results, judgement: Judgement) -> Iterator[Text]:
    failing = [*judgement.unexpected, *(each.clause.id for each in results.with_verdict(FAIL))]
    news = results.search.news if results.search is not None else ()
    ids = [*failing[:1], *(each.id for each in news[:1])]
    if ids:
        explained = " or ".join(f"persistent-conformance explain {id}" for id in ids)
        yield _aside("more", f"-v for all of it, --html FILE for a page, {explained}")


def _levels(results: Iterable[ClauseResult]) -> str:
    """Clauses by their levels, named where there are few."""
    levels: dict[str, list[str]] = {}
    for each in results:
        levels.setdefault(each.clause.level, []).append(each.clause.id)
    return ", ".join(f"{len(ids)} {level} ({some(ids, _NAMED)})" for level, ids in levels.items())


def _listed(found: Mapping[str, str]) -> Iterator[Text]:
    for id, why in found.items():
        yield _cut(_row(id, "bold", why))


def _count(number: int, noun: str) -> str:
    return f"{number} {noun}{'' if number == 1 else 's'}"


def _heading(text: str) -> Text:
    return Text(text, style="bold")


def _aside(label: str, text: str) -> Text:
    return Text.assemble((f"{label}: ", "dim"), text)


def _row(label: str, style: str, text: str) -> Text:
    return Text.assemble((f"  {label} ", style), " ".join(text.split()))


def _number(number: int) -> tuple[str, str]:
    return f"{number:>4} ", "dim"


def _cut(text: Text) -> Text:
    if len(text) > _LONG:
        text.truncate(_LONG, overflow="ellipsis")
    return text


def _print(line: Text, console: Console) -> None:
    """Print a line: cut at the edge of a terminal, whole elsewhere."""
    if console.is_terminal:
        console.print(line, no_wrap=True, overflow="ellipsis", crop=True)
    else:
        print_line(line, console)


__all__ = ["LINES", "show_screen"]
