"""Every test of persistent modules runs on each database that is quickly made."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from persistent_ref.modules.memory import Connection, ModuleDatabase
from tests.persistent_ref.modules.databases import MEMORY, memory, on_storage


@pytest.fixture(params=[*MEMORY, "zodb"])
def world(request: pytest.FixtureRequest) -> Iterator[ModuleDatabase]:
    """A new database that holds an empty registry."""
    if request.param in MEMORY:
        yield memory(request.param)
    else:
        database = on_storage()
        yield database
        database.close()


@pytest.fixture
def one(world: ModuleDatabase) -> Connection:
    """The connection that writes first."""
    return world.open()


@pytest.fixture
def two(world: ModuleDatabase) -> Connection:
    """Another connection, as it were in another process."""
    return world.open()
