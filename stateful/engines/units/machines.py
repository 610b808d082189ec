"""The machines as an engine, without importing Hypothesis where the work is only dealt out."""

from __future__ import annotations

import itertools
from collections.abc import Iterator

from stateful.engines.engine import Engine, Sides, length
from stateful.processes.isolation import Launch
from stateful.processes.work import Unit

#: The machines that are run, in turn: the fast one, and the one with most rules.
MACHINES = ("bursts", "bundles")
#: Examples that a unit of a campaign runs at most: some seconds; those of the first ones, and those
#: of each machine in a check.
EXAMPLES, _FIRST_EXAMPLES, CHECK_EXAMPLES = 100, 5, 40


def machine_unit(
    target: str, seed: int, machine: str, examples: int = EXAMPLES, reference: str = "ref"
) -> Unit:
    """Running a machine of `stateful.machines.unit.MACHINES` for at least ``examples`` examples.

    The target is loaded where that is done.
    """
    return _unit(Sides(Launch(target), reference=reference), seed, machine, examples)


def _unit(sides: Sides, seed: int, machine: str, examples: int) -> Unit:
    arguments = {"seed": seed, "examples": examples, "machine": machine}
    if sides.are_here:
        here = {"target": sides.target.target, "reference": sides.reference}
        return Unit(PLAYER.name, "stateful.machines.unit:perform_unit", {**arguments, **here})
    arguments["sides"] = sides.to_json()
    return Unit(PLAYER.name, "stateful.machines.elsewhere:play_elsewhere", arguments)


def _check(sides: Sides) -> Iterator[Unit]:
    for seed, machine in enumerate(MACHINES):
        yield _unit(sides, seed, machine, CHECK_EXAMPLES)


def _campaign(sides: Sides, seed: int) -> Iterator[Unit]:
    for number in itertools.count():
        examples = length(number, _FIRST_EXAMPLES, EXAMPLES)
        yield _unit(sides, seed + number, MACHINES[number % len(MACHINES)], examples)


PLAYER = Engine("machines", _check, _campaign, draws_examples=True)
