"""PM - persistent modules: the registry."""

from conformance.expect import equal, true
from conformance.module_scene import Scene, module_check
from conformance.registry import SHOULD, clause

clause(
    "PM-01",
    SHOULD,
    "A new module made from a name and a source is registered under its dotted name, can be found "
    "and imported, and has the globals of the source.",
    "TM.testModule; IF.new",
)


@module_check("PM-01", each={"shop": {"name": "shop"}, "a.b": {"name": "a.b"}})
def a_new_module_has_the_globals_of_its_source(scene: Scene, name: str) -> None:
    module = scene.one.registry.new(name, "x = 1\ndef f():\n    return x + 1\n")
    equal((module.x, module.f(), module.__name__), (1, 2, name), "the module that new() gives")
    true(scene.one.registry.find(name) is module, "find() gives the same module")
    user = scene.one.registry.new("user", f"from {name} import f\nx = f()\n")
    equal(user.x, 2, "what another module imports")
