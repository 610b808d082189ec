"""What an update may do to others, and what it did."""

from __future__ import annotations

import warnings
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Literal

from persistent_ref.modules.storing.scanning import Uses

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
    ``executed`` are the importers of the module that were executed again, as
    what they have made of it, or done to it, is to be as in a new process;
    ``stale`` those that were not, and why.  ``stored`` are the uses of what is
    gone in the database: records that are instances of it, and others that refer
    to it.
    """

    module: str
    added: tuple[str, ...] = ()
    deleted: tuple[str, ...] = ()
    replaced: tuple[str, ...] = ()
    users: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    stored: Mapping[str, Uses] = field(default_factory=dict)
    executed: tuple[str, ...] = ()
    stale: Mapping[str, str] = field(default_factory=dict)


def _ignore(change: Change) -> None:
    pass


def _ignore_imports(importer: str, module: str, names: tuple[str, ...]) -> None:
    pass


@dataclass(frozen=True)
class Policy:
    """How ``Registry.new``, ``update`` and ``remove`` judge.

    ``deletion``: what becomes of the deletion of names that recorded importers
    or stored objects use.  ``count_stored``: whether the records of the database
    are read for that, all of them, when something is deleted.  ``execute_importers``:
    whether the recorded importers of a module are executed again with it (PM-55).
    ``layout``: whether a class that cannot be changed in place may become a new class.
    ``record_imports``: whether the registry keeps its own books.
    ``on_imports(importer, module, names)`` is told of each module that a source
    imports from; ``on_change(change)`` of each change before it is made, and
    may raise, which refuses it (PM-36).
    """

    deletion: Literal["allow", "warn", "refuse"] = "warn"
    layout: Literal["refuse", "replace"] = "refuse"
    record_imports: bool = True
    count_stored: bool = True
    execute_importers: bool = True
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
        if not (change.users or change.stored) or self.deletion == "allow":
            return
        uses = "; ".join(_uses_of(change))
        if self.deletion == "refuse":
            raise DeletionRefused(
                f"{change.module}: {uses}; change what uses them first, or allow it "
                "with Policy(deletion='allow')"
            )
        warnings.warn(f"{change.module}: {uses}", DeletionWarning, stacklevel=4)


def _uses_of(change: Change) -> Iterator[str]:
    for name, users in change.users.items():
        yield f"{name} is imported by {', '.join(users)}"
    for name, uses in change.stored.items():
        yield (
            f"the database has {uses.instances} instances of {name}, and {uses.references} "
            "other objects that refer to it"
        )
