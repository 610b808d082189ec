"""A run, or a comparison, as Markdown: for the summary of a CI job."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path

from conformance.clauses.registry import CLAUSES, LEVELS
from conformance.comparing.comparison import Comparison
from conformance.comparing.informing import HEADING, where
from conformance.comparing.informing import summary as summarized
from conformance.files import write_whole
from conformance.judging.causes.explained import by_cause
from conformance.judging.judgement import CONFORMANT, NONCONFORMANT, Judgement
from conformance.judging.verdicts import VERDICTS, Results
from conformance.reports.comparison import names, summary
from conformance.reports.declared import Judged, report
from fixtures.roles import plain

#: How many rows a table has at most; the rest are counted.
_ROWS = 50
#: How long a text in a cell may be.
_LONG = 200
_WORDS = {CONFORMANT: "conformant", NONCONFORMANT: "not conformant"}


def write_comparison(path: Path, compared: Comparison) -> None:
    """Write a comparison, whole or not at all. Raises `BadFile`."""
    write_whole(path, comparison(compared))


@report("--markdown", "Write a summary as Markdown.", parameter="markdown_file")
def run(judged: Judged) -> str:
    """A run: the judgement, what led to it, and the verdicts by level."""
    results, judgement = judged.results, judged.judgement
    subject = results.subject
    word = _WORDS.get(judgement.exit_code, "could not be judged")
    where = f"{subject.interpreter} {subject.python}, {results.executed} checks executed"
    parts = [
        f"## {text(f'{subject.name} {subject.version}')}: {word}",
        text(where),
    ]
    if judgement.missed_floor:
        parts.append(text(judgement.missed_floor))
    divergences = judgement.divergences
    if judgement.unexpected:
        parts += ["### Failing", _failing(results, judgement)]
    if divergences.unexpected:
        parts += ["### Diverging", _diverging(results)]
    for title, found in (
        ("Stale in the baseline", {**judgement.stale, **divergences.stale}),
        ("Could not be judged", {**judgement.unjudged, **divergences.unjudged}),
    ):
        if found:
            parts += [f"### {title}", _reasons(found)]
    if results.informs:
        informs = ([text(summarized(each))] for each in results.informs)
        parts += [f"### {HEADING}", table(["difference"], informs)]
    if results.clauses:
        rows = (
            [level, *(str(results.counts(level)[verdict]) for verdict in VERDICTS)]
            for level in LEVELS
            if sum(results.counts(level).values())
        )
        parts.append(table(["level", *VERDICTS], rows))
    return "\n\n".join(parts) + "\n"


def _failing(results: Results, judgement: Judgement) -> str:
    """The clauses that fail, those of one cause together."""
    failing = [each for each in results.clauses if each.clause.id in judgement.unexpected]
    known = [each for caused in by_cause(failing) for each in caused.clauses]
    rows = (
        [
            code(each.clause.id),
            text(each.clause.sentence),
            text("" if each.cause is None or each.cause.is_derived else each.cause.reason),
            code(judgement.unexpected[each.clause.id]),
        ]
        for each in (*known, *(each for each in failing if each.cause is None))
    )
    return table(["what", "clause", "cause", "why"], rows)


def _diverging(results: Results) -> str:
    """The causes of divergences, how many come of each, and the shortest of these."""
    rows = (
        [
            code(caused.cause.name),
            str(len(caused.findings)),
            text(caused.cause.reason),
            code("; ".join(caused.findings[0].divergence.trace.words())),
            code(caused.findings[0].message),
        ]
        for caused in by_cause(findings=results.search.news if results.search is not None else ())
    )
    return table(["cause", "times", "why", "steps", "what differs"], rows)


def _reasons(found: Mapping[str, str]) -> str:
    rows = (
        [code(id), text(CLAUSES[id].sentence) if id in CLAUSES else "", code(why)]
        for id, why in found.items()
    )
    return table(["what", "clause", "why"], rows)


def comparison(compared: Comparison) -> str:
    """A comparison: the counts of each implementation, then everything that differs."""
    labels = [column.label for column in compared.columns]
    counts = []
    for column in compared.columns:
        kept, judged = column.results.musts
        verdicts = column.results.counts()
        numbers = (str(verdicts[verdict]) for verdict in VERDICTS)
        counts.append([text(column.label), *numbers, f"{kept} of {judged}"])
    parts = [
        "## Implementations side by side",
        text(summary(compared)),
        table(["implementation", *VERDICTS, "MUST kept"], counts),
    ]
    if compared.differing_clauses:
        rows = (
            [
                f"{code(row.clause.id)} {row.clause.level}",
                text(row.clause.sentence),
                *(each.verdict if each else "-" for each in row.results),
            ]
            for row in compared.differing_clauses
        )
        parts += ["### Clauses", table(["clause", "sentence", *map(text, labels)], rows)]
    if compared.differing_traces:
        rows = (
            [
                code(row.name),
                code(compared.played[row.trace].trace.words()[differs.step]),
                "<br>".join(
                    f"{text(names(compared, group.members))}: {code(group.answer)}"
                    for group in differs.groups
                ),
            ]
            for row, differs in compared.differing_traces
        )
        parts += ["### Traces", table(["trace", "differs at", "answers"], rows)]
    if compared.reported:
        rows = (
            [
                code(str(row.divergence.signature)),
                code(row.divergence.expected),
                *("-" if answer is None else code(answer) for answer in row.answers),
            ]
            for row in compared.reported
        )
        heads = ["signature", "expected", *map(text, labels)]
        parts += ["### Divergences from the reference", table(heads, rows)]
    if compared.informing:
        rows = (
            [
                text(where(row)),
                code(row.expected),
                *("-" if answer is None else code(answer) for answer in row.answers),
            ]
            for row in compared.informing
        )
        parts += [f"### {HEADING}", table(["what", "reference", *map(text, labels)], rows)]
    return "\n\n".join(parts) + "\n"


def table(heads: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    """A table of cells that are Markdown; with many rows, the rest are counted."""
    every = [" | ".join(row) for row in rows]
    lines = [" | ".join(heads), " | ".join("---" for _ in heads), *every[:_ROWS]]
    more = f"\n\nand {len(every) - _ROWS} more" if len(every) > _ROWS else ""
    return "\n".join(f"| {line} |" for line in lines) + more


def code(shown: str) -> str:
    """``shown``, which may be anything, as code in a cell."""
    return f"<code>{text(shown)}</code>"


def text(shown: str) -> str:
    """``shown``, which may be anything, as plain text in a line: no markup, no mention, no link."""
    line = plain(" ".join(shown.split()))
    cut = line if len(line) <= _LONG else f"{line[:_LONG]} ..."
    return re.sub(
        r"[^\w .:,;()='\"-]|_|\.(?=\w)|:(?=/)", lambda found: f"&#{ord(found.group())};", cut
    )


__all__ = ["code", "comparison", "run", "table", "text", "write_comparison"]
