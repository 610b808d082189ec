"""PM - persistent modules: a change of source, and what follows it."""

from typing import Any

from conformance.clauses.cases import Cases
from conformance.clauses.expect import equal, true
from conformance.clauses.module_scene import Scene, fails, module_check, same
from conformance.clauses.registry import MUST, SHOULD, clause

SHOP = """
price = 3

class Item:
    def cost(self):
        return price

    class Tag:
        def text(self):
            return "old"

def total():
    return price

def make(n):
    def inner():
        return n + price
    return inner

pick = lambda: "old"
"""
CHANGED = SHOP.replace("price = 3", "price = 30").replace('"old"', '"new"')
USER = "from shop import Item, total, price, make, pick\n"
#: What the user of a shop sees of SHOP, and of CHANGED.
OLD, NEW = (3, 3, "old", "old"), (30, 30, "new", "new")


def seen(module: Any) -> Any:
    """What a shop, or its user, gives."""
    return module.Item().cost(), module.total(), module.Item.Tag().text(), module.pick()


clause(
    "PM-20",
    MUST,
    "A change of source shows in the module at once in the updating process; its namespace, which "
    "is that of functions held elsewhere, stays the same object.",
    "SEED use cases; TM.testUpdate",
)


@module_check("PM-20")
def an_update_shows_at_once(scene: Scene) -> None:
    module = scene.one.registry.new("m", "x = 1\ndef f():\n    return x\n")
    namespace, held = vars(module), module.f
    scene.update("m", "x = 2\ndef f():\n    return x\n")
    equal((module.x, held()), (2, 2), "the data, and what a function that is held gives")
    same(vars(module), namespace, "the namespace")
    same(scene.one.registry.find("m"), module, "the module")
    same(held.__globals__, namespace, "the globals of the function")


clause(
    "PM-21",
    MUST,
    "What others have imported by name - functions, classes, interfaces - stays the same object "
    "and behaves as the new source says; existing instances get new methods and lose removed ones.",
    "SEED; TM.testUpdateFunction, TM.testUpdateClass; TC.testUpdateInPlace",
)

_NAMES = ("Item", "total", "make", "pick")


@module_check("PM-21")
def what_was_imported_follows(scene: Scene) -> None:
    users = scene.start(shop=SHOP, user=USER)
    held = [[getattr(user, name) for name in _NAMES] for user in users]
    for user in users:
        equal(seen(user), OLD, "what an importer sees before")
    scene.follow("shop", CHANGED)
    for user, before, shop in zip(users, held, scene.both("shop")):
        equal(seen(user), NEW, "what an importer sees afterwards")
        same([getattr(user, name) for name in _NAMES], before, "what was imported")
        same([getattr(shop, name) for name in _NAMES], before, "what the module has")


@module_check("PM-21")
def instances_follow(scene: Scene) -> None:
    instances = [module.C() for module in scene.start(m="class C:\n    def a(self): return 1\n")]
    scene.follow("m", "class C:\n    def b(self): return 2\n")
    for instance in instances:
        equal(instance.b(), 2, "the new method")
        true(not hasattr(instance, "a"), "the removed method is gone")


@module_check("PM-21")
def functions_made_by_functions_follow(scene: Scene) -> None:
    held = [user.make(10) for user in scene.start(shop=SHOP, user=USER)]
    scene.follow("shop", SHOP.replace("n + price", "n * price"))
    equal([function() for function in held], [30, 30], "what make(10) gives afterwards")


clause(
    "PM-22",
    SHOULD,
    "A plain value that was imported by name is a copy, until the importer is executed again; a "
    "function reads the globals of the module that defines it.",
    "TM.testModules",
)


@module_check("PM-22")
def plain_values_stay(scene: Scene) -> None:
    users = scene.start(shop=SHOP, user=USER)
    scene.update("shop", CHANGED, execute_importers=False)
    scene.share()
    for user in users:
        equal((user.price, user.total()), (3, 30), "the imported value, and the function's")


clause(
    "PM-23",
    SHOULD,
    "Bound methods that were taken before an update follow it.",
    "CLS.PersistentMethod; PAT",
)

_METHODS = """
class C:
    def plain(self): return %(n)s
    @classmethod
    def of_class(cls): return %(n)s
    @staticmethod
    def static(): return %(n)s
    def defaults(self, x=%(n)s, *, y=%(n)s): return (x + y) // 2
"""


@module_check("PM-23")
def bound_methods_follow(scene: Scene) -> None:
    held = []
    for module in scene.start(m=_METHODS % {"n": 1}):
        instance = module.C()
        held += [instance.plain, instance.of_class, instance.static, instance.defaults]
    for number in (2, 3):
        scene.follow("m", _METHODS % {"n": number})
        equal([method() for method in held], [number] * 8, "what the methods give")


clause(
    "PM-24",
    SHOULD,
    "An object is the same everywhere in its module: under its name, as a base, in a list, as a "
    "default argument.",
    "PAT; TP.testPatch",
)


@module_check("PM-24")
def an_object_is_the_same_everywhere(scene: Scene) -> None:
    source = "class A: pass\nclass B(A): pass\ndef f(): pass\n"
    source += "found = [A, f]\ndef g(a=A): return a\n"
    modules = scene.start(m=source)
    for number in range(2):
        for module in modules:
            same(module.B.__bases__, (module.A,), "the base")
            same(module.found, [module.A, module.f], "the list")
            same(module.g(), module.A, "the default")
        scene.follow("m", source + f"# {number}\n")


clause(
    "PM-25",
    SHOULD,
    "What a module imports from others is neither touched nor converted.",
    "TP.testPatch",
)


