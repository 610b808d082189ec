"""Hypothesis machines over the operation table, for our engines and for other test-suites.

`check_implementation` judges an implementation with `ConformanceMachine`, which has all rules.
The rules are in mixins, one for each part of the protocol, from which other machines can be made:
derive from some of them, add rules of your own, and set ``implementation``.
"""

from stateful.machines.attributes import Attributes
from stateful.machines.bursts import BurstMachine, Bursts
from stateful.machines.cache import Cache
from stateful.machines.checking import check_implementation
from stateful.machines.classes import Classes
from stateful.machines.collections import Collections
from stateful.machines.conformance import ConformanceMachine
from stateful.machines.diverged import Diverged
from stateful.machines.driver import (
    Driver,
    collections,
    dropped,
    objects,
    references,
    weak_dicts,
)
from stateful.machines.eviction import Eviction
from stateful.machines.lifecycle import Lifecycle
from stateful.machines.modules import ModuleMachine, ModulesDiffer, check_modules
from stateful.machines.pickling import Pickling
from stateful.machines.profiles import PROFILES, profile
from stateful.machines.steps import any_step
from stateful.machines.timestamps import Timestamps
from stateful.machines.unit import MACHINES, run_machine
from stateful.machines.weakrefs import WeakReferences

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
