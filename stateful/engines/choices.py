"""Choices: what a driver can do next, made from the domains of the operation table.

A driver that explores takes all `steps`; one that walks takes a `pool`, drawn at random.
"""

from __future__ import annotations

import random
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from fixtures.implementation import PARTS, Implementation
from fixtures.operations import OPERATIONS, Operation
from fixtures.operations.domains import Domain
from fixtures.samples import CROSSED, RULED, SAMPLES
from fixtures.seen import left_out, names_of
from fixtures.values import Ref
from fixtures.values.hostile import HOSTILE, plain_type
from fixtures.world import JAR_NAMES
from stateful.traces.step import Step

#: A name that no object ever has: its oid is unknown to every cache.
UNKNOWN = "u"


def _grouped() -> dict[str, tuple[str, ...]]:
    found: dict[str, list[str]] = {}
    for operation in OPERATIONS.values():
        found.setdefault(operation.group, []).append(operation.name)
    return {group: tuple(names) for group, names in found.items()}


#: The names of the operations in each group: lifecycle, attributes, cache, eviction, pickling,
#: constructing, collections, timestamps, weakrefs, classes.
GROUPS: Mapping[str, tuple[str, ...]] = _grouped()


@dataclass(frozen=True)
class Vocabulary:
    """What a driver knows of the worlds that it drives.

    ``objects`` are the names that exist, each with the name of its class, empty if that is not
    known; ``new`` names that do
    not exist; ``references`` and ``new_references`` the same for weak references; ``watched`` the
    names that were watched; ``oids`` the names whose oids can be asked for; ``classes`` the
    classes that collections can be made of, each by the name of a part or of a sample; ``absent``
    the attributes and the operations that not all implementations offer. ``hostile`` are values
    that are passed in place of any argument that is open, one in a step at most.
    """

    objects: Mapping[str, str] = field(default_factory=dict)
    new: tuple[str, ...] = ()
    jars: tuple[str, ...] = ("jar",)
    cache: bool = True
    samples: tuple[str, ...] = ()
    references: tuple[str, ...] = ()
    new_references: tuple[str, ...] = ()
    watched: tuple[str, ...] = ()
    oids: tuple[str, ...] = ()
    classes: tuple[str, ...] = (*PARTS, *SAMPLES)
    absent: tuple[str, ...] = ()
    hostile: tuple[Any, ...] = ()

    @classmethod
    def unsettled(
        cls, names: Sequence[str], jars: int, references: tuple[str, ...] = ("r", "s")
    ) -> Vocabulary:
        """Where all of ``names`` and ``references`` may exist or not, of whatever class.

        Whether a name has the class that a step wants is looked up when the step's turn comes.
        ``jars`` says how many there are.
        """
        names = tuple(names)
        return cls(
            objects=dict.fromkeys(names, ""),
            new=names,
            jars=JAR_NAMES[:jars],
            references=references,
            new_references=references,
            watched=names,
            oids=names,
        )

    def has(self, value: Any) -> bool:
        """Whether everything that ``value`` refers to, or names, is there."""
        if isinstance(value, Ref):
            if value.kind in ("jar", "cache"):
                return value.name in self.jars
            if value.kind == "hostile":
                return True
            return value.name in (self.samples if value.kind == "class" else self.objects)
        if isinstance(value, (list, tuple)):
            return all(self.has(item) for item in value)
        return not isinstance(value, str) or value not in self.absent


def operations_for(
    *implementations: Implementation, cache: bool = True, groups: Sequence[str] = ()
) -> tuple[Operation, ...]:
    """The operations that all of these can perform; only those of ``groups`` if given."""
    return tuple(
        operation
        for operation in OPERATIONS.values()
        if all(each.lacks(operation.needs) is None for each in implementations)
        and (cache or "cache" not in operation.needs)
        and (not groups or operation.group in groups)
    )


