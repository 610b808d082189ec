"""PM - persistent modules: states that earlier sources have stored, and what is left of these."""

from typing import Any, List, Tuple

from conformance.clauses.expect import equal, true
from conformance.clauses.module_scene import Scene, fails, module_check
from conformance.clauses.registry import MUST, SHOULD, clause

clause(
    "PM-62",
    MUST,
    "A class can say how a state that an earlier source has stored becomes one of its own: it is "
    "asked whenever a state is loaded, in every process, and for all that is stored in one pass, "
    "which tells how far it is and can be ended and run again.",
    "SEED (logical lifetimes exceed those of processes); Decisions (nothing locks a database)",
)

_BEFORE = """
class Own(Base): pass
class Inner: pass
class Slots:
    __slots__ = ('n',)
"""
_AFTER = """
class Own(Base):
    def __upgrade__(self, state):
        if 'n' in state:
            state = dict(state, number=state['n'] * 2)
            del state['n']
        return state
class Special(Own):
    pass
class Inner:
    def __upgrade__(self, state):
        if 'n' in state:
            state['number'] = state.pop('n') * 2
        return state
    def __setstate__(self, state):
        vars(self).update(state, told=True)
class Slots:
    __slots__ = ('n',)
    def __upgrade__(self, state):
        values = state[1]
        return state if values['n'] > 9 else (None, {'n': values['n'] * 10})
"""


def _fill(scene: Scene) -> Tuple[Any, List[Any]]:
    """Store instances of each class with a 1; the module, and what the second connection holds."""
    module = scene.one.registry.new("m", scene.base + _BEFORE)
    for name in ("Own", "Inner", "Slots"):
        value = getattr(module, name)()
        value.n = 1
        scene.one.root[name] = value if name == "Own" else _holding(scene, value)
    scene.share()
    own = scene.two.root["Own"]
    equal(own.n, 1, "a state in memory")
    return module, [own]


def _holding(scene: Scene, value: Any) -> Any:
    """An object with a record of its own that holds ``value``."""
    holder = scene.one.registry.find("holder")
    if holder is None:
        holder = scene.one.registry.new("holder", scene.base + "class Holder(Base): pass\n")
    held = holder.Holder()
    held.value = value
    return held


def _numbers(connection: Any) -> List[Any]:
    root = connection.root
    own, inner, slots = root["Own"], root["Inner"].value, root["Slots"].value
    return [own.number, inner.number, getattr(inner, "told", None), slots.n]


@module_check("PM-62")
def a_state_is_upgraded_when_it_is_loaded(scene: Scene) -> None:
    _, held = _fill(scene)
    scene.follow("m", scene.base + _AFTER)
    for connection in (scene.one, scene.two, scene.fresh()):
        equal(_numbers(connection), [2, 2, True, 10], "the states")
    equal(vars(held[0]), {"number": 2}, "a state that was in memory")
    scene.mark()
    scene.one.commit()
    equal(scene.written(), [], "what reading has stored")


@module_check("PM-62")
def all_states_are_upgraded_in_one_pass(scene: Scene) -> None:
    _fill(scene)
    scene.follow("m", scene.base + _AFTER)
    told: List[Tuple[int, int]] = []
    upgrade = scene.facility.upgrade_instances
    scene.mark()
    changed = upgrade(
        scene.one.registry,
        progress=lambda done, total: told.append((done, total)),
        save=scene.one.commit,
        every=2,
    )
    equal((changed, told), (3, [(1, 3), (2, 3), (3, 3)]), "objects, and what was told of them")
    equal(len(scene.written()), 3, "the records that were stored")
    equal(upgrade(scene.one.registry, save=scene.one.commit), 0, "what is left for another pass")
    # What is stored now needs nobody who upgrades it.
    scene.follow("m", scene.base + _BEFORE)
    root = scene.fresh().root
    equal(root["Own"].number, 2, "an object of its own")
    equal((root["Inner"].value.number, root["Slots"].value.n), (2, 10), "objects in others")


@module_check("PM-62")
def an_upgrade_that_is_aborted_leaves_what_was(scene: Scene) -> None:
    _, held = _fill(scene)
    scene.update("m", scene.base + _AFTER)
    equal(scene.one.root["Own"].number, 2, "the state as it would be")
    scene.one.abort()
    equal(scene.one.root["Own"].n, 1, "the state after the abort")
    equal(held[0].n, 1, "the state elsewhere")


@module_check("PM-62")
def an_upgrade_that_fails_keeps_what_is_done(scene: Scene) -> None:
    _fill(scene)
    source = _AFTER.replace("state['number'] = state.pop('n') * 2", "raise ZeroDivisionError")
    scene.follow("m", scene.base + source)
    registry = scene.one.registry
    fails(
        lambda: scene.facility.upgrade_instances(registry, save=scene.one.commit, every=1),
        ZeroDivisionError,
        "the pass",
    )
    scene.one.abort()
    scene.follow("m", scene.base + _AFTER)
    left = scene.facility.upgrade_instances(registry, save=scene.one.commit)
    true(0 < left <= 3, f"the rest is upgraded, {left} objects")
    equal(_numbers(scene.fresh()), [2, 2, True, 10], "the states")


clause(
    "PM-63",
    SHOULD,
    "The last source of a deleted definition is kept as long as something stored needs it, and not "
    "longer.",
    "SEED (imported values become disconnected); Decisions (the source is the state)",
)


@module_check("PM-63")
def what_nothing_refers_to_is_let_go_of(scene: Scene) -> None:
    source = "class A: pass\nclass B: pass\ndef f(): return 1\ndef g(): return 1\nx = {0}\n"
    module = scene.one.registry.new("m", source.format(0))
    scene.one.root["held"] = [module.A(), module.f]
    scene.share()
    scene.follow("m", "class C: pass\n")
    equal(scene.one.registry.kept("m"), ["A", "B", "f", "g"], "what is kept at first")
    scene.follow("m", "class D: pass\n")
    equal(scene.one.registry.kept("m"), ["A", "C", "f"], "what is kept later")
    a, f = scene.fresh().root["held"]
    equal((type(a).__name__, f()), ("A", 1), "what was stored")
