"""Nothing that becomes of its modules locks a ZODB database, or costs the state of an object."""

from __future__ import annotations

import datetime
import importlib
import sys
import types
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from persistent_ref.modules import (
    BrokenObject,
    ClassFactory,
    DeletionRefused,
    DeletionWarning,
    ModuleFinder,
    Policy,
    compare_modules,
    create_registry,
    examine_modules,
    why_broken,
)

ZODB = pytest.importorskip("ZODB", reason="needs the package ZODB")
FileStorage = pytest.importorskip("ZODB.FileStorage").FileStorage
persistent = pytest.importorskip("persistent")

NEEDED = "needed_by_a_stored_module"
SOURCE = f"""
import collections, datetime, enum, fractions
import {NEEDED}
from persistent import Persistent

class Item(Persistent):
    price = 2
    def cost(self):
        return self.price

class Plain:
    def __init__(self, price=2):
        self.price = price
    def cost(self):
        return self.price
    def __eq__(self, other):
        return vars(self) == vars(other)
    def __hash__(self):
        return self.price

class Many(list): pass
class Named(dict): pass
class Some(set): pass
class Last(collections.deque): pass
class Day(datetime.date): pass
class Part(fractions.Fraction): pass
class Wrong(Exception): pass
class Slotted:
    __slots__ = ("a",)
class Keyed:
    def __new__(cls, *, price):
        made = object.__new__(cls)
        made.price = price
        return made
    def __getnewargs_ex__(self):
        return (), {{"price": self.price}}
class Stateful:
    def __getstate__(self): return 7
    def __setstate__(self, state): self.seven = state
class Colour(enum.Enum):
    RED = 1
def gross(net):
    return net + 1
"""


def _slotted(m: Any) -> Any:
    made = m.Slotted()
    made.a = 3
    return made


def _stateful(m: Any) -> Any:
    made = m.Stateful()
    made.seven = 7
    return made


def _item(m: Any) -> Any:
    made = m.Item()
    made.price = 5
    return made


#: What is in the root, and what is read of it as soon as that can be made again.
VALUES: dict[str, tuple[Callable[[Any], Any], Callable[[Any], Any], Any]] = {
    "a persistent instance": (_item, lambda v: v.cost(), 5),
    "an instance": (lambda m: m.Plain(4), lambda v: v.cost(), 4),
    "the class": (lambda m: m.Plain, lambda v: v(3).cost(), 3),
    "a function": (lambda m: m.gross, lambda v: v(1), 2),
    "a bound method": (lambda m: m.Plain(4).cost, lambda v: v(), 4),
    "a bound method of a persistent one": (lambda m: _item(m).cost, lambda v: v(), 5),
    "a list": (lambda m: m.Many([1, 2]), list, [1, 2]),
    "a dict": (lambda m: m.Named(a=1), dict, {"a": 1}),
    "a set": (lambda m: m.Some({1}), set, {1}),
    "a deque": (lambda m: m.Last([1, 2]), list, [1, 2]),
    "a date": (lambda m: m.Day(2001, 2, 3), lambda v: v.isoformat(), "2001-02-03"),
    "a fraction": (lambda m: m.Part(1, 3), lambda v: v.denominator, 3),
    "an error": (lambda m: m.Wrong("text"), lambda v: v.args, ("text",)),
    "slots": (_slotted, lambda v: v.a, 3),
    "a keyword": (lambda m: m.Keyed(price=6), lambda v: v.price, 6),
    "a state of its own": (_stateful, lambda v: v.seven, 7),
    "a member": (lambda m: m.Colour.RED, lambda v: v.value, 1),
    "a key": (lambda m: {m.Plain(3): 1, "x": 2}, lambda v: sorted(v.values()), [1, 2]),
}


class Database:
    """A file that is opened anew, as by another process, for each connection."""

    def __init__(self, path: Path) -> None:
        self.path = path

    @contextmanager
    def open(self, **options: Any) -> Iterator[Any]:
        database = ZODB.DB(FileStorage(str(self.path)), class_factory=ClassFactory(**options))
        with database.transaction() as connection:
            yield connection.root()
        database.close()


@pytest.fixture
def database(tmp_path: Path, needed: None) -> Database:
    """A database that holds an empty registry."""
    made = Database(tmp_path / "data.fs")
    with made.open() as root:
        root["modules"] = create_registry(persistent.Persistent)
    return made


