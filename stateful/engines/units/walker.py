"""The walker as an engine: each run is a part of a unit."""

from __future__ import annotations

import itertools
from collections.abc import Iterator, Mapping
from typing import Any

from stateful.engines.elsewhere import Elsewhere
from stateful.engines.engine import Engine, Sides, length
from stateful.engines.walker import COVERED, Draws, Walk
from stateful.engines.walking_elsewhere import WalkElsewhere
from stateful.lockstep.lockstep import quiet_garbage
from stateful.processes.work import Post, Unit, loaded
from stateful.traces.step import Step

#: Steps that a unit of a campaign performs at most: some seconds; and those of the first ones.
STEPS, _FIRST_STEPS = 20_000, 1000
#: Walks of a check, and the steps of each.
SEEDS, CHECK_STEPS = (0, 1), 6_000


def walker_unit(target: str, seed: int, steps: int = STEPS, reference: str = "ref") -> Unit:
    """A walk of at least ``steps`` steps over a target that is loaded where it is performed."""
    arguments = {"target": target, "seed": seed, "steps": steps, "reference": reference}
    return Unit(WALKER.name, "stateful.engines.units.walker:walk_unit", arguments)


def _unit(sides: Sides, seed: int, steps: int = STEPS) -> Unit:
    if sides.are_here:
        return walker_unit(sides.target.target, seed, steps, sides.reference)
    arguments = {"sides": sides.to_json(), "seed": seed, "steps": steps}
    return Unit(WALKER.name, "stateful.engines.units.walker:walk_elsewhere", arguments)


def _check(sides: Sides) -> Iterator[Unit]:
    for seed in SEEDS:
        yield _unit(sides, seed, CHECK_STEPS)


def _campaign(sides: Sides, seed: int) -> Iterator[Unit]:
    for number in itertools.count():
        yield _unit(sides, seed + number, length(number, _FIRST_STEPS, STEPS))


WALKER = Engine("walker", _check, _campaign)


def walk_elsewhere(post: Post, sides: Mapping[str, Any], seed: int, steps: int) -> dict[str, Any]:
    """Walk until ``steps`` steps are performed; what ends a target is told as what it is."""
    with Elsewhere.of(post, sides) as there:
        walked = WalkElsewhere(there, seed, post.covered)
        performed = 0
        for _ in walked.divergences(steps):
            post.count(steps=walked.result.steps - performed)
            performed = walked.result.steps
        result = walked.result
        post.count(steps=result.steps - performed, runs=result.runs, known=there.known_runs)
        return {"skipped": result.skipped, "flaky": result.flaky}


def walk_unit(post: Post, target: str, seed: int, steps: int, reference: str) -> dict[str, Any]:
    """Walk until ``steps`` steps are performed; runs behind a lost one go on counting."""
    one, other = loaded(reference), loaded(target)
    walked = Walk(one, other, seed, post.known, post if post.only is None else None)
    with quiet_garbage():
        if post.only is not None:
            number = post.only[0]
            config = Draws(one, other, seed).run(number).config
            walked.perform(number, lambda step, before: post.step(config, step, before))
            return {}
        number, before = (0, 0) if post.after is None else post.after
        number += post.after is not None and not post.again
        _walk(post, walked, number, before, steps)
    return {"skipped": walked.result.skipped, "flaky": walked.result.flaky}


def _walk(post: Post, walked: Walk, number: int, before: int, steps: int) -> None:
    while before + walked.result.steps < steps:
        post.part([number, before + walked.result.steps])
        performed = walked.result.steps
        walked.perform(number, _noting(post) if number % COVERED == 0 else None)
        post.count(steps=walked.result.steps - performed, runs=1)
        number += 1


def _noting(post: Post) -> Any:
    def note(step: Step, before: str) -> None:
        post.covered(step.label, before)

    return note
