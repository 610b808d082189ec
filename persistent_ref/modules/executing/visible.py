"""A module in ``sys.modules`` while its source is executed.

Some decorators look for the module of a class there: ``dataclass``, for
annotations that are strings.  Imports of persistent modules do not (PM-16),
so that the place is free again afterwards, and an ordinary module keeps it.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from threading import Lock
from types import ModuleType

__all__ = ["visible"]

_lock = Lock()
#: How many threads execute a module of that name; of several connections, say.
_executing: dict[str, int] = {}


@contextmanager
def visible(module: ModuleType, name: str) -> Iterator[None]:
    """Let ``sys.modules`` have ``module``, unless it has another one of that name."""
    with _lock:
        is_ours = name in _executing or name not in sys.modules
        if is_ours:
            _executing[name] = _executing.get(name, 0) + 1
            sys.modules.setdefault(name, module)
    try:
        yield
    finally:
        if is_ours:
            with _lock:
                _executing[name] -= 1
                if not _executing[name]:
                    del _executing[name]
                    sys.modules.pop(name, None)
