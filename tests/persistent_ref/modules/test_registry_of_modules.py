"""Make, find, list and remove modules; packages; imports between modules."""

from __future__ import annotations

import copy
import inspect
import json
import pickle
import sys
from typing import Any

import pytest

from persistent_ref.modules import ModuleFinder, create_registry
from persistent_ref.modules.memory import Connection


def test_an_empty_source_will_do(one: Connection) -> None:
    assert one.registry.new("empty").__name__ == "empty"


def test_a_name_is_taken_once(one: Connection) -> None:
    module = one.registry.new("shop", "x = 1")
    with pytest.raises(ValueError, match=r"'shop' already; change it with update"):
        one.registry.new("shop", "x = 2")
    assert one.registry.module("shop") is module
    assert module.x == 1


@pytest.mark.parametrize("name", ["", "1a", "a b", "a..b", ".a", "a.class", "../a"])
def test_only_dotted_identifiers_are_names(one: Connection, name: str) -> None:
    with pytest.raises(ValueError, match="name must be a dotted name"):
        one.registry.new(name, "")
    assert one.registry.modules() == []


def test_a_registry_shows_and_iterates_over_its_modules(one: Connection) -> None:
    for name in ("b", "a", "c.d"):
        one.registry.new(name)
    assert [*one.registry] == ["a", "b", "c", "c.d"]
    assert repr(one.registry) == "<registry of 4 modules: a, b, c, c.d>"
    one.registry.new("e.f")
    assert repr(one.registry) == "<registry of 6 modules: a, b, c, c.d, e, ...>"


def test_a_name_of_the_standard_library_is_warned_of(one: Connection) -> None:
    with pytest.warns(UserWarning, match="'json' is called like a module of the standard library"):
        one.registry.new("json", "x = 1")
    with pytest.warns(UserWarning, match=r"'string\.part'"):
        one.registry.new("string.part")
    user = one.registry.new("user", "import json\nx = json.x")
    assert user.x == 1
    assert json.dumps([]) == "[]"


def test_arguments_of_a_wrong_type_are_refused(one: Connection) -> None:
    wrong: Any = b"x = 1"
    with pytest.raises(TypeError, match="source must be a str, not bytes"):
        one.registry.new("a", wrong)
    with pytest.raises(TypeError, match="name must be a str, not bytes"):
        one.registry.new(wrong, "")
    with pytest.raises(ValueError, match="persistent must be a class that can be imported"):
        create_registry(type("Local", (), {}))


def test_remove_frees_the_name(one: Connection, two: Connection) -> None:
    one.registry.new("shop", "x = 1")
    one.commit()
    two.begin()
    assert two.registry.module("shop").x == 1
    one.registry.remove("shop")
    one.commit()
    two.begin()
    for connection in (one, two):
        assert connection.registry.find("shop") is None
        assert connection.registry.modules() == []
        with pytest.raises(KeyError, match="no persistent module 'shop'"):
            connection.registry.module("shop")
    with pytest.raises(KeyError, match="no persistent module 'shop'"):
        one.registry.remove("shop")
    assert one.registry.new("shop", "x = 2").x == 2


def test_a_dotted_name_makes_packages(one: Connection, two: Connection) -> None:
    leaf = one.registry.new("a.b.c", "x = 1")
    assert one.registry.modules() == ["a", "a.b", "a.b.c"]
    assert one.registry.module("a").b.c is leaf
    assert one.registry.is_package("a.b")
    assert not one.registry.is_package("a.b.c")
    one.commit()
    two.begin()
    assert two.registry.module("a").b.c.x == 1
    assert "c" in dir(two.registry.module("a.b"))
    with pytest.raises(AttributeError, match="module 'a' has no attribute 'z'"):
        two.registry.module("a").z  # noqa: B018


def test_a_package_gets_its_source_later(one: Connection) -> None:
    child = one.registry.new("a.b.c", "x = 1")
    package = one.registry.new("a.b.__init__", "y = 2")
    assert (package.y, package.c, package.__name__) == (2, child, "a.b")
    with pytest.raises(ValueError, match=r"there is a module 'a.b' already"):
        one.registry.new("a.b.__init__", "y = 3")
    with pytest.raises(ValueError, match="must be the last part of a name"):
        one.registry.new("a.__init__.d", "")
    with pytest.raises(ValueError, match=r"'a.b.c' is a module, not a package"):
        one.registry.new("a.b.c.d", "")
    assert one.registry.new("d.__init__", "z = 1").z == 1
    assert one.registry.is_package("d")


