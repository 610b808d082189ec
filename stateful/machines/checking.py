"""One function that checks an implementation with a machine."""

from __future__ import annotations

import secrets
import types
import unittest
from collections.abc import Iterable
from os import PathLike
from pathlib import Path

import hypothesis
from hypothesis.stateful import run_state_machine_as_test

from fixtures.implementation import Implementation
from fixtures.targets import load
from stateful.lockstep.divergence import Divergence, Signature
from stateful.lockstep.lockstep import quiet_garbage
from stateful.lockstep.shrink import shrink_divergence
from stateful.machines.driver import Driver
from stateful.machines.example import Counts, MachineSetup
from stateful.machines.failure import Diverged, explained
from stateful.machines.profiles import profile
from stateful.machines.regressions import regressed, remember
from stateful.machines.rules import ConformanceMachine


def check_implementation(
    implementation: Implementation,
    *,
    settings: hypothesis.settings | str | None = None,
    seed: int | None = None,
    known: Iterable[Signature | str] = (),
    machine: type[Driver] = ConformanceMachine,
    reference: Implementation | None = None,
    regressions: str | PathLike[str] | None = None,
) -> Counts:
    """Drive ``implementation`` in lock-step with the reference until they differ.

    ``settings`` are those of Hypothesis, or the name of a profile: quick (which is the default), ci
    or deep. A run with the same ``seed`` does the same, unless the example database holds failures
    of an earlier one, which come first. Signatures that are ``known`` are masked. ``regressions``
    is a directory of divergences that were found before: they are replayed before anything is
    generated, and a new one is written there. Returns how much was done. Raises `Diverged`, an
    AssertionError with the trace in words; ValueError; `BadTrace`.
    """
    reference = reference or load("ref")
    masked = [_signature(each) for each in known]
    chosen = profile("quick") if settings is None else settings
    if isinstance(chosen, str):
        chosen = profile(chosen)
    seed = secrets.randbits(32) if seed is None else seed
    folder = None if regressions is None else Path(regressions)
    setup = MachineSetup(reference, implementation, masked, supervised=True)
    with quiet_garbage():
        if folder is not None:
            setup.counts.replayed, again = regressed(reference, implementation, folder, setup.known)
            if again is not None:
                raise Diverged(explained(again, reference, implementation), again)
        found = search(machine, setup, chosen, seed)
        if found is None:
            return _something(setup.counts)
        smallest = shrink_divergence(reference, implementation, found, setup.known)
        text = explained(smallest, reference, implementation, seed)
        if folder is not None:
            text += f"\n  written  {remember(folder, smallest)}"
    raise Diverged(text, smallest)


def _something(done: Counts) -> Counts:
    if done.examples or done.replayed:
        return done
    raise ValueError(
        "settings: nothing was run. Without the phase 'generate' the example database has to hold "
        "examples, or the directory of regressions traces"
    )


def _signature(given: Signature | str) -> Signature:
    return Signature.parse(given) if isinstance(given, str) else given


def search(
    machine: type[Driver], setup: MachineSetup, settings: hypothesis.settings, seed: int
) -> Divergence | None:
    """Run ``machine`` on ``setup`` until it diverges; what it found, or None."""
    # The name is part of the key under which Hypothesis keeps examples.
    name = f"{machine.__name__} of {setup.target.name}"
    body = {"machine_setup": setup, "__module__": machine.__module__, "__qualname__": name}
    configured: type[Driver] = types.new_class(
        name, (machine,), exec_body=lambda ns: ns.update(body)
    )
    try:
        run_state_machine_as_test(hypothesis.seed(seed)(configured), settings=settings)
    except Diverged as diverged:
        return diverged.divergence
    except unittest.SkipTest:
        # Without the phase that generates, and with nothing in the database.
        pass
    return None
