"""A module in ``sys.modules`` while its source is executed.

Some decorators look for the module of a class there: ``dataclass``, for
annotations that are strings.  Imports of persistent modules do not (PM-16),
so that the place is free again afterwards, and an ordinary module keeps it.
There is one place for a name, and threads may execute modules of that name at
the same time: what stands there shows each of them its own (PM-58).
"""

from __future__ import annotations

import importlib
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from functools import partial
from types import ModuleType

from persistent_ref.modules.definitions.places import Place

__all__ = ["visible"]

_lock = threading.Lock()
#: How many executions of a module of that name are under way.
_executing: dict[str, int] = {}
_of_thread = threading.local()


def _seen(name: str, module: ModuleType) -> ModuleType:
    """Return the module of a name that this thread executes, or else ``module``."""
    stack = vars(_of_thread).get(name)
    found: ModuleType = stack[-1] if stack else module
    return found


@contextmanager
def visible(module: ModuleType, name: str) -> Iterator[None]:
    """Let ``sys.modules`` have ``module``, unless it has an ordinary one of that name."""
    if name.partition(".")[0] in sys.stdlib_module_names and name not in sys.modules:
        # Python's own code must not find another module where it looks for this one.
        with suppress(ImportError):
            importlib.import_module(name)
    stack = vars(_of_thread).setdefault(name, [])
    stack.append(module)
    with _lock:
        is_ours = name in _executing or name not in sys.modules
        if is_ours:
            _executing[name] = _executing.get(name, 0) + 1
            sys.modules.setdefault(name, Place(name, partial(_seen, name, module)))
    try:
        yield
    finally:
        stack.pop()
        if is_ours:
            with _lock:
                _executing[name] -= 1
                if not _executing[name]:
                    del _executing[name]
                    sys.modules.pop(name, None)
