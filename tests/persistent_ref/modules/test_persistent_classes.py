"""Classes of persistent modules: never ghosts, changed in place, stored by name."""

from __future__ import annotations

import gc
import inspect
import sys
from typing import Any

import pytest

from persistent_ref.modules import Policy
from persistent_ref.modules.memory import Connection, ModuleDatabase
from tests.persistent_ref.modules.databases import base_of

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
    return module, two.registry.module(name)


def test_the_record_of_a_class_holds_no_data(one: Connection) -> None:
    cls = one.registry.new("m", "class A: pass\nclass C(A):\n    x = 1\n").C
    assert cls.__getstate__() == {"revision": one.registry.revision("m")}
    assert cls.__getnewargs__()[1:] == ("C", cls.__getnewargs__()[2])


def test_class_and_instances_have_protocols_of_their_own(
    world: ModuleDatabase, one: Connection, two: Connection
) -> None:
    source = (
        base_of(world) + "class C(Base):\n"
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


def test_a_subclass_in_ordinary_code_is_not_stored(one: Connection) -> None:
    module = one.registry.new("m", "class C:\n    x = 1\n")

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


def test_classes_of_every_kind_are_kept(one: Connection, two: Connection) -> None:
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
    assert old is other.Color
    assert old.RED.value == 2


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


@pytest.mark.filterwarnings("ignore:.* is called like a module of the standard library")
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


def test_a_class_that_a_call_makes_has_the_module_of_its_caller(
    one: Connection, two: Connection
) -> None:
    source = "class A: pass\nB = type('B', (A,), {})\n"
    for module in start(one, two, source):
        assert module.B.__module__ == "m"
        assert type("C", (module.A,), {}).__module__ == __name__


def test_a_place_that_tools_have_found_does_not_stay(one: Connection) -> None:
    def found() -> list[str]:
        return [str(key) for key in sys.modules if str(key).startswith("looked_at")]

    one.registry.new("looked_at_first", "class C: pass\n")
    inspect.getmodule(one.registry.module("looked_at_first").C)
    assert found() == ["looked_at_first"]
    assert "looked_at_first" not in sys.modules
    one.registry.remove("looked_at_first")
    one.abort()
    gc.collect()
    one.registry.new("looked_at_second", "class C: pass\n")
    inspect.getmodule(one.registry.module("looked_at_second").C)
    assert found() == ["looked_at_second"]
    one.registry.module("looked_at_second").C.__module__.hide()
    assert found() == []
