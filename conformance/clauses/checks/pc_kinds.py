"""PC - persistent classes: of every kind, and their instances."""

from typing import Any, List

from conformance.clauses.expect import equal, true
from conformance.clauses.module_scene import Scene, fails, module_check, same
from conformance.clauses.registry import SHOULD, clause

clause(
    "PC-08",
    SHOULD,
    "A class and its instances have attributes of the protocol apart from each other; an instance "
    "of a Persistent class has its own oid.",
    "TC.testPersistentSubclass",
)


@module_check("PC-08")
def class_and_instance_are_persistent_apart(scene: Scene) -> None:
    one, two = scene.start(m=scene.base + "class C(Base):\n    x = 1\n")
    instance = one.C()
    equal((instance._p_oid, instance._p_jar), (None, None), "_p_oid and _p_jar of an instance")
    same(one.C._p_jar, scene.one.jar, "_p_jar of the class")
    scene.one.root["it"] = instance
    scene.share()
    true(isinstance(instance._p_oid, bytes), "the instance has an oid")
    true(instance._p_oid != one.C._p_oid, "which is not that of the class")
    equal(two.C._p_oid, one.C._p_oid, "_p_oid of the class in the other process")
    instance.y = 1
    equal((instance._p_changed, one.C._p_changed), (True, False), "_p_changed of both")
    instance._p_deactivate()
    instance._p_invalidate()
    equal((instance._p_changed, one.C._p_changed), (None, False), "_p_changed, invalidated")
    true(isinstance(one.C._p_estimated_size, int), "_p_estimated_size of the class is a number")


clause(
    "PC-09",
    SHOULD,
    "Instances work when they are loaded: plain ones and Persistent ones, wherever they are "
    "stored; nothing of the protocol of their class is in their state.",
    "TC.testClassAndInstance, TC.testSavePersistentSubclass; TM.testClass; PCR",
)


@module_check("PC-09", each={"plain": {"plain": True}, "Persistent": {"plain": False}})
def instances_work_after_loading(scene: Scene, plain: bool) -> None:
    source = (
        scene.base + f"class C({'' if plain else 'Base'}):\n    def f(self): return self.x, %s\n"
    )
    one, two = scene.start(m=source % 1)
    instance = one.C()
    instance.x = 1
    scene.one.root["it"] = [instance, {"bound": instance.f}]
    scene.share()
    found, bound = scene.two.root["it"][0], scene.two.root["it"][1]["bound"]
    same(type(found), two.C, "its class")
    equal((found.f(), bound()), ((1, 1), (1, 1)), "its method")
    equal(sorted(vars(found)), ["x"], "its data")
    scene.follow("m", source % 2)
    equal((found.f(), bound()), ((1, 2), (1, 2)), "its method after an update")
    equal(scene.fresh().root["it"][0].f(), (1, 2), "in a fresh process")


clause(
    "PC-10",
    SHOULD,
    "super() and inheritance work over modules.",
    "TC.testInheritanceAcrossModules",
)


@module_check("PC-10")
def super_reaches_other_modules(scene: Scene) -> None:
    base = "class A:\n    def f(self): return ['%s']\n"
    source = "import base\nclass B(base.A):\n    def f(self): return super().f() + ['%s']\n"
    modules = scene.start(base=base % "A", m=source % "B")
    held = [module.B() for module in modules]
    equal([each.f() for each in held], [["A", "B"]] * 2, "what f() gives")
    scene.follow("base", base % "A2")
    equal([each.f() for each in held], [["A2", "B"]] * 2, "when the base has changed")
    scene.follow("m", source % "B2")
    equal([each.f() for each in held], [["A2", "B2"]] * 2, "when the class has changed")


clause(
    "PC-12",
    SHOULD,
    "Classes and their attributes may be of any kind: properties, class and static methods, "
    "descriptors, dataclasses, abstract and generic classes, closures; all follow an update.",
    "PAT, open issues",
)

