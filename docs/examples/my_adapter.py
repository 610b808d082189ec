"""The adapters of the tutorial: say where the parts of an implementation are."""

import persistent_ref
from fixtures.implementation import Implementation


def bare() -> Implementation:
    """A base class that is used without a cache."""
    return Implementation(name="bare", version="1.0", persistent=persistent_ref.Persistent)


def cached() -> Implementation:
    """The same, with its cache."""
    return Implementation(
        name="cached",
        version="1.0",
        persistent=persistent_ref.Persistent,
        cache=persistent_ref.PickleCache,
    )
