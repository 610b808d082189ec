"""Names of modules: what is one, and how an import resolves to one."""

from __future__ import annotations

import keyword

__all__ = ["INIT", "is_in", "is_module_name", "parent_of", "require_module_name", "resolve"]

#: The last part of the name under which a package's own source may be given (PM-13).
INIT = "__init__"


def is_module_name(name: object) -> bool:
    """Return whether ``name`` is a dotted name of Python identifiers."""
    return isinstance(name, str) and all(
        part.isidentifier() and not keyword.iskeyword(part) for part in name.split(".")
    )


def require_module_name(name: object) -> str:
    """Return ``name``; raise TypeError or ValueError if no module can bear it."""
    if not isinstance(name, str):
        raise TypeError(f"name must be a str, not {type(name).__name__}")
    if not is_module_name(name):
        raise ValueError(f"name must be a dotted name of Python identifiers, not {name!r}")
    return name


def parent_of(name: str) -> str:
    """Return the name of the package that ``name`` is in, or an empty string."""
    return name.rpartition(".")[0]


def is_in(name: str, package: str) -> bool:
    """Return whether a module is ``package``, or one in it."""
    return f"{name}.".startswith(f"{package}.")


def resolve(name: str, package: str, level: int) -> str:
    """Return the absolute name of what ``level`` dots and ``name`` mean in ``package``.

    Raises ImportError if they lead out of the top-level package.
    """
    if not level:
        return name
    parts = package.split(".") if package else []
    if level > len(parts):
        raise ImportError("attempted relative import beyond top-level package")
    base = ".".join(parts[: len(parts) - level + 1])
    return f"{base}.{name}" if name else base