#: Kind -> a source with a number in it, and an expression of the module that gives that number.
_KINDS = {
    "property": ("class C:\n    @property\n    def p(self): return {n}\n", "m.C().p"),
    "setter of a property": (
        (
            "class C:\n    @property\n    def p(self): return self.given\n"
            "    @p.setter\n    def p(self, value): self.given = value * {n}\n"
        ),
        "[setattr(c, 'p', 1) or c.p for c in [m.C()]][0]",
    ),
    "class method": ("class C:\n    @classmethod\n    def f(cls): return {n}\n", "m.C.f()"),
    "static method": ("class C:\n    @staticmethod\n    def f(): return {n}\n", "m.C.f()"),
    "__set_name__": (
        (
            "class D:\n    def __set_name__(self, owner, name): self.n = ({n}, owner, name)\n"
            "    def __get__(self, instance, owner): return self.n\n"
            "class C:\n    d = D()\n"
        ),
        "m.C.d[0] if m.C.d[1:] == (m.C, 'd') else None",
    ),
    "__init_subclass__": (
        "class B:\n    def __init_subclass__(cls, /, n): cls.n = n\nclass C(B, n={n}): pass\n",
        "m.C.n",
    ),
    "__class_getitem__": (
        "class C:\n    def __class_getitem__(cls, i): return i * {n}\n",
        "m.C[1]",
    ),
    "__new__": (
        (
            "class C:\n    def __new__(cls):\n        self = super().__new__(cls)\n"
            "        self.n = {n}\n        return self\n"
        ),
        "m.C().n",
    ),
    "__class__": ("class C:\n    def f(self): return {n} * (__class__ is C)\n", "m.C().f()"),
    "__eq__": (
        "class C:\n    def __eq__(self, other): return other == {n}\n",
        "[n for n in range(9) if m.C() == n and m.C.__hash__ is None][0]",
    ),
    "cached property": (
        "import functools\nclass C:\n    @functools.cached_property\n    def p(self): return {n}\n",
        "m.C().p",
    ),
    "dataclass": (
        "import dataclasses\n@dataclasses.dataclass\nclass C:\n    x: int = {n}\n    y: int = 0\n",
        "m.C().x if m.C(1, 2) == m.C(1, 2) else None",
    ),
    "factory of a default": (
        (
            "import dataclasses\n@dataclasses.dataclass\nclass C:\n"
            "    x: list = dataclasses.field(default_factory=lambda: [{n}])\n"
        ),
        "m.C().x[0] if m.C().x is not m.C().x and m.C([1]) == m.C([1]) else None",
    ),
    "abstract": (
        (
            "import abc\nclass A(abc.ABC):\n    @abc.abstractmethod\n    def f(self): pass\n"
            "class C(A):\n    def f(self): return {n}\n"
        ),
        "m.C().f() if m.A.__abstractmethods__ == {'f'} else None",
    ),
    "generic": (
        (
            "import typing\nT = typing.TypeVar('T')\nclass C(typing.Generic[T]):\n"
            "    def f(self): return {n}\n"
        ),
        "m.C[int]().f()",
    ),
    "exception": ("class C(ValueError):\n    n = {n}\n", "m.C('x').n"),
    "slots": ("class C:\n    __slots__ = ('x',)\n    def f(self): return {n}\n", "m.C().f()"),
    "closure": (
        "def made(n):\n    def f(self): return n\n    return f\nclass C:\n    f = made({n})\n",
        "m.C().f()",
    ),
    "nested": ("class C:\n    class D:\n        def f(self): return {n}\n", "m.C.D().f()"),
}


@module_check(
    "PC-12",
    each={kind: {"source": kinds[0], "expression": kinds[1]} for kind, kinds in _KINDS.items()},
)
def every_kind_follows(scene: Scene, source: str, expression: str) -> None:
    modules = scene.start(m=source.replace("{n}", "1"))
    classes = [module.C for module in modules]
    for number in (1, 2, 3):
        got = [eval(expression, {"m": module}) for module in modules]
        equal(got, [number] * 2, f"the value of {expression} in both processes")
        scene.follow("m", source.replace("{n}", str(number + 1)))
    same([module.C for module in modules], classes, "the classes")


@module_check("PC-12")
def what_is_abstract_follows_elsewhere(scene: Scene) -> None:
    source = "import abc\nclass A(abc.ABC):\n%s"
    abstract = "    @abc.abstractmethod\n    def f(self): pass\n"
    modules = scene.start(base=source % "    x = 1\n", m="import base\nclass C(base.A): pass\n")
    for body, names in ((abstract, {"f"}), ("    x = 1\n", set()), (abstract, {"f"})):
        scene.follow("base", source % body)
        for module in modules:
            equal(set(module.C.__abstractmethods__), names, "what is abstract in a subclass")
            if names:
                fails(module.C, TypeError, "a call of the class")
            else:
                module.C()


clause(
    "PC-13",
    SHOULD,
    "A class can refer to itself and to its subclasses.",
    "PCR, testpersistentclass",
)


@module_check("PC-13")
def a_class_refers_to_itself_and_its_subclasses(scene: Scene) -> None:
    source = "class A: pass\nclass B(A): pass\nA.me, A.child = A, B\n"
    modules = scene.start(m=source)
    for more in ("", "B.parent = A\n"):
        scene.follow("m", source + more)
        for module in modules:
            same((module.A.me, module.A.child), (module.A, module.B), "what the class refers to")
    for module in modules:
        same(module.B.parent, module.A, "what the subclass refers to")


