"""Wrong implementations as targets of the command line: ``tests.wrong.targets:wrong_...``."""

from __future__ import annotations

from fixtures.implementation import Implementation
from tests.wrong.making import WRONG, load_all, make


def wrong_new_object() -> Implementation:
    """One that a new object shows to be wrong."""
    load_all()
    return make(next(each.name for each in WRONG.values() if "STATE-01" in each.breaks))
