"""Divergences as reports show them: as data, and in the terminal."""

from __future__ import annotations

from typing import Any

from rich.console import Console
from rich.table import Table
from rich.text import Text

from conformance.clauses.registry import CLAUSES
from conformance.explain.evidence import by_thing, settings
from conformance.explain.finding import why
from conformance.judging.causes import Cause
from conformance.judging.causes.explained import Caused, by_cause
from conformance.judging.findings import Finding
from conformance.judging.known import CHANGED
from conformance.judging.search import CORPUS, Search
from fixtures.world import trace_json
from stateful.engines.coverage import Coverage
from stateful.lockstep.divergence import Divergence
from stateful.processes.events import SourceCoverage


def as_data(finding: Finding) -> dict[str, Any]:
    """A finding as it stands in report.json, with a script if there can be one."""
    found = finding.divergence
    return {
        "id": finding.id,
        "signature": str(found.signature),
        "clauses": list(finding.clauses),
        "steps": found.trace.words(),
        "step": found.step,
        "expected": found.expected,
        "actual": found.actual,
        "despite": [str(signature) for signature in found.despite],
        "trace": trace_json(found.trace.world, found.trace.operations),
        **({} if finding.script is None else {"script": finding.script}),
        **_seen(finding),
    }


def _seen(finding: Finding) -> dict[str, Any]:
    """What was seen, and how it stands to what is known."""
    standing, cause = finding.standing, finding.cause
    reason = standing.reason or ("" if cause is None or cause.is_derived else cause.reason)
    return {
        "digest": finding.digest,
        "known": standing.state,
        **({"was": standing.was} if standing.was else {}),
        **({"reason": reason} if reason else {}),
        **({} if cause is None else _cause(cause)),
        **({} if finding.free is None else {"free": finding.free.sentence}),
        "repeats": finding.repeats,
        "differs": [
            {"what": what, "expected": expected, "actual": actual}
            for what, (expected, actual) in finding.differing.items()
        ],
    }


def _cause(cause: Cause) -> dict[str, Any]:
    """The cause of a finding: its name, its sentence, the clause that it breaks."""
    clause = {} if cause.clause is None else {"clause": cause.clause}
    return {"cause": cause.name, "because": cause.sentence, **clause}


def coverage_data(coverage: Coverage, source: SourceCoverage | None) -> dict[str, Any]:
    """What each engine, and all together, did and reached, in numbers."""
    of_source = {} if source is None else {"source": {**source.counts(), "files": source.files}}
    engines = {name: reached.counts() for name, reached in sorted(coverage.engines.items())}
    return {
        "engines": engines,
        "total": coverage.total.counts(),
        "clauses": sorted(coverage.total.clauses),
        **of_source,
    }


def coverage_table(coverage: Coverage) -> Table:
    """What each engine did and reached, as a table."""
    columns = ("steps", "operations", "states", "pairs", "clauses")
    table = Table("engine", *columns, box=None, pad_edge=False, header_style="dim")
    for column in table.columns[1:]:
        column.justify = "right"
    rows = [*coverage.engines.items()]
    if len(rows) > 1:
        rows.append(("all", coverage.total))
    for name, reached in rows:
        counts = reached.counts()
        table.add_row(name, *(f"{counts.get(column, 0):,}" for column in columns))
    return table


def show_found(number: int, found: Divergence, console: Console) -> None:
    """Print a divergence with its trace."""
    console.print(
        Text.assemble((f"{number:>4} ", "dim"), (str(found.signature), "bold")), soft_wrap=True
    )
    for words in found.trace.words():
        console.print(Text(f"       {words}"), soft_wrap=True)
    beside = () if found.accepted is None else ((", accepted ", "dim"), found.accepted)
    console.print(
        Text.assemble(
            ("       expected ", "dim"),
            found.expected,
            (", got ", "dim"),
            found.actual,
            *beside,
        ),
        soft_wrap=True,
    )


