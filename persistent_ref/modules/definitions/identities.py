"""Which definition is which object, and the objects of one module in one process.

All that the source of a module defines is known here by kind, qualified name
and token.  Classes, interfaces and functions know the table of their module;
who executes the source, and who follows its changes, is above it.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
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
    ``replaced`` are those that are: new, with all that is in them.
    """

    known: Mapping[str, tuple[str, str]] = field(default_factory=dict)
    new_token: str = ""
    may_replace: bool | None = None
    replaced: frozenset[str] = frozenset()

    def token(self, kind: str, qualname: str) -> str:
        """Return the token of a definition."""
        known_kind, token = self.known.get(qualname, ("", ""))
        is_known = known_kind == kind and not self.is_replaced(qualname)
        return token if is_known else self.new_token

    def body_key(self, key: str) -> tuple[str, str]:
        """Return the key of a plain function, which goes with what it is defined in."""
        known = [name for name in _around(key.partition("#")[0]) if name in self.known]
        if not known or self.is_replaced(known[0]):
            return key, self.new_token
        return key, self.known[known[0]][1]

    def is_replaced(self, qualname: str) -> bool:
        """Return whether a class, or one that it is in, is replaced by a new one."""
        return any(name in self.replaced for name in _around(qualname))

    def replacing(self, qualname: str) -> Identities:
        """Return what is the same but for a class that is new."""
        return replace(self, replaced=self.replaced | {qualname})


def _around(qualname: str) -> Iterator[str]:
    """Yield a name and those that it is in, the innermost first."""
    while qualname:
        yield qualname
        qualname = qualname.rpartition(".")[0]


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
        #: Classes of metaclasses that have none but their own kind, which are not persistent.
        self.others: dict[str, Any] = {}
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
