"""Scopes: the small worlds that the explorer looks at exhaustively, as data."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from fixtures.implementation import Implementation
from fixtures.samples import CROSSED, RULED, WRITTEN
from fixtures.samples.shapes import SHAPES
from fixtures.values import Ref
from fixtures.world import settings_for
from stateful.engines.choices import (
    GROUPS,
    STRANGE,
    Vocabulary,
    absent_for,
    classes_for,
    operations_for,
    samples_for,
    steps,
    strange_steps,
)
from stateful.traces.step import Step

#: Some arguments of an operation and the values that are tried for them.
Pattern = Mapping[str, tuple[Any, ...]]


@dataclass(frozen=True)
class Scope:
    """A small world and what can be done in it.

    ``config`` are the settings of the world; ``start`` the operations performed before depth 0.
    ``objects`` are the names that objects can have; ``samples`` the classes that they are made of,
    all of them if empty. ``operations`` are tried in every state, each with all its arguments, or
    only with those that fit one of the patterns in ``narrowed``.

    Every step leads on to new states as far as ``wide`` steps from the start. From there on, to
    ``depth``, only steps of the operations in ``leading`` do, whose arguments fit a pattern there:
    the others do much the same, or something odd. ``early`` operations are tried no deeper than
    ``wide``. States that differ only in one of the ``dimensions`` (see
    `stateful.lockstep.abstract`) are told apart.

    A check explores no deeper than ``shallow``: what ends the process in hundreds of ways is for
    campaigns, and for whoever explores the scope by name.

    Where there are ``hostile`` values, each takes the place of any open argument of any operation;
    ``wide`` steps from the start and deeper, only what leads on is tried.
    """

    name: str
    words: str
    depth: int
    operations: tuple[str, ...]
    wide: int = 0
    leading: Mapping[str, tuple[Pattern, ...]] = field(default_factory=dict)
    early: tuple[str, ...] = ()
    narrowed: Mapping[str, tuple[Pattern, ...]] = field(default_factory=dict)
    config: Mapping[str, Any] = field(default_factory=dict)
    start: tuple[Mapping[str, Any], ...] = ()
    objects: tuple[str, ...] = ("a",)
    samples: tuple[str, ...] = ("Plain",)
    dimensions: tuple[str, ...] = ()
    shallow: int = 2
    hostile: tuple[Any, ...] = ()

    def offered_by(self, *implementations: Implementation) -> Scope:
        """The same scope in a world that all of these can make."""
        parts = (each.parts for each in implementations)
        return replace(self, config=settings_for(self.config, *parts))

    def steps(self, reference: Implementation, target: Implementation) -> tuple[Step, ...]:
        """Every step that is tried in each state, in a fixed order."""
        cached = bool(self.config.get("cache", True))
        offered = operations_for(reference, target, cache=cached)
        operations = [each for each in offered if each.name in self.operations]
        known = replace(
            Vocabulary.unsettled(self.objects, self.config.get("jars", 1), ("r",)),
            cache=cached and "cache" in reference.parts and "cache" in target.parts,
            samples=tuple(
                name
                for name in samples_for(reference, target)
                if not self.samples or name in self.samples
            ),
            classes=classes_for(reference, target),
            absent=absent_for(reference, target),
            hostile=self.hostile,
        )
        found = tuple(
            step
            for step in steps(known, operations)
            if step.operation.name not in self.narrowed or _fits(step, self.narrowed)
        )
        return (*found, *(strange_steps(known, offered) if self.hostile else ()))

    def tries(self, step: Step, depth: int) -> bool:
        """Whether ``step`` is tried in states that are ``depth`` steps from the start."""
        if depth < self.wide:
            return True
        if self.hostile:
            return not step.hostile and _fits(step, self.leading)
        return step.operation.name not in self.early

    def leads(self, step: Step, depth: int) -> bool:
        """Whether states to which ``step`` leads, ``depth`` steps from the start, are explored."""
        return depth <= self.wide or _fits(step, self.leading)


def _fits(step: Step, patterns: Mapping[str, tuple[Pattern, ...]]) -> bool:
    given = dict(zip(step.operation.arguments, step.arguments, strict=True))
    return any(
        all(_is_among(given[name], values) for name, values in pattern.items())
        for pattern in patterns.get(step.operation.name, ())
    )


def _is_among(value: Any, values: tuple[Any, ...]) -> bool:
    return any(type(each) is type(value) and each == value for each in values)


def _operations(*groups: str, without: tuple[str, ...] = ()) -> tuple[str, ...]:
    return tuple(name for group in groups for name in GROUPS[group] if name not in without)


_ANY: tuple[Pattern, ...] = ({},)
_A, _B = Ref("object", "a"), Ref("object", "b")
#: Steps that lead to every state in which an object of a data manager can be.
_LEADING: dict[str, tuple[Pattern, ...]] = {
    **dict.fromkeys(
        (
            "add",
            "drop",
            "fetch",
            "activate",
            "deactivate",
            "invalidate",
            "commit",
            "abort",
            "forget_registered",
            "incrgc",
            "full_sweep",
            "minimize",
            "cache_invalidate",
        ),
        _ANY,
    ),
    "create": ({"state": (None,)},),
    "ghost": ({"state": ({"x": 1},)},),
    "get": ({"name": ("x",)},),
    "set": (
        {"name": ("x", "_v_a"), "value": (1,)},
        {"name": ("_p_changed",), "value": (True, False, None)},
        {"name": ("_p_jar",), "value": (None, Ref("jar", "jar"), Ref("jar", "other"))},
        {"name": ("_p_oid",), "value": (None,)},
    ),
    "delete": ({"name": ("x", "_p_changed", "_p_jar", "_p_oid")},),
    "make_sticky": ({"value": (True, False)},),
    "cache_set": ({"oid": (None,)},),
    "cache_del": ({"oid": (_A, _B)},),
    "new_ghost": ({"oid": (None,)},),
    "mru": ({"oid": (_A, _B)},),
}
_ONE = {"value": (1,)}
_FEW: tuple[Pattern, ...] = (
    {"name": ("x", "_v_a"), **_ONE},
    {"name": ("_p_changed",), "value": (True, False, None)},
    {"name": ("_p_jar", "_p_oid", "_p_serial", "__dict__"), "value": (None,)},
)
#: Of operations that differ in little but the way in which something is reached, a few values.
_NARROWED: dict[str, tuple[Pattern, ...]] = {
    "put": _FEW,
    "p_setattr": _FEW,
    "append": ({"name": ("x",), **_ONE},),
    "setattribute": (_ONE,),
    "set_behind": (_ONE,),
    "isinstance": ({"sample": ("Plain",)},),
    "namesake": ({"sample": ("Plain",)},),
    "set_state": ({"form": ("dict",)}, {"state": ({"x": 5},)}),
    "invalidate_iterable": ({"oids": ([_A],)},),
}
#: The same few values where two objects or callbacks are what matters.
_PLAIN = _NARROWED | _LEADING


def _planned(
    *calls: str, objects: tuple[str, ...] = ("a",), then: tuple[Any, ...] = ()
) -> dict[str, tuple[Pattern, ...]]:
    """What is planned inside these calls for these objects: steps, or an error, but not both.

    Only the lists of steps in ``then``, if there are any.
    """
    inside: Pattern = {"call": calls, "object": objects, "times": (1,)}
    steps = {"then": then} if then else {}
    return {"plan": ({**inside, "then": ([],)}, {**inside, "error": (None,), **steps})}


#: What does most inside a hook.
_FEW_STEPS = (
    *([{"op": op, "object": "a"}] for op in ("deactivate", "drop")),
    *([{"op": op, "object": "b"}] for op in ("drop", "fetch")),
    [{"op": "set", "object": "a", "name": "y", "value": 5}],
    *([{"op": op}] for op in ("minimize", "cache_items", "swap_caches")),
    *([{"op": "cache_del", "oid": each}] for each in (_A, _B)),
    [{"op": "cache_invalidate", "oids": _B}],
)


_IN_JAR = _planned("setstate", "setstate done", "register")
#: Samples with a hook each that tells of its calls, so that something can be planned inside it.
_HOOKED = {
    "Tells_p_deactivate": ("_p_deactivate",),
    "Tells__del__": ("__del__", "weakref callback"),
}
_NESTED = ("plan", "with_unraisable")
#: What does something inside something else.
_INSIDE = (*_NESTED, "plan_in_value")
_GHOST_A = {"op": "ghost", "object": "a"}
_GHOST_B = {"op": "ghost", "object": "b"}
_LOADED = tuple({"op": op, "object": name} for name in "abc" for op in ("ghost", "activate"))
_LIFE = tuple(_LEADING)
#: What calls hooks, each in one way.
_OVERRIDING = (
    *("ghost", "create", "activate", "deactivate", "invalidate", "repr", "get", "set", "delete"),
    *("get_state", "set_state", "reduce", "copy", "pickle", "isinstance", "hash", "equal", "type"),
    *("p_getattr", "p_setattr", "p_delattr", "commit", "incrgc", "minimize", "cache_invalidate"),
    *("cache_items", "lru_items", "debug_info", "cache_set", "cache_del", "add", "drop", "fetch"),
)
_SET: tuple[Pattern, ...] = (
    {"name": ("x", "_v_a"), "value": (1,)},
    {"name": ("_p_changed",), "value": (True, None)},
    {"name": ("_p_jar", "_p_oid"), "value": (None,)},
)
#: The states of what has slots, by the kind of these.
_STORED = tuple(shape.state for shape in SHAPES.values())
_RULED_NARROWED: dict[str, tuple[Pattern, ...]] = {
    "ghost": ({"state": ({"x": 1}, (None, {}), *_STORED)},),
    "set": _SET,
    "delete": ({"name": ("x", "_p_changed", "_p_jar")},),
    "get": ({"name": ("x", "missing", "_p_changed", "__class__")},),
    "reduce": ({"protocol": (None, 2)},),
    "pickle": ({"protocol": (2,)},),
    "isinstance": ({"sample": ("Plain", "Tells__class__")},),
    "p_getattr": ({"name": ("x", "_p_changed")},),
    "p_delattr": ({"name": ("x", "_p_changed")},),
    "set_state": ({"state": ({"x": 5}, ({"x": 5}, {"s1": 6}), 5), "form": ("dict",)},),
}
#: What reaches the data of an object, wherever it has them.
_ON_SLOTS = (
    *("ghost", "activate", "deactivate", "invalidate", "get", "set", "delete", "get_state"),
    *("set_state", "pickle", "commit", "incrgc"),
)
_SLOTS_NARROWED: dict[str, tuple[Pattern, ...]] = {
    "set": ({"name": ("x",), "value": (1,)},),
    "delete": ({"name": ("x",)},),
    "get": ({"name": ("x", "missing")},),
    "set_state": ({"state": ({"x": 5}, (None, {"x": 5})), "form": ("dict",)},),
}
#: Of hostile values, those that raise, lie, or do the most.
_STRANGE = tuple(
    each
    for each in STRANGE
    if not isinstance(each, Ref) or each.name.endswith(("raises", "lies", "loses"))
)
_NAMESAKES = (*_LIFE, "namesake", "add_as", "cache_item", "cache_items", "lru_items", "store")
_TWO = (*_LIFE, *_operations("eviction"), "lru_items", "cache_items", "reify", "update_size")

_DECLARED = (
    Scope(
        "one",
        "one object: every operation in every state",
        depth=5,
        operations=_operations(
            "lifecycle", "attributes", "cache", "eviction", "pickling", without=_INSIDE
        ),
        leading=_LEADING,
        narrowed=_NARROWED,
    ),
    Scope(
        "odd",
        "one object, also behind what is odd: oids, jars, serials, sizes, settings",
        depth=2,
        wide=2,
        operations=(*_LIFE, *GROUPS["cache"], "cache_setting"),
        start=(_GHOST_A,),
        dimensions=("size", "serial"),
    ),
    Scope(
        "no-cache",
        "one object of a data manager without a cache",
        depth=5,
        operations=_operations("lifecycle", "attributes", "pickling", without=_INSIDE),
        leading=_LEADING,
        narrowed=_NARROWED,
        config={"cache": False},
    ),
    Scope(
        "callbacks",
        "one ghost, with something planned inside a call",
        depth=2,
        wide=1,
        operations=(*_LIFE, *_NESTED),
        leading=_LEADING,
        early=("plan",),
        narrowed=_PLAIN | _IN_JAR,
        start=(_GHOST_A,),
    ),
    Scope(
        "callbacks when loaded",
        "one loaded object, with something planned inside a call",
        depth=2,
        wide=1,
        operations=(*_LIFE, *_NESTED),
        leading=_LEADING,
        early=("plan",),
        narrowed=_PLAIN | _IN_JAR,
        start=(_GHOST_A, {"op": "activate", "object": "a"}),
    ),
    Scope(
        "hooks",
        "loaded objects whose classes override something, with something planned inside that",
        depth=2,
        wide=1,
        operations=(*_LIFE, "lru_items", "cache_items", *_NESTED),
        leading=_LEADING,
        early=("plan",),
        narrowed=_PLAIN
        | {
            "plan": tuple(
                pattern
                for name, hooks in zip("ab", _HOOKED.values(), strict=True)
                for pattern in _planned(*hooks, objects=(name,), then=_FEW_STEPS)["plan"]
            )
        },
        start=tuple(
            step
            for name, sample in zip("ab", _HOOKED, strict=True)
            for step in (
                {"op": "ghost", "object": name, "sample": sample},
                {"op": "activate", "object": name},
                {"op": "watch_calling", "object": name},
            )
        ),
        objects=("a", "b"),
        samples=tuple(_HOOKED),
        shallow=1,
    ),
    Scope(
        "two",
        "two objects in one cache, in every order",
        depth=3,
        operations=_TWO,
        leading=_LEADING,
        narrowed=_PLAIN,
        start=_LOADED[:4],
        objects=("a", "b"),
    ),
    Scope(
        "one-slot",
        "two objects, where one has a place in the cache",
        depth=2,
        operations=_TWO,
        leading=_LEADING,
        config={"cache_size": 1},
        narrowed=_PLAIN,
        start=_LOADED[:4],
        objects=("a", "b"),
    ),
    Scope(
        "two-slots",
        "three objects, where two have a place in the cache",
        depth=2,
        operations=_TWO,
        leading=_LEADING,
        config={"cache_size": 2},
        narrowed=_PLAIN,
        start=_LOADED,
        objects=("a", "b", "c"),
    ),
    Scope(
        "bytes",
        "two objects in a cache that is limited by their estimated sizes",
        depth=2,
        operations=_TWO,
        leading={
            **_LEADING,
            "update_size": ({"oid": (_A, _B), "size": (64, 1000)},),
            "cache_setting": ({"name": ("cache_size_bytes",)},),
        },
        config={"cache_size_bytes": 128},
        narrowed=_PLAIN,
        start=_LOADED[:4],
        objects=("a", "b"),
        dimensions=("size",),
    ),
    Scope(
        "two-jars",
        "two objects of two data managers",
        depth=3,
        operations=_TWO,
        leading=_LEADING,
        config={"jars": 2},
        narrowed=_PLAIN,
        start=(_GHOST_A, {"op": "ghost", "object": "b", "jar": "other"}),
        objects=("a", "b"),
    ),
    Scope(
        "namesakes",
        "two objects with one oid, of one data manager or of two",
        depth=3,
        operations=_NAMESAKES,
        leading=_LEADING | dict.fromkeys(("namesake", "add_as"), _ANY),
        config={"jars": 2},
        narrowed=_PLAIN,
        start=(_GHOST_A,),
        objects=("a", "b"),
        shallow=1,
    ),
    Scope(
        "constructors",
        "things made without __init__ or with a second one, copied, and caches in an odd state",
        depth=2,
        wide=1,
        operations=(*GROUPS["constructing"], *_LIFE, "copy", "pickle", "refer", "cache_items"),
        leading=_LEADING,
        narrowed=_PLAIN | {"pickle": ({"protocol": (0, 2)},)},
        start=(_GHOST_A, {"op": "activate", "object": "a"}),
        objects=("a", "b"),
        samples=("Plain", "Slotted", "Mapping", "Wanting", "Abstract"),
        shallow=0,
    ),
    Scope(
        "overridden",
        "one object of each class that overrides something, made by rule",
        depth=3,
        operations=_OVERRIDING,
        leading={"ghost": _ANY, "create": ({"state": (None,)},), "activate": _ANY},
        narrowed=_PLAIN | _RULED_NARROWED,
        samples=RULED,
        shallow=0,
    ),
    Scope(
        "crossed",
        "one object of each class that has slots of a kind and overrides something, made by rule",
        depth=3,
        operations=_ON_SLOTS,
        leading={"ghost": _ANY, "activate": _ANY},
        narrowed=_PLAIN | _RULED_NARROWED | _SLOTS_NARROWED,
        samples=CROSSED,
        shallow=0,
    ),
    Scope(
        "hostile",
        "one hostile value in any argument of anything, and what follows",
        depth=2,
        wide=1,
        operations=_LIFE,
        leading=_LEADING,
        narrowed=_PLAIN,
        start=(_GHOST_A, {"op": "activate", "object": "a"}, _GHOST_B),
        objects=("a", "b"),
        hostile=_STRANGE,
        shallow=0,
    ),
    Scope(
        "samples",
        "one object of each sample class",
        depth=3,
        operations=_operations("lifecycle", "attributes", "pickling", "eviction", without=_INSIDE),
        leading={
            "ghost": _ANY,
            "create": ({"state": (None,)},),
            "activate": _ANY,
            "set": ({"name": ("x",), "value": (1,)},),
        },
        narrowed=_NARROWED | {"set": _FEW},
        samples=tuple(name for name in WRITTEN if name not in ("Mapping", "List_", "WeakDict")),
    ),
    Scope(
        "collections",
        "a mapping and a list",
        depth=4,
        wide=2,
        operations=(*GROUPS["collections"], "ghost", "activate", "deactivate", "incrgc", "commit"),
        leading={"activate": _ANY, "item_write": _ANY, "list_append": _ANY},
        samples=("Mapping", "List_"),
    ),
    Scope(
        "weak references",
        "an object and weak references to it",
        depth=3,
        operations=(*_LIFE, *GROUPS["weakrefs"]),
        leading={**_LEADING, **dict.fromkeys(GROUPS["weakrefs"], _ANY)},
        samples=("Plain", "WeakDict"),
    ),
    Scope(
        "classes",
        "persistent classes in the cache, and things that only look persistent",
        depth=2,
        wide=2,
        operations=(*GROUPS["classes"], *GROUPS["cache"], *GROUPS["eviction"], "drop", "set"),
        narrowed=_NARROWED | {"set": _FEW},
    ),
    Scope("timestamps", "timestamps", depth=1, operations=GROUPS["timestamps"]),
)

#: The scopes that are explored by default, by name.
SCOPES: Mapping[str, Scope] = {scope.name: scope for scope in _DECLARED}

__all__ = ["SCOPES", "Pattern", "Scope"]
