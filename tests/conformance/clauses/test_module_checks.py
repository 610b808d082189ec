"""The checks of persistent modules: on what they are made, and what is stored of their verdicts."""

from __future__ import annotations

from dataclasses import replace

import pytest

from conformance.clauses import registry
from conformance.clauses.binding import with_modules
from conformance.clauses.module_scene import words_of
from conformance.judging.in_process import FAIL, PASS, UNSUPPORTED, run_check
from docs import module_verdicts
from fixtures.targets import load

registry.load()

CHECK = "PM-05:names_are_found_and_listed"


def test_the_stored_verdicts_are_those_of_the_present_checks() -> None:
    clauses = module_verdicts.module_clauses()
    checks = {check.id for clause in clauses for check in registry.checks_of(clause.id)}
    targets = module_verdicts.stored()["targets"]
    assert [each["target"] for each in targets] == list(module_verdicts.TARGETS)
    for target in targets:
        assert set(target["verdicts"]) == checks, "run `python docs/generate.py --judge`"
        assert set(target["verdicts"].values()) == {PASS}


def test_every_clause_of_the_design_is_there() -> None:
    clauses = module_verdicts.module_clauses()
    assert len(clauses) == 95
    assert [each.id for each in clauses if each.unchecked] == []


@pytest.mark.parametrize("part", ["cache", "mapping"])
def test_without_its_parts_an_implementation_is_not_judged(part: str) -> None:
    poor = replace(load("ref"), **{part: None})
    seen = run_check(poor, CHECK)
    assert (seen["verdict"], seen["what"]) == (UNSUPPORTED, "ref has no part 'modules'")


def test_its_own_modules_are_judged_first() -> None:
    def make() -> object:
        raise ZeroDivisionError("its own")

    own = replace(load("ref"), modules=make)
    assert with_modules(own) is own
    seen = run_check(own, CHECK)
    assert (seen["verdict"], seen["got"]) == (FAIL, "ZeroDivisionError: its own")


def test_the_words_of_a_record_are_its_constants() -> None:
    database = with_modules(load("ref")).modules()  # type: ignore[misc]
    connection = database.open()
    connection.registry.new("m", "x = 1\n")
    connection.commit()
    words = [words_of(database.stored(oid)) for oid in dict.fromkeys(database.written())]
    assert any("x = 1\n" in each for each in words)
