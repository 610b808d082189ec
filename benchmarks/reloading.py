"""One scene of 21 questions to what changes code in a running program, side by side.

``python -m benchmarks.reloading`` needs jurigged, IPython, plone.reload, limeade and
reload; what is not installed has no column.  In each question a program has a
module and what it made of it before the source changed; the answer is "yes" if
it then is as the question says, "no" or the name of an error if not.
"""

from __future__ import annotations

import argparse
import importlib
import json
import os
import pickle
import subprocess
import sys
import tempfile
import threading
import types
import warnings
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

TOP = Path(__file__).parents[1]


@dataclass(frozen=True)
class Question:
    """One question: sources of ``m`` before and after, and what is held, and what must be true.

    ``user`` is a module of the program that uses ``m``.  ``fails`` says that the source
    after the change cannot be executed.  ``renames`` is told to those who listen.
    """

    name: str
    before: str
    after: str
    held: str
    ask: str
    user: str = ""
    fails: bool = False
    renames: tuple[tuple[str, str], ...] = ()


_CLASS = "class C:\n    def f(self): return {0}\n"
_DECORATED = """
def times(number):
    def decorate(function):
        return lambda: number * function()
    return decorate
@times({0})
def f(): return 1
"""
_DATA = "import dataclasses\n@dataclasses.dataclass\nclass C:\n    x: int = 1\n{0}"
_ENUM = "import enum\nclass C(enum.Enum):\n    A = 'a'\n    def f(self): return {0}\n"
_BASE = "class B:\n    def g(self): return 2\n"

QUESTIONS = (
    Question("function", "def f(): return 1\n", "def f(): return 2\n", "m.f", "held() == 2"),
    Question("method", _CLASS.format(1), _CLASS.format(2), "m.C()", "held.f() == 2"),
    Question("bound method", _CLASS.format(1), _CLASS.format(2), "m.C().f", "held() == 2"),
    Question(
        "property",
        "class C:\n    @property\n    def p(self): return 1\n",
        "class C:\n    @property\n    def p(self): return 2\n",
        "m.C()",
        "held.p == 2",
    ),
    Question(
        "from-import",
        "def f(): return 1\n" + _CLASS.format(1),
        "def f(): return 2\n" + _CLASS.format(2),
        "u.C",
        "(u.f(), u.C().f(), u.C is m.C) == (2, 2, True)",
        user="from m import f, C\n",
    ),
    Question(
        "held closure",
        "def make(n):\n    def inner(): return n + 1\n    return inner\n",
        "def make(n):\n    def inner(): return n + 2\n    return inner\n",
        "m.make(10)",
        "held() == 12",
    ),
    Question(
        "added special method",
        "class C: pass\n",
        "class C:\n    def __len__(self): return 2\n",
        "u.D()",
        "len(held) == 2",
        user="from m import C\nclass D(C): pass\n",
    ),
    Question(
        "removed special method",
        "class C:\n    def __len__(self): return 2\n",
        "class C: pass\n",
        "m.C()",
        "not hasattr(held, '__len__') and isinstance(held, m.C)",
    ),
    Question(
        "base added",
        _BASE + "class C: pass\n",
        _BASE + "class C(B): pass\n",
        "m.C()",
        "held.g() == 2 and isinstance(held, m.B)",
    ),
    Question(
        "Enum member",
        _ENUM.format(1),
        _ENUM.format(2),
        "m.C.A",
        "held is m.C.A and held is m.C('a') and held.f() == 2",
    ),
    Question(
        "registrations of others",
        "known = {}\nx = 1\n",
        "known = {}\nx = 2\n",
        "None",
        "m.x == 2 and 'u' in m.known",
        user="import m\nm.known['u'] = len\n",
    ),
    Question(
        "derived value",
        "rate = 1\n",
        "rate = 2\n",
        "u",
        "held.twice == 4",
        user="import m\ntwice = 2 * m.rate\n",
    ),
    Question(
        "failing source",
        "x = 1\ndef f(): return 1\n",
        "x = 2\ndef f(): return 2\n1 / 0\n",
        "m.f",
        "(held(), m.f(), m.x) == (1, 1, 1)",
        fails=True,
    ),
    Question(
        "class renamed",
        _CLASS.format(1),
        _CLASS.format(2).replace("C", "D"),
        "m.C()",
        "held.f() == 2 and type(held) is m.D",
        renames=(("C", "D"),),
    ),
    Question(
        "dataclass field added",
        _DATA.format(""),
        _DATA.format("    y: int = 2\n"),
        "m.C()",
        "(held.y, m.C(1, 3).y, type(held) is m.C) == (2, 3, True) and held == m.C()",
    ),
    Question(
        "slots changed",
        "class C:\n    __slots__ = ('a',)\n    def f(self): return 1\n",
        "class C:\n    __slots__ = ('a', 'b')\n    def f(self): return 2\n",
        "m.C()",
        "held.f() == (2 if hasattr(type(held), 'b') else 1) and put(m.C(), 'b', 2).f() == 2",
    ),
    Question("decorator changed", _DECORATED.format(1), _DECORATED.format(2), "m.f", "held() == 2"),
    Question(
        "default changed", "def f(x=1): return x\n", "def f(x=2): return x\n", "m.f", "held() == 2"
    ),
    Question(
        "generator under way",
        "def f():\n    for n in range(3): yield n\n",
        "def f():\n    yield 7\n",
        "started(m.f())",
        "list(held) == [1, 2] and list(m.f()) == [7]",
    ),
    Question(
        "pickled reference",
        _CLASS.format(1),
        _CLASS.format(2),
        "m.C, pickle.dumps(m.C()), pickle.dumps(m.C)",
        "loads(held[1]).f() == 2 and isinstance(loads(held[1]), held[0]) "
        "and loads(held[2]) is held[0]",
    ),
    Question(
        "thread loading",
        "a = 1\nb = 1\n",
        "a = 2\nimport sys\nsys.scene_gate()\nb = 2\n",
        "m",
        "set(seen) <= {(1, 1), (2, 2)} and (m.a, m.b) == (2, 2)",
    ),
)


