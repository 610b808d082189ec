"""Annotations: workflow commands of GitHub Actions, a line for everything that makes a run fail.

A line holds all clauses, or all divergences, of one cause: a job shows ten of them.
"""

from __future__ import annotations

from conformance.clauses.registry import CLAUSES
from conformance.files import read_text
from conformance.judging.causes.explained import by_cause
from conformance.judging.judgement import CONFORMANT
from conformance.reports.declared import Judged, report
from fixtures.roles import plain


@report("--annotations", "Write what makes the run fail as workflow commands of GitHub Actions.")
def dumps(judged: Judged) -> str:
    """The annotations as text; what is about the baseline is attached to its line there.

    Raises `BadFile` if the baseline cannot be read.
    """
    results, judgement, baseline = judged.results, judged.judgement, judged.baseline
    entries = read_text(baseline, "Name the baseline") if baseline else ""
    divergences = judgement.divergences
    name = results.subject.name
    lines = []
    failing = [each for each in results.clauses if each.clause.id in judgement.unexpected]
    for caused in by_cause(failing):
        ids = [each.clause.id for each in caused.clauses]
        told = [_with_sentence(id, judgement.unexpected[id]) for id in ids]
        lines.append(_error(f"{name}: {', '.join(ids)}", "\n".join(told)))
    for id, why in judgement.unexpected.items():
        if not any(each.clause.id == id and each.cause for each in failing):
            lines.append(_error(f"{name}: {id}", _with_sentence(id, why)))
    for caused in by_cause(findings=results.search.news if results.search is not None else ()):
        first, *more = caused.findings
        title = f"{name}: {caused.cause.name}"
        also = f"\nand {len(more)} more of this cause" if more else ""
        message = f"{caused.cause.sentence}\n{first.divergence.signature}: {first.message}{also}"
        lines.append(_error(title, message))
    for id, why in {**judgement.stale, **divergences.stale}.items():
        where = {} if baseline is None else {"file": baseline.as_posix(), **_line(entries, id)}
        lines.append(_error(f"{name}: stale in the baseline: {id}", why, **where))
    for id, why in {**judgement.unjudged, **divergences.unjudged}.items():
        lines.append(_error(f"{name}: could not be judged: {id}", _with_sentence(id, why)))
    if judgement.missed_floor and judgement.exit_code != CONFORMANT:
        lines.append(_error(f"{name}: could not be judged", judgement.missed_floor))
    return "".join(f"{line}\n" for line in lines)


def _with_sentence(id: str, why: str) -> str:
    return f"{CLAUSES[id].sentence}\n{why}" if id in CLAUSES else why


def _line(entries: str, id: str) -> dict[str, str]:
    """Where the entry of ``id`` begins to speak of it."""
    numbered = enumerate(entries.splitlines(), 1)
    return next(({"line": str(number)} for number, line in numbered if f'"{id}"' in line), {})


def _error(title: str, message: str, **where: str) -> str:
    properties = {**where, "title": title}
    told = ",".join(f"{name}={_escaped(value, ':,')}" for name, value in properties.items())
    return f"::error {told}::{_escaped(message)}"


def _escaped(text: str, more: str = "") -> str:
    text = plain(text)
    for letter in "%\n" + more:
        text = text.replace(letter, f"%{ord(letter):02X}")
    return text
