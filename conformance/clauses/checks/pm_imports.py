"""PM - persistent modules: imports between them, and by ordinary code."""

import builtins
import sys
from typing import Any, Dict

from conformance.clauses.expect import equal, true
from conformance.clauses.module_scene import (
    Scene,
    fails,
    module_check,
    same,
    visible_to_sources,
)
from conformance.clauses.registry import MUST, SHOULD, clause

clause(
    "PM-14",
    SHOULD,
    "Imports in a persistent module, absolute and with explicit dots, find persistent modules; "
    "what is not among them is imported as usual.",
    "TM.testPackage; MOD._import",
)

_FORMS = {
    "import a.b.c": ("user", "import a.b.c\nx = a.b.c.x\n"),
    "import as": ("user", "import a.b.c as c\nx = c.x\n"),
    "from module": ("user", "from a.b.c import x\n"),
    "from package": ("user", "from a.b import c\nx = c.x\n"),
    "from .": ("a.b.user", "from . import c\nx = c.x\n"),
    "from .m": ("a.b.user", "from .c import x\n"),
    "from ..": ("a.user.deep", "from ..b.c import x\n"),
    "in a function": ("user", "def f():\n    from a.b.c import x\n    return x\nx = f()\n"),
}


@module_check(
    "PM-14",
    each={form: {"name": name, "source": source} for form, (name, source) in _FORMS.items()},
)
def every_form_of_import_finds_a_module(scene: Scene, name: str, source: str) -> None:
    scene.one.registry.new("a.b.c", "x = 1")
    equal(scene.one.registry.new(name, source).x, 1, "what was imported")
    scene.share()
    equal(scene.two.registry.find(name).x, 1, "what was imported elsewhere")


@module_check("PM-14")
def other_imports_are_as_usual(scene: Scene) -> None:
    import json
    import os.path

    source = "import json, os.path\nfrom json import dumps\nfrom os import path as p\n"
    module = scene.one.registry.new("m", source)
    same((module.json, module.dumps), (json, json.dumps), "what json gives")
    same((module.os, module.p), (os, os.path), "what os gives")
    fails(
        lambda: scene.one.registry.new("n", "import no_such_module"), ImportError, "a missing one"
    )
    fails(lambda: scene.one.registry.new("a.n", "from .json import dumps"), ImportError, "dots")


clause(
    "PM-15",
    SHOULD,
    "from M import * takes the names in __all__, importing submodules that are named there; "
    "without it, all names that do not begin with an underscore.",
    "TM.testImportAll",
)


@module_check("PM-15")
def a_star_takes_the_public_names(scene: Scene) -> None:
    registry = scene.one.registry
    registry.new("p.__init__", "__all__ = ['x', 'sub']\nx = 1\ny = 2\n")
    registry.new("p.sub", "z = 3")
    registry.new("q", "x = 4\n_hidden = 5\n")
    registry.new("named", "from p import *\n")
    registry.new("plain", "from q import *\n")
    scene.share()
    for connection in (scene.one, scene.two):
        named, plain = connection.registry.find("named"), connection.registry.find("plain")
        equal((named.x, named.sub.z, hasattr(named, "y")), (1, 3, False), "with __all__")
        equal((plain.x, hasattr(plain, "_hidden")), (4, False), "without __all__")


clause(
    "PM-16",
    SHOULD,
    "Persistent code finds modules in its own registry, also when a function imports at the time "
    "of its call. That neither uses nor fills sys.modules, and leaves builtins.__import__ alone.",
    "MOD, a comment",
)


@module_check("PM-16")
def a_registry_is_the_place_of_its_imports(scene: Scene) -> None:
    before = builtins.__import__, dict(sys.modules)
    other = scene.database.create_registry()
    for registry, number in ((scene.one.registry, 1), (other, 2)):
        registry.new("conformance_lib", f"x = {number}")
        module = registry.new(
            "user",
            "import conformance_lib\nx = conformance_lib.x\n"
            "def f():\n    from conformance_lib import x\n    return x\n",
        )
        equal((module.x, module.f()), (number, number), "what is imported at once, and by a call")
    other.new("only_here", "")
    fails(lambda: scene.one.registry.new("m", "import only_here"), ImportError, "another's module")
    same(builtins.__import__, before[0], "builtins.__import__")
    added = set(sys.modules) - set(before[1])
    true("conformance_lib" not in added and "user" not in added, f"sys.modules, with {added!r}")


clause(
    "PM-17",
    SHOULD,
    "Ordinary code can import persistent modules, once a finder for their registry is installed.",
    "TM (installation of the hook)",
)


@module_check("PM-17")
def ordinary_code_imports(scene: Scene) -> None:
    registry = scene.one.registry
    leaf = registry.new("conformance_pkg.leaf", "x = 1\ndef f(): return x\n")
    found: Dict[str, Any] = {}
    before = builtins.__import__
    with scene.facility.ModuleFinder(registry):
        exec("import conformance_pkg.leaf\nfrom conformance_pkg.leaf import f", found)
        same(found["conformance_pkg"], registry.find("conformance_pkg"), "the package")
        same(found["conformance_pkg"].leaf, leaf, "the module")
        same(builtins.__import__, before, "builtins.__import__")
        fails(lambda: exec("import conformance_pkg.none"), ImportError, "a missing module")
        scene.update("conformance_pkg.leaf", "x = 2\ndef f(): return x\n")
        equal(found["f"](), 2, "an imported function after a change")
    fails(lambda: exec("import conformance_pkg"), ImportError, "without the finder")


