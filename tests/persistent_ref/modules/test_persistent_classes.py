"""Classes of persistent modules: never ghosts, changed in place, stored by name."""

from __future__ import annotations

import abc
import dataclasses
import sys
from typing import Any

import pytest

from persistent_ref.modules import LayoutRefused, Policy
from tests.persistent_ref.modules.worlds import Connection, World

ALLOW = Policy(deletion="allow")


def follow(one: Connection, two: Connection, source: str, name: str = "m") -> None:
    """Change the source in the first connection and have the second see it."""
    one.registry.update(name, source, policy=ALLOW)
    one.commit()
    two.begin()


def start(one: Connection, two: Connection, source: str, name: str = "m") -> tuple[Any, Any]:
    module = one.registry.new(name, source)
    one.commit()
    two.begin()
    return module, two.find(name)


def test_the_record_of_a_class_holds_no_data(one: Connection) -> None:
    cls = one.registry.new("m", "class A: pass\nclass C(A):\n    x = 1\n").C
    assert cls.__getstate__() == {"revision": one.registry.revision("m")}
    assert cls.__getnewargs__()[1:] == ("C", cls.__getnewargs__()[2])


def test_class_and_instances_have_protocols_of_their_own(world: World) -> None:
    one, two = world.first, world.open()
    source = (
        "from tests.persistent_ref.modules.worlds import BASES\n"
        f"class C(BASES[{world.name!r}]):\n"
        "    n = 0\n    def __getnewargs__(self):\n        return ()\n"
        "    def hi(self): return (NUMBER, self.n)\n"
    )
    module, other = start(one, two, source.replace("NUMBER", "1"))
    instance = module.C()
    assert (instance._p_oid, instance._p_jar, instance.__getnewargs__()) == (None, None, ())
    assert module.C._p_jar is one.jar
    assert module.C._p_oid == other.C._p_oid
    assert module.C._p_estimated_size > 0
    assert not module.C.__getstate__(instance)
    module.C._p_activate(instance)
    with pytest.raises(AttributeError, match="read-only"):
        module.C._p_state = 1
    one.root["it"] = instance
    instance.n = 5
    one.commit()
    two.begin()
    again = two.root["it"]
    assert (type(again), again._p_oid, again.n) == (other.C, instance._p_oid, 5)
    assert again._p_oid != type(again)._p_oid
    again._p_deactivate()
    follow(one, two, source.replace("NUMBER", "2"))
    assert (again.hi(), vars(again)) == ((2, 5), {"n": 5})
    assert type(again) is other.C


EVERYTHING = """
import abc, dataclasses, functools
from typing import Generic, TypeVar

T = TypeVar("T")

class Field:
    def __set_name__(self, owner, name):
        self.name = (owner.__name__, name)
    def __get__(self, instance, owner):
        return self.name

class Base:
    subclasses = []
    def __init_subclass__(cls, /, tag=None, **options):
        super().__init_subclass__(**options)
        cls.tag = tag
    def __class_getitem__(cls, item):
        return (cls.__name__, item)
    def who(self):
        return "base"

class Derived(Base, tag="NUMBER"):
    field = Field()
    @property
    def value(self):
        return NUMBER
    @value.setter
    def value(self, value):
        self.given = value + NUMBER
    @classmethod
    def made(cls):
        return cls, NUMBER
    @staticmethod
    def plain():
        return NUMBER
    @functools.cached_property
    def cached(self):
        return NUMBER
    def who(self):
        return super().who() + __class__.__name__ + "NUMBER"
    def __new__(cls, *args):
        self = super().__new__(cls)
        self.number = NUMBER
        return self
    def __eq__(self, other):
        return True

@dataclasses.dataclass
class Data:
    x: int = NUMBER
    y: list = dataclasses.field(default_factory=list)

class Abstract(abc.ABC):
    @abc.abstractmethod
    def needed(self): pass

class Concrete(Abstract):
    def needed(self):
        return NUMBER

class Box(Generic[T]):
    def get(self):
        return NUMBER

class Error(ValueError):
    code = NUMBER

class Outer:
    class Inner:
        def n(self):
            return NUMBER
"""


