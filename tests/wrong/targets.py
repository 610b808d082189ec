"""Wrong implementations as targets of the command line.

``tests.wrong.targets:records_no_access`` is the one called "records no access".
"""

from __future__ import annotations

import re
from collections.abc import Callable

from fixtures.implementation import Implementation
from tests.wrong.making import WRONG, load_all, make


def wrong_new_object() -> Implementation:
    """One that a new object shows to be wrong."""
    load_all()
    return make(next(each.name for each in WRONG.values() if "STATE-01" in each.breaks))


def name_of(wrong: str) -> str:
    """The name in this module of the wrong implementation that is called so."""
    return re.sub(r"\W", "_", wrong)


def __getattr__(name: str) -> Callable[[], Implementation]:
    load_all()
    for wrong in WRONG:
        if name_of(wrong) == name:
            return lambda: make(wrong)
    raise AttributeError(f"there is no wrong implementation {name!r}")
