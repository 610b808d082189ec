"""Imports never point up: which package, folder and module may use which.

Every import statement counts, also one inside a function. A message names the imports that are
wrong, and where to move what is imported, or what imports it.
"""

from __future__ import annotations

import ast
import functools
import sys
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import pytest

TOP = Path(__file__).parents[1]

#: What each package may use besides itself.
PACKAGES: Mapping[str, frozenset[str]] = {
    "conformance": frozenset({"stateful", "fixtures", "persistent_ref"}),
    "stateful": frozenset({"fixtures", "persistent_ref"}),
    "fixtures": frozenset(),
    "persistent_ref": frozenset(),
}

#: The folders and modules right below a package, from those that use to those that are used. What
#: stands in one line knows nothing of one another.
FLOORS: Mapping[str, Sequence[Sequence[str]]] = {
    "stateful": [
        ["machines"],
        ["engines", "fleet"],
        ["replay"],
        ["scripts", "processes"],
        ["lockstep"],
        ["traces"],
    ],
    "conformance": [
        ["__main__"],
        ["cli"],
        ["commands"],
        ["plugin"],
        ["pages"],
        ["reports"],
        ["history"],
        ["comparing"],
        ["explain"],
        ["judging"],
        ["clauses"],
        ["files", "own_package"],
    ],
    # Beside the folders stands what programs hold or name, and what databases name.
    "persistent_ref.modules": [
        ["memory"],
        ["__init__"],
        ["files", "families", "doctor"],
        ["registry"],
        ["changing"],
        ["executing", "finder"],
        ["live", "classes", "functions", "interfaces"],
        ["definitions"],
        ["tree", "zodb"],
        ["policy"],
        ["sources", "storing"],
    ],
}

#: What is carried into the interpreter under test, which has our packages named here, and the
#: standard library.
CARRIED: Mapping[str, frozenset[str]] = {
    "fixtures": frozenset({"fixtures"}),
    "conformance.clauses": frozenset({"fixtures", "conformance.clauses"}),
    "conformance.judging.in_process": frozenset({"fixtures", "conformance.clauses"}),
}

#: Each module here imports what it adapts, when that is asked for.
ADAPTERS = "fixtures.adapters"

#: The oldest version of Python that a target can run in.
OLDEST = (3, 8)

#: Folders with one file for each of what they hold, however many these are.
CATALOGUES = frozenset({"conformance.clauses.checks", "fixtures.operations"})
MOST_IN_A_FOLDER = 14


@dataclass(frozen=True)
class Import:
    """One import statement: which module names what, and where."""

    user: str
    used: str
    place: str

    def __str__(self) -> str:
        return f"{self.place}: {self.user} imports {self.used}"


@functools.cache
def modules() -> Mapping[str, Path]:
    """Each module of the packages, and its file."""
    found = {}
    for package in PACKAGES:
        for path in sorted((TOP / package).rglob("*.py")):
            parts = path.relative_to(TOP).with_suffix("").parts
            found[".".join(parts[:-1] if parts[-1] == "__init__" else parts)] = path
    return found


@functools.cache
def imports() -> Sequence[Import]:
    """All imports in the packages."""
    return [each for module, path in modules().items() for each in _imports_of(module, path)]


def _imports_of(module: str, path: Path) -> Iterator[Import]:
    package = module if path.name == "__init__.py" else module.rpartition(".")[0]
    for node in _statements(ast.parse(path.read_text(encoding="utf-8"))):
        place = f"{path.relative_to(TOP)}:{node.lineno}"
        if isinstance(node, ast.Import):
            for alias in node.names:
                yield Import(module, alias.name, place)
            continue
        named = node.module or ""
        if node.level:
            above = package.split(".")[: len(package.split(".")) - node.level + 1]
            named = ".".join([*above, *([named] if named else [])])
        inside = [f"{named}.{alias.name}" for alias in node.names]
        for used in sorted({name if name in modules() else named for name in inside}):
            yield Import(module, used, place)


def _statements(node: ast.AST) -> Iterator[ast.Import | ast.ImportFrom]:
    """The import statements in a module, at any depth."""
    for field in ("body", "orelse", "handlers", "finalbody", "cases"):
        inside = getattr(node, field, None)
        for statement in inside if isinstance(inside, list) else ():
            if isinstance(statement, ast.Import | ast.ImportFrom):
                yield statement
            else:
                yield from _statements(statement)


def _is_in(module: str, package: str) -> bool:
    return module == package or module.startswith(f"{package}.")


def _storey(module: str, package: str) -> str:
    """The folder or module right below ``package`` that ``module`` is in."""
    return module[len(package) + 1 :].partition(".")[0] or "__init__"


def _floor(module: str, package: str) -> int | None:
    """The line of `FLOORS` that a module stands in, counted from the top; None if in none.

    The package itself, which may have no more than the version, is below all that are named.
    """
    storey = _storey(module, package)
    for number, line in enumerate(FLOORS[package]):
        if storey in line:
            return number
    return len(FLOORS[package]) if storey == "__init__" else None


def _refuse(wrong: Sequence[Import], advice: str) -> None:
    if wrong:
        pytest.fail("\n".join([*map(str, wrong), advice]), pytrace=False)


