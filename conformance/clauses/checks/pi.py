"""PI - interfaces that the source of a persistent module defines."""

from typing import Any, Tuple

from conformance.clauses.expect import equal, true
from conformance.clauses.module_scene import Scene, module_check, same
from conformance.clauses.registry import MUST, clause

BASE = """
from zope.interface import Attribute, Interface, invariant, taggedValue

class IRoot(Interface):
    pass

class IThing(Interface):
    taggedValue("kind", "old")
    size = Attribute("The size")
    def go(speed):
        "Go."
"""
CHANGED = """
from zope.interface import Attribute, Interface, invariant, taggedValue

class IRoot(Interface):
    pass

class IThing(IRoot):
    "New."
    taggedValue("sort", "new")
    weight = Attribute("The weight")
    def go(speed, distance):
        "Go far."
    @invariant
    def positive(self):
        if self.weight < 0:
            raise ValueError(self.weight)
"""
USER = """
from zope.interface import Attribute, implementer, provider, providedBy, implementedBy
from zope.interface.adapter import AdapterRegistry
from base import IThing, IRoot

class ISub(IThing):
    extra = Attribute("Extra")

@implementer(ISub)
class Thing:
    weight = -1

class SubThing(Thing):
    pass

@provider(IThing)
def maker():
    pass
"""


def _users(scene: Scene) -> Tuple[Any, Any]:
    return scene.start(base=BASE, user=USER)


clause(
    "PI-01",
    MUST,
    "An interface, schema included, that a module defines keeps its identity when the source "
    "changes, and any persistent object may refer to it.",
    "SEED use cases, Persistent interfaces",
)


@module_check("PI-01")
def an_interface_keeps_its_identity(scene: Scene) -> None:
    one, two = scene.start(base=BASE)
    scene.one.root["i"] = [one.IThing]
    scene.share()
    held = one.IThing, two.IThing
    same(scene.two.root["i"][0], two.IThing, "what the reference leads to")
    scene.follow("base", CHANGED)
    same((one.IThing, two.IThing), held, "the interface in both processes")
    same(scene.two.root["i"][0], held[1], "what the reference leads to afterwards")
    fresh = scene.fresh()
    same(fresh.root["i"][0], fresh.registry.find("base").IThing, "in a fresh process")


clause(
    "PI-02",
    MUST,
    "Interfaces in other modules that extend a changed one have its new attributes and bases.",
    "SEED",
)


@module_check("PI-02")
def subinterfaces_follow(scene: Scene) -> None:
    users = _users(scene)
    for user in users:
        equal(sorted(user.ISub.names(all=True)), ["extra", "go", "size"], "the names before")
        equal(user.ISub.extends(user.IRoot), False, "extends() before")
    scene.follow("base", CHANGED)
    for user in users:
        equal(sorted(user.ISub.names(all=True)), ["extra", "go", "weight"], "the names")
        equal(bool(user.ISub.extends(user.IRoot)), True, "extends()")
        true(user.IRoot in user.ISub.__sro__, "the new base is in __sro__")


@module_check("PI-02")
def an_abort_brings_the_interface_back(scene: Scene) -> None:
    user, _ = _users(scene)
    scene.update("base", CHANGED)
    scene.one.abort()
    equal(sorted(user.ISub.names(all=True)), ["extra", "go", "size"], "the names")
    equal(user.ISub.extends(user.IRoot), False, "extends()")


clause(
    "PI-03",
    MUST,
    "What objects provide, what classes implement, and what adapter registries find follows in "
    "every process; nothing of those caches is stored.",
    "SEED (specifications)",
)