def samples_for(*implementations: Implementation) -> tuple[str, ...]:
    """The names of the samples that can be made for all of these."""
    return tuple(
        name
        for name, declared in SAMPLES.items()
        if all(each.lacks(declared.needs) is None for each in implementations)
    )


def classes_for(*implementations: Implementation) -> tuple[str, ...]:
    """The names of the parts that all of these have, and of the samples made for all of them."""
    shared = (part for part in PARTS if all(part in each.parts for each in implementations))
    return (*shared, *samples_for(*implementations))


def absent_for(*implementations: Implementation) -> tuple[str, ...]:
    """The names of the attributes and of the operations that not all of these offer."""
    offered = {operation.name for operation in operations_for(*implementations)}
    attributes = names_of(left_out(*(each.capabilities for each in implementations)))
    return (*attributes, *(name for name in OPERATIONS if name not in offered))


def _values(domain: Domain, known: Vocabulary, chosen: Mapping[str, Any]) -> Sequence[Any]:
    """What an argument can be, when the arguments before it are ``chosen``."""
    if domain.kind == "depending":
        domain = domain.given(chosen[domain.on])
    kind = domain.kind
    if kind == "values":
        return [value for value in domain.values if known.has(value)]
    if kind == "class":
        return [name for name in domain.values if name in known.classes]
    if kind == "object":
        return [
            name
            for name, cls in known.objects.items()
            if not domain.values or not cls or cls in domain.values
        ]
    simple = {
        "new": known.new,
        "jar": known.jars,
        "sample": known.samples,
        "reference": known.references,
        "new reference": known.new_references,
        "watched": known.watched,
    }
    if kind in simple:
        return simple[kind]
    if kind == "oid":
        return [*domain.values, *(Ref("object", name) for name in (*known.oids, UNKNOWN)), 1, b""]
    if kind == "oids":
        return _oids(known)
    if kind == "operations":
        return _nested(known, chosen)
    raise ValueError(f"domain: {kind!r} is no kind that a driver knows")


def _oids(known: Vocabulary) -> list[Any]:
    single = [Ref("object", name) for name in (*known.oids, UNKNOWN)]
    pairs = [[one, other] for one in single for other in single]
    return [*single, [], *([one] for one in single), *pairs, single[::-1], 1, [1], [b""]]


#: What is done inside calls: operations with arguments by the name of the domain. ``@`` stands for
#: the object of the outer operation.
_INSIDE: tuple[tuple[str, dict[str, Any]], ...] = (
    ("deactivate", {}),
    ("invalidate", {}),
    ("activate", {}),
    ("drop", {}),
    ("fetch", {}),
    ("get", {"name": "x"}),
    ("set", {"name": "y", "value": 5}),
    ("set", {"name": "_p_changed", "value": True}),
    ("set", {"name": "_p_changed", "value": False}),
    ("set", {"name": "_v_a", "value": 5}),
    ("delete", {"name": "x"}),
    ("delete", {"name": "_p_jar"}),
    ("make_sticky", {}),
    ("get_state", {}),
    ("cache_set", {}),
)
_INSIDE_CACHE = (
    *("full_sweep", "minimize", "incrgc", "lru_items", "cache_items", "swap_caches"),
    *("commit", "abort", "forget_registered", "collect"),
)


def _nested(known: Vocabulary, chosen: Mapping[str, Any]) -> list[Any]:
    found: list[Any] = [[]]
    for name in known.objects:
        found += [[{"op": op, "object": name, **given}] for op, given in _INSIDE if known.has(op)]
    if known.cache:
        found += [[{"op": op}] for op in _INSIDE_CACHE if known.has(op)]
        for name in known.oids:
            found.append([{"op": "cache_invalidate", "oids": Ref("object", name)}])
            found.append([{"op": "cache_del", "oid": Ref("object", name)}])
    return found


def steps(
    known: Vocabulary, operations: Sequence[Operation], limit: int | None = None
) -> Iterator[Step]:
    """Yield all steps that make sense for a driver with this knowledge, in a fixed order.

    With ``limit``, at most so many values are tried for an argument other than names.
    """
    for operation in operations:
        yield from _filled(operation, known, {}, limit)


