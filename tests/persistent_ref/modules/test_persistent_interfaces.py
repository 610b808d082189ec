"""Interfaces of persistent modules: the same objects, with all that depends on them."""

from __future__ import annotations

from typing import Any

import pytest
from zope.interface import Interface, implementedBy, providedBy
from zope.interface.adapter import AdapterRegistry

from conformance.clauses.checks.pi import BASE, CHANGED
from tests.persistent_ref.modules.worlds import Connection

USER = """
from zope.interface import Attribute, implementer, provider
from base import IThing, IRoot

class ISub(IThing):
    extra = Attribute("Extra")

@implementer(ISub)
class Thing:
    weight = -1

class SubThing(Thing):
    pass

@provider(IThing)
def maker():
    pass
"""


@pytest.fixture
def users(one: Connection, two: Connection) -> tuple[Any, Any]:
    one.registry.new("base", BASE)
    user = one.registry.new("user", USER)
    one.commit()
    two.begin()
    return user, two.find("user")


def test_an_update_reaches_all_that_depends(
    one: Connection, two: Connection, users: tuple[Any, Any]
) -> None:
    registries, before = [], []
    for user in users:
        registry = AdapterRegistry()
        registry.register([user.IRoot], Interface, "", "adapter")
        thing = user.SubThing()
        assert registry.lookup1(providedBy(thing), Interface) is None
        assert sorted(user.ISub.names(all=True)) == ["extra", "go", "size"]
        assert not user.ISub.extends(user.IRoot)
        registries.append((registry, thing))
        before.append((user.IThing, user.ISub, implementedBy(user.Thing)))
    one.registry.update("base", CHANGED)
    one.commit()
    two.begin()
    for user, (registry, thing), identities in zip(users, registries, before, strict=True):
        assert (user.IThing, user.ISub, implementedBy(user.Thing)) == identities
        assert sorted(user.ISub.names(all=True)) == ["extra", "go", "weight"]
        assert user.ISub.extends(user.IRoot)
        assert user.IRoot in user.ISub.__sro__
        assert user.IRoot.providedBy(thing)
        assert user.IRoot.implementedBy(user.SubThing)
        assert registry.lookup1(providedBy(thing), Interface) == "adapter"
        assert user.IThing["go"].getSignatureString() == "(speed, distance)"
        assert user.IThing["weight"].interface is user.IThing
        assert sorted(user.IThing.getTaggedValueTags()) == ["invariants", "sort"]
        assert user.IThing.__doc__ == "New."
        with pytest.raises(ValueError, match="-1"):
            user.ISub.validateInvariants(thing)
    one.registry.update("base", BASE)
    for user in users[:1]:
        assert not user.ISub.extends(user.IRoot)
        assert list(user.IThing.getTaggedValueTags()) == ["kind"]
    one.abort()
    assert users[0].ISub.extends(users[0].IRoot)


def test_declarations_follow_their_source(
    one: Connection, two: Connection, users: tuple[Any, Any]
) -> None:
    things = [user.SubThing() for user in users]
    specs = [implementedBy(user.SubThing) for user in users]
    for source, provided in (
        (USER.replace("@implementer(ISub)\n", ""), False),
        (USER, True),
        (USER.replace("@implementer(ISub)", "@implementer(IRoot)"), False),
    ):
        one.registry.update("user", source)
        one.commit()
        two.begin()
        for user, thing, spec in zip(users, things, specs, strict=True):
            assert user.IThing.providedBy(thing) is provided
            assert implementedBy(user.SubThing) is spec
    assert all(user.IRoot.providedBy(thing) for user, thing in zip(users, things, strict=True))
    assert all(user.IThing.providedBy(user.maker) for user in users)


def test_a_wrong_interface_changes_nothing(one: Connection, users: tuple[Any, Any]) -> None:
    interface = users[0].IThing
    with pytest.raises(Exception, match="Concrete attribute"):
        one.registry.update("base", CHANGED.replace('Attribute("The weight")', "1"))
    with pytest.raises(ZeroDivisionError):
        one.registry.update("base", CHANGED + "\n1/0")
    assert sorted(interface.names()) == ["go", "size"]
    assert not users[0].ISub.extends(users[0].IRoot)
    assert list(interface.getTaggedValueTags()) == ["kind"]


def test_interfaces_of_two_connections_are_not_equal(users: tuple[Any, Any]) -> None:
    first, second = (user.IThing for user in users)
    assert first != second
    assert len({first, second}) == 2
    assert sorted([first, second])[0].__name__ == "IThing"


def test_fields_of_a_schema_follow_in_order(one: Connection, two: Connection) -> None:
    schema = pytest.importorskip("zope.schema", reason="needs the package zope.schema")
    source = "from zope.interface import Interface\nfrom zope.schema import Int, TextLine\n"
    first = "class IForm(Interface):\n    b = Int(min=1)\n    a = TextLine()\n"
    one.registry.new("form", source + first)
    one.registry.new("sub", "from form import IForm\nclass ISub(IForm): pass\n")
    one.commit()
    two.begin()
    subs = [connection.find("sub").ISub for connection in (one, two)]
    assert [[n for n, _ in schema.getFieldsInOrder(sub)] for sub in subs] == [["b", "a"]] * 2
    changed = "class IForm(Interface):\n    a = TextLine()\n    c = Int()\n    b = Int(min=7)\n"
    one.registry.update("form", source + changed)
    one.commit()
    two.begin()
    assert [[n for n, _ in schema.getFieldsInOrder(sub)] for sub in subs] == [["a", "c", "b"]] * 2
    assert [sub["b"].min for sub in subs] == [7, 7]
