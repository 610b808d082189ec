"""What a machine raises: a divergence, with all that a reader of the report wants to know."""

from __future__ import annotations

import functools
from collections.abc import Iterator

from fixtures.errors import Unsupported
from fixtures.implementation import Implementation
from fixtures.operations import words
from fixtures.world import World
from stateful.lockstep.divergence import Divergence, Signature
from stateful.lockstep.lockstep import Lockstep
from stateful.lockstep.sameness import accidental, shown
from stateful.traces.step import Step
from stateful.traces.trace import Trace


class Diverged(AssertionError):
    """An implementation differs from the reference: ``divergence`` is the trace that shows it."""

    def __init__(self, text: str, divergence: Divergence) -> None:
        super().__init__(text, divergence)
        self.text = text
        self.divergence = divergence

    def __str__(self) -> str:
        return self.text


@functools.lru_cache(maxsize=1024)
def error_for(signature: Signature) -> type[Diverged]:
    """The class of the error that a divergence with this signature is raised as.

    Hypothesis tells failures apart by the class of the error and the line that raises it. With a
    class for each signature it keeps the signature while it shrinks, and reports each one.
    """
    return type("Diverged", (Diverged,), {"__module__": __name__, "__doc__": str(signature)})


def explained(
    found: Divergence, reference: Implementation, target: Implementation, seed: int | None = None
) -> str:
    """A divergence in words: the trace, the step that differs, and how."""
    operations = found.trace.operations
    count = f"{len(operations)} step{'s' * (len(operations) > 1)}"
    lines = [f"{target.name} differs from {reference.name} after {count}", ""]
    if found.trace.world:
        chosen = ", ".join(f"{name} = {value}" for name, value in found.trace.world.items())
        lines.append(f"    world with {chosen}")
    for number, made in enumerate(operations):
        lines.append(f"{'>' if number == found.step else ' '}{number + 1:3} {words(dict(made))}")
    lines += [
        "",
        f" expected  {found.signature.field}: {found.expected}",
        f"      got  {found.signature.field}: {found.actual}",
    ]
    for place, expected, got in state_differences(reference, target, found.trace):
        lines.append(f"    state  {place}: {got}, not {expected}")
    lines.append(f"signature  {found.signature}")
    if seed is not None:
        lines.append(f"     seed  {seed}")
    return "\n".join(lines)


def state_differences(
    reference: Implementation, target: Implementation, trace: Trace
) -> list[tuple[str, str, str]]:
    """What can be seen to differ after ``trace``: where, what the reference shows, the target."""
    driven = Lockstep(reference, target, trace.world)
    try:
        for made in trace.operations:
            step = Step.of(made)
            if driven.can(step):
                driven.perform(step)
        return list(_differences(driven.reference, driven.target))
    except Unsupported:
        return []
    finally:
        driven.close()


def _differences(one: World, other: World) -> Iterator[tuple[str, str, str]]:
    for name in sorted(one.objects.keys() | other.objects.keys()):
        seen = [_seen_object(world, name) for world in (one, other)]
        yield from _differing(name, *seen)
    for jar in one.jars:
        seen = [_seen_cache(world, jar) for world in (one, other)]
        yield from _differing(f"cache of {jar}", *seen)


def _differing(
    place: str, one: dict[str, str], other: dict[str, str]
) -> Iterator[tuple[str, str, str]]:
    for field in dict.fromkeys((*one, *other)):
        expected, got = one.get(field, "missing"), other.get(field, "missing")
        if accidental(expected) != accidental(got):
            yield f"{place}.{field}", expected, got


def _seen_object(world: World, name: str) -> dict[str, str]:
    if name not in world.objects or isinstance(world.objects[name], type):
        return {}
    try:
        return {field: shown(world, value) for field, value in world.object(name)._asdict().items()}
    except Exception as error:
        return {"state": f"cannot be looked at ({type(error).__name__})"}


def _seen_cache(world: World, jar: str) -> dict[str, str]:
    if not hasattr(world.jars[jar], "_cache"):
        return {}
    try:
        return {field: repr(value) for field, value in world.cache(jar)._asdict().items()}
    except Exception as error:
        return {"state": f"cannot be looked at ({type(error).__name__})"}
