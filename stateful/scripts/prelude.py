"""What stand-alone scripts need around their steps: they get the parts of this that they use.

Nothing here knows of our packages. The names that are declared first are defined by a script.
"""

import builtins
import gc
import importlib
import os
import re
import signal
import subprocess
import sys
import weakref
from typing import Any

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
watched: dict[str, Any] = {}
differs: list[str] = []
steps: list[str] = []
ATTRIBUTES = ("state", "changed", "status", "sticky", "jar", "oid", "serial", "estimated_size")


def part(*places: str) -> Any:
    """The first of these that can be imported: ``module:name``."""
    for place in places:
        module, _, name = place.partition(":")
        try:
            return getattr(importlib.import_module(module), name)
        except (ImportError, AttributeError):
            continue
    raise ImportError("none of " + ", ".join(places))


class LoadError(KeyError):
    """What a planned failure raises."""


def oid(name: str) -> bytes:
    """The oid of the object called ``name``."""
    return name.encode("ascii").rjust(8, b"\0")


def name_of(obj: Any) -> str:
    """The name of a persistent object here, or what its oid says."""
    for name in NAMES:
        if HERE.get(name, HERE) is obj:
            return name
    found = object.__getattribute__(obj, "_p_oid")
    if isinstance(found, bytes):
        return found.lstrip(b"\0").decode("ascii", "replace") or "root"
    return "?"


def words(value: Any) -> str:
    """A value by the role that it plays here, in words."""
    kind = type(value)
    if kind is dict:
        return "{" + ", ".join(sorted(words(k) + ": " + words(v) for k, v in value.items())) + "}"
    if kind in (set, frozenset):
        return kind.__name__ + "(" + ", ".join(sorted(map(words, value))) + ")"
    if kind is list:
        return "[" + ", ".join(map(words, value)) + "]"
    if kind is tuple:
        return "(" + ", ".join(map(words, value)) + (",)" if len(value) == 1 else ")")
    if isinstance(value, str):
        return repr(re.sub(r"at 0x[0-9a-fA-F]+|__main__", "...", value))
    if value is None or isinstance(value, (bool, int, float, bytes)):
        return repr(value)
    for name, manager in JARS.items():
        if value is manager:
            return "<jar " + name + ">"
        if value is getattr(manager, "_cache", manager):
            return "<cache " + name + ">"
    for name, cls in PARTS.items():
        if value is cls or (kind is cls and not isinstance(value, Persistent)):
            return "<" + name + ">"
    if isinstance(value, type):
        named = any(HERE.get(name) is value for name in NAMES)
        return ("<object " if named else "<class ") + value.__name__ + ">"
    if isinstance(value, Persistent):
        return "<object " + name_of(value) + ">"
    return "<" + kind.__name__ + ">"


def heard(call: str, obj: Any, *arguments: Any) -> None:
    """Note a call that the implementation made; do what is planned for it."""
    name = name_of(obj)
    state = object.__getattribute__(obj, "_p_state")
    note(call, name, arguments, " in state " + str(state) if state is not None else "")
    planned = plans.get((call, name))
    if planned is None:
        return
    planned[0] -= 1
    if planned[0] <= 0:
        del plans[call, name]
    del obj
    for operation, function in planned[1]:
        note("nested " + operation, name, (outcome_of(function)[1],), "")
    if planned[2] is not None:
        raise planned[2]("planned by the world")


def note(call: str, name: str, arguments: Any, more: str) -> None:
    """Add to the calls of the step."""
    given = " " + re.sub(r"at 0x[0-9a-fA-F]+|__main__", "...", repr(arguments)) if arguments else ""
    calls.append(call + " " + name + given + more)


def plan(call: str, name: str, then: Any, error: Any, times: int) -> None:
    """Inside the next calls of ``call`` for an object, perform ``then``, and raise ``error``."""
    plans[call, name] = [times, then, error]


def outcome_of(function: Any) -> Any:
    """Call ``function``: what it did, in words; and the same shorter."""
    try:
        found = words(function())
        return "returns " + found, found
    except BaseException as error:
        found = error_name(error)
        return "raises " + found, found


def error_name(error: Any) -> str:
    """The name of the class of ``error``, which keeps nothing alive any more."""
    one = error
    while one is not None:
        one.__traceback__ = None
        one = one.__context__
    # A name that is gone is a key that is missing.
    return "KeyError" if isinstance(error, NameError) else type(error).__name__


def performed(then: Any) -> list[str]:
    """Perform ``then`` with sys.unraisablehook listening; the errors that came out."""
    lost: list[str] = []
    raised = []
    before = sys.unraisablehook
    sys.unraisablehook = lambda about: lost.append(about.exc_type.__name__)
    try:
        for _, function in then:
            did, name = outcome_of(function)
            if did.startswith("raises "):
                raised.append(name)
    finally:
        sys.unraisablehook = before
    return raised + lost


