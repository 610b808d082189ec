"""What a run can be written as: a report declares its option where it is made."""

from __future__ import annotations

import importlib
import pkgutil
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

from conformance import reports
from conformance.files import write_whole
from conformance.judging.judgement import Judgement
from conformance.judging.verdicts import Results


@dataclass(frozen=True)
class Judged:
    """A run: what it found, how that was judged, and the baseline by which, if there was one."""

    results: Results
    judgement: Judgement
    baseline: Path | None = None


_Text = Callable[[Judged], str]


@dataclass(frozen=True)
class Report:
    """A file that a run is written to if its ``option`` is given; ``help`` is what that says.

    The command line calls the path ``parameter``, and so do settings in the environment.
    """

    option: str
    parameter: str
    help: str
    text: _Text

    def write(self, path: Path, judged: Judged) -> None:
        """Write it, whole or not at all. Raises `BadFile`."""
        write_whole(path, self.text(judged))


_REPORTS: dict[str, Report] = {}


def report(option: str, help: str, parameter: str | None = None) -> Callable[[_Text], _Text]:
    """Declare a report, whose function gives the text; all commands that judge get ``option``.

    ``parameter`` is the option in words with underscores if it is left out. Raises ValueError if
    there is such a report already.
    """

    def declare(function: _Text) -> _Text:
        if option in _REPORTS:
            raise ValueError(f"option: {option!r} is declared twice")
        name = parameter or option.lstrip("-").replace("-", "_")
        _REPORTS[option] = Report(option, name, help, function)
        return function

    return declare


def declared() -> Sequence[Report]:
    """All reports, in the order of their modules."""
    for found in pkgutil.iter_modules(reports.__path__):
        importlib.import_module(f"{reports.__name__}.{found.name}")
    return tuple(_REPORTS.values())
