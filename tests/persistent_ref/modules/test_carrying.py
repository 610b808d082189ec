"""Registries beside each other, files of exported objects, savepoints, tools that want files."""

from __future__ import annotations

import copy
import io
import pickle
from pathlib import Path
from typing import Any

import pytest

from persistent_ref.modules import (
    ClassFactory,
    ModuleFinder,
    create_registry,
    import_modules,
    show_in,
    why_broken,
)

ZODB = pytest.importorskip("ZODB", reason="needs the package ZODB")

import transaction  # noqa: E402
from persistent import Persistent  # noqa: E402
from persistent.mapping import PersistentMapping  # noqa: E402
from ZODB.blob import Blob  # noqa: E402
from ZODB.FileStorage import FileStorage  # noqa: E402
from ZODB.MappingStorage import MappingStorage  # noqa: E402

SOURCE = """
from persistent import Persistent
from zope.interface import Interface, implementer
from p.base import Base

class Wanted(Interface):
    pass

@implementer(Wanted)
class Own(Persistent):
    def f(self): return {n}

class Inner(Base):
    def f(self): return {n}

def g(): return {n}
"""


MEASURED = """\
def f(x):
    if x:
        return 1
    return 2

class C:
    def g(self):
        pass
"""


def opened(database: Any) -> Any:
    return database.open(transaction.TransactionManager())


def fill(registry: Any, number: int = 1) -> Any:
    """Make modules; return a mapping that holds something of each kind that they define."""
    registry.new("p.base", "class Base: pass\n")
    registry.new("alone", "x = 1\n")
    m = registry.new("p.m", SOURCE.format(n=number))
    own = m.Own()
    own.held = [m.Inner()]
    found = PersistentMapping(own=own, inner=[m.Inner()], function=m.g, cls=m.Own, module=m)
    found["interface"] = m.Wanted
    own.back = found
    return found


def values(found: Any) -> list[Any]:
    own = found["own"]
    objects = [own, own.held[0], found["inner"][0]]
    assert own.back is found
    assert isinstance(own, found["cls"])
    assert found["cls"] is found["module"].Own
    assert found["interface"] is found["module"].Wanted
    assert found["interface"].providedBy(own)
    return [*(each.f() for each in objects), found["function"]()]


class Database:
    """A database with a registry, or without one, and a connection."""

    def __init__(self, storage: Any = None, registry: bool = True) -> None:
        # An empty storage is false.
        chosen = MappingStorage() if storage is None else storage
        self.zodb = ZODB.DB(chosen, class_factory=ClassFactory())
        self.jar = opened(self.zodb)
        self.root = self.jar.root()
        self.commit = self.jar.transaction_manager.commit
        if registry:
            self.root["modules"] = create_registry(Persistent)
        self.commit()

    @property
    def registry(self) -> Any:
        return self.root["modules"]

    def again(self) -> Any:
        """The root, as a new process has it."""
        return opened(self.zodb).root()


def exported(number: int = 1) -> io.BytesIO:
    database = Database()
    database.root["found"] = fill(database.registry, number)
    database.commit()
    file = io.BytesIO()
    database.jar.exportFile(database.root["found"]._p_oid, file)
    return file


def bring(database: Database, file: io.BytesIO) -> Any:
    file.seek(0)
    database.zodb.classFactory.prepare(database.jar)
    database.root["found"] = database.jar.importFile(file)
    database.commit()
    return database.again()


def test_registries_of_one_database_do_not_mix() -> None:
    database = Database()
    database.root["other"] = create_registry(Persistent)
    database.root["one"] = fill(database.registry, 1)
    database.root["two"] = fill(database.root["other"], 2)
    database.commit()
    root = database.again()
    assert values(root["two"]) == [2] * 4
    assert values(root["one"]) == [1] * 4
    database.root["other"].update("p.m", SOURCE.format(n=3))
    database.commit()
    root._p_jar.sync()
    assert (values(root["one"]), values(root["two"])) == ([1] * 4, [3] * 4)


def test_objects_bring_the_modules_along_that_they_need() -> None:
    database = Database()
    root = bring(database, exported())
    assert root["modules"].modules() == ["p", "p.base", "p.m"]
    assert values(root["found"]) == [1] * 4
    database.registry.update("p.m", SOURCE.format(n=2))
    database.commit()
    root._p_jar.sync()
    assert values(root["found"]) == values(database.root["found"]) == [2] * 4


def test_objects_use_the_modules_that_are_there() -> None:
    database = Database()
    for number in (5, 6):
        source = SOURCE.format(n=number)
        if number == 5:
            database.registry.new("p.base", "class Base: pass\n")
            database.registry.new("p.m", source)
        else:
            database.registry.update("p.m", source)
        database.commit()
    root = bring(database, exported())
    assert values(root["found"]) == [6] * 4
    assert root["found"]["cls"] is root["modules"].module("p.m").Own


def test_objects_bring_their_registry_where_there_is_none() -> None:
    root = bring(Database(registry=False), exported())
    assert "modules" not in root
    assert values(root["found"]) == [1] * 4


