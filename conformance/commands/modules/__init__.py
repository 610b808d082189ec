"""``modules export|import|diff ADDRESS FOLDER``: persistent modules as plain files."""

from __future__ import annotations

import difflib
import io
import re
import sys
import traceback
import warnings
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from dataclasses import replace
from datetime import datetime
from pathlib import Path
from typing import Any, TypeVar

import rich_click as click

from conformance.commands.modules.databases import BadDatabase, Connected, DatabaseAway, connected
from conformance.judging.judgement import CONFORMANT, NONCONFORMANT, NOT_JUDGED, USAGE
from conformance.reports.plain import echo
from persistent_ref.modules import (
    BadMove,
    BadTree,
    DeletionRefused,
    DeletionWarning,
    Difference,
    Plan,
    Policy,
    Registry,
    compare_modules,
    examine_modules,
    export_modules,
    import_modules,
    upgrade_instances,
)

_Function = TypeVar("_Function", bound=Callable[..., Any])

_DATABASE = (
    click.argument("address"),
    click.option(
        "--key",
        default="modules",
        show_default=True,
        help="Where the registry is in the root of the database.",
    ),
    click.option(
        "--wait",
        type=click.FloatRange(min=0, min_open=True),
        default=10.0,
        show_default=True,
        help="Seconds that a server may take to answer.",
    ),
)
_delete_option = click.option(
    "--delete", is_flag=True, help="Remove what only the place that is written to has."
)
_dry_run_option = click.option(
    "--dry-run", is_flag=True, help="Show what would be done, and do nothing."
)


def _in_database(function: _Function) -> _Function:
    for each in reversed(_DATABASE):
        each(function)
    return function


def _of_module(function: _Function) -> _Function:
    _in_database(function)
    return _with_second(function, click.argument("name"))


def _with_places(function: _Function) -> _Function:
    _in_database(function)
    return _with_second(function, click.argument("folder", type=click.Path(path_type=Path)))


def _with_second(function: _Function, argument: Callable[[Any], Any]) -> _Function:
    """Add an argument after the first one."""
    argument(function)
    # Arguments are taken in the order in which they were declared, the last first.
    parameters: Any = vars(function)["__click_params__"]
    parameters.insert(-1, parameters.pop())
    return function


@click.group()
def modules() -> None:
    """Move persistent modules between a database and a tree of plain .py files.

    ADDRESS is file:PATH for a FileStorage or zeo://HOST:PORT for a server, FOLDER the tree. Only
    source travels. Exit codes: 0 done (diff: no difference), 1 diff has found differences, 2
    refused, and nothing is written, 3 the database cannot be used now.
    """


@modules.command("export")
@_with_places
@_delete_option
@_dry_run_option
def export_(address: str, folder: Path, key: str, wait: float, delete: bool, dry_run: bool) -> None:
    """Write the source of each module in the database at ADDRESS to FOLDER.

    Files that are no modules of the database stay, and are named.
    """
    with _ends_with_message(), _reading(address, key, wait) as database:
        plan = export_modules(database.registry, folder, delete=delete, dry_run=dry_run)
    _show(plan, str(folder), dry_run)


@modules.command("import")
@_with_places
@_delete_option
@_dry_run_option
@click.option(
    "--exclude",
    multiple=True,
    metavar="MODULE",
    help="Leave a module, and what is in it, as it is. Can be given several times.",
)
@click.option(
    "--rename",
    multiple=True,
    metavar="OLD=NEW",
    help="What is OLD in the database is NEW in the files, and stays the same there: a module, or "
    "MODULE:NAME for what it defines. Can be given several times.",
)
@click.option("--create", is_flag=True, help="Make the database and the registry if need be.")
@click.option(
    "--deletion",
    type=click.Choice(["allow", "warn", "refuse"]),
    help="What becomes of the deletion of names that others use; else, the registry's policy says.",
)
@click.option(
    "--layout",
    type=click.Choice(["refuse", "replace"]),
    help="Whether a class that cannot be changed in place may become a new class; else, as above.",
)
def import_(
    address: str,
    folder: Path,
    key: str,
    wait: float,
    delete: bool,
    dry_run: bool,
    exclude: tuple[str, ...],
    rename: tuple[str, ...],
    create: bool,
    deletion: Any,
    layout: Any,
) -> None:
    """Make the modules in the database at ADDRESS as FOLDER has them: all, or none.

    All is one transaction, which other processes follow. Modules without a file stay, and are
    named.
    """
    with (
        _ends_with_message(),
        connected(
            address, key, create=create, read_only=dry_run, execute=not dry_run, wait=wait
        ) as database,
        _shown_warnings(),
    ):
        plan = import_modules(
            database.registry,
            folder,
            delete=delete,
            dry_run=dry_run,
            exclude=exclude,
            renames=_renames(rename),
            policy=_policy(database.registry, deletion=deletion, layout=layout),
        )
        if not dry_run:
            database.commit(f"import of modules from {folder}")
    _show(plan, address, dry_run)


