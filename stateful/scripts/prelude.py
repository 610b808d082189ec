"""What stand-alone scripts need around their steps: they get the parts of this that they use.

Helpers of operations come from `fixtures` instead (see `stateful.scripts.inlining`). The names that
are declared first are defined by a script.
"""

import gc
import importlib
import os
import signal
import subprocess
import sys
import types
from typing import Any

from fixtures.errors import let_go
from fixtures.helpers import carry_out
from fixtures.roles import call_words, in_words, name_of, oid, role
from fixtures.seen import left_out, offered, seen
from fixtures.values.hostile import VALUE, act, hostile_value

#: Defined by each script: its classes, jars, the names of its objects, and of its references.
Persistent: Any = None
PARTS: dict[str, Any] = {}
JARS: dict[str, Any] = {}
NAMES: list[str] = []
REFERENCES: list[str] = []
HERE: dict[str, Any] = globals()

EXPECTED: dict[str, str] = {}
calls: list[str] = []
plans: dict[Any, Any] = {}
watches: dict[str, Any] = {}
differs: list[str] = []
steps: list[str] = []
#: Slots are looked at of the classes of a script.
SAMPLES = "__main__"


def part(*places: str) -> Any:
    """The first of these that can be imported: ``module:name``."""
    for place in places:
        module, _, name = place.partition(":")
        try:
            return getattr(importlib.import_module(module), name)
        except (ImportError, AttributeError):
            continue
    raise ImportError("none of " + ", ".join(places))


def here() -> Any:
    """What is asked of a world: the objects, references, jars and parts here by their names."""
    objects, references = (
        {name: HERE[name] for name in names if name in HERE} for names in (NAMES, REFERENCES)
    )
    return types.SimpleNamespace(objects=objects, references=references, jars=JARS, parts=PARTS)


def words(value: Any) -> str:
    """A value by the role that it plays here, in words."""
    return in_words(role(here(), value))


def oid_for(obj: Any) -> bytes:
    """The oid for an unsaved object that a commit reaches."""
    return oid(name_of(obj, here().objects))


def heard(call: str, obj: Any, *arguments: Any) -> None:
    """Note a call that the implementation made; do what is planned for it."""
    HERE["_armed"] = False
    lost = call == "__del__" and object.__getattribute__(obj, "_p_jar") not in JARS.values()
    if not lost:
        name = name_of(obj, here().objects)
        note(call, name, object.__getattribute__(obj, "_p_state"), arguments)
    HERE["_armed"] = True
    del obj
    if not lost:
        carry_out(call, name, plans, note)


def note(*call: Any) -> None:
    """Add to the calls of the step."""
    calls.append(call_words(*call))


def called(call: str, name: str) -> None:
    """Note a call of something that is no persistent object; do what is planned for it."""
    note(call, name, None, ())
    carry_out(call, name, plans, note)


def performing(instance: Any) -> bool:
    """Whether a step is performed."""
    return bool(HERE.get("_armed"))


def told(call: str, cls: type) -> None:
    """Note a call of something of a class itself; do what is planned for it."""
    called(call, VALUE)


class Scene:
    """What hostile values ask for: whether a step is performed, and what there is then."""

    acts = False

    @property
    def armed(self) -> bool:
        """Whether a step is performed."""
        return performing(self)

    @property
    def jars(self) -> Any:
        """The data managers by their names."""
        return JARS

    def called(self, call: str, name: str) -> None:
        """Note a call of a value; do what is planned for it."""
        called(call, name)

    def drop_all(self) -> None:
        """Give up all references to objects."""
        for name in NAMES:
            HERE.pop(name, None)


SCENE = Scene()


def sweep(cls: type) -> None:
    """Sweep all caches: what code of a class may do."""
    act(SCENE, "minimizes")


def hostile(name: str) -> Any:
    """The hostile value with this name."""
    return hostile_value(name, SCENE)


class nested:  # noqa: N801 - reads as a statement
    """A step inside another one: called, it tells the name of its error, and what came of it."""

    def __init__(self, operation: str, function: Any) -> None:
        self.operation = operation
        self.function = function

    def __call__(self) -> Any:
        """Perform it."""
        try:
            value = self.function()
            HERE["_armed"] = False
            value = words(value)
            HERE["_armed"] = True
            return None, value
        except BaseException as error:
            name = error_name(error)
            return name, name


