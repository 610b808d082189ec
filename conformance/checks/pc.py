"""PC - persistent classes, which the source of a persistent module defines."""

from conformance.expect import equal
from conformance.module_scene import Scene, module_check
from conformance.registry import MUST, clause
from fixtures.states import UPTODATE

clause(
    "PC-01",
    MUST,
    "A persistent class is never a ghost: deactivation and _p_changed = None do nothing, and its "
    "state is never GHOST.",
    "SEED; PCR",
)

_REQUESTS = {
    "_p_deactivate()": "cls._p_deactivate()",
    "_p_changed = None": "cls._p_changed = None",
    "minimize()": "cache.minimize()",
    "_p_invalidate()": "cls._p_invalidate()",
    "del _p_changed": "del cls._p_changed",
    "_p_activate()": "cls._p_activate()",
}


@module_check("PC-01", each={request: {"request": request} for request in _REQUESTS})
def a_class_is_never_a_ghost(scene: Scene, request: str) -> None:
    _, module = scene.start(m="class C:\n    x = 1\n")
    cls = module.C
    exec(_REQUESTS[request], {"cls": cls, "cache": scene.two.jar._cache})
    equal((cls._p_state, cls._p_changed), (UPTODATE, False), "_p_state and _p_changed")
    equal(cls.x, 1, "an attribute")
