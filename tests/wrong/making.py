"""Makes a wrong implementation from its declaration."""

from __future__ import annotations

import functools
import importlib
import importlib.abc
import importlib.machinery
import pkgutil
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from types import ModuleType

import persistent_ref
from fixtures.implementation import Implementation
from fixtures.targets import from_package

_PACKAGE = persistent_ref.__name__
_SOURCES = Path(persistent_ref.__file__).parent


@dataclass(frozen=True)
class Wrong:
    """A wrong implementation before it is made.

    ``name`` says in a few words what it gets wrong, ``breaks`` which clauses it breaks. In
    ``module`` of the reference (``picklecache``, ``modules/registry``), ``old`` is replaced by
    ``new``.
    """

    name: str
    breaks: tuple[str, ...]
    module: str
    old: str
    new: str


WRONG: dict[str, Wrong] = {}


def wrong(name: str, breaks: str, module: str, old: str, new: str) -> None:
    """Declare a wrong implementation; ``breaks`` lists clause ids, separated by spaces."""
    if name in WRONG:
        raise ValueError(f"name: {name!r} is declared twice")
    WRONG[name] = Wrong(name, tuple(breaks.split()), module, old, new)


def load_all() -> None:
    """Import the declarations of every area."""
    package = importlib.import_module("tests.wrong")
    for found in pkgutil.iter_modules(package.__path__):
        importlib.import_module(f"tests.wrong.{found.name}")


@functools.cache
def make(name: str) -> Implementation:
    """The wrong implementation called ``name``: a private copy of the reference, changed."""
    with _in_place(name):
        return from_package(importlib.import_module(_PACKAGE), name, name)


@contextmanager
def copied(name: str) -> Iterator[Implementation]:
    """Have a private copy of the reference in its place, for whoever takes something out of it."""
    stashed = _take_out()
    try:
        yield from_package(importlib.import_module(_PACKAGE), name, name)
    finally:
        _take_out()
        sys.modules.update(stashed)


#: The modules of each private copy that was made.
_COPIES: dict[str, dict[str, ModuleType]] = {}


@contextmanager
def running(name: str) -> Iterator[Implementation]:
    """Have the wrong implementation called ``name`` in the place of the reference.

    What it pickles by name, and what it imports when it is called, is its own then.
    """
    implementation = make(name)
    with _in_place(name):
        yield implementation


@contextmanager
def _in_place(name: str) -> Iterator[None]:
    declared = WRONG[name]
    source = (_SOURCES / f"{declared.module}.py").read_text(encoding="utf-8")
    if source.count(declared.old) != 1:
        raise ValueError(
            f"wrong implementation {name!r}: in {declared.module}.py the text {declared.old!r} "
            f"stands {source.count(declared.old)} times, not once"
        )
    changed = source.replace(declared.old, declared.new)
    stashed = _take_out()
    sys.modules.update(_COPIES.get(name, {}))
    finder = _Finder(f"{_PACKAGE}.{declared.module.replace('/', '.')}", changed)
    sys.meta_path.insert(0, finder)
    try:
        yield
    finally:
        sys.meta_path.remove(finder)
        _COPIES[name] = _take_out()
        sys.modules.update(stashed)


def _take_out() -> dict[str, ModuleType]:
    names = [name for name in sys.modules if name == _PACKAGE or name.startswith(_PACKAGE + ".")]
    return {name: sys.modules.pop(name) for name in names}


class _Finder(importlib.abc.MetaPathFinder):
    def __init__(self, module: str, source: str) -> None:
        self.module = module
        self.source = source

    def find_spec(
        self, name: str, path: object = None, target: object = None
    ) -> importlib.machinery.ModuleSpec | None:
        if name != self.module:
            return None
        file = str(_SOURCES.joinpath(*name.split(".")[1:]).with_suffix(".py"))
        loader = _Loader(name, file, self.source)
        return importlib.machinery.ModuleSpec(name, loader, origin=file)


class _Loader(importlib.abc.InspectLoader):
    def __init__(self, name: str, file: str, source: str) -> None:
        self.name = name
        self.file = file
        self.source = source

    def get_source(self, fullname: str) -> str:
        return self.source

    def get_code(self, fullname: str):
        return compile(self.source, self.file, "exec")
