"""Lock-step: a reference and a target are driven through the same steps and compared in place."""

from __future__ import annotations

import gc
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import replace
from enum import Enum
from typing import Any, NamedTuple

from fixtures.errors import Unsupported, let_go, notice
from fixtures.implementation import Implementation
from fixtures.recording import set_aside
from fixtures.world import FREED, Event, World, is_planned
from stateful.lockstep.abstract import before, planned, strange
from stateful.lockstep.divergence import PASSING, Divergence, Masked, Signature
from stateful.lockstep.observe import Difference, Observer
from stateful.lockstep.sameness import accidental, same, shown
from stateful.traces.step import Step
from stateful.traces.trace import Trace

_NOTHING: Any = object()


class Comparing(Enum):
    """What is compared after each step, besides what it returns, raises and calls.

    ``TOUCHED``: the state of what it touches, and the counts of the caches. ``REACHED``: in full
    what it can have changed, the states of all objects and the order of the rings. ``ALL``: all
    that can be seen.
    """

    TOUCHED = "touched"
    REACHED = "reached"
    ALL = "all"


class Lockstep:
    """Two worlds with the same configuration that perform the same steps.

    What a step returns, raises and calls is compared at once, with as much else as ``comparing``
    says; `compare` compares everything. No value outlives its comparison,
    and errors are stripped of their tracebacks, so that the driver keeps nothing alive in either
    world. Where the lengths of caches differ, garbage is collected before they are compared again:
    an object may be freed at once in one implementation, and later in another.
    """

    def __init__(
        self,
        reference: Implementation,
        target: Implementation,
        config: Mapping[str, Any] | None = None,
        comparing: Comparing = Comparing.TOUCHED,
    ) -> None:
        if reference == target:
            # Each world needs sample classes of its own, since these tell one world only.
            target = replace(target, name=f"{target.name} (again)")
        self.reference = World(reference, config)
        self.target = World(target, config)
        self.reference.keep_no_trace()
        self.target.keep_no_trace()
        self._observer = Observer(self.reference, self.target)
        self._comparing = comparing

    def can(self, step: Step) -> bool:
        """Whether the names that ``step`` needs exist, and those that it makes do not."""
        return step.fits(self.reference.objects)

    def perform(self, step: Step) -> Difference | None:
        """Perform ``step`` in both worlds; the first difference that is seen at once.

        Raises `Unsupported` if one implementation turns out to lack what the other has: the worlds
        can then no longer be compared.
        """
        found = self._outcome(step)
        one, other = self.reference.events, self.target.events
        if found is not None:
            if one or other:
                found = self._calls_differ(only="calls") or found
            one.clear()
            other.clear()
            return found
        called: tuple[tuple[str, str], ...] = ()
        if one or other:
            if one != other:
                found = self._calls_differ()
            elif self._comparing is Comparing.REACHED:
                called = tuple(event[:2] for event in one)
            one.clear()
            other.clear()
            if found is not None:
                return found
        observer = self._observer
        try:
            if self._comparing is Comparing.TOUCHED:
                return observer.states(step.touched) or (observer.counters() and self._settled())
            if self._comparing is Comparing.ALL:
                return observer.everything() and self._settled()
            return (observer.counters() or self._reached(step, called)) and self._settled()
        except Exception as error:
            return _unseen(error)

    def _outcome(self, step: Step) -> Difference | None:
        # The values live in this frame only, so that they are gone when the caches are looked at.
        effect, arguments = step.effect, step.arguments
        error = counter_error = None
        value = counter_value = _NOTHING
        reference, target = self.reference, self.target
        reference.armed = target.armed = True
        try:
            value = effect(reference, *arguments)
        except BaseException as raised:
            error = _name_of(raised)
        try:
            counter_value = effect(target, *arguments)
            notice()
        except BaseException as raised:
            counter_error = _name_of(raised)
        reference.armed = target.armed = False
        if error is None and counter_error is None:
            if value is counter_value and type(value) in (type(None), bool):
                return None
            normal = step.shown
            if normal is not None:
                value, counter_value = normal(value), normal(counter_value)
            if same(self.reference, value, self.target, counter_value):
                return None
            return Difference(
                "value", shown(self.reference, value), shown(self.target, counter_value)
            )
        if error == counter_error:
            return None
        if "Unsupported" in (error, counter_error):
            raise Unsupported(f"{step.operation.name}: one implementation only can perform it")
        return Difference(
            "error",
            _outcome_words(self.reference, error, value),
            _outcome_words(self.target, counter_error, counter_value),
        )

    def _calls_differ(self, only: str | None = None) -> Difference | None:
        ones, others = _in_order(self.reference.events), _in_order(self.target.events)
        expected, actual = [], []
        for one, other in zip(ones, others, strict=False):
            if one == other:
                continue
            if accidental(repr(one)) != accidental(repr(other)):
                break
        else:
            if len(ones) == len(others):
                return None
        if _frees(ones) and _frees(others):
            raise Unsupported("what a call freed was garbage of both worlds, at a time of its own")
        expected = [_call_words(event) for event in ones]
        actual = [_call_words(event) for event in others]
        kind = "calls"
        if [event[:2] for event in ones] == [event[:2] for event in others]:
            kind = "calls.seen"
        if only is not None and kind != only:
            return None
        return Difference(kind, "; ".join(expected) or "none", "; ".join(actual) or "none")

    def _reached(self, step: Step, called: Sequence[tuple[str, str]]) -> Difference | None:
        # A commit, an abort, and what is performed inside calls, can change any object.
        everywhere = step.operation.everywhere
        reach = step.touched + step.oids
        for call, name in called:
            reach += (name,)
            everywhere = everywhere or call.startswith("nested")
        return self._observer.reached(reach, everywhere, bool(step.jars or called))

    def compare(self) -> Difference | None:
        """The first difference in the full visible state of both worlds."""
        try:
            return self._observer.everything() and self._settled()
        except Exception as error:
            return _unseen(error)

    def _settled(self) -> Difference | None:
        gc.collect()
        return self._observer.everything()

    def go_on(self, step: Step) -> str | None:
        """Perform ``step`` in both worlds without comparing; the error that the target raises."""
        perform_alone(self.reference, step)
        return perform_alone(self.target, step)

    def before(self, step: Step) -> str:
        """The abstract state that ``step`` meets, as the reference has it."""
        return before(self.reference, step)

    def close(self) -> None:
        """Let go of both worlds."""
        self.reference.close()
        self.target.close()