def check_everything(module: Any, n: int) -> None:
    derived = module.Derived()
    derived.value = 1
    assert (derived.value, derived.given, derived.cached, derived.number) == (n, 1 + n, n, n)
    assert (derived.made(), derived.plain()) == ((module.Derived, n), n)
    assert (derived.who(), module.Derived.field) == (f"baseDerived{n}", ("Derived", "field"))
    assert (module.Derived.tag, module.Base[int]) == (str(n), ("Base", int))
    assert module.Derived.__hash__ is None
    assert module.Data() == module.Data(n, [])
    assert dataclasses.asdict(module.Data(1)) == {"x": 1, "y": []}
    with pytest.raises(TypeError, match="abstract"):
        module.Abstract()
    assert module.Concrete().needed() == n
    assert isinstance(module.Abstract, abc.ABCMeta)
    assert module.Box[int]().get() == n
    with pytest.raises(module.Error) as caught:
        raise module.Error("x")
    assert caught.value.code == n
    assert module.Outer.Inner().n() == n
    assert module.Outer.Inner.__qualname__ == "Outer.Inner"


def test_every_kind_of_class_follows(one: Connection, two: Connection) -> None:
    module, other = start(one, two, EVERYTHING.replace("NUMBER", "1"))
    before = {name: value for name, value in vars(other).items() if isinstance(value, type)}
    bound = other.Derived().made
    for number in (1, 2, 3):
        check_everything(module, number)
        check_everything(other, number)
        assert bound()[1] == number
        follow(one, two, EVERYTHING.replace("NUMBER", str(number + 1)))
    assert {name: vars(other)[name] for name in before} == before


def test_abstract_methods_reach_subclasses_elsewhere(one: Connection, two: Connection) -> None:
    one.registry.new("base", "import abc\nclass A(abc.ABC):\n    pass\n")
    _, other = start(one, two, "import base\nclass B(base.A):\n    pass\n")
    other.B()
    follow(
        one,
        two,
        "import abc\nclass A(abc.ABC):\n    @abc.abstractmethod\n    def f(self): pass\n",
        "base",
    )
    with pytest.raises(TypeError, match="abstract"):
        other.B()
    follow(one, two, "import abc\nclass A(abc.ABC):\n    pass\n", "base")
    other.B()


PLAIN, SLOTTED = "class C:\n    x = 1\n", "class C:\n    __slots__ = ('y',)\n    x = 2\n"


def test_a_change_of_layout_is_refused(world: World) -> None:
    one = world.first
    module = one.registry.new("m", PLAIN)
    one.commit()
    before, cls = world.written(), module.C
    for source in (SLOTTED, "import abc\nclass C(abc.ABC): x = 2\n", "class C(int): x = 2\n"):
        with pytest.raises(LayoutRefused, match=r"class 'C' of 'm' cannot be changed in place"):
            one.registry.update("m", source)
        assert (module.C, cls().x, one.registry.source("m")) == (cls, 1, PLAIN)
    one.commit()
    assert world.written() == before


def test_a_change_of_layout_is_a_new_class_if_allowed(one: Connection, two: Connection) -> None:
    _, other = start(one, two, PLAIN)
    old = other.C
    reports: list[Any] = []
    policy = Policy(layout="replace", on_change=reports.append)
    change = one.registry.update("m", SLOTTED, policy=policy)
    assert (change.replaced, reports) == (("C",), [change])
    one.commit()
    two.begin()
    assert (other.C is old, old.x, other.C.x) == (False, 1, 2)
    assert not hasattr(other.C(), "__dict__")
    follow(one, two, SLOTTED.replace("2", "3"))
    assert other.C().x == 3


def test_a_subclass_in_ordinary_code_is_not_stored(one: Connection) -> None:
    module = one.registry.new("m", PLAIN)

    class Ordinary(module.C):  # type: ignore[misc,name-defined]
        pass

    with pytest.raises(AttributeError, match="is not defined by a persistent module"):
        Ordinary._p_oid  # noqa: B018
    assert Ordinary().x == 1
    one.registry.update("m", "class C:\n    x = 2\n")
    assert Ordinary().x == 2
    source = "from m import C\ndef make():\n    class Local(C): pass\n    return Local\n"
    maker = one.registry.new("n", source)
    assert not hasattr(maker.make(), "_p_oid")


