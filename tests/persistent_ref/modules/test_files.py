"""Modules as a tree of files: export, import, compare."""

from __future__ import annotations

import os
from pathlib import Path, PurePosixPath
from typing import Any

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from persistent_ref.datamanager import open_data_manager
from persistent_ref.modules import (
    BadTree,
    DeletionRefused,
    DeletionWarning,
    Policy,
    Registry,
    compare_modules,
    create_registry,
    export_modules,
    import_modules,
)
from persistent_ref.modules.memory import Connection, ModuleDatabase

SHOP = {
    "app": "from shop.prices import double\nfrom shop import name\n",
    "shop.prices": "def double(x):\n    return 2 * x\n",
    "shop.__init__": "name = 'shop'\n",
}
FILES = {
    "app.py": SHOP["app"],
    "shop/__init__.py": SHOP["shop.__init__"],
    "shop/prices.py": SHOP["shop.prices"],
}


def write(folder: Path, files: dict[str, str]) -> Path:
    for path, text in files.items():
        target = folder / path
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_bytes(text.encode())
    return folder


def read(folder: Path) -> dict[str, str]:
    return {
        path.relative_to(folder).as_posix(): path.read_bytes().decode()
        for path in sorted(folder.rglob("*"))
        if path.is_file()
    }


def actions(plan: Any) -> list[tuple[str, str]]:
    return [(step.action, str(step.path)) for step in plan.steps]


def fill(registry: Registry) -> Registry:
    for name in reversed(SHOP):
        registry.new(name, SHOP[name])
    return registry


@pytest.fixture
def registry() -> Registry:
    return create_registry()


def test_a_tree_comes_out_and_goes_in_again(
    world: ModuleDatabase, one: Connection, tmp_path: Path
) -> None:
    plan = export_modules(fill(one.registry), tmp_path / "tree")
    assert read(tmp_path / "tree") == FILES
    assert actions(plan) == [("create", path) for path in FILES]
    again = create_registry(world.persistent)
    plan = import_modules(again, tmp_path / "tree")
    assert {name: again.source(name) for name in again.modules()} == {
        "app": SHOP["app"],
        "shop": SHOP["shop.__init__"],
        "shop.prices": SHOP["shop.prices"],
    }
    assert again.module("app").double(4) == 8
    assert again.is_package("shop")
    assert not again.is_package("shop.prices")


def test_what_is_imported_comes_first(registry: Registry, tmp_path: Path) -> None:
    plan = import_modules(registry, write(tmp_path, FILES), dry_run=True)
    assert actions(plan) == [
        ("create", "shop/__init__.py"),
        ("create", "shop/prices.py"),
        ("create", "app.py"),
    ]
    assert registry.modules() == []


def test_what_is_the_same_is_not_touched(
    world: ModuleDatabase, one: Connection, tmp_path: Path
) -> None:
    registry = fill(one.registry)
    one.commit()
    before = world.written()
    export_modules(registry, tmp_path)
    times = {path: path.stat().st_mtime_ns for path in tmp_path.rglob("*.py")}
    same = tuple(PurePosixPath(path) for path in FILES)
    for plan in (export_modules(registry, tmp_path), import_modules(registry, tmp_path)):
        assert (plan.steps, plan.same, plan.left) == ((), same, ())
    one.commit()
    assert world.written() == before
    assert {path: path.stat().st_mtime_ns for path in tmp_path.rglob("*.py")} == times


def test_changed_files_are_one_change_that_others_follow(
    one: Connection, two: Connection, tmp_path: Path
) -> None:
    fill(one.registry)
    one.commit()
    two.begin()
    double = two.registry.module("app").double
    export_modules(one.registry, tmp_path)
    changed = {"shop/prices.py": "def double(x):\n    return x + x + 1\n", "new.py": "n = 1\n"}
    plan = import_modules(one.registry, write(tmp_path, changed))
    assert actions(plan) == [("create", "new.py"), ("change", "shop/prices.py")]
    assert one.registry.module("app").double(1) == 3
    assert double(1) == 2
    one.commit()
    two.begin()
    assert (double(1), two.registry.module("new").n) == (3, 1)


