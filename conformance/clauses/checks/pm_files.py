"""PM - persistent modules as a tree of files."""

import tempfile
from pathlib import Path, PurePosixPath
from typing import Any, Dict, Optional

from conformance.clauses.expect import equal, true
from conformance.clauses.module_scene import Scene, fails, module_check, same
from conformance.clauses.registry import MAY, MUST, clause

_SOURCES = {"lib": "x = 1\nclass C: pass\n", "user": "from lib import x, C\ny = x\n"}


def _files(folder: Path) -> Dict[str, str]:
    return {
        path.relative_to(folder).as_posix(): path.read_text(encoding="utf-8")
        for path in folder.rglob("*")
        if path.is_file()
    }


clause(
    "PM-46",
    MUST,
    "Synchronising out writes a package tree of plain source files. Synchronising in makes changed "
    "files updates, new files modules, missing ones removals if that is wanted; only source "
    "travels, and all of it in one transaction or nothing.",
    "SEED Goals, use cases, Proposals",
)


@module_check("PM-46")
def a_tree_of_plain_files_is_written(scene: Scene) -> None:
    scene.start(**_SOURCES)
    scene.one.registry.new("p.q", "z = 'é'\n")
    with tempfile.TemporaryDirectory() as name:
        scene.facility.export_modules(scene.one.registry, Path(name))
        expected = {"lib.py": _SOURCES["lib"], "user.py": _SOURCES["user"]}
        expected.update({"p/__init__.py": "", "p/q.py": "z = 'é'\n"})
        equal(_files(Path(name)), expected, "the files")


@module_check("PM-46")
def an_edited_tree_comes_back(scene: Scene) -> None:
    scene.start(**_SOURCES)
    cls = scene.two.registry.find("lib").C
    scene.one.registry.new("old", "")
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        scene.facility.export_modules(scene.one.registry, folder)
        scene.mark()
        scene.facility.import_modules(scene.one.registry, folder, delete=True)
        scene.one.commit()
        edited = _SOURCES["lib"].replace("pass", "n = 2")
        (folder / "lib.py").write_text(edited, encoding="utf-8")
        (folder / "new.py").write_text("from user import y\n", encoding="utf-8")
        (folder / "old.py").unlink()
        scene.facility.import_modules(scene.one.registry, folder, delete=True)
        equal(scene.two.registry.find("new"), None, "what another sees before the commit")
        scene.share()
        registry = scene.two.registry
        equal(sorted(registry.modules()), ["lib", "new", "user"], "the names")
        equal((cls.n, registry.find("new").y), (2, 1), "what the modules give")
        same(registry.find("lib").C, cls, "a class")
        files = _files(folder)
        scene.facility.export_modules(scene.one.registry, folder)
        equal(_files(folder), files, "the files that are written again")


@module_check("PM-46")
def a_tree_that_is_the_same_changes_nothing(scene: Scene) -> None:
    scene.start(**_SOURCES)
    with tempfile.TemporaryDirectory() as name:
        scene.facility.export_modules(scene.one.registry, Path(name))
        scene.mark()
        scene.facility.import_modules(scene.one.registry, Path(name))
        scene.one.commit()
    equal(scene.written(), [], "what a commit stores")


@module_check(
    "PM-46",
    each={
        "syntax": {"bad": "x = ", "error": (SyntaxError, ValueError)},
        "exception": {"bad": "1/0\n", "error": ZeroDivisionError},
    },
)
def one_bad_file_changes_nothing(scene: Scene, bad: str, error: Any) -> None:
    one, _ = scene.start(**_SOURCES)
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        for file, source in (("lib", "x = 5\n"), ("more", "z = 1\n"), ("user", bad)):
            (folder / f"{file}.py").write_text(source, encoding="utf-8")
        scene.mark()
        fails(
            lambda: scene.facility.import_modules(scene.one.registry, folder), error, "the import"
        )
    equal((one.y, scene.one.registry.find("lib").x), (1, 1), "the values")
    equal(sorted(scene.one.registry.modules()), ["lib", "user"], "the names")
    scene.one.commit()
    equal(scene.written(), [], "what a commit stores")