def test_opaque_classes_are_rebuilt(one: Connection, two: Connection) -> None:
    source = (
        "import enum, typing, dataclasses\n"
        "class Color(enum.Enum):\n    RED = 1\n"
        "class Point(typing.NamedTuple):\n    x: int = 1\n"
        "class Proto(typing.Protocol):\n    x: int\n"
        "@dataclasses.dataclass(slots=True)\nclass Slim:\n    x: int = 1\n"
    )
    module, other = start(one, two, source)
    old = other.Color
    follow(one, two, source.replace("1", "2"))
    for each in (module, other):
        assert (each.Color.RED.value, each.Point().x, each.Slim().x) == (2, 2, 2)
        assert not hasattr(each.Slim(), "__dict__")
    assert old is not other.Color
    assert old.RED.value == 1


def test_a_class_statement_may_be_dressed_by_decorators(one: Connection, two: Connection) -> None:
    source = (
        "import functools\n@functools.total_ordering\nclass C:\n"
        "    def __eq__(self, o): return True\n    def __lt__(self, o): return %s\n"
    )
    _, other = start(one, two, source % True)
    c = other.C()
    assert c > other.C() or c < other.C()
    follow(one, two, source % False)
    assert not c < other.C()
    assert c >= other.C()


def test_slots_stay_while_the_rest_changes(one: Connection, two: Connection) -> None:
    source = (
        "class C:\n    __slots__ = ('x', '__own')\n"
        "    def __init__(self): self.x, self.__own = 1, 2\n"
        "    def sum(self): return self.x + self.__own + %d\n"
    )
    module, other = start(one, two, source % 0)
    instances = [module.C(), other.C()]
    follow(one, two, source % 10)
    assert [each.sum() for each in instances] == [13, 13]
    with pytest.raises(ZeroDivisionError):
        one.registry.update("m", source % 20 + "1/0")
    assert instances[0].sum() == 13


def test_decorators_find_the_module_of_a_class(one: Connection, two: Connection) -> None:
    source = (
        "from __future__ import annotations\nimport dataclasses, typing\n"
        "@dataclasses.dataclass\nclass C:\n    shared: typing.ClassVar[int] = 5\n"
        "    n: int = %d\n    init: dataclasses.InitVar[int] = 0\n"
        "fields = [each.name for each in dataclasses.fields(C)]\n"
    )
    before = dict(sys.modules)
    module, other = start(one, two, source % 1)
    follow(one, two, source % 2)
    for each in (module, other):
        assert (each.fields, each.C().n) == (["n"], 2)
    assert sys.modules == before


def test_an_ordinary_module_keeps_its_place(one: Connection) -> None:
    before = sys.modules["dataclasses"]
    module = one.registry.new("dataclasses", "import sys\nseen = sys.modules[__name__]\n")
    assert module.seen is sys.modules["dataclasses"] is before


def test_instances_may_have_hooks_of_their_own(one: Connection, two: Connection) -> None:
    hooks = (
        "class C:\n    def __getstate__(self): return NUMBER\n"
        "    def __setstate__(self, state): self.got = (NUMBER, state)\n"
        "    def _p_invalidate(self): return NUMBER\n"
    )
    module, other = start(one, two, hooks.replace("NUMBER", "1"))
    one.root["it"] = module.C()
    one.commit()
    two.begin()
    assert two.root["it"].got == (1, 1)
    follow(one, two, hooks.replace("NUMBER", "2"))
    one.root["new"] = module.C()
    one.commit()
    two.begin()
    assert (two.root["new"].got, other.C()._p_invalidate()) == ((2, 2), 2)
    assert other.C.__getstate__(other.C()) == 2
    with pytest.raises(ZeroDivisionError):
        one.registry.update("m", "class C:\n    def __getstate__(self): return 3\n1/0")
    assert module.C().__getstate__() == 2
    follow(one, two, "class C:\n    x = 1\n")
    for each in (module, other):
        assert not hasattr(each.C(), "_p_invalidate")
        assert "__getstate__" not in vars(each.C)
        assert each.C._p_state == 0
