"""States of instances that an earlier source has stored, brought to what the class wants now.

A class says how with ``__upgrade__(self, state)``.  It gets a state as it is
stored, before it is set, and returns the state to set.  A state that is up to date
it returns as it is: it may see a state twice.
"""

from __future__ import annotations

import functools
import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from typing import Any

from persistent_ref.modules.storing.scanning import Stored, is_of_registry, scan

__all__ = ["UPGRADE", "load_states_again", "upgrade_instances", "upgrading"]

#: The name of the method.
UPGRADE = "__upgrade__"

_of_thread = threading.local()


def _nothing() -> None:
    pass


def _tell_nobody(done: int, total: int) -> None:
    pass


def upgrading(own: Any) -> Any:
    """Return the ``__setstate__`` of a class with ``__upgrade__``; ``own`` is what it has else."""

    def set_state(self: Any, state: Any) -> None:
        mro = type(self).__mro__
        owner = next(each for each in mro if vars(each).get("__setstate__") is set_state)
        # What overrides it, and calls it if it likes, was asked already.
        if owner is next(each for each in mro if UPGRADE in vars(each)):
            before = dict(state) if isinstance(state, dict) else state
            try:
                state = self.__upgrade__(state)
            except Exception as error:
                # Who reads a state may keep it as it is, then.
                vars(_of_thread)["failed"] = error
                raise
            if not _is_same(before, state):
                vars(_of_thread)["upgraded"] = True
        if own is not None:
            own.__get__(self, type(self))(state)
            return
        inherited = getattr(super(owner, self), "__setstate__", None)
        if inherited is not None:
            inherited(state)
        else:
            _set_plainly(self, state)

    return set_state if own is None else functools.wraps(own)(set_state)


def _is_same(before: Any, after: Any) -> bool:
    if not (isinstance(before, dict) and isinstance(after, dict)):
        return before is after
    return before.keys() == after.keys() and all(after[name] is before[name] for name in before)


def load_states_again(jar: Any) -> None:
    """Let go of the states in memory, but for changes: they are of another source."""
    cache = getattr(jar, "_cache", None)
    if cache is not None:
        cache.minimize()


def _set_plainly(instance: Any, state: Any) -> None:
    """Set a state as pickle does where there is no ``__setstate__``."""
    slots: Mapping[str, Any] = {}
    if isinstance(state, tuple) and len(state) == 2:
        state, slots = state
    for name, value in (slots or {}).items():
        setattr(instance, name, value)
    if state:
        vars(instance).update(state)


def upgrade_instances(
    registry: Any,
    *,
    progress: Callable[[int, int], object] = _tell_nobody,
    save: Callable[[], object] = _nothing,
    every: int = 1000,
) -> int:
    """Have all stored states upgraded in one pass; return how many objects are changed.

    All records are read; those that hold instances of classes with
    ``__upgrade__`` are loaded, and become changed if there was something to do.
    ``progress(done, total)`` is told of each of them.  ``save`` is called after
    ``every`` changed objects and in the end: a commit there keeps what is done, and
    a pass that was ended goes on where it was.  Raises what an ``__upgrade__`` raises.
    """
    jar = registry._p_jar
    if jar is None:
        return 0
    names, oids = _classes_of(registry)
    homes = {record._p_oid for record in registry._records.values()}
    wanted = [
        each.oid
        for each in scan(jar)
        if not is_of_registry(each)
        and (
            _is_instance_by_name(registry, each, names, homes) or oids & {each.of, *each.references}
        )
    ]
    changed = 0
    for done, oid in enumerate(wanted, start=1):
        obj = jar.get(oid)
        with _noticing() as upgraded:
            obj._p_deactivate()
            obj._p_activate()
        if upgraded() and not obj._p_changed:
            obj._p_changed = True
            changed += 1
            if changed % every == 0:
                save()
        progress(done, len(wanted))
    save()
    return changed


def _classes_of(registry: Any) -> tuple[set[tuple[str, str]], set[bytes | None]]:
    """Return names and oids of the classes with ``__upgrade__``; their modules are executed."""
    names, oids = set(), set()
    for module in registry.modules():
        record = registry._p_record(module)
        record._p_runtime().use_as_parent()
        for name, value in record._p_runtime().table.definitions.items():
            if isinstance(value, type) and hasattr(value, UPGRADE):
                names.add((module, name))
                oids.add(value._p_oid)  # type: ignore[attr-defined]
    return names, oids - {None}


def _is_instance_by_name(
    registry: Any, stored: Stored, names: set[tuple[str, str]], homes: set[bytes]
) -> bool:
    if stored.name is None or registry._p_present_definition(*stored.name) not in names:
        return False
    # Another registry may have a module of that name.
    return stored.home is None or stored.home in homes


@contextmanager
def _noticing() -> Iterator[Callable[[], bool]]:
    """Yield what tells whether a state was upgraded since; raise what was raised by that."""
    vars(_of_thread).update(upgraded=False, failed=None)
    yield lambda: bool(vars(_of_thread)["upgraded"])
    failed = vars(_of_thread).pop("failed")
    if failed is not None:
        raise failed
