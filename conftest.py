"""What pytest needs at the top: pytester, and the examples of the documentation as tests."""

from __future__ import annotations

import doctest
import gc
import os
import re
import subprocess
import sys
from pathlib import Path

import pytest
from sybil import Example, Sybil
from sybil.parsers.myst import CodeBlockParser, PythonCodeBlockParser

from fixtures.recording import let_aside_last

pytest_plugins = ["pytester"]

# Whoever has this set would have each process that a test starts compile everything anew.
os.environ.pop("PYTHONDONTWRITEBYTECODE", None)
sys.dont_write_bytecode = False

# The debug allocator shows uses of freed memory, which no test is about; it makes each process of a
# target a third slower.
os.environ.setdefault("PYTHONMALLOC", "pymalloc")

_ELLIPSIS = doctest.ELLIPSIS | doctest.NORMALIZE_WHITESPACE


def _run_console(example: Example) -> None:
    """Run each ``$ command`` of a console block, and compare what it prints.

    ``...`` stands for any text; ``# exit N`` behind a command states its exit code, 0 if absent.
    """
    environment = dict(os.environ, COLUMNS="100", PYTHONPATH=str(Path(__file__).parent))
    folder = Path(sys.executable).parent
    environment["PATH"] = f"{folder}{os.pathsep}{environment['PATH']}"
    for block in re.split(r"^\$ ", example.parsed, flags=re.MULTILINE)[1:]:
        command, _, expected = block.partition("\n")
        stated = re.search(r"# exit (\d)$", command)
        done = subprocess.run(
            ["bash", "-c", command],
            capture_output=True,
            text=True,
            env=environment,
            cwd=_FOLDER,
            check=False,
        )
        got = done.stdout + done.stderr
        if not doctest.OutputChecker().check_output(expected, got, _ELLIPSIS):
            raise AssertionError(f"$ {command}\nexpected:\n{expected}\ngot:\n{got}")
        if done.returncode != int(stated.group(1) if stated else 0):
            raise AssertionError(f"$ {command}\nexit code {done.returncode}\n{got}")


_FOLDER = Path(__file__).parent

pytest_collect_file = Sybil(
    parsers=[
        CodeBlockParser(language="console", evaluator=_run_console),
        PythonCodeBlockParser(doctest_optionflags=_ELLIPSIS),
    ],
    patterns=["README.md", "docs/*.md"],
).pytest()


let_aside_last()


@pytest.fixture(scope="module", autouse=True)
def _no_garbage_of_others() -> None:
    gc.collect()


@pytest.fixture(autouse=True)
def _short_collections(_no_garbage_of_others: None) -> None:
    """Leave what exists already out of each collection of garbage: many of their steps are one."""
    gc.freeze()
