"""Shrinking: delta debugging over traces, as long as a predicate holds."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace
from typing import Any

from fixtures.implementation import Implementation
from fixtures.world import DEFAULTS
from stateful.lockstep.divergence import Divergence, Masked, Signature
from stateful.lockstep.lockstep import Comparing, divergence, first_difference, quiet_garbage
from stateful.traces.naming import concerning_last, in_one_jar, named_in_order
from stateful.traces.step import Step
from stateful.traces.trace import Trace


def shrink(trace: Trace, holds: Callable[[Trace], bool], tries: int = 2000) -> Trace:
    """The shortest trace found for which ``holds`` is true; it is true for ``trace``.

    Steps are left out: those on objects that the last one does not depend on, then many at once,
    then fewer, down to single ones; the settings of the world take their defaults where they can,
    operations become plainer, and objects get their first names, so that what is the same is not
    found twice. ``holds`` may run the trace in another process. It is asked at most ``tries``
    times.
    """
    left = tries

    def accepted(tried: Trace) -> bool:
        nonlocal left
        left -= 1
        return left >= 0 and holds(tried)

    def changed(trace: Trace, *changes: Callable[[Trace], Trace]) -> Trace:
        for change in changes:
            tried = change(trace)
            if tried != trace and accepted(tried):
                trace = tried
        return trace

    trace = changed(trace, concerning_last)
    operations = tuple(trace.operations)
    size = len(operations) // 2
    while size and left > 0:
        end = len(operations)
        removed = False
        # From the end, where most of what is not needed was performed.
        while end > 0:
            start = max(0, end - size)
            fewer = operations[:start] + operations[end:]
            if accepted(replace(trace, operations=fewer)):
                operations, removed = fewer, True
            end = start
        if not removed or size > 1:
            size = min(size // 2, max(len(operations) // 2, 1)) if size > 1 else 0
    smallest = changed(replace(trace, operations=operations), in_one_jar)
    for name in list(smallest.world):
        world: dict[str, Any] = {key: value for key, value in smallest.world.items() if key != name}
        tried = replace(smallest, world=world)
        needless = smallest.world[name] == DEFAULTS.get(name)
        if needless or accepted(tried):
            smallest = tried
    return changed(_plainer(smallest, accepted), named_in_order)


def _plainer(trace: Trace, accepted: Callable[[Trace], bool]) -> Trace:
    """The same trace with plainer operations where that will do."""
    for number in range(len(trace.operations)):
        plainer = _plainer_than(trace.operations[number])
        made = next(plainer, None)
        while made is not None:
            operations = (*trace.operations[:number], made, *trace.operations[number + 1 :])
            tried = replace(trace, operations=operations)
            if accepted(tried):
                trace = tried
                plainer = _plainer_than(made)
            made = next(plainer, None)
    return trace


def _plainer_than(made: Mapping[str, Any]) -> Iterator[Mapping[str, Any]]:
    """Objects of the class `Plain`, with ordinary states; plans that do less, and once."""

    def without(*names: str) -> Mapping[str, Any]:
        return {key: value for key, value in made.items() if key not in names}

    if made["op"] in ("create", "ghost"):
        for dropped in (("sample", "state"), ("state",)):
            if not made.keys().isdisjoint(dropped):
                yield without(*dropped)
    if made["op"] == "plan":
        for name in ("error", "times"):
            if name in made:
                yield without(name)
        then = made.get("then", [])
        for number in range(len(then)):
            yield {**made, "then": [*then[:number], *then[number + 1 :]]}


def shrink_divergence(
    reference: Implementation,
    target: Implementation,
    found: Divergence,
    known: Masked | None = None,
) -> Divergence:
    """The divergence with the shortest trace found for it.

    Its signature stays the same, or becomes one that covers it: with objects of the class `Plain`
    instead of others, with fewer plans, with less in the cache. What is ``known`` and leaves both
    worlds the same passes.
    """
    for comparing in (Comparing.REACHED, Comparing.ALL):
        smallest = _shrunk(reference, target, found, known, comparing)
        again = _difference(reference, target, smallest.trace, known, Comparing.ALL)
        if again is not None and again.signature == smallest.signature:
            return again
    # Not even the trace that was found differs in the same way each time.
    return found


def _shrunk(
    reference: Implementation,
    target: Implementation,
    found: Divergence,
    known: Masked | None,
    comparing: Comparing,
) -> Divergence:
    kept = found

    def holds(trace: Trace) -> bool:
        nonlocal kept
        made = _difference(reference, target, trace, known, comparing, like=kept.signature)
        if made is None:
            return False
        kept = made
        return True

    with quiet_garbage():
        shrink(found.trace, holds)
    return kept


def _difference(
    reference: Implementation,
    target: Implementation,
    trace: Trace,
    known: Masked | None,
    comparing: Comparing,
    like: Signature | None = None,
) -> Divergence | None:
    """What `first_difference` finds, if its signature covers the one that it is to be ``like``."""
    steps = [Step.of(made) for made in trace.operations]
    seen = first_difference(reference, target, trace.world, steps, comparing, known)
    if seen is None:
        return None
    if like is not None:
        # Making a divergence takes as long as finding the difference.
        label = seen.performed[-1].label
        if (label, seen.difference.field) != (like.operation, like.field):
            return None
    made = divergence(reference, trace.world, seen)
    return made if like is None or made.signature.covers(like) else None