def show_finding(number: int, finding: Finding, console: Console) -> None:
    """Print a finding: its id, the world, the trace, and everything that differs after it."""
    found, standing = finding.divergence, finding.standing
    console.print(
        Text.assemble(
            (f"{number:>4} ", "dim"), (str(found.signature), "bold"), (f"  {finding.id}", "dim")
        ),
        soft_wrap=True,
    )
    lines = [("with", settings(found.trace.world))]
    steps = found.trace.words()[: found.step + 1]
    lines += [("" if place else "done", words) for place, words in enumerate(steps)]
    lines += [("expected", found.expected), ("got", found.actual)]
    if standing.state == CHANGED:
        lines.append(("was", standing.was))
    shown = found.signature.field.partition(".")[2]
    also = [
        f"{thing}: {', '.join(told)}"
        for thing, fields in by_thing(finding.differing).items()
        if (
            told := [
                f"{field} {got}, not {expected}"
                for field, expected, got in fields
                if (field, expected, got) != (shown, found.expected, found.actual)
            ]
        )
    ]
    lines += [("" if place else "also", each) for place, each in enumerate(also)]
    if not finding.repeats:
        lines.append(("", "once: a process of its own does not show it"))
    lines.append(("alone", f"persistent-conformance replay {finding.id} --target {finding.target}"))
    for label, text in lines:
        console.print(Text.assemble((f"     {label:>8} ", "dim"), text), soft_wrap=True)


def show_cause(caused: Caused, console: Console) -> None:
    """Print a cause, the shortest of what comes of it in full, and the rest by what they do."""
    cause = caused.cause
    console.print(Text.assemble((cause.name, "bold"), f" ({len(caused.findings)})"), soft_wrap=True)
    console.print(Text(f"     {cause.sentence}"), soft_wrap=True)
    clause = CLAUSES.get(cause.clause or "")
    if clause is not None:
        above = ""
        for label, text in why(clause):
            shown = "" if label == above else label
            console.print(Text.assemble((f"     {shown:>8} ", "dim"), text), soft_wrap=True)
            above = label
    first, *rest = caused.findings
    show_finding(1, first, console)
    for number, each in enumerate(rest, start=2):
        console.print(
            Text.assemble(
                (f"{number:>4} ", "dim"),
                str(each.divergence.signature),
                (f"  {each.id} ", "dim"),
                each.message,
            ),
            soft_wrap=True,
        )


def show_search(searched: Search, console: Console, unknown: str = "") -> None:
    """Print what a search came to: what is news by its causes, the rest in numbers.

    ``unknown`` says how news are told apart, if anything was known.
    """
    if searched.news:
        title = f"divergences from the reference{unknown}"
        console.rule(title, align="left", style="dim")
    for caused in by_cause(findings=searched.news):
        show_cause(caused, console)
    if searched.free:
        console.print("what no clause decides, and does not gate:", style="dim")
        for row in dict.fromkeys(each.free for each in searched.free if each.free is not None):
            times = sum(each.free is row for each in searched.free)
            console.print(Text(f"  {row.clause}: {row.sentence} ({times})"), soft_wrap=True)
    known = [each for each in searched.seen if each.standing.is_known]
    beside = searched.coverage.total.done.get("known", 0)
    if beside:
        console.print(
            f"in {beside:,} runs the target differs from the reference as the accepted "
            "implementation does",
            highlight=False,
            soft_wrap=True,
        )
    if known:
        causes = {each.cause for each in known if each.cause is not None}
        of = f", of {len(causes)} causes" if causes else ""
        console.print(f"{len(known)} divergences are known{of}", highlight=False)
    if CORPUS in searched.engines:
        absent = f", {searched.unjudged} could not be" if searched.unjudged else ""
        console.print(f"{searched.replayed} traces of the corpus were replayed{absent}")
    if searched.coverage.engines:
        console.print(coverage_table(searched.coverage))
    if searched.unexplained:
        console.print(
            f"{len(searched.unexplained)} times a process {searched.unexplained[0]}, and none did "
            "when that was repeated: this is not counted",
            highlight=False,
            soft_wrap=True,
        )
    if searched.source is not None:
        console.print(str(searched.source), highlight=False, soft_wrap=True)


def search_words(searched: Search) -> str:
    """What a search came to, in a few words."""
    steps = searched.coverage.total.done.get("steps", 0)
    done = [f"{len(searched.divergences)} divergences"]
    if CORPUS in searched.engines:
        done.append(f"{searched.replayed} traces")
    if steps:
        done.append(f"{steps:,} steps")
    if searched.lost:
        done.append(f"{searched.lost} processes lost")
    return ", ".join(done)
