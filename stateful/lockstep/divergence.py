"""What was found: a trace after which an implementation differs from the reference."""

from __future__ import annotations

import functools
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from fixtures.world import trace_json
from stateful.traces.trace import BadTrace, Trace

_BETWEEN = " | "

#: The field of a divergence whose last step ends the process of the target.
CRASH = "crash"
#: The fields of what is wrong with a target whatever the reference does (see
#: `stateful.lockstep.alone`): most often behind another difference, so that nothing is masked.
SYSTEM_ERROR, COUNTS = "SystemError", "counts"
ALONE = (SYSTEM_ERROR, COUNTS)
#: The fields of a difference that may leave no trace: after it, both worlds can be the same.
PASSING = ("value", "error", "calls.seen")
#: Stands for any operation; in an abstract state, for any object, ``oids: *`` for any oids, and
#: ``cache: *`` for any cache, all without plans.
ANY = "*"
#: So many abstract states in which an operation differs in the same field stand for all that touch
#: as much.
STATES = 5
#: So many operations that differ in the same field, on a ghost in the same abstract state, stand
#: for all of them, if it fails to load or ends with other data: what they have in common is that
#: they load it.
OPERATIONS = 6
#: So many operations inside which the same plan makes the same field differ stand for all: what
#: they have in common is the call in which the plan acts.
PLANNED = 3


@dataclass(frozen=True, order=True)
class Signature:
    """The identity of a divergence: what was done, to what, and what differs.

    ``operation`` is the operation with those of its arguments that make it another one, such as
    ``set _p_changed None``. ``before`` is the abstract state of what it touches, such as ``Plain
    ghost cached``. ``field`` is the part of the observation that differs, such as ``error`` or
    ``object.state``. None of them holds names of objects, texts or ids. In the first and the
    second, `ANY` can stand for what does not matter.
    """

    operation: str
    before: str
    field: str

    def __str__(self) -> str:
        return _BETWEEN.join((self.operation, self.before, self.field))

    def covers(self, other: Signature) -> bool:
        """Whether ``other`` is expected wherever this one is: it needs the same and maybe more.

        What differs for the class `Plain` does so for any class; for an object without cache and
        oid, also with them; for some statuses, also with others beside them; without plans, also
        with them. A signature for any operation covers this very abstract state, for any class, or
        if it holds plans only, any with these plans. One for any object covers no plans, unless it
        is about a crash.
        """
        if self.field != other.field:
            return False
        if self.operation == ANY:
            return _is_alike(self.before, other.before)
        return self.operation == other.operation and self._needs_less_than(other.before)

    def _needs_less_than(self, before: str) -> bool:
        if ANY in self.before and "planned " in before and self.field != CRASH:
            return False
        return _needs_less(self.before, before)

    @classmethod
    def parse(cls, text: str) -> Signature:
        """The signature whose string form is ``text``. Raises ValueError."""
        parts = text.split(_BETWEEN)
        if len(parts) != 3 or not parts[0] or not parts[2]:
            raise ValueError(f"signature: {text!r} is not of the form 'operation | before | field'")
        return cls(*parts)


_ANY_CLASS = "Plain"
#: How `before` says that nothing is touched.
_NOTHING = "-"
#: How those of its parts begin that are no objects.
_KINDS = ("oids: ", "cache: ")


@functools.lru_cache(maxsize=1 << 14)
def _needs_less(known: str, before: str) -> bool:
    plans, parts = _split(known)
    its_plans, its_parts = _split(before)
    return (
        _are_among(plans, its_plans)
        and len(parts) == len(its_parts)
        and all(map(_part_needs_less, parts, its_parts))
    )


def _split(before: str) -> tuple[set[str], list[str]]:
    parts = before.split("; ")
    plans = {part for part in parts if part.startswith("planned ")}
    return plans, [part for part in parts if part not in plans and part != _NOTHING]


def _is_alike(known: str, before: str) -> bool:
    plans, parts = _split(known)
    its_plans, _ = _split(before)
    if parts:
        return _of_any_class(known) == _of_any_class(before)
    return bool(plans) and _are_among(plans, its_plans)


def _are_among(plans: set[str], its_plans: set[str]) -> bool:
    return plans <= its_plans or all(
        any(_plans_less(plan, its_plan) for its_plan in its_plans) for plan in plans
    )


def _plans_less(plan: str, other: str) -> bool:
    call, then = _planned(plan)
    its_call, its_then = _planned(other)
    return call == its_call and set(then) <= set(its_then)


def _planned(plan: str) -> tuple[str, list[str]]:
    _, call, *then = plan.split()
    if then[:1] == ["done"]:
        call, then = f"{call} done", then[1:]
    # Which error is raised there does not matter, only that one is.
    return call, then[:-1] if then[-2:-1] == ["then"] else then


def _of_any_class(before: str) -> str:
    if before.startswith(_KINDS):
        return before
    return " ".join([_ANY_CLASS, *before.split()[1:]])


def _is_loading(before: str, field: str) -> bool:
    """Whether what differs may come from the load of a ghost, whatever it was loaded for."""
    words = before.split()
    if ";" in before or words[1:2] != ["ghost"]:
        return False
    return field.startswith("object." if "lost" in words else ("object.dict", "object.slot"))


def _shape(before: str) -> str:
    """The abstract state with `ANY` in place of what can be told of each part."""
    return "; ".join(
        f"{part.split()[0]} {ANY}" if part.startswith(_KINDS) else ANY for part in _split(before)[1]
    )