@pytest.fixture
def needed(monkeypatch: pytest.MonkeyPatch) -> None:
    """A package that is installed, for the time being."""
    monkeypatch.setitem(sys.modules, NEEDED, types.ModuleType(NEEDED))


def fill(database: Database, values: dict[str, Callable[[Any], Any]], source: str = SOURCE) -> None:
    with database.open() as root, ModuleFinder(root["modules"]):
        module = root["modules"].new("m", source)
        root["values"] = {kind: make(module) for kind, make in values.items()}
        root._p_jar.transaction_manager.commit()


ALL = {kind: make for kind, (make, _, _) in VALUES.items()}


def test_a_module_that_cannot_be_executed_costs_nothing(
    database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    fill(database, ALL)
    with monkeypatch.context() as patch:
        patch.delitem(sys.modules, NEEDED)
        with database.open() as root:
            assert root["modules"].source("m") == SOURCE
            assert sorted(root["values"]) == sorted(VALUES)
            for kind in set(VALUES) - {"a key"}:
                assert NEEDED in str(why_broken(root["values"][kind])), kind
            assert root["values"]["a persistent instance"].__Broken_state__ == {"price": 5}
            with pytest.raises(BrokenObject, match=NEEDED):
                root["values"]["an instance"].cost()
            # Written again, it is what was stored.
            root["values"] = dict(root["values"])
    with database.open() as root:
        for kind, (_, use, expected) in VALUES.items():
            assert use(root["values"][kind]) == expected, kind


@pytest.mark.parametrize("kind", VALUES)
def test_a_deleted_module_costs_nothing(database: Database, kind: str) -> None:
    fill(database, {kind: VALUES[kind][0]})
    with database.open() as root:
        root["modules"].remove("m", policy=Policy(deletion="allow"))
    with database.open() as root:
        root["more"] = dict(root["values"])
        assert list(root["values"]) == [kind]


def test_a_class_that_is_deleted_is_as_it_last_was(database: Database) -> None:
    fill(database, {kind: make for kind, make in ALL.items() if kind != "a member"})
    for source in ("x = 1\n", "x = 2\n"):
        with database.open() as root:
            root["modules"].update("m", source, policy=Policy(deletion="allow"))
        with database.open() as root:
            for kind in root["values"]:
                _, use, expected = VALUES[kind]
                assert use(root["values"][kind]) == expected, kind


def test_what_a_module_does_not_allow_any_more_is_kept(database: Database) -> None:
    source = "import enum\nclass Colour(enum.Enum):\n    RED = 1\n    BLUE = 2\n"
    source += "class Half:\n    def __setstate__(self, state): self.n = state['n'] / {0}\n"
    source += "    def f(self): return self.n\n"

    def half(m: Any) -> Any:
        made = m.Half()
        made.n = 4
        return made

    fill(
        database,
        {"gone": lambda m: m.Colour.BLUE, "half": half, "method": lambda m: half(m).f},
        source.replace("{0}", "1"),
    )
    with database.open() as root:
        root["modules"].update("m", source.replace("    BLUE = 2\n", "").replace("{0}", "0"))
    with database.open() as root:
        assert "BLUE" in str(why_broken(root["values"]["gone"]))
        assert root["values"]["half"].n == 4
        root["values"] = dict(root["values"])
    with database.open() as root:
        root["modules"].update("m", source.replace("{0}", "2"))
    with database.open() as root:
        assert root["values"]["gone"] is root["modules"].module("m").Colour.BLUE
        assert (root["values"]["half"].n, root["values"]["method"]()) == (2, 2)


@pytest.mark.parametrize(
    ("source", "because"),
    [
        ("def Item(): pass\n", "is a function now"),
        ("class Item: pass\n", "is not persistent any more"),
        ("1/0\n", "ZeroDivisionError"),
    ],
)
def test_a_name_that_means_something_else_is_broken(
    database: Database, source: str, because: str
) -> None:
    fill(
        database,
        {"item": _item},
        "from persistent import Persistent\nclass Item(Persistent): pass\n",
    )
    with database.open() as root:
        record = root["modules"]._record("m")
        # As a process with other packages might have stored it.
        record.source, record.identities = source, {}
        record.revision = (record.revision[0] + 1, "0" * 64)
    with database.open() as root:
        assert because in str(why_broken(root["values"]["item"]))
        with pytest.raises(BrokenObject, match=because):
            root["values"]["item"].cost()


@pytest.mark.filterwarnings("ignore:.* is called like a module of the standard library")
def test_modules_called_like_installed_ones_hide_none(database: Database) -> None:
    fill(database, {"today": lambda m: datetime.date(2001, 2, 3)}, "")
    with database.open() as root:
        root["modules"].new("persistent.mapping", "class PersistentMapping: pass\n")
        root["modules"].new("datetime", "class date: pass\nclass Mine: pass\n")
        root["mine"] = root["modules"].module("datetime").Mine()
    with database.open() as root:
        assert type(root) is importlib.import_module("persistent.mapping").PersistentMapping
        assert root["values"]["today"] == datetime.date(2001, 2, 3)
        assert type(root["mine"]) is root["modules"].module("datetime").Mine


def test_sources_are_read_without_executing_any(
    database: Database, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    executed: list[int] = []
    monkeypatch.setattr(sys, "told", executed.append, raising=False)
    fill(database, ALL, f"{SOURCE}\nimport sys\nsys.told(1)\n")
    del executed[:]
    with database.open(execute=False) as root:
        assert len(compare_modules(root["modules"], tmp_path / "none").differences) == 1
        assert set(root["values"]) == set(VALUES)
        for value in root["values"].values():
            if hasattr(type(value), "_p_activate"):
                value._p_activate()
    assert executed == []


def test_the_doctor_tells_what_is_broken(
    database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    fill(database, {"items": lambda m: [_item(m), _item(m)], "class": lambda m: m.Plain})
    with database.open() as root:
        assert examine_modules(root["modules"]) == []
    with monkeypatch.context() as patch:
        patch.delitem(sys.modules, NEEDED)
        with database.open() as root:
            found = {each.name: each for each in examine_modules(root["modules"])}
    assert set(found) == {"m", "m.Item", "m.Plain"}
    assert NEEDED in found["m"].because
    assert NEEDED in found["m"].way_out
    assert (found["m.Item"].stored, found["m.Plain"].stored) == (2, 1)
    with database.open() as root:
        root["modules"].update("m", "", policy=Policy(deletion="allow"))
    with database.open() as root:
        told = {each.name: each.stored for each in examine_modules(root["modules"])}
    assert told == {"m.Item": 2, "m.Plain": 1}


@pytest.mark.parametrize("what", ["class", "module"])
def test_what_is_stored_counts_when_something_is_deleted(database: Database, what: str) -> None:
    fill(database, {"items": lambda m: [_item(m), _item(m)], "class": lambda m: m.Item})
    with database.open() as root:
        registry = root["modules"]

        def delete(**policy: Any) -> Any:
            if what == "module":
                return registry.remove("m", policy=Policy(**policy))
            return registry.update("m", "", policy=Policy(**policy))

        with pytest.raises(DeletionRefused, match="2 instances"):
            delete(deletion="refuse")
        with pytest.warns(DeletionWarning, match="2 instances .* 1 other"):
            change = delete()
        (uses,) = change.stored.values()
        assert (uses.instances, uses.references) == (2, 1)
        root._p_jar.transaction_manager.abort()


def test_deletion_of_what_nobody_stores_is_no_matter(
    database: Database, recwarn: pytest.WarningsRecorder
) -> None:
    fill(database, {})
    with database.open() as root:
        assert not root["modules"].update("m", "").stored
    assert not recwarn.list


@pytest.mark.parametrize("what", ["module", "class", "class to another module"])
def test_what_is_renamed_takes_its_instances_along(database: Database, what: str) -> None:
    source = (
        "from persistent import Persistent\nclass {}(Persistent):\n    def f(self): return {}\n"
    )
    fill(database, {"item": _item, "class": lambda m: m.Item}, source.format("Item", 1))
    with database.open() as root:
        registry = root["modules"]
        if what == "module":
            registry.rename("m", "goods.m")
        elif what == "class":
            registry.apply({"m": source.format("Good", 1)}, renames={"m:Item": "m:Good"})
        else:
            registry.new("goods", source.format("Good", 1))
            allow = Policy(deletion="allow")
            registry.apply({"m": "x = 1\n"}, renames={"m:Item": "goods:Good"}, policy=allow)
    module, name = {"module": ("goods.m", "Item"), "class": ("m", "Good")}.get(
        what, ("goods", "Good")
    )
    for _ in range(2):
        with database.open() as root:
            item = root["values"]["item"]
            assert (item.f(), item.price) == (1, 5)
            assert type(item) is getattr(root["modules"].module(module), name)
            assert root["values"]["class"] is type(item)
            assert examine_modules(root["modules"]) == []
            item._p_changed = True
            root["values"] = dict(root["values"])
