"""The driver: what every machine is made on, whatever its rules."""

from __future__ import annotations

import gc
from collections.abc import Sequence
from contextlib import nullcontext
from typing import Any, ClassVar

from hypothesis import strategies as st
from hypothesis.stateful import Bundle, RuleBasedStateMachine, initialize, multiple

from fixtures.implementation import Implementation
from fixtures.operations.table import step as made_step
from fixtures.recording import set_aside
from fixtures.targets import load
from stateful.lockstep.divergence import Signature
from stateful.machines.example import Example, MachineSetup
from stateful.machines.steps import (
    FIRST,
    NEW,
    NEW_REFERENCE,
    OTHER_REFERENCE,
    REFERENCE,
    SECOND,
    OpenStep,
    any_step,
)
from stateful.traces.step import Step

#: Names of objects. What is drawn may be gone: another object's callback can drop it.
objects: Bundle[str] = Bundle("objects")
#: Names of mappings and lists, of dictionaries with weak keys: they are among the objects too.
collections: Bundle[str] = Bundle("collections")
weak_dicts: Bundle[str] = Bundle("weak_dicts")
#: Names that objects had; caches may know their oids.
dropped: Bundle[str] = Bundle("dropped")
#: Names of weak references.
references: Bundle[str] = Bundle("references")

_REFERENCES = ("r", "s", "t")

#: Settings of worlds: mostly a roomy cache or a tiny one.
CONFIGS: st.SearchStrategy[dict[str, Any]] = st.sampled_from(
    [
        {},
        *({"cache_size": size} for size in (0, 1, 2, 3)),
        {"jars": 2},
        *({"jars": 2, "cache_size": size} for size in (1, 3)),
        *({"cache_size_bytes": size} for size in (64, 1000)),
        {"cache_size": 2, "cache_size_bytes": 128},
    ]
)
_PLAIN = any_step("ghost", "create", samples=("Plain",))
_MAKERS = any_step("ghost", "ghost", "create")
#: A ring of six needs six objects; most faults need three.
POPULATIONS: st.SearchStrategy[list[OpenStep]] = st.one_of(
    st.lists(_PLAIN, min_size=3, max_size=8), st.lists(_MAKERS, min_size=3, max_size=4)
)


#: Examples after which what has become old is taken out of the collection of garbage.
_TIDY = 8