def _part_needs_less(part: str, other: str) -> bool:
    if part == ANY:
        return not other.startswith(_KINDS)
    if part.startswith(_KINDS):
        kind, *statuses = part.split()
        its_kind, *its_statuses = other.split()
        if statuses == [ANY]:
            return kind == its_kind
        return kind == its_kind and set(statuses) - {"empty"} <= set(its_statuses)
    cls, *words = part.split()
    its_class, *its_words = other.split()
    return cls in (its_class, _ANY_CLASS) and set(words) <= set(its_words)


class Masked:
    """What a driver passes over: known signatures, and all that they stand for.

    One root cause can show in many abstract states of an operation with an odd argument, in all
    operations that load a ghost, and in all operations that make the call in which a plan acts. So
    from `STATES`, `OPERATIONS` and `PLANNED` on, those that are known stand for all.
    What they cover in addition is known, but not masked unless it ends the process, so that what
    differs there in another field is found all the same.
    """

    def __init__(self, signatures: Iterable[Signature] = ()) -> None:
        self._by_operation: dict[str, set[Signature]] = {}
        self._states: dict[tuple[str, str, str], set[str]] = {}
        self._operations: dict[tuple[str, str], set[str]] = {}
        for signature in signatures:
            self.add(signature)

    def __iter__(self) -> Iterator[Signature]:
        for signatures in self._by_operation.values():
            yield from signatures

    def add(self, signature: Signature) -> None:
        """From now on ``signature``, and what it covers, is known."""
        operation, before, field = signature.operation, signature.before, signature.field
        self._by_operation.setdefault(operation, set()).add(signature)
        shape = _shape(before)
        if operation == ANY or ANY in before or not shape:
            return
        if "planned " in before:
            plans = "; ".join(sorted(_split(before)[0]))
            self._add_operation(plans, field, operation, PLANNED)
            return
        states = self._states.setdefault((operation, shape, field), set())
        states.add(before)
        if len(states) == STATES:
            self.add(Signature(operation, shape, field))
        if _is_loading(before, field):
            self._add_operation(_of_any_class(before), field, operation, OPERATIONS)

    def _add_operation(self, before: str, field: str, operation: str, enough: int) -> None:
        operations = self._operations.setdefault((before, field), set())
        operations.add(operation)
        if len(operations) == enough:
            self.add(Signature(ANY, before, field))

    def holds(self, signature: Signature) -> bool:
        """Whether ``signature`` is known, or covered by one that is."""
        return any(
            known.covers(signature)
            for operation in (signature.operation, ANY)
            for known in self._by_operation.get(operation, ())
        )

    def concerns(self, operation: str) -> bool:
        """Whether anything is known of an operation (as signatures name it): fast."""
        return operation in self._by_operation

    def kills(self, operation: str, before: str) -> bool:
        """Whether ``operation`` is known to end the process in this abstract state."""
        found = self._by_operation.get(operation, ())
        return any(known.field == CRASH and known._needs_less_than(before) for known in found)

    def masks(self, operation: str, before: str) -> bool:
        """Whether ``operation`` is known to leave the worlds different in this abstract state."""
        found = self._by_operation.get(operation, ())
        return any(
            known.field not in (*PASSING, *ALONE)
            and (ANY not in known.before or known.field == CRASH)
            and known._needs_less_than(before)
            for known in found
        )


@dataclass(frozen=True)
class Divergence:
    """A trace whose last step, number ``step``, is observed to be different.

    ``expected`` is what the reference shows of the field, ``actual`` what the target shows, both
    in words. ``despite`` are the known signatures that the trace passes on its way there: they
    differ in what was returned only, and leave the worlds the same.

    Where the target was driven beside an accepted implementation, it differs from that one:
    ``accepted`` is what that one shows. The divergence ``is_mended`` if the target does the whole
    trace as the reference does it; otherwise it is news.
    """

    signature: Signature
    trace: Trace
    step: int
    expected: str
    actual: str
    despite: tuple[Signature, ...] = ()
    accepted: str | None = None
    is_mended: bool = False

    def to_json(self) -> dict[str, Any]:
        """The divergence as JSON."""
        beside = {"accepted": self.accepted, "mended": self.is_mended}
        return {
            "signature": str(self.signature),
            "despite": [str(signature) for signature in self.despite],
            "step": self.step,
            "expected": self.expected,
            "actual": self.actual,
            **({} if self.accepted is None else beside),
            "trace": trace_json(self.trace.world, self.trace.operations),
        }

    @classmethod
    def from_json(cls, data: Mapping[str, Any]) -> Divergence:
        """The divergence that `to_json` wrote. Raises `BadTrace`."""
        try:
            signature = Signature.parse(data["signature"])
            despite = tuple(map(Signature.parse, data["despite"]))
            step, expected, actual = data["step"], data["expected"], data["actual"]
            trace = Trace.from_json(data["trace"])
        except (KeyError, TypeError, AttributeError) as error:
            raise BadTrace(f"divergence: {error!r} is missing or of another type") from None
        except BadTrace:
            raise
        except ValueError as error:
            raise BadTrace(str(error)) from None
        if not isinstance(step, int) or not 0 <= step < len(trace.operations):
            raise BadTrace(f"step: {step!r} is no step of the trace")
        accepted, is_mended = data.get("accepted"), bool(data.get("mended"))
        return cls(signature, trace, step, str(expected), str(actual), despite, accepted, is_mended)
