"""The clauses of persistent modules hold on every database: in memory, on ZODB and over ZEO.

In memory with the reference they are checked by `check ref`; with what is built in C, on ZODB and
over ZEO.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from typing import Any

import pytest

from conformance.clauses import registry
from conformance.clauses.registry import CHECKS, CLAUSES
from conformance.judging.in_process import PASS, run_check
from tests.persistent_ref.modules.databases import (
    MEMORY,
    ZeoServer,
    implementation,
    memory,
    on_storage,
)

registry.load()

AREAS = ("PM", "PC", "PF", "PI")
JUDGED = [check.id for check in CHECKS.values() if CLAUSES[check.clause].area in AREAS]


@pytest.fixture(scope="module", params=["memory-py", "zodb", "zeo"])
def database(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[tuple[str, Callable[[], Any]]]:
    """The name of an implementation's world, and what makes a new database there."""
    name = request.param
    if name in MEMORY:
        yield name, lambda: memory(name)
    elif name == "zodb":
        yield name, on_storage
    else:
        server = ZeoServer(tmp_path_factory.mktemp("zeo"))
        yield name, server.database
        server.close()


@pytest.mark.parametrize("clause", dict.fromkeys(each.partition(":")[0] for each in JUDGED))
def test_a_clause_holds(database: tuple[str, Callable[[], Any]], clause: str) -> None:
    name, make = database
    made: list[Any] = []

    def modules() -> Any:
        made.append(make())
        return made[-1]

    judged = replace(implementation(name), modules=modules)
    for check in registry.checks_of(clause):
        seen = run_check(judged, check.id)
        while made:
            getattr(made.pop(), "close", list)()
        assert seen["verdict"] == PASS, seen
