"""Classes of the kinds that packages and programs have, followed over ZODB without a finder."""

from __future__ import annotations

import pytest

from tests.persistent_ref.modules.databases import on_storage

pytest.importorskip("attr", reason="needs the package attrs")
pytest.importorskip("zope.schema", reason="needs the package zope.schema")

#: A source with a number in it, an expression for a value to hold, what has to be true of that,
#: and what has to follow, each after a line of dashes.
KINDS = {
    "attrs": """
import attr
@attr.s(slots=True)
class C:
    x=attr.ib(default=1)
    def f(self): return {n}, self.x
    def g(self): return super().__repr__()
---
m.C(5)
---
value==m.C(5), type(value) is m.C, value.g()[:3]
---
value.f()
""",
    "define": """
import attrs
@attrs.define
class C:
    x: int = 1
    def f(self): return {n}, __class__ is type(self)
---
m.C(5)
---
value==m.C(5), type(value) is m.C
---
value.f()
""",
    "frozen": """
import attrs
@attrs.frozen
class C:
    x: int = 1
    def f(self): return {n}, __class__ is type(self)
---
m.C(5)
---
value==m.C(5), type(value) is m.C, hash(value)==hash(m.C(5))
---
value.f()
""",
    "define sub": """
import attrs
@attrs.define
class B:
    x: int = 1
    def f(self): return {n}
@attrs.define
class C(B):
    y: int = 2
    def f(self): return super().f()
---
m.C(5)
---
value==m.C(5), type(value) is m.C, isinstance(value,m.B)
---
value.f()
""",
    "nt": """
import collections
class C(collections.namedtuple('C','x y')):
    __slots__=()
    def f(self): return {n}
---
m.C(5,6)
---
value==m.C(5,6), type(value) is m.C
---
value.f()
""",
    "strenum": """
import enum
class C(str, enum.Enum):
    A='a'
    def f(self): return {n}
---
m.C.A
---
value is m.C.A, value.upper()
---
value.f()
""",
    "schema": """
import zope.schema, zope.interface
class I(zope.interface.Interface):
    t=zope.schema.TextLine(title='{n}')
@zope.interface.implementer(I)
class C:
    def f(self): return {n}, I['t'].title
---
m.C()
---
type(value) is m.C, m.I.providedBy(value)
---
value.f()
""",
    "kwmeta": """
class M(type):
    def __new__(m, n, b, ns, tag=None):
        c=super().__new__(m,n,b,ns); c.tag=tag; return c
    def __init__(c,n,b,ns,tag=None): super().__init__(n,b,ns)
class C(metaclass=M, tag={n}):
    def f(self): return self.tag
---
m.C()
---
type(value) is m.C
---
value.f()
""",
    "type.__new__": """
class M(type):
    def __new__(m, n, b, ns): return type.__new__(m, n, b, dict(ns, tag={n}))
class B(metaclass=M):
    __slots__ = ('x',)
    def f(self): return {n}
class C(B):
    def f(self): return super().f(), self.tag
---
m.C()
---
type(value) is m.C, isinstance(value, m.B)
---
value.f()
""",
    "registry meta": """
class M(type):
    known={}
    def __init__(c,n,b,ns): super().__init__(n,b,ns); M.known[n]=c
class C(metaclass=M):
    def f(self): return {n}, M.known['C'] is type(self)
---
m.C()
---
type(value) is m.C
---
value.f()
""",
    "typed dict": """
import typing
class T(typing.TypedDict):
    x: int
class C:
    def f(self): return {n}, T(x=1)
---
m.C()
---
type(value) is m.C
---
value.f()
""",
    "singleton": """
class M(type):
    def __call__(c,*a):
        if '_i' not in vars(c): c._i=super().__call__(*a)
        return c._i
class C(metaclass=M):
    def f(self): return {n}
---
m.C()
---
type(value) is m.C
---
value.f()
""",
    "custom enum meta": """
import enum
class M(enum.EnumMeta):
    def __getitem__(c,k): return super().__getitem__(k.upper())
class C(enum.Enum, metaclass=M):
    A=1
    def f(self): return {n}
---
m.C.A
---
value is m.C['a']
---
value.f()
""",
    "enum in class": """
import enum
class Out:
    class C(enum.Enum):
        A=1
        def f(self): return {n}
C=Out.C
---
m.C.A
---
value is m.Out.C.A
---
value.f()
""",
    "old style with_metaclass": """
class M(type): pass
B=M('B',(),{})
class C(B):
    def f(self): return {n}
---
m.C()
---
type(value) is m.C
---
value.f()
""",
    "exception": """
class C(Exception):
    def f(self): return {n}, self.args
---
m.C('x')
---
type(value) is m.C
---
value.f()
""",
    "cached": """
import functools
class C:
    @functools.cached_property
    def p(self): return super().__repr__()[:2]
    def f(self): return {n}, self.p
---
m.C()
---
type(value) is m.C
---
value.f()
""",
}


@pytest.mark.parametrize("kind", KINDS)
def test_what_is_held_of_a_class_follows(kind: str) -> None:
    source, *expressions = KINDS[kind].split("---\n")
    make, state, follows = (each.strip() for each in expressions)
    database = on_storage()
    one, two = database.open(), database.open()
    one.registry.new("m", source.replace("{n}", "1"))
    one.commit()
    two.begin()
    modules = [connection.registry.module("m") for connection in (one, two)]
    held = [(m, m.C, eval(make, {"m": m})) for m in modules]
    one.root["before"] = [held[0][2]]
    one.commit()
    for number in "234":
        one.registry.update("m", source.replace("{n}", number))
        one.commit()
        two.begin()
        fresh = database.open()
        new = fresh.registry.module("m")
        expected = eval(follows, {"m": new, "value": fresh.root["before"][0]})
        for m, cls, value in held:
            names = {"m": m, "value": value}
            assert m.C is cls
            assert eval(f"all(({state},))", names)
            assert eval(follows, names) == expected
    one.root["after"] = [held[0][2]]
    one.commit()
    fresh = database.open()
    names = {"m": fresh.registry.module("m"), "value": fresh.root["after"][0]}
    assert eval(f"all(({state},))", names)
    database.close()
