"""Whoever owns processes ends them when a `with` block is left."""

from __future__ import annotations

from abc import ABC, abstractmethod
from types import TracebackType
from typing import TypeVar

_Owner = TypeVar("_Owner", bound="Owner")


class Owner(ABC):
    """Owns processes: a context manager, which ends them."""

    def __enter__(self: _Owner) -> _Owner:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self.close()

    @abstractmethod
    def close(self) -> None:
        """End the processes."""


__all__ = ["Owner"]
