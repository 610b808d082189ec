"""What pytest needs at the top: pytester, and the examples of the documentation as tests."""

from __future__ import annotations

import doctest
import gc
import os
import re
import shlex
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from click.testing import CliRunner
from sybil import Example, Sybil
from sybil.parsers.myst import CodeBlockParser, PythonCodeBlockParser

from conformance.commands import program
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
    for block in re.split(r"^\$ ", example.parsed, flags=re.MULTILINE)[1:]:
        command, _, expected = block.partition("\n")
        stated = re.search(r"# exit (\d)$", command)
        # The README shows that the installed program is what all the other pages call here.
        is_ours = command.startswith(f"{_PROGRAM} ") and not set(command) & set("&|;<>$*")
        by_shell = Path(example.path).name == "README.md" or not is_ours
        got, code = _by_shell(command) if by_shell else _in_process(command)
        if not doctest.OutputChecker().check_output(expected, got, _ELLIPSIS):
            raise AssertionError(f"$ {command}\nexpected:\n{expected}\ngot:\n{got}")
        if code != int(stated.group(1) if stated else 0):
            raise AssertionError(f"$ {command}\nexit code {code}\n{got}")


def _by_shell(command: str) -> tuple[str, int]:
    """What a command prints, and its exit code."""
    environment = dict(os.environ, COLUMNS="100", PYTHONPATH=str(_FOLDER))
    folder = Path(sys.executable).parent
    environment["PATH"] = f"{folder}{os.pathsep}{environment['PATH']}"
    done = subprocess.run(
        ["bash", "-c", command],
        capture_output=True,
        text=True,
        env=environment,
        cwd=_FOLDER,
        check=False,
    )
    return done.stdout + done.stderr, done.returncode


def _in_process(command: str) -> tuple[str, int]:
    """As `_by_shell`, of a command of our program and in this process: it is imported already."""
    with pytest.MonkeyPatch.context() as patched:
        patched.chdir(_FOLDER)
        patched.setenv("COLUMNS", "100")
        done = CliRunner().invoke(program, shlex.split(command, comments=True)[1:])
    if done.exception is not None and not isinstance(done.exception, SystemExit):
        raise done.exception
    return done.stdout + done.stderr, done.exit_code


_PROGRAM = "persistent-conformance"

#: What takes longest, where a file is one process's: dealt first, so that no process is left with
#: one of them when all others are done.
_LONG = (
    "tests/conformance/pages/browser/",
    "tests/persistent_ref/modules/test_clauses.py",
    "tests/conformance/clauses/test_wrong.py",
    "tests/conformance/commands/",
    "tests/conformance/test_partial.py",
    "tests/conformance/pages/",
    "tests/stateful/",
)


@pytest.hookimpl(trylast=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Begin with what takes long."""

    def place(item: pytest.Item) -> int:
        found = [at for at, path in enumerate(_LONG) if item.nodeid.startswith(path)]
        return found[0] if found else len(_LONG)

    items.sort(key=place)


_FOLDER = Path(__file__).parent

pytest_collect_file = Sybil(
    parsers=[
        CodeBlockParser(language="console", evaluator=_run_console),
        PythonCodeBlockParser(doctest_optionflags=_ELLIPSIS),
    ],
    patterns=["README.md", "docs/*.md"],
).pytest()


let_aside_last()


@pytest.fixture(scope="session", autouse=True)
def _own_cache(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """What runs found last is kept for this session only."""
    with pytest.MonkeyPatch.context() as patched:
        patched.setenv("XDG_CACHE_HOME", str(tmp_path_factory.mktemp("cache")))
        yield


@pytest.fixture(scope="module", autouse=True)
def _no_garbage_of_others() -> None:
    gc.collect()


@pytest.fixture(autouse=True)
def _short_collections(_no_garbage_of_others: None) -> None:
    """Leave what exists already out of each collection of garbage: many of their steps are one."""
    gc.freeze()
