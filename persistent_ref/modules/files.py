"""Persistent modules as a tree of plain source files, out and in (PM-46).

Only source travels, unless adapters say what goes with it.  Text is compared, so
that what is the same in both places is not touched.  The tree may be anything
that has texts by path: a folder of files, or a `Representation` of another kind
(PM-48).
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path, PurePosixPath
from types import MappingProxyType
from typing import Literal, Protocol

from persistent_ref.modules.changing.moves import read_moves
from persistent_ref.modules.policy import Policy
from persistent_ref.modules.registry import Registry
from persistent_ref.modules.sources.compiling import compile_source
from persistent_ref.modules.sources.imports import imports_of
from persistent_ref.modules.sources.names import INIT, is_in, parent_of
from persistent_ref.modules.tree import BadTree, Tree, module_at, path_of

__all__ = [
    "Adapter",
    "Comparison",
    "Difference",
    "Plan",
    "Representation",
    "Step",
    "compare_modules",
    "export_modules",
    "import_modules",
]


class Representation(Protocol):
    """Where texts are by path, as a `Tree` of files has them; ``str`` of it names it.

    Its methods raise BadTree for what cannot be.
    """

    def read(self) -> Mapping[PurePosixPath, str]:
        """Return all texts: ``.py`` is a source, the suffix of an adapter what goes with one."""

    def require_room(self, path: PurePosixPath) -> None:
        """Raise if something is in the way of ``path``."""

    def write(self, path: PurePosixPath, source: str) -> None:
        """Have a text there."""

    def remove(self, path: PurePosixPath) -> None:
        """Have nothing there."""


class Adapter(Protocol):
    """Carries more of a module than its source: a text beside it.

    ``suffix`` is the end of the path, as ``.json``; the rest is that of the source.
    """

    suffix: str

    def read(self, registry: Registry, name: str) -> str | None:
        """Return what the database has for a module; None for nothing."""

    def write(self, registry: Registry, name: str, text: str | None) -> None:
        """Have the database hold ``text``; the sources are in it already."""


@dataclass(frozen=True)
class Difference:
    """A file that is not the same in both places.

    ``stored`` is its text in the database and ``written`` that in the tree,
    None where there is none.
    """

    path: PurePosixPath
    stored: str | None
    written: str | None


@dataclass(frozen=True)
class Comparison:
    """Where a registry and a tree differ, and the files that are the same in both."""

    differences: tuple[Difference, ...]
    same: tuple[PurePosixPath, ...]


@dataclass(frozen=True)
class Step:
    """What becomes of one file, or of its module, and the text that it gets."""

    action: Literal["create", "change", "remove"]
    path: PurePosixPath
    source: str | None = None

    @property
    def name(self) -> str:
        """The name of the module."""
        return module_at(self.path)[0]

    @property
    def is_source(self) -> bool:
        """Whether it is a module, and not what an adapter carries."""
        return self.path.suffix == ".py"

    @property
    def key(self) -> str:
        """The name by which ``Registry.apply`` knows it: a package has ``.__init__``."""
        name, is_package = module_at(self.path)
        return f"{name}.{INIT}" if is_package else name


@dataclass(frozen=True)
class Plan:
    """What an export or an import does, in that order.

    ``same`` is what need not be touched.  ``left`` is what only the place that
    is written to has, and keeps.
    """

    steps: tuple[Step, ...]
    same: tuple[PurePosixPath, ...]
    left: tuple[PurePosixPath, ...]


def compare_modules(
    registry: Registry, folder: Path | Representation, *, adapters: Sequence[Adapter] = ()
) -> Comparison:
    """Compare the modules of ``registry`` with the tree in ``folder``, in order of paths.

    Raises BadTree for a tree that cannot be taken as modules, and for a module
    that no tree can hold.
    """
    tree = _tree(folder, adapters)
    stored = _stored(registry, tree, adapters)
    written = _with_sources(tree.read())
    pairs = [
        Difference(path, stored.get(path), written.get(path)) for path in {**stored, **written}
    ]
    pairs.sort(key=lambda each: each.path)
    return Comparison(
        tuple(each for each in pairs if each.stored != each.written),
        tuple(each.path for each in pairs if each.stored == each.written),
    )


def export_modules(
    registry: Registry,
    folder: Path | Representation,
    *,
    delete: bool = False,
    dry_run: bool = False,
    adapters: Sequence[Adapter] = (),
) -> Plan:
    """Write the sources of all modules to the tree in ``folder``, which is made if need be.

    Files of modules that the registry does not have stay, unless ``delete`` is
    true.  Returns what was done, or with ``dry_run`` would be.  Raises BadTree
    as ``compare_modules`` does, and if something is in the way; then nothing
    was written.
    """
    tree = _tree(folder, adapters)
    comparison = compare_modules(registry, tree, adapters=adapters)
    steps = [_step(each.path, each.written, each.stored) for each in comparison.differences]
    changes = [step for step in steps if step.action != "remove"]
    plan = _plan(changes, _removals(steps), comparison.same, delete)
    left = {module_at(path)[0]: path for path in plan.left if path.suffix == ".py"}
    for step in changes:
        tree.require_room(step.path)
        if step.is_source and step.name in left:
            raise BadTree(
                _place(tree, left[step.name]),
                f"{step.path} is to be the module {step.name!r}, too",
                "Remove the file, or let files be deleted",
            )
    for step in () if dry_run else plan.steps:
        if step.source is None:
            tree.remove(step.path)
        else:
            tree.write(step.path, step.source)
    return plan


def import_modules(
    registry: Registry,
    folder: Path | Representation,
    *,
    delete: bool = False,
    dry_run: bool = False,
    adapters: Sequence[Adapter] = (),
    exclude: Collection[str] = (),
    renames: Mapping[str, str] = MappingProxyType({}),
    policy: Policy | None = None,
) -> Plan:
    """Make the modules of ``registry`` as the tree in ``folder`` has them, all or none.

    Modules without a file stay, unless ``delete`` is true; so do those that are
    named in ``exclude``, with all that is in them.  ``renames`` says which of them, and
    of what they define, are the same under another name, as in ``Registry.apply``.
    The changes belong
    to the current transaction, as those of ``Registry.update`` do.  Returns
    what was done, or with ``dry_run`` would be: what is imported comes before
    what imports it.

    Raises BadTree for files that cannot be taken as modules, BadMove for
    renames that cannot be, what a source raises when it is executed, and what the policy
    raises; then nothing has changed.  After an error of an adapter, abort.
    """
    if isinstance(folder, Path) and not folder.is_dir():
        raise BadTree(folder, "there is no such folder", "Name the folder of an exported tree")
    tree = _tree(folder, adapters)
    comparison = compare_modules(registry, tree, adapters=adapters)
    every_step = [
        step
        for step in (_step(e.path, e.stored, e.written) for e in comparison.differences)
        if not any(is_in(step.name, each) for each in exclude)
    ]
    steps = [step for step in every_step if step.is_source]
    carried = [step for step in every_step if not step.is_source]
    moved = read_moves(renames).modules
    removals = [
        step for step in _removals(steps) if not any(is_in(step.name, each) for each in moved)
    ]
    homes = {step.name: step.path for step in removals}
    changes = {step.name: step for step in steps if step.action != "remove"}
    for name, step in changes.items():
        _require_python(tree, step)
        if name in homes:
            raise BadTree(
                _place(tree, step.path),
                f"a module cannot become a package, or the reverse; {name!r} is {homes[name]} in "
                "the database",
                "Remove it from the database first; what it defines then will be new objects",
            )
    in_order = [changes[name] for name in _in_order(changes)]
    # Last, as what they are of has to be there; what goes with a module that goes is gone.
    beside = [
        step for step in carried if step.source is not None or (delete and step.name not in homes)
    ]
    plan = _plan(in_order, removals, comparison.same, delete)
    plan = replace(plan, steps=(*plan.steps, *beside))
    if dry_run:
        registry.require_moves(renames)
    elif plan.steps or renames:
        sources = {step.key: step.source for step in plan.steps if step.is_source}
        registry.apply(sources, renames=renames, policy=policy)
        for step in beside:
            for adapter in adapters:
                if adapter.suffix == step.path.suffix:
                    adapter.write(registry, step.name, step.source)
    return plan


def _tree(folder: Path | Representation, adapters: Sequence[Adapter]) -> Representation:
    if not isinstance(folder, Path):
        return folder
    return Tree(folder, [adapter.suffix for adapter in adapters])


def _place(tree: Representation, path: PurePosixPath) -> Path:
    return Path(str(tree)) / path


def _with_sources(texts: Mapping[PurePosixPath, str]) -> dict[PurePosixPath, str]:
    """Return ``texts`` without what goes with no source: that is nobody's business here."""
    return {path: text for path, text in texts.items() if path.with_suffix(".py") in texts}


