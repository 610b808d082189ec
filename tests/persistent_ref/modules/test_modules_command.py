"""``persistent-conformance modules``, on a FileStorage and on a server."""

from __future__ import annotations

import gc
import sys
import warnings
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result

from conformance.commands import program
from conformance.commands.modules.databases import DatabaseAway, connected
from persistent_ref.modules import Policy

ZODB = pytest.importorskip("ZODB", reason="needs the package ZODB")
ZEO = pytest.importorskip("ZEO", reason="needs the package ZEO")

FILES = {
    "app.py": "from shop.prices import double\n",
    "shop/__init__.py": "",
    "shop/prices.py": "def double(x):\n    return 2 * x\n",
}


def write(folder: Path, files: dict[str, str]) -> Path:
    for path, text in files.items():
        (folder / path).parent.mkdir(parents=True, exist_ok=True)
        (folder / path).write_text(text)
    return folder


def run(*arguments: object, code: int = 0) -> Result:
    result = CliRunner().invoke(program, ["modules", *map(str, arguments)])
    assert result.exit_code == code, (result.output, result.exception)
    assert "Traceback" not in result.output
    return result


@pytest.fixture
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    return tmp_path


@pytest.fixture
def filled(here: Path) -> Path:
    """A database in ``data.fs``, and the folder ``tree`` that it was made from."""
    write(here / "tree", FILES)
    run("import", "file:data.fs", "tree", "--create")
    return here


def call(source: str, place: str = "file:data.fs") -> Any:
    """What a new process would get that imports from the database."""
    with connected(place, "modules", read_only=True) as database:
        module, _, name = source.rpartition(".")
        return getattr(database.registry.module(module), name)(4)


def test_a_tree_goes_in_and_comes_out(here: Path) -> None:
    write(here / "tree", FILES)
    assert run("import", "file:data.fs", "tree", "--create").output.splitlines() == [
        "create shop/__init__.py",
        "create shop/prices.py",
        "create app.py",
        "file:data.fs: 3 created, 0 changed, 0 removed, 0 the same",
    ]
    assert call("app.double") == 8
    assert run("export", "file:data.fs", "out").output.splitlines() == [
        *(f"create {path}" for path in FILES),
        "out: 3 created, 0 changed, 0 removed, 0 the same",
    ]
    assert {path: (here / "out" / path).read_text() for path in FILES} == FILES
    assert run("diff", "file:data.fs", "out").output == ""
    size = (here / "data.fs").stat().st_size
    assert "0 changed, 0 removed, 3 the same" in run("import", "file:data.fs", "out").output
    assert (here / "data.fs").stat().st_size == size


def test_a_dry_run_shows_the_plan_and_does_nothing(here: Path) -> None:
    write(here / "tree", FILES)
    result = run("import", "file:data.fs", "tree", "--create", "--dry-run")
    assert result.output.splitlines() == [
        "create shop/__init__.py",
        "create shop/prices.py",
        "create app.py",
        "file:data.fs: 3 created, 0 changed, 0 removed, 0 the same - if it were done (--dry-run)",
    ]
    assert not (here / "data.fs").exists()
    run("import", "file:data.fs", "tree", "--create")
    run("export", "file:data.fs", "out", "--dry-run")
    assert not (here / "out").exists()
    write(here / "tree", {"app.py": "x = 1\n"})
    assert "change app.py" in run("import", "file:data.fs", "tree", "--dry-run").output
    assert call("app.double") == 8


def test_differences_are_shown(filled: Path) -> None:
    write(filled / "tree", {"shop/prices.py": "def double(x):\n    return x + x", "new.py": ""})
    (filled / "tree" / "app.py").unlink()
    assert run("diff", "file:data.fs", "tree", code=1).output.splitlines() == [
        "--- database/app.py",
        "+++ /dev/null",
        "@@ -1 +0,0 @@",
        "-from shop.prices import double",
        "--- /dev/null",
        "+++ tree/new.py",
        "--- database/shop/prices.py",
        "+++ tree/shop/prices.py",
        "@@ -1,2 +1,2 @@",
        " def double(x):",
        "-    return 2 * x",
        "+    return x + x",
        "\\ No newline at end of file",
    ]


