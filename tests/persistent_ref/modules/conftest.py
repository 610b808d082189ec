"""Every test of persistent modules runs in each world."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.persistent_ref.modules.worlds import WORLDS, Connection, World, make_world


@pytest.fixture(params=WORLDS)
def world(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[World]:
    world = make_world(request.param, tmp_path)
    yield world
    world.close()


@pytest.fixture
def one(world: World) -> Connection:
    """The connection that writes first."""
    return world.first


@pytest.fixture
def two(world: World) -> Connection:
    """Another connection, as it were in another process."""
    return world.open()