@modules.command()
@_with_places
def diff(address: str, folder: Path, key: str, wait: float) -> None:
    """Show how FOLDER differs from the modules in the database at ADDRESS."""
    with _ends_with_message(), _reading(address, key, wait) as database:
        differences = compare_modules(database.registry, folder).differences
    for difference in differences:
        echo("".join(_diff(difference, folder)), nl=False)
    sys.exit(NONCONFORMANT if differences else CONFORMANT)


@modules.command()
@_in_database
def doctor(address: str, key: str, wait: float) -> None:
    """List what is broken in the database at ADDRESS, why, and the way out.

    All modules are executed, and all records are read. Exit codes: 0 nothing is broken, 1
    something is.
    """
    with _ends_with_message(), connected(address, key, read_only=True, wait=wait) as database:
        found = examine_modules(database.registry)
    for each in found:
        stored = f" ({each.stored} stored)" if each.stored else ""
        echo(f"{each.name}{stored}: {each.because}. {each.way_out}")
    echo(f"{address}: {len(found)} broken")
    sys.exit(NONCONFORMANT if found else CONFORMANT)


@modules.command("list")
@_in_database
def list_(address: str, key: str, wait: float) -> None:
    """List the modules in the database at ADDRESS: name, revision, lines, and who imports it.

    Nothing of them is executed.
    """
    with _ends_with_message(), _reading(address, key, wait) as database:
        registry = database.registry
        for name in registry:
            lines = len(registry.source(name).splitlines())
            users = ", ".join(registry.importers(name))
            number, _ = registry.revision(name)
            told = f"{name}  revision {number}  {lines} line{'' if lines == 1 else 's'}"
            echo(f"{told}  imported by {users}" if users else told)


@modules.command("log")
@_of_module
def log_(address: str, name: str, key: str, wait: float) -> None:
    """List the revisions of the module NAME that the database at ADDRESS has kept, newest first."""
    with _ends_with_message(), _reading(address, key, wait) as database:
        for version in database.registry.history(name):
            when = "" if version.time is None else f"{datetime.fromtimestamp(version.time):%F %T}"
            echo(f"{version.number}  {when}  {version.note}".rstrip())


@modules.command()
@_of_module
@click.argument("revision", type=int)
def show(address: str, name: str, revision: int, key: str, wait: float) -> None:
    """Write the source of the module NAME at a REVISION."""
    with _ends_with_message(), _reading(address, key, wait) as database:
        sources = {each.number: each.source for each in database.registry.history(name)}
        if revision not in sources:
            raise KeyError(f"no revision {revision} of {name!r} is stored")
    echo(sources[revision], nl=False)


@modules.command()
@_of_module
@click.argument("revision", type=int)
def revert(address: str, name: str, revision: int, key: str, wait: float) -> None:
    """Give the module NAME the source again that it had at a REVISION."""
    with (
        _ends_with_message(),
        connected(address, key, wait=wait) as database,
        _shown_warnings(),
    ):
        database.registry.revert(name, revision)
        database.commit(f"{name} reverted to revision {revision}")
        number = database.registry.revision(name)[0]
    echo(f"{name}: revision {number} has the source of revision {revision}")


@modules.command()
@_in_database
@click.option(
    "--every",
    type=click.IntRange(min=1),
    default=1000,
    show_default=True,
    help="How many objects a transaction changes.",
)
def upgrade(address: str, key: str, wait: float, every: int) -> None:
    """Bring all stored states to what their classes want now, by their __upgrade__ methods.

    All records are read. What was done before an error or an interruption is kept; run it again for
    the rest.
    """
    with _ends_with_message(), connected(address, key, wait=wait) as database:
        changed = upgrade_instances(
            database.registry,
            progress=_show_progress,
            save=lambda: database.commit("upgrade of stored states"),
            every=every,
        )
    echo(f"{address}: {changed} objects upgraded")


