"""PM - persistent modules: what the state of a module is, who uses it, and what shows it."""

import inspect
import linecache
import pickle
import pickletools
import pydoc
import sys
import traceback
import typing
import warnings
from concurrent.futures import ThreadPoolExecutor
from typing import Any, List

from conformance.clauses.expect import equal, true
from conformance.clauses.module_scene import Scene, fails, module_check, same
from conformance.clauses.registry import MUST, SHOULD, clause

LIB = "a = 1\ndef b(): return 1\nclass C:\n    n = 1\n    def f(self): return self.n\n"
USER = "from lib import b, C\nimport lib\ndef late():\n    from lib import a\n    return a\n"

clause(
    "PM-36",
    SHOULD,
    "An application can keep the books of imports itself: there are hooks that are told of imports "
    "and that judge deletions, and all works with the facility's own bookkeeping switched off.",
    "SEED option C",
)


@module_check("PM-36")
def hooks_are_told_and_may_refuse(scene: Scene) -> None:
    told: List[Any] = []

    def refuse(change: Any) -> None:
        if change.deleted:
            raise PermissionError(change.deleted)

    policy = scene.facility.Policy(
        record_imports=False, on_imports=lambda *each: told.append(each), on_change=refuse
    )
    registry = scene.one.registry
    lib = registry.new("lib", LIB, policy=policy)
    user = registry.new("user", USER, policy=policy)
    equal(len(told), 1, "the number of imports that the hook is told of")
    importer, module, names = told[0]
    equal((importer, module, sorted(names)), ("user", "lib", ["C", "a", "b"]), "what it is told")
    equal(dict(registry.imports("user")), {}, "the facility's own books")
    fails(lambda: registry.update("lib", "a = 2\n", policy=policy), PermissionError, "the update")
    equal((lib.a, user.b(), registry.source("lib")), (1, 1, LIB), "the module afterwards")


clause(
    "PM-37",
    MUST,
    "The deletion of a name or of a module that has recorded importers is allowed, warned about, "
    "or refused with nothing changed, as the policy says.",
    "SEED option C",
)


def _delete(scene: Scene, what: str, deletion: str) -> None:
    policy = scene.facility.Policy(deletion=deletion)
    if what == "name":
        scene.one.registry.update("lib", "a = 1\n", policy=policy)
    else:
        scene.one.registry.remove("lib", policy=policy)


_DELETIONS = {"name": {"what": "name"}, "module": {"what": "module"}}


@module_check("PM-37", each=_DELETIONS)
def a_deletion_is_refused(scene: Scene, what: str) -> None:
    scene.start(lib=LIB, user=USER)
    lib, user = scene.one.registry.find("lib"), scene.one.registry.find("user")
    scene.mark()
    error = fails(
        lambda: _delete(scene, what, "refuse"), scene.facility.DeletionRefused, "the deletion"
    )
    true("user" in str(error), f"the error names the importer, got {error}")
    equal((lib.a, user.b(), user.C().f()), (1, 1, 1), "what the modules give")
    same((lib.b, lib.C, scene.one.registry.find("lib")), (user.b, user.C, lib), "the objects")
    scene.share()
    equal(scene.written(), [], "what a commit stores")


@module_check("PM-37", each=_DELETIONS)
def a_deletion_is_warned_of(scene: Scene, what: str) -> None:
    scene.start(lib=LIB, user=USER)
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        _delete(scene, what, "warn")
    equal([each.category for each in caught], [scene.facility.DeletionWarning], "the warnings")
    found = scene.one.registry.find("lib")
    equal(hasattr(found, "b"), False, "whether what was deleted is there")


@module_check("PM-37", each=_DELETIONS)
def a_deletion_is_allowed(scene: Scene, what: str) -> None:
    scene.start(lib=LIB, user=USER)
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        _delete(scene, what, "allow")
    equal(hasattr(scene.one.registry.find("lib"), "b"), False, "whether it is there")


@module_check("PM-37")
def what_nobody_imports_may_go(scene: Scene) -> None:
    scene.start(lib=LIB, user="import lib\nfrom lib import a\n")
    _delete(scene, "name", "refuse")
    equal(hasattr(scene.one.registry.find("lib"), "b"), False, "whether it is there")


clause(
    "PM-40",
    MUST,
    "The state of a module is its source, with metadata: what is stored is the source as it was "
    "given, and nothing that executing it has given; what else is stored can be derived, and "
    "dropping it changes nothing.",
    "SEED option C, Proposals",
)