def test_an_import_that_is_aborted_leaves_nothing() -> None:
    database = Database()
    database.zodb.classFactory.prepare(database.jar)
    file = exported()
    file.seek(0)
    database.jar.importFile(file)
    database.jar.transaction_manager.abort()
    assert database.registry.modules() == []
    file.seek(0)
    with pytest.raises(ValueError, match="cut off"):
        database.jar.importFile(io.BytesIO(file.read()[:-40]))
    database.jar.transaction_manager.abort()
    assert database.registry.modules() == []


def test_blobs_come_along(tmp_path: Path) -> None:
    databases = [
        Database(FileStorage(str(tmp_path / name), blob_dir=str(tmp_path / f"{name}-blobs")))
        for name in ("one", "two")
    ]
    source = "from persistent import Persistent\nclass File(Persistent): pass\n"
    file = databases[0].registry.new("m", source).File()
    file.data = Blob(b"hello")
    databases[0].root["file"] = file
    databases[0].commit()
    out = io.BytesIO()
    databases[0].jar.exportFile(file._p_oid, out)
    found = bring(databases[1], out)["found"]
    with found.data.open() as data:
        assert (type(found).__name__, data.read()) == ("File", b"hello")
    for each in databases:
        each.jar.transaction_manager.abort()
        each.zodb.close()


def test_a_savepoint_leaves_classes_and_functions_in_their_places() -> None:
    database = Database()
    module = database.registry.new("m", "class C: pass\ndef f(): return 1\n")
    database.commit()
    oids = module.C._p_oid, module.f._p_oid
    database.registry.update("m", "class C: pass\ndef f(): return 2\n")
    for key in "ab":
        database.root[key] = [module.C(), module.f]
        database.jar.transaction_manager.savepoint()
    database.commit()
    assert (module.C._p_oid, module.f._p_oid) == oids
    assert {module.C._p_jar, module.f._p_jar} == {database.jar}
    records = len(database.zodb.storage)
    database.root["c"] = [module.C(), module.f]
    database.commit()
    assert len(database.zodb.storage) == records
    assert database.again()["a"][1]() == 2


def test_unused_sources_are_collected_by_a_pack() -> None:
    database = Database()
    database.registry.new("m", "")
    sizes = []
    for number in range(6):
        database.registry.update("m", f"class C{number}: pass\ndef f{number}(): pass\n")
        database.commit()
        database.zodb.pack()
        sizes.append(len(database.zodb.storage))
    assert sizes[-1] == sizes[-2] == sizes[-3]


def test_a_pickle_is_a_name_and_no_source() -> None:
    database = Database()
    secret = "secret = '" + "x" * 10_000 + "'\n"
    database.registry.new("p.base", "class Base: pass\n" + secret)
    module = database.registry.new("p.m", SOURCE.format(n=1) + secret)
    database.commit()
    with ModuleFinder(database.registry):
        for value in (module, module.g, module.Own, module.Wanted, module.Inner.f):
            pickled = pickle.dumps(value)
            assert len(pickled) < 300
            assert pickle.loads(pickled) is value
        assert pickle.loads(pickle.dumps(module.Inner())).f() == 1


def test_the_name_of_a_module_can_be_copied_without_a_finder() -> None:
    module = create_registry().new("m", "class C: pass\n")
    assert copy.deepcopy([module.C.__module__, module.C]) == ["m", module.C]


def test_classes_made_by_calls_are_of_their_module() -> None:
    registry = create_registry()
    registry.new(
        "m", "class A: pass\nB = type('B', (A,), {})\ndef make():\n    return type('C', (), {})\n"
    )
    module = registry.new("n", "from m import A\nB = type('B', (A,), {})\n")
    m = registry.module("m")
    assert [m.B.__module__, m.make().__module__, module.B.__module__] == ["m", "m", "n"]
    assert type("D", (m.A,), {}).__module__ == __name__


def test_coverage_measures_stored_modules(tmp_path: Path) -> None:
    coverage = pytest.importorskip("coverage", reason="needs the package coverage")
    (tmp_path / "p").mkdir()
    (tmp_path / "p" / "__init__.py").write_text("")
    file = tmp_path / "p" / "m.py"
    file.write_text(MEASURED)
    database = Database()
    import_modules(database.registry, tmp_path)
    database.commit()
    show_in(tmp_path)
    try:
        measured = coverage.Coverage(data_file=None, include=[str(tmp_path / "*")])
        with measured.collect():
            module = database.again()["modules"].module("p.m")
            assert module.f(True) == 1
        assert measured.analysis(str(file))[2] == [4, 8]
        # A source that is not that of the file does not bear its name.
        database.registry.update("p.m", "def f(x): return 3\n")
        assert not database.registry.module("p.m").f.__code__.co_filename.startswith(str(tmp_path))
    finally:
        show_in(None)


def test_what_is_stored_by_name_alone_is_found() -> None:
    """Records of databases that were written before names had their registry with them."""
    database = Database()
    database.root["found"] = fill(database.registry)
    database.commit()
    module = database.registry.module("p.m")
    type.__setattr__(module.Own, "__module__", "p.m")
    database.root["old"] = module.Own()
    database.commit()
    root = database.again()
    assert root["old"].f() == 1
    assert why_broken(root["old"]) is None
    assert type(root["old"]) is root["modules"].module("p.m").Own
