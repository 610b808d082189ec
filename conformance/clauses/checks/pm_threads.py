"""PM - persistent modules: several threads, each with a connection of its own."""

import importlib
import sys
import threading
import warnings
from concurrent.futures import ThreadPoolExecutor
from typing import Any

from conformance.clauses.expect import equal, true
from conformance.clauses.module_scene import Scene, module_check, visible_to_sources
from conformance.clauses.registry import SHOULD, clause

clause(
    "PM-58",
    SHOULD,
    "Threads that load the same modules at the same time, each by a connection of its own, see "
    "nothing of one another's modules, and the standard library sees none of them.",
    "SEED (application-server clusters)",
)

#: A module that waits in the middle of its execution, and looks for itself.
_WAITS = """
import sys, dataclasses
token = object()
sys.conformance_wait()
@dataclasses.dataclass
class C:
    x: "token.__class__" = None
    y: "dataclasses.KW_ONLY" = None
found = sys.modules[__name__]
seen = found.token is token and found.__dict__ is globals()
"""


@module_check("PM-58")
def threads_see_their_own_modules(scene: Scene) -> None:
    scene.one.registry.new("conformance_waits", "x = 1\n")
    with visible_to_sources("conformance_wait", lambda: None):
        scene.one.registry.update("conformance_waits", _WAITS)
    scene.one.commit()
    connections = [scene.fresh() for _ in range(3)]
    barrier = threading.Barrier(len(connections))
    waiting = visible_to_sources("conformance_wait", barrier.wait)
    with waiting, ThreadPoolExecutor(len(connections)) as pool:
        loads = [pool.submit(each.registry.find, "conformance_waits") for each in connections]
        modules = [each.result() for each in loads]
    equal([module.seen for module in modules], [True] * 3, "whether each has found itself")
    equal(len({id(module.token) for module in modules}), 3, "the number of modules")
    true("conformance_waits" not in sys.modules, "sys.modules is as before")


@module_check("PM-58")
def the_standard_library_sees_none(scene: Scene) -> None:
    name = "colorsys"
    kept = sys.modules.pop(name, None)
    found: Any = []
    source = f"import sys\nsys.conformance_wait()\nmine = 1\ndef rgb_to_hls(*a): return {1}\n"

    def look() -> None:
        with ThreadPoolExecutor(1) as pool:
            found.append(pool.submit(importlib.import_module, name).result())

    try:
        with visible_to_sources("conformance_wait", look), warnings.catch_warnings():
            # An implementation may warn of such a name.
            warnings.simplefilter("ignore")
            module = scene.one.registry.new(name, source)
        true(not hasattr(found[0], "mine"), "an import elsewhere finds the standard module")
        equal((module.mine, module.rgb_to_hls()), (1, 1), "the persistent module")
    finally:
        sys.modules.pop(name, None)
        if kept is not None:
            sys.modules[name] = kept
