"""What an update may do to others, and what it did."""

from __future__ import annotations

import warnings
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Literal

__all__ = [
    "Change",
    "DeletionRefused",
    "DeletionWarning",
    "LayoutRefused",
    "ModuleReloadError",
    "Policy",
]


class DeletionRefused(ValueError):
    """A name or a module that others import was to be deleted (PM-37)."""


class DeletionWarning(UserWarning):
    """A name or a module that others import is deleted (PM-37)."""


class LayoutRefused(TypeError):
    """A class cannot be changed in place, and the policy allows no new one (PC-15)."""


class ModuleReloadError(ImportError):
    """A committed source could not be executed here; the cause is the original error.

    Objects that were loaded before behave as before (PC-18).  An update that can be
    executed heals the module.
    """


@dataclass(frozen=True)
class Change:
    """What an update, or a removal, means for the names of one module.

    ``replaced`` are classes that had to become new objects, ``users`` the
    importers of the names that are gone: by name, the modules that import it.
    """

    module: str
    added: tuple[str, ...] = ()
    deleted: tuple[str, ...] = ()
    replaced: tuple[str, ...] = ()
    users: Mapping[str, tuple[str, ...]] = field(default_factory=dict)


def _ignore(change: Change) -> None:
    pass


def _ignore_imports(importer: str, module: str, names: tuple[str, ...]) -> None:
    pass


@dataclass(frozen=True)
class Policy:
    """How ``Registry.new``, ``update`` and ``remove`` judge.

    ``deletion``: what becomes of the deletion of names that recorded importers
    use.  ``layout``: whether a class that cannot be changed in place may become
    a new class.  ``record_imports``: whether the registry keeps its own books.
    ``on_imports(importer, module, names)`` is told of each module that a source
    imports from; ``on_change(change)`` of each change before it is made, and
    may raise, which refuses it (PM-36).
    """

    deletion: Literal["allow", "warn", "refuse"] = "warn"
    layout: Literal["refuse", "replace"] = "refuse"
    record_imports: bool = True
    on_imports: Callable[[str, str, tuple[str, ...]], None] = _ignore_imports
    on_change: Callable[[Change], None] = _ignore

    def __post_init__(self) -> None:
        if self.deletion not in ("allow", "warn", "refuse"):
            raise ValueError(f"deletion must be allow, warn or refuse, not {self.deletion!r}")
        if self.layout not in ("refuse", "replace"):
            raise ValueError(f"layout must be refuse or replace, not {self.layout!r}")

    def judge(self, change: Change) -> None:
        """Refuse ``change``, warn of it, or let it pass.

        Raises DeletionRefused, and whatever ``on_change`` raises.
        """
        self.on_change(change)
        if not change.users or self.deletion == "allow":
            return
        uses = "; ".join(
            f"{name} is imported by {', '.join(users)}" for name, users in change.users.items()
        )
        if self.deletion == "refuse":
            raise DeletionRefused(
                f"{change.module}: {uses}; change the importers first, or allow it "
                "with Policy(deletion='allow')"
            )
        warnings.warn(f"{change.module}: {uses}", DeletionWarning, stacklevel=4)