def _in_order(events: list[Event]) -> list[Event]:
    """``events``, in an order of their own if something was freed and a call collected garbage.

    Such a collection finds the garbage of the other world too, at another place of its step, with
    all that is performed as it is freed.
    """
    if _frees(events):
        return sorted(events, key=lambda event: (event.call, event.object))
    return events


def _frees(events: list[Event]) -> bool:
    """Whether garbage was collected inside a call, and something that tells of it was freed."""
    calls = {event.call for event in events}
    return "nested collect" in calls and not calls.isdisjoint(FREED)


def _unseen(error: Exception) -> Difference:
    """An attribute or a count that cannot even be looked at: never so in the reference."""
    return Difference("observation", "can be made", f"raises {_name_of(error)}")


def _name_of(raised: BaseException) -> str:
    if isinstance(raised, KeyboardInterrupt) and not is_planned(raised):
        raise raised
    let_go(raised)
    return type(raised).__name__


def _outcome_words(world: World, error: str | None, value: Any) -> str:
    return f"returns {shown(world, value)}" if error is None else f"raises {error}"


def _call_words(event: Any) -> str:
    call, name, state, arguments = event
    given = f" {arguments}" if arguments else ""
    seen = "" if state is None else f" in state {state}"
    return f"{call} {name}{given}{seen}"


@contextmanager
def quiet_garbage() -> Iterator[None]:
    """Leave the collection of garbage to us, so that objects die at the same step in both worlds.

    What exists already is taken out of consideration, which makes collecting cheap.
    """
    was_enabled = gc.isenabled()
    if not was_enabled:
        yield
        return
    gc.collect()
    gc.disable()
    try:
        with set_aside():
            yield
    finally:
        gc.enable()


