"""Where tools find the lines of a source: tracebacks, debuggers, and what measures coverage."""

from __future__ import annotations

import linecache
from pathlib import Path

from persistent_ref.modules.sources.revision import Revision
from persistent_ref.modules.tree import path_of

__all__ = ["forget_source", "show_in", "show_source"]

#: Where the files are whose names the code bears that is made of equal sources.
_folders: list[Path] = []


def show_in(folder: Path | None) -> None:
    """Let code bear, from now on, the name of the file in ``folder`` that has its source.

    Tools that take nothing but files, as coverage and most debuggers, so work on
    stored modules; ``folder`` is a tree that they were imported from, or exported to.
    None takes that back.
    """
    _folders[:] = [] if folder is None else [folder.resolve()]


def show_source(name: str, is_package: bool, revision: Revision, source: str) -> str:
    """Return the file name that the code of a module bears; its lines are found by it (PM-47)."""
    path = path_of(name, is_package)
    for folder in _folders if path is not None else ():
        file = folder / str(path)
        if file.is_file() and file.read_bytes() == source.encode():
            return str(file)
    filename = f"<persistent {name} {revision[0]}.{revision[1][:8]}>"
    lines = source.splitlines(keepends=True)
    linecache.cache[filename] = (len(source), None, lines, filename)
    return filename


def forget_source(filename: str) -> None:
    """Let go of what ``show_source`` has shown."""
    linecache.cache.pop(filename, None)