def strange_steps(known: Vocabulary, operations: Sequence[Operation]) -> Iterator[Step]:
    """Yield all steps that have one ``hostile`` value each, in a fixed order.

    The other arguments are names, or the first that they can be; where the strange one depends on
    one of them, that is each on which something depends.
    """
    for operation in operations:
        for strange, domain in operation.arguments.items():
            if domain.open:
                yield from _filled_strangely(operation, known, {}, strange)


def _filled_strangely(
    operation: Operation, known: Vocabulary, chosen: dict[str, Any], strange: str
) -> Iterator[Step]:
    if len(chosen) == len(operation.arguments):
        yield Step(operation, tuple(chosen.values()))
        return
    name = list(operation.arguments)[len(chosen)]
    domain, odd = operation.arguments[name], operation.arguments[strange]
    values = _values(domain, known, chosen)
    if name == strange:
        values = tuple(_hostile(name, domain, values, known.hostile))
    elif name == odd.on:
        values = [value for value in values if odd.has(value) or value == values[0]]
    elif domain.kind != "object":
        values = values[:1]
    for value in values:
        yield from _filled_strangely(operation, known, {**chosen, name: value}, strange)


def _filled(
    operation: Operation, known: Vocabulary, chosen: dict[str, Any], limit: int | None
) -> Iterator[Step]:
    if len(chosen) == len(operation.arguments):
        yield Step(operation, tuple(chosen.values()))
        return
    name = list(operation.arguments)[len(chosen)]
    domain = operation.arguments[name]
    values = _values(domain, known, chosen)
    if limit is not None and domain.kind in ("values", "depending", "class", "operations", "oids"):
        values = values[:limit]
    for value in values:
        yield from _filled(operation, known, {**chosen, name: value}, limit)


#: The names of arguments that are lists of arguments.
_PASSED_ON = ("arguments", "sizes")


def _hostile(
    name: str, domain: Domain, values: Sequence[Any], hostile: Sequence[Any]
) -> Iterator[Any]:
    """Those of the ``hostile`` values that an argument called ``name`` can be, instead of others.

    A subclass of a plain type stands where a value of that type is usual; what is no such thing,
    anywhere. Arguments that are passed on one by one have it as the first, or the second.
    """
    if name in _PASSED_ON:
        longest: Sequence[Any] = max(values, key=len)
        usual = {type(each).__name__ for each in longest}
    elif name == "keywords":
        keywords = dict.fromkeys(key for each in values for key in each) or {"b": None}
        usual = {"int"}
    elif domain.kind in ("oid", "oids"):
        usual = {"bytes", "list"} if domain.kind == "oids" else {"bytes"}
    else:
        usual = {type(each).__name__ for each in values}
    for each in hostile:
        if isinstance(each, Ref):
            base = plain_type(each.name)
            if base != "object" and base not in usual:
                continue
        if name in _PASSED_ON:
            for place in range(len(longest)):
                yield [*longest[:place], each, *longest[place + 1 :]]
        elif name == "keywords":
            for keyword in keywords:
                yield {keyword: each}
        else:
            yield each
            if domain.kind == "oids":
                yield [each, *values[:1]]


#: The values that are hostile, or odd: the latter stand for themselves.
ODD: tuple[Any, ...] = (
    *(True, 1.0, 0, -1, 2**31, 2**40, 2**70, 0.5, float("nan"), "text", "a\0b", "\ud800", None),
    *(b"", b"short", bytearray(b"\0\0\0\0\0\0\0a"), (), [], {}, [[]]),
)
STRANGE: tuple[Any, ...] = (*(Ref("hostile", name) for name in HOSTILE), *ODD)


def _about(name: Any, nested: Sequence[Any]) -> list[Any]:
    """Those of the lists of steps that are about the object inside whose call they act."""
    return [then for then in nested if any(made.get("object") == name for made in then)]


