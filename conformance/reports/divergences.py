"""Divergences as reports show them: as data, and in the terminal."""

from __future__ import annotations

from typing import Any

from rich.console import Console
from rich.table import Table
from rich.text import Text

from conformance.judging.findings import Finding
from conformance.judging.judgement import Judgement
from conformance.judging.search import CORPUS, Search
from fixtures.world import trace_json
from stateful.engines.coverage import Coverage
from stateful.lockstep.divergence import Divergence
from stateful.processes.events import SourceCoverage

#: How many divergences are shown in full; the rest are counted.
_SHOWN = 20


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
    }


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
    console.print(
        Text.assemble(("       expected ", "dim"), found.expected, (", got ", "dim"), found.actual),
        soft_wrap=True,
    )


def show_search(searched: Search, judgement: Judgement, console: Console) -> None:
    """Print what a search came to: what is not in the baseline in full, the rest in numbers."""
    new = [
        found
        for found in searched.divergences
        if str(found.signature) in judgement.divergences.unexpected
    ]
    if new:
        console.rule("divergences from the reference", align="left", style="dim")
    for number, found in enumerate(new[:_SHOWN], start=1):
        show_found(number, found, console)
    if len(new) > _SHOWN:
        console.print(f"     and {len(new) - _SHOWN} more: see --report-json", highlight=False)
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