@module_check("PM-25")
def what_is_imported_is_left_alone(scene: Scene) -> None:
    import json

    scene.start(base="def f(): return 'base'\nclass C: pass\n")
    one, _ = scene.start(m="from base import f, C\nfrom json import dumps, JSONEncoder\n")
    base = scene.one.registry.find("base")
    same((one.dumps, one.JSONEncoder), (json.dumps, json.JSONEncoder), "what json gives")
    same((one.f, one.C), (base.f, base.C), "what the other module gives")
    scene.update("m", "def f(): return 'm'\nclass C: x = 1\n")
    equal((base.f(), hasattr(base.C, "x")), ("base", False), "the other module afterwards")


clause(
    "PM-26",
    SHOULD,
    "A name that stands for what another name defines is bound anew by an update, and what it "
    "stood for is not changed by that.",
    "PAT, docstring",
)


@module_check("PM-26", each={"lambda": {"y": "y = lambda: 2"}, "def": {"y": "def y(): return 2"}})
def an_alias_is_bound_anew(scene: Scene, y: str) -> None:
    modules = scene.start(m="def x(): return 1\ny = x\n")
    held = [module.x for module in modules]
    scene.follow("m", f"def x(): return 1\n{y}\n")
    for module, function in zip(modules, held):
        equal((function(), module.x(), module.y()), (1, 1, 2), "what x, x and y give")
        same(module.x, function, "x")


clause(
    "PM-27",
    SHOULD,
    "Classes and methods inside classes follow an update by their qualified name; what is local to "
    "a function is made anew by each call.",
    "TP.testNameFinder",
)


@module_check("PM-27")
def nested_classes_follow(scene: Scene) -> None:
    modules = scene.start(shop=SHOP)
    held = [(module.Item.Tag, module.Item.Tag()) for module in modules]
    scene.follow("shop", CHANGED)
    for module, (cls, tag) in zip(modules, held):
        same(module.Item.Tag, cls, "the nested class")
        equal((tag.text(), cls.__qualname__), ("new", "Item.Tag"), "its method, and its name")


@module_check("PM-27")
def local_classes_are_new(scene: Scene) -> None:
    source = "def make():\n    class Local:\n        n = %s\n    return Local\n"
    for module in scene.start(m=source % 1):
        first = module.make()
        true(module.make() is not first, "each call gives another class")
        equal(getattr(first, "_p_oid", None), None, "_p_oid")
    scene.follow("m", source % 2)
    equal((first.n, scene.both("m")[1].make().n), (1, 2), "a held class, and one made afterwards")


clause(
    "PM-31",
    MUST,
    "A new source that cannot be executed - a syntax error, an exception half way, a missing "
    "import, text that no file could hold - raises the original error and leaves source, module, "
    "classes, functions and interfaces as they were.",
    "SEED (bad source changes nothing)",
)

_BAD: Cases = {
    "exception": {"source": CHANGED + "\n1/0", "error": ZeroDivisionError},
    "syntax": {"source": CHANGED + "\nx = ", "error": SyntaxError},
    "import": {"source": CHANGED + "\nimport no_such_module", "error": ImportError},
    "text": {"source": "x = '\ud800'", "error": UnicodeEncodeError},
    "NUL": {"source": CHANGED + "\0", "error": (SyntaxError, ValueError)},
    "class": {"source": CHANGED.replace("class Tag:", "class Tag(price):"), "error": TypeError},
    "interrupt": {
        "source": "class Item:\n    y = 1\nprice = 4\nraise KeyboardInterrupt",
        "error": KeyboardInterrupt,
    },
}


@module_check("PM-31", each=_BAD)
def a_bad_source_changes_nothing(scene: Scene, source: str, error: Any) -> None:
    shop, _ = scene.start(shop=SHOP)
    namespace, attributes = dict(vars(shop)), dict(vars(shop.Item))
    held, bound = shop.make(1), shop.Item().cost
    scene.mark()
    fails(lambda: scene.update("shop", source), error, "the update")
    equal(dict(vars(shop)), namespace, "the namespace of the module")
    equal(dict(vars(shop.Item)), attributes, "the attributes of its class")
    equal((seen(shop), held(), bound()), (OLD, 4, 3), "what it gives")
    equal(scene.one.registry.source("shop"), SHOP, "the source")
    scene.share()
    equal(scene.written(), [], "what a commit stores")
    scene.follow("shop", CHANGED)
    equal((seen(shop), held(), bound()), (NEW, 31, 30), "what it gives after a good update")


@module_check("PM-31")
def a_bad_source_leaves_interfaces(scene: Scene) -> None:
    source = (
        "from zope.interface import Attribute, Interface\n"
        "class I(Interface):\n    x = Attribute('x')\n"
    )
    one, _ = scene.start(m=source)
    bad = source.replace("x = A", "y = A") + "1/0\n"
    fails(lambda: scene.update("m", bad), ZeroDivisionError, "the update")
    equal(sorted(one.I.names()), ["x"], "the names of the interface")


clause(
    "PM-33",
    MUST,
    "After an update the namespace is what a fresh execution of the new source gives: names that "
    "are gone from the source are gone from the module, and no old value is visible while it runs.",
    "SEED option A, Proposals",
)


@module_check("PM-33")
def the_namespace_is_that_of_a_fresh_execution(scene: Scene) -> None:
    counting = "try:\n    n += 1\nexcept NameError:\n    n = 0\n"
    modules = scene.start(m=counting + "gone = 1\ndef lost(): pass\n")
    scene.follow("m", counting)
    for module in (*modules, scene.fresh().registry.find("m")):
        equal(module.n, 0, "what counts executions")
        for name in ("gone", "lost"):
            error = fails(lambda m=module, n=name: getattr(m, n), AttributeError, name)  # type: ignore[misc]
            true(name in str(error), "the error names what is missing")
