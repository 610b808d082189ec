"""Open steps: what a rule chooses in one draw, apart from the names.

A choice costs Hypothesis more than the step that it chooses. So a rule draws names from Bundles,
and all other arguments at once: a step of the operation table over the names that stand in this
module, which are then replaced by those drawn.
"""

from __future__ import annotations

import random
from collections.abc import Collection, Mapping
from dataclasses import replace
from math import ceil
from typing import Any

from hypothesis import strategies as st

from fixtures.operations import OPERATIONS, Operation, words
from fixtures.samples import RULED, SAMPLES, WRITTEN
from fixtures.values import Ref
from fixtures.world import JAR_NAMES
from stateful.engines.choices import GROUPS, STRANGE, Vocabulary, draw, steps
from stateful.traces.step import Step

#: The names in open steps: of the objects that a rule draws, of a new one, of weak references.
FIRST, SECOND, NEW = "a", "b", "c"
REFERENCE, OTHER_REFERENCE, NEW_REFERENCE = "r", "s", "t"

#: The samples by the part that they are made from; the plain one as often as the others together.
ORDINARY = tuple(name for name in WRITTEN if SAMPLES[name].base == "persistent")
ORDINARY += ("Plain",) * (len(ORDINARY) - 2)
#: A minority of those made by rule.
ORDINARY += RULED[::8]
COLLECTIONS = tuple(name for name, made in SAMPLES.items() if made.base in ("mapping", "list"))
WEAK_DICTS = tuple(name for name, made in SAMPLES.items() if made.base == "weak_dict")

#: So many steps are drawn for each argument that can be strange.
_STRANGE_STEPS = 6
_NAMED = ("object", "new", "reference", "new reference", "watched")


class OpenStep(Step):
    """A step over the names of this module, which others are to replace; shown in words."""

    def __repr__(self) -> str:
        return repr(words(self.made))


def any_step(
    *operations: str,
    objects: int = 1,
    samples: Collection[str] = ORDINARY,
    **only: Collection[Any],
) -> st.SearchStrategy[OpenStep]:
    """Any step of these operations over ``objects`` objects, each operation about as often.

    One that is named twice comes twice as often. ``samples`` are the classes that are made.
    ``only`` limits arguments to some values, such as ``name=("x", "y")``.
    """
    made = _balanced([_steps(name, objects, samples, only) for name in operations])
    return _one_of(_Table(operations, st.sampled_from(made)))


def any_strange_step(*operations: str) -> st.SearchStrategy[OpenStep]:
    """Any of a few steps of these operations that have a hostile value each, over two objects.

    Which ones, depends on nothing but the operations; there are ``_STRANGE_STEPS`` for each
    argument that can be one.
    """
    rng = random.Random(0)
    known = replace(_known((FIRST, SECOND), ORDINARY), hostile=STRANGE)
    found: list[OpenStep] = []
    for name in operations:
        declared = OPERATIONS[name]
        for argument, domain in declared.arguments.items():
            drawn = (
                draw(rng, known, declared, strange=argument)
                for _ in range(_STRANGE_STEPS if domain.open else 0)
            )
            found += [OpenStep(step.operation, step.arguments) for step in drawn if step]
    return _one_of(_Table(operations, st.sampled_from(found)))


class _Table:
    """Many steps in few words: Hypothesis makes texts of the strategies of rules at every turn."""

    def __init__(self, operations: Collection[str], steps: st.SearchStrategy[OpenStep]) -> None:
        self.operations = operations
        self.steps = steps

    def __repr__(self) -> str:
        return ", ".join(dict.fromkeys(self.operations))


@st.composite
def _one_of(draw: st.DrawFn, table: _Table) -> OpenStep:
    return draw(table.steps)


def _balanced(by_operation: list[tuple[OpenStep, ...]]) -> list[OpenStep]:
    longest = max(map(len, by_operation))
    found: list[OpenStep] = []
    for made in by_operation:
        found += made * (ceil(longest / len(made) / 2) if len(by_operation) > 1 else 1)
    return found


def _steps(
    operation: str, objects: int, samples: Collection[str], only: Mapping[str, Collection[Any]]
) -> tuple[OpenStep, ...]:
    known = _known((FIRST, SECOND)[:objects], samples)
    declared = OPERATIONS[operation]
    limited = {name: values for name, values in only.items() if name in declared.arguments}
    found = tuple(
        OpenStep(step.operation, step.arguments)
        for step in steps(known, (declared,))
        if all(_value(step, name) in values for name, values in limited.items())
    )
    if not found:
        raise ValueError(f"any_step: {operation!r} leaves no step with {dict(only)!r}")
    return found


def _known(names: tuple[str, ...], samples: Collection[str]) -> Vocabulary:
    return Vocabulary(
        objects=dict.fromkeys(names, ""),
        new=(NEW,),
        jars=JAR_NAMES,
        samples=tuple(samples),
        references=(REFERENCE, OTHER_REFERENCE),
        new_references=(NEW_REFERENCE,),
        watched=(FIRST,),
        oids=names,
    )


def _value(step: Step, name: str) -> Any:
    return step.arguments[list(step.operation.arguments).index(name)]


def renamed(step: Step, names: Mapping[str, str], jars: Collection[str]) -> Step:
    """``step`` with other names; a jar that is not among ``jars`` becomes the first one."""
    kinds = [domain.kind for domain in step.operation.arguments.values()]
    arguments = []
    for kind, value in zip(kinds, step.arguments, strict=True):
        if kind in _NAMED:
            value = names.get(value, value)
        elif kind == "jar":
            value = _jar(value, jars)
        else:
            value = _renamed(value, names, jars)
        arguments.append(value)
    return Step(step.operation, tuple(arguments))


def _jar(name: str, jars: Collection[str]) -> str:
    return name if name in jars else next(iter(jars))


def _renamed(value: Any, names: Mapping[str, str], jars: Collection[str]) -> Any:
    if isinstance(value, Ref):
        if value.kind == "object":
            return Ref("object", names.get(value.name, value.name))
        if value.kind in ("jar", "cache"):
            return Ref(value.kind, _jar(value.name, jars))
        return value
    if type(value) in (list, tuple):
        return type(value)(_renamed(item, names, jars) for item in value)
    if type(value) is dict:
        return {
            key: names.get(item, item)
            if key == "object" and isinstance(item, str)
            else _renamed(item, names, jars)
            for key, item in value.items()
        }
    return value


def shape_of(operation: Operation) -> str:
    """What a rule has to do with what an operation makes and takes.

    ``make``: it makes an object; ``derive``: it makes one from another; ``refer``: it makes a weak
    reference; ``compare``: it takes weak references; ``use``: none of these.
    """
    kinds = {domain.kind for domain in operation.arguments.values()}
    if "new" in kinds:
        return "derive" if "object" in kinds else "make"
    if "new reference" in kinds:
        return "refer"
    return "compare" if "reference" in kinds else "use"


def of_group(
    group: str, *, shapes: Collection[str] = (), but: Collection[str] = ()
) -> tuple[str, ...]:
    """The names of the operations of a group, for `any_step`.

    Only those of these ``shapes`` if given (see `shape_of`), without those named in ``but``. So an
    operation that is new in its group is drawn by the rules that there are.
    """
    return tuple(
        name
        for name in GROUPS.get(group, ())
        if name not in but and (not shapes or shape_of(OPERATIONS[name]) in shapes)
    )
