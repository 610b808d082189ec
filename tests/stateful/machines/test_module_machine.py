"""The machine for persistent modules: nothing on what is right, wrong modules within seconds."""

from __future__ import annotations

import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import hypothesis
import pytest

from conformance.clauses.binding import with_modules
from fixtures.targets import load
from stateful.machines import check_modules
from stateful.machines.modules import ModuleMachine, ModulesDiffer
from stateful.machines.profiles import profile
from tests.wrong import load_all
from tests.wrong.making import running

TOP = Path(__file__).parents[3]
#: Enough for what is wrong, whatever is drawn: the search ends with the first find.
SMALL = hypothesis.settings(
    profile("quick", examples=None), max_examples=500, stateful_step_count=30
)
#: For what is right, which is not found any sooner.
FEW = hypothesis.settings(SMALL, max_examples=5)


_PROGRAM = """
import sys
from tests.stateful.machines.test_module_machine import FEW
from fixtures.targets import load
from stateful.machines import check_modules
check_modules(load(sys.argv[1]), settings=FEW, seed=0)
"""


def test_modules_are_as_plain_python_says() -> None:
    check_modules(load("ref"), settings=FEW, seed=0)


@pytest.mark.parametrize("target", ["persistent-c", "persistent-py"])
def test_modules_are_as_plain_python_says_on_releases(target: str) -> None:
    # A process that holds both finds one of them under the names of the classes of the other.
    pytest.importorskip("persistent")
    command = [sys.executable, "-c", _PROGRAM, target]
    done = subprocess.run(command, capture_output=True, text=True, cwd=TOP, check=False)
    assert done.returncode == 0, done.stderr


@pytest.mark.parametrize(
    "wrong",
    [
        "keeps attributes that are gone from a class",
        "makes a new class of each definition",
        "keeps what a failed execution has done",
        "keeps the names of the last execution",
        "leaves importers as they are",
    ],
)
def test_wrong_modules_are_found(wrong: str) -> None:
    load_all()
    with running(wrong) as implementation:
        judged = with_modules(implementation)
        with pytest.raises(ModulesDiffer, match=r"expected .*\n  got .*\nafter\n1\. connection"):
            check_modules(judged, settings=SMALL, seed=0)


def test_it_needs_a_cache() -> None:
    poor = replace(load("ref"), cache=None)
    with pytest.raises(ValueError, match="'ref' has no cache or no mapping"):
        check_modules(poor, settings=SMALL)
    with pytest.raises(TypeError, match=r"ModuleMachine\.make: None"):
        ModuleMachine()