clause("PC-14", SHOULD, "A change of the bases of a class is applied in place.", "PCR")


@module_check("PC-14")
def bases_change_in_place(scene: Scene) -> None:
    source = "class A:\n    x = 'a'\nclass B:\n    x = 'b'\n"
    source += "class C(%s): pass\nclass D(C): pass\n"
    modules = scene.start(m=source % "A")
    held = [(module.C, module.C(), module.D()) for module in modules]
    for bases, expected in (("B", "b"), ("B, A", "b"), ("", None), ("A", "a")):
        scene.follow("m", source % bases)
        for module, (cls, instance, deep) in zip(modules, held):
            same(module.C, cls, "the class")
            got = getattr(instance, "x", None), getattr(deep, "x", None)
            equal(got, (expected,) * 2, f"the inherited attribute, the bases being ({bases})")


@module_check("PC-14")
def an_abort_brings_bases_back(scene: Scene) -> None:
    source = "class A:\n    x = 'a'\nclass B:\n    x = 'b'\nclass C(%s): pass\n"
    one, _ = scene.start(m=source % "A")
    scene.update("m", source % "B")
    equal(one.C().x, "b", "the inherited attribute")
    scene.one.abort()
    equal(one.C().x, "a", "the inherited attribute after an abort")


clause(
    "PC-15",
    SHOULD,
    "A change that cannot be made in place, such as of slots, is refused before anything changes, "
    "unless the policy allows a new class; then the change is reported.",
    "SEED (bad source changes nothing); the limits of Python",
)

_PLAIN, _SLOTTED = "class C:\n    x = 1\n", "class C:\n    __slots__ = ('y',)\n    x = 2\n"


@module_check(
    "PC-15",
    each={
        "slots": {"source": _SLOTTED},
        "metaclass": {"source": "import abc\nclass C(abc.ABC): x = 2\n"},
        "layout": {"source": "class C(int): x = 2\n"},
    },
)
def a_change_of_layout_is_refused(scene: Scene, source: str) -> None:
    one, _ = scene.start(m=_PLAIN)
    cls = one.C
    scene.mark()
    fails(lambda: scene.update("m", source), scene.facility.LayoutRefused, "the update")
    same(one.C, cls, "the class")
    equal((cls().x, scene.one.registry.source("m")), (1, _PLAIN), "its attribute, and the source")
    scene.one.commit()
    equal(scene.written(), [], "what a commit stores")


@module_check("PC-15")
def a_new_class_is_reported(scene: Scene) -> None:
    _, two = scene.start(m=_PLAIN)
    old = two.C
    told: List[Any] = []
    change = scene.update("m", _SLOTTED, layout="replace", on_change=told.append)
    equal((tuple(change.replaced), told), (("C",), [change]), "what is reported")
    scene.share()
    equal((two.C is old, old.x, two.C.x), (False, 1, 2), "the old and the new class elsewhere")
    true(not hasattr(two.C(), "__dict__"), "the new class has slots only")
    scene.follow("m", _SLOTTED.replace("2", "3"))
    equal((old.x, two.C.x), (1, 3), "both after one more update")


clause(
    "PC-16",
    SHOULD,
    "A class that was made in a transaction that aborts has neither oid nor jar.",
    "I:IPersistent",
)


@module_check("PC-16", each={"module": {"how": "module"}, "class": {"how": "class"}})
def an_aborted_class_has_no_oid(scene: Scene, how: str) -> None:
    if how == "module":
        module = scene.one.registry.new("m", "class C: pass\n")
    else:
        module, _ = scene.start(m="x = 1\n")
        scene.update("m", "class C: pass\n")
    cls = module.C
    scene.one.jar.add(cls)
    true(cls._p_oid is not None, "it has an oid before")
    scene.one.abort()
    equal((cls._p_oid, cls._p_jar), (None, None), "_p_oid and _p_jar")


clause(
    "PC-17",
    SHOULD,
    "A class in ordinary code that derives from a persistent class is an ordinary class: it has no "
    "_p_oid, and follows its base.",
    "persistentclass.py of ZODB",
)


@module_check("PC-17")
def a_subclass_in_ordinary_code_is_ordinary(scene: Scene) -> None:
    one, _ = scene.start(m=_PLAIN)
    ordinary = type("Ordinary", (one.C,), {"y": 1})
    fails(lambda: ordinary._p_oid, AttributeError, "_p_oid")  # type: ignore[attr-defined]
    scene.update("m", _PLAIN.replace("1", "2"))
    equal((ordinary().x, ordinary().y), (2, 1), "its attributes after an update")
