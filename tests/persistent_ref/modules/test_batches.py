"""Several modules are changed together, or not at all."""

from __future__ import annotations

from typing import Any

import pytest

from persistent_ref.modules import DeletionRefused, Policy
from persistent_ref.modules.memory import Connection, ModuleDatabase

BEFORE = {
    "pkg.lib": "rate = 1\ndef f(): return rate\nclass C:\n    n = 1\n",
    "pkg.user": "from .lib import f, C\nclass D(C): pass\n",
    "pkg.__init__": "title = 'old'\n",
    "old": "x = 1\n",
}
#: The importer comes first, and what it imports is new.
AFTER: dict[str, str | None] = {
    "app": "from zoo.animals import Cat\nfrom pkg.user import g\nloud = Cat().sound() + g()\n",
    "zoo.animals": "import zoo.cages\nclass Cat:\n    def sound(self): return zoo.cages.size\n",
    "zoo.cages": "size = 5\n",
    "pkg.user": "from .lib import g, C\nclass D(C): pass\n",
    "pkg.lib": "rate = 2\ndef g(): return rate\nclass C:\n    n = 2\n",
    "pkg.__init__": "title = 'new'\n",
    "old": None,
}
REFUSE = Policy(deletion="refuse")


def test_all_is_made_in_any_order(one: Connection, two: Connection) -> None:
    assert [change.module for change in one.registry.apply(dict(BEFORE))] == [
        "old",
        "pkg",
        "pkg.lib",
        "pkg.user",
    ]
    one.commit()
    two.begin()
    d = two.registry.module("pkg.user").D()
    # Nothing that is deleted has a user any more when all is done.
    changes = {change.module: change for change in one.registry.apply(AFTER, policy=REFUSE)}
    assert sorted(changes) == sorted({*(n.partition(".__")[0] for n in AFTER), "zoo"})
    assert (changes["pkg.lib"].deleted, changes["pkg.lib"].added) == (("f",), ("g",))
    assert changes["old"].deleted == ("old",)
    one.commit()
    two.begin()
    for connection in (one, two):
        assert connection.registry.module("app").loud == 7
        assert connection.registry.module("pkg").title == "new"
        assert connection.registry.find("old") is None
    assert d.n == 2
    assert isinstance(d, two.registry.module("pkg.user").D)


def test_nothing_is_written_for_what_stays(world: ModuleDatabase, one: Connection) -> None:
    one.registry.apply(dict(BEFORE))
    one.commit()
    before = world.written()
    assert one.registry.apply(dict(BEFORE)) == []
    one.commit()
    assert world.written() == before


@pytest.mark.parametrize(
    ("name", "source", "error"),
    [
        ("pkg.lib", "def g(: pass", SyntaxError),
        ("zoo.cages", "size = 1 / 0", ZeroDivisionError),
        ("app", "import nothing_of_that_name", ModuleNotFoundError),
        ("zoo.animals.deep.deeper", "", ValueError),
        ("pkg.__init__", "title = 'newer'", DeletionRefused),
        ("../escape", "", ValueError),
        ("missing", None, KeyError),
        ("pkg", None, ValueError),
        ("old", 5, TypeError),
    ],
)
def test_one_failure_undoes_all(
    world: ModuleDatabase, one: Connection, name: str, source: Any, error: Any
) -> None:
    one.registry.apply(dict(BEFORE))
    one.registry.new("watcher", "from pkg.lib import f\n")
    one.commit()
    before, names = world.written(), one.registry.modules()
    lib, user = one.registry.module("pkg.lib"), one.registry.module("pkg.user")
    namespaces = [dict(vars(module)) for module in (lib, user)]
    policy = REFUSE if error is DeletionRefused else Policy(deletion="allow")
    with pytest.raises(error):
        one.registry.apply({**AFTER, name: source}, policy=policy)
    assert [dict(vars(module)) for module in (lib, user)] == namespaces
    assert (lib.f(), user.D.n, one.registry.modules()) == (1, 1, names)
    assert one.registry.module("old").x == 1
    one.commit()
    assert world.written() == before
    one.registry.apply(AFTER, policy=Policy(deletion="allow"))
    assert one.registry.module("app").loud == 7


def test_a_tree_is_removed_at_once(one: Connection) -> None:
    one.registry.apply(dict(BEFORE))
    one.registry.apply(dict.fromkeys(["pkg.__init__", "pkg.lib", "pkg.user"]))
    assert one.registry.modules() == ["old"]


def test_a_source_cannot_change_the_registry(one: Connection) -> None:
    one.registry.new("m", "def run(name): registry.new(name, 'x = 1')\n")
    one.registry.module("m").registry = one.registry
    one.registry.module("m").run("other")
    assert one.registry.module("other").x == 1
    with pytest.raises(RuntimeError, match="while its source is executed"):
        one.registry.new("n", "from m import run\nrun('more')\n")
    assert one.registry.modules() == ["m", "other"]
