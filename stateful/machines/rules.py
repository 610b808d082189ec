"""The rules, in a mixin for each group of operations; the machine that has all of them.

A rule draws its steps from a group, so that an operation that is new in its group is drawn too;
names stand where a rule does something special with an operation, or draws it more often.
"""

from __future__ import annotations

from typing import Any

from hypothesis.stateful import consumes, precondition, rule

from stateful.engines.choices import GROUPS
from stateful.machines.bursts import Bursts
from stateful.machines.driver import (
    Driver,
    collections,
    dropped,
    has_cache,
    has_collections,
    has_room,
    has_timestamps,
    has_weak_dicts,
    has_weak_references,
    is_strange,
    objects,
    references,
    weak_dicts,
)
from stateful.machines.steps import COLLECTIONS, WEAK_DICTS, any_step, any_strange_step, of_group
from stateful.traces.step import Step

_MAKING = ("make", "derive")
_NOT_MAKING = ("use", "compare", "refer")
#: Operations of a group that rules of their own draw.
_ORDINARY_ATTRIBUTES = ("get", "set", "delete", "with_unraisable")
_CHANGING_CACHE = (
    "cache_set",
    "cache_del",
    "new_ghost",
    "new_ghost_as",
    "new_cache",
    "update_size",
    "mru",
    "reify",
    "is_alive",
)
_SWEEPING = ("incrgc", "full_sweep", "minimize", "cache_invalidate", "invalidate_iterable")
_OTHER_LIFECYCLE = (
    "drop",
    "activate",
    "deactivate",
    "invalidate",
    "make_sticky",
    "plan",
    "repr",
    "isinstance",
    "hash",
    "equal",
)
#: What makes nothing, and takes no weak references: of any group.
_TAKING_ANYTHING = tuple(name for group in GROUPS for name in of_group(group, shapes=("use",)))


class Lifecycle(Driver):
    """Rules on the life of objects, on transactions, and on what happens inside callbacks."""

    @precondition(has_room)
    @rule(
        target=objects,
        step=any_step("ghost", *of_group("lifecycle", shapes=_MAKING, but=("fetch",))),
    )
    def make_object(self, step: Step) -> Any:
        """Make an object of any sample, a ghost or a new one."""
        return self.make(step)

    @rule(target=dropped, first=consumes(objects), step=any_step("drop"))
    def drop(self, first: str, step: Step) -> Any:
        """Drop the last reference to an object."""
        self.perform(step, first)
        return first

    @precondition(has_cache)
    @rule(target=objects, name=consumes(dropped), step=any_step("fetch"))
    def fetch(self, name: str, step: Step) -> Any:
        """Look whether the cache still holds an object that was dropped."""
        return self.make(step, name=name)

    @rule(first=objects, step=any_step("activate", "deactivate", "invalidate", "make_sticky"))
    def change_state(self, first: str, step: Step) -> None:
        """Load an object, make it a ghost, make it sticky."""
        self.perform(step, first)

    @rule(
        first=objects,
        step=any_step(*of_group("lifecycle", shapes=_NOT_MAKING, but=_OTHER_LIFECYCLE)),
    )
    def transact(self, first: str, step: Step) -> None:
        """Commit, abort, add an object, let another data manager store it; collect garbage."""
        self.perform(step, first)

    @rule(first=objects, step=any_step("plan", times=(1,), error=(None,)))
    def plan(self, first: str, step: Step) -> None:
        """Plan what happens to an object inside the next call for it."""
        self.perform(step, first)

    @rule(
        first=objects,
        second=objects,
        step=any_step("plan", "with_unraisable", objects=2, times=(1,), error=(None, "ValueError")),
    )
    def plan_for_another(self, first: str, second: str, step: Step) -> None:
        """Plan what happens to an object inside a call for another one, and then maybe fails."""
        self.perform(step, first, second)

    @rule(first=objects, step=any_step("plan", then=([],)))
    def plan_failure(self, first: str, step: Step) -> None:
        """Plan an error inside the next calls for an object, or forget what was planned."""
        self.perform(step, first)

    @rule(
        first=objects,
        second=objects,
        step=any_step("repr", "isinstance", "hash", "equal", objects=2),
    )
    def ask(self, first: str, second: str, step: Step) -> None:
        """Ask what loads no ghost."""
        self.perform(step, first, second)


