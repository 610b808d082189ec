"""The reference without parts, capabilities or names: what an implementation may lack.

``python -m tests.partial`` judges it without each, and without each pair: slower and more
thoroughly than the tests do.
"""

from __future__ import annotations

import gc
import sys
from collections.abc import Collection, Iterator
from contextlib import contextmanager
from dataclasses import replace
from itertools import combinations

from zope.interface import classImplementsOnly

from conformance.clauses import registry
from conformance.judging.in_process import FAIL, INCONCLUSIVE, run_check
from fixtures.implementation import Implementation
from fixtures.targets import load
from stateful.engines.explorer import Explorer
from stateful.engines.scopes import SCOPES
from stateful.engines.walker import walk
from stateful.machines.unit import MACHINES, run_machine
from tests.wrong import making

PARTS = tuple(part for part in load("ref").parts if part != "persistent")
#: The attributes of a capability, each with the part that it belongs to.
ATTRIBUTES = {
    "status": ("persistent", ("_p_status",)),
    "sticky": ("persistent", ("_p_sticky",)),
    "estimated_size": ("cache", ("total_estimated_size",)),
    "extended_cache": ("cache", ("mru", "reify")),
}
#: All that may be absent, ``package`` being that of the conventional layout.
ABSENT = (*PARTS, "package", *ATTRIBUTES)


#: What else something takes that is needed.
_TAKES = {
    "modules": ("cache", "mapping"),
    "estimated_size": ("cache",),
    "extended_cache": ("cache", "interfaces"),
    "ring": ("cache", "package"),
}


def closure(needs: Collection[str]) -> set[str]:
    """What an implementation has to have for something with these ``needs``."""
    return {*needs, *(taken for need in needs for taken in _TAKES.get(need, ()))}


@contextmanager
def without(*names: str) -> Iterator[Implementation]:
    """The reference without these parts and capabilities, where pickle finds its classes."""
    called = f"without {', '.join(names)}"
    parts = {name: None for name in names if name not in ATTRIBUTES}
    if len(parts) == len(names):
        yield replace(load("ref"), name=called, **parts)
        return
    with making.copied(called) as made:
        for name in names:
            part, attributes = ATTRIBUTES.get(name, ("", ()))
            for attribute in attributes:
                delattr(getattr(made, part), attribute)
        if "extended_cache" in names:
            classImplementsOnly(made.cache, made.interfaces.IPickleCache)
        yield replace(made, **parts)


def failing(implementation: Implementation, checks: Collection[registry.Check]) -> Iterator[str]:
    """Yield the failures of these checks, in words."""
    for check in checks:
        found = run_check(implementation, check.id)
        if found["verdict"] in (FAIL, INCONCLUSIVE):
            yield f"{check.id}: {found['what']}: {found.get('expected')}, {found.get('got')}"


def diverging(
    implementation: Implementation,
    *,
    steps: int,
    machines: Collection[str] = (),
    scopes: Collection[str] = (),
    examples: int = 1,
) -> Iterator[str]:
    """Yield what engines find in so many steps and examples, and in scopes at depth 1, in words."""
    reference = load("ref")
    found = list(walk(reference, implementation, 1, steps).divergences)
    for machine in machines:
        found += run_machine(reference, implementation, 1, examples, machine=machine).divergences
    for name in scopes:
        found += Explorer(reference, implementation, SCOPES[name]).divergences(1)
    for each in found:
        yield f"{each.signature}: {each.expected}, {each.actual}"


def main() -> int:
    """Judge all singles and pairs; the exit code is 1 if anything fails or differs."""
    registry.load()
    gc.disable()
    code = 0
    for number in (1, 2):
        for names in combinations(ABSENT, number):
            # What earlier ones left is not looked at whenever a world collects garbage.
            gc.freeze()
            with without(*names) as implementation:
                found = [
                    *failing(implementation, registry.CHECKS.values()),
                    *diverging(
                        implementation, steps=5000, machines=MACHINES, scopes=SCOPES, examples=25
                    ),
                ]
            print(f"{', '.join(names)}: {len(found)}", *found, sep="\n    ", flush=True)
            code |= bool(found)
    return code


if __name__ == "__main__":
    sys.exit(main())
