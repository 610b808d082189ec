"""Whether the packages that are found under our import names are our own."""

from __future__ import annotations

import importlib


class ForeignPackage(ImportError):
    """Another distribution's package stands where ours should be."""


def require_own_packages() -> None:
    """Raise `ForeignPackage` if ``import fixtures`` finds another distribution of that name."""
    try:
        found = importlib.import_module("fixtures")
    except ImportError as error:
        raise ForeignPackage(
            f"the package 'fixtures' of persistent-conformance cannot be imported ({error}). "
            "Install persistent-conformance again"
        ) from error
    if getattr(found, "__distribution__", None) != "persistent-conformance":
        raise ForeignPackage(
            f"'import fixtures' finds {getattr(found, '__file__', found)!r}, which belongs to "
            "another distribution of that name, not to persistent-conformance. Install "
            "persistent-conformance into a virtual environment of its own"
        )
