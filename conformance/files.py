"""Reading and writing files: schemas are checked, and nothing is ever half-written."""

from __future__ import annotations

import json
import os
import sys
import tempfile
from importlib import resources
from pathlib import Path
from typing import Any

if sys.version_info >= (3, 11):
    import tomllib
else:
    import tomli as tomllib


class BadFile(Exception):
    """A file that cannot be read or written: which one, what is wrong with it, the way out."""

    def __init__(self, path: Path, problem: str, way_out: str) -> None:
        super().__init__(f"{path}: {problem}. {way_out}")
        self.path = path
        self.problem = problem
        self.way_out = way_out


def write_whole(path: Path, text: str) -> None:
    """Write ``text`` to ``path``: all of it, or nothing and the old file stays.

    What UTF-8 cannot hold, such as half a surrogate pair in the repr of a target, is written as a
    backslash escape. Raises `BadFile`.
    """
    temporary = None
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        descriptor, temporary = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.")
        with os.fdopen(
            descriptor, "w", encoding="utf-8", errors="backslashreplace", newline="\n"
        ) as file:
            file.write(text)
        mask = os.umask(0)
        os.umask(mask)
        Path(temporary).chmod(0o666 & ~mask)
        Path(temporary).replace(path)
    except OSError as error:
        if temporary is not None:
            Path(temporary).unlink(missing_ok=True)
        raise BadFile(
            path, f"cannot be written ({error.strerror})", "Name a file in a writable folder"
        ) from None


def read_text(path: Path, way_out: str) -> str:
    """The text of ``path``. Raises `BadFile`."""
    try:
        return path.read_text(encoding="utf-8")
    except OSError as error:
        raise BadFile(path, f"cannot be read ({error.strerror})", way_out) from None
    except UnicodeDecodeError:
        raise BadFile(path, "is no UTF-8 text", way_out) from None


def read_json(path: Path, schema: str, way_out: str) -> Any:
    """The JSON in ``path``, valid by our ``schema``. Raises `BadFile`."""
    try:
        data = json.loads(read_text(path, way_out))
    except ValueError as error:
        raise BadFile(path, f"is damaged or truncated ({error})", way_out) from None
    require_valid(path, data, schema, way_out)
    return data


def read_toml(path: Path, schema: str, way_out: str) -> Any:
    """The TOML in ``path``, valid by our ``schema``. Raises `BadFile`."""
    data = load_toml(path, way_out)
    require_valid(path, data, schema, way_out)
    return data


def load_toml(path: Path, way_out: str) -> Any:
    """The TOML in ``path``, whatever it holds. Raises `BadFile`."""
    try:
        return tomllib.loads(read_text(path, way_out))
    except tomllib.TOMLDecodeError as error:
        raise BadFile(path, f"is no TOML ({error})", way_out) from None


def schema_named(name: str) -> Any:
    """The JSON schema called ``name`` of this package."""
    file = resources.files("conformance") / "schemas" / f"{name}.schema.json"
    return json.loads(file.read_text(encoding="utf-8"))


def require_valid(path: Path, data: Any, schema: str, way_out: str) -> None:
    """Raise `BadFile` if ``data``, from ``path``, is not valid by our ``schema``."""
    # Not everything that starts reads a file, and this takes longest to import.
    import jsonschema

    validator = jsonschema.Draft202012Validator(
        schema_named(schema), format_checker=jsonschema.FormatChecker()
    )
    error = jsonschema.exceptions.best_match(validator.iter_errors(data))
    if error is not None:
        raise BadFile(path, f"{error.json_path}: {error.message}", way_out)
