"""Walks over a target in another interpreter: whole traces in a message, two messages under way.

The reference performs a batch of runs here, while the target performs the batch before over there;
then what was seen of each step is compared. What differs is pinned and shrunk by recording the
trace on both sides (see `stateful.replay.replaying`). A batch in which the process of the target
is lost is performed again run by run.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, cast

from fixtures.implementation import Implementation
from fixtures.performing import INTERVAL, Performer
from fixtures.seen import left_out
from fixtures.values import to_json
from fixtures.world import trace_json
from stateful.engines.walker import UNMASKED, Draws, Result, Run
from stateful.lockstep.abstract import before
from stateful.lockstep.divergence import CRASH, PASSING, Divergence, Masked, Signature
from stateful.lockstep.lockstep import quiet_garbage
from stateful.lockstep.recorded import outcome_differs
from stateful.lockstep.shrink import shrink
from stateful.processes.isolation import AgentLost, Launch
from stateful.processes.owner import Owner
from stateful.processes.target import Target
from stateful.replay.replaying import DIVERGES, Replayer
from stateful.traces.step import Step
from stateful.traces.trace import Trace

#: Runs in a message.
BATCH = 20
#: Coverage is noted in one run of so many: noting costs more than comparing.
COVERED = 8
#: How many traces may be tried while shrinking; fewer where each may cost a process.
_TRIES, _LOSING_TRIES = 1000, 60
_PERFORM = "fixtures.performing:perform"


class Described:
    """What is known here of an implementation over there: enough to draw runs for it."""

    def __init__(self, about: Mapping[str, Any]) -> None:
        self.name: str = about["name"]
        self.parts = tuple(about["parts"])
        self.capabilities = frozenset(about["capabilities"])

    def lacks(self, needs: Iterable[str]) -> str | None:
        """Which of these parts and capabilities it lacks; None if it has them all."""
        missing = [need for need in needs if need not in {*self.parts, *self.capabilities}]
        return missing[0] if missing else None


@dataclass
class _Performed:
    """What the reference did in one run."""

    config: dict[str, Any]
    steps: list[Step] = field(default_factory=list)
    does: list[Any] = field(default_factory=list)
    glances: list[list[Any]] = field(default_factory=list)
    everything: list[int] = field(default_factory=list)
    #: The abstract state that a step met, if something is known of the step.
    met: dict[int, str] = field(default_factory=dict)

    def trace(self, until: int) -> Trace:
        return Trace(self.config, tuple(step.made for step in self.steps[: until + 1]))


class RemoteWalk(Owner):
    """A walk over a target, most often in another interpreter.

    ``known`` are signatures that are masked; ``shrinking`` is told of each divergence before it is
    shrunk, ``settled`` with None if it then turns out to be known; ``alive`` is called every now
    and then; ``covered`` is told of steps and the abstract states that they meet, in one run of
    `COVERED`. Raises `TargetError` if the target does not start.
    """

    def __init__(
        self,
        reference: Implementation,
        launch: Launch,
        seed: int,
        known: Iterable[Signature] = (),
        *,
        shrinking: Callable[[Divergence], None] | None = None,
        alive: Callable[[], None] | None = None,
        settled: Callable[[None], None] | None = None,
        covered: Callable[[str, str], None] | None = None,
    ) -> None:
        self.known = Masked(known)
        self.result = Result()
        self._reference = reference
        self._target = Target(launch)
        self._replayer = Replayer(launch, reference)
        described = Described(self._target.about)
        self._draws = Draws(reference, cast(Implementation, described), seed)
        self._seed = seed
        self._without = left_out(reference.capabilities, described.capabilities)
        self._sent: dict[int, tuple[int, Step]] = {}
        self._begins = True
        self._shrinking = shrinking
        self._alive = alive or (lambda: None)
        self._settled = settled
        self._covered = covered

    def close(self) -> None:
        """End the processes."""
        self._replayer.close()
        self._target.close()

    def divergences(self, budget: int, first: int = 0) -> Iterator[Divergence]:
        """Perform at least ``budget`` steps, from run ``first`` on; yield what is found at once."""
        with quiet_garbage():
            yield from self._walk(budget, first)

    def _walk(self, budget: int, number: int) -> Iterator[Divergence]:
        waiting: list[_Performed] = []
        size = 1
        while self.result.steps < budget or waiting:
            batch: list[_Performed] = []
            while len(batch) < size and self.result.steps < budget:
                batch.append(self._perform(self._draws.run(number), number))
                number += 1
            # What is found first is frequent: it is masked as soon as it is known.
            size = min(2 * size, BATCH)
            answers = self._received(waiting)
            self._send(batch)
            for performed, answer in zip(waiting, answers, strict=True):
                if answer is not None:
                    found = self._compared(performed, answer)
                else:
                    found = self._pinned(performed, len(performed.steps) - 1, ())
                if found is not None:
                    self.result.divergences.append(found)
                    yield found
            waiting = batch
            self._alive()

    # The reference

    def _perform(self, run: Run, number: int) -> _Performed:
        unmasked = (self._seed + number) % UNMASKED == 0
        performer = Performer(self._reference, run.config, self._without)
        done = _Performed(run.config)
        world, known = performer.world, self.known
        covered = self._covered if number % COVERED == 0 else None
        self.result.runs += 1
        try:
            for step in (*run.population, *run.steps):
                if not _fits(step, world.objects):
                    continue
                if covered is not None:
                    covered(step.label, before(world, step))
                if known.concerns(step.label):
                    met = before(world, step)
                    if (known.kills if unmasked else known.masks)(step.label, met):
                        self.result.skipped += 1
                        continue
                    done.met[len(done.steps)] = met
                done.steps.append(step)
                done.does.append(performer.perform(_Seen(step)))
                done.glances.append(performer.glance(step))
                if len(done.steps) % INTERVAL == 0:
                    done.everything.append(performer.everything())
                    if len(done.steps) >= run.length:
                        break
            done.everything.append(performer.everything())
        finally:
            self.result.steps += len(done.steps)
            performer.close()
        return done

    # The target

    def _send(self, batch: Sequence[_Performed]) -> None:
        if batch:
            if not self._target.is_running:
                self._sent, self._begins = {}, True
            self._target.send(_PERFORM, **self._message(batch))

    def _message(self, batch: Sequence[_Performed]) -> dict[str, Any]:
        if len(self._sent) > 50_000:
            self._sent, self._begins = {}, True
        pool = []
        traces = []
        for performed in batch:
            numbers = []
            for step in performed.steps:
                known = self._sent.get(id(step))
                if known is None:
                    # The step is kept, so that its id stands for no other one.
                    known = self._sent[id(step)] = len(self._sent), step
                    (made,) = trace_json({}, [step.made])["operations"]
                    pool.append([made, step.touched])
                numbers.append(known[0])
            traces.append([to_json(performed.config), numbers])
        begins, self._begins = self._begins, False
        return {"pool": pool, "begins": begins, "traces": traces, "without": self._without}

    def _received(self, batch: Sequence[_Performed]) -> list[dict[str, Any] | None]:
        """What the target did in each run; None for one that its process did not survive."""
        if not batch:
            return []
        try:
            found: list[dict[str, Any] | None] = self._target.receive()
            return found
        except AgentLost:
            return [self._alone(performed) for performed in batch]

    def _alone(self, performed: _Performed) -> dict[str, Any] | None:
        self._alive()
        try:
            self._send([performed])
            found: list[dict[str, Any]] = self._target.receive()
            return found[0]
        except AgentLost:
            return None

    # Both

    def _compared(self, performed: _Performed, answer: dict[str, Any]) -> Divergence | None:
        passed: dict[Signature, None] = {}
        checksums = answer["everything"]
        for number, does in enumerate(performed.does):
            if answer["unsupported"] == number:
                return None
            differs = answer["glances"][number] != performed.glances[number]
            if answer["does"][number] != does:
                signature = self._passing(performed, number, answer["does"][number])
                if signature is None:
                    differs = True
                else:
                    passed[signature] = None
            looked, rest = divmod(number + 1, INTERVAL)
            if not rest:
                differs = differs or checksums[looked - 1] != performed.everything[looked - 1]
            if differs:
                return self._pinned(performed, number, tuple(passed))
        if checksums[-1] != performed.everything[-1]:
            return self._pinned(performed, len(performed.steps) - 1, tuple(passed))
        return None

    def _passing(self, performed: _Performed, number: int, does: Any) -> Signature | None:
        """The known signature that lets this difference pass; None if there is none."""
        met = performed.met.get(number)
        found = outcome_differs(_outcome(performed.does[number]), _outcome(does))
        if met is None or found is None or found.field not in PASSING:
            return None
        signature = Signature(performed.steps[number].label, met, found.field)
        return signature if self.known.holds(signature) else None

    def _pinned(
        self, performed: _Performed, number: int, passed: Sequence[Signature]
    ) -> Divergence | None:
        self._alive()
        result = self._replayer.replay(performed.trace(number), passed)
        made = result.found
        if result.verdict != DIVERGES or made is None:
            self.result.flaky += 1
            return None
        if self.known.holds(made.signature):
            return None
        if self._shrinking is not None:
            self._shrinking(made)
        smallest = self._shrunk(made)
        is_new = not self.known.holds(smallest.signature)
        self.known.add(made.signature)
        self.known.add(smallest.signature)
        if not is_new and self._settled is not None:
            self._settled(None)
        return smallest if is_new else None

    def _shrunk(self, found: Divergence) -> Divergence:
        kept = found

        def holds(trace: Trace) -> bool:
            nonlocal kept
            if not trace.operations:
                return False
            self._alive()
            result = self._replayer.replay(trace, found.despite, wanted=kept.signature)
            now = result.found
            if now is None or not now.signature.covers(kept.signature):
                return False
            if now.signature.field == CRASH and found.signature.field != CRASH:
                return False
            kept = now
            return True

        shrink(found.trace, holds, _LOSING_TRIES if found.signature.field == CRASH else _TRIES)
        return kept


class _Seen:
    """A step as `fixtures.performing` wants it."""

    def __init__(self, step: Step) -> None:
        self.effect = step.effect
        self.arguments = step.arguments
        self.shown = step.operation.shown


def _fits(step: Step, objects: dict[str, Any]) -> bool:
    for name, classes in step.present:
        if name not in objects or (classes and type(objects[name]).__name__ not in classes):
            return False
    return not any(name in objects for name in step.absent)


def _outcome(does: Any) -> dict[str, Any]:
    if isinstance(does, str):
        return {"does": does, "calls": []}
    return {"does": does[0], "calls": does[1]}
