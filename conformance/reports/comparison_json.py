"""comparison.json: everything that a comparison found out, for programs and for the page."""

from __future__ import annotations

import json
from dataclasses import asdict
from pathlib import Path
from typing import Any

from conformance import __version__
from conformance.comparing.answers import Group
from conformance.comparing.comparison import (
    ClauseRow,
    Column,
    Comparison,
    DivergenceRow,
    Played,
    detailed,
    id_of,
    trace_of,
)
from conformance.comparing.scripts import Scripts
from conformance.explain.sources import sources
from conformance.files import read_json, write_whole
from conformance.judging.causes import Cause
from conformance.judging.findings import clauses_of
from conformance.judging.in_process import FAIL
from conformance.judging.verdicts import ClauseResult
from fixtures.world import trace_json
from stateful.replay.recording import Recording


def as_data(comparison: Comparison) -> dict[str, Any]:
    """The comparison as data, valid by the schema ``comparison``."""
    recordings = _Numbered()
    scripts = comparison.scripts
    numbers, lines = _lines(scripts)
    return {
        "schema": 1,
        "suite": {"version": __version__},
        "implementations": [_column(column) for column in comparison.columns],
        "summary": {
            "clauses": len(comparison.clauses),
            "clauses_that_differ": len(comparison.differing_clauses),
            "traces": comparison.performed,
            "traces_that_differ": len(comparison.differing_traces),
            "agree": comparison.agree,
        },
        "clauses": [_clause(row, scripts) for row in comparison.clauses],
        "differences": [
            {
                "name": row.name,
                "about": row.about,
                "clauses": list(row.clauses),
                "trace": row.trace,
                "step": differs.step,
                "operation": differs.operation,
                "fields": list(differs.fields),
                "groups": _groups(differs.groups),
                "scripts": scripts.of_all(row.trace),
            }
            for row, differs in comparison.differing_traces
        ],
        "reported": [
            {
                "signature": str(row.divergence.signature),
                "clauses": list(clauses_of(row.divergence)),
                "expected": row.divergence.expected,
                **_cause(row),
                "answers": list(row.answers),
                "trace": id_of(row.divergence.trace),
                "step": row.divergence.step,
                "scripts": [
                    None if found is None else scripts.of_finding(found, number)
                    for number, found in enumerate(row.findings)
                ],
            }
            for row in comparison.reported
        ],
        "informs": [
            {
                "what": row.what,
                "kind": row.kind,
                "operation": row.operation,
                "expected": row.expected,
                "answers": list(row.answers),
                "steps": list(row.steps),
            }
            for row in comparison.informing
        ],
        "traces": {id: _played(each, recordings) for id, each in comparison.played.items()},
        "recordings": recordings.values,
        "scripts": numbers,
        "lines": list(lines),
    }


def write(path: Path, comparison: Comparison) -> None:
    """Write the comparison, whole or not at all. Raises `BadFile`."""
    write_whole(path, json.dumps(as_data(comparison)) + "\n")


def read(path: Path) -> dict[str, Any]:
    """The comparison in ``path``. Raises `BadFile` if it is missing, damaged or another file."""
    way_out = "Write it again with `persistent-conformance compare --report-json FILE`"
    data: dict[str, Any] = read_json(path, "comparison", way_out)
    return data


def _cause(row: DivergenceRow) -> dict[str, Any]:
    """Why it differs, as the first one that lists it has it."""
    return _why(next((each.cause for each in row.findings if each and each.cause), None))


def _why(cause: Cause | None) -> dict[str, Any]:
    return {} if cause is None else {"cause": cause.name, "because": cause.sentence}


def _column(column: Column) -> dict[str, Any]:
    subject = asdict(column.results.subject)
    kept, judged = column.results.musts
    return {
        **{key: subject[key] for key in subject if key not in ("parts", "capabilities")},
        "label": column.label,
        "parts": list(column.results.subject.parts),
        "live": column.launch is not None,
        "verdicts": dict(sorted(column.results.counts().items())),
        "executed": column.results.executed,
        "must": {"kept": kept, "judged": judged},
    }


def _groups(groups: tuple[Group, ...]) -> list[dict[str, Any]]:
    return [{"members": list(group.members), "answer": group.answer} for group in groups]


def _clause(row: ClauseRow, scripts: Scripts) -> dict[str, Any]:
    clause = row.clause
    return {
        "id": clause.id,
        "level": clause.level,
        "area": clause.area,
        "sentence": clause.sentence,
        "source": clause.source,
        "says": [{"words": each.words, "link": each.link} for each in sources(clause.source)],
        **({"decision": clause.decision} if clause.decision else {}),
        "example": row.example,
        "scripts": [] if row.example is None else scripts.of_all(row.example),
        "groups": _groups(row.groups),
        "cells": [_cell(number, each, scripts) for number, each in enumerate(row.results)],
    }


def _cell(number: int, result: ClauseResult | None, scripts: Scripts) -> dict[str, Any] | None:
    if result is None:
        return None
    shown = []
    for place, check in enumerate(detailed(result)):
        told: dict[str, Any] = {"name": check.check.partition(":")[2], "what": check.what}
        if check.verdict == FAIL:
            told |= {"expected": check.expected, "got": check.got}
        if check.trace is not None:
            id = id_of(trace_of(check))
            told |= {"trace": id, "script": None if place else scripts.of(id, number)}
        shown.append(told)
    return {
        "verdict": result.verdict,
        "message": result.message,
        **_why(result.cause),
        "checks": len(result.checks),
        "decisive": len(result.decisive),
        "shown": shown,
    }


def _played(played: Played, recordings: _Numbered) -> dict[str, Any]:
    data = trace_json(played.trace.world, played.trace.operations)
    return {
        "world": data["world"],
        "operations": data["operations"],
        "words": played.trace.words(),
        "differs": None if played.difference is None else played.difference.step,
        "recordings": [
            None if each is None else recordings.number(each) for each in played.recordings
        ],
        "reference": recordings.number(played.reference),
    }


class _Numbered:
    """Recordings as data, each of them once."""

    def __init__(self) -> None:
        self.values: list[dict[str, Any]] = []
        self._numbers: dict[str, int] = {}

    def number(self, recording: Recording) -> int:
        """The place of ``recording`` among the values."""
        data = recording.to_json()
        key = json.dumps(data)
        if key not in self._numbers:
            self._numbers[key] = len(self.values)
            self.values.append(data)
        return self._numbers[key]


def _lines(scripts: Scripts) -> tuple[dict[str, list[int]], dict[str, int]]:
    """Scripts as the numbers of their lines, which they mostly share, and the lines."""
    lines: dict[str, int] = {}
    numbers = {
        key: [lines.setdefault(line, len(lines)) for line in text.split("\n")]
        for key, text in scripts.texts.items()
    }
    return numbers, lines
