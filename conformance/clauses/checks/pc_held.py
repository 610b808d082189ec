"""PC - persistent classes: what is held of a class of any kind survives an update."""

import sys
from typing import Any, List

from conformance.clauses.expect import equal, true
from conformance.clauses.module_scene import Scene, module_check, same
from conformance.clauses.registry import MUST, SHOULD, clause

clause(
    "PC-21",
    MUST,
    "Classes of every kind, their instances and members, that were held before an update that does "
    "not change their layout, are the same objects after it, behave new, equal those of a new "
    "process, and can be stored, without any finder.",
    "SEED (changes are reflected in objects imported into other modules)",
)

#: A source with a number in it, an expression for a value to hold, what tells its state, and what
#: has to follow, each after a line of dashes.
_TEXTS = {
    "enum": """
import enum
class C(enum.Enum):
    A = 'a'
    B = 'b'
    def f(self): return {n}
---
m.C.A
---
value.name, value.value, value is m.C.A, value is m.C('a'), value in list(m.C)
---
value.f()
""",
    "enum with new values": """
import enum
class C(enum.Enum):
    A = {n}
    B = 0
---
m.C.A
---
value.name, value is m.C.A, value is m.C(m.C.A.value)
---
value.value
""",
    "number": """
import enum
class C(enum.IntEnum):
    A = 7
    @property
    def p(self): return {n}
---
m.C.A
---
value + 1, value is m.C.A, value is m.C(7)
---
value.p
""",
    "flag": """
import enum
class C(enum.Flag):
    A = 1
    B = 2
    def f(self): return {n}
---
m.C.A
---
value is m.C.A, (value | m.C.B) == m.C(3), value in m.C(3)
---
value.f()
""",
    "flags together": """
import enum
class C(enum.Flag):
    A = 1
    B = 2
    def f(self): return {n}
---
m.C.A | m.C.B
---
value is m.C(3), value == m.C.A | m.C.B, value & m.C.A is m.C.A
---
value.f()
""",
    "typed dict": """
import typing
class C(typing.TypedDict):
    x: int
class D(C, total=False):
    y{n}: int
---
m.D
---
value is m.D, value(x=1) == {'x': 1}
---
value.__annotations__, value.__required_keys__, value.__optional_keys__
""",
    "enum with a mixin": """
import enum
class Mixin:
    def f(self): return {n}, self.name
class C(Mixin, enum.Enum):
    A = 1
---
m.C.A
---
value is m.C.A, isinstance(value, m.Mixin)
---
value.f()
""",
    "named tuple": """
import typing
class C(typing.NamedTuple):
    x: int
    y: int = 0
    def f(self): return {n}, self.x
---
m.C(5)
---
value == m.C(5), value.y, type(value) is m.C, value._replace(x=6).x
---
value.f()
""",
    "slotted dataclass": """
import dataclasses
@dataclasses.dataclass(slots=True)
class C:
    x: int
    def f(self): return {n}, self.x
---
m.C(5)
---
value == m.C(5), type(value) is m.C, hasattr(value, '__dict__')
---
value.f()
""",
    "dataclass": """
import dataclasses
@dataclasses.dataclass(frozen=True)
class C:
    x: int
    def f(self): return {n}, self.x
---
m.C(5)
---
value == m.C(5), hash(value) == hash(m.C(5)), type(value) is m.C
---
value.f()
""",
    "metaclass": """
class Meta(type):
    def __call__(cls, *a): return super().__call__(*a)
    def tell(cls): return {n}
class C(metaclass=Meta):
    def f(self): return {n}, type(self).tell()
---
m.C()
---
type(value) is m.C, isinstance(m.C, m.Meta)
---
value.f(), m.C.tell()
""",
    "metaclass over another base": """
class Base:
    def g(self): return {n}
class Meta(type):
    def __new__(meta, name, bases, namespace):
        return super().__new__(meta, name, bases, dict(namespace, made={n}))
class C(Base, metaclass=Meta):
    def f(self): return super().g()
---
m.C()
---
type(value) is m.C, isinstance(value, m.Base)
---
value.f(), value.made
""",
    "protocol": """
import typing
@typing.runtime_checkable
class P(typing.Protocol):
    def f(self): ...
class C(P):
    def f(self): return {n}
---
m.C()
---
type(value) is m.C, isinstance(value, m.P)
---
value.f()
""",
    "abstract metaclass": """
import abc
class Meta(abc.ABCMeta): pass
class Base(metaclass=Meta):
    @abc.abstractmethod
    def f(self): ...
class C(Base):
    def f(self): return {n}
---
m.C()
---
type(value) is m.C, isinstance(value, m.Base)
---
value.f()
""",
    "generic": """
import typing
T = typing.TypeVar('T')
class C(typing.Generic[T]):
    def f(self): return {n}
class D(C[int]): pass
---
m.D()
---
type(value) is m.D, isinstance(value, m.C)
---
value.f()
""",
}

_KINDS = {kind: text.split("---\n") for kind, text in _TEXTS.items()}


