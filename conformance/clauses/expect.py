"""What checks say: this must be seen. Each function raises `Mismatch` where it is not."""

from typing import Any, Dict, Optional, Sequence, Union

from fixtures.errors import Unsupported
from fixtures.operations import words
from fixtures.world import CacheState, ObjectState, Observation, World

#: How a facet of an object or a cache is called in messages, if not by its own name.
_CALLED = {
    "state": "_p_state",
    "changed": "_p_changed",
    "status": "_p_status",
    "sticky": "_p_sticky",
    "jar": "_p_jar",
    "oid": "_p_oid",
    "serial": "_p_serial",
    "size": "_p_estimated_size",
    "dict": "the instance dict",
    "slots": "the slots",
    "length": "len()",
    "ring": "the names in lru_items()",
    "ringlen": "ringlen()",
    "non_ghost_count": "cache_non_ghost_count",
    "class_count": "cache_klass_count",
    "estimated_size": "total_estimated_size",
}


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


def named_in(module: Any, *names: str) -> Any:
    """What ``module`` has under the first of ``names``; None if it has others of them only.

    An implementation may lack such names. Raises `Unsupported` if there is none of them.
    """
    if not any(hasattr(module, name) for name in names):
        raise Unsupported(f"the implementation offers no {' or '.join(names)} in such a module")
    return getattr(module, names[0], None)


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


def calls(seen: Observation, *expected: str, of: Sequence[str] = ()) -> None:
    """The operation had to make exactly these calls (such as ``setstate a``), in this order.

    With ``of``, only calls of these kinds are looked at.
    """
    kinds = f"the calls of {', '.join(of)}" if of else "the calls"
    equal(seen.calls(*of), list(expected), f"{kinds} that {seen.operation['op']!r} makes")


def succeeds(seen: Observation) -> None:
    """The operation had to raise nothing."""
    equal(seen.error, None, f"the error of: {words(seen.operation)}")


def gives(seen: Observation, expected: Any) -> None:
    """The operation had to succeed with this value."""
    succeeds(seen)
    equal(seen.value, expected, f"the value of: {words(seen.operation)}")


def looks(world: World, name: str, like: Optional[ObjectState] = None, **facets: Any) -> None:
    """The object has to look ``like`` that, but for ``facets``; or only ``facets`` are looked at.

    ``looks(world, "a", state=CHANGED, dict={"x": 1})``, ``looks(world, "a", before)``. A facet is
    a field of `ObjectState`.
    """
    _has_facets(world.object(name), name, like, facets)


def cache_looks(
    world: World, like: Optional[CacheState] = None, jar: str = "jar", **facets: Any
) -> None:
    """The cache has to look ``like`` that, but for ``facets``; or only ``facets`` are looked at.

    ``cache_looks(world, length=1, ring=("a",))``. A facet is a field of `CacheState`.
    """
    owner = "the cache" if jar == "jar" else f"the cache of {jar}"
    _has_facets(world.cache(jar), owner, like, facets)


def _has_facets(
    seen: Union[ObjectState, CacheState], owner: str, like: Any, facets: Dict[str, Any]
) -> None:
    demanded = {**(like._asdict() if like is not None else {}), **facets}
    for facet, expected in demanded.items():
        equal(getattr(seen, facet), expected, f"{_CALLED[facet]} of {owner}")


def in_ring(world: World, expected: str) -> None:
    """The cache has to count exactly the objects with these letters as loaded, LRU to MRU."""
    seen = world.cache()
    equal(seen.ring, tuple(expected), "the names in lru_items()")
    equal(seen.ringlen, len(expected), "ringlen()")
    equal(seen.non_ghost_count, len(expected), "cache_non_ghost_count")


def in_states(world: World, **expected: int) -> None:
    """The objects have to be in these states: ``in_states(world, a=GHOST, b=CHANGED)``."""
    equal({name: world.object(name).state for name in expected}, expected, "_p_state")
