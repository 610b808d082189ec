"""Two implementations side by side read like a diff: worse first, and nothing that is equal."""

from __future__ import annotations

import io
from dataclasses import replace
from functools import cache

import pytest

from conformance.clauses.registry import CLAUSES, load
from conformance.comparing.changes import BETTER, KINDS, OTHER, WORSE, changes
from conformance.comparing.comparison import Column, Comparison, compared
from conformance.explain.sources import in_words
from conformance.judging.causes.explained import explained
from conformance.judging.events import CheckFinished
from conformance.judging.findings import Finding
from conformance.judging.in_process import FAIL, PASS
from conformance.judging.verdicts import ClauseResult, Results
from conformance.reports import comparison as shown
from conformance.reports.plain import PlainConsole
from tests.conformance.recorded import recorded

load()


def _clause(id: str, **checks: str) -> ClauseResult:
    """A clause with these checks: what each got, empty for one that passes."""
    made = tuple(
        CheckFinished(f"{id}:{name}", id, FAIL if got else PASS, "it", "1", got)
        for name, got in checks.items()
    )
    return ClauseResult(CLAUSES[id], FAIL if any(checks.values()) else PASS, made)


def _compared(before: Results, after: Results) -> Comparison:
    columns = [Column("old", before), Column("new", after)]
    return compared(columns, with_corpus=False, with_examples=False)


def _of(*clauses: ClauseResult) -> Results:
    results, _ = recorded("persistent-c")
    return explained(replace(results, clauses=clauses, search=None))


def _printed(comparison: Comparison, kinds: tuple[str, ...] = KINDS) -> list[str]:
    stream = io.StringIO()
    console = PlainConsole(file=stream, width=100, no_color=True, highlight=False)
    shown.show(comparison, console, kinds=kinds)
    return stream.getvalue().splitlines()


@cache
def _one() -> Comparison:
    return _compared(
        _of(
            _clause("REPR-01", one="", two="2"),
            _clause("ACT-01", one=""),
            _clause("ACT-10", one="2"),
            _clause("STATE-01", one="2", same="2"),
            _clause("ACT-33", one=""),
            _clause("ACT-02", one="7"),
        ),
        _of(
            _clause("REPR-01", one="2", two="2"),
            _clause("ACT-01", one="2"),
            _clause("ACT-10", one=""),
            _clause("STATE-01", one="3", same="2"),
            _clause("ACT-33", one="2"),
            _clause("ACT-02", one="7"),
        ),
    )


def test_worse_comes_before_better_and_what_is_equal_is_not_there() -> None:
    found = changes(_one())
    kinds = {each.row.clause.id: each.kind for each in found.clauses}
    assert kinds == {
        "REPR-01": WORSE,
        "ACT-01": WORSE,
        "ACT-33": WORSE,
        "ACT-10": BETTER,
        "STATE-01": OTHER,
    }
    assert [each.kind for each in found.clauses] == [*[WORSE] * 3, BETTER, OTHER]


def test_of_a_clause_that_fails_on_both_sides_only_checks_that_changed_are_told() -> None:
    found = {each.row.clause.id: each for each in changes(_one()).clauses}
    assert [each.name for each in found["STATE-01"].checks] == ["one"]
    assert [each.name for each in found["REPR-01"].checks] == ["one"]
    lines = _printed(_one())
    start = next(number for number, line in enumerate(lines) if line.startswith("STATE-01 ("))
    assert lines[start].startswith("STATE-01 (MUST) fail -> fail")
    told = [line.split() for line in lines[start:] if line.split()[:1] in (["-"], ["+"])]
    assert told[0] == ["-", "2,", "expected", "1"]
    assert told[1] == ["+", "3,", "expected", "1"]


def test_the_index_comes_before_the_details() -> None:
    lines = _printed(_one())
    assert lines[0] == "old -> new"
    assert lines[1].startswith("- worse: ")
    assert {"ACT-01", "REPR-01"} <= set(lines[1].replace(",", " ").replace(";", " ").split())
    assert lines[2] == "+ better: ACT-10"
    assert lines[3] == "~ other: STATE-01"
    assert "ACT-02" not in "\n".join(lines)


def test_one_cause_of_several_clauses_is_told_once() -> None:
    both = ("REPR-01", "ACT-01")
    worse = _of(*(_clause(id, one="2") for id in both))
    lines = _printed(_compared(_of(*(_clause(id, one="") for id in both)), worse))
    assert lines[1] == "- worse: ACT-01, REPR-01 (one cause)"
    assert sum(line.strip().startswith("cause ") for line in lines) == 1


def test_a_contested_clause_shows_the_decision() -> None:
    text = " ".join(" ".join(_printed(_one())).split())
    clause = CLAUSES["ACT-33"]
    assert clause.decision
    assert " ".join(in_words(clause.decision).split()) in text
    assert " ".join(clause.sentence.split()) not in text


@pytest.mark.parametrize("kind", [WORSE, BETTER])
def test_only_one_kind_is_told_if_only_that_is_asked_for(kind: str) -> None:
    text = "\n".join(_printed(_one(), (kind,)))
    assert ("ACT-10 (MUST)" in text) == (kind == BETTER)
    assert ("ACT-01 (MUST)" in text) == (kind == WORSE)


def _with_findings(results: Results, findings: tuple[Finding, ...]) -> Results:
    assert results.search is not None
    return replace(results, search=replace(results.search, findings=findings))


def test_divergences_that_both_show_are_not_there() -> None:
    results, _ = recorded("persistent-c")
    assert results.search is not None
    same, gone, new, *_ = results.search.findings
    comparison = _compared(
        _with_findings(results, (same, gone)), _with_findings(results, (same, new))
    )
    found = changes(comparison).divergences
    assert [(each.kind, str(each.row.divergence.signature)) for each in found] == [
        (WORSE, str(new.divergence.signature)),
        (BETTER, str(gone.divergence.signature)),
    ]
    text = "\n".join(_printed(comparison))
    assert str(same.divergence.signature) not in text
    assert "2 of 3 divergences from the reference" in text
    assert comparison.performed == 0
    assert "traces" not in text


def test_everything_is_about_the_clauses_that_are_asked_for() -> None:
    results, _ = recorded("persistent-c")
    comparison = _compared(_with_findings(results, ()), results)
    kept = comparison.about({"STICKY-02"})
    assert {row.clause.id for row in kept.clauses} == {"STICKY-02"}
    causes = {each.cause.clause for row in kept.reported for each in row.findings if each}  # type: ignore[union-attr]
    assert causes == {"STICKY-02"}
    assert 0 < len(kept.reported) < len(comparison.reported)


def test_one_or_three_are_no_change() -> None:
    results = _of(_clause("REPR-01", one=""))
    three = [Column(name, results) for name in "abc"]
    with pytest.raises(ValueError, match="3 columns are no change"):
        changes(compared(three, with_corpus=False, with_examples=False))
