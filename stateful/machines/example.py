"""An example: the worlds of one run of a machine, and what becomes of their differences."""

from __future__ import annotations

import gc
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from fixtures.errors import Unsupported
from fixtures.implementation import Implementation
from fixtures.world import JAR_NAMES, World, settings_for
from stateful.engines.choices import absent_for, classes_for, operations_for, samples_for
from stateful.lockstep.divergence import Divergence, Masked, Signature
from stateful.lockstep.lockstep import Lockstep, Pass, divergence, first_difference
from stateful.lockstep.shrink import shrink_divergence
from stateful.machines.failure import error_for, explained
from stateful.machines.steps import renamed
from stateful.traces.naming import NAMES
from stateful.traces.step import Step

#: Steps between two full comparisons.
INTERVAL = 16
#: How often a run starts over after something that is known.
_STARTS = 4
#: Prepared steps that are kept.
_KEPT = 1 << 15

#: Told of a step before it is performed: the settings of the worlds, whether it is the first one in
#: them, the step, the abstract state that it meets, and the known signatures passed so far.
About = Callable[[Mapping[str, Any], bool, Step, str, Collection[Signature]], None]


@dataclass
class Counts:
    """How much was done; ``replayed`` are regressions."""

    examples: int = 0
    steps: int = 0
    skipped: int = 0
    flaky: int = 0
    replayed: int = 0


@dataclass(frozen=True)
class Capabilities:
    """What two implementations can both be asked for: operations, samples, classes, by name."""

    operations: tuple[str, ...]
    samples: tuple[str, ...]
    cache: bool
    classes: tuple[str, ...]
    absent: tuple[str, ...]


class MachineSetup:
    """What all runs of a machine share: who takes part, what is known, the steps prepared so far.

    ``about`` is told of each step before it is performed. Where it is ``supervised``, whoever
    runs the machine shrinks what is raised, and keeps garbage quiet; otherwise what is raised is
    the smallest divergence that was found for its signature.
    """

    def __init__(
        self,
        reference: Implementation,
        target: Implementation,
        known: Iterable[Signature] = (),
        about: About | None = None,
        supervised: bool = False,
    ) -> None:
        self.reference = reference
        self.target = target
        self.known = Masked(known)
        self.about = about
        self.counts = Counts()
        self.parts = frozenset(reference.parts) & frozenset(target.parts)
        self._supervised = supervised
        #: Whether old objects may be taken out of the collection of garbage.
        self.tidies = supervised and hasattr(gc, "freeze")
        self._smallest: dict[Signature, Divergence] = {}
        self.capabilities = Capabilities(
            tuple(operation.name for operation in operations_for(reference, target)),
            samples_for(reference, target),
            "cache" in self.parts,
            classes_for(reference, target),
            absent_for(reference, target),
        )
        self._operations = frozenset(self.capabilities.operations)
        self._classes = frozenset(self.capabilities.classes)
        self._prepared: dict[Any, Step | None] = {}

    def prepared(self, step: Step, names: tuple[tuple[str, str], ...], jars: int) -> Step | None:
        """``step`` with other names; None if one of the implementations cannot perform it."""
        key = (step, names, jars)
        try:
            return self._prepared[key]
        except KeyError:
            pass
        if len(self._prepared) >= _KEPT:
            self._prepared.clear()
        made = None
        if self._can_be_performed(step):
            chosen = {name: drawn for name, drawn in names if drawn}
            made = renamed(step, chosen, JAR_NAMES[:jars])
        self._prepared[key] = made
        return made

    def _can_be_performed(self, step: Step) -> bool:
        if step.operation.name not in self._operations:
            return False
        return all(
            self._is_there(domain.kind, value)
            for value, domain in zip(step.arguments, step.operation.arguments.values(), strict=True)
        )

    def _is_there(self, kind: str, value: Any) -> bool:
        if kind in ("sample", "class"):
            return value in self._classes
        if kind == "operations":
            return not any(made["op"] in self.capabilities.absent for made in value)
        return not isinstance(value, str) or value not in self.capabilities.absent

    def begin(
        self, config: Mapping[str, Any], population: Sequence[Step], unmasked: bool
    ) -> Example:
        """An example with this configuration and population."""
        return Example(self, config, population, unmasked)

    def error(self, found: Divergence) -> AssertionError:
        """What to raise for a divergence."""
        signature = found.signature
        if self._supervised:
            return error_for(signature)(str(signature), found)
        smallest = self._smallest.get(signature)
        if smallest is None or len(smallest.trace.operations) > len(found.trace.operations):
            smallest = shrink_divergence(self.reference, self.target, found, self.known)
            self._smallest[signature] = smallest
        text = explained(smallest, self.reference, self.target)
        return error_for(signature)(text, smallest)


