"""Functions made by functions: those that are held elsewhere follow, too.

What ``make`` of a module has returned before an update is a function with the
old code.  Nobody keeps a list of these; the garbage collector knows who refers
to a code object.
"""

from __future__ import annotations

import gc
from collections.abc import Iterator
from types import CodeType, FunctionType
from typing import Any

from persistent_ref.modules.executing.bodies import restore, saved

__all__ = ["undo", "update_closures"]

_LOCAL = 0x0002 | 0x0001  # CO_NEWLOCALS | CO_OPTIMIZED: the code of a function.


def update_closures(old: CodeType, new: CodeType, namespace: dict[str, Any]) -> list[Any]:
    """Give functions with nested code of ``old`` its successor in ``new``.

    Only code with the same name in the same place and with the same free
    variables has one.  Returns pairs for ``bodies.restore``.
    """
    before, after = dict(_local_code(old)), dict(_local_code(new))
    successors = {
        id(code): after[key]
        for key, code in before.items()
        if key in after and after[key] != code and after[key].co_freevars == code.co_freevars
    }
    changed = []
    codes = [code for code in before.values() if id(code) in successors]
    for function in gc.get_referrers(*codes) if codes else ():
        if isinstance(function, FunctionType) and function.__globals__ is namespace:
            successor = successors.get(id(function.__code__))
            if successor is not None:
                changed.append((function, saved(function)))
                function.__code__ = successor
    return changed


def undo(changed: list[Any]) -> None:
    """Bring the functions back that ``update_closures`` has changed."""
    for function, parts in changed:
        restore(function, parts)


def _local_code(code: CodeType, path: str = "", local: bool = False) -> Iterator[Any]:
    """Yield path and code of all that is defined inside functions."""
    count: dict[str, int] = {}
    for constant in code.co_consts:
        if isinstance(constant, CodeType):
            number = count[constant.co_name] = count.get(constant.co_name, -1) + 1
            inner = f"{path}.{constant.co_name}#{number}"
            if local:
                yield inner, constant
            is_function = constant.co_flags & _LOCAL == _LOCAL
            yield from _local_code(constant, inner, local or is_function)