class Driver(RuleBasedStateMachine):
    """Drives an implementation in lock-step with the reference; the rules are in mixins.

    Set ``implementation`` to what is to be judged. Its worlds are made at the beginning of each
    run, with `CONFIGS` and `POPULATIONS`. Rules draw names from the Bundles of this module, and
    perform steps with `perform`, `make` and `do`. Nothing but names is in Bundles: an object that
    is kept anywhere outside its world would be kept alive in one world only, and look like a
    difference. ``known`` are signatures that are masked.
    """

    implementation: ClassVar[Implementation | None] = None
    reference: ClassVar[Implementation | None] = None
    known: ClassVar[Sequence[Signature]] = ()
    machine_setup: ClassVar[MachineSetup | None] = None

    def __init__(self) -> None:
        super().__init__()
        self._example: Example | None = None
        #: Whether odd ways to make things are among the steps: in a minority of runs.
        self.strange = False
        self._setup = self._setup_of_class()
        self._setup.counts.examples += 1
        # Objects are to die at the same step in both worlds, so nothing else may collect garbage.
        self._collects = gc.isenabled()
        gc.disable()
        # The step that collects garbage is then fast, however large the test-suite is.
        self._aside = set_aside() if self._collects else nullcontext()
        self._aside.__enter__()

    @classmethod
    def _setup_of_class(cls) -> MachineSetup:
        found = vars(cls).get("machine_setup")
        if found is None:
            if cls.implementation is None:
                raise TypeError(
                    f"{cls.__name__}.implementation: None is no implementation. Set it in the "
                    "class, for example to fixtures.targets.load('my_package')"
                )
            found = MachineSetup(cls.reference or load("ref"), cls.implementation, cls.known)
            cls.machine_setup = found
        return found

    @initialize(
        target=objects,
        config=CONFIGS,
        population=POPULATIONS,
        unmasked=st.sampled_from((False, False, False, True)),
        strange=st.sampled_from((False,) * 15 + (True,)),
    )
    def prepare(
        self, config: dict[str, Any], population: list[OpenStep], unmasked: bool, strange: bool
    ) -> Any:
        """Make the worlds, and some objects."""
        self.strange = strange
        jars = config.get("jars", 1)
        names = ("a", "b", "c", "d", "e", "f", "g", "h")
        made = [
            self._setup.prepared(step, ((NEW, name),), jars)
            for step, name in zip(population, names, strict=False)
        ]
        self._example = self._setup.begin(
            config, [step for step in made if step is not None], unmasked
        )
        return multiple(*self._example.names())

    def teardown(self) -> None:
        """Compare everything once more, and let go of both worlds."""
        try:
            if self._example is not None:
                self._example.end()
        finally:
            self._example = None
            self._aside.__exit__(None, None, None)
            if self._collects:
                gc.enable()
            elif self._setup.tidies and self._setup.counts.examples % _TIDY == 0:
                # What Hypothesis remembers would make each collection of garbage slower.
                gc.collect()
                gc.freeze()

    # For rules

    @property
    def example(self) -> Example:
        """The worlds of this run."""
        assert self._example is not None, "the worlds are made by the rule 'prepare'"
        return self._example

    @property
    def parts(self) -> frozenset[str]:
        """The parts that both implementations have."""
        return self._setup.parts

    def perform(
        self,
        step: Step,
        first: str = "",
        second: str = "",
        *,
        reference: str = "",
        other: str = "",
    ) -> bool:
        """Perform an open step on these objects and weak references; whether it was performed.

        It is not where a name is gone, where an implementation lacks the part, and where it is
        known to differ. Raises `Diverged`.
        """
        names = ((FIRST, first), (SECOND, second), (REFERENCE, reference), (OTHER_REFERENCE, other))
        return self._perform(step, names)

    def make(self, step: Step, first: str = "", second: str = "", name: str | None = None) -> Any:
        """Perform an open step; the name of what it made, for a target, or `multiple()`."""
        new = name or self.example.free_name()
        names = ((FIRST, first), (SECOND, second), (NEW, new or ""))
        if (new is None and step.absent) or not self._perform(step, names):
            return multiple()
        return new if step.absent and new in self.example.names() else multiple()

    def refer(self, step: Step, first: str) -> Any:
        """Perform an open step that makes a weak reference; its name, or `multiple()`."""
        world = self.example.world
        taken = () if world is None else world.references
        new = next((name for name in _REFERENCES if name not in taken), None)
        if new is None or not self._perform(step, ((FIRST, first), (NEW_REFERENCE, new))):
            return multiple()
        return new

    def _perform(self, step: Step, names: tuple[tuple[str, str], ...]) -> bool:
        example = self.example
        made = self._setup.prepared(step, names, example.config.get("jars", 1))
        return made is not None and example.perform(made)

    def do(self, op: str, *arguments: Any, **named: Any) -> bool:
        """Perform the operation called ``op`` with these arguments; whether it was performed.

        Raises `UnknownOperation`, `Diverged`.
        """
        return self.example.perform(Step.of(made_step(op, *arguments, **named)))


def has_room(machine: Driver) -> bool:
    """Whether another object can be made."""
    return machine.example.free_name() is not None


def has_cache(machine: Driver) -> bool:
    """Whether the jars have caches."""
    return "cache" in machine.parts


def has_collections(machine: Driver) -> bool:
    """Whether there are mappings or lists."""
    return not machine.parts.isdisjoint(("mapping", "list"))


def is_strange(machine: Driver) -> bool:
    """Whether things are made in odd ways in this run."""
    return machine.strange


def has_weak_references(machine: Driver) -> bool:
    """Whether there are weak references."""
    return "weakref" in machine.parts


def has_weak_dicts(machine: Driver) -> bool:
    """Whether there are dictionaries with weak keys."""
    return "weak_dict" in machine.parts


def has_timestamps(machine: Driver) -> bool:
    """Whether there are time stamps."""
    return "timestamp" in machine.parts
