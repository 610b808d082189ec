"""HOOK - classes made by rule: all that they can override, whatever slots they have."""

from typing import Any, Dict, Iterator, Tuple

from conformance.clauses.cases import cases
from conformance.clauses.expect import calls, equal
from conformance.clauses.registry import MUST, check, clause
from fixtures.operations.table import operation_named
from fixtures.samples.by_rule import HOOKS, called
from fixtures.samples.metaclasses import ASKED
from fixtures.samples.shapes import SHAPES
from fixtures.states import given
from fixtures.values import ref
from fixtures.world import World

clause(
    "HOOK-11",
    MUST,
    "What is done to an object, and what a cache does, runs no code of the metaclass of its class: "
    "only Python itself asks the class, as it makes an instance, `copyreg`, for its slots, and who "
    "shows the object.",
    "I:IPersistent; N (no document gives a class a part in the protocol)",
)

_OBJECT: Tuple[Tuple[Any, ...], ...] = (
    *((op, "a") for op in ("activate", "deactivate", "activate", "invalidate")),
    *(("get", "a", name) for name in ("x", "_p_changed")),
    *(("set", "a", name, True) for name in ("x", "_p_changed")),
    *((op, "a") for op in ("get_state", "reduce")),
    *(("delete", "a", name) for name in ("x", "_p_changed")),
)
_CACHE: Tuple[Tuple[Any, ...], ...] = (
    *((op, ref("a")) for op in ("cache_item", "cache_get", "mru", "cache_invalidate")),
    *((op,) for op in ("cache_items", "lru_items", "klass_items", "cache_data", "debug_info")),
    *((op,) for op in ("incrgc", "minimize", "full_sweep")),
    ("cache_set", "a"),
    ("cache_del", ref("a")),
)


@check("HOOK-11", each=cases(name=ASKED))
def a_metaclass_is_asked_for_nothing(world: World, name: str) -> None:
    sample = called("tells", name, "Class")
    given(world, "ghost", "a", sample)
    for op, *arguments in (*_OBJECT, *_CACHE):
        if world.implementation.lacks(operation_named(op).needs) is None:
            calls(world.attempt(op, *arguments), of=(name,))


clause(
    "HOOK-12",
    MUST,
    "A class that overrides a name of the protocol and delegates is as one that does not: its "
    "objects have the same states and data, in a dict or in slots of any kind, and make the same "
    "calls of the jar.",
    "D1.8; D2.4; I:IPersistent",
)


def _life(name: str, shape: str) -> Iterator[Tuple[Any, ...]]:
    """What is done to an object of a class of a shape: each attribute is written and lost."""
    names = SHAPES[shape].slot_names or ("x",)
    yield ("activate", name)
    yield ("get", name, names[0])
    for each in names:
        yield ("set", name, each, [each])
    yield ("get_state", name)
    yield ("deactivate", name)
    yield ("invalidate", name)
    yield ("get", name, names[0])
    yield ("delete", name, names[0])
    yield ("set", name, "_p_changed", False)
    yield ("deactivate", name)
    yield ("set", name, names[-1], 5)
    yield ("set", name, "_p_changed", None)
    yield ("set_state", name, (None, {names[-1]: 7}))
    yield ("get_state", name)


def _lived(world: World, name: str, shape: str, sample: str) -> Dict[str, Any]:
    """What is seen as an object lives: what each step did -> what came of it."""
    world.do("ghost", name, sample, SHAPES[shape].state)
    found = {}
    for number, (op, *arguments) in enumerate(_life(name, shape)):
        seen = world.attempt(op, *arguments)
        told = [each.split()[0] for each in seen.calls("setstate", "register")]
        now = world.object(name)._replace(oid=None, serial=None)
        found["{} {}".format(number, op)] = (seen.error, seen.value, told, now)
    world.do("drop", name)
    return found


@check("HOOK-12", each=cases(shape=SHAPES))
def what_is_overridden_and_delegated_makes_no_difference(world: World, shape: str) -> None:
    expected = _lived(world, "a", shape, "Has" + shape if shape else "Plain")
    # A property without a setter delegates half of what there is.
    names = [name for name in HOOKS if name not in ("_p_oid", "_p_jar")]
    for number, name in enumerate(names):
        lived = _lived(world, "b{}".format(number), shape, called("tells", name, shape))
        for what, outcome in expected.items():
            equal(lived[what], outcome, "step {} where {} is overridden".format(what, name))
