"""A folder of plain Python source files, one for each module.

A package is a folder with an ``__init__.py``.  Other files, and what starts
with a dot, are nobody's business here.
"""

from __future__ import annotations

import io
import os
import stat
import tempfile
import tokenize
import unicodedata
from collections.abc import Collection, Iterator
from contextlib import contextmanager
from pathlib import Path, PurePosixPath

from persistent_ref.modules.sources.names import INIT, is_module_name, parent_of

__all__ = ["BadTree", "Tree", "module_at", "path_of"]

_SUFFIX = ".py"
_CACHE = "__pycache__"


class BadTree(ValueError):
    """A file or folder that cannot be taken as modules: which, why, and the way out."""

    def __init__(self, path: Path, problem: str, way_out: str) -> None:
        super().__init__(f"{path}: {problem}. {way_out}")
        self.path = path
        self.problem = problem
        self.way_out = way_out


def path_of(name: str, package: bool) -> PurePosixPath | None:
    """Return where in a tree the source of a module is; None if no tree can hold it."""
    parts = name.split(".")
    if not all(_is_part(part) for part in parts):
        return None
    if package:
        parts.append(INIT)
    return PurePosixPath(*parts).with_suffix(_SUFFIX)


def module_at(path: PurePosixPath) -> tuple[str, bool]:
    """Return the name of the module whose source is there, and whether it is a package."""
    if path.stem == INIT:
        return ".".join(path.parts[:-1]), True
    return ".".join([*path.parts[:-1], path.stem]), False


def _mode_of(path: Path) -> int:
    """Return the mode of a file, or that of a new one."""
    if path.exists():
        return stat.S_IMODE(path.stat().st_mode)
    mask = os.umask(0)
    os.umask(mask)
    return 0o666 & ~mask


def _is_part(name: str) -> bool:
    """Return whether an ``import`` can mean a file or folder of that name."""
    return (
        is_module_name(name)
        and "." not in name
        and name not in (INIT, _CACHE)
        and unicodedata.normalize("NFKC", name) == name
    )


class Tree:
    """The source files below a folder; one that is not there has none.

    Nothing outside the folder is read or written, so that a link is refused.
    All methods raise BadTree.  Sources end in ``.py``, what goes with them in one of ``suffixes``.
    """

    def __init__(self, folder: Path, suffixes: Collection[str] = ()) -> None:
        self.folder = folder
        self._suffixes = {_SUFFIX, *suffixes}

    def __str__(self) -> str:
        return str(self.folder)

    def read(self) -> dict[PurePosixPath, str]:
        """Return the sources by path, in order.

        Refused are names that no module can bear, two files for one module,
        packages without ``__init__.py``, links, and what is no UTF-8.
        """
        if not self.folder.exists():
            return {}
        found = {path: self._text(path) for path in self._files(PurePosixPath())}
        names: dict[str, PurePosixPath] = {}
        for path in [path for path in found if path.suffix == _SUFFIX]:
            name = module_at(path)[0]
            if not name:
                raise self._bad(
                    path,
                    "the tree itself is no package",
                    "Name the folder that the package is in",
                )
            other = names.setdefault(name, path)
            if other != path:
                raise self._bad(
                    path, f"{other} is the module {name!r}, too", "Remove one of the two files"
                )
        for name, path in names.items():
            package = path_of(parent_of(name), package=True) if parent_of(name) else path
            if package not in found:
                raise self._bad(
                    path,
                    "the folder that it is in is no package",
                    f"Add the file {self.folder / str(package)}, which may be empty",
                )
        return found

    def write(self, path: PurePosixPath, source: str) -> None:
        """Write a whole file, or leave what was there."""
        target = self.folder / path
        with self._reported(target, "written"):
            target.parent.mkdir(parents=True, exist_ok=True)
            descriptor, temporary = tempfile.mkstemp(dir=target.parent, prefix=f".{target.name}.")
            try:
                with os.fdopen(descriptor, "wb") as file:
                    file.write(source.encode("utf-8"))
                Path(temporary).chmod(_mode_of(target))
                Path(temporary).replace(target)
            except BaseException:
                Path(temporary).unlink(missing_ok=True)
                raise

    def require_room(self, path: PurePosixPath) -> None:
        """Raise BadTree if something that is no file, or no folder, is in the way."""
        for parent in [self.folder, *(self.folder / each for each in reversed(path.parents))]:
            if (parent.exists() or parent.is_symlink()) and not parent.is_dir():
                raise BadTree(parent, "is no folder", "Move it away, or name another folder")
        if (self.folder / path).is_dir():
            raise self._bad(path, "is a folder", "Move it away, or name another folder")

    def remove(self, path: PurePosixPath) -> None:
        """Remove a file, and the folders that it leaves empty."""
        target = self.folder / path
        with self._reported(target, "removed"):
            target.unlink()
            for folder in path.parents:
                if folder.parts and not any((self.folder / folder).iterdir()):
                    (self.folder / folder).rmdir()

    def _files(self, folder: PurePosixPath) -> Iterator[PurePosixPath]:
        with self._reported(self.folder / folder, "read"):
            entries = sorted(os.scandir(self.folder / folder), key=lambda entry: entry.name)
        for entry in entries:
            path = folder / entry.name
            if entry.name.startswith(".") or entry.name == _CACHE:
                continue
            if entry.is_symlink() and (entry.is_dir() or path.suffix in self._suffixes):
                raise self._bad(
                    path, "is a link, which may lead out of the tree", "Put what it means there"
                )
            if entry.is_dir():
                for each in self._files(path):
                    self._require_part(path, entry.name)
                    yield each
            elif path.suffix in self._suffixes:
                if path.stem != INIT:
                    self._require_part(path, path.stem)
                yield path

    def _require_part(self, path: PurePosixPath, name: str) -> None:
        if not _is_part(name):
            raise self._bad(
                path,
                f"no module can be called {name!r}",
                "Rename it to a Python identifier that is no keyword, or move it out of the tree",
            )

    def _text(self, path: PurePosixPath) -> str:
        target = self.folder / path
        if not target.is_file():
            raise self._bad(path, "is no ordinary file", "Move it out of the tree")
        with self._reported(target, "read"):
            data = target.read_bytes()
        try:
            text = data.decode("utf-8-sig")
            encoding, _ = tokenize.detect_encoding(io.BytesIO(data).readline)
        except (UnicodeDecodeError, SyntaxError):
            raise self._bad(path, "is no UTF-8 text", "Save it as UTF-8") from None
        if not encoding.startswith("utf-8") and not text.isascii():
            raise self._bad(
                path,
                f"declares the encoding {encoding}",
                "Save it as UTF-8, without the declaration",
            )
        return text

    def _bad(self, path: PurePosixPath, problem: str, way_out: str) -> BadTree:
        return BadTree(self.folder / path, problem, way_out)

    @contextmanager
    def _reported(self, path: Path, what: str) -> Iterator[None]:
        try:
            yield
        except OSError as error:
            raise BadTree(
                path, f"cannot be {what} ({error.strerror})", "Change its permissions, or move it"
            ) from error