clause(
    "PM-18",
    SHOULD,
    "Installing a finder twice, and uninstalling one that is not installed, raise TypeError. "
    "Uninstalling leaves sys.modules and sys.meta_path as they were.",
    "MOD.install",
)


@module_check("PM-18")
def a_finder_is_installed_once(scene: Scene) -> None:
    scene.one.registry.new("conformance_once", "")
    modules, path = dict(sys.modules), list(sys.meta_path)
    finder = scene.facility.ModuleFinder(scene.one.registry)
    fails(finder.uninstall, TypeError, "uninstalling at first")
    finder.install()
    try:
        fails(finder.install, TypeError, "installing twice")
        exec("import conformance_once")
        true("conformance_once" in sys.modules, "sys.modules has what was imported")
    finally:
        finder.uninstall()
    fails(finder.uninstall, TypeError, "uninstalling twice")
    same(sys.meta_path, path, "sys.meta_path")
    equal(set(sys.modules) - set(modules), set(), "what was added to sys.modules")


clause(
    "PM-32",
    SHOULD,
    "A cycle of imports behaves as in Python: a module that is being executed is seen as far as "
    "it has come.",
    "SEED (the familiar model)",
)


@module_check(
    "PM-32",
    each={
        "left first": {"first": "left", "complete": True},
        "right first": {"first": "right", "complete": False},
    },
)
def a_cycle_shows_what_is_there(scene: Scene, first: str, complete: bool) -> None:
    scene.start(left="x = 1", right="import left\ny = left.x + 1\n")
    scene.follow("left", "x = 2\nimport right\nseen = hasattr(right, 'y')\n")
    fresh = scene.fresh().registry
    fresh.find(first)
    left, right = fresh.find("left"), fresh.find("right")
    equal((left.x, right.y), (2, 3), "the values")
    equal(left.seen, complete, "whether the other module was complete")
    same((right.left, left.right), (left, right), "the modules that they see")


@module_check("PM-32")
def a_name_that_is_not_there_yet_cannot_be_imported(scene: Scene) -> None:
    scene.start(left="x = 1", right="from left import x\n")
    error = fails(
        lambda: scene.update("left", "import right\nfrom right import late\nx = 2\n"),
        ImportError,
        "importing what is not there",
    )
    true("late" in str(error), f"the error names what is missing, got {error}")


clause(
    "PM-50",
    MUST,
    "Before a module is executed, the packages that it is in are, whatever asks for it: the "
    "registry, an import, a change of its source, or a stored reference.",
    "SEED (the familiar model)",
)

#: A package whose source imports its modules, one of which needs what the package has by then.
_PACKAGE = {
    "pk.__init__": "from pk.b import one\ntold = ['pk']\nfrom pk.a import two\n",
    "pk.a": "from pk.c import three\ntwo = 2\n",
    "pk.b": "one = 1\n",
    "pk.c": "from pk import told, b\nthree = b.one + len(told) + 1\ndef f(): return three\n",
}


@module_check(
    "PM-50", each={name: {"first": name} for name in ("pk", "pk.a", "pk.b", "pk.c", "reference")}
)
def a_package_comes_first(scene: Scene, first: str) -> None:
    registry = scene.one.registry
    registry.apply(_PACKAGE)
    scene.one.root["f"] = [registry.module("pk.c").f]
    scene.share()
    reader, writer = scene.fresh(), scene.fresh()
    if first == "reference":
        equal(reader.root["f"][0](), 3, "what a stored function gives")
        first = "pk.c"
    else:
        true(reader.registry.find(first) is not None, f"{first} is found")
    equal(reader.registry.find("pk.c").three, 3, "what the innermost module has computed")
    key = "pk.__init__" if first == "pk" else first
    writer.registry.update(first, _PACKAGE[key] + "more = 4\n")
    equal(writer.registry.find(first).more, 4, "a name that an update adds in a fresh process")


@module_check("PM-50")
def an_import_binds_a_module_in_its_package(scene: Scene) -> None:
    sources = {"pk.__init__": "from pk.b import x\ndef f(): return b.x\n", "pk.b": "x = 1\n"}
    scene.one.registry.apply(sources)
    scene.share()
    scene.follow("pk.b", "x = 2\n")
    for connection in (scene.one, scene.two, scene.fresh()):
        equal(connection.registry.find("pk").f(), 2, "a global that an import has bound")


@module_check("PM-50")
def a_package_that_fails_keeps_its_modules_from_being_executed(scene: Scene) -> None:
    registry = scene.one.registry
    registry.new("pk.__init__", "import sys\nif getattr(sys, 'conformance_fails', 0): 1/0\n")
    registry.new("pk.a", "x = 1\n")
    scene.share()
    fresh = scene.fresh().registry
    with visible_to_sources("conformance_fails", True):
        fails(lambda: fresh.find("pk.a"), ZeroDivisionError, "a module of a package that fails")
    equal(fresh.find("pk.a").x, 1, "the module, when the package does not fail any more")