def test_a_package_with_modules_stays(one: Connection) -> None:
    one.registry.new("a.b", "")
    with pytest.raises(ValueError, match=r"'a' has modules in it; remove a.b first"):
        one.registry.remove("a")
    one.registry.remove("a.b")
    one.registry.remove("a")
    assert one.registry.modules() == []


IMPORTS = {
    "lib.one": "x = 1\ndef f():\n    from lib.two import y\n    return x, y",
    "lib.two": "from .one import x\nfrom . import one\ny = one.x + 1",
    "lib.sub.deep": "from ..two import y as z",
    "lib.sub.__init__": "__all__ = ['deep', 'w']\nw = 9",
    "app": "import json, lib.one, lib.sub.deep as deep\nfrom lib.sub import *\nv = lib.one.x",
}


def test_modules_import_each_other(one: Connection, two: Connection) -> None:
    for name, source in IMPORTS.items():
        one.registry.new(name, source)
    one.commit()
    two.begin()
    for connection in (one, two):
        app = connection.registry.module("app")
        assert (app.v, app.w, app.deep.z, app.json) == (1, 9, 2, json)
        assert app.deep is connection.registry.module("lib.sub.deep")
        assert connection.registry.module("lib.one").f() == (1, 2)
    assert "lib" not in sys.modules


def test_relative_imports_stay_inside(one: Connection) -> None:
    with pytest.raises(ImportError, match="beyond top-level package"):
        one.registry.new("a.b", "from ... import c")
    with pytest.raises(ModuleNotFoundError, match=r"No module named 'a.c'"):
        one.registry.new("a.b", "from .c import d")


def test_builtins_are_there_and_not_stored(one: Connection, two: Connection) -> None:
    module = one.registry.new("shop", "total = sum([1, 2])\ndef f():\n    return len('abc')")
    one.commit()
    two.begin()
    assert (module.total, two.registry.module("shop").f()) == (3, 3)
    assert "__builtins__" not in str(one.registry._p_record("shop").__getstate__())


def test_modules_are_referred_to_by_others(one: Connection, two: Connection) -> None:
    one.registry.new("shop", "x = 1")
    one.root["module"] = [one.registry.module("shop"), json]
    one.commit()
    two.begin()
    assert two.root["module"] == [two.registry.module("shop"), json]
    assert pickle.loads(pickle.dumps(json)) is copy.copy(json) is json


def test_ordinary_code_imports_with_a_finder(one: Connection) -> None:
    for name, source in IMPORTS.items():
        one.registry.new(name, source)
    modules, path = dict(sys.modules), list(sys.meta_path)
    finder = ModuleFinder(one.registry)
    with finder:
        import lib.sub.deep  # type: ignore[import-not-found]
        from app import v  # type: ignore[import-not-found]

        assert v == 1
        assert lib.sub.deep.z == 2
        assert lib is one.registry.module("lib")
        assert inspect.getsource(lib.one) == IMPORTS["lib.one"]
        with pytest.raises(TypeError, match="is installed already"):
            ModuleFinder(one.registry).install()
        with pytest.raises(ModuleNotFoundError):
            import lib.nothing
    assert (sys.modules, sys.meta_path) == (modules, path)
    with pytest.raises(TypeError, match="is not installed"):
        finder.uninstall()


def test_a_failing_import_leaves_no_module(one: Connection, two: Connection) -> None:
    one.registry.new("fragile", "import json\nif hasattr(json, 'broken'):\n    1 / 0\n")
    one.commit()
    two.begin()
    json.broken = True  # type: ignore[attr-defined]
    try:
        with ModuleFinder(two.registry), pytest.raises(ZeroDivisionError):
            import fragile  # type: ignore[import-not-found]  # noqa: F401
        assert "fragile" not in sys.modules
    finally:
        del json.broken  # type: ignore[attr-defined]