def look() -> dict[str, str]:
    """All that can be seen here: "name.what" -> words."""
    found: dict[str, str] = {}

    def show(key: str, read: Any) -> None:
        try:
            found[key] = words(read())
        except AttributeError:
            found[key] = "<missing>"
        except Exception as error:
            found[key] = "something that cannot be shown"
            found["unseen"] = "raises " + type(error).__name__

    for name in NAMES:
        if name not in HERE:
            continue
        obj = HERE[name]
        if isinstance(obj, type):
            found[name + ".class"] = words(type(obj))
            for attribute in ("_p_oid", "_p_jar", "_p_state"):
                show(name + "." + attribute, lambda: getattr(obj, attribute))  # noqa: B023
            continue
        for attribute in ATTRIBUTES:
            if attribute not in ("status", "sticky") or hasattr(Persistent, "_p_" + attribute):
                field = "size" if attribute == "estimated_size" else attribute
                show(
                    name + "." + field,
                    lambda: object.__getattribute__(obj, "_p_" + attribute),  # noqa: B023
                )
        show(name + ".dict", lambda: dict_of(obj))  # noqa: B023
        for slot, descriptor in slots_of(type(obj)):
            show(name + ".slot " + slot, lambda: descriptor.__get__(obj, type(obj)))  # noqa: B023
    for name, manager in JARS.items():
        cache = getattr(manager, "_cache", None)
        if cache is None:
            continue
        start = name + "._cache."
        found[start + "length"] = words(len(cache))
        found[start + "non_ghost_count"] = words(cache.cache_non_ghost_count)
        found[start + "ringlen"] = words(cache.ringlen())
        found[start + "class_count"] = words(cache.cache_klass_count)
        if hasattr(cache, "total_estimated_size"):
            found[start + "estimated_size"] = words(cache.total_estimated_size)
        try:
            found[start + "ring"] = words([key for key, _ in cache.lru_items()])
        except ValueError:
            found[start + "ring"] = "None"
    references = sorted(name for name in REFERENCES if name in HERE)
    if references:
        found["references"] = words(references)
    return found


def slots_of(cls: type) -> list[Any]:
    """The slots of the classes of this script, with their descriptors."""
    found = []
    for klass in reversed(cls.__mro__):
        if klass.__module__ != __name__:
            continue
        declared = klass.__dict__.get("__slots__", ())
        for slot in (declared,) if isinstance(declared, str) else declared:
            if slot.startswith("__") and not slot.endswith("__"):
                slot = "_" + klass.__name__.lstrip("_") + slot
            found.append((slot, klass.__dict__[slot]))
    return found


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
        print(f"{len(steps)}. {self.about}")
        print("     expected  " + self.expected)
        sys.stdout.flush()
        del calls[:]
        HERE["_did"] = "returns None"

    def __exit__(self, kind: Any, error: Any, traceback: Any) -> bool:
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
    HERE["_did"] = "returns " + words(value)


def differences() -> list[str]:
    """What can be seen that is not as expected."""
    seen = look()
    found = []
    for key in sorted(set(EXPECTED) | set(seen)):
        optional = key.endswith((".status", ".sticky", ".estimated_size"))
        if optional and (key not in seen or key not in EXPECTED):
            continue
        if EXPECTED.get(key) != seen.get(key):
            expected, got = EXPECTED.get(key, "nothing"), seen.get(key, "nothing")
            found.append(f"{key}: expected {expected}, got {got}")
    return found


def end() -> None:
    """Say what came of it, and end: with 1 if anything differs."""
    print()
    print("\n".join(["IT DIFFERS", *differs]) if differs else "IT DOES NOT DIFFER")
    sys.stdout.flush()
    # Whatever is broken by now must not change the exit code.
    os._exit((20 if "--child" in sys.argv else 0) + bool(differs))


def ghost(cls: Any, key: bytes, state: Any, manager: Any) -> Any:
    """A ghost of ``cls`` whose stored state is ``state``."""
    made = cls.__new__(cls)
    manager.store(key, state)
    manager.classes[key] = cls
    if hasattr(manager, "_cache"):
        manager._cache.new_ghost(key, made)
    else:
        made._p_oid = key
        made._p_jar = manager
        Persistent._p_deactivate(made)
    return made


def unsaved(cls: Any, state: Any) -> Any:
    """An unsaved object of ``cls`` with this state."""
    made = cls()
    made.__setstate__(state)
    return made


def watch(name: str) -> None:
    """Refer weakly to the object called ``name``."""
    watched[name] = weakref.ref(HERE[name])


def is_alive(name: str) -> Any:
    """Whether what was watched as ``name`` still exists."""
    return None if name not in watched else watched[name]() is not None


def class_of(value: Any) -> Any:
    """The class of a collection in words."""
    for name, cls in PARTS.items():
        if name in ("mapping", "list") and type(value) is cls:
            return name
    cls = type(value)
    return cls.__name__ if isinstance(value, Persistent) else cls.__module__ + "." + cls.__name__


def fetch(name: str, manager: Any) -> bool:
    """Name again what a cache holds."""
    found = manager._cache.get(oid(name))
    if found is not None:
        HERE[name] = found
    return found is not None