class Example:
    """Both worlds, driven in lock-step; what is known is masked.

    A step that is known to leave the worlds different in the abstract state that it meets is
    skipped; an ``unmasked`` example skips nothing. After a difference that turns out to be known,
    it starts over with new worlds and the same population. One that is not known is raised.
    """

    def __init__(
        self,
        setup: MachineSetup,
        config: Mapping[str, Any],
        population: Sequence[Step],
        unmasked: bool,
    ) -> None:
        self._setup = setup
        self.config = settings_for(config, setup.parts)
        self._population = population
        self._unmasked = unmasked
        self._starts = 0
        self._driven: Lockstep | None = None
        self._start()

    @property
    def world(self) -> World | None:
        """The world of the reference; None if the example is over."""
        return None if self._driven is None else self._driven.reference

    def names(self) -> Collection[str]:
        """The names of the objects that exist."""
        return () if self.world is None else self.world.objects

    def free_name(self) -> str | None:
        """A name that no object has."""
        taken = self.names()
        return next((name for name in NAMES if name not in taken), None)

    def _start(self) -> None:
        self._starts += 1
        if self._starts > _STARTS:
            return
        setup = self._setup
        self._driven = driven = Lockstep(setup.reference, setup.target, self.config)
        self._way = Pass(driven, setup.known)
        self._performed: list[Step] = []
        self._until_full = INTERVAL
        for step in self._population:
            if self._driven is not driven:
                return
            self.perform(step)

    def perform(self, step: Step) -> bool:
        """Perform ``step`` in both worlds; whether it was. Raises `Diverged`."""
        driven = self._driven
        if driven is None or not driven.can(step):
            return False
        setup = self._setup
        known, about = setup.known, setup.about
        concerned = known.concerns(step.label)
        met = driven.before(step) if concerned or about is not None else ""
        if concerned and not self._unmasked and known.masks(step.label, met):
            setup.counts.skipped += 1
            return False
        if about is not None:
            about(self.config, not self._performed, step, met, tuple(self._way.passed))
        self._performed.append(step)
        setup.counts.steps += 1
        try:
            found = self._way.perform(step)
        except Unsupported:
            self._start_over()
            return False
        if found is None:
            self._until_full -= 1
            if self._until_full:
                return True
            self._until_full = INTERVAL
            found = driven.compare()
            if found is None:
                return True
        elif concerned and known.holds(Signature(step.label, met, found.field)):
            self._start_over()
            return False
        self._judge()
        return False

    def end(self) -> None:
        """Compare everything, and let go of both worlds. Raises `Diverged`."""
        self._starts = _STARTS
        if self._driven is not None and self._driven.compare() is not None:
            self._judge()
        self._close()

    def _judge(self) -> None:
        """Pin what differs; raise it if it is not known, else start over."""
        setup = self._setup
        performed = self._performed
        self._close()
        found = first_difference(
            setup.reference, setup.target, self.config, performed, known=setup.known
        )
        if found is None:
            setup.counts.flaky += 1
        else:
            made = divergence(setup.reference, self.config, found)
            if not setup.known.holds(made.signature):
                raise setup.error(made)
        self._start_over()

    def _start_over(self) -> None:
        self._close()
        # Another unmasked start would end where this one did.
        self._unmasked = False
        self._start()

    def _close(self) -> None:
        if self._driven is not None:
            self._driven.close()
            self._driven = None
