"""Gives an implementation the persistent modules of the reference, so that they are judged on it.

Stays within the standard library: it is called inside the interpreter under test.
"""

import functools
import importlib
from dataclasses import replace

from fixtures.implementation import Implementation

_FACILITY = "persistent_ref.modules.memory"


@functools.lru_cache(maxsize=None)
def with_modules(implementation: Implementation) -> Implementation:
    """``implementation`` with a part ``modules``, if it can have one.

    Its own comes first. The reference needs an object base class, a cache and a mapping, and to
    be there in this interpreter.
    """
    parts = (implementation.persistent, implementation.cache, implementation.mapping)
    if implementation.modules is not None or None in parts:
        return implementation
    try:
        facility = importlib.import_module(_FACILITY)
    except ImportError:
        return implementation
    return replace(implementation, modules=functools.partial(facility.ModuleDatabase, *parts))
