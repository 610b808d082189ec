"""Objects of which a process has one."""

from __future__ import annotations

from typing import Any

__all__ = ["Unique"]


class Unique:
    """What ``copy`` leaves as it is, like a function or a class."""

    __slots__ = ()

    def __copy__(self) -> Any:
        return self

    def __deepcopy__(self, memo: Any) -> Any:
        return self
