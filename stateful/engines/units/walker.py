"""The walker as a unit of work: each run is a part."""

from __future__ import annotations

from typing import Any

from stateful.engines.remote import COVERED, RemoteWalk
from stateful.engines.walker import Draws, Walk
from stateful.lockstep.lockstep import quiet_garbage
from stateful.processes.isolation import Launch
from stateful.processes.work import Post, Unit, loaded
from stateful.traces.step import Step

#: Steps that a unit of a campaign performs: some seconds.
STEPS = 20_000


def walker_unit(target: str, seed: int, steps: int = STEPS, reference: str = "ref") -> Unit:
    """A walk of at least ``steps`` steps."""
    arguments = {"target": target, "seed": seed, "steps": steps, "reference": reference}
    return Unit("walker", "stateful.engines.units.walker:walk_unit", arguments)


def remote_unit(launch: Launch, seed: int, steps: int = STEPS, reference: str = "ref") -> Unit:
    """A walk over a target in another interpreter: nothing is loaded here."""
    arguments = {
        "remote": launch.target,
        "python": launch.python,
        "seed": seed,
        "steps": steps,
        "reference": reference,
    }
    return Unit("walker", "stateful.engines.units.walker:walk_remotely", arguments)


def walk_remotely(
    post: Post, remote: str, python: str, seed: int, steps: int, reference: str
) -> dict[str, Any]:
    """Walk until ``steps`` steps are performed; what ends the target is told as what it is."""
    with RemoteWalk(
        loaded(reference),
        Launch(remote, python, post.patience),
        seed,
        post.known,
        shrinking=post.shrinking,
        alive=post.alive,
        settled=post.settled,
        covered=post.covered,
    ) as walked:
        performed = 0
        for found in walked.divergences(steps):
            post.found(found)
            post.count(steps=walked.result.steps - performed)
            performed = walked.result.steps
        post.count(steps=walked.result.steps - performed, runs=walked.result.runs)
        return {"skipped": walked.result.skipped, "flaky": walked.result.flaky}


def walk_unit(post: Post, target: str, seed: int, steps: int, reference: str) -> dict[str, Any]:
    """Walk until ``steps`` steps are performed; runs behind a lost one go on counting."""
    one, other = loaded(reference), loaded(target)
    walked = Walk(one, other, seed, post.known, shrinking=post.shrinking)
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
        found = walked.perform(number, _noting(post) if number % COVERED == 0 else None)
        post.settled(found)
        post.count(steps=walked.result.steps - performed, runs=1)
        number += 1


def _noting(post: Post) -> Any:
    def note(step: Step, before: str) -> None:
        post.covered(step.label, before)

    return note
