"""What the tests of this project share."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property
from itertools import islice
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result

# It takes `units` by name, and so has to be imported before `counted` puts others in their place.
import conformance.judging.units.log  # noqa: F401
from conformance.commands import program
from conformance.reports import comparison_json
from stateful.engines import campaign
from stateful.engines.units import machines, walker

Run = Callable[..., Result]


@pytest.fixture
def run(monkeypatch: pytest.MonkeyPatch, tmp_path_factory: pytest.TempPathFactory) -> Run:
    """Run the command line in this process, from the top of the repository."""
    monkeypatch.chdir(Path(__file__).parents[1])
    monkeypatch.setenv("COLUMNS", "100")
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path_factory.mktemp("cache")))
    # On a busy machine, whatever does not hang is waited for.
    for command in ("CHECK", "BASELINE", "COMPARE", "FUZZ", "EXPLORE", "REPLAY"):
        monkeypatch.setenv(f"PERSISTENT_CONFORMANCE_{command}_TIMEOUT", "300")
    # Few checks are made in one run, and each process of the target costs more than they do.
    for command in ("CHECK", "BASELINE", "COMPARE"):
        monkeypatch.setenv(f"PERSISTENT_CONFORMANCE_{command}_WORKERS", "1")

    def run_program(*arguments: object) -> Result:
        result = CliRunner().invoke(program, [str(argument) for argument in arguments])
        if result.exception is not None and not isinstance(result.exception, SystemExit):
            raise result.exception
        return result

    return run_program


@pytest.fixture
def small(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let each engine of a check do less than by default."""
    monkeypatch.setattr(walker, "CHECK_STEPS", 1000)
    # A session has its number of examples whatever the budget is; that of bursts takes longest.
    monkeypatch.setattr(machines, "CHECK_EXAMPLES", 1)
    monkeypatch.setattr(machines, "MACHINES", ("bundles",))


@pytest.fixture
def counted(monkeypatch: pytest.MonkeyPatch) -> Callable[[int], None]:
    """Let campaigns end after so many short units, long before the time that they are given."""

    def end_after(number: int) -> None:
        units = campaign.units
        monkeypatch.setattr(walker, "_FIRST_STEPS", 400)
        monkeypatch.setattr(campaign, "units", lambda plan: islice(units(plan), number))

    return end_after


@dataclass(frozen=True)
class Compared:
    """What one run of compare wrote and printed."""

    folder: Path
    output: str
    exit_code: int

    @cached_property
    def data(self) -> dict[str, Any]:
        return comparison_json.read(self.folder / "compared.json")

    def script(self, key: str) -> str:
        return "\n".join(self.data["lines"][number] for number in self.data["scripts"][key])

    def text(self, name: str) -> str:
        return (self.folder / name).read_text(encoding="utf-8")


@pytest.fixture(scope="session")
def three(tmp_path_factory: pytest.TempPathFactory) -> Compared:
    """The reference, a wrong implementation and one that draws markup, with all reports."""
    folder = tmp_path_factory.mktemp("compared")
    arguments = [
        *("compare", "ref", "tests.wrong.targets:wrong_new_object", "tests.hostile:draws_markup"),
        *("--clause", "STATE-01", "--clause", "REPR-01", "--badges", str(folder / "badges")),
        *("--report-json", str(folder / "compared.json"), "--markdown", str(folder / "it.md")),
        *("--html", str(folder / "it.html")),
    ]
    with pytest.MonkeyPatch.context() as patched:
        patched.chdir(Path(__file__).parents[1])
        patched.setenv("COLUMNS", "100")
        result = CliRunner().invoke(program, arguments)
    if not isinstance(result.exception, SystemExit):
        raise result.exception or AssertionError(result.output)
    return Compared(folder, result.output, result.exit_code)
