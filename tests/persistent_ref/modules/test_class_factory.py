"""The registry is found whatever the record has that refers to it."""

from __future__ import annotations

import collections
import functools
import operator
from collections.abc import Callable
from typing import Any

import pytest

from persistent_ref.modules import ClassFactory, ModuleFinder, create_registry

ZODB = pytest.importorskip("ZODB", reason="needs the package ZODB")
MappingStorage = pytest.importorskip("ZODB.MappingStorage").MappingStorage
persistent = pytest.importorskip("persistent")

SOURCE = """
import enum
from persistent import Persistent
from zope.interface import Interface

class Item(Persistent):
    price = 2
    def cost(self, more=0):
        return self.price + more
    def __eq__(self, other):
        return type(self) is type(other) and self.cost() == other.cost()
    def __hash__(self):
        return self.cost()

class Plain:
    def __init__(self, price=2):
        self.price = price
    def cost(self, more=0):
        return self.price + more

class Keyed(Plain):
    def __new__(cls, *, price):
        return object.__new__(cls)
    def __getnewargs_ex__(self):
        return (), {"price": self.price}

class Many(list):
    pass

class Colour(enum.Enum):
    RED = 1

class IGoods(Interface):
    pass

def gross(net):
    return net + 1
"""


class Basket:
    """Makes of its state what needs the methods of its items."""

    def __init__(self, items: list[Any]) -> None:
        self.items = items

    def __setstate__(self, state: dict[str, Any]) -> None:
        vars(self).update(state)
        self.total = sum(item.cost() for item in self.items)


class PersistentBasket(Basket, persistent.Persistent):  # type: ignore[misc,name-defined]
    """As `Basket`, with a record of its own."""


class Computed:
    """Is made again by a function that calls a method."""

    def __init__(self, item: Any) -> None:
        self.cost = item.cost()
        self.item = item

    def __reduce__(self) -> Any:
        return type(self), (self.item,)


#: What is stored beside the registry, by what is special about it; how it is used; what that gives.
VALUES: dict[str, tuple[Callable[[Any], Any], Callable[[Any], Any], Any]] = {
    "an instance": (lambda m: m.Item(), lambda value: value.cost(), 2),
    "a bound method": (lambda m: m.Item().cost, lambda value: value(), 2),
    "a bound method of a plain instance": (lambda m: m.Plain().cost, lambda value: value(), 2),
    "a partial": (lambda m: functools.partial(m.Item().cost, 3), lambda value: value(), 5),
    "a function": (lambda m: m.gross, lambda value: value(1), 2),
    "a member of an enum": (lambda m: m.Colour.RED, lambda value: value.name, "RED"),
    "an interface": (lambda m: m.IGoods, lambda value: value.__name__, "IGoods"),
    "a keyword of __new__": (lambda m: m.Keyed(price=4), lambda value: value.cost(), 4),
    "a list of its own class": (lambda m: m.Many([1]), list, [1]),
    "a getter": (lambda m: operator.attrgetter("price")(m.Plain()), lambda value: value, 2),
    "a key": (lambda m: {m.Item(): 1, "x": 2}, lambda value: sorted(value.values()), [1, 2]),
    "an item of a set": (lambda m: {m.Item()}, len, 1),
    "an ordered dict": (
        lambda m: collections.OrderedDict({m.Item(): 1}),
        lambda value: list(value.values()),
        [1],
    ),
    "a __setstate__ that needs it": (lambda m: Basket([m.Item()]), lambda value: value.total, 2),
    "a constructor that needs it": (lambda m: Computed(m.Item()), lambda value: value.cost, 2),
}


def stored(make: Callable[[Any, Any], None]) -> Any:
    """A storage where ``make`` has put values into the root, given the module of `SOURCE`, too."""
    storage = MappingStorage()
    with ZODB.DB(storage, class_factory=ClassFactory()).transaction() as connection:
        registry = connection.root()["modules"] = create_registry(persistent.Persistent)
        module = registry.new("m", SOURCE)
        with ModuleFinder(registry):
            make(connection.root(), module)
            connection.transaction_manager.commit()
    return storage


@pytest.mark.parametrize("kind", VALUES)
def test_a_value_beside_the_registry_is_loaded(kind: str) -> None:
    make, use, expected = VALUES[kind]

    def fill(root: Any, module: Any) -> None:
        root["value"] = make(module)

    with ZODB.DB(stored(fill), class_factory=ClassFactory()).transaction() as connection:
        assert use(connection.root()["value"]) == expected


def test_a_persistent_object_may_hold_the_registry_and_need_its_classes() -> None:
    def fill(root: Any, module: Any) -> None:
        root["basket"] = PersistentBasket([module.Item()])
        root["basket"].modules = root["modules"]

    factory = ClassFactory(lambda root: root["basket"].modules)
    with ZODB.DB(stored(fill), class_factory=factory).transaction() as connection:
        item = connection.root()["basket"].items[0]
        assert type(item) is connection.root()["modules"].module("m").Item


def test_what_was_left_out_is_left_nowhere() -> None:
    def fill(root: Any, module: Any) -> None:
        root["cost"] = module.Item().cost

    database = ZODB.DB(stored(fill), class_factory=ClassFactory())
    # The second one may be the connection by which the registry was looked for.
    for connection in [database.open() for _ in range(2)]:
        assert connection.root()["cost"]() == 2
