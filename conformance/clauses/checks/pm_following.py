"""PM - persistent modules: a process that has followed equals one that starts afresh."""

from typing import Any, Dict, List

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
    "PM-55",
    MUST,
    "After a change, the recorded importers of the module are executed again, in place, in every "
    "process: what they have made of it, and done to it, is as in a new process.",
    "SEED option A (state is a function of the sources)",
)

#: What importers make of a module, or do to it: the source of ``lib`` with a number in it, that of
#: ``user``, and what tells the outcome in ``user``, each after a line of dashes.
_TEXTS = {
    "an entry in a registry": """
known = {}
n = {n}
---
import lib
lib.known['user'] = lib.n
---
dict(lib.known)
""",
    "a subclass that a base registers": """
known = []
class Base:
    def __init_subclass__(cls): known.append((cls.__name__, {n}))
---
import lib
class Mine(lib.Base): pass
---
list(lib.known)
""",
    "an implementation of a generic function": """
import functools
@functools.singledispatch
def show(x): return {n}
---
from lib import show
@show.register(str)
def _(x): return 'text'
---
show(1), show('')
""",
    "a virtual subclass": """
import abc
class Base(abc.ABC):
    n = {n}
---
from lib import Base
class Mine: pass
Base.register(Mine)
---
Base.n, issubclass(Mine, Base)
""",
    "a declaration from outside": """
from zope.interface import Interface
class IThing(Interface): pass
class C: n = {n}
---
from zope.interface import classImplements
from lib import C, IThing
classImplements(C, IThing)
---
C.n, IThing.implementedBy(C)
""",
    "an adapter": """
from zope.interface import Interface
from zope.interface.adapter import AdapterRegistry
class IThing(Interface): pass
adapters = AdapterRegistry()
n = {n}
---
import lib
lib.adapters.register([lib.IThing], lib.IThing, '', lib.n)
---
lib.adapters.registered([lib.IThing], lib.IThing)
""",
    "a derived value": """
n = {n}
---
from lib import n
double = 2 * n
---
n, double
""",
    "fields of a dataclass": """
import dataclasses
@dataclasses.dataclass
class Base:
    x: int = {n}
---
import dataclasses
from lib import Base
@dataclasses.dataclass
class Mine(Base):
    y: int = 0
---
repr(Mine())
""",
    "a default": """
n = {n}
---
from lib import n
def f(x=n): return x
---
f()
""",
    "a star": """
n = {n}
n{n} = 0
---
from lib import *
---
sorted(k for k in globals() if k[0] == 'n')
""",
    "an alias of a method": """
class C:
    def f(self): return {n}
---
from lib import C
class D:
    g = C.f
---
D.g(C())
""",
}

_KINDS = {kind: text.split("---\n") for kind, text in _TEXTS.items()}


def _told(connection: Any, expression: str, name: str = "user") -> Any:
    namespace = vars(connection.registry.module(name))
    return eval(expression.strip(), namespace)


@module_check("PM-55", each={kind: {"kind": kind} for kind in _KINDS})
def following_equals_fresh(scene: Scene, kind: str) -> None:
    lib, user, expression = _KINDS[kind]
    scene.start(lib=lib.replace("{n}", "1"), user=user)
    first = _told(scene.two, expression)
    for number in ("2", "3"):
        scene.follow("lib", lib.replace("{n}", number))
        fresh = _told(scene.fresh(), expression)
        true(fresh != first, "the change shows in a new process")
        for connection in (scene.one, scene.two):
            equal(_told(connection, expression), fresh, "in a process that has followed")


@module_check("PM-55")
def importers_of_importers_follow(scene: Scene) -> None:
    middle = "import {0}\nn = {0}.n + 1\nclass C({0}.C):\n    m = {0}.n\ndef f(): return n\n"
    scene.start(
        a="n = 1\nclass C: pass\ndef f(): return n\n",
        b=middle.format("a"),
        c=middle.format("b"),
    )
    kept = [(c, c.C, c.f, c.C()) for c in scene.both("c")]
    change = scene.update("a", "n = 5\nclass C: pass\ndef f(): return n\n")
    scene.share()
    equal(tuple(change.executed), ("b", "c"), "what the change says was executed again")
    for c, cls, function, instance in kept:
        equal((c.n, function(), instance.m), (7, 7, 6), "what follows at the second remove")
        same((c.C, c.f), (cls, function), "the objects")


@module_check("PM-55")
def an_abort_brings_it_all_back(scene: Scene) -> None:
    scene.start(a="n = 1\nknown = []\n", b="import a\na.known.append('b')\nn = a.n\n")
    scene.update("a", "n = 2\nknown = []\n")
    a, b = scene.one.registry.find("a"), scene.one.registry.find("b")
    equal((b.n, a.known), (2, ["b"]), "after the change")
    scene.one.abort()
    equal((a.n, b.n, a.known), (1, 1, ["b"]), "after the abort")