@module_check("PI-03")
def specifications_and_adapters_follow(scene: Scene) -> None:
    users = _users(scene)
    things = [user.SubThing() for user in users]
    specifications = [user.implementedBy(user.Thing) for user in users]
    registries = []
    for user, thing in zip(users, things):
        registry = user.AdapterRegistry()
        registry.register([user.IRoot], user.IThing, "", "adapter")
        equal(registry.lookup1(user.providedBy(thing), user.IThing), None, "the adapter before")
        registries.append(registry)
    scene.mark()
    scene.follow("base", CHANGED)
    for user, thing, registry in zip(users, things, registries):
        equal(user.IRoot.providedBy(thing), True, "providedBy")
        equal(user.IRoot.implementedBy(user.SubThing), True, "implementedBy")
        equal(registry.lookup1(user.providedBy(thing), user.IThing), "adapter", "the adapter")
    got = [user.implementedBy(user.Thing) for user in users]
    same(got, specifications, "what implementedBy gives")
    equal(len(scene.written()), 1, "the number of records: the module alone")


@module_check("PI-03")
def declarations_follow_their_source(scene: Scene) -> None:
    users = _users(scene)
    things = [user.SubThing() for user in users]
    specifications = [user.implementedBy(user.SubThing) for user in users]
    for source, provided in (
        (USER.replace("@implementer(ISub)\n", ""), False),
        (USER, True),
        (USER.replace("@implementer(ISub)", "@implementer(IRoot)"), False),
    ):
        scene.follow("user", source)
        got = [user.IThing.providedBy(thing) for user, thing in zip(users, things)]
        equal(got, [provided] * 2, "whether the interface is provided")
        got = [user.IThing.providedBy(user.maker) for user in users]
        equal(got, [True] * 2, "whether a function provides it")
        same([user.implementedBy(user.SubThing) for user in users], specifications, "implementedBy")
    equal([user.IRoot.providedBy(thing) for user, thing in zip(users, things)], [True] * 2, "IRoot")


clause(
    "PI-04",
    MUST,
    "What is derived of interfaces is not stored: a fresh process makes the same of the sources of "
    "all modules as a process that has followed every change.",
    "SEED",
)


@module_check("PI-04")
def a_fresh_process_derives_the_same(scene: Scene) -> None:
    users = _users(scene)
    scene.mark()
    scene.follow("base", CHANGED)
    scene.follow("user", USER.replace("class ISub(IThing)", "class ISub(IThing, IRoot)"))

    def shape(user: Any) -> Any:
        specs = (user.ISub, user.IThing, user.implementedBy(user.SubThing))
        names = [[each.__name__ for each in spec.__sro__] for spec in specs]
        return names, sorted(user.ISub.names(all=True)), list(user.IThing.getTaggedValueTags())

    fresh = shape(scene.fresh().registry.find("user"))
    equal([shape(user) for user in users], [fresh] * 2, "what is derived in those that followed")
    for oid in scene.written():
        for word in ("__sro__", "__iro__", "dependents", "_implied"):
            true(word not in scene.record(oid).split("\n"), f"{word} is not stored")


clause(
    "PI-05",
    MUST,
    "Attributes, methods and their order, bases, tagged values and invariants of a changed "
    "interface are those of the new source, also seen from interfaces of other modules and in "
    "other processes.",
    "SEED use cases (interfaces, including schema), Persistent interfaces",
)


@module_check("PI-05")
def an_interface_is_as_its_source_says(scene: Scene) -> None:
    users = _users(scene)
    scene.follow("base", CHANGED)
    for user in users:
        interface = user.IThing
        equal(list(interface.names()), ["weight", "go"], "the names, in order")
        same(interface.__bases__, (user.IRoot,), "the bases")
        equal(interface["go"].getSignatureString(), "(speed, distance)", "a signature")
        same(interface["weight"].interface, interface, "the interface of an attribute")
        equal(sorted(interface.getTaggedValueTags()), ["invariants", "sort"], "the tagged values")
        equal(user.ISub.queryTaggedValue("sort"), "new", "a tagged value of the subinterface")
        equal(interface.__doc__, "New.", "the doc")
        try:
            user.ISub.validateInvariants(user.Thing())
            got: Any = None
        except ValueError as error:
            got = error.args
        equal(got, (-1,), "what the invariant raises for the subinterface")