def test_what_is_left_is_told_and_removed_if_asked_for(filled: Path) -> None:
    (filled / "tree" / "app.py").unlink()
    result = run("import", "file:data.fs", "tree")
    assert result.output.splitlines()[0] == "leave  app.py (--delete removes it)"
    assert "1 removed" in run("import", "file:data.fs", "tree", "--delete").output
    write(filled / "tree", {"old.py": ""})
    result = run("export", "file:data.fs", "tree")
    assert result.output.splitlines()[0] == "leave  old.py (--delete removes it)"
    assert "remove old.py" in run("export", "file:data.fs", "tree", "--delete").output
    assert not (filled / "tree" / "old.py").exists()


@pytest.mark.parametrize(
    ("files", "message"),
    [
        ({"app.py": "x =\n"}, "tree/app.py: is no Python source (line 1: "),
        ({"app.py": "x = 1\n1 / 0\n"}, "module app, line 2: ZeroDivisionError: division by zero"),
        ({"app.py": "import nothing\n"}, "module app, line 1: ModuleNotFoundError"),
        ({"a-b.py": ""}, "tree/a-b.py: no module can be called 'a-b'. Rename it"),
        ({"shop.py": ""}, "tree/shop.py: shop/__init__.py is the module 'shop', too"),
        ({"shop/prices.py": "def triple(x): return 3 * x\n"}, "double is imported by app"),
    ],
)
def test_a_refused_tree_changes_nothing(filled: Path, files: dict[str, str], message: str) -> None:
    size = (filled / "data.fs").stat().st_size
    write(filled / "tree", {"another.py": "x = 1\n", **files})
    result = run("import", "file:data.fs", "tree", "--deletion", "refuse", code=2)
    assert message in result.stderr
    assert result.stdout == ""
    assert (filled / "data.fs").stat().st_size == size
    assert call("app.double") == 8


def test_deletions_are_warned_of(filled: Path) -> None:
    write(filled / "tree", {"shop/prices.py": "def triple(x): return 3 * x\n"})
    result = run("import", "file:data.fs", "tree")
    assert result.stderr == "Warning: shop.prices: double is imported by app\n"
    assert call("shop.prices.triple") == 12


def test_wrong_addresses_are_refused(filled: Path) -> None:
    for address, message in (
        ("nonsense", "'nonsense' is no address of a database; give file:PATH or zeo://HOST:PORT"),
        ("file:", "is no address of a database"),
        ("zeo://localhost", "names no host and port"),
        ("zeo://localhost:many", "names no host and port"),
        ("file:other.fs", "file:other.fs: there is no such file"),
    ):
        assert message in run("export", address, "out", code=2).stderr
    assert not (filled / "other.fs").exists()
    result = run("export", "file:data.fs", "out", "--key", "other", code=2)
    assert "the root has no registry of persistent modules at 'other'" in result.stderr
    assert not (filled / "out").exists()
    assert "there is no such folder" in run("import", "file:data.fs", "no", code=2).stderr


def test_another_registry_is_found_by_its_key(filled: Path) -> None:
    write(filled / "second", {"app.py": "n = 1\n"})
    run("import", "file:data.fs", "second", "--key", "other", "--create")
    run("export", "file:data.fs", "out", "--key", "other")
    assert [path.name for path in (filled / "out").iterdir()] == ["app.py"]
    assert call("app.double") == 8


def test_a_file_that_is_no_database_is_no_verdict(filled: Path) -> None:
    result = run("export", "file:tree/app.py", "out", code=3)
    assert "file:tree/app.py: cannot be opened (FileStorageFormatError" in result.stderr
    # A FileStorage that refuses a file leaves it open; have that noticed here.
    del result
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", ResourceWarning)
        gc.collect()


def test_a_database_that_cannot_be_opened_is_no_verdict(filled: Path) -> None:
    with connected("file:data.fs", "modules"):
        result = run("import", "file:data.fs", "tree", code=3)
        assert "has another process opened the file?" in result.stderr
        run("export", "file:data.fs", "out")
    result = run("diff", "zeo://localhost:1", "tree", "--wait", "0.1", code=3)
    assert "zeo://localhost:1: cannot be opened" in result.stderr