def _any_hostile(
    rng: random.Random, name: str, domain: Domain, values: Sequence[Any], hostile: Sequence[Any]
) -> Any:
    """One of the hostile values that fit."""
    while True:
        each = hostile[int(rng.random() * len(hostile))]
        found = list(_hostile(name, domain, values, (each,)))
        if found:
            return found[int(rng.random() * len(found))]


#: One object of so many is of a class that is made by rule, and one of so many of these is of one
#: that has slots of a kind besides.
RULED_SHARE, CROSSED_SHARE = 4, 4
_RULED, _CROSSED = frozenset(RULED), frozenset(CROSSED)
#: One step of so many has a strange argument, if it has one that can be.
STRANGE_SHARE = 12


def any_family(rng: random.Random, names: Sequence[str]) -> Sequence[str]:
    """Those of the names of samples that are of one family: written, of one special thing, or two.

    There are the more of them, the stranger they are; so the family is drawn first.
    """
    strange = rng.random() * RULED_SHARE < 1
    crossed = strange and rng.random() * CROSSED_SHARE < 1
    of_family = _CROSSED if crossed else _RULED
    if strange:
        return [each for each in names if each in of_family] or names
    return [each for each in names if each not in _RULED and each not in _CROSSED] or names


def _drawn_strange(rng: random.Random, known: Vocabulary, operation: Operation) -> str | None:
    """The name of the argument that is to be strange; None if none is."""
    if not known.hostile or rng.random() * STRANGE_SHARE >= 1:
        return None
    names = [name for name, domain in operation.arguments.items() if domain.open]
    return names[int(rng.random() * len(names))] if names else None


def draw(
    rng: random.Random, known: Vocabulary, operation: Operation, strange: str | None = None
) -> Step | None:
    """One step of ``operation`` with arguments drawn at random; None if there is none.

    The argument called ``strange`` is, or else one in `STRANGE_SHARE` steps has one that is.
    """
    chosen: dict[str, Any] = {}
    strange = strange or _drawn_strange(rng, known, operation)
    for name, domain in operation.arguments.items():
        values = _values(domain, known, chosen)
        if not values:
            return None
        if name == strange:
            chosen[name] = _any_hostile(rng, name, domain, values, known.hostile)
            continue
        # Where an argument can be left out, most users do; but not where a class needs its own.
        special = domain.on == "sample" and domain.has(chosen["sample"])
        may_default = name in operation.defaults and not special and domain.kind != "operations"
        if may_default and rng.random() < 0.5:
            default = operation.defaults[name]
            if domain.kind not in ("jar", "sample") or default in values:
                chosen[name] = default
                continue
        if domain.kind == "operations" and rng.random() < 0.5:
            values = _about(chosen.get("object"), values) or values
        if domain.kind == "sample" and len(values) > 1:
            values = any_family(rng, values)
        value = values[int(rng.random() * len(values))]
        if operation.later and domain.kind == "operations" and rng.random() < 0.25:
            value = [*value, *values[int(rng.random() * len(values))]]
        chosen[name] = value
    return Step(operation, tuple(chosen.values()))


#: How often the operations of a group are drawn, compared with one another.
WEIGHTS = {
    "lifecycle": 26,
    "attributes": 24,
    "cache": 16,
    "eviction": 14,
    "pickling": 6,
    "constructing": 5,
    "collections": 10,
    "weakrefs": 3,
    "classes": 2,
    "timestamps": 1,
}


def pool(
    rng: random.Random, known: Vocabulary, operations: Sequence[Operation], size: int
) -> list[Step]:
    """``size`` steps drawn at random, by `WEIGHTS`, for a driver with this knowledge."""
    sizes = Counter(operation.group for operation in operations)
    weights = [
        WEIGHTS[operation.group] * operation.weight / sizes[operation.group]
        for operation in operations
    ]
    found = []
    for operation in rng.choices(operations, weights, k=size):
        made = draw(rng, known, operation)
        if made is not None:
            found.append(made)
    return found
