"""Driven on alone: what is wrong with a target whatever the reference does.

Behind a difference, the worlds can no longer be compared; but there a target may crash, hang, raise
a SystemError, or tell counts that contradict one another, and each of these is a finding of its
own. What ends the process is noticed by whoever performs the work.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from fixtures.implementation import Implementation
from fixtures.seen import read_counts
from fixtures.world import World
from stateful.lockstep.divergence import COUNTS, SYSTEM_ERROR, Divergence, Signature
from stateful.lockstep.lockstep import Found, divergence, perform_alone
from stateful.lockstep.observe import Difference
from stateful.lockstep.recorded import Seen
from stateful.lockstep.shrink import shrink
from stateful.traces.step import Step
from stateful.traces.trace import Trace

_RAISES = "SystemError"


def wrong_after(world: World, error: str | None) -> Difference | None:
    """What is wrong in ``world`` after a step that raised this error, if it raised one."""
    if error == _RAISES:
        return _system_error()
    return _contradiction(read_counts(world))


def wrong_in(step: Seen) -> Difference | None:
    """The same of a step of a recording."""
    if step["does"] == f"raises {_RAISES}":
        return _system_error()
    counts: dict[str, dict[str, int]] = {}
    for key, value in step["seen"].items():
        jar, is_count, count = key.partition("._cache.")
        if is_count and value.lstrip("-").isdigit():
            counts.setdefault(jar, {})[count] = int(value)
    return _contradiction(counts)


def _system_error() -> Difference:
    return Difference(SYSTEM_ERROR, "no SystemError", f"raises {_RAISES}")


def _contradiction(counts: Mapping[str, Mapping[str, int]]) -> Difference | None:
    for jar, of in counts.items():
        length, active, ring = (of.get(name) for name in ("length", "non_ghost_count", "ringlen"))
        found = None
        if active is not None and ring is not None and active != ring:
            found = f"{active} that are no ghosts, {ring} in the ring"
        elif length is not None and active is not None and not 0 <= active <= length:
            found = f"{active} that are no ghosts, of {length}"
        elif of.get("estimated_size", 0) < 0:
            found = f"an estimated size of {of['estimated_size']}"
        if found is not None:
            return Difference(COUNTS, "counts that agree", f"the cache of {jar} tells {found}")
    return None


def first_wrong(
    target: Implementation, config: Mapping[str, Any], steps: Iterable[Step], field: str
) -> tuple[list[Step], Difference] | None:
    """The steps up to the first after which something is wrong in this ``field``, and what."""
    world = World(target, config)
    world.keep_no_trace()
    performed = []
    try:
        for step in steps:
            performed.append(step)
            found = wrong_after(world, perform_alone(world, step))
            if found is not None and found.field == field:
                return performed, found
        return None
    finally:
        world.close()


def pinned_alone(
    reference: Implementation,
    target: Implementation,
    config: Mapping[str, Any],
    steps: Sequence[Step],
    field: str,
) -> Divergence | None:
    """What is wrong in this ``field`` when ``steps`` are performed again; None if nothing is."""
    found = first_wrong(target, config, steps, field)
    return None if found is None else divergence(reference, config, Found(*found, ()))


def shrink_alone(
    reference: Implementation, target: Implementation, found: Divergence
) -> Divergence:
    """The divergence with the shortest trace found for it; see `stateful.lockstep.shrink`."""
    kept = found

    def holds(trace: Trace) -> bool:
        nonlocal kept
        steps = [Step.of(made) for made in trace.operations]
        made = pinned_alone(reference, target, trace.world, steps, found.signature.field)
        if made is None or not made.signature.covers(kept.signature):
            return False
        kept = made
        return True

    shrink(found.trace, holds)
    return kept


def replayed_alone(
    trace: Trace, steps: Sequence[Seen], was: Signature, at: int
) -> Divergence | None:
    """What a recording of ``trace`` shows to be wrong at the step ``at``, if it is so still."""
    found = wrong_in(steps[at]) if at < len(steps) else None
    if found is None or found.field != was.field:
        return None
    shorter = Trace(trace.world, tuple(trace.operations[: at + 1]))
    return Divergence(was, shorter, at, found.expected, found.actual)


__all__ = ["pinned_alone", "replayed_alone", "shrink_alone", "wrong_after", "wrong_in"]
