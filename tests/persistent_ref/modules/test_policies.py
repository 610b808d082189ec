"""Who imports what, and what may be deleted."""

from __future__ import annotations

import warnings
from typing import Any

import pytest

from conformance.clauses.checks.pm_state import LIB, USER
from persistent_ref.modules import Change, DeletionRefused, DeletionWarning, Policy
from persistent_ref.modules.memory import Connection, ModuleDatabase

ALLOW, REFUSE = Policy(deletion="allow"), Policy(deletion="refuse")


@pytest.fixture
def lib(one: Connection) -> Any:
    module = one.registry.new("lib", LIB)
    one.registry.new("user", USER)
    one.registry.new("star", "from lib import *\n")
    one.commit()
    return module


def test_imports_are_recorded_outside_the_source(
    one: Connection, two: Connection, lib: Any
) -> None:
    two.begin()
    for connection in (one, two):
        assert connection.registry.imports("user") == {"lib": ("C", "a", "b")}
        assert connection.registry.importers("lib") == {"star": ("*",), "user": ("C", "a", "b")}
        assert connection.registry.source("lib") == LIB
    one.registry.new("pkg.mod", "x = 1")
    one.registry.new("pkg.other", "from . import mod\nfrom .mod import x\n")
    assert one.registry.importers("pkg.mod") == {"pkg.other": ("x",)}
    one.registry.update("pkg.other", "from . import mod\n")
    assert one.registry.importers("pkg.mod") == {"pkg.other": ()}


def test_a_deletion_is_warned_of(one: Connection, lib: Any) -> None:
    with pytest.warns(DeletionWarning, match=r"lib: C is imported by star, user") as caught:
        change = one.registry.update("lib", LIB.partition("class")[0])
    assert caught[0].filename == __file__
    assert (change.deleted, change.users) == (("C",), {"C": ("star", "user")})
    assert (change.executed, list(change.stale)) == (("star",), ["user"])
    assert not hasattr(lib, "C")


def test_a_deletion_is_refused(world: ModuleDatabase, one: Connection, lib: Any) -> None:
    before, cls = world.written(), lib.C
    with pytest.raises(DeletionRefused, match=r"deletion='allow'"):
        one.registry.update("lib", "a = 2\nnew = 1\n", policy=REFUSE)
    with pytest.raises(DeletionRefused, match="lib is imported by star, user"):
        one.registry.remove("lib", policy=REFUSE)
    assert (lib.a, lib.b(), lib.C, cls().f(), hasattr(lib, "new")) == (1, 1, cls, 1, False)
    assert one.registry.source("lib") == LIB
    one.commit()
    assert world.written() == before
    one.registry.remove("user", policy=REFUSE)
    one.registry.remove("star", policy=REFUSE)
    one.registry.remove("lib", policy=REFUSE)


def test_a_deletion_is_allowed(one: Connection, lib: Any) -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        change = one.registry.update("lib", "a = 1\nd = 1\n", policy=ALLOW)
    assert (change.added, change.deleted) == (("d",), ("C", "b"))


def test_hooks_keep_books_of_their_own(one: Connection) -> None:
    seen: list[Any] = []

    def refuse(change: Change) -> None:
        if change.deleted:
            raise PermissionError(change.deleted)

    policy = Policy(
        record_imports=False, on_imports=lambda *each: seen.append(each), on_change=refuse
    )
    lib = one.registry.new("lib", LIB, policy=policy)
    one.registry.new("user", USER, policy=policy)
    assert seen == [("user", "lib", ("C", "a", "b"))]
    assert one.registry.imports("user") == {}
    with pytest.raises(PermissionError, match="'C', 'b'"):
        one.registry.update("lib", "a = 1\n", policy=policy)
    assert (lib.b(), one.registry.source("lib")) == (1, LIB)


def test_a_policy_knows_its_words() -> None:
    wrong: Any = "forbid"
    with pytest.raises(ValueError, match="deletion must be allow, warn or refuse, not 'forbid'"):
        Policy(deletion=wrong)
    with pytest.raises(ValueError, match="layout must be refuse or replace, not 'forbid'"):
        Policy(layout=wrong)
