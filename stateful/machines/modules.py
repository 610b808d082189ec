"""A machine for persistent modules: several connections against sources executed afresh.

Modules are created, edited, renamed within, removed, committed, aborted and invalidated in any
order over three connections. What each connection shows of what it has ever looked at has to be
what plain Python makes of the sources that it is to see, in the same objects.
"""

from __future__ import annotations

import functools
import random
import secrets
import types
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

import hypothesis
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    precondition,
    rule,
    run_state_machine_as_test,
)

from fixtures.implementation import Implementation
from persistent_ref.modules.memory import ModuleDatabase
from stateful.machines.module_sources import (
    NAMES,
    Source,
    execute,
    look_at_instance,
    look_at_module,
    sources,
)
from stateful.machines.profiles import profile

__all__ = ["ModuleMachine", "ModulesDiffer", "check_modules"]

_CONNECTIONS = 3


class ModulesDiffer(AssertionError):
    """A connection shows something else than plain Python does: the steps, and the difference."""


@dataclass
class _Held:
    """What a connection keeps of a module from when it first looked at it.

    ``born`` is the transaction that made the module; None before it is committed.
    """

    born: int | None
    module: Any
    cls: Any
    function: Any
    instance: Any


@dataclass
class _Side:
    """A connection and what it is to show: the sources of its view, and its own changes.

    ``made`` are the names of modules that it has created, ``touched`` the keys of all that it has
    changed, which may conflict.
    """

    connection: Any
    view: dict[str, Source]
    seen: int
    born: dict[str, int] = field(default_factory=dict)
    pending: dict[str, Source | None] = field(default_factory=dict)
    made: set[str] = field(default_factory=set)
    touched: set[str] = field(default_factory=set)
    held: dict[str, _Held] = field(default_factory=dict)

    @property
    def shown(self) -> dict[str, Source]:
        """The sources that are to be seen, those first that others import."""
        now = {**self.view, **self.pending}
        return {name: now[name] for name in NAMES if now.get(name) is not None}  # type: ignore[misc]


@functools.lru_cache(maxsize=256)
def _executed(texts: tuple[tuple[str, str], ...]) -> Mapping[str, Any]:
    return execute(dict(texts))