def error_name(error: Any) -> str:
    """The name of the class of ``error``, which keeps nothing alive any more."""
    let_go(error)
    # A name that is gone is a key that is missing.
    return "KeyError" if isinstance(error, NameError) else type(error).__name__


class step:  # noqa: N801 - reads as a statement
    """One step: what is done, what the reference does there, and what changes by it.

    If ``passes``, it is known that something else is returned, and that nothing comes of it.
    """

    def __init__(
        self,
        about: str,
        expected: str = "returns None",
        calls: Any = (),
        changes: Any = (),
        passes: bool = False,
    ) -> None:
        self.about = about
        self.expected = "; ".join([expected, *calls])
        self.passes = passes
        for key, value in dict(changes).items():
            if value is None:
                del EXPECTED[key]
            else:
                EXPECTED[key] = value

    def __enter__(self) -> None:
        steps.append(self.about)
        print(f"{len(steps)}. {self.about}\n     expected  {self.expected}", flush=True)
        del calls[:]
        HERE["_did"] = "returns None"
        HERE["_armed"] = True

    def __exit__(self, kind: Any, error: Any, traceback: Any) -> bool:
        HERE["_armed"] = False
        if error is not None:
            HERE["_did"] = "raises " + error_name(error)
        del error, traceback
        actual = "; ".join([HERE["_did"], *calls])
        print("     actual    " + actual)
        if actual != self.expected and not self.passes:
            differs.append(f"step {len(steps)}: expected {self.expected}, got {actual}")
        if differences():
            # An object may be freed at once in one implementation, and later in another.
            gc.collect()
        for difference in differences():
            differs.append(f"step {len(steps)}: {difference}")
            print("     DIFFERS   " + difference)
        sys.stdout.flush()
        if differs:
            end()
        return True


def returned(value: Any) -> None:
    """Note what the step returned."""
    HERE["_armed"] = False
    HERE["_did"] = "returns " + words(value)


def differences() -> list[str]:
    """What can be seen that is not as expected."""
    shown = seen(here(), left_out(offered(Persistent, PARTS.get("cache"))))
    found = []
    for key in sorted(set(EXPECTED) | set(shown)):
        if key.rpartition(".")[2] in left_out(()) and (key not in shown or key not in EXPECTED):
            continue
        if EXPECTED.get(key) != shown.get(key):
            expected, got = EXPECTED.get(key, "nothing"), shown.get(key, "nothing")
            found.append(f"{key}: expected {expected}, got {got}")
    return found


def end() -> None:
    """Say what came of it, and end: with 1 if anything differs."""
    print("\n".join(["", "IT DIFFERS", *differs] if differs else ["", "IT DOES NOT DIFFER"]))
    sys.stdout.flush()
    # Whatever is broken by now must not change the exit code.
    os._exit((20 if "--child" in sys.argv else 0) + bool(differs))


def ran_and_waited(pid: int) -> tuple[float, float]:
    """The seconds for which a process ran, and for which it could and did not (Linux tells)."""
    try:
        with open(f"/proc/{pid}/schedstat") as file:  # noqa: PTH123 - one import less in scripts
            ran, waited, _ = file.read().split()
    except OSError:
        return 0.0, 0.0
    return int(ran) / 1e9, int(waited) / 1e9


def watched_from_outside(seconds: float) -> None:
    """Go on in a child process: it may be killed, hang, or end by itself, which differs too.

    It hangs if it runs for so many seconds, or sleeps for twice as many.
    """
    if "--child" in sys.argv:
        return
    # Memory that was freed is overwritten: whoever uses it all the same ends the process.
    chosen = {"PYTHONMALLOC": "debug", **os.environ}
    process = subprocess.Popen([sys.executable, *sys.argv, "--child"], env=chosen)
    ran = waited = asleep = 0.0
    while ran < seconds and asleep < 2 * seconds:
        try:
            process.wait(0.25)
            break
        except subprocess.TimeoutExpired:
            before = ran + waited
            # The time in which it could run, and others ran instead, is not held against it.
            ran, waited = ran_and_waited(process.pid)
            asleep = max(0.0, asleep + 0.25 - (ran + waited - before))
    code = process.poll()
    process.kill()
    if code is None:
        how = "did not answer"
    elif code < 0:
        how = "was killed by " + signal.Signals(-code).name
    else:
        how = f"ended by itself with exit code {code}"
    if code not in (3, 20, 21):
        print("\n\nIT DIFFERS\nthe process " + how)
        code = 1
    sys.exit(code if code in (1, 3) else code - 20)
