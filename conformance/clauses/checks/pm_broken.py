"""PM - persistent modules: what cannot be loaded locks nothing, and says why."""

import warnings
from typing import Any, Dict

from conformance.clauses.expect import equal, true
from conformance.clauses.module_scene import Scene, fails, module_check, visible_to_sources
from conformance.clauses.registry import MUST, SHOULD, clause

#: Executed, unless `sys.conformance_fails` is true, and told where it is executed.
_SOURCE = (
    "import sys\n"
    "if getattr(sys, 'conformance_fails', False): import no_such_module\n"
    "getattr(sys, 'conformance_told', []).append(1)\n"
    "class C:\n    def get(self): return self.n\n"
    "def f(): return 1\n"
)


def _fill(scene: Scene) -> None:
    """Store an instance, a class and a function in the root."""
    module = scene.one.registry.new("sick", _SOURCE)
    instance = module.C()
    instance.n = 3
    scene.one.root["instance"] = [instance]
    scene.one.root["class"] = [module.C]
    scene.one.root["function"] = [module.f]
    scene.share()


clause(
    "PM-51",
    MUST,
    "Whatever becomes of a module, what refers to it can be loaded. What cannot be made keeps its "
    "state, says why when it is used or asked, and is as before when the module is.",
    "SEED (logical lifetimes exceed those of processes)",
)


@module_check("PM-51")
def a_module_that_cannot_be_executed_locks_nothing(scene: Scene) -> None:
    _fill(scene)
    reader = scene.fresh()
    with visible_to_sources("conformance_fails", True):
        root = reader.root
        instance, cls, function = (root[key][0] for key in ("instance", "class", "function"))
        equal(vars(instance), {"n": 3}, "the state of an instance")
        for use in (lambda: instance.get(), lambda: cls(), lambda: function()):
            error = fails(use, (ImportError, AttributeError), "the use of what is broken")
            true("no_such_module" in str(error), f"the error says why, got {error!r}")
        for value in (instance, cls, function):
            because = str(scene.facility.why_broken(value))
            true("no_such_module" in because, f"it says why, got {because!r}")
    reader.registry.find("sick")
    equal((instance.get(), cls().__class__ is cls, function()), (3, True, 1), "when it is mended")
    equal(scene.facility.why_broken(instance), None, "why it is broken then")


@module_check("PM-51", each={"name": {"what": "name"}, "module": {"what": "module"}})
def a_deletion_locks_nothing(scene: Scene, what: str) -> None:
    _fill(scene)
    registry, policy = scene.one.registry, scene.facility.Policy(deletion="allow")
    if what == "name":
        registry.update("sick", "", policy=policy)
    else:
        registry.remove("sick", policy=policy)
    scene.one.commit()
    root = scene.fresh().root
    equal(root["instance"][0].get(), 3, "what a method gives that is not defined any more")
    equal((root["class"][0]().__class__.__name__, root["function"][0]()), ("C", 1), "the others")


clause(
    "PM-52",
    SHOULD,
    "Sources are listed, read, compared and written to files without executing any.",
    "SEED (a familiar model; traditional tools)",
)


@module_check("PM-52")
def reading_executes_nothing(scene: Scene) -> None:
    import tempfile

    scene.one.registry.new("sick", _SOURCE)
    scene.share()
    with tempfile.TemporaryDirectory() as folder:
        _read(scene, folder)


def _read(scene: Scene, folder: str) -> None:
    from pathlib import Path

    with visible_to_sources("conformance_told", []) as told:
        registry = scene.fresh().registry
        equal((registry.modules(), registry.source("sick")), (["sick"], _SOURCE), "the registry")
        place = Path(folder) / "tree"
        equal(len(scene.facility.compare_modules(registry, place).differences), 1, "differences")
        scene.facility.export_modules(registry, place)
        equal((place / "sick.py").read_text(), _SOURCE, "the file")
        scene.facility.import_modules(registry, place, dry_run=True)
        equal(told, [], "the executions")


clause(
    "PM-53",
    SHOULD,
    "What is broken in a database can be listed, with the reason and the way out.",
    "SEED (management of software)",
)


def _found(scene: Scene) -> Dict[str, Any]:
    """What is broken, by its name; others may use the same storage."""
    found = scene.facility.examine_modules(scene.fresh().registry)
    return {each.name: each for each in found if each.name.partition(".")[0] == "sick"}


@module_check("PM-53")
def what_is_broken_is_listed(scene: Scene) -> None:
    _fill(scene)
    equal(_found(scene), {}, "what is broken at first")
    with visible_to_sources("conformance_fails", True):
        named = _found(scene)
    equal(sorted(named), ["sick", "sick.C", "sick.f"], "what is broken")
    true("no_such_module" in named["sick"].because, f"why, got {named['sick'].because!r}")
    true("no_such_module" in named["sick"].way_out, f"the way out, got {named['sick'].way_out!r}")
    equal((named["sick.C"].stored, named["sick.f"].stored), (1, 1), "how many records need it")


clause(
    "PM-54",
    MUST,
    "The deletion of what stored objects are instances of, or refer to, is judged as that of what "
    "others import: by default, there is a warning that counts them.",
    "SEED option C (external usage); Decisions",
)


@module_check("PM-54", each={"name": {"what": "name"}, "module": {"what": "module"}})
def stored_uses_are_counted(scene: Scene, what: str) -> None:
    _fill(scene)
    registry, policy = scene.one.registry, scene.facility.Policy

    def delete(*given: Any) -> Any:
        options = {"policy": given[0]} if given else {}
        if what == "name":
            return registry.update("sick", "def f(): return 1\n", **options)
        return registry.remove("sick", **options)

    error = fails(
        lambda: delete(policy(deletion="refuse")), scene.facility.DeletionRefused, "the deletion"
    )
    number = "1 other" if what == "name" else "2 other"
    true(number in str(error), f"the error counts what refers to it, got {error}")
    with warnings.catch_warnings(record=True) as told:
        warnings.simplefilter("always")
        delete()
    equal([each.category for each in told], [scene.facility.DeletionWarning], "the warnings")
    true(number in str(told[0].message), f"the warning counts them, got {told[0].message}")
