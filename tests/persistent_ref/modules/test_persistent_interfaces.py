"""Interfaces of persistent modules: the same objects, with all that depends on them."""

from __future__ import annotations

from typing import Any

import pytest
from zope.interface.exceptions import InvalidInterface

from conformance.clauses.checks.pi import BASE, CHANGED, USER
from persistent_ref.modules.memory import Connection


@pytest.fixture
def users(one: Connection, two: Connection) -> tuple[Any, Any]:
    one.registry.new("base", BASE)
    user = one.registry.new("user", USER)
    one.commit()
    two.begin()
    return user, two.registry.module("user")


def test_a_wrong_interface_changes_nothing(one: Connection, users: tuple[Any, Any]) -> None:
    interface = users[0].IThing
    with pytest.raises(InvalidInterface, match="Concrete attribute"):
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
    subs = [connection.registry.module("sub").ISub for connection in (one, two)]
    assert [[n for n, _ in schema.getFieldsInOrder(sub)] for sub in subs] == [["b", "a"]] * 2
    changed = "class IForm(Interface):\n    a = TextLine()\n    c = Int()\n    b = Int(min=7)\n"
    one.registry.update("form", source + changed)
    one.commit()
    two.begin()
    assert [[n for n, _ in schema.getFieldsInOrder(sub)] for sub in subs] == [["a", "c", "b"]] * 2
    assert [sub["b"].min for sub in subs] == [7, 7]
