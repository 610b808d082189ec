"""``check --watch``: wait until files of the target have changed."""

from __future__ import annotations

import importlib.util
import time
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

from fixtures.targets import BUILTINS, entry_points

#: Files in which a target is written, by their endings.
_SUFFIXES = frozenset({".py", ".pyi", ".c", ".h", ".so", ".pyd", ".toml"})
#: Seconds between two looks at the files.
_PAUSE = 0.5

Stamps = Mapping[Path, tuple[int, int]]


def files_of(target: str) -> Sequence[Path]:
    """The folders and files that hold the module of ``target``; none if it is not found here."""
    builtin = BUILTINS.get(target)
    name = entry_points().get(target, target) if builtin is None else builtin.package
    top = name.partition(":")[0].partition(".")[0]
    try:
        found = importlib.util.find_spec(top)
    except (ImportError, ValueError):
        found = None
    if found is None:
        beside = Path(f"{top}.py")
        return (beside,) if beside.is_file() else ()
    if found.submodule_search_locations:
        return tuple(Path(folder) for folder in found.submodule_search_locations)
    return (Path(found.origin),) if found.origin else ()


def stamps(paths: Sequence[Path]) -> Stamps:
    """When each file below ``paths`` was changed, in nanoseconds, and its size."""
    found = {}
    for path in paths:
        for file in path.rglob("*") if path.is_dir() else (path,):
            if file.suffix in _SUFFIXES and file.is_file():
                stat = file.stat()
                found[file] = (stat.st_mtime_ns, stat.st_size)
    return found


def changed(
    paths: Sequence[Path], before: Stamps, pause: Callable[[float], None] = time.sleep
) -> list[Path]:
    """Wait until files below ``paths`` are not as they were ``before``; which ones these are."""
    while True:
        now = stamps(paths)
        if now != before:
            every = sorted({*before, *now})
            return [path for path in every if before.get(path) != now.get(path)]
        pause(_PAUSE)


__all__ = ["Stamps", "changed", "files_of", "stamps"]