class ModuleMachine(RuleBasedStateMachine):
    """Rules for modules; ``make`` makes a new database (see `ModuleDatabase`)."""

    make: Callable[[], Any] | None = None

    def __init__(self) -> None:
        super().__init__()
        if self.make is None:
            raise TypeError(
                f"{type(self).__name__}.make: None. Set it to what makes a database of modules"
            )
        self.database = type(self).make()  # type: ignore[misc]
        self.policy = self.database.facility.Policy(deletion="allow")
        self.committed: dict[str, Source] = {}
        self.transactions = 0
        self.changed_in: dict[str, int] = {}
        self.born: dict[str, int] = {}
        self.sides = [_Side(self.database.open(), {}, 0) for _ in range(_CONNECTIONS)]
        self.steps: list[str] = []

    # Rules

    @initialize(first=sources(()), second=sources(NAMES[:1]))
    def start(self, first: Source, second: Source) -> None:
        """Most that can go wrong needs two modules."""
        side = self.sides[0]
        self._write(side, "a", first)
        self._write(side, "p.b", second)
        self.commit(0)
        for number in range(1, _CONNECTIONS):
            self.begin(number)

    @rule(data=st.data(), name=st.sampled_from(NAMES), number=st.integers(0, _CONNECTIONS - 1))
    def edit(self, data: st.DataObject, name: str, number: int) -> None:
        """Create a module, or change its source."""
        side = self.sides[number]
        if self._is_removing(but=side) or self.changed_in.get("removal", 0) > side.seen:
            return
        importable = [each for each in NAMES[: NAMES.index(name)] if each in side.shown]
        source = data.draw(sources(importable), label=f"{name} in {number}")
        self._say(f"connection {number} writes {name}:\n{source.text()}")
        self._write(side, name, source)
        self._compare(side)

    @rule(name=st.sampled_from(NAMES), number=st.integers(0, _CONNECTIONS - 1))
    def remove(self, name: str, number: int) -> None:
        """Remove a module that no other imports."""
        side = self.sides[number]
        others = [each for each in self.sides if each is not side]
        if name not in side.shown or side.seen < self.transactions:
            return
        if any(each.touched for each in others):
            return
        if any(name in source.imports for source in side.shown.values()):
            return
        self._say(f"connection {number} removes {name}")
        side.connection.registry.remove(name, policy=self.policy)
        side.pending[name] = None
        side.touched |= {"registry", "removal"}
        side.made.discard(name)
        side.held.pop(name, None)
        self._compare(side)

    @rule(name=st.sampled_from(NAMES), number=st.integers(0, _CONNECTIONS - 1))
    def fail(self, name: str, number: int) -> None:
        """A source that fails half way changes nothing."""
        side = self.sides[number]
        source = side.shown.get(name)
        if source is None:
            return
        self._say(f"connection {number} writes a source of {name} that fails")
        bad = Source(source.value + 1, source.base).text() + "1/0\n"
        try:
            side.connection.registry.update(name, bad, policy=self.policy)
        except ZeroDivisionError:
            pass
        else:
            self._differ("the failing update", "ZeroDivisionError", "no error")
        self._compare(side)

    @rule(name=st.sampled_from(NAMES), number=st.integers(0, _CONNECTIONS - 1))
    def look(self, name: str, number: int) -> None:
        """Find a module, and keep what it defines."""
        side = self.sides[number]
        self._say(f"connection {number} looks at {name}")
        module = side.connection.registry.find(name)
        if (module is not None) != (name in side.shown):
            self._differ(f"find({name!r})", name in side.shown, module)
        if module is not None and name not in side.held:
            self._hold(side, name)
        self._compare(side)

    @rule(number=st.integers(0, _CONNECTIONS - 1), order=st.integers(0, 99))
    def commit(self, number: int, order: int = 0) -> None:
        """Commit; what others have changed conflicts or is seen."""
        side = self.sides[number]
        self._say(f"connection {number} commits, told in order {order}")
        late = [key for key in side.touched if self.changed_in.get(key, 0) > side.seen]
        before = len(self.database.written())
        self._tell(order)
        try:
            side.connection.commit()
        except Exception as error:
            if not late or "Conflict" not in type(error).__name__:
                raise
            self._forget(side)
        else:
            if late:
                self._differ("the commit", f"a conflict about {sorted(late)}", "no error")
            if not side.touched and len(self.database.written()) != before:
                self._differ("a commit without changes", "nothing", "records that are stored")
            self._keep(side)
        self._follow(side)

    @rule(number=st.integers(0, _CONNECTIONS - 1), order=st.integers(0, 99))
    def begin(self, number: int, order: int = 0) -> None:
        """Abort, and see what others have committed."""
        side = self.sides[number]
        self._say(f"connection {number} begins, told in order {order}")
        self._tell(order)
        side.connection.begin()
        self._forget(side)
        self._follow(side)

    @precondition(lambda self: any(side.held for side in self.sides))
    @rule(number=st.integers(0, _CONNECTIONS - 1), name=st.sampled_from(NAMES))
    def evict(self, number: int, name: str) -> None:
        """Minimise a cache; if nothing was changed, invalidate a class and a function, too."""
        side = self.sides[number]
        self._say(f"connection {number} evicts, and invalidates {name}")
        side.connection.jar._cache.minimize()
        held = side.held.get(name)
        if held is not None and not side.touched:
            for value in (held.cls, held.function):
                if value._p_oid is not None:
                    side.connection.jar._cache.invalidate(value._p_oid)
        self._compare(side)

    def teardown(self) -> None:
        """In the end, every connection and a new one see the same."""
        self._say("all begin; a new connection opens")
        self.sides.append(_Side(self.database.open(), dict(self.committed), self.transactions))
        for side in self.sides:
            side.connection.begin()
            self._forget(side)
            self._follow(side)
            for name in side.view:
                if name not in side.held:
                    self._hold(side, name)
            self._compare(side)

    # The model

    def _write(self, side: _Side, name: str, source: Source) -> None:
        registry = side.connection.registry
        if name not in side.shown:
            registry.new(name, source.text(), policy=self.policy)
            side.touched |= {"registry", name}
            side.made.add(name)
        elif source != side.shown[name]:
            registry.update(name, source.text(), policy=self.policy)
            side.touched.add(name)
            was = side.shown[name]
            if (source.base, source.calls) != (was.base, was.calls):
                # The registry holds who imports what.
                side.touched.add("registry")
        side.pending[name] = source

    def _keep(self, side: _Side) -> None:
        if side.touched:
            self.transactions += 1
        self.born.update(dict.fromkeys(side.made, self.transactions))
        for name in side.made & set(side.held):
            side.held[name].born = self.transactions
        self.changed_in.update(dict.fromkeys(side.touched, self.transactions))
        for name, source in side.pending.items():
            if source is None:
                self.committed.pop(name, None)
            elif name in self.committed or name in side.made:
                self.committed[name] = source
        self._clean(side)

    def _forget(self, side: _Side) -> None:
        # What was made in a transaction that aborts is no module any more.
        for name in side.made & set(side.held):
            del side.held[name]
        self._clean(side)

    def _clean(self, side: _Side) -> None:
        side.pending.clear()
        side.made.clear()
        side.touched.clear()

    def _follow(self, side: _Side) -> None:
        side.view, side.born = dict(self.committed), dict(self.born)
        side.seen = self.transactions
        for name, held in list(side.held.items()):
            if name not in side.view or held.born != self.born[name]:
                del side.held[name]
        self._compare(side)

    def _is_removing(self, but: _Side) -> bool:
        return any("removal" in each.touched for each in self.sides if each is not but)

    def _tell(self, order: int) -> None:
        def shuffled(oids: list[bytes]) -> list[bytes]:
            return random.Random(order).sample(oids, len(oids)) if order else oids

        self.database.tell_in_order(shuffled)

    # What is seen

    def _hold(self, side: _Side, name: str) -> None:
        module = side.connection.registry.module(name)
        born = None if name in side.made else side.born[name]
        side.held[name] = _Held(born, module, module.C, module.f, module.C())

    def _compare(self, side: _Side) -> None:
        texts = tuple((name, source.text()) for name, source in side.shown.items())
        plain = _executed(texts)
        for name, held in side.held.items():
            expected = plain[name]
            where = f"{name} in connection {self.sides.index(side)}"
            wanted = (look_at_module(expected), look_at_instance(expected.C()), expected.f())
            got = (look_at_module(held.module), look_at_instance(held.instance), held.function())
            if wanted != got:
                self._differ(where, wanted, got)
            if (held.module.C, held.module.f) != (held.cls, held.function):
                self._differ(f"identity in {where}", (held.cls, held.function), "other objects")

    def _say(self, step: str) -> None:
        self.steps.append(step)

    def _differ(self, what: str, expected: Any, got: Any) -> None:
        steps = "\n".join(f"{number}. {step}" for number, step in enumerate(self.steps, 1))
        raise ModulesDiffer(f"{what}\n  expected {expected!r}\n  got      {got!r}\nafter\n{steps}")