class Attributes(Driver):
    """Rules on attributes: ordinary, volatile, missing, of the protocol, slots, odd names."""

    @rule(
        first=objects,
        step=any_step(
            "get", "set", "delete", name=("x", "y", "_v_a", "_p_changed"), value=(1, True)
        ),
    )
    def use_ordinary(self, first: str, step: Step) -> None:
        """Read, write or delete an attribute as most programs do, or mark the object as changed."""
        self.perform(step, first)

    @rule(first=objects, step=any_step("get", "set", "delete"))
    def use_any(self, first: str, step: Step) -> None:
        """Read, write or delete any attribute, with any value."""
        self.perform(step, first)

    @rule(
        first=objects,
        step=any_step(*of_group("attributes", but=_ORDINARY_ATTRIBUTES)),
    )
    def use_other_ways(self, first: str, step: Step) -> None:
        """Reach attributes in another way: through the base class, the hooks, mutable values."""
        self.perform(step, first)


class Cache(Driver):
    """Rules on the cache as a mapping, on its order and its counts."""

    @precondition(has_cache)
    @rule(
        first=objects,
        second=objects,
        step=any_step("cache_set", "new_ghost", "new_ghost_as", objects=2),
    )
    def put(self, first: str, second: str, step: Step) -> None:
        """Put an object into a cache, under its oid or another one."""
        self.perform(step, first, second)

    @precondition(has_cache)
    @rule(first=objects, step=any_step("cache_set", "cache_del", "mru", "reify", "update_size"))
    def use(self, first: str, step: Step) -> None:
        """Put an object into a cache or take it out, move it in the ring, tell its size."""
        self.perform(step, first)

    @precondition(has_cache)
    @rule(
        first=objects,
        step=any_step(*of_group("cache", but=_CHANGING_CACHE)),
    )
    def ask_cache(self, first: str, step: Step) -> None:
        """Ask the cache for an object, or for what it holds; watch whether an object lives."""
        self.perform(step, first)

    @precondition(has_cache)
    @rule(
        name=dropped,
        step=any_step(
            "is_alive", "is_alive", "cache_item", "cache_get", "cache_del", "mru", "reify"
        ),
    )
    def ask_for_dropped(self, name: str, step: Step) -> None:
        """Look whether an object that was dropped still lives; use its oid."""
        self.perform(step, name)


class Eviction(Driver):
    """Rules that sweep caches, set their limits, and invalidate by oid."""

    @precondition(has_cache)
    @rule(step=any_step("incrgc", "incrgc", "full_sweep", "minimize"))
    def sweep(self, step: Step) -> None:
        """Let a cache evict what is beyond its limits, or all that it can."""
        self.perform(step)

    @precondition(has_cache)
    @rule(
        step=any_step("cache_setting", "incrgc", "new_cache", *of_group("eviction", but=_SWEEPING))
    )
    def limit(self, step: Step) -> None:
        """Change the limits of a cache, sweep it with an argument, or begin with a new one."""
        self.perform(step)

    @precondition(has_cache)
    @rule(
        first=objects,
        second=objects,
        step=any_step("cache_invalidate", "invalidate_iterable", objects=2),
    )
    def invalidate_oids(self, first: str, second: str, step: Step) -> None:
        """Tell a cache that objects are out of date, in any order and iterable, once or twice."""
        self.perform(step, first, second)


class Pickling(Driver):
    """Rules on states, and on copies made of objects."""

    @rule(
        first=objects,
        step=any_step("set_state", *of_group("pickling", shapes=_NOT_MAKING)),
    )
    def use_state(self, first: str, step: Step) -> None:
        """Take the state of an object, or what pickle would take; set it."""
        self.perform(step, first)

    @precondition(has_room)
    @rule(target=objects, first=objects, step=any_step(*of_group("pickling", shapes=_MAKING)))
    def copy(self, first: str, step: Step) -> Any:
        """Make an object from another one, or with arguments."""
        return self.make(step, first)