@module_check("PM-40")
def what_the_source_computes_is_not_stored(scene: Scene) -> None:
    scene.mark()
    source = (
        "x = 'comp' + str(1) + 'uted'\n"
        "class C:\n    y = x * 2\n    def f(self): return x\n"
        "def g(z=x): return z\n"
    )
    _, two = scene.start(m=source)
    stored = "\n".join(scene.record(oid) for oid in scene.written())
    true(source in stored, "the source is stored as it was given")
    true("comp1uted" not in stored, "what it computes is not stored")
    equal((two.C.y, two.C().f(), two.g()), ("comp1uted" * 2, "comp1uted", "comp1uted"), "there")
    equal(scene.two.registry.source("m"), source, "the source")


@module_check("PM-40")
def what_can_be_derived_may_be_dropped(scene: Scene) -> None:
    one, _ = scene.start(lib=LIB)
    scene.start(user=USER)
    scene.one.root["held"] = [one.C, one.b]
    scene.share()
    for name in ("lib", "user"):
        scene.database.strip(name)
    fresh = scene.fresh()
    cls, function = fresh.root["held"]
    lib, user = fresh.registry.find("lib"), fresh.registry.find("user")
    equal((lib.a, cls().f(), function(), user.late()), (1, 1, 1, 1), "what they give")
    same((lib.C, lib.b, user.C, user.b), (cls, function) * 2, "what is held elsewhere")
    fresh.registry.update("lib", LIB.replace("1", "2"))
    fresh.commit()
    equal((cls().f(), function()), (2, 2), "what they give after a change")
    scene.one.begin()
    scene.two.begin()
    for module in scene.both("lib"):
        equal((module.C().f(), module.b()), (2, 2), "what others see")
    same(scene.one.registry.find("lib").C, one.C, "the class of one that had it before")


clause(
    "PM-41",
    MUST,
    "Different versions of Python can share a database: nothing is stored that belongs to one of "
    "them, such as code.",
    "FUN; SEED option C",
)


@module_check("PM-41")
def no_code_is_stored(scene: Scene) -> None:
    source = (
        "import functools\nx = 1\ndef f(a=1): return lambda: a\n"
        "class C:\n    p = property(f)\n    @functools.lru_cache\n    def m(self): pass\n"
    )
    scene.start(m=source)
    scene.mark()
    scene.follow("m", source + "y = 2\n")
    for oid in scene.written():
        record = scene.database.stored(oid)
        constants = [argument for _, argument, _ in pickletools.genops(record)]
        kinds = {type(each) for each in constants} - {str, int, type(None), bytes, bool}
        equal(kinds, set(), "other kinds of constants that it holds")
        longest = max((len(each) for each in constants if isinstance(each, bytes)), default=0)
        true(longest <= 8, f"bytes are oids, not {longest} long")
        true("code" not in scene.record(oid).split(), "no code is named in it")
        true(len(record) < 1000, f"a record is small, this one has {len(record)} bytes")


clause(
    "PM-43",
    MUST,
    "Who imports which names is recorded outside the source, when a source is created or changed, "
    "and never when a module is loaded.",
    "SEED option C",
)


@module_check("PM-43")
def imports_are_recorded(scene: Scene) -> None:
    scene.start(lib=LIB, user=USER)
    for connection in (scene.one, scene.two, scene.fresh()):
        registry = connection.registry
        imports = {name: sorted(names) for name, names in registry.imports("user").items()}
        equal(imports, {"lib": ["C", "a", "b"]}, "what the user imports")
        importers = {name: sorted(names) for name, names in registry.importers("lib").items()}
        equal(importers, {"user": ["C", "a", "b"]}, "who imports")
        equal((registry.source("lib"), registry.source("user")), (LIB, USER), "the sources")
    scene.update("user", "import lib\n")
    equal(list(scene.one.registry.importers("lib")), ["user"], "who imports after a change")
    equal(list(scene.one.registry.imports("user")["lib"]), [], "the names after a change")


@module_check("PM-43")
def loading_records_nothing(scene: Scene) -> None:
    scene.start(lib=LIB, user=USER)
    scene.mark()
    reader = scene.fresh()
    equal(reader.registry.find("user").late(), 1, "an import by a call")
    reader.commit()
    equal(scene.written(), [], "what the reader stores")


clause(
    "PM-45",
    MUST,
    "What was imported of a name that is deleted afterwards keeps its last behaviour and is "
    "disconnected, also when the name is added again: that is a new identity.",
    "SEED option A",
)


@module_check("PM-45")
def a_deleted_name_is_disconnected(scene: Scene) -> None:
    lib, _ = scene.start(lib=LIB)
    scene.one.root["kept"] = [lib.C, lib.b, lib.C()]
    scene.share()
    held = [connection.root["kept"] for connection in (scene.one, scene.two)]
    modules = scene.both("lib")
    scene.follow("lib", "a = 1\n")
    for cls, function, instance in held:
        equal((cls.n, function(), instance.f()), (1, 1, 1), "what it gives after the deletion")
    scene.follow("lib", LIB.replace("1", "5"))
    for (cls, function, instance), module in zip(held, modules):
        equal((cls.n, function(), instance.f()), (1, 1, 1), "what it gives when a name returns")
        equal((module.C.n, module.b()), (5, 5), "what the module gives")
        true(module.C is not cls and module.b is not function, "they are different objects")


