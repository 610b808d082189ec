"""The pytest plugin: every check is a test with the clause's id in its name."""

from __future__ import annotations

import re
from pathlib import Path
from xml.etree import ElementTree

import pytest

from conformance.clauses import registry
from conformance.plugin import items  # noqa: F401 - is not imported a second time by pytester

registry.load()

TOP = Path(__file__).parents[2]


@pytest.fixture
def judge(pytester: pytest.Pytester, monkeypatch: pytest.MonkeyPatch):
    """Run ``pytest --pyargs conformance`` in an empty folder; the target has its own process.

    In this process, only a few checks are collected.
    """
    monkeypatch.setenv("PYTHONPATH", str(TOP))
    monkeypatch.delenv("PYTEST_ADDOPTS", raising=False)

    few = ("STATE-01", "STATE-02", "HOOK-08")
    checks = {id: check for id, check in registry.CHECKS.items() if check.clause in few}
    monkeypatch.setattr(registry, "CHECKS", checks)

    def run(*arguments: str) -> pytest.RunResult:
        return pytester.runpytest_inprocess(
            "-p", "no:cacheprovider", "--pyargs", "conformance", *arguments
        )

    return run


def test_checks_are_tests_named_after_their_clauses(judge) -> None:
    result = judge("--target", "ref", "-k", "STATE-01", "-v")
    result.stdout.fnmatch_lines(["target: ref *", "*STATE-01:a_new_object_is_unsaved*PASSED*"])
    assert result.ret == 0


def test_it_works_in_parallel_and_writes_clause_ids_to_junit(judge, pytester) -> None:
    result = judge("--target", "ref", "-k", "STATE-01", "-n", "1", "--junitxml", "out.xml")
    assert result.ret == 0
    root = ElementTree.parse(pytester.path / "out.xml").getroot()
    clauses = {each.get("value") for each in root.iter("property") if each.get("name") == "clause"}
    assert "STATE-01" in clauses


def test_a_failing_must_fails_with_all_that_a_person_needs(judge) -> None:
    result = judge("--target", "tests.wrong.targets:wrong_new_object", "-k", "STATE-01")
    assert result.ret == 1
    result.stdout.fnmatch_lines(
        ["STATE-01 (MUST): *", "*done:", "*expected: *", "*got: *", "*alone: *--clause STATE-01"]
    )


def test_a_killed_interpreter_costs_its_tests_only(judge) -> None:
    result = judge("--target", "tests.hostile:aborts_when_activated", "-k", "HOOK-08 or STATE-02")
    result.stdout.fnmatch_lines(["*was killed by SIGABRT*"])
    assert re.search(r"\d+ failed, \d+ passed", result.stdout.str())


def test_a_baseline_is_strict_in_both_directions(judge, run, pytester) -> None:
    target = "tests.wrong.targets:wrong_new_object"
    known = pytester.path / "known.toml"
    assert run("baseline", target, "--clause", "STATE-01", "-o", known).exit_code == 0
    arguments = ("-k", "STATE-01", "--target-baseline", str(known), "-rx")
    wrong = judge("--target", target, *arguments)
    assert wrong.ret == 0
    wrong.stdout.fnmatch_lines(["*known: *"])
    known.write_text(known.read_text().replace(f'target = "{target}"', 'target = "ref"'))
    fine = judge("--target", "ref", *arguments)
    assert fine.ret == 1
    fine.stdout.fnmatch_lines(["*its entry in the baseline is stale*"])


def test_what_an_accepted_implementation_fails_too_is_known(judge) -> None:
    target = "tests.wrong.targets:wrong_new_object"
    arguments = ("--target", target, "-k", "STATE-01", "-rx")
    known = judge(*arguments, "--target-accepted", target)
    assert known.ret == 0
    known.stdout.fnmatch_lines(["*, beside makes new objects as ghosts *", "*known: *does so too*"])
    assert judge(*arguments, "--target-accepted", "ref").ret == 1


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ((), "*--pyargs conformance judges a target: give --target TARGET*"),
        (("--target", "no_such_package"), "*there is no module 'no_such_package'*"),
        (("--target", "ref", "--target-baseline", "none.toml"), "*none.toml: cannot be read*"),
    ],
)
@pytest.mark.parametrize("parallel", [(), ("-n", "2")])
def test_bad_input_is_a_usage_error(judge, arguments, message, parallel) -> None:
    result = judge(*arguments, *parallel)
    assert result.ret == pytest.ExitCode.USAGE_ERROR
    result.stderr.fnmatch_lines([message])


def test_without_a_target_it_does_not_touch_other_tests(pytester: pytest.Pytester) -> None:
    pytester.makepyfile("def test_it(): pass")
    pytester.runpytest_subprocess().assert_outcomes(passed=1)
