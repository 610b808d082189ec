"""PI - interfaces that the source of a persistent module defines."""

from conformance.expect import true
from conformance.module_scene import Scene, module_check
from conformance.registry import MUST, clause

_INTERFACE = """
from zope.interface import Attribute, Interface
class I(Interface):
    x = Attribute("x")
"""

clause(
    "PI-01",
    MUST,
    "An interface, schema included, that a module defines keeps its identity when the source "
    "changes, and any persistent object may refer to it.",
    "SEED use cases, Persistent interfaces",
)


@module_check("PI-01")
def an_interface_keeps_its_identity(scene: Scene) -> None:
    one, two = scene.start(m=_INTERFACE)
    scene.one.root["i"] = one.I
    scene.share()
    held = one.I, two.I
    true(scene.two.root["i"] is two.I, "the reference leads to the interface of the module")
    scene.follow("m", _INTERFACE + "    y = Attribute('y')\n")
    true(held == (one.I, two.I), "both connections keep their interface")
    true(scene.two.root["i"] is held[1], "the reference leads there still")
    fresh = scene.fresh()
    true(fresh.root["i"] is fresh.registry.module("m").I, "the same in a fresh process")