def dict_of(obj: Any) -> Any:
    """The instance dict without activation; None if there is none."""
    try:
        return object.__getattribute__(obj, "__dict__")
    except AttributeError:
        return None


def uninterned(state: Any) -> Any:
    """``state`` with new strings as keys, as what is read from a file."""
    if type(state) is dict:
        return {"".join(list(k)) if type(k) is str else k: v for k, v in state.items()}
    if type(state) is tuple:
        return tuple(map(uninterned, state))
    return state


def formed(state: Any, make: Any) -> Any:
    """``state`` with the dict in it as another kind of mapping."""
    return (make(state[0]), *state[1:]) if isinstance(state, tuple) else make(state)


class _OwnDict(dict):  # type: ignore[type-arg]
    """A subclass of dict."""


def interned_keys(obj: Any) -> Any:
    """Which keys of the instance dict are interned."""
    keys = [key for key in dict_of(obj) or () if type(key) is str]
    return {key: sys.intern("".join(list(key))) is key for key in keys}


def reduced(found: Any) -> Any:
    """What __reduce__ returned, with the name of the callable in its place."""
    return (found[0].__module__ + "." + found[0].__qualname__, *found[1:])


def failing(items: Any) -> Any:
    """Yield ``items``, and raise then."""
    yield from items
    raise ValueError("planned by the operation")


class _Unshowable:
    """A thing that cannot be shown."""

    def __init__(self, error: str) -> None:
        self.error = error

    def __repr__(self) -> str:
        raise getattr(builtins, self.error)("planned by the world")


class _UnshowableOid(bytes):
    """Bytes that cannot be shown by their repr."""

    def __repr__(self) -> str:
        raise ValueError("planned by the world")


def hook_of_class(cls: Any) -> None:
    """Tell that the _p_invalidate of a class was called."""
    heard("_p_invalidate", cls)


def shown_by(made: Any) -> Any:
    """All that a time stamp shows."""
    return {
        "raw": made.raw(),
        "fields": (made.year(), made.month(), made.day(), made.hour(), made.minute()),
        "second": made.second(),
        "str": str(made),
        "repr": repr(made),
        "hash": hash(made),
    }


def loaded_reference(cls: Any, key: bytes, manager: Any) -> Any:
    """A weak reference as ZODB fills in what it finds in a record."""
    made = cls.__new__(cls)
    made.oid = key
    made.dm = manager
    made.database_name = manager.db().database_name
    return made


def recorded_by(reference: Any) -> Any:
    """What a weak reference records."""
    found = {"oid": reference.oid, "dm": reference.dm}
    if hasattr(reference, "database_name"):
        found["database_name"] = reference.database_name
    return found


def weak_state(obj: Any, weak: Any) -> Any:
    """The state of a dictionary with weak keys."""
    state = dict(obj.__getstate__())
    pairs = state.pop("data")
    shown = []
    for pair in pairs:
        key, value = pair
        kind = "weak" if type(key) is weak else "other"
        shown.append((type(pair).__name__, kind, key(), value))
    state["data"] = (type(pairs).__name__, shown)
    return state


def oid_of(item: Any) -> Any:
    """The first part of an item of a listing."""
    return item[0]


def oid_for(obj: Any) -> bytes:
    """The oid for an unsaved object that a commit reaches."""
    return oid(name_of(obj))


def length_and_first(found: Any) -> Any:
    """The length and the first item of a listing."""
    return len(found), found[0]


def write_into(state: Any, key: str, value: Any) -> None:
    """Write into the dict of a state."""
    (state[0] if isinstance(state, tuple) else state)[key] = value


def set_and_write(obj: Any, state: Any, key: str, value: Any) -> None:
    """Set a state, and write into it afterwards."""
    given = uninterned(state)
    obj.__setstate__(given)
    given[key] = value


def later_than(asked: Any, other: Any) -> Any:
    """A time stamp later than ``other``, and whether it is the one that was asked."""
    found = asked.laterThan(other)
    return found.raw(), found is asked


def fresh(value: Any) -> Any:
    """A copy of the built-in containers in ``value``, all the way down."""
    if type(value) in (list, tuple, set):
        return type(value)(fresh(item) for item in value)
    if type(value) is dict:
        return {key: fresh(item) for key, item in value.items()}
    return value


def watched_from_outside(seconds: float) -> None:
    """Go on in a child process: it may be killed, hang, or end by itself, which differs too."""
    if "--child" in sys.argv:
        return
    try:
        # Memory that was freed is overwritten: whoever uses it all the same ends the process.
        chosen = {"PYTHONMALLOC": "debug", **os.environ}
        command = [sys.executable, *sys.argv, "--child"]
        code = subprocess.run(command, timeout=seconds, env=chosen).returncode
        how = f"ended by itself with exit code {code}"
        if code < 0:
            how = "was killed by " + signal.Signals(-code).name
    except subprocess.TimeoutExpired:
        code = None
        how = f"did not answer within {seconds:g} seconds"
    if code not in (3, 20, 21):
        print("\n\nIT DIFFERS\nthe process " + how)
        code = 1
    sys.exit(code if code in (1, 3) else code - 20)
