"""A source is text, and each change of it a revision."""

from __future__ import annotations

import hashlib
from typing import TypeAlias

__all__ = ["Revision", "next_revision", "require_source"]

#: Number of the revision, from 1, and digest of the source.
Revision: TypeAlias = "tuple[int, str]"


def require_source(source: object) -> str:
    """Return ``source``; raise TypeError if it is no text."""
    if not isinstance(source, str):
        raise TypeError(f"source must be a str, not {type(source).__name__}")
    return source


def next_revision(last: Revision | None, source: str) -> Revision:
    """Return the revision that follows ``last``.

    Raises UnicodeEncodeError for text that no file could hold (PM-31).
    """
    digest = hashlib.sha256(source.encode("utf-8")).hexdigest()
    return (last[0] + 1 if last else 1, digest)