def _put(instance: Any, name: str, value: Any) -> Any:
    setattr(instance, name, value)
    return instance


def _started(generator: Any) -> Any:
    next(generator)
    return generator


class Files:
    """A program on files, and what is called when one of them has changed."""

    def __init__(
        self,
        change: Callable[[types.ModuleType, Path], object],
        started: Callable[[], object] = lambda: None,
    ) -> None:
        self._change = change
        self._started = started
        top = Path(tempfile.mkdtemp())
        sys.path.insert(0, str(top))
        # Some of the tools want modules in packages.
        self.folder = top / "scene"
        self.folder.mkdir()
        (self.folder / "__init__.py").touch()
        # Others look at the times of compiled files.
        sys.dont_write_bytecode = False
        sys.pycache_prefix = None

    def start(self, name: str, question: Question) -> dict[str, Any]:
        """Return what the program has: its modules, by the names of the question."""
        # What an earlier question has left must not be in the way of this one.
        for each in [each for each in sys.modules if each.startswith("scene.")]:
            del sys.modules[each]
        self._path = self.folder / f"m{name}.py"
        self._path.write_text(question.before)
        os.utime(self._path, (1e9, 1e9))
        user = question.user.replace("from m ", f"from scene.m{name} ")
        user = user.replace("import m\n", f"from scene import m{name} as m\n")
        (self.folder / f"u{name}.py").write_text(user)
        importlib.invalidate_caches()
        self._module = importlib.import_module(f"scene.m{name}")
        found = {"m": self._module, "u": importlib.import_module(f"scene.u{name}")}
        self._started()
        return found

    def change(self, question: Question) -> None:
        """Change the file, and have the program follow."""
        self._path.write_text(question.after)
        os.utime(self._path, (2e9, 2e9))
        importlib.invalidate_caches()
        self._change(self._module, self._path)

    def read_by_thread(self) -> tuple[int, int]:
        """What another thread of the program has at this moment."""
        return self._module.a, self._module.b


def _with_importlib() -> Any:
    return Files(lambda module, path: importlib.reload(module))


def _with_autoreload() -> Any:
    found: Any = importlib.import_module("IPython.extensions.autoreload")
    reloader = found.ModuleReloader()
    return Files(
        lambda module, path: reloader.check(check_all=True),
        lambda: reloader.check(check_all=True, do_reload=False),
    )


def _with_jurigged() -> Any:
    registry: Any = importlib.import_module("jurigged.register").registry
    program = Files(lambda module, path: registry.get(str(path)).refresh())
    sniffer: Any = importlib.import_module("jurigged.live")
    sniffer.registry.auto_register(filter=lambda name: name.startswith(str(program.folder)))
    return program


def _with_plone_reload() -> Any:
    found: Any = importlib.import_module("plone.reload.xreload")
    return Files(lambda module, path: found.Reloader(module).reload())


def _with_limeade() -> Any:
    found: Any = importlib.import_module("limeade")
    return Files(lambda module, path: found.refresh())