def _show_progress(done: int, total: int) -> None:
    if done == total or done * 20 // total != (done - 1) * 20 // total:
        echo(f"{done} of {total}", err=True)


def _renames(pairs: tuple[str, ...]) -> dict[str, str]:
    found = {}
    for pair in pairs:
        old, equals, new = pair.partition("=")
        if not equals:
            raise click.BadParameter(f"must be OLD=NEW, not {pair!r}", param_hint="--rename")
        found[old.strip()] = new.strip()
    return found


def _policy(registry: Registry, **given: Any) -> Policy:
    """Return the policy of a registry with what was given on the command line."""
    chosen = {name: value for name, value in given.items() if value is not None}
    return replace(registry.policy, **chosen)


def _reading(address: str, key: str, wait: float) -> AbstractContextManager[Connected]:
    """Open a database to read sources, of which none is executed."""
    return connected(address, key, read_only=True, execute=False, wait=wait)


def _diff(difference: Difference, folder: Path) -> Iterator[str]:
    stored, written = difference.stored, difference.written
    before = "/dev/null" if stored is None else f"database/{difference.path}"
    after = "/dev/null" if written is None else str(folder / difference.path)
    yield f"--- {before}\n+++ {after}\n"
    lines = difflib.unified_diff(
        io.StringIO(stored or "").readlines(), io.StringIO(written or "").readlines()
    )
    for line in list(lines)[2:]:
        yield line if line.endswith("\n") else f"{line}\n\\ No newline at end of file\n"


def _show(plan: Plan, place: str, dry_run: bool) -> None:
    for step in plan.steps:
        echo(f"{step.action} {step.path}")
    for path in plan.left:
        echo(f"leave  {path} (--delete removes it)")
    actions = [step.action for step in plan.steps]
    echo(
        f"{place}: {actions.count('create')} created, {actions.count('change')} changed, "
        f"{actions.count('remove')} removed, {len(plan.same)} the same"
        + (" - if it were done (--dry-run)" if dry_run else "")
    )


@contextmanager
def _shown_warnings() -> Iterator[None]:
    """Show what is deleted from under its importers as one line each."""
    with warnings.catch_warnings():
        others = warnings.showwarning

        def show(message: Any, category: Any, *rest: Any, **named: Any) -> None:
            if issubclass(category, DeletionWarning):
                echo(f"Warning: {message}", err=True)
            else:
                others(message, category, *rest, **named)

        warnings.showwarning = show
        warnings.simplefilter("always", DeletionWarning)
        yield


@contextmanager
def _ends_with_message() -> Iterator[None]:
    """Turn errors into one message on standard error and the documented exit code."""
    try:
        yield
    except DatabaseAway as error:
        _fail(str(error), NOT_JUDGED)
    except click.ClickException:
        raise
    except (BadDatabase, BadMove, BadTree) as error:
        _fail(str(error), USAGE)
    except KeyError as error:
        if _origin(error) is not None:
            _fail(f"{_origin(error)}: KeyError: {error}. Nothing is imported; correct it", USAGE)
        _fail(
            f"{error.args[0]}; modules log lists the revisions, modules export the modules", USAGE
        )
    except DeletionRefused as error:
        _fail(f"{error}, or with --deletion allow", USAGE)
    except (Exception, SystemExit) as error:
        # Whatever the source of a module raises.
        where = _origin(error)
        if where is None:
            raise
        _fail(f"{where}: {type(error).__name__}: {error}. Nothing is imported; correct it", USAGE)


def _origin(error: BaseException) -> str | None:
    """Return the line of a persistent module that has raised the error, if it was one."""
    for frame in reversed(traceback.extract_tb(error.__traceback__)):
        found = re.fullmatch(r"<persistent (\S+) \S+>", frame.filename)
        if found:
            return f"module {found.group(1)}, line {frame.lineno}"
    return None


def _fail(message: str, code: int) -> None:
    echo(f"Error: {message}", err=True)
    sys.exit(code)
