"""Every wrong implementation breaks what it says, and every MUST clause is broken by one."""

from __future__ import annotations

import pytest

from conformance.clauses import registry
from conformance.clauses.registry import CLAUSES, MUST
from conformance.judging.in_process import UNSUPPORTED, run_check
from fixtures.targets import load
from tests.wrong import WRONG, load_all
from tests.wrong.matrix import breaks

registry.load()
load_all()


@pytest.mark.parametrize("name", sorted(WRONG))
def test_a_wrong_implementation_breaks_what_it_says(name: str) -> None:
    declared = WRONG[name]
    for clause in declared.breaks:
        checks = registry.checks_of(clause)
        assert checks, f"{clause} has no checks"
        assert breaks(declared, [check.id for check in checks]), f"{name!r} passes {clause}"


def test_every_must_clause_is_broken_by_a_wrong_implementation() -> None:
    broken = {clause for declared in WRONG.values() for clause in declared.breaks}
    must = {clause.id for clause in CLAUSES.values() if clause.level == MUST}
    assert len(must & broken) > 100
    reference = load("ref")
    for clause in must - broken:
        for check in registry.checks_of(clause):
            assert run_check(reference, check.id)["verdict"] == UNSUPPORTED, clause
