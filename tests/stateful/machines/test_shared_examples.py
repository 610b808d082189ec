"""Examples of the machines are shared through a database, where that is asked for."""

from __future__ import annotations

import shutil
import socket
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from stateful.machines.profiles import profile
from stateful.processes.work import Post, Unit
from tests.conftest import Run

redis = pytest.importorskip("redis")

TARGET = "persistent-py"


@pytest.fixture(scope="module")
def address(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """A database on loopback."""
    server = shutil.which("redis-server")
    if server is None:
        pytest.skip("there is no redis-server: apt-get install redis-server")
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    process = subprocess.Popen(
        [server, "--bind", "127.0.0.1", "--port", str(port), "--save", "", "--appendonly", "no"],
        cwd=tmp_path_factory.mktemp("redis"),
        stdout=subprocess.PIPE,
    )
    try:
        assert process.stdout is not None
        for line in process.stdout:
            if b"Ready to accept connections" in line:
                break
        yield f"redis://127.0.0.1:{port}"
    finally:
        process.kill()
        process.wait()
        if process.stdout is not None:
            process.stdout.close()


def _found(seed: int, database: str | None) -> str:
    """The signature of what the first example of this seed finds."""
    found: list[str] = []

    def send(kind: str, content: Any) -> None:
        if kind == "found":
            found.append(content["signature"])

    arguments = {"target": TARGET, "reference": "ref", "machine": "bundles", "database": database}
    unit = Unit("machines", "stateful.machines.unit:perform_unit", arguments)
    unit.resolve()(Post(send), **arguments, seed=seed, examples=1)
    return found[0]


def test_what_failed_for_one_is_tried_first_by_all_others(address: str) -> None:
    alone, other = (_found(seed, database=None) for seed in (3, 2))
    assert alone != other
    assert _found(2, address) == other
    assert redis.Redis.from_url(address).keys("persistent-conformance:*")
    assert _found(3, address) == other


def test_a_profile_can_name_it(address: str) -> None:
    assert "Redis" in repr(profile("quick", examples=address).database)


def test_a_database_that_does_not_answer_is_one_message(run: Run, tmp_path: Path) -> None:
    result = run("fuzz", "ref", "--examples", "redis://127.0.0.1:1", "--output", tmp_path)
    assert result.exit_code == 2
    assert "no database answers at 'redis://127.0.0.1:1'" in result.output


def test_units_of_a_campaign_are_given_it(address: str) -> None:
    from stateful.engines.campaign import Plan, units
    from stateful.engines.engine import Sides
    from stateful.processes.isolation import Launch

    plan = Plan(Sides(Launch("ref")), ("walker", "machines"), examples=address)
    dealt = units(plan)
    made = [next(dealt) for _ in range(2)]
    assert [unit.arguments.get("database") for unit in made] == [None, address]