def check_modules(
    implementation: Implementation,
    *,
    settings: hypothesis.settings | str = "quick",
    seed: int | None = None,
    machine: type[ModuleMachine] = ModuleMachine,
) -> None:
    """Drive persistent modules on ``implementation`` until they differ from plain Python.

    Its own part ``modules`` comes first, else those of the reference are put on it. ``settings``
    are those of Hypothesis, or the name of a profile: quick, ci or deep. The same ``seed`` does
    the same. Raises `ModulesDiffer`, an AssertionError with the steps; ValueError for an
    implementation without cache or mapping, and whatever the modules raise.
    """
    make = implementation.modules
    if make is None:
        parts = (implementation.persistent, implementation.cache, implementation.mapping)
        if None in parts:
            raise ValueError(
                f"implementation: {implementation.name!r} has no cache or no mapping, which "
                "persistent modules need"
            )
        make = functools.partial(ModuleDatabase, *parts)  # type: ignore[arg-type]
    chosen = profile(settings, examples=None) if isinstance(settings, str) else settings
    seed = secrets.randbits(32) if seed is None else seed
    body = {"make": staticmethod(make), "__module__": machine.__module__}
    name = f"{machine.__name__} of {implementation.name}"
    configured: Any = types.new_class(name, (machine,), exec_body=lambda ns: ns.update(body))
    run_state_machine_as_test(hypothesis.seed(seed)(configured), settings=chosen)