@module_check("PM-46")
def a_plan_changes_nothing(scene: Scene) -> None:
    scene.start(**_SOURCES)
    with tempfile.TemporaryDirectory() as name:
        (Path(name) / "lib.py").write_text("x = 5\n", encoding="utf-8")
        plan = scene.facility.import_modules(scene.one.registry, Path(name), dry_run=True)
        true(plan.steps, "the plan has steps")
    equal(scene.one.registry.find("lib").x, 1, "the value")


clause(
    "PM-48",
    MAY,
    "Synchronisation can be extended: adapters carry more than the source, and another "
    "representation than a folder of files takes it.",
    "SEED Proposals (custom module-synchronization adapters)",
)


class _Texts:
    """A representation in memory."""

    def __init__(self) -> None:
        self.texts: Dict[PurePosixPath, str] = {}

    def __str__(self) -> str:
        return "texts"

    def read(self) -> Dict[PurePosixPath, str]:
        return dict(self.texts)

    def require_room(self, path: PurePosixPath) -> None:
        pass

    def write(self, path: PurePosixPath, source: str) -> None:
        self.texts[path] = source

    def remove(self, path: PurePosixPath) -> None:
        del self.texts[path]


class _Notes:
    """Carries a text that a database has for a module in its root."""

    suffix = ".txt"

    def __init__(self, root: Any) -> None:
        self._root = root

    def read(self, registry: Any, name: str) -> Optional[str]:
        return self._root.get(f"note of {name}")  # type: ignore[no-any-return]

    def write(self, registry: Any, name: str, text: Optional[str]) -> None:
        self._root[f"note of {name}"] = text


@module_check("PM-48")
def another_representation_takes_modules(scene: Scene) -> str:
    facility = scene.facility
    scene.start(**{"lib.part": "x = 1\n"})
    place = _Texts()
    facility.export_modules(scene.one.registry, place)
    init, part = PurePosixPath("lib/__init__.py"), PurePosixPath("lib/part.py")
    equal(place.texts, {init: "", part: "x = 1\n"}, "what is written")
    place.texts[part] = "x = 2\n"
    compared = facility.compare_modules(scene.one.registry, place)
    equal([each.path for each in compared.differences], [part], "the differences")
    facility.import_modules(scene.one.registry, place)
    equal(scene.one.registry.module("lib.part").x, 2, "what is read")
    return "modules are written to, and read from, a mapping of texts"


@module_check("PM-48", each={"files": {"files": True}, "texts": {"files": False}})
def an_adapter_carries_more(scene: Scene, files: bool) -> str:
    facility, registry = scene.facility, scene.one.registry
    scene.start(lib="x = 1\n", other="x = 1\n")
    scene.one.root["note of lib"] = "as it was"
    notes = [_Notes(scene.one.root)]
    with tempfile.TemporaryDirectory() as name:
        place: Any = Path(name) if files else _Texts()
        note = PurePosixPath("lib.txt")
        facility.export_modules(registry, place, adapters=notes)
        equal(_text(place, note), "as it was", "what is written")
        equal(_text(place, PurePosixPath("other.txt")), None, "what is not there")
        if files:
            (place / note).write_text("changed", encoding="utf-8")
            (place / "nobody.txt").write_text("is left alone", encoding="utf-8")
        else:
            place.texts[note] = "changed"
        compared = facility.compare_modules(registry, place, adapters=notes)
        equal([each.path for each in compared.differences], [note], "the differences")
        facility.import_modules(registry, place, adapters=notes)
        equal(scene.one.root["note of lib"], "changed", "what is read")
        equal(facility.compare_modules(registry, place, adapters=notes).differences, (), "the rest")
    return "what an adapter adds travels with the modules"


def _text(place: Any, path: PurePosixPath) -> Optional[str]:
    if isinstance(place, _Texts):
        return place.texts.get(path)
    file = place / path
    return file.read_text(encoding="utf-8") if file.exists() else None
