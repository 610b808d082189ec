"""The faults that `benchmarks/faults.py` plants fit the release that they are written for."""

from __future__ import annotations

from importlib import metadata, util
from pathlib import Path

import pytest

from benchmarks.fault_list import AREAS, FAULTS, VERSION, Fault
from conformance.clauses import registry


def _source(module: str) -> str:
    """The source of a module of the release, where it is installed."""
    try:
        version = metadata.version("persistent")
    except metadata.PackageNotFoundError:
        pytest.skip("persistent is not installed")
    if version != VERSION:
        pytest.skip(f"persistent {version} is installed, the faults are written for {VERSION}")
    found = util.find_spec("persistent")
    assert found is not None
    assert found.origin is not None
    return (Path(found.origin).parent / f"{module}.py").read_text(encoding="utf-8")


@pytest.mark.parametrize("fault", FAULTS, ids=lambda fault: fault.name)
def test_each_fault_fits_the_release_and_leaves_a_module_of_python(fault: Fault) -> None:
    source = _source(fault.module)
    changed = fault.applied(source)
    compile(changed, fault.module, "exec")
    assert changed != source


def test_a_fault_that_does_not_fit_is_refused() -> None:
    with pytest.raises(ValueError, match="stands 0 times"):
        FAULTS[0].applied("")


def test_there_are_forty_and_four_of_each_area() -> None:
    assert len({fault.name for fault in FAULTS}) == len(FAULTS) >= 40
    assert {fault.area for fault in FAULTS} == set(AREAS)
    for area in AREAS:
        assert sum(fault.area == area for fault in FAULTS) >= 4, area


def test_each_fault_breaks_a_clause_of_the_registry() -> None:
    registry.load()
    assert {fault.clause for fault in FAULTS} <= set(registry.CLAUSES)
