"""Options that several commands share, settings from pyproject.toml, and how errors end."""

from __future__ import annotations

import functools
import sys
from collections.abc import Callable, Sequence
from dataclasses import dataclass, fields
from pathlib import Path
from typing import Any, TypeVar

import rich_click as click

from conformance.clauses.registry import LEVELS
from conformance.files import BadFile, load_toml, require_valid, schema_named
from conformance.judging.judgement import NOT_JUDGED, USAGE
from conformance.judging.search import ALL, CHECKS, ENGINES, engines_named
from conformance.judging.selection import Selection, UnknownName, require_names
from conformance.reports import terminal
from conformance.reports.plain import echo
from fixtures.targets import TargetError
from stateful.engines.engine import Sides
from stateful.fleet.transport import FleetError
from stateful.processes.isolation import Launch

_Function = TypeVar("_Function", bound=Callable[..., Any])

python_option = click.option(
    "--python", metavar="INTERPRETER", help="Run the target in this interpreter."
)
#: What a command ends with when the user has pressed Ctrl-C, as a shell has it.
INTERRUPTED = 130
#: Options that say what is run and how.
_RUNNING = (
    click.option("--area", "areas", multiple=True, help="Only clauses of this area (repeatable)."),
    click.option(
        "--clause",
        "clauses",
        multiple=True,
        help="Only this clause, or those that are alike, such as 'STICKY-*' (repeatable).",
    ),
    click.option(
        "--level",
        "levels",
        multiple=True,
        type=click.Choice(LEVELS, case_sensitive=False),
        help="Only clauses of this level (repeatable).",
    ),
    click.option(
        "-k",
        "--keyword",
        default="",
        metavar="EXPRESSION",
        help="Only clauses that have these words in their id, their sentence or the names of their "
        "checks; with and, or, not.",
    ),
    click.option(
        "--workers",
        type=click.IntRange(min=1),
        default=2,
        show_default=True,
        help="Processes that run checks.",
    ),
    click.option(
        "--timeout",
        type=click.FloatRange(min=0, min_open=True),
        default=10.0,
        show_default=True,
        help="Seconds of CPU that one check may take; it may sleep for twice as long.",
    ),
    click.option("-q", "--quiet", is_flag=True, help="Print the verdict only, in a line."),
    click.option(
        "-v", "--verbose", is_flag=True, help="Print everything that was found, not a screen of it."
    ),
)


#: Which parts of a check are made.
engines_option = click.option(
    "--engines",
    help=f"What is done, with commas between: {', '.join(ENGINES)}; or {ALL}. The default is "
    f"{ALL}, or {CHECKS} if only some of the clauses are asked for.",
)


#: How much of the target's source is reached.
cover_source_option = click.option(
    "--cover-source",
    is_flag=True,
    help="Tell how many lines and branches of the target's source the engines reach, if it is "
    "written in Python (slower).",
)


#: What is known: whatever this one does too.
accepted_option = click.option(
    "--accepted",
    metavar="TARGET[@INTERPRETER]",
    help="What this implementation does too is known, such as the last release. It runs in the "
    "interpreter of the target unless another one is named.",
)


def refuse_both(accepted: str | None, baseline: Path | None) -> None:
    """Raise UsageError if two options say what is known."""
    if accepted is not None and baseline is not None:
        raise click.UsageError("--accepted and --baseline both say what is known: give one of them")


def sides_for(
    target: str, accepted: str | None, python: str | None = None, timeout: float = 10.0
) -> Sides:
    """Who takes part, from the options of a command."""
    beside = None if accepted is None else Launch.named(accepted, python, timeout)
    return Sides(Launch(target, python, timeout), beside)


def engines_for(given: str | None, selection: Selection) -> tuple[str, ...]:
    """The engines that are asked for, or meant if none are. Raises `UnknownName`."""
    default = ALL if selection.everything else CHECKS
    return engines_named(default if given is None else given)


@dataclass(frozen=True)
class Running:
    """What is run, and where: ``timeout`` is in seconds of CPU for each check and trace."""

    areas: tuple[str, ...]
    clauses: tuple[str, ...]
    levels: tuple[str, ...]
    keyword: str
    python: str | None
    workers: int
    timeout: float
    quiet: bool
    verbose: bool

    @property
    def how_much(self) -> str:
        """How much is printed: clauses that are named are shown in full."""
        if self.quiet:
            return terminal.LINE
        return terminal.ALL if self.verbose or self.clauses else terminal.SCREEN

    @property
    def selection(self) -> Selection:
        """The clauses that are asked for."""
        return Selection(self.areas, self.clauses, self.levels, self.keyword)

    def launch(self, target: str) -> Launch:
        """How to start ``target``."""
        return Launch(target, self.python, self.timeout)


