"""What checks say: this must be seen. Each function raises `Mismatch` where it is not."""

from typing import Any

from fixtures.world import Observation, World


class Mismatch(AssertionError):
    """Something else was seen than the clause demands."""

    def __init__(self, what: str, expected: Any, got: Any) -> None:
        super().__init__(f"{what}: expected {expected!r}, got {got!r}")
        self.what = what
        self.expected = expected
        self.got = got


def equal(got: Any, expected: Any, what: str) -> None:
    """``got`` has to equal ``expected`` and to be of the same type where that is bool or None."""
    same = got == expected
    if isinstance(expected, bool) or expected is None:
        same = got is expected
    if not same:
        raise Mismatch(what, expected, got)


def true(got: Any, what: str) -> None:
    """``got`` has to be true."""
    if not got:
        raise Mismatch(what, True, got)


def one_of(got: Any, expected: Any, what: str) -> None:
    """``got`` has to be one of ``expected``."""
    if got not in expected:
        raise Mismatch(what, f"one of {expected!r}", got)


def raises(seen: Observation, *errors: str) -> None:
    """The operation had to raise one of ``errors`` (or a subclass)."""
    if not set(errors) & set(seen.error_types):
        got = f"{seen.error}: {seen.message}" if seen.error else f"no error, value {seen.value!r}"
        raise Mismatch(f"the error of {seen.operation['op']!r}", " or ".join(errors), got)


def calls(seen: Observation, *expected: str) -> None:
    """The operation had to make exactly these calls (such as ``setstate a``), in this order."""
    equal(seen.calls(), list(expected), f"the calls that {seen.operation['op']!r} makes")


def in_ring(world: World, expected: str) -> None:
    """The cache has to count exactly the objects with these letters as loaded, LRU to MRU."""
    seen = world.cache()
    equal(seen.ring, tuple(expected), "the names in lru_items()")
    equal(seen.ringlen, len(expected), "ringlen()")
    equal(seen.non_ghost_count, len(expected), "cache_non_ghost_count")


def in_states(world: World, **expected: int) -> None:
    """The objects have to be in these states: ``in_states(world, a=GHOST, b=CHANGED)``."""
    equal({name: world.object(name).state for name in expected}, expected, "_p_state")