@module_check("PC-21", each={kind: {"kind": kind} for kind in _KINDS})
def what_is_held_survives(scene: Scene, kind: str) -> None:
    if kind == "slotted dataclass" and sys.version_info < (3, 10):
        return
    source, *expressions = _KINDS[kind]
    make, state, follows = (each.strip() for each in expressions)
    modules = scene.start(m=source.replace("{n}", "1"))
    held = [(m, m.C, eval(make, {"m": m})) for m in modules]
    scene.one.root["before"] = [held[0][2]]
    scene.share()
    before = eval(state, {"m": held[0][0], "value": held[0][2]})
    for number in ("2", "3"):
        scene.follow("m", source.replace("{n}", number))
        fresh = scene.fresh()
        new = fresh.registry.find("m")
        expected = eval(follows, {"m": new, "value": eval(make, {"m": new})})
        stored = fresh.root["before"][0]
        equal(eval(follows, {"m": new, "value": stored}), expected, "what was stored, fresh")
        for m, cls, value in held:
            names = {"m": m, "value": value}
            same(m.C, cls, "the class")
            equal(eval(state, names), before, "the state of what is held")
            equal(eval(follows, names), expected, "what follows in what is held")
    scene.one.root["after"] = [held[0][2], held[0][1]]
    scene.share()
    fresh = scene.fresh()
    value, cls = fresh.root["after"]
    same(cls, fresh.registry.find("m").C, "the class that was stored after the update")
    equal(eval(state, {"m": fresh.registry.find("m"), "value": value}), before, "what was stored")


clause(
    "PC-22",
    SHOULD,
    "A class, or a member of an enumeration, that has to be made anew is told in the change, also "
    "if a decorator makes it; the old one stays as it was.",
    "Decisions",
)

#: A source, another one, and the class that has to be new.
_TOLD_TEXTS = {
    "slots": """
class C:
    __slots__ = ('a',)
    def f(self): return 1
---
class C:
    __slots__ = ('a', 'b')
    def f(self): return 2
---
C
""",
    "slots with super": """
class B:
    def g(self): return 0
class C(B):
    __slots__ = ('a',)
    def f(self): return 1 + super().g()
---
class B:
    def g(self): return 0
class C(B):
    __slots__ = ('a', 'b')
    def f(self): return 2 + super().g()
---
C
""",
    "slots of a decorator": """
import dataclasses
@dataclasses.dataclass(slots=True)
class C:
    x: int = 0
    def f(self): return 1
---
import dataclasses
@dataclasses.dataclass(slots=True)
class C:
    x: int = 0
    y: int = 0
    def f(self): return 2
---
C
""",
    "a decorator that makes slots": """
import dataclasses
@dataclasses.dataclass
class C:
    x: int = 0
    def f(self): return 1
---
import dataclasses
@dataclasses.dataclass(slots=True)
class C:
    x: int = 0
    def f(self): return 2
---
C
""",
    "a decorator that makes none": """
import dataclasses
@dataclasses.dataclass(slots=True)
class C:
    x: int = 0
    def f(self): return 1
---
import dataclasses
@dataclasses.dataclass
class C:
    x: int = 0
    def f(self): return 2
---
C
""",
}

_TOLD = {kind: text.split("---\n") for kind, text in _TOLD_TEXTS.items()}


@module_check("PC-22", each={kind: {"kind": kind} for kind in _TOLD})
def what_is_made_anew_is_told(scene: Scene, kind: str) -> None:
    if "decorator" in kind and sys.version_info < (3, 10):
        return
    before, after, name = (each.strip("\n") for each in _TOLD[kind])
    modules = scene.start(m=before)
    held = [(m, m.C, m.C()) for m in modules]
    refused = scene.facility.LayoutRefused
    try:
        scene.update("m", after)
    except refused as error:
        true(name in str(error), f"the error names it, got {error}")
    else:
        true(False, "a change of layout is refused")
    for m, cls, value in held:
        equal((m.C, value.f(), cls().f()), (cls, 1, 1), "what is held after the refusal")
    change = scene.update("m", after, layout="replace")
    scene.share()
    equal(tuple(change.replaced), (name,), "what the change tells")
    for m, cls, value in held:
        true(m.C is not cls, "the class is new")
        equal((value.f(), cls().f(), m.C().f()), (1, 1, 2), "the old class, and the new one")


@module_check("PC-22")
def a_number_that_changes_is_another_member(scene: Scene) -> None:
    source = "import enum\nclass C(enum.IntEnum):\n    A = {0}\n    B = 9\n"
    one, two = scene.start(m=source.format(1))
    held = [(m.C, m.C.A, m.C.B) for m in (one, two)]
    change = scene.update("m", source.format(2))
    scene.share()
    equal(tuple(change.replaced), ("C.A",), "what the change tells")
    for m, (cls, a, b) in zip((one, two), held):
        same((m.C, m.C.B), (cls, b), "the class, and the member that stays")
        equal((a + 0, m.C.A + 0), (1, 2), "the old member, and the new one")


_INSIDE = """
import functools
def same(function):
    @functools.wraps(function)
    def call(*args): return function(*args)
    return call
class C:
    {slots}
    @same
    def f(self): return {n}
    @property
    def g(self): return {n}
    @staticmethod
    def h(): return {n}
    class Inner:
        def f(self): return {n}
    part = functools.partialmethod(f)
class D(C):
    def f(self): return super().f()
"""


def _seen(cls: Any, derived: Any) -> List[Any]:
    value = cls()
    return [value.f(), value.g, cls.h(), cls.Inner().f(), value.part(), derived().f()]


@module_check("PC-22")
def a_replaced_class_is_as_it_was_in_all_its_parts(scene: Scene) -> None:
    modules = scene.start(m=_INSIDE.format(slots="x = 1", n=1))
    held = [(m, m.C, m.D, m.C.Inner()) for m in modules]
    change = scene.update("m", _INSIDE.format(slots="__slots__ = ()", n=2), layout="replace")
    scene.one.abort()
    equal(_seen(*held[0][1:3]), [1] * 6, "the classes after an abort")
    change = scene.update("m", _INSIDE.format(slots="__slots__ = ()", n=2), layout="replace")
    scene.share()
    equal(sorted(change.replaced), ["C", "C.Inner", "D"], "what the change tells")
    for m, cls, derived, inner in held:
        equal((_seen(cls, derived), inner.f()), ([1] * 6, 1), "the old classes")
        equal(_seen(m.C, m.D), [2] * 6, "the new classes")
