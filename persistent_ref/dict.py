"""The old name of PersistentMapping."""

import warnings
from typing import Any

from persistent_ref import mapping as _mapping


def __getattr__(name: str) -> Any:
    """Provide ``PersistentDict`` with a DeprecationWarning."""
    if name != "PersistentDict":
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    warnings.warn(
        "PersistentDict is now persistent.mapping.PersistentMapping",
        DeprecationWarning,
        stacklevel=2,
    )
    return _mapping.PersistentMapping