class Restarts(Files):
    """A program that is started anew when a file has changed, as ``reload`` does."""

    def __init__(self) -> None:
        importlib.import_module("reload")
        super().__init__(self._restart)
        self._had: dict[str, Any] = {}

    def start(self, name: str, question: Question) -> dict[str, Any]:
        """Return what the program has, which is new after a change."""
        self._had = super().start(name, question)
        return self._had

    def _restart(self, module: types.ModuleType, path: Path) -> None:
        for key in ("u", "m"):
            sys.modules.pop(self._had[key].__name__)
            vars(sys.modules["scene"]).pop(self._had[key].__name__.partition(".")[2], None)
        self._had.pop("held", None)
        for key in ("m", "u"):
            self._had[key] = importlib.import_module(self._had[key].__name__)

    def read_by_thread(self) -> tuple[int, int]:
        """What a thread of the program that is about to end has."""
        return 1, 1


class Stored:
    """A program on a database, which another connection changes."""

    def __init__(self) -> None:
        self._facility: Any = importlib.import_module("persistent_ref.modules")
        memory: Any = importlib.import_module("persistent_ref.modules.memory")
        database = memory.ModuleDatabase()
        self._writer, self._reader = database.open(), database.open()
        self._facility.ModuleFinder(self._reader.registry).install()

    def start(self, name: str, question: Question) -> dict[str, Any]:
        """Return what the program has: its modules, by the names of the question."""
        registry = self._writer.registry
        for each in ("u", "m"):
            if each in registry:
                registry.remove(each)
        registry.apply({"m": question.before, "u": question.user})
        self._writer.commit()
        self._reader.begin()
        found = {each: self._reader.registry.module(each) for each in ("m", "u")}
        sys.modules.update(found)
        return found

    def change(self, question: Question) -> None:
        """Change the source in the database, and begin a transaction in the program."""
        renames = {f"m:{old}": f"m:{new}" for old, new in question.renames}
        policy = self._facility.Policy(layout="replace")
        try:
            self._writer.registry.apply({"m": question.after}, renames=renames, policy=policy)
            self._writer.commit()
        finally:
            self._reader.begin()

    def read_by_thread(self) -> tuple[int, int]:
        """What another thread of the program, with a connection of its own, has at this moment."""
        m = self._reader.registry.module("m")
        return m.a, m.b


TOOLS: dict[str, Callable[[], Any]] = {
    "persistent modules": Stored,
    "jurigged": _with_jurigged,
    "autoreload": _with_autoreload,
    "plone.reload": _with_plone_reload,
    "limeade": _with_limeade,
    "reload": Restarts,
    "importlib.reload": _with_importlib,
}


def _answer(tool: Any, name: str, question: Question) -> str:
    seen: list[tuple[int, int]] = []

    def gate() -> None:
        thread = threading.Thread(target=lambda: seen.append(tool.read_by_thread()))
        thread.start()
        thread.join()

    vars(sys)["scene_gate"] = gate
    try:
        had = tool.start(name, question)
        had.update(pickle=pickle, loads=pickle.loads, put=_put, started=_started, seen=seen)
        had["held"] = eval(question.held, had)
        try:
            tool.change(question)
        except ZeroDivisionError:
            if not question.fails:
                raise
        return "yes" if eval(question.ask, had) else "no"
    except Exception as error:
        return type(error).__name__


def _answers(name: str) -> list[str]:
    warnings.simplefilter("ignore")
    tool = TOOLS[name]()
    return [_answer(tool, f"{n:02}", question) for n, question in enumerate(QUESTIONS)]


def main() -> None:
    """Ask every tool in a process of its own, and print the table."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.reloading", description=__doc__)
    parser.add_argument("--tool", choices=TOOLS, help="ask this one, and write its answers as JSON")
    options = parser.parse_args()
    if options.tool:
        print(f"\n{json.dumps(_answers(options.tool))}")
        return
    columns = {}
    for name in TOOLS:
        command = [sys.executable, "-m", "benchmarks.reloading", "--tool", name]
        done = subprocess.run(command, cwd=TOP, capture_output=True, text=True, check=False)
        if done.returncode:
            last = done.stderr.strip().splitlines()[-1:]
            print(f"{name}: {''.join(last)}", file=sys.stderr)
        else:
            columns[name] = json.loads(done.stdout.splitlines()[-1])
    print("| question | " + " | ".join(columns) + " |")
    print("|---" * (len(columns) + 1) + "|")
    for row, question in enumerate(QUESTIONS):
        print("| " + " | ".join([question.name, *(each[row] for each in columns.values())]) + " |")
    sums = [f"{each.count('yes')} of {len(QUESTIONS)}" for each in columns.values()]
    print("| **yes** | " + " | ".join(sums) + " |")


if __name__ == "__main__":
    main()
