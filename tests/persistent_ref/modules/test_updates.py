"""A change of source: what follows, what does not, and what happens to bad ones."""

from __future__ import annotations

import copy
from typing import Any

import pytest

from conformance.clauses.checks.pm_update import SHOP
from persistent_ref.modules import Policy
from persistent_ref.modules.memory import Connection, ModuleDatabase

ALLOW = Policy(deletion="allow")


SHOP_CHANGED = (
    SHOP.replace("price = 3", "price = 30")
    .replace('"old"', '"new"')
    .replace("return n + price", "return n * price")
)
USER = "from shop import Item, total, price, make, pick\nheld = make(10)\nbound = Item().cost\n"


@pytest.fixture
def user(one: Connection, two: Connection) -> Any:
    """A module in the second connection that has imported all of a shop."""
    one.registry.new("shop", SHOP)
    one.registry.new("user", USER)
    one.commit()
    two.begin()
    return two.registry.module("user")


def test_abort_brings_the_same_objects_back(one: Connection, user: Any) -> None:
    shop = one.registry.module("shop")
    before = {name: getattr(shop, name) for name in ("Item", "total", "make", "pick")}
    held, bound, tag = shop.make(1), shop.Item().cost, shop.Item.Tag()
    for source in (SHOP_CHANGED, "price = 30"):
        one.registry.update("shop", source, policy=ALLOW)
        assert shop.price == 30
        one.abort()
        assert (shop.price, held(), bound(), tag.text(), shop.pick()) == (3, 4, 3, "old", "old")
        assert {name: getattr(shop, name) for name in before} == before
    assert one.registry.revision("shop")[0] == 1


def test_abort_of_a_new_module(one: Connection) -> None:
    cls = one.registry.new("shop", SHOP).Item
    one.abort()
    assert one.registry.find("shop") is None
    assert (cls._p_oid, cls._p_jar) == (None, None)
    assert one.registry.new("shop", "x = 1").x == 1
    one.commit()


def test_a_class_of_an_aborted_update_is_not_stored(one: Connection, user: Any) -> None:
    one.registry.update("shop", "class New:\n    pass\ndef f(): pass", policy=ALLOW)
    shop = one.registry.module("shop")
    new, f = shop.New, shop.f
    one.abort()
    assert (new._p_jar, new._p_oid, f._p_jar, f._p_oid) == (None, None, None, None)
    assert not hasattr(one.registry.module("shop"), "New")


def test_data_that_is_assigned_is_not_stored(
    world: ModuleDatabase, one: Connection, user: Any
) -> None:
    before = world.written()
    shop = one.registry.module("shop")
    shop.price = 99
    shop.Item.extra = 1
    shop.total.note = "x"
    assert (shop.total(), shop.Item().extra, shop.total.note) == (99, 1, "x")
    one.commit()
    assert world.written() == before
    one.registry.update("shop", SHOP + "\n")
    assert (shop.price, hasattr(shop.Item, "extra"), hasattr(shop.total, "note")) == (
        3,
        False,
        False,
    )


def test_an_update_to_the_same_source_is_none(
    world: ModuleDatabase, one: Connection, user: Any
) -> None:
    before = world.written()
    one.registry.update("shop", SHOP)
    one.commit()
    assert world.written() == before


BAD = [
    (SHOP_CHANGED + "\n1/0", ZeroDivisionError),
    (SHOP_CHANGED + "\nx = ", SyntaxError),
    (SHOP_CHANGED + "\nimport no_such_module", ModuleNotFoundError),
    ("x = '\ud800'", UnicodeEncodeError),
    (SHOP_CHANGED + "\0", (SyntaxError, ValueError)),
    (SHOP_CHANGED.replace("class Tag:", "class Tag(price):"), TypeError),
    ("class Item:\n    y = 1\nclass Other(Item): pass\nraise KeyboardInterrupt", KeyboardInterrupt),
]


@pytest.mark.parametrize(("source", "error"), BAD, ids=range(len(BAD)))
def test_a_bad_source_changes_nothing(
    world: ModuleDatabase, one: Connection, user: Any, source: str, error: Any
) -> None:
    before = world.written()
    shop = one.registry.module("shop")
    namespace, class_names = dict(vars(shop)), dict(vars(shop.Item))
    held, bound, tag = shop.make(1), shop.Item().cost, shop.Item.Tag()
    with pytest.raises(error):
        one.registry.update("shop", source)
    assert (dict(vars(shop)), dict(vars(shop.Item))) == (namespace, class_names)
    assert (held(), bound(), tag.text(), shop.pick(), shop.total()) == (4, 3, "old", "old", 3)
    assert (one.registry.source("shop"), one.registry.revision("shop")[0]) == (SHOP, 1)
    one.commit()
    assert world.written() == before
    one.registry.update("shop", SHOP_CHANGED)
    assert (held(), bound(), tag.text(), shop.pick(), shop.total()) == (30, 30, "new", "new", 30)


def test_an_update_needs_a_module(one: Connection) -> None:
    with pytest.raises(KeyError, match="no persistent module 'shop'"):
        one.registry.update("shop", "")


def test_what_is_new_gets_its_oid_at_the_commit(one: Connection) -> None:
    module = one.registry.new("shop", SHOP)
    record = one.registry._p_record("shop")
    unsaved = [record, module.Item, module.Item.Tag, module.total]
    assert [each._p_oid for each in unsaved] == [None] * 4
    one.commit()
    assert len({each._p_oid for each in unsaved} - {None}) == 4
    assert all(each._p_jar is one.jar for each in unsaved)


def test_the_source_is_the_state(world: ModuleDatabase, one: Connection, user: Any) -> None:
    one.root["kept"] = [one.registry.module("shop").Item, one.registry.module("shop").total]
    record = one.registry._p_record("shop")
    record.identities, record.imports, record.anchors.objects = {}, {}, {}
    one.commit()
    fresh = world.open()
    item, total = fresh.root["kept"]
    shop = fresh.registry.module("shop")
    assert (item().cost(), total(), shop.Item.Tag().text(), shop.make(1)()) == (3, 3, "old", 4)
    assert (item, total) == (shop.Item, shop.total)
    fresh.registry.update("shop", SHOP_CHANGED)
    fresh.commit()
    assert (item().cost(), total()) == (30, 30)
    again = world.open().root["kept"]
    assert (again[0]().cost(), again[1]()) == (30, 30)


def test_copies_of_what_is_defined_are_itself(one: Connection, user: Any) -> None:
    shop = one.registry.module("shop")
    one.registry.new("i", "from zope.interface import Interface\nclass I(Interface): pass\n")
    values = [shop, shop.Item, shop.total, one.registry.module("i").I]
    for _ in range(2):
        assert copy.copy(values) == copy.deepcopy(values) == values
        assert [copy.copy(value) for value in values] == values
        one.commit()
    assert shop.total._p_jar is one.jar
