"""PM - persistent modules: the registry and what it holds."""

from typing import Any

from conformance.clauses.cases import Cases
from conformance.clauses.expect import equal, true
from conformance.clauses.module_scene import Scene, fails, module_check, same
from conformance.clauses.registry import MUST, SHOULD, clause

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
    same(scene.one.registry.find(name), module, "what find() gives")
    user = scene.one.registry.new("user", f"from {name} import f\nx = f()\n")
    equal(user.x, 2, "what another module imports")


clause(
    "PM-02",
    SHOULD,
    "Registering a name that is taken raises ValueError, and nothing changes.",
    "IF.setModule; TM.testPackage",
)


@module_check("PM-02", each={"shop": {"name": "shop"}, "A.B": {"name": "A.B"}})
def a_name_that_is_taken_is_refused(scene: Scene, name: str) -> None:
    registry = scene.one.registry
    module = registry.new(name, "x = 1")
    names = registry.modules()
    fails(lambda: registry.new(name, "x = 2"), ValueError, "a second module of that name")
    same(registry.find(name), module, "the module of that name")
    equal((module.x, registry.modules()), (1, names), "its data, and the names")


clause(
    "PM-03",
    SHOULD,
    "Removing an unknown name raises KeyError. After a removal there is no module of that name, "
    "and the name is free again.",
    "IF.delModule, IF.remove",
)


@module_check("PM-03")
def an_unknown_name_cannot_be_removed(scene: Scene) -> None:
    fails(lambda: scene.one.registry.remove("shop"), KeyError, "the removal")


@module_check("PM-03")
def a_removed_name_is_free(scene: Scene) -> None:
    scene.start(shop="x = 1")
    scene.one.registry.remove("shop")
    scene.share()
    for connection in (scene.one, scene.two, scene.fresh()):
        equal(connection.registry.find("shop"), None, "what find() gives")
        equal(connection.registry.modules(), [], "the names")
    equal(scene.one.registry.new("shop", "x = 2").x, 2, "a new module of that name")


clause(
    "PM-04",
    MUST,
    "If executing the source of a new module fails, the error is the original one, and neither its "
    "name nor a package that was made for it stays registered.",
    "MOD.new; TM.testNested; SEED (bad source changes nothing)",
)

_BAD: Cases = {
    "exception": {"source": "x = 1\n1/0\n", "error": ZeroDivisionError},
    "syntax": {"source": "x = ", "error": SyntaxError},
    "import": {"source": "import no_such_module", "error": ImportError},
    "NUL": {"source": "x = 1\0", "error": (SyntaxError, ValueError)},
    "text": {"source": "x = '\ud800'", "error": UnicodeEncodeError},
}


@module_check("PM-04", each=_BAD)
def a_source_that_fails_leaves_no_module(scene: Scene, source: str, error: Any) -> None:
    scene.mark()
    registry = scene.one.registry
    fails(lambda: registry.new("a.b", source), error, "the new module")
    equal((registry.find("a"), registry.find("a.b")), (None, None), "what find() gives")
    equal(registry.modules(), [], "the names")
    scene.one.commit()
    equal(scene.written(), [], "what a commit stores")
    equal(registry.new("a.b", "x = 1").x, 1, "a new module of that name")


clause(
    "PM-05",
    SHOULD,
    "find(name) gives the module or None; modules() lists the names.",
    "IF; TM.sameModules",
)


@module_check("PM-05")
def names_are_found_and_listed(scene: Scene) -> None:
    equal(scene.one.registry.modules(), [], "the names at first")
    scene.start(b="", a="x = 1")
    for connection in (scene.one, scene.two):
        equal(sorted(connection.registry.modules()), ["a", "b"], "the names")
        equal(connection.registry.find("a").x, 1, "the data of one that was found")
        equal(connection.registry.find("c"), None, "what find() gives for an unknown name")


clause(
    "PM-06",
    SHOULD,
    "A source without a newline at its end, and an empty one, are accepted.",
    "MOD.compileModule",
)


@module_check(
    "PM-06",
    each={
        repr(source): {"source": source}
        for source in ("", "x = 1", "def f(): pass", "# only a comment", "x = 1\r\ny = 2")
    },
)
def any_end_of_a_source_is_accepted(scene: Scene, source: str) -> None:
    one, two = scene.start(m=source)
    for module in (one, two):
        equal(module.__name__, "m", "the module")
        equal(getattr(module, "x", 1), 1, "its data")


clause(
    "PM-07",
    MUST,
    "Any other connection or process can make every module from what the database holds.",
    "TM.useNewConnection; SEED (the source is the state)",
)


@module_check("PM-07")
def a_fresh_process_makes_every_module(scene: Scene) -> None:
    scene.start(
        base="import math\nclass C:\n    n = math.floor(7.5)\n    def f(self): return self.n\n",
        user="from base import C\nclass D(C): pass\nshow = lambda: D().f()\n",
    )
    for name in ("user", "base"):
        fresh = scene.fresh()
        equal(fresh.registry.find(name).C().f(), 7, f"C().f(), {name} being first")
        equal(fresh.registry.find("user").show(), 7, "show()")


clause(
    "PM-08",
    SHOULD,
    "A module stays usable after deactivation, after minimising the cache, and in a connection "
    "that is opened again.",
    "TM.testModule, TM.testModuleReload; TC.testClassReload",
)


