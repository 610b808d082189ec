"""Nothing fails and nothing differs where an implementation lacks what it may lack."""

from __future__ import annotations

import importlib
import sys
from itertools import combinations
from pathlib import Path

import pytest

import persistent_ref
from conformance.clauses import registry
from fixtures.operations.domains import PART_NAMES
from fixtures.targets import from_package, load
from tests.partial import ABSENT, ATTRIBUTES, closure, diverging, failing, without

registry.load()
#: The checks by what they need; those of persistent modules need what these are made from.
BY_NEEDS: dict[tuple[str, ...], list[registry.Check]] = {}
for _check in registry.CHECKS.values():
    if "modules" not in _check.needs:
        BY_NEEDS.setdefault(tuple(sorted(_check.needs)), []).append(_check)

#: The scope of the explorer that is about a part, where there is one.
SCOPES = {
    "mapping": "collections",
    "list": "collections",
    "weakref": "weak references",
    "weak_dict": "weak references",
    "timestamp": "timestamps",
}


@pytest.mark.parametrize("needs", sorted(BY_NEEDS), ids=" ".join)
def test_a_check_needs_nothing_but_what_it_says(needs: tuple[str, ...]) -> None:
    with without(*sorted(set(ABSENT) - closure(needs))) as implementation:
        assert [*failing(implementation, BY_NEEDS[needs])] == []


@pytest.mark.parametrize("name", ABSENT)
def test_no_engine_finds_what_is_absent(name: str) -> None:
    scope = SCOPES.get(name, "two-jars")
    with without(name) as implementation:
        found = diverging(
            implementation,
            steps=200,
            machines=("bundles",) if name in PART_NAMES else (),
            scopes=(scope,) if name in PART_NAMES or name in ATTRIBUTES else (),
        )
        assert [*found] == []


@pytest.mark.parametrize("names", [*combinations(ABSENT, 2)], ids=" ".join)
def test_the_walker_finds_nothing_where_two_are_absent(names: tuple[str, ...]) -> None:
    with without(*names) as implementation:
        assert [*diverging(implementation, steps=100)] == []


@pytest.mark.parametrize("name", ["bare", "cached"])
def test_the_adapters_of_the_tutorial_are_conformant(
    name: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(Path(__file__).parents[2] / "docs" / "examples")
    monkeypatch.setattr(sys, "path", [*sys.path])
    implementation = load(f"my_adapter:{name}")
    checks = [check for check in registry.CHECKS.values() if "modules" not in check.needs]
    assert [*failing(implementation, checks)] == []
    scopes = ("callbacks", "two-jars")
    assert [*diverging(implementation, steps=300, machines=("bundles",), scopes=scopes)] == []


#: What modules of the conventional layout may lack, each with the checks that could miss it.
NAMES = [
    ("", "Persistent"),
    ("", "PickleCache"),
    ("", "GHOST UPTODATE CHANGED STICKY"),
    ("", "IPersistent"),
    ("", "TimeStamp"),
    ("interfaces", "GHOST UPTODATE CHANGED STICKY"),
    ("interfaces", "IPersistent"),
    ("interfaces", "IPickleCache"),
    ("interfaces", "IExtendedPickleCache"),
    ("wref", "WeakRef"),
    ("wref", "WeakRefMarker"),
    ("wref", "PersistentWeakKeyDictionary"),
    ("timestamp", "TimeStamp"),
    ("mapping", "PersistentMapping"),
    ("list", "PersistentList"),
    ("datamanager", "open_data_manager"),
    *((name, "") for name in ("persistence", "picklecache", "interfaces", "wref", "timestamp")),
    *((name, "") for name in ("mapping", "list", "datamanager")),
]


@pytest.mark.parametrize(("module", "names"), NAMES)
def test_a_package_may_lack_a_module_and_names(
    module: str, names: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    # What was imported earlier keeps what it has.
    called = f"{persistent_ref.__name__}.{module}".rstrip(".")
    importlib.import_module(called)
    for name in names.split():
        monkeypatch.delattr(sys.modules[called], name)
    if not names:
        monkeypatch.delattr(persistent_ref, module, raising=False)
        monkeypatch.setitem(sys.modules, called, None)
    implementation = from_package(persistent_ref, "ref", "lacking")
    # The reference's own data manager stores what it imports from these modules by name; a check
    # with a process of its own looks at what is freed, and at no name.
    looking = [
        made
        for made in registry.CHECKS.values()
        if made.because is not None and not {"data_manager", "modules"} & {*made.needs}
        if not made.alone
    ]
    assert [*failing(implementation, looking)] == []
