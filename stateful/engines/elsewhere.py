"""Targets elsewhere: the reference performs whole runs here, a target performs them over there.

That is how a target in another interpreter is driven, and one beside an accepted implementation:
these two perform the same runs, each in a process of its own, and what they do alike is known. An
engine drafts runs, and hands over some at a time to be judged. What differs is pinned and shrunk by
recording its trace (see `stateful.replay`). Runs in which a process is lost are performed again,
each alone.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, cast

from fixtures.implementation import Implementation
from fixtures.performing import Performer
from fixtures.recording import leave_aside, set_aside
from fixtures.seen import left_out
from fixtures.values import to_json
from fixtures.world import World, trace_json
from stateful.engines.engine import Sides
from stateful.lockstep.abstract import before
from stateful.lockstep.divergence import CRASH, PASSING, Divergence, Masked, Signature
from stateful.lockstep.recorded import outcome_differs
from stateful.lockstep.settling import Settling, Watcher
from stateful.lockstep.shrink import shrink
from stateful.processes.isolation import AgentLost, Launch
from stateful.processes.owner import Owner
from stateful.processes.target import Target
from stateful.processes.work import Post, loaded
from stateful.replay.replaying import DIVERGES, Replayed
from stateful.traces.step import Step
from stateful.traces.trace import Trace

#: Steps between two looks at everything, unless an engine wants more.
INTERVAL = 16
#: How often a trace is tried while it is shrunk; if each try may end a process, or wait for one.
_TRIES, _LOSING_TRIES, _WAITING_TRIES = 2000, 200, 20
#: Steps that a process is told of before it forgets them all.
_POOL = 50_000
_PERFORM = "fixtures.performing:perform"

_Covered = Callable[[str, str], None]


class Described:
    """What is known here of implementations over there: enough to draw runs for all of them."""

    def __init__(self, abouts: Sequence[Mapping[str, Any]]) -> None:
        self.name: str = abouts[0]["name"]
        self.parts = tuple(
            part for part in abouts[0]["parts"] if all(part in each["parts"] for each in abouts)
        )
        self.capabilities = frozenset.intersection(
            *(frozenset(each["capabilities"]) for each in abouts)
        )

    def lacks(self, needs: Iterable[str]) -> str | None:
        """Which of these parts and capabilities one of them lacks; None if they have them all."""
        missing = [need for need in needs if need not in {*self.parts, *self.capabilities}]
        return missing[0] if missing else None


@dataclass
class Performed:
    """A run, and what the reference did in it.

    ``does`` and ``glances`` hold what was seen of each step, ``everything`` a checksum for each of
    the ``looks``, which are places of steps, and one for the end. ``met`` are the abstract states
    that steps met, as far as anybody asked. The first ``shared`` steps are the way that other runs
    have too: whatever differs later, does so most likely from there on without the steps between.
    """

    config: Mapping[str, Any]
    steps: list[Step] = field(default_factory=list)
    does: list[Any] = field(default_factory=list)
    glances: list[list[Any]] = field(default_factory=list)
    looks: list[int] = field(default_factory=list)
    everything: list[int] = field(default_factory=list)
    met: dict[int, str] = field(default_factory=dict)
    shared: int | None = None

    def traces(self, place: int) -> Iterator[Trace]:
        """The traces that end with the step at ``place``, the most likely to show it first."""
        steps = [step.made for step in self.steps[: place + 1]]
        if self.shared is not None and self.shared < place:
            yield Trace(self.config, (*steps[: self.shared], steps[-1]))
        yield Trace(self.config, tuple(steps))


class Draft:
    """A run that the reference performs as it is drawn.

    What is ``known`` to differ is skipped; an ``unmasked`` run skips only what is known to end the
    process. ``covered`` is told of each step and the abstract state that it meets.
    """

    def __init__(
        self,
        performer: Performer,
        config: Mapping[str, Any],
        known: Masked,
        covered: _Covered | None = None,
        unmasked: bool = False,
    ) -> None:
        self.performed = Performed(config)
        self.world: World = performer.world
        self.skipped = 0
        self._performer = performer
        self._known = known
        self._covered = covered
        self._masks = known.kills if unmasked else known.masks

    def can(self, step: Step) -> bool:
        """Whether the names that ``step`` needs exist, and those that it makes do not."""
        return step.fits(self.world.objects)

    def met(self, step: Step) -> str:
        """The abstract state that ``step`` would meet."""
        return before(self.world, step)

    def perform(self, step: Step) -> bool:
        """Perform ``step`` if that makes sense and is not masked; whether it was performed."""
        if not self.can(step):
            return False
        concerned = self._known.concerns(step.label)
        met = None
        if concerned or self._covered is not None:
            met = self.met(step)
            if self._covered is not None:
                self._covered(step.label, met)
            if concerned and self._masks(step.label, met):
                self.skipped += 1
                return False
        self.add(step, met)
        if len(self.performed.steps) % INTERVAL == 0:
            self.look()
        return True

    def add(self, step: Step, met: str | None) -> None:
        """Perform ``step``, whatever is known of it."""
        performed = self.performed
        if met is not None:
            performed.met[len(performed.steps)] = met
        performed.steps.append(step)
        performed.does.append(self._performer.perform(step))
        performed.glances.append(self._performer.glance(step))

    def look(self) -> None:
        """Look at everything after the last step."""
        self.performed.looks.append(len(self.performed.steps) - 1)
        self.performed.everything.append(self._performer.everything())

    def end(self) -> Performed:
        """Look at everything, let go of the world, and tell what was performed."""
        self.performed.everything.append(self._performer.everything())
        self._performer.close()
        return self.performed


class Elsewhere(Owner):
    """Judges runs of a target, beside an accepted implementation if there is one.

    A context manager. ``known`` are signatures that are masked; ``watcher`` is told of what is
    found; ``alive`` is called every now and then. ``known_runs`` counts the runs in which target
    and accepted implementation differ from the reference, and not from one another. Raises
    `TargetError` if one of them does not start.
    """

    def __init__(
        self,
        sides: Sides,
        known: Iterable[Signature] = (),
        watcher: Watcher | None = None,
        alive: Callable[[], None] | None = None,
    ) -> None:
        self.known = Masked(known)
        self.known_runs = 0
        self.reference = loaded(sides.reference)
        self._sides = [_Side(sides.target)]
        if sides.accepted is not None:
            self._sides.append(_Side(sides.accepted))
        self._replayer = sides.replayer(self.reference)
        described = Described([side.target.about for side in self._sides])
        self.target = cast(Implementation, described)
        self._without = left_out(self.reference.capabilities, described.capabilities)
        self._alive = alive or (lambda: None)
        self._settling = Settling(self.known, self._smallest, watcher)
        #: What differs in a way that was settled already.
        self._settled: set[str] = set()

    @classmethod
    def of(cls, post: Post, sides: Mapping[str, Any]) -> Elsewhere:
        """Judges for the unit that tells through ``post`` and has these `Sides` as JSON."""
        return cls(Sides.from_json(sides, post.patience), post.known, post, post.alive)

    def close(self) -> None:
        """End the processes."""
        self._replayer.close()
        for side in self._sides:
            side.target.close()

    @property
    def found(self) -> list[Divergence]:
        """The distinct divergences, in the order in which they were found."""
        return self._settling.found

    @property
    def flaky(self) -> int:
        """How often something differed, but not when it was performed again."""
        return self._settling.flaky

    def draft(
        self,
        config: Mapping[str, Any],
        covered: _Covered | None = None,
        unmasked: bool = False,
    ) -> Draft:
        """A run in new worlds with this configuration."""
        performer = Performer(self.reference, dict(config), self._without)
        return Draft(performer, config, self.known, covered, unmasked)

    def judge(self, batch: Sequence[Performed]) -> list[int | None]:
        """Have ``batch`` performed, and settle what differs.

        For each run, the place of the step from which on nothing was compared; None if all was.
        """
        self._alive()
        for side in self._sides:
            side.send(batch, self._without)
        answers = [side.received(batch, self._without, self._alive) for side in self._sides]
        self._alive()
        with set_aside():
            # A batch holds much, and to settle what differs takes many collections of garbage.
            leave_aside()
            return [self._judged(*each) for each in zip(batch, *answers, strict=True)]

    def _judged(
        self,
        performed: Performed,
        actual: dict[str, Any] | None,
        accepted: dict[str, Any] | None = None,
    ) -> int | None:
        expected: dict[str, Any] | None = {
            "does": performed.does,
            "glances": performed.glances,
            "everything": performed.everything,
            "unsupported": None,
        }
        if len(self._sides) > 1:
            self.known_runs += actual != expected and actual == accepted
            expected = accepted
        if actual == expected:
            return None
        if actual is None or expected is None:
            return self._lost(performed)
        return self._compared(performed, expected, actual)

    def _lost(self, performed: Performed) -> int:
        last = len(performed.steps) - 1
        *_, whole = performed.traces(last)
        # Looking at all after each step takes many times as long as performing it.
        made = self._pinned([whole], (), quickly=True) or self._pinned([whole], ())
        return last if made is None else made.step

    def _compared(
        self, performed: Performed, expected: dict[str, Any], actual: dict[str, Any]
    ) -> int | None:
        passed: dict[Signature, None] = {}
        looks = iter(
            zip(performed.looks, expected["everything"], actual["everything"], strict=False)
        )
        look = next(looks, None)
        does, did = expected["does"], actual["does"]
        for place in range(len(performed.steps)):
            if place in (expected["unsupported"], actual["unsupported"]):
                # The worlds can then no longer be compared.
                return place
            differs = expected["glances"][place] != actual["glances"][place]
            if look is not None and look[0] == place:
                differs = differs or look[1] != look[2]
                look = next(looks, None)
            if does[place] != did[place]:
                signature = None
                if not differs:
                    signature = self._passing(performed, place, does[place], did[place], passed)
                if signature is None:
                    differs = True
                else:
                    passed[signature] = None
            if differs:
                self._differs(performed, place, passed, (does[place], did[place]))
                return place
        if expected["everything"][-1] != actual["everything"][-1]:
            last = len(performed.steps) - 1
            made = self._differs(performed, last, passed, ())
            # An earlier step may have left what only the last look has seen.
            is_whole = made is not None and performed.shared is not None
            return min(made.step, last) if made and is_whole else last
        return None

    def _passing(
        self,
        performed: Performed,
        place: int,
        does: Any,
        did: Any,
        passed: Collection[Signature],
    ) -> Signature | None:
        """The known signature that lets this difference pass; None if there is none.

        What is not known yet is settled first.
        """
        found = outcome_differs(_outcome(does), _outcome(did))
        if found is None or found.field not in PASSING:
            return None
        met = performed.met.get(place)
        if met is not None:
            signature = Signature(performed.steps[place].label, met, found.field)
            if self.known.holds(signature):
                return signature
        made = self._differs(performed, place, passed, (does, did))
        is_this = made is not None and made.signature.operation == performed.steps[place].label
        return made.signature if made and is_this and made.signature.field in PASSING else None

    def _differs(
        self, performed: Performed, place: int, passed: Collection[Signature], how: Any
    ) -> Divergence | None:
        met = performed.met.get(place)
        if met is not None and how:
            # Each look at what is settled already costs as much as many runs.
            key = repr((performed.steps[place].label, met, how))
            if key in self._settled:
                return None
            self._settled.add(key)
        return self._pinned(performed.traces(place), tuple(passed))

    # Settling

    def _pinned(
        self, traces: Iterable[Trace], passed: Sequence[Signature], quickly: bool = False
    ) -> Divergence | None:
        made = None
        for trace in traces:
            self._alive()
            result = self._replayer.replay(trace, passed, quickly=quickly)
            if result.verdict == DIVERGES:
                made = result.found
                break
        if made is not None or not quickly:
            self._settling.settle(made)
        return made

    def _smallest(self, found: Divergence) -> Divergence:
        for quickly in (True, False):
            smallest = self._shrunk(found, quickly)
            again = self._replayer.replay(
                smallest.trace, found.despite, wanted=smallest.signature
            ).found
            if again is not None and again.signature == smallest.signature:
                return again
        # Not even the trace that was found differs in the same way each time.
        return found

    def _shrunk(self, found: Divergence, quickly: bool) -> Divergence:
        kept = found

        def holds(trace: Trace) -> bool:
            nonlocal kept
            if not trace.operations:
                return False
            self._alive()
            result = self._replayer.replay(
                trace, found.despite, wanted=kept.signature, quickly=quickly
            )
            if not _is_like(result, kept):
                return False
            assert result.found is not None
            kept = result.found
            return True

        shrink(found.trace, holds, _tries(found))
        return kept


def _is_like(result: Replayed, kept: Divergence) -> bool:
    now = result.found
    if now is None or not now.signature.covers(kept.signature):
        return False
    if now.signature.field == CRASH and kept.signature.field != CRASH:
        return False
    return now.is_mended == kept.is_mended


def _tries(found: Divergence) -> int:
    if found.signature.field != CRASH:
        return _TRIES
    # A process that hangs is waited for each time.
    return _LOSING_TRIES if "killed by" in found.actual else _WAITING_TRIES


class _Side:
    """One of those that perform runs over there, and the steps that it was told of."""

    def __init__(self, launch: Launch) -> None:
        self.target = Target(launch)
        self._told: dict[int, tuple[int, Step]] = {}
        self._begins = True

    def send(self, batch: Sequence[Performed], without: Sequence[str]) -> None:
        """Have the runs of ``batch`` performed; `received` has to follow."""
        if not self.target.is_running or len(self._told) > _POOL:
            self._told, self._begins = {}, True
        pool = []
        traces = []
        for performed in batch:
            numbers = []
            for step in performed.steps:
                known = self._told.get(id(step))
                if known is None:
                    # The step is kept, so that its id stands for no other one.
                    known = self._told[id(step)] = len(self._told), step
                    (made,) = trace_json({}, [step.made])["operations"]
                    pool.append([made, step.touched])
                numbers.append(known[0])
            traces.append([to_json(dict(performed.config)), numbers, performed.looks])
        begins, self._begins = self._begins, False
        self.target.send(_PERFORM, pool=pool, begins=begins, traces=traces, without=list(without))

    def received(
        self, batch: Sequence[Performed], without: Sequence[str], alive: Callable[[], None]
    ) -> list[dict[str, Any] | None]:
        """What was seen in each run; None for one that the process did not survive."""
        try:
            found: list[dict[str, Any] | None] = self.target.receive()
            return found
        except AgentLost:
            return [self._alone(performed, without, alive) for performed in batch]

    def _alone(
        self, performed: Performed, without: Sequence[str], alive: Callable[[], None]
    ) -> dict[str, Any] | None:
        alive()
        try:
            self.send([performed], without)
            found: list[dict[str, Any]] = self.target.receive()
            return found[0]
        except AgentLost:
            return None


def _outcome(does: Any) -> dict[str, Any]:
    if isinstance(does, str):
        return {"does": does, "calls": []}
    return {"does": does[0], "calls": does[1]}


__all__ = ["INTERVAL", "Draft", "Elsewhere", "Performed"]
