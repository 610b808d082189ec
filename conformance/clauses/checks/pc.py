"""PC - persistent classes: what they are, and how they follow."""

from typing import Any, Callable

from conformance.clauses.expect import equal, true
from conformance.clauses.module_scene import Scene, fails, module_check, same
from conformance.clauses.registry import MUST, clause
from fixtures.states import UPTODATE

M1 = "class C1:\n    def __getitem__(self, i):\n        return i\n"
LONGER = M1 + "    def __len__(self):\n        return 7\n"
OTHER = "class C1:\n    def __len__(self):\n        return 8\n"
M2 = "from m1 import C1\nclass C2(C1):\n    pass\n"

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


clause(
    "PC-02",
    MUST,
    "A class that is invalidated reloads at once.",
    "SEED; PCR",
)


@module_check("PC-02")
def an_invalidated_class_reloads_at_once(scene: Scene) -> None:
    one, _ = scene.start(m="class C:\n    x = 1\n")
    oid = one.C._p_oid
    other = scene.fresh()
    # Reached by its oid alone: nobody there holds the module.
    cls = other.jar.get(oid)
    equal(cls.x, 1, "the attribute before")
    scene.follow("m", "class C:\n    x = 2\n")
    # It need not wait for its module to be told.
    scene.database.tell_in_order(lambda oids: [oid])
    other.begin()
    # Past whatever might load on access.
    equal(type.__getattribute__(cls, "__dict__")["x"], 2, "its dict after the boundary")
    same(other.jar.get(oid), cls, "what is found under the oid")


clause(
    "PC-03",
    MUST,
    "A reload deletes the attributes that the new definition does not have.",
    "SEED Notes; PAT",
)


@module_check("PC-03")
def attributes_that_are_gone_are_deleted(scene: Scene) -> None:
    source = (
        "class C:\n    'doc'\n    a = 1\n    def f(self): pass\n    def __len__(self): return 1\n"
    )
    modules = scene.start(m=source)
    instances = [module.C() for module in modules]
    scene.follow("m", "class C:\n    b = 2\n")
    for module, instance in zip(modules, instances):
        names = [name for name in vars(module.C) if not name.startswith("_")]
        equal((names, module.C.__doc__), (["b"], None), "the names of the class, and its doc")
        fails(lambda c=instance: len(c), TypeError, "len() of an instance")  # type: ignore[misc]


clause(
    "PC-04",
    MUST,
    "Special methods that are added, changed or removed reach subclasses in other modules of the "
    "updating process, and their instances.",
    "SEED P1, P2",
)

_LOOKS = {
    "added": (M1, LONGER, 7, 3),
    "changed": (LONGER, LONGER.replace("7", "9"), 9, 3),
    "removed": (LONGER, OTHER, 8, None),
}


def _special(instance: Any) -> Any:
    """What len() and an index give; None for what the instance has not."""

    def or_none(call: Callable[[], Any]) -> Any:
        try:
            return call()
        except TypeError:
            return None

    return or_none(lambda: len(instance)), or_none(lambda: instance[3])


@module_check("PC-04", each={how: {"how": how} for how in _LOOKS})
def subclasses_elsewhere_get_special_methods(scene: Scene, how: str) -> None:
    before, after, length, item = _LOOKS[how]
    module, _ = scene.start(m1=before, m2=M2)
    instance = module.C2()
    scene.update("m1", after)
    equal(_special(instance), (length, item), "len() and [3] of an instance")
    equal(_special(module.C2()), (length, item), "len() and [3] of a new instance")


@module_check("PC-04")
def equality_takes_the_hash_away(scene: Scene) -> None:
    modules = scene.start(m="class C:\n    pass\nclass D(C): pass\n")
    scene.follow("m", "class C:\n    def __eq__(self, other): return True\nclass D(C): pass\n")
    for module in modules:
        fails(lambda m=module: hash(m.D()), TypeError, "the hash")  # type: ignore[misc]
    scene.follow("m", "class C:\n    pass\nclass D(C): pass\n")
    for module in modules:
        true(isinstance(hash(module.D()), int), "the hash is there again")


clause(
    "PC-05",
    MUST,
    "P3: a process that has loaded only the module of the base class follows its change, and a "
    "subclass that it loads later is right.",
    "SEED P3",
)


@module_check("PC-05")
def p3_a_subclass_that_is_loaded_later_is_right(scene: Scene) -> None:
    scene.one.registry.new("m1", M1)
    scene.one.registry.new("m2", M2)
    scene.share()
    base = scene.two.registry.find("m1").C1
    scene.follow("m1", LONGER)
    equal(_special(base()), (7, 3), "len() and [3] of the base class")
    equal(_special(scene.two.registry.find("m2").C2()), (7, 3), "len() and [3] of the subclass")


clause(
    "PC-06",
    MUST,
    "P4: in a process that holds the subclass but has never asked for the module of its base "
    "class, the base class follows, and the subclass inherits its special methods.",
    "SEED P4",
)


