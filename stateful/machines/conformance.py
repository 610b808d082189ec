"""The machine that has all rules."""

from __future__ import annotations

from stateful.machines.attributes import Attributes
from stateful.machines.bursts import Bursts
from stateful.machines.cache import Cache
from stateful.machines.classes import Classes
from stateful.machines.collections import Collections
from stateful.machines.eviction import Eviction
from stateful.machines.lifecycle import Lifecycle
from stateful.machines.pickling import Pickling
from stateful.machines.timestamps import Timestamps
from stateful.machines.weakrefs import WeakReferences


class ConformanceMachine(
    Lifecycle,
    Attributes,
    Cache,
    Eviction,
    Pickling,
    Collections,
    WeakReferences,
    Classes,
    Timestamps,
    Bursts,
):
    """Every rule: one for each kind of step on each part of the protocol, and bursts of them."""