def running_options(function: _Function) -> _Function:
    """Add the options of `Running`, and give the function these as ``running``."""
    return bundled("running", Running, (*_RUNNING[:4], python_option, *_RUNNING[4:]))(function)


def running_anywhere(function: _Function) -> _Function:
    """As `running_options`, for a command with interpreters of its own: none is given here."""
    return bundled("running", Running, _RUNNING, python=None)(function)


def bundled(
    name: str, made: type[Any], options: Sequence[Callable[..., Any]], **fixed: Any
) -> Callable[[_Function], _Function]:
    """Add ``options``, and give the function what the dataclass ``made`` makes of them as ``name``.

    The fields of ``made`` are called as the options are; those ``fixed`` have none.
    """

    def add(function: _Function) -> _Function:
        @functools.wraps(function)
        def wrapped(*arguments: Any, **named: Any) -> Any:
            asked = [field.name for field in fields(made) if field.name not in fixed]
            given = {field: named.pop(field) for field in asked}
            return function(*arguments, **{name: made(**fixed, **given)}, **named)

        for option in reversed(options):
            option(wrapped)
        return wrapped  # type: ignore[return-value]

    return add


def ends_with_message(function: _Function) -> _Function:
    """Turn our errors into one message on standard error and the documented exit code."""

    @functools.wraps(function)
    def wrapped(*arguments: Any, **named: Any) -> Any:
        try:
            return function(*arguments, **named)
        except TargetError as error:
            _fail(str(error), NOT_JUDGED if error.started else USAGE)
        except FleetError as error:
            _fail(str(error), NOT_JUDGED if error.started else USAGE)
        except (UnknownName, BadFile) as error:
            _fail(str(error), USAGE)
        except KeyboardInterrupt:
            _fail("interrupted", INTERRUPTED)

    return wrapped  # type: ignore[return-value]


_NAME = "persistent-conformance"
#: Settings that can be repeated, and how commands call all of one.
_SEVERAL = {"area": "areas", "clause": "clauses", "level": "levels"}
#: The commands that can have a table of their own.
_OWN_TABLES = ("check", "baseline")
_MEND = "Mend it, or run elsewhere"


def _fail(message: str, code: int) -> None:
    echo(f"Error: {message}", err=True)
    sys.exit(code)


@ends_with_message
def from_pyproject() -> dict[str, Any]:
    """Defaults for the commands from ``[tool.persistent-conformance]`` of the user's project.

    Options are written with underscores or hyphens; a table named after a command holds for that
    command only. Command line and environment win over the file.
    """
    path = next(
        (
            folder / "pyproject.toml"
            for folder in (Path.cwd(), *Path.cwd().parents)
            if (folder / "pyproject.toml").is_file()
        ),
        None,
    )
    if path is None:
        return {}
    project = load_toml(path, _MEND)
    tool = project.get("tool", {})
    given = tool.get(_NAME, {}) if isinstance(tool, dict) else {}
    if not isinstance(given, dict):
        raise BadFile(path, f"tool.{_NAME} is no table", _MEND)
    settings = tuple(schema_named("pyproject")["$defs"]["settings"]["properties"])
    given = _spelled(path, f"[tool.{_NAME}]", given, (*settings, *_OWN_TABLES))
    for command in _OWN_TABLES:
        if isinstance(given.get(command), dict):
            where = f"[tool.{_NAME}.{command}]"
            given[command] = _spelled(path, where, given[command], settings)
    require_valid(path, {"tool": {_NAME: given}}, "pyproject", _MEND)
    shared = {_option(key): value for key, value in given.items() if not isinstance(value, dict)}
    found = {
        command: {
            **shared,
            **{_option(key): value for key, value in given.get(command, {}).items()},
        }
        for command in _OWN_TABLES
    }
    target = found["check"].pop("target", None)
    if target is not None:
        found["check"]["targets"] = [target]
    one = found["baseline"].pop("python", None)
    if one is not None:
        found["baseline"]["pythons"] = [one] if isinstance(one, str) else one
    return found


def _spelled(path: Path, where: str, given: dict[str, Any], known: Sequence[str]) -> dict[str, Any]:
    """A table of settings with hyphens in its keys, and lists where several may be named.

    Raises `UnknownName` for a key that is not ``known``.
    """
    spelled = {key.replace("_", "-"): value for key, value in given.items()}
    for key in _SEVERAL.keys() & spelled.keys():
        if isinstance(spelled[key], str):
            spelled[key] = [spelled[key]]
    require_names(f"{path}: {where}", tuple(spelled), known)
    return spelled


def _option(key: str) -> str:
    name = key.replace("-", "_")
    return _SEVERAL.get(name, name)
