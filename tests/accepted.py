"""A target that is wrong where another one is, and in another way."""

from __future__ import annotations

from fixtures.implementation import Implementation
from tests.wrong.making import WRONG, make, wrong

_NAME = "makes new objects as changed ones"


def wrong_in_another_way() -> Implementation:
    """One whose new objects are changed, where `tests.wrong.targets` has one with ghosts."""
    if _NAME not in WRONG:
        wrong(_NAME, "STATE-01", "head", "self.state = UPTODATE", "self.state = 1")
    return make(_NAME)
