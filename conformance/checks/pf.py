"""PF - persistent functions, which the source of a persistent module defines."""

from conformance.expect import equal, true
from conformance.module_scene import Scene, module_check
from conformance.registry import MUST, clause

clause(
    "PF-01",
    MUST,
    "A function that a module defines at its top level is a persistent object: other persistent "
    "objects may refer to it.",
    "FUN; SEED",
)


@module_check("PF-01", each={"def": {"f": "def f(): return 1"}, "lambda": {"f": "f = lambda: 1"}})
def a_function_is_referred_to_by_another_object(scene: Scene, f: str) -> None:
    one, two = scene.start(m=f)
    scene.one.root["f"] = {"f": one.f}
    scene.share()
    found = scene.two.root["f"]["f"]
    true(found is two.f, "the reference leads to the function of the module")
    equal((found(), found._p_oid), (1, one.f._p_oid), "its value and _p_oid")
