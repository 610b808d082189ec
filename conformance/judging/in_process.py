"""Runs one check on one implementation and says what came of it, in JSON.

Stays within the standard library: it is called inside the interpreter under test.
"""

import gc
from typing import Any, Dict, List

from conformance.clauses import registry
from conformance.clauses.binding import with_modules
from conformance.clauses.expect import Mismatch
from fixtures import world as worlds
from fixtures.errors import OperationFailed, Unsupported
from fixtures.implementation import Implementation
from fixtures.operations import words
from fixtures.world import World

PASS, FAIL, UNSUPPORTED, INCONCLUSIVE, NOT_RUN = (
    "pass",
    "fail",
    "unsupported",
    "inconclusive",
    "not-run",
)


def prepare() -> None:
    """Load the checks: once, and before it is watched how long one of them takes."""
    registry.load()


def run_check(implementation: Implementation, check: str) -> Dict[str, Any]:
    """Run the check with this id. The result holds verdict, what, expected, got, trace, words.

    After a check that asked for a process of its own, garbage is collected, so that memory that it
    corrupted ends the process now and not in another check.
    """
    if not registry.CHECKS:
        registry.load()
    made = registry.CHECKS[check]
    if "modules" in made.needs:
        implementation = with_modules(implementation)
    reason = implementation.lacks(made.needs)
    if reason is not None:
        return {"check": check, "verdict": UNSUPPORTED, "what": reason}
    try:
        return {"check": check, **_run(made, implementation)}
    finally:
        if made.alone:
            gc.collect()


def _run(made: registry.Check, implementation: Implementation) -> Dict[str, Any]:
    if made.because is not None:
        return _judged(made, implementation, [])
    world = World(implementation, made.world)
    try:
        found = _judged(made, world, world.notes)
        trace = worlds.trace_json(world.config, world.trace)
        return {
            **found,
            "trace": trace,
            "words": [words(step) for step in world.trace],
        }
    finally:
        worlds.forget_world(implementation)


def _judged(made: registry.Check, subject: Any, notes: List[str]) -> Dict[str, Any]:
    try:
        said = made.function(subject, **made.arguments)
    except Unsupported as error:
        return {"verdict": UNSUPPORTED, "what": str(error)}
    except Mismatch as error:
        return _failure(error.what, repr(error.expected), repr(error.got))
    except OperationFailed as error:
        return _failure(
            f"the outcome of: {words(error.made)}",
            "no error",
            f"{error.error}: {error.message}",
            error.error,
        )
    except Exception as error:
        name = type(error).__name__
        return _failure("the outcome of the check", "no error", f"{name}: {error}", name)
    return {"verdict": PASS, "what": "; ".join(notes) or said or ""}


def _failure(what: str, expected: str, got: str, error: str = "") -> Dict[str, Any]:
    return {"verdict": FAIL, "what": what, "expected": expected, "got": got, "error": error}