@module_check("PC-06")
def p4_the_base_class_follows_on_its_own(scene: Scene) -> None:
    one, _ = scene.start(m1=M1, m2=M2)
    scene.one.root["held"] = [one.C2]
    scene.one.commit()
    other = scene.fresh()
    instance = other.root["held"][0]()
    equal(_special(instance), (None, 3), "len() and [3] before")
    scene.follow("m1", LONGER)
    other.begin()
    equal(_special(instance), (7, 3), "len() and [3] afterwards")


clause(
    "PC-20",
    MUST,
    "P2: with both modules loaded, special methods that another process adds, changes or removes "
    "in a base class reach its subclass at the next transaction.",
    "SEED P2",
)


@module_check("PC-20", each={how: {"how": how} for how in _LOOKS})
def p2_subclasses_follow_in_other_processes(scene: Scene, how: str) -> None:
    before, after, length, item = _LOOKS[how]
    _, module = scene.start(m1=before, m2=M2)
    instance = module.C2()
    was = _special(instance)
    scene.update("m1", after)
    scene.one.commit()
    equal(_special(instance), was, "len() and [3] before the next transaction")
    scene.two.begin()
    equal(_special(instance), (length, item), "len() and [3] afterwards")


clause(
    "PC-07",
    MUST,
    "What Python caches of a class, its subclasses and slots among it, is not in its record.",
    "SEED",
)


@module_check("PC-07")
def a_record_holds_nothing_that_python_caches(scene: Scene) -> None:
    one, _ = scene.start(m1=LONGER, m2=M2)
    one.C2()
    scene.update("m1", LONGER.replace("7", "9"))
    scene.one.commit()
    for name in ("m1", "m2"):
        module = scene.one.registry.find(name)
        record = scene.record(module.C1._p_oid)
        for word in ("C2", "__len__", "__getitem__", "__mro__", "__subclasses__"):
            true(word not in record, f"{word} is not in the record of the class, {record!r}")


clause(
    "PC-18",
    MUST,
    "A class whose reload fails keeps its last good state and does not keep others of the same "
    "transaction from being invalidated; the error is raised when the module is used.",
    "SEED (a failing reader is contained)",
)

GOOD = "class C:\n    def n(self): return 1\ndef f(): return 1\nx = 1\n"
#: What the writer can execute and the reader cannot.
BAD = "import json\nif hasattr(json, 'reader'):\n    raise OSError('not here')\n"


def _failed_reader(scene: Scene) -> Any:
    import json

    scene.start(m=GOOD, sub="from m import C\nclass D(C): pass\n")
    scene.one.root["value"] = 1
    scene.share()
    module = scene.two.registry.find("m")
    held = module.C, module.f, scene.two.registry.find("sub").D
    equal(scene.two.root["value"], 1, "another object of the transaction, before")
    scene.update("m", BAD + GOOD.replace("1", "2"))
    scene.one.root["value"] = 2
    scene.one.commit()
    json.reader = True  # type: ignore[attr-defined]
    try:
        scene.two.begin()
        fails(lambda: module.x, ImportError, "the use of the module")
        fails(lambda: scene.two.registry.find("m"), ImportError, "finding the module")
    finally:
        del json.reader  # type: ignore[attr-defined]
    return held


@module_check("PC-18")
def a_failing_reload_is_contained(scene: Scene) -> None:
    cls, function, subclass = _failed_reader(scene)
    equal(scene.two.root["value"], 2, "another object of the transaction")
    equal((cls().n(), function(), subclass().n()), (1, 1, 1), "what was loaded gives")


@module_check("PC-18")
def an_update_heals_a_failed_reader(scene: Scene) -> None:
    cls, function, subclass = _failed_reader(scene)
    scene.follow("m", GOOD.replace("1", "3"))
    equal((cls().n(), function(), subclass().n()), (3, 3, 3), "what was loaded gives")
    same(scene.two.registry.find("m").C, cls, "the class")


clause(
    "PC-19",
    MUST,
    "Any persistent object may refer to a class or function of a module; loading that object alone "
    "gives the current definition.",
    "SEED use cases, P4",
)


@module_check("PC-19", each={"class": {"name": "C"}, "function": {"name": "f"}})
def a_reference_alone_gives_the_current_definition(scene: Scene, name: str) -> None:
    source = "class C:\n    x = 1\n    def __call__(self): return self.x\ndef f(): return C.x\n"
    one, _ = scene.start(m=source)
    scene.one.root["factory"] = [getattr(one, name)]
    scene.share()

    def got(connection: Any) -> Any:
        found = connection.root["factory"][0]
        return found()() if name == "C" else found()

    early = scene.fresh()
    equal(got(early), 1, "what the reference gives")
    scene.follow("m", source.replace("1", "2"))
    early.begin()
    late = scene.fresh()
    equal((got(early), got(late)), (2, 2), "what it gives after an update, and in a new process")
    same(late.root["factory"][0], getattr(late.registry.find("m"), name), "the module's object")