@module_check("PM-08")
def eviction_does_not_empty_a_module(scene: Scene) -> None:
    source = "x = 1\nclass C:\n    pass\ndef f():\n    return C, x\n"
    for module, connection in zip(scene.start(m=source), (scene.one, scene.two)):
        cls, function = module.C, module.f
        for _ in range(2):
            connection.jar._cache.minimize()
            equal(function(), (cls, 1), "a function that is held")
            same(connection.registry.find("m"), module, "the module")
            same(module.C, cls, "its class")
    equal(scene.fresh().registry.find("m").x, 1, "its data in a new connection")


@module_check("PM-08")
def a_cache_without_room_does_no_harm(scene: Scene) -> None:
    source = "x = 1\nclass C:\n    n = %s\ndef f():\n    return C.n\n"
    _, two = scene.start(m=source % 1)
    scene.two.jar._cache.cache_size = 0
    scene.two.jar._cache.incrgc()
    equal(two.f(), 1, "a function")
    scene.follow("m", source % 2)
    scene.two.jar._cache.incrgc()
    equal((two.f(), two.C.n), (2, 2), "a function and a class after a change")


clause(
    "PM-09",
    SHOULD,
    "What defines a module has no oid before it is stored; commit gives one to it and to all that "
    "the module defines.",
    "TM.testModules",
)


@module_check("PM-09")
def a_commit_gives_oids(scene: Scene) -> None:
    module = scene.one.registry.new("m", "class C: pass\ndef f(): pass\n")
    for value in (module.C, module.f):
        equal((value._p_oid, value._p_jar), (None, None), "_p_oid and _p_jar before")
    scene.one.commit()
    for value in (module.C, module.f):
        true(isinstance(value._p_oid, bytes), "_p_oid afterwards")
        same(value._p_jar, scene.one.jar, "_p_jar afterwards")
        same(scene.one.jar.get(value._p_oid), value, "what is found under the oid")


clause(
    "PM-10",
    SHOULD,
    "Builtins work in the code of a module and are no part of what is stored.",
    "TM.testBuiltins; MOD.__getstate__",
)


@module_check("PM-10")
def builtins_work_and_are_not_stored(scene: Scene) -> None:
    scene.mark()
    source = "n = sum([1, 2])\ndef f():\n    return len('abc')\nclass C:\n    size = max(1, 2)\n"
    for module in scene.start(m=source):
        equal((module.n, module.f(), module.C.size), (3, 3, 2), "what builtins give")
    stored = "\n".join(scene.record(oid) for oid in scene.written())
    true("builtins" not in stored, f"nothing of builtins is stored, got {stored!r}")


clause(
    "PM-11",
    SHOULD,
    "A reference to an ordinary module is stored by its name, one to a persistent module as a "
    "reference to it.",
    "TM.testModulePicklability; MOD.copy_reg",
)


@module_check("PM-11")
def modules_are_referred_to(scene: Scene) -> None:
    import json

    one, two = scene.start(m="x = 1")
    scene.one.root["found"] = {"persistent": one, "ordinary": json}
    scene.share()
    for connection, module in ((scene.one, one), (scene.two, two)):
        found = connection.root["found"]
        same((found["persistent"], found["ordinary"]), (module, json), "the two modules")
    fresh = scene.fresh()
    same(fresh.root["found"]["persistent"], fresh.registry.find("m"), "in a fresh process")


clause(
    "PM-12",
    SHOULD,
    "A dotted name makes the packages that it is in; a module is an attribute of its package, and "
    "packages can be imported.",
    "TM.testPackage",
)


@module_check("PM-12")
def a_dotted_name_makes_packages(scene: Scene) -> None:
    leaf = scene.one.registry.new("a.b.c", "x = 1")
    scene.share()
    for connection in (scene.one, scene.two):
        registry = connection.registry
        equal(sorted(registry.modules()), ["a", "a.b", "a.b.c"], "the names")
        same(registry.find("a").b.c, registry.find("a.b.c"), "the attribute of the package")
        true(hasattr(registry.find("a.b"), "__path__"), "a package has __path__")
    same(scene.one.registry.find("a").b.c, leaf, "what new() gave")
    user = scene.one.registry.new("user", "import a.b.c, a\ny = a.b.c.x\n")
    equal((user.y, user.a.__name__), (1, "a"), "what an import of packages binds")


clause(
    "PM-13",
    SHOULD,
    "A package may be given its source later, as PACKAGE.__init__, and keeps its children. A name "
    "with __init__ before its last part, and a child of what is no package, raise ValueError.",
    "TM.testPackageInit; MOD._get_parent",
)


@module_check("PM-13")
def a_package_gets_its_source_later(scene: Scene) -> None:
    registry = scene.one.registry
    child = registry.new("a.b.c", "x = 1")
    package = registry.new("a.b.__init__", "y = 2")
    equal((package.y, package.__name__), (2, "a.b"), "the package")
    same(package.c, child, "its child")
    equal(sorted(registry.modules()), ["a", "a.b", "a.b.c"], "the names")


@module_check("PM-13", each={"__init__": {"name": "a.__init__.d"}, "module": {"name": "m.d"}})
def a_child_needs_a_package(scene: Scene, name: str) -> None:
    registry = scene.one.registry
    registry.new("m", "x = 1")
    fails(lambda: registry.new(name, ""), ValueError, "the child")
    equal(registry.modules(), ["m"], "the names")
