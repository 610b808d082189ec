"""What a source has registered elsewhere, while it is executed again.

A registry may refuse a name that it has.  It may ask whether that is because a
module is executed again; and if it does not ask, it is shown a place that is free.
"""

from __future__ import annotations

import gc
import threading
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from typing import Any

__all__ = ["announced", "executed_again", "withdrawn"]

_of_thread = threading.local()


def executed_again() -> str | None:
    """Return the name of the module that is executed again in this thread; None if none is."""
    stack: list[str] = vars(_of_thread).get("stack", [])
    return stack[-1] if stack else None


@contextmanager
def announced(name: str) -> Iterator[None]:
    """Tell those who ask that a module is executed again."""
    stack = vars(_of_thread).setdefault("stack", [])
    stack.append(name)
    try:
        yield
    finally:
        stack.pop()


@contextmanager
def withdrawn(definitions: Iterable[Any], own: Iterable[Any]) -> Iterator[bool]:
    """Take ``definitions`` out of all registries, and put them back unless they are there again.

    A registry is a dict that has one of them as a value, and is not the namespace
    of a module, a class or a function, nor among ``own``.  Yields whether there are any.
    """
    passed_over = {id(each) for each in own}
    wanted = {id(each): each for each in definitions}
    entries = [
        (found, key, value)
        for found in gc.get_referrers(*wanted.values())
        if type(found) is dict and id(found) not in passed_over and not _is_namespace(found)
        for key, value in list(found.items())
        if isinstance(key, str) and id(value) in wanted
    ]
    for found, key, _ in entries:
        found.pop(key, None)
    try:
        yield bool(entries)
    finally:
        for found, key, value in entries:
            found.setdefault(key, value)


def _is_namespace(found: dict[Any, Any]) -> bool:
    return "__module__" in found or "__builtins__" in found