def test_a_package_uses_only_those_below_it() -> None:
    wrong = [
        each
        for each in imports()
        for package in [each.used.partition(".")[0]]
        if package in PACKAGES and package not in PACKAGES[each.user.partition(".")[0]]
        if package != each.user.partition(".")[0]
    ]
    _refuse(
        wrong,
        "The packages stand so: conformance above stateful, and both above fixtures and"
        " persistent_ref, which do not know each other. Move what is needed down into `fixtures`,"
        " or pass it as an argument.",
    )


@pytest.mark.parametrize("package", FLOORS)
def test_every_folder_and_module_has_its_floor(package: str) -> None:
    homeless = {
        name for name in modules() if _is_in(name, package) and _floor(name, package) is None
    }
    if homeless:
        pytest.fail(
            f"{sorted(homeless)} stand on no floor: put them into one of the folders of {package},"
            " or say in FLOORS of this file which of the others may use them.",
            pytrace=False,
        )


@pytest.mark.parametrize("package", FLOORS)
def test_a_folder_uses_only_those_below_it(package: str) -> None:
    wrong = []
    for each in imports():
        if not (_is_in(each.user, package) and _is_in(each.used, package)):
            continue
        if _storey(each.user, package) == _storey(each.used, package):
            continue
        user, used = _floor(each.user, package), _floor(each.used, package)
        if user is not None and (used is None or used <= user):
            wrong.append(each)
    order = " > ".join(", ".join(line) for line in FLOORS[package])
    _refuse(
        wrong,
        f"The floors of {package} are {order}. Move what is imported to the lowest floor that needs"
        " it, or the function that imports it up to the floor of what it uses.",
    )


@pytest.mark.parametrize("carried", CARRIED)
def test_what_runs_beside_a_target_needs_no_other_package(carried: str) -> None:
    allowed = CARRIED[carried]
    wrong = [
        each
        for each in imports()
        if _is_in(each.user, carried)
        if each.used.partition(".")[0] not in sys.stdlib_module_names
        if not _is_in(each.user, ADAPTERS) or each.used.partition(".")[0] in PACKAGES
        if not any(_is_in(each.used, package) for package in allowed)
    ]
    _refuse(
        wrong,
        f"{carried} is imported by the interpreter under test, which has the standard library and"
        f" {', '.join(sorted(allowed))} only. Move what is needed there, or do it on our side.",
    )


@pytest.mark.parametrize("carried", CARRIED)
def test_what_runs_beside_a_target_is_read_by_the_oldest_interpreter(carried: str) -> None:
    unread = []
    paths = [path for module, path in modules().items() if _is_in(module, carried)]
    assert paths
    for path in paths:
        try:
            ast.parse(path.read_text(encoding="utf-8"), feature_version=OLDEST)
        except SyntaxError as error:
            unread.append(f"{path.relative_to(TOP)}:{error.lineno}: {error.msg}")
    if unread:
        pytest.fail(
            "\n".join([*unread, f"Write what Python {OLDEST[0]}.{OLDEST[1]} reads."]), pytrace=False
        )


def test_the_reference_needs_zope_interface_only() -> None:
    wrong = [
        each
        for each in imports()
        if _is_in(each.user, "persistent_ref")
        if each.used.partition(".")[0] not in sys.stdlib_module_names
        if not (_is_in(each.used, "persistent_ref") or _is_in(each.used, "zope.interface"))
    ]
    _refuse(wrong, "persistent_ref depends on nothing but zope.interface.")


def test_no_modules_import_one_another_in_a_circle() -> None:
    within = [
        each
        for circle in _circles()
        for each in imports()
        if each.user in circle and each.used in circle
    ]
    _refuse(
        within,
        "These modules import one another in a circle. Move what two of them share into a module"
        " of its own below both.",
    )


def _circles() -> list[list[str]]:
    """Groups of modules each of which reaches all others of its group by imports."""
    uses: dict[str, set[str]] = {module: set() for module in modules()}
    for each in imports():
        if each.used in uses and each.used != each.user:
            uses[each.user].add(each.used)
    reached = {module: _reached(module, uses) for module in uses}
    circles = {
        frozenset(other for other in reached[module] if module in reached[other])
        for module in uses
        if module in reached[module]
    }
    return sorted(sorted(circle) for circle in circles)


def _reached(module: str, uses: Mapping[str, set[str]]) -> set[str]:
    reached: set[str] = set()
    waiting = [module]
    while waiting:
        new = uses[waiting.pop()] - reached
        reached |= new
        waiting.extend(new)
    return reached


def test_a_folder_can_be_taken_in_at_a_glance() -> None:
    inside: dict[str, list[str]] = {}
    for module, path in modules().items():
        if path.name != "__init__.py":
            inside.setdefault(module.rpartition(".")[0], []).append(path.name)
    large = [
        f"{folder} has {len(names)} modules: {', '.join(names)}"
        for folder, names in inside.items()
        if folder not in CATALOGUES and len(names) > MOST_IN_A_FOLDER
    ]
    if large:
        pytest.fail(
            "\n".join([*large, "Make a folder inside it of those that are read together."]),
            pytrace=False,
        )
