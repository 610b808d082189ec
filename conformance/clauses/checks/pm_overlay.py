"""The overlay: data of modules, classes and functions that are assigned at run time and kept."""

from typing import Any, Tuple

from conformance.clauses.expect import equal, true
from conformance.clauses.module_scene import Scene, module_check
from conformance.clauses.registry import MAY, clause
from fixtures.errors import Unsupported

SOURCE = """
count = 0
class C:
    x = 1
def f():
    return count
def bump():
    global count
    count += 1
    return count
"""


def _kept(scene: Scene) -> Tuple[Any, Any]:
    if not hasattr(scene.one.registry, "keep_data"):
        raise Unsupported("these persistent modules offer no overlay")
    scene.one.registry.new("m", SOURCE)
    scene.one.registry.keep_data("m")
    scene.share()
    return scene.both("m")


clause(
    "PM-42",
    MAY,
    "With the data overlay switched on, changing the data of a module at run time persists and "
    "marks the module changed; a change of source resets it, and synchronisation loses it.",
    "TM.testModules, TM.testFunctionSideEffects; SEED Proposals",
)


@module_check("PM-42")
def assigned_data_persists(scene: Scene) -> str:
    one, two = _kept(scene)
    one.count = 5
    equal(two.count, 0, "what another sees before the commit")
    scene.share()
    fresh = scene.fresh().registry.find("m")
    equal((two.f(), two.count, fresh.f()), (5, 5, 5), "what others see")
    one.count = 6
    scene.one.abort()
    equal(one.f(), 5, "what is seen after an abort")
    return "data of a module that keeps them persist"


@module_check("PM-42")
def a_change_of_source_resets_the_data(scene: Scene) -> str:
    one, two = _kept(scene)
    one.count = 5
    scene.share()
    scene.follow("m", SOURCE + "# changed\n")
    equal((one.count, two.count), (0, 0), "the data")
    return "a change of source resets them"


clause(
    "PC-11",
    MAY,
    "With the overlay switched on, setting an attribute of a class marks it changed and persists, "
    "is seen elsewhere at the next transaction, and undone by an abort.",
    "PCR",
)


@module_check("PC-11")
def attributes_of_a_class_persist(scene: Scene) -> str:
    one, two = _kept(scene)
    instance = two.C()
    one.C.x = 2
    true(one.C._p_changed, "_p_changed")
    equal(instance.x, 1, "what another sees before the commit")
    scene.share()
    equal((instance.x, scene.fresh().registry.find("m").C.x), (2, 2), "what others see")
    one.C.x = 3
    scene.one.abort()
    equal(one.C.x, 2, "what is seen after an abort")
    return "attributes of classes persist"


clause(
    "PF-03",
    MAY,
    "With the overlay switched on, attributes of functions can be set, persist, and can be "
    "deleted.",
    "TM.testFunctionAttrs",
)


@module_check("PF-03")
def attributes_of_a_function_persist(scene: Scene) -> str:
    one, two = _kept(scene)
    one.f.note = "here"
    scene.share()
    equal((two.f.note, scene.fresh().registry.find("m").f.note), ("here",) * 2, "what others see")
    del one.f.note
    scene.share()
    equal((hasattr(one.f, "note"), hasattr(two.f, "note")), (False, False), "whether it is there")
    return "attributes of functions persist"


clause(
    "PF-06",
    MAY,
    "With the overlay switched on, a call of a function that writes a global marks the module "
    "changed.",
    "FUN.has_side_effect; TM.testFunctionSideEffects",
)


@module_check("PF-06")
def a_call_that_writes_a_global_persists(scene: Scene) -> str:
    one, two = _kept(scene)
    scene.mark()
    equal((one.bump(), one.bump(), one.f()), (1, 2, 2), "what the calls give")
    scene.share()
    equal(len(scene.written()), 1, "the number of records that are stored")
    equal(two.bump(), 3, "what a call gives elsewhere")
    scene.mark()
    two.f()
    scene.two.abort()
    equal(two.f(), 2, "what is seen after an abort")
    return "a call that writes a global marks the module changed"
