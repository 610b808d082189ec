"""PM - persistent modules: names that change, and what is stored under the old ones."""

import tempfile
from pathlib import Path
from typing import Any

from conformance.clauses.expect import equal, true
from conformance.clauses.module_scene import Scene, fails, module_check, same
from conformance.clauses.registry import MUST, clause

clause(
    "PM-59",
    MUST,
    "A module, or what it defines, can be renamed: classes, functions and stored instances are "
    "what they were, under the new name, in running and in new processes.",
    "SEED (logical lifetimes exceed those of processes); Decisions (identity is kept)",
)

_SOURCE = "class C:\n    def f(self): return {0}, self.n\ndef g(): return {0}\n"
_OTHER = "class D:\n    def f(self): return {0}, self.n\ndef h(): return {0}\n"


def _fill(scene: Scene) -> Any:
    """Store an instance, a class and a function of ``p.m``; what both connections hold of them."""
    module = scene.one.registry.new("p.m", _SOURCE.format(1))
    instance = module.C()
    instance.n = 7
    scene.one.root["held"] = [instance, module.C, module.g]
    # An instance with a record of its own, which names its class.
    scene.one.registry.new("own", scene.base + "class Own(Base):\n    def f(self): return 1\n")
    scene.one.root["own"] = [scene.one.registry.module("own").Own()]
    scene.share()
    return [scene.one.root["held"], scene.two.root["held"]]


def _look(scene: Scene, held: Any, module: str, cls: str, function: str, number: int) -> None:
    found = [scene.one, scene.two, scene.fresh()]
    for connection, (instance, kept, g) in zip(found, [*held, found[2].root["held"]]):
        m = connection.registry.module(module)
        same((getattr(m, cls), getattr(m, function)), (kept, g), "the class and the function")
        equal((instance.f(), g(), type(instance)), ((number, 7), number, kept), "what they do")
        equal((kept.__name__, kept.__module__), (cls, module), "the names of the class")
        equal((g.__name__, g.__module__), (function, module), "the names of the function")


@module_check("PM-59", each={"p.m": {"old": "p.m", "new": "q.r"}, "p": {"old": "p", "new": "q"}})
def a_module_is_renamed(scene: Scene, old: str, new: str) -> None:
    held = _fill(scene)
    scene.one.registry.rename(old, new)
    scene.share()
    module = "q.r" if new == "q.r" else "q.m"
    _look(scene, held, module, "C", "g", 1)
    for connection in (scene.one, scene.two, scene.fresh()):
        equal(connection.registry.find("p.m"), None, "the old name")
    scene.follow(module, _SOURCE.format(2))
    _look(scene, held, module, "C", "g", 2)


@module_check("PM-59")
def a_definition_is_renamed(scene: Scene) -> None:
    held = _fill(scene)
    renames = {"p.m:C": "p.m:D", "p.m:g": "p.m:h"}
    scene.one.registry.apply({"p.m": _OTHER.format(2)}, renames=renames)
    scene.share()
    _look(scene, held, "p.m", "D", "h", 2)
    scene.follow("p.m", _OTHER.format(3))
    _look(scene, held, "p.m", "D", "h", 3)


@module_check("PM-59")
def a_stored_instance_finds_its_class(scene: Scene) -> None:
    _fill(scene)
    source = scene.base + "class Mine(Base):\n    def f(self): return 2\n"
    scene.one.registry.apply({"own": source}, renames={"own:Own": "own:Mine"})
    scene.one.registry.rename("own", "mine")
    scene.share()
    for connection in (scene.one, scene.two, scene.fresh()):
        instance = connection.root["own"][0]
        same(type(instance), connection.registry.module("mine").Mine, "the class")
        equal(instance.f(), 2, "what it does")


@module_check("PM-59")
def a_name_that_comes_back_can_be_the_same(scene: Scene) -> None:
    held = _fill(scene)
    policy = scene.facility.Policy(deletion="allow")
    scene.one.registry.update("p.m", "def g(): return 1\n", policy=policy)
    scene.share()
    scene.one.registry.apply({"p.m": _SOURCE.format(2)}, renames={"p.m:C": "p.m:C"})
    scene.share()
    _look(scene, held, "p.m", "C", "g", 2)


@module_check("PM-59")
def a_rename_can_be_refused_or_aborted(scene: Scene) -> None:
    held = _fill(scene)
    registry = scene.one.registry
    registry.new("user", "from p.m import g\n")
    scene.share()
    refuse = scene.facility.Policy(deletion="refuse")
    error = fails(
        lambda: registry.rename("p.m", "p.n", policy=refuse),
        scene.facility.DeletionRefused,
        "a rename under an importer",
    )
    true("user" in str(error), f"the error names it, got {error}")
    fails(lambda: registry.rename("p.m", "user"), ValueError, "a name that is taken")
    fails(lambda: registry.rename("none", "p.n"), KeyError, "an unknown name")
    _look(scene, held, "p.m", "C", "g", 1)
    registry.rename("p.m", "p.n", policy=scene.facility.Policy(deletion="allow"))
    scene.one.abort()
    _look(scene, held, "p.m", "C", "g", 1)


@module_check("PM-59")
def files_have_other_names(scene: Scene) -> None:
    held = _fill(scene)
    facility, registry = scene.facility, scene.one.registry
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        facility.export_modules(registry, folder)
        (folder / "p" / "m.py").rename(folder / "p" / "new.py")
        (folder / "p" / "new.py").write_text(_OTHER.format(2), encoding="utf-8")
        renames = {"p.m": "p.new", "p.m:C": "p.new:D", "p.m:g": "p.new:h"}
        facility.import_modules(registry, folder, renames=renames)
    scene.share()
    _look(scene, held, "p.new", "D", "h", 2)
    equal(registry.find("p.m"), None, "the old name")


@module_check("PM-59")
def a_module_and_what_it_defines_move_at_once(scene: Scene) -> None:
    held = _fill(scene)
    renames = {"p.m": "q", "p.m:C": "q:D", "p.m:g": "q:h"}
    scene.one.registry.apply({"q": _OTHER.format(2)}, renames=renames)
    scene.share()
    _look(scene, held, "q", "D", "h", 2)
