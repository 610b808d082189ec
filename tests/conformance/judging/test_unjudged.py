"""What really could not be judged ends with 3, at any level, and is an error and never a skip."""

from __future__ import annotations

from xml.etree import ElementTree

import pytest

from conformance.clauses import registry
from conformance.clauses.registry import CLAUSES, LEVELS
from conformance.judging.events import CheckFinished, Subject
from conformance.judging.in_process import FAIL, INCONCLUSIVE, NOT_RUN, PASS
from conformance.judging.judgement import NOT_JUDGED, judge
from conformance.judging.verdicts import ClauseResult, Results, verdict_of
from conformance.reports import junit
from conformance.reports.declared import Judged

registry.load()
SUBJECT = Subject("t", "t", "1", "3.11", "CPython", "here", ("persistent",))


@pytest.mark.parametrize("level", LEVELS)
@pytest.mark.parametrize("verdict", [INCONCLUSIVE, NOT_RUN])
def test_a_check_that_could_not_be_judged(verdict: str, level: str) -> None:
    clause, other = (
        next(each for each in CLAUSES.values() if each.level == wanted and each.area != area)
        for wanted, area in ((level, "PM"), ("MUST", "STATE"))
    )
    checks = (
        CheckFinished(f"{clause.id}:a", clause.id, verdict, "why"),
        CheckFinished(f"{clause.id}:b", clause.id, PASS),
    )
    passing = (CheckFinished(f"{other.id}:c", other.id, PASS),)
    results = Results(
        SUBJECT,
        tuple(
            ClauseResult(each, verdict_of(each, made), made)
            for each, made in ((clause, checks), (other, passing))
        ),
        1.0,
    )
    found = judge(results, strict=False, floor=1)
    assert found.exit_code == NOT_JUDGED
    suite = ElementTree.fromstring(junit.render(Judged(results, found, None)))[0]
    assert [suite.get(name) for name in ("failures", "errors", "skipped")] == ["0", "1", "0"]


def test_a_failing_check_beside_it_gates_as_its_level_does() -> None:
    clause = next(each for each in CLAUSES.values() if each.level == "SHOULD")
    checks = (
        CheckFinished(f"{clause.id}:a", clause.id, INCONCLUSIVE, "why"),
        CheckFinished(f"{clause.id}:b", clause.id, FAIL, "it", "this", "that"),
    )
    results = Results(SUBJECT, (ClauseResult(clause, FAIL, checks),), 1.0)
    found = judge(results, strict=False, floor=1)
    assert found.exit_code == NOT_JUDGED
    suite = ElementTree.fromstring(junit.render(Judged(results, found, None)))[0]
    assert [suite.get(name) for name in ("failures", "errors", "skipped")] == ["0", "1", "1"]
