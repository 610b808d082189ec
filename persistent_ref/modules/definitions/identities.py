"""Which definition is which object, and the objects of one module in one process.

All that the source of a module defines is known here by kind, qualified name
and token.  Classes, interfaces and functions know the table of their module;
who executes the source, and who follows its changes, is above it.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from types import CodeType, ModuleType
from typing import Any, Protocol
from weakref import WeakSet, WeakValueDictionary

from persistent_ref.modules.sources.revision import Revision

__all__ = ["Follower", "Identities", "Table"]


@dataclass(frozen=True)
class Identities:
    """Which definition is which object: kind and token by qualified name.

    A name that is not among ``known``, or was of another kind, gets
    ``new_token``: it is a new object, even if there was one of that name
    before (PM-45).  ``may_replace`` is for classes that cannot be changed in
    place; None if they were replaced already where the source was written.
    """

    known: Mapping[str, tuple[str, str]] = field(default_factory=dict)
    new_token: str = ""
    may_replace: bool | None = None

    def token(self, kind: str, qualname: str) -> str:
        """Return the token of a definition."""
        known_kind, token = self.known.get(qualname, ("", ""))
        return token if known_kind == kind else self.new_token

    def body_key(self, key: str) -> tuple[str, str]:
        """Return the key of a plain function, which goes with what it is defined in."""
        outermost = key.partition("#")[0].partition(".")[0]
        return key, self.known.get(outermost, ("", self.new_token))[1]


class Follower(Protocol):
    """Keeps what a module has defined at the revision of its record."""

    def use(self) -> ModuleType:
        """Return the module, executed at that revision; raise what prevents it."""

    def notice(self, revision: Revision | None) -> None:
        """Follow, as something of the module is stored at ``revision``."""


class Table:
    """What one module has defined in this process, and what came of its source.

    ``revision`` is what was executed last, ``error`` why a later revision could
    not be.  Nothing here is stored.
    """

    def __init__(self, record: Any, follower: Follower) -> None:
        self.record = record
        self.follower = follower
        self.name: str = record.name
        #: The name as classes have it, by which tools find the module.
        self.key: Any = record.name
        self.revision: Revision | None = None
        self.error: BaseException | None = None
        #: The execution of the source that is under way, or None.
        self.execution: Any = None
        self.code: CodeType | None = None
        #: The dict of the module.
        self.namespace: dict[str, Any] = {}
        #: What the source defines at present, by qualified name.
        self.definitions: dict[str, Any] = {}
        #: The plain functions in use, by key in the marked source and token.
        self.bodies: WeakValueDictionary[tuple[str, str], Any] = WeakValueDictionary()
        #: The names that definitions had before, by those that they have.
        self.former: Mapping[str, str] = {}
        #: The modules that the last execution has imported, and those that have imported this one.
        self.imported: set[Table] = set()
        self.importers: WeakSet[Table] = WeakSet()
        #: Whether a module was executed that this one has imported before.
        self.is_stale = False
        #: The data that were set after the last execution, see ``overlay``.
        self.overlaid: Mapping[tuple[str, str], Any] | None = None
        # All that was ever defined here and is still in use: what an abort
        # brings back is the same object.
        self._objects: WeakValueDictionary[tuple[str, str, str], Any] = WeakValueDictionary()

    def get(self, kind: str, qualname: str, token: str) -> Any:
        """Return what was defined here under that identity and is in use, or None.

        It may have been defined under a name that it had before.
        """
        names = [qualname]
        while True:
            found = self._objects.get((kind, names[-1], token))
            before = self.former.get(names[-1])
            if found is not None or before is None or before in names:
                return found
            names.append(before)

    def why_undefined(self, qualname: str) -> str:
        """Return why there is nothing behind an identity."""
        if self.error is not None:
            error = f"{type(self.error).__name__}: {self.error}"
            return f"the module {self.name!r} cannot be executed: {error}"
        return f"{self.name} does not define {qualname} any more"

    def remember(self, kind: str, qualname: str, token: str, value: Any) -> None:
        """Note the object of an identity."""
        self._objects[kind, qualname, token] = value

    @contextmanager
    def errors_kept(self) -> Iterator[None]:
        """Keep an error of a reload for the next use (PC-18)."""
        try:
            yield
        except (Exception, SystemExit) as error:
            self.error = error