def _stored(
    registry: Registry, tree: Representation, adapters: Sequence[Adapter]
) -> dict[PurePosixPath, str]:
    found = {}
    for name in registry.modules():
        path = path_of(name, registry.is_package(name))
        if path is None:
            raise BadTree(
                Path(str(tree)),
                f"it cannot hold the module {name!r}",
                "Give the module another name",
            )
        found[path] = registry.source(name)
        for adapter in adapters:
            text = adapter.read(registry, name)
            if text is not None:
                found[path.with_suffix(adapter.suffix)] = text
    return found


def _step(path: PurePosixPath, old: str | None, new: str | None) -> Step:
    if new is None:
        return Step("remove", path)
    return Step("create" if old is None else "change", path, new)


def _removals(steps: list[Step]) -> list[Step]:
    """Return the removals, what is in a package before the package."""
    found = [step for step in steps if step.action == "remove"]
    return sorted(found, key=lambda step: step.name, reverse=True)


def _plan(
    changes: list[Step], removals: list[Step], same: tuple[PurePosixPath, ...], delete: bool
) -> Plan:
    if delete:
        return Plan((*removals, *changes), same, ())
    return Plan(tuple(changes), same, tuple(step.path for step in reversed(removals)))


def _in_order(steps: Mapping[str, Step]) -> list[str]:
    """Return the names, those that others import first; a cycle starts anywhere."""
    ordered: dict[str, None] = {}
    entered: set[str] = set()

    def enter(name: str) -> None:
        if name in steps and name not in entered:
            entered.add(name)
            for needed in _needs(steps[name]):
                enter(needed)
            ordered[name] = None

    for name in steps:
        enter(name)
    return list(ordered)


def _needs(step: Step) -> list[str]:
    """Return the names of modules that the source of ``step`` may import."""
    name, is_package = module_at(step.path)
    found = [parent_of(name)]
    imports = imports_of(step.source or "", name if is_package else parent_of(name))
    for module, names in imports.items():
        found += [module, *(f"{module}.{each}" for each in names)]
    return found


def _require_python(tree: Representation, step: Step) -> None:
    place = _place(tree, step.path)
    try:
        compile_source(step.source or "", str(place))
    except (SyntaxError, ValueError) as error:
        what = f"line {error.lineno}: {error.msg}" if isinstance(error, SyntaxError) else error
        raise BadTree(place, f"is no Python source ({what})", "Correct it") from error
