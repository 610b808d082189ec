"""Lessons: the small worlds of the page. Each is a scope of the explorer, with buttons."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from functools import cached_property

from fixtures.implementation import Implementation
from fixtures.values import Ref
from stateful.engines.scopes import SCOPES, Pattern, Scope
from stateful.traces.step import Step

_ANY: tuple[Pattern, ...] = ({},)
_A, _B = Ref("object", "a"), Ref("object", "b")
#: A load that fails: what stands for all that can go wrong inside a call.
_FAILING: tuple[Pattern, ...] = (
    {"call": ("setstate", "register"), "then": ([],), "error": ("LoadError",), "times": (1,)},
)
#: Steps with which a learner can go on forever: from each state where they are possible.
_WITH_CACHE: Mapping[str, tuple[Pattern, ...]] = {
    **dict.fromkeys(
        ("activate", "deactivate", "invalidate", "commit", "abort", "incrgc", "full_sweep"), _ANY
    ),
    "minimize": _ANY,
    "cache_invalidate": ({"oids": ([_A], [_A, _B], [_B, _A])},),
    "get": ({"name": ("x",)},),
    # Not what is stored at first, so that it shows whether a write was kept.
    "set": ({"name": ("x",), "value": (0,)},),
    "make_sticky": ({"value": (True, False)},),
}
_MAKING: Mapping[str, tuple[Pattern, ...]] = {
    "ghost": ({"state": ({"x": 1},)},),
    "create": ({"state": (None,)},),
    "add": _ANY,
}
_WITHOUT_CACHE = {
    name: patterns
    for name, patterns in _WITH_CACHE.items()
    if name not in ("incrgc", "full_sweep", "minimize", "cache_invalidate")
}


@dataclass(frozen=True)
class Lesson:
    """A scope of the explorer in which a learner presses operations.

    ``scope`` is as the explorer has it. ``pressed`` are steps with which one can go on forever;
    the others lead on as far as the explorer goes.
    """

    scope: Scope
    pressed: Mapping[str, tuple[Pattern, ...]] = field(default_factory=dict)

    @property
    def name(self) -> str:
        """The name of the scope."""
        return self.scope.name

    @cached_property
    def _wider(self) -> Scope:
        """A scope whose steps are those of both."""
        scope, pressed = self.scope, self.pressed
        narrowed = {
            name: (*patterns, *pressed.get(name, ())) for name, patterns in scope.narrowed.items()
        }
        added = tuple(name for name in pressed if name not in scope.operations)
        narrowed.update((name, pressed[name]) for name in added)
        return replace(scope, operations=(*scope.operations, *added), narrowed=narrowed)

    @cached_property
    def _pressing(self) -> Scope:
        """A scope in which just the steps that are pressed lead anywhere."""
        return replace(self.scope, wide=0, leading=self.pressed)

    def steps(self, implementation: Implementation) -> tuple[Step, ...]:
        """The steps that lead on, in a fixed order."""
        return tuple(
            step
            for step in self._wider.steps(implementation, implementation)
            if self.is_pressed(step) or self.scope.leads(step, self.scope.wide + 1)
        )

    def is_pressed(self, step: Step) -> bool:
        """Whether one can go on with ``step`` forever."""
        return self._pressing.leads(step, 1)


def _lessons() -> dict[str, Lesson]:
    pressed = {
        "one": {**_MAKING, **_WITH_CACHE, "plan": _FAILING},
        "no-cache": {**_MAKING, **_WITHOUT_CACHE, "plan": _FAILING},
        "one-slot": _WITH_CACHE,
    }
    return {name: Lesson(scope, pressed.get(name, {})) for name, scope in SCOPES.items()}


#: All lessons that there can be, by the names of their scopes.
LESSONS: Mapping[str, Lesson] = _lessons()
#: Those that a page has unless it is asked for others.
DEFAULT = ("one", "one-slot", "no-cache")

__all__ = ["DEFAULT", "LESSONS", "Lesson"]
