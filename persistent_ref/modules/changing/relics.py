"""The last sources of what is not defined any more (PM-45)."""

from __future__ import annotations

from typing import Any

__all__ = ["newest_relic"]


def newest_relic(record: Any, name: str) -> Any:
    """Return the record of the last source that defined ``name``, or None."""
    tokens = [token for known, token in record.relics.objects if known == name]
    if not tokens:
        return None
    last = max(tokens, key=lambda token: int(token.partition(".")[0] or 0))
    return record.relics.objects[name, last]