def test_missing_files_are_removals_if_asked_for(one: Connection, tmp_path: Path) -> None:
    fill(one.registry)
    write(tmp_path, {"app.py": "n = 1\n"})
    left = tuple(PurePosixPath(path) for path in ("shop/__init__.py", "shop/prices.py"))
    assert import_modules(one.registry, tmp_path).left == left
    assert one.registry.modules() == ["app", "shop", "shop.prices"]
    plan = import_modules(one.registry, tmp_path, delete=True)
    assert actions(plan) == [("remove", "shop/prices.py"), ("remove", "shop/__init__.py")]
    assert one.registry.modules() == ["app"]


def test_export_tells_what_it_leaves_and_mirrors_if_asked_for(
    registry: Registry, tmp_path: Path
) -> None:
    fill(registry)
    old = {"old/__init__.py": "", "old/Thing.py": "", "readme.txt": "ours", ".git/x.py": "\0"}
    write(tmp_path, old)
    plan = export_modules(registry, tmp_path)
    assert plan.left == (PurePosixPath("old/__init__.py"), PurePosixPath("old/Thing.py"))
    assert read(tmp_path) == {**old, **FILES}
    plan = export_modules(registry, tmp_path, delete=True, dry_run=True)
    assert actions(plan) == [("remove", "old/Thing.py"), ("remove", "old/__init__.py")]
    assert read(tmp_path) == {**old, **FILES}
    export_modules(registry, tmp_path, delete=True)
    assert read(tmp_path) == {**FILES, "readme.txt": "ours", ".git/x.py": "\0"}
    assert not (tmp_path / "old").exists()


BAD = {
    "fails half way": ({"b.py": "x = 1\n1 / 0\n"}, ZeroDivisionError, "division by zero"),
    "no Python": ({"b.py": "x =\n"}, BadTree, r"b.py: is no Python source \(line 1: "),
    "return outside": ({"b.py": "return\n"}, BadTree, r"b.py: is no Python source \(line 1: "),
    "NUL": ({"b.py": "x = 1\0"}, BadTree, "b.py: is no Python source"),
    "missing import": ({"b.py": "import a, no_such"}, ModuleNotFoundError, "no_such"),
    "error kept": (
        {"b.py": "try: import c\nexcept ValueError: pass\n", "c.py": "raise ValueError(5)"},
        ValueError,
        "^5$",
    ),
}


@pytest.mark.parametrize("case", BAD)
def test_one_bad_file_changes_nothing(
    world: ModuleDatabase, one: Connection, tmp_path: Path, case: str
) -> None:
    module = one.registry.new("a", "x = 1\nclass C:\n    n = 1\n\ndef f():\n    return 1\n")
    one.registry.new("gone", "")
    one.commit()
    before = world.written()
    held = (module.f, module.C, module.C())
    files, error, message = BAD[case]
    write(tmp_path, {"a.py": "y = 2\nclass C:\n    n = 2\n\ndef f():\n    return 2\n", **files})
    with pytest.raises(error, match=message):
        import_modules(one.registry, tmp_path, delete=True)
    assert one.registry.modules() == ["a", "gone"]
    assert (module.x, module.f(), held[0](), module.C.n, held[2].n) == (1, 1, 1, 1, 1)
    assert (module.f, module.C) == held[:2]
    assert not hasattr(module, "y")
    one.commit()
    assert world.written() == before
    write(tmp_path, dict.fromkeys(files, "z = 3\n"))
    import_modules(one.registry, tmp_path, delete=True)
    assert (held[0](), held[2].n, one.registry.module("b").z) == (2, 2, 3)
    one.commit()
    assert world.written() > before


def test_changes_from_before_a_failed_import_stay(
    one: Connection, two: Connection, tmp_path: Path
) -> None:
    one.registry.new("a", "x = 1\n")
    one.commit()
    one.registry.update("a", "x = 2\n")
    with pytest.raises(ZeroDivisionError):
        import_modules(one.registry, write(tmp_path, {"a.py": "x = 3\n", "b.py": "1 / 0\n"}))
    one.commit()
    two.begin()
    assert two.registry.module("a").x == 2


