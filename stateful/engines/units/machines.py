"""The machines as units of work, without importing Hypothesis where the work is only dealt out."""

from __future__ import annotations

from stateful.processes.work import Unit

#: The machines that a campaign runs, in turn: the fast one, and the one with most rules.
MACHINES = ("bursts", "bundles")
#: Examples that a unit of a campaign runs: some seconds.
EXAMPLES = 100


def machine_unit(
    target: str, seed: int, machine: str, examples: int = EXAMPLES, reference: str = "ref"
) -> Unit:
    """Running a machine of `stateful.machines.unit.MACHINES` for at least ``examples`` examples."""
    arguments = {
        "target": target,
        "seed": seed,
        "examples": examples,
        "machine": machine,
        "reference": reference,
    }
    return Unit("machines", "stateful.machines.unit:perform_unit", arguments)