class Collections(Driver):
    """Rules on persistent mappings and lists."""

    @precondition(has_collections)
    @precondition(has_room)
    @rule(
        targets=(objects, collections),
        step=any_step(
            "ghost", "create", *of_group("collections", shapes=("make",)), samples=COLLECTIONS
        ),
    )
    def make_collection(self, step: Step) -> Any:
        """Make a mapping or a list."""
        return self.make(step)

    @precondition(has_collections)
    @rule(
        first=collections,
        second=collections,
        step=any_step(*of_group("collections", shapes=_NOT_MAKING), objects=2),
    )
    def use_collection(self, first: str, second: str, step: Step) -> None:
        """Read or change a mapping or a list, or ask whether two share their data."""
        self.perform(step, first, second)

    @precondition(has_collections)
    @precondition(has_room)
    @rule(
        targets=(objects, collections),
        first=collections,
        step=any_step(*of_group("collections", shapes=("derive",))),
    )
    def derive_collection(self, first: str, step: Step) -> Any:
        """Make a mapping or a list from another one."""
        return self.make(step, first)


class WeakReferences(Driver):
    """Rules on weak references and on dictionaries with weak keys."""

    @precondition(has_weak_references)
    @rule(target=references, first=objects, step=any_step(*of_group("weakrefs", shapes=("refer",))))
    def refer_weakly(self, first: str, step: Step) -> Any:
        """Refer weakly to an object, or load such a reference."""
        return self.refer(step, first)

    @precondition(has_weak_references)
    @rule(
        reference=references,
        other=references,
        step=any_step(*of_group("weakrefs", shapes=("compare",))),
    )
    def use_references(self, reference: str, other: str, step: Step) -> None:
        """Call a weak reference, look at it, compare it."""
        self.perform(step, reference=reference, other=other)

    @precondition(has_weak_dicts)
    @precondition(has_room)
    @rule(
        targets=(objects, weak_dicts),
        step=any_step(
            "create", "ghost", *of_group("weakrefs", shapes=("make",)), samples=WEAK_DICTS
        ),
    )
    def make_weak_dict(self, step: Step) -> Any:
        """Make a dictionary with weak keys."""
        return self.make(step)

    @precondition(has_weak_dicts)
    @rule(
        targets=(objects, weak_dicts),
        first=weak_dicts,
        second=weak_dicts,
        step=any_step(*of_group("weakrefs", shapes=("use", "derive")), objects=2),
    )
    def use_weak_dicts(self, first: str, second: str, step: Step) -> Any:
        """Read or change a dictionary with weak keys, or make one from it."""
        return self.make(step, first, second)


class Constructing(Driver):
    """Rules that make and copy things in other ways than most do."""

    @precondition(is_strange)
    @precondition(has_room)
    @rule(target=objects, step=any_step(*of_group("constructing", shapes=("make",))))
    def make_otherwise(self, step: Step) -> Any:
        """Make an object without __init__."""
        return self.make(step)

    @precondition(is_strange)
    @rule(first=objects, step=any_step(*of_group("constructing", shapes=("use",))))
    def initialize(self, first: str, step: Step) -> None:
        """Initialize something again; make caches and time stamps in odd ways, and copy them."""
        self.perform(step, first)

    @precondition(is_strange)
    @precondition(has_weak_references)
    @rule(reference=references, step=any_step(*of_group("constructing", shapes=("compare",))))
    def copy_references(self, reference: str, step: Step) -> None:
        """Copy weak references."""
        self.perform(step, reference=reference)


class Hostile(Driver):
    """One rule that passes what is hostile in place of what is meant."""

    @precondition(is_strange)
    @rule(first=objects, second=objects, step=any_strange_step(*_TAKING_ANYTHING))
    def use_strangely(self, first: str, second: str, step: Step) -> None:
        """Do anything with one argument that is of another type, raises, lies, or acts."""
        self.perform(step, first, second)


class Classes(Driver):
    """One rule that makes what other rules then put into caches."""

    @precondition(has_room)
    @rule(target=objects, step=any_step(*of_group("classes")))
    def make_class(self, step: Step) -> Any:
        """Make a persistent class, or a thing that is not persistent."""
        return self.make(step)


class Timestamps(Driver):
    """One rule on time stamps: they are values, so that nothing can follow from another step."""

    @precondition(has_timestamps)
    @rule(step=any_step(*of_group("timestamps")))
    def use_timestamps(self, step: Step) -> None:
        """Make time stamps and look at them."""
        self.perform(step)


class ConformanceMachine(
    Lifecycle,
    Attributes,
    Cache,
    Eviction,
    Pickling,
    Collections,
    WeakReferences,
    Constructing,
    Hostile,
    Classes,
    Timestamps,
    Bursts,
):
    """Every rule: one for each kind of step on each part of the protocol, and bursts of them."""