CYCLES = {
    "only one of them can come first": {
        "a.py": "from b import y\nz = y\n",
        "b.py": "y = 1\nimport a\nw = a.z\n",
    },
    "a package and its module": {
        "p/__init__.py": "n = 1\nfrom .q import m\n",
        "p/q.py": "from p import n\nm = n + 1\n",
        "a.py": "from p.q import m\n",
    },
    "inside a function": {
        "a.py": "def f():\n    import b\n    return b.x\n",
        "b.py": "import a\nx = 1\ny = a.f.__name__\n",
    },
}


@pytest.mark.parametrize("case", CYCLES)
def test_cycles_are_as_in_python(registry: Registry, tmp_path: Path, case: str) -> None:
    write(tmp_path, CYCLES[case])
    import_modules(registry, tmp_path)
    assert compare_modules(registry, tmp_path).differences == ()
    changed = {path: "extra = 1\n" + text for path, text in CYCLES[case].items()}
    import_modules(registry, write(tmp_path, changed))
    assert [registry.module(name).extra for name in registry.modules()] == [1] * len(changed)


def test_deletions_are_judged_when_all_is_done(registry: Registry, tmp_path: Path) -> None:
    refuse = Policy(deletion="refuse")
    registry.new("lib", "old = 1\n")
    registry.new("app", "from lib import old\n")
    write(tmp_path, {"lib.py": "new = 1\n", "app.py": "from lib import new\n"})
    import_modules(registry, tmp_path, policy=refuse)
    assert registry.module("app").new == 1
    (tmp_path / "app.py").unlink()
    write(tmp_path, {"lib.py": "newer = 1\n"})
    with pytest.raises(DeletionRefused, match="lib: new is imported by app"):
        import_modules(registry, tmp_path, policy=refuse)
    assert registry.module("lib").new == 1
    with pytest.warns(DeletionWarning, match="lib: new is imported by app"):
        import_modules(registry, tmp_path)
    (tmp_path / "lib.py").unlink()
    write(tmp_path, {"app.py": "from lib import newer\n"})
    import_modules(registry, tmp_path)
    write(tmp_path, {"app.py": "from lib import newer as n\n"})
    with pytest.raises(ModuleNotFoundError, match="No module named 'lib'"):
        import_modules(registry, tmp_path, delete=True)
    write(tmp_path, {"app.py": "\n"})
    import_modules(registry, tmp_path, delete=True, policy=refuse)
    assert registry.modules() == ["app"]


def test_a_policy_sees_all_changes_and_may_refuse(registry: Registry, tmp_path: Path) -> None:
    seen = []

    def refuse_second(change: Any) -> None:
        seen.append(change.module)
        if len(seen) == 2:
            raise PermissionError(change.module)

    write(tmp_path, FILES)
    with pytest.raises(PermissionError, match=r"shop\.prices"):
        import_modules(registry, tmp_path, policy=Policy(on_change=refuse_second))
    assert seen == ["shop", "shop.prices"]
    assert registry.modules() == []


def test_a_module_does_not_become_a_package(registry: Registry, tmp_path: Path) -> None:
    registry.new("shop", "x = 1\n")
    write(tmp_path, {"shop/__init__.py": "from .b import x\n", "shop/b.py": "x = 2\n"})
    with pytest.raises(BadTree, match=r"'shop' is shop\.py in the database. Remove"):
        import_modules(registry, tmp_path)
    with pytest.raises(BadTree, match=r"shop/__init__.py: shop\.py is to be the module 'shop'"):
        export_modules(registry, tmp_path)
    assert registry.module("shop").x == 1
    registry.apply({"shop": None})
    import_modules(registry, tmp_path)
    assert registry.module("shop").x == 2
    export_modules(registry, tmp_path, delete=True)
    (tmp_path / "shop.py").write_text("x = 3\n")
    for path in ("b", "__init__"):
        (tmp_path / "shop" / f"{path}.py").unlink()
    with pytest.raises(BadTree, match=r"'shop' is shop/__init__\.py in the database"):
        import_modules(registry, tmp_path, delete=True)
    plan = export_modules(registry, tmp_path, delete=True)
    assert actions(plan) == [
        ("remove", "shop.py"),
        ("create", "shop/__init__.py"),
        ("create", "shop/b.py"),
    ]