def test_without_zodb_the_way_out_is_named(here: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "ZODB", None)
    result = run("export", "file:data.fs", "out", code=2)
    assert "pip install 'persistent-conformance[zodb]'" in result.stderr


def test_a_server_is_an_address(filled: Path) -> None:
    (host, port), stop = ZEO.server("data.fs")
    place = f"zeo://{host}:{port}"
    try:
        write(filled / "tree", {"shop/prices.py": "def double(x):\n    return x + x + 1\n"})
        with connected(place, "modules") as other:
            double = other.registry.module("app").double
            assert "1 changed" in run("import", place, "tree").output
            assert double(4) == 8
        assert call("app.double", place) == 9
        assert run("diff", place, "tree").output == ""
    finally:
        stop()


def test_a_conflict_is_told(filled: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (host, port), stop = ZEO.server("data.fs")
    place = f"zeo://{host}:{port}"
    try:
        write(filled / "tree", {"app.py": "n = 1\n"})
        write(filled / "second", {**FILES, "app.py": "n = 2\n"})
        with connected(place, "modules") as other:
            other.registry.update("app", "n = 3\n")
            run("import", place, "tree")
            with pytest.raises(DatabaseAway, match="another process has changed the modules"):
                other.commit("too late")
    finally:
        stop()


NEEDS = "import sys\nif sys.fails: 1/0\nsys.executed.append(1)\n"
ITEM = "from persistent import Persistent\nclass Item(Persistent):\n    price = 2\n"


@pytest.fixture
def with_instance(filled: Path, monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """An instance in the root, of a module that fails; what is appended where it is executed."""

    from persistent_ref.modules import ClassFactory

    executed: list[int] = []
    monkeypatch.setattr(sys, "executed", executed, raising=False)
    monkeypatch.setattr(sys, "fails", False, raising=False)
    write(filled / "tree", {"item.py": NEEDS + ITEM})
    run("import", "file:data.fs", "tree")
    database = ZODB.DB("data.fs", class_factory=ClassFactory())
    with database.transaction() as connection:
        root = connection.root()
        module = root["modules"].module("item")
        root["item"], root["class"] = module.Item(), module.Item
    database.close()
    monkeypatch.setattr(sys, "fails", True)
    del executed[:]
    return executed


def test_no_command_is_locked_out_by_what_the_root_holds(with_instance: list[int]) -> None:
    assert run("diff", "file:data.fs", "tree").output == ""
    assert "4 created" in run("export", "file:data.fs", "out").output
    assert "4 the same" in run("import", "file:data.fs", "out", "--dry-run").output
    assert with_instance == []
    lines = run("doctor", "file:data.fs", code=1).output.splitlines()
    assert [line.partition(":")[0] for line in lines] == ["item", "item.Item (2 stored)", "file"]
    assert "ZeroDivisionError" in lines[0]
    assert lines[-1] == "file:data.fs: 2 broken"
    write(Path("out"), {"item.py": ITEM})
    assert "1 changed" in run("import", "file:data.fs", "out").output
    assert run("doctor", "file:data.fs").output == "file:data.fs: 0 broken\n"


def test_a_source_that_exits_is_an_error(filled: Path) -> None:
    write(filled / "tree", {"shop/__main__.py": "raise SystemExit\n"})
    output = run("import", "file:data.fs", "tree", code=2).output
    assert "module shop.__main__, line 1: SystemExit" in output
    assert "__main__" not in run("export", "file:data.fs", "out").output


def test_one_module_can_be_left_out(filled: Path) -> None:
    write(filled / "tree", {"shop/bad/__init__.py": "1/0\n", "shop/bad/more.py": "", "app.py": ""})
    run("import", "file:data.fs", "tree", code=2)
    output = run("import", "file:data.fs", "tree", "--exclude", "shop.bad").output
    assert output.splitlines()[0] == "change app.py"
    assert "0 created, 1 changed" in output


def test_export_keeps_the_mode_of_a_file(filled: Path) -> None:
    run("export", "file:data.fs", "out")
    path = filled / "out" / "app.py"
    path.chmod(0o640)
    path.write_text("")
    run("export", "file:data.fs", "out")
    assert (path.stat().st_mode & 0o777, path.read_text()) == (0o640, FILES["app.py"])


def test_former_revisions_are_listed_shown_and_put_back(filled: Path) -> None:
    first = FILES["shop/prices.py"]
    write(filled / "tree", {"shop/prices.py": first.replace("2", "3")})
    run("import", "file:data.fs", "tree")
    lines = run("log", "file:data.fs", "shop.prices").output.splitlines()
    assert [line[0] for line in lines] == ["2", "1"]
    assert "import of modules from tree" in lines[0]
    assert run("show", "file:data.fs", "shop.prices", "1").output == first
    assert "no revision 7" in run("show", "file:data.fs", "shop.prices", "7", code=2).output
    assert "no persistent module" in run("log", "file:data.fs", "none", code=2).output
    output = run("revert", "file:data.fs", "shop.prices", "1").output
    assert output == "shop.prices: revision 3 has the source of revision 1\n"
    assert call("app.double") == 8


def test_the_policy_of_a_registry_judges_an_import(filled: Path) -> None:
    with connected("file:data.fs", "modules") as database:
        database.registry.policy = Policy(deletion="refuse")
        database.commit("policy")
    write(filled / "tree", {"shop/prices.py": ""})
    assert "is imported by app" in run("import", "file:data.fs", "tree", code=2).output
    run("import", "file:data.fs", "tree", "--deletion", "allow")


def test_files_have_other_names_than_the_database(filled: Path) -> None:
    (filled / "tree" / "shop").rename(filled / "tree" / "store")
    source = "def twice(x):\n    return 2 * x\n"
    write(filled / "tree", {"store/prices.py": source})
    write(filled / "tree", {"app.py": "from store.prices import twice\n"})
    renames = ("--rename", "shop=store", "--rename", "shop.prices:double=store.prices:twice")
    before = run("export", "file:data.fs", "before").output
    assert "3 created" in before
    run("import", "file:data.fs", "tree", *renames, "--dry-run")
    run("import", "file:data.fs", "tree", *renames)
    assert call("app.twice") == 8
    assert "0 removed, 3 the same" in run("export", "file:data.fs", "tree").output


@pytest.mark.parametrize(
    ("rename", "message"),
    [
        ("shop", "must be OLD=NEW"),
        ("shop=app", "there is a module 'app' already"),
        ("none=some", "no persistent module 'none'"),
        ("shop=a-b", "a module cannot be called"),
        ("shop=shop.prices:double", "cannot become a definition"),
    ],
)
def test_a_name_that_cannot_be_given_is_refused(filled: Path, rename: str, message: str) -> None:
    for dry_run in ((), ("--dry-run",)):
        result = run("import", "file:data.fs", "tree", "--rename", rename, *dry_run, code=2)
        assert message in " ".join(result.output.split())


def test_stored_states_are_upgraded(here: Path) -> None:
    source = "from persistent import Persistent\nclass C(Persistent):\n    pass\n"
    write(here / "tree", {"m.py": source})
    run("import", "file:data.fs", "tree", "--create")
    with connected("file:data.fs", "modules") as database:
        root = database.registry._p_jar.root()
        for number in range(25):
            root[number] = database.registry.module("m").C()
            root[number].n = number
        database.commit("instances")
    method = "    def __upgrade__(self, state):\n        return {'m': state.get('n', 0), **state}\n"
    write(here / "tree", {"m.py": source.replace("    pass\n", method)})
    run("import", "file:data.fs", "tree")
    result = run("upgrade", "file:data.fs", "--every", 10)
    assert result.output.splitlines()[-2:] == ["25 of 25", "file:data.fs: 25 objects upgraded"]
    assert "0 objects upgraded" in run("upgrade", "file:data.fs").output


def test_modules_are_listed_with_those_that_import_them(filled: Path) -> None:
    assert run("list", "file:data.fs").output.splitlines() == [
        "app  revision 1  1 line",
        "shop  revision 1  0 lines",
        "shop.prices  revision 1  2 lines  imported by app",
    ]