@module_check("PM-55")
def each_importer_is_executed_once(scene: Scene) -> None:
    count = "import sys\nsys.conformance_told.append(__name__)\n"
    sources = {
        "pk.__init__": f"{count}from pk import a, b, c\nn = a.n + b.n + c.n\n",
        "pk.a": f"{count}from pk import b\nn = b.n\n",
        "pk.b": f"{count}import pk\nn = 1\n",
        "pk.c": f"{count}from pk import a, b\nfrom pk.d import n\n",
        "pk.d": f"{count}from pk import c\nn = 1\n",
    }
    with visible_to_sources("conformance_told", []) as told:
        scene.one.registry.apply(sources)
        scene.share()
        scene.both("pk")
        del told[:]
        scene.one.registry.update("pk.b", sources["pk.b"] + "n = 2\n")
        scene.one.commit()
        del told[:]
        scene.two.begin()
        equal(sorted(told), ["pk", "pk.a", "pk.b", "pk.c", "pk.d"], "what a follower executes")
        for connection in (scene.one, scene.two, scene.fresh()):
            equal(connection.registry.find("pk").n, 5, "the value at the second remove")


clause(
    "PM-56",
    SHOULD,
    "What was registered by a source, and is registered again when that is executed again, is no "
    "reason to refuse an update, even if the registry refuses a name that it has.",
    "Decisions (identity is kept)",
)

_REFUSES = """
known = {}
class Plugin:
    def __init_subclass__(cls, **options):
        super().__init_subclass__(**options)
        if cls.__name__ in known:
            raise ValueError(cls.__name__)
        known[cls.__name__] = {0}
"""


@module_check("PM-56", each={"the class": {"kept": "cls"}, "a pair": {"kept": "[cls, options]"}})
def a_name_may_be_registered_again(scene: Scene, kept: str) -> None:
    source = "from plugins import Plugin\nclass {0}(Plugin):\n    n = {1}\n"
    scene.one.registry.new("plugins", _REFUSES.replace("{0}", kept))
    scene.one.registry.new("left", source.format("Left", 1))
    scene.one.registry.new("right", source.format("Right", 1))
    scene.share()
    held = [module.Left for module in scene.both("left")]
    scene.both("right")
    for number in (2, 3):
        scene.follow("left", source.format("Left", number))
        for connection, cls in zip((scene.one, scene.two), held):
            known = connection.registry.find("plugins").known
            equal(sorted(known), ["Left", "Right"], "the names that are registered")
            found = known["Left"] if kept == "cls" else known["Left"][0]
            same(found, cls, "the class")
            equal(cls.n, number, "what it has")
    scene.fresh().registry.update("left", source.format("Left", 4))


class _Refusing:
    """An ordinary base that refuses a name twice, unless it is told that it may be."""

    known: Dict[str, Any] = {}
    told: List[Any] = []

    def __init_subclass__(cls, **options: Any) -> None:
        ask = options.pop("ask", lambda: None)
        super().__init_subclass__(**options)
        _Refusing.told.append(ask())
        if cls.__name__ in _Refusing.known and _Refusing.told[-1] is None:
            raise ValueError(cls.__name__)
        _Refusing.known[cls.__name__] = cls


@module_check("PM-56", each={"it asks": {"asks": True}, "it does not": {"asks": False}})
def an_ordinary_registry_may_refuse(scene: Scene, asks: bool) -> None:
    source = "import sys\nclass Mine(sys.conformance_base{0}):\n    n = {1}\n"
    option = ", ask=sys.conformance_ask" if asks else ""
    _Refusing.known, _Refusing.told = {}, []
    base = visible_to_sources("conformance_base", _Refusing)
    with base, visible_to_sources("conformance_ask", scene.facility.executed_again):
        module = scene.one.registry.new("m", source.format(option, 1))
        cls = module.Mine
        _Refusing.known["Other"] = other = object()
        for number in (2, 3):
            scene.update("m", source.format(option, number))
            equal(_Refusing.known, {"Mine": cls, "Other": other}, "what is registered")
            equal(cls.n, number, "the class")
        equal(_Refusing.told[-1], "m" if asks else None, "what it is told if it asks")
        fails(
            lambda: scene.update("m", source.format(option, 4) + "1/0\n"),
            ZeroDivisionError,
            "a source that fails",
        )
        equal(_Refusing.known, {"Mine": cls, "Other": other}, "what is registered afterwards")
        equal(cls.n, 3, "the class afterwards")


clause(
    "PM-57",
    SHOULD,
    "A policy may keep importers from being executed again. Those that were not, or cannot be, "
    "stay as they were, and the change names them, with the reason.",
    "SEED option C (hooks); Decisions",
)


@module_check("PM-57")
def importers_may_stay(scene: Scene) -> None:
    modules = scene.start(lib="n = 1\n", user="from lib import n\n")
    change = scene.update("lib", "n = 2\n", execute_importers=False)
    scene.share()
    equal(list(change.stale), ["user"], "the stale importers")
    equal([module.n for module in modules], [1, 1], "what they have")


@module_check("PM-57")
def an_importer_that_fails_stays(scene: Scene) -> None:
    modules = scene.start(lib="n = 1\nm = 1\n", user="from lib import n\ndef f(): return n\n")
    change = scene.update("lib", "m = 2\n")
    scene.share()
    equal((list(change.stale), tuple(change.executed)), (["user"], ()), "what the change says")
    true("ImportError" in change.stale["user"], f"the reason, got {change.stale['user']}")
    equal([module.f() for module in modules], [1, 1], "what the importer does")
    for connection in (scene.one, scene.two):
        equal(connection.registry.find("lib").m, 2, "the module")