REFUSED = {
    "a-b.py": "no module can be called 'a-b'.*Rename it",
    "class.py": "no module can be called 'class'",
    "p/1.py": "no module can be called '1'",
    "my-dir/a.py": "no module can be called 'my-dir'",
    "a.b.py": r"no module can be called 'a\.b'",
    "\N{LATIN SMALL LIGATURE FI}le.py": "no module can be called",
    "__init__/a.py": "no module can be called '__init__'",
    "__init__.py": "the tree itself is no package",
    "bare/a.py": r"Add the file .*bare/__init__\.py",
    "..py": None,
    "__pycache__/a-b.py": None,
    "no-modules/notes.txt": None,
}


@pytest.mark.parametrize("path", REFUSED)
def test_bad_names_are_refused(registry: Registry, tmp_path: Path, path: str) -> None:
    write(tmp_path, {"good.py": "x = 1\n", path: ""})
    fill(registry)
    message = REFUSED[path]
    if message is None:
        import_modules(registry, tmp_path, dry_run=True)
        return
    for work in (import_modules, export_modules, compare_modules):
        with pytest.raises(BadTree, match=message):
            work(registry, tmp_path)
    assert "good" not in registry
    assert read(tmp_path) == {"good.py": "x = 1\n", path: ""}


def test_two_files_for_one_module_are_refused(registry: Registry, tmp_path: Path) -> None:
    write(tmp_path, {"pkg.py": "", "pkg/__init__.py": ""})
    with pytest.raises(BadTree, match=r"pkg\.py: pkg/__init__\.py is the module 'pkg', too"):
        import_modules(registry, tmp_path)


@pytest.mark.parametrize(
    ("data", "message"),
    [
        (b"x = '\xff'\n", "is no UTF-8 text. Save it as UTF-8"),
        ("# coding: latin-1\nx = '\N{EURO SIGN}'\n".encode(), "declares the encoding iso-8859-1"),
        (b"# coding: klingon\n", "is no UTF-8 text"),
        (b"# coding: latin-1\nx = 1\n", None),
        (b"\xef\xbb\xbfx = 1\r\n", None),
    ],
)
def test_files_are_utf_8(
    registry: Registry, tmp_path: Path, data: bytes, message: str | None
) -> None:
    (tmp_path / "a.py").write_bytes(data)
    if message:
        with pytest.raises(BadTree, match=message):
            import_modules(registry, tmp_path)
        assert registry.modules() == []
    else:
        import_modules(registry, tmp_path)
        assert registry.module("a").x == 1
        assert compare_modules(registry, tmp_path).differences == ()


def test_links_are_refused(registry: Registry, tmp_path: Path) -> None:
    outside = write(tmp_path / "outside", {"__init__.py": "", "a.py": "secret = 1\n"})
    tree = tmp_path / "tree"
    tree.mkdir()
    fill(registry)
    for link, target in (
        ("shop", outside),
        ("app.py", outside / "a.py"),
        ("b.py", tmp_path / "no"),
        ("sub", tree),
    ):
        (tree / link).symlink_to(target)
        for work in (import_modules, export_modules, compare_modules):
            with pytest.raises(BadTree, match=f"{link}: is a link"):
                work(registry, tree)
        (tree / link).unlink()
    (tree / ".#lock.py").symlink_to("nowhere")
    (tree / "README").symlink_to(outside / "a.py")
    assert import_modules(registry, tree).steps == ()
    assert read(outside) == {"__init__.py": "", "a.py": "secret = 1\n"}


