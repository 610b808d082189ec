"""Hypothesis machines over the operation table, for our engines and for other test-suites.

`check_implementation` judges an implementation with `ConformanceMachine`, which has all rules.
The rules are in mixins, one for each part of the protocol, from which other machines can be made:
derive from some of them, add rules of your own, and set ``implementation``.
"""

from stateful.machines.bursts import BurstMachine, Bursts
from stateful.machines.checking import check_implementation
from stateful.machines.driver import (
    Driver,
    collections,
    dropped,
    objects,
    references,
    weak_dicts,
)
from stateful.machines.failure import Diverged
from stateful.machines.modules import ModuleMachine, ModulesDiffer, check_modules
from stateful.machines.profiles import PROFILES, profile
from stateful.machines.rules import (
    Attributes,
    Cache,
    Classes,
    Collections,
    ConformanceMachine,
    Eviction,
    Hostile,
    Lifecycle,
    Pickling,
    Timestamps,
    WeakReferences,
)
from stateful.machines.steps import any_step
from stateful.machines.unit import MACHINES, run_machine

#: What `any_step` was called before.
packed = any_step

__all__ = [
    "MACHINES",
    "PROFILES",
    "Attributes",
    "BurstMachine",
    "Bursts",
    "Cache",
    "Classes",
    "Collections",
    "ConformanceMachine",
    "Diverged",
    "Driver",
    "Eviction",
    "Hostile",
    "Lifecycle",
    "ModuleMachine",
    "ModulesDiffer",
    "Pickling",
    "Timestamps",
    "WeakReferences",
    "any_step",
    "check_implementation",
    "check_modules",
    "collections",
    "dropped",
    "objects",
    "packed",
    "profile",
    "references",
    "run_machine",
    "weak_dicts",
]