def perform_alone(world: World, step: Step) -> str | None:
    """Perform ``step`` in one world; the name of its error, or None."""
    error = None
    world.armed = True
    try:
        step.effect(world, *step.arguments)
        notice()
    except BaseException as raised:
        error = _name_of(raised)
    world.armed = False
    world.events.clear()
    return error


class Pass:
    """Lets differences pass that are known and after which both worlds are the same.

    ``passed`` are their signatures.
    """

    def __init__(self, driven: Lockstep, known: Masked) -> None:
        self._driven = driven
        self._known = known
        self.passed: dict[Signature, None] = {}

    def perform(self, step: Step) -> Difference | None:
        """Perform ``step``; the difference that cannot pass."""
        driven = self._driven
        if not self._known.concerns(step.label):
            return driven.perform(step)
        met = driven.before(step)
        found = driven.perform(step)
        if found is None or found.field not in PASSING:
            return found
        signature = Signature(step.label, met, found.field)
        if not self._known.holds(signature):
            return found
        behind = driven.compare()
        if behind is None:
            self.passed[signature] = None
        return behind


def replay(
    reference: Implementation,
    target: Implementation,
    trace: Trace,
    comparing: Comparing = Comparing.ALL,
    known: Iterable[Signature] = (),
) -> Divergence | None:
    """The first step of ``trace`` that differs, as a divergence whose trace ends there; or None.

    Everything is compared after each step, which pins the step that is to blame, or as much as
    ``comparing`` says, and everything at the end. Steps that do not make sense, because a name is
    missing or taken, are left out of the trace of the divergence. What is ``known`` and leaves
    both worlds the same passes.
    """
    steps = [Step.of(made) for made in trace.operations]
    found = first_difference(reference, target, trace.world, steps, comparing, Masked(known))
    return None if found is None else divergence(reference, trace.world, found)


class Found(NamedTuple):
    """The steps up to the first that differs, the difference, and what passed before."""

    performed: list[Step]
    difference: Difference
    despite: tuple[Signature, ...]


def first_difference(
    reference: Implementation,
    target: Implementation,
    config: Mapping[str, Any],
    steps: Sequence[Step],
    comparing: Comparing = Comparing.ALL,
    known: Masked | None = None,
) -> Found | None:
    """What `replay` finds, not yet a divergence."""
    driven = Lockstep(reference, target, config, comparing)
    way = Pass(driven, known or Masked())
    performed: list[Step] = []
    try:
        for step in steps:
            if driven.can(step):
                performed.append(step)
                found = way.perform(step)
                if found is not None:
                    return Found(performed, found, tuple(way.passed))
        found = driven.compare()
        return None if found is None else Found(performed, found, tuple(way.passed))
    except Unsupported:
        return None
    finally:
        driven.close()


def _without_idle_plans(world: World, step: Step, met: str) -> str:
    """The abstract state without the plans that do not act when ``step`` is performed.

    Where the calls differ, it may be the target in which they act.
    """
    pending = world.pending()
    world.events.clear()
    world.armed = True
    try:
        step.effect(world, *step.arguments)
    except BaseException as raised:
        _name_of(raised)
    world.armed = False
    made = {event[:2] for event in world.events}
    acting = {planned(call, then) for (call, name), then in pending.items() if (call, name) in made}
    acting |= set(strange(world))
    parts = [part for part in met.split("; ") if not part.startswith("planned ") or part in acting]
    return "; ".join(parts) or "-"


def divergence(reference: Implementation, config: Mapping[str, Any], found: Found) -> Divergence:
    """The divergence that was found in a world with this configuration."""
    performed, difference, despite = found
    last = performed[-1]
    world = World(reference, config)
    world.keep_no_trace()
    try:
        used: set[str] = set()
        for step in performed[:-1]:
            if not used.isdisjoint(step.absent):
                # In lock-step, the object that had this name was gone by now.
                gc.collect()
            used.update(step.absent)
            perform_alone(world, step)
        met = before(world, last)
        if "planned " in met and not difference.field.startswith("calls"):
            met = _without_idle_plans(world, last, met)
        signature = Signature(last.label, met, difference.field)
    finally:
        world.close()
    trace = Trace(dict(config), tuple(step.made for step in performed))
    return Divergence(
        signature, trace, len(performed) - 1, difference.expected, difference.actual, despite
    )