def test_what_is_in_the_way_is_refused_before_anything_is_written(
    registry: Registry, tmp_path: Path
) -> None:
    fill(registry)
    (tmp_path / "shop").write_text("not ours")
    with pytest.raises(BadTree, match="shop: is no folder"):
        export_modules(registry, tmp_path)
    assert read(tmp_path) == {"shop": "not ours"}
    with pytest.raises(BadTree, match=r"shop: (is no folder|cannot be read)"):
        export_modules(registry, tmp_path / "shop")
    (tmp_path / "shop").unlink()
    (tmp_path / "app.py").mkdir()
    with pytest.raises(BadTree, match=r"app\.py: is a folder"):
        export_modules(registry, tmp_path)
    assert [path.name for path in tmp_path.iterdir()] == ["app.py"]
    with pytest.raises(BadTree, match="there is no such folder"):
        import_modules(registry, tmp_path / "missing")


def test_a_pipe_is_no_module(registry: Registry, tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "a.py")
    with pytest.raises(BadTree, match=r"a\.py: is no ordinary file"):
        import_modules(registry, tmp_path)


def test_a_name_that_no_tree_can_hold_is_refused(registry: Registry, tmp_path: Path) -> None:
    registry.new("__pycache__", "")
    with pytest.raises(BadTree, match="it cannot hold the module '__pycache__'"):
        export_modules(registry, tmp_path)


def test_a_failed_write_leaves_the_file_as_it_was(
    registry: Registry, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    registry.new("a", "x = 1\n")
    write(tmp_path, {"a.py": "old"})

    def refuse(*arguments: Any) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(Path, "replace", refuse)
    with pytest.raises(BadTree, match=r"a\.py: cannot be written \(No space left"):
        export_modules(registry, tmp_path)
    assert read(tmp_path) == {"a.py": "old"}


def test_overlays_and_metadata_do_not_travel(one: Connection, tmp_path: Path) -> None:
    module = one.registry.new("a", "x = 1\n")
    module.x = 2
    export_modules(one.registry, tmp_path / "tree")
    assert read(tmp_path / "tree") == {"a.py": "x = 1\n"}


PARTS = st.sampled_from(["a", "B", "b1", "_c", "\N{LATIN SMALL LETTER E WITH ACUTE}"])
NAMES = st.lists(PARTS, min_size=1, max_size=3).map(".".join)
LINES = st.sampled_from(
    ["x = 1", "# \N{EURO SIGN}", "", "def f():\n    return 'y'", "'''\r\n'''", "class C: pass\r"]
)
SOURCES = st.lists(LINES, max_size=4).flatmap(
    lambda lines: st.sampled_from(["\n", "\r\n"]).map(lambda end: end.join(lines))
)


@settings(max_examples=40, deadline=None)
@given(modules=st.dictionaries(NAMES, SOURCES, max_size=6), rest=st.dictionaries(NAMES, SOURCES))
def test_export_then_import_is_no_change(
    tmp_path_factory: pytest.TempPathFactory, modules: dict[str, str], rest: dict[str, str]
) -> None:
    folder = tmp_path_factory.mktemp("tree")
    first, second = _made(modules), _made(rest)
    kinds = _sources(first)
    assume(all((name, not is_package) not in kinds for name, is_package in _sources(second)))
    export_modules(first, folder)
    written = read(folder)
    jar = open_data_manager()
    jar.root["modules"] = first
    jar.commit()
    assert import_modules(first, folder, delete=True).steps == ()
    assert not first._p_changed
    import_modules(second, folder, delete=True)
    assert _sources(second) == _sources(first)
    assert export_modules(second, folder).steps == ()
    assert read(folder) == written


def _made(modules: dict[str, str]) -> Registry:
    registry = create_registry()
    for name in sorted(modules, reverse=True):
        own = f"{name}.__init__" if any(each.startswith(f"{name}.") for each in modules) else name
        registry.new(own, modules[name])
    return registry


def _sources(registry: Registry) -> dict[tuple[str, bool], str]:
    return {(name, registry.is_package(name)): registry.source(name) for name in registry.modules()}