@module_check("PM-45")
def a_deleted_name_is_there_in_a_fresh_process(scene: Scene) -> None:
    lib, _ = scene.start(lib=LIB)
    scene.one.root["kept"] = [lib.C, lib.b, lib.C()]
    scene.share()
    scene.follow("lib", "a = 1\n")
    scene.follow("lib", LIB.replace("1", "5"))
    fresh = scene.fresh()
    cls, function, instance = fresh.root["kept"]
    equal((cls().f(), function(), instance.f()), (1, 1, 1), "what is kept gives")
    same(type(instance), cls, "the class of an instance that is kept")
    equal(fresh.registry.find("lib").C.n, 5, "what the module gives")


clause(
    "PM-47",
    MUST,
    "Tracebacks, linecache and inspect show the source that is stored.",
    "SEED (the familiar model)",
)


@module_check("PM-47")
def tools_show_the_source(scene: Scene) -> None:
    scene.start(m="x = 1\n")
    source = "class C:\n    def g(self): pass\n\ndef f():\n    return 1 / 0  # here\n"
    scene.follow("m", source)
    for module in scene.both("m"):
        error = fails(module.f, ZeroDivisionError, "the call")
        frame = traceback.extract_tb(error.__traceback__)[-1]
        equal((frame.line, frame.lineno), ("return 1 / 0  # here", 5), "the line of the traceback")
        equal(linecache.getline(frame.filename, 4), "def f():\n", "linecache")
        got = inspect.getsource(module.f)
        equal(got, "def f():\n    return 1 / 0  # here\n", "inspect.getsource of the function")
        equal(module.__spec__.loader.get_source("m"), source, "get_source of the loader")


_LOOKED_AT = """from __future__ import annotations
import dataclasses, sys
class Size:
    'A size.'
@dataclasses.dataclass
class Box:
    size: Size = None
    def get(self) -> Size:
        return self.size
def make() -> Box: ...
def own(): return sys.modules[Box.__module__].Size
"""


@module_check("PM-47")
def tools_look_into_classes(scene: Scene) -> None:
    modules = scene.start(boxes=_LOOKED_AT)
    for update in (None, "\nx = 1\n"):
        if update:
            scene.follow("boxes", _LOOKED_AT + update)
        for module in modules:
            for thing, word in ((module.Box, "size: Size"), (module.Box.get, "return self.size")):
                true(word in inspect.getsource(thing), f"the source of {thing!r}")
            equal(typing.get_type_hints(module.Box), {"size": module.Size}, "hints of a class")
            equal(typing.get_type_hints(module.make), {"return": module.Box}, "of a function")
            found: Any = inspect.getmodule(module.Box)
            same((found.Size, module.own()), (module.Size,) * 2, "what the module has")
            true("A size." in pydoc.render_doc(module.Size), "what pydoc shows")
            true(b"boxes" in pickle.dumps(module.Box, protocol=2), "a pickle has the name")
            equal(
                (module.Box.__module__, {"boxes": 1}[module.Box.__module__]), ("boxes", 1), "text"
            )
    true("boxes" not in sys.modules, "sys.modules has no module of that name")
    for key in [key for key in sys.modules if str(key) == "boxes"]:
        # What tools have asked for.
        del sys.modules[key]


clause(
    "PM-49",
    SHOULD,
    "Creating and updating take source text and a name and nothing else, so that any client can do "
    "it.",
    "SEED Goals",
)


@module_check("PM-49")
def text_and_a_name_are_enough(scene: Scene) -> None:
    registry = scene.one.registry

    def client() -> Any:
        module = registry.new("from_form", "x = 1\nclass C: pass\n")
        registry.update("from_form", "x = 2\nclass C: y = 3\n")
        return module.x, module.C.y

    with ThreadPoolExecutor(1) as threads:
        equal(threads.submit(client).result(), (2, 3), "what a thread of its own has made")


@module_check("PM-49")
def a_source_is_text(scene: Scene) -> None:
    registry = scene.one.registry
    fails(lambda: registry.new("m", b"x = 1"), TypeError, "a source of bytes")
    registry.new("m", "x = 1")
    fails(lambda: registry.update("m", b"x = 2"), TypeError, "an update with bytes")
    fails(lambda: registry.update("n", "x = 2"), KeyError, "an update of an unknown name")
    equal((registry.find("m").x, registry.modules()), (1, ["m"]), "the module, and the names")
