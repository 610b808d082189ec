"""STATE - the states of a persistent object and what can be seen in each of them."""

from typing import Any, Dict, Tuple

from conformance.clauses.cases import cases, rows
from conformance.clauses.expect import (
    cache_looks,
    calls,
    equal,
    gives,
    looks,
    named_in,
    raises,
    succeeds,
    true,
)
from conformance.clauses.registry import BOTH, CONTESTED, MUST, SHOULD, check, clause
from fixtures.implementation import Implementation
from fixtures.operations.table import step
from fixtures.samples.origins import ABSTRACT
from fixtures.states import CHANGED, GHOST, STATUS, STICKY, UPTODATE, ghost_of, given
from fixtures.values import Ref, ref
from fixtures.world import ObjectState, World

JAR = Ref("jar", "jar")
NO_SERIAL = b"\0" * 8

_SAMPLES = ("Slotted", "Mixed", "NewSlotted", "NewArguments", "SetAttr", "Bare")

clause(
    "STATE-01",
    MUST,
    "A new object whose class derives from Persistent is unsaved: _p_jar is None, _p_oid is None, "
    "_p_changed is False (not None), _p_state is UPTODATE.",
    "I:IPersistent/Unsaved; D1.3",
)


@check("STATE-01")
@check("STATE-01", each=cases(sample=_SAMPLES))
def a_new_object_is_unsaved(world: World, sample: str = "Plain") -> None:
    world.do("create", "a", sample)
    looks(world, "a", jar=None, oid=None, changed=False, state=UPTODATE)


clause(
    "STATE-02",
    MUST,
    "A saved object has _p_changed False (not None) and _p_jar set.",
    "I:IPersistent/Saved",
)

_SAVED = {
    "activated": [step("ghost", "a"), step("activate", "a")],
    "read": [step("ghost", "a"), step("get", "a", "x")],
    "committed": [step("create", "a", "Plain", {"x": 1}), step("add", "a"), step("commit")],
    "committed again": [step("ghost", "a"), step("set", "a", "x", 1), step("commit")],
}


@check("STATE-02", each=cases(how=_SAVED), caches=BOTH)
def a_saved_object_has_a_jar_and_is_not_changed(world: World, how: str) -> None:
    for made in _SAVED[how]:
        succeeds(world.apply(made))
    looks(world, "a", changed=False, jar=JAR)


clause(
    "STATE-03",
    MUST,
    "A changed object has _p_changed true and _p_jar set; its _p_state is CHANGED.",
    "I:IPersistent/Changed; D1.4",
)


clause(
    "STATE-06",
    MUST,
    "A sticky object reads like a saved one (_p_changed False, _p_jar set), but deactivation does "
    "not make it a ghost.",
    "I:IPersistent/Sticky",
)


clause(
    "STATE-07",
    MUST,
    "_p_state is always one of GHOST (-1), UPTODATE (0), CHANGED (1) and STICKY (2).",
    "I:_p_state; H constants",
)


def _is_a_state(seen: ObjectState, when: str) -> None:
    true(type(seen.state) is int, f"_p_state {when} is an integer")
    true(seen.state in (GHOST, UPTODATE, CHANGED, STICKY), f"_p_state {when} is one of the four")


@check("STATE-07", each=cases(state=STATUS))
def the_state_is_one_of_four(world: World, state: str) -> None:
    given(world, state)
    _is_a_state(world.object("a"), "at first")
    for made in _WALK:
        seen = world.apply(made)
        _is_a_state(world.object("a"), f"after {made['op']}")
        for event in seen.events:
            true(event.state in (GHOST, UPTODATE, CHANGED, STICKY), f"_p_state in {event.call}")


_WALK = (
    step("get", "a", "x"),
    step("set", "a", "x", 2),
    step("deactivate", "a"),
    step("set", "a", "_p_changed", None),
    step("set", "a", "_p_changed", False),
    step("deactivate", "a"),
    step("set", "a", "_p_changed", True),
    step("invalidate", "a"),
    step("delete", "a", "x"),
    step("delete", "a", "_p_changed"),
    step("activate", "a"),
)

clause(
    "STATE-08",
    SHOULD,
    "_p_state is read-only.",
    "N (I:_p_mtime says that it is read-only, I:_p_state does not)",
)


clause(
    "STATE-09",
    MUST,
    "States are exclusive: an object is never CHANGED and STICKY at once, and _p_changed agrees "
    "with _p_state: None with GHOST, True with CHANGED, False with UPTODATE and STICKY.",
    "I:IPersistent (list of the states); H single state field",
)


def _agrees(seen: ObjectState, when: str) -> None:
    expected = {GHOST: None, CHANGED: True}.get(seen.state, False)
    equal(seen.changed, expected, f"_p_changed {when}, _p_state being {seen.state}")
    if seen.sticky is not None:
        equal(seen.sticky, seen.state == STICKY, f"_p_sticky {when}, _p_state being {seen.state}")


@check("STATE-09", each=cases(state=STATUS))
def the_change_mark_agrees_with_the_state(world: World, state: str) -> None:
    given(world, state)
    _agrees(world.object("a"), "at first")
    for made in _WALK:
        world.apply(made)
        _agrees(world.object("a"), f"after {made['op']}")


@check(
    "STATE-09",
    needs=("sticky",),
    each={
        "changed, then sticky": {"state": "changed", "then": step("make_sticky", "a", True)},
        "changed, then not sticky": {"state": "changed", "then": step("make_sticky", "a", False)},
        "sticky, then written": {"state": "sticky", "then": step("set", "a", "x", 2)},
        "sticky, then marked": {"state": "sticky", "then": step("set", "a", "_p_changed", True)},
        "sticky, then unmarked": {"state": "sticky", "then": step("set", "a", "_p_changed", 0)},
        "sticky, then deactivated": {"state": "sticky", "then": step("deactivate", "a")},
        "sticky, then invalidated": {"state": "sticky", "then": step("invalidate", "a")},
    },
)
def changed_and_sticky_exclude_each_other(world: World, state: str, then: Dict[str, Any]) -> None:
    given(world, state)
    world.apply(then)
    _agrees(world.object("a"), "afterwards")


clause(
    "STATE-11",
    SHOULD,
    "There is an added state, in which oid and jar are set and nothing is stored yet: _p_changed "
    "is False, the serial is eight NULs, and the object is not in the ring.",
    "G:object life cycle/Added",
)


@check("STATE-11")
@check("STATE-11", needs=("cache",), each={"seen in the cache": {"cached": True}})
def an_added_object_is_not_changed_and_has_no_serial(world: World, cached: bool = False) -> None:
    given(world, "added")
    looks(
        world,
        "a",
        jar=JAR,
        oid=world.oid("a"),
        changed=False,
        state=UPTODATE,
        serial=NO_SERIAL,
        dict={"x": 1},
    )
    if cached:
        cache_looks(world, ring=(), non_ghost_count=0)


clause(
    "STATE-12",
    MUST,
    "_p_oid is set when _p_jar first gets set.",
    "I:IPersistent (after the list of the states)",
)


@check("STATE-12", each=cases(state=("added", "ghost")), caches=BOTH)
def oid_and_jar_come_together(world: World, state: str) -> None:
    given(world, state)
    looks(world, "a", jar=JAR, oid=world.oid("a"))


@check("STATE-12")
def a_commit_gives_both_to_an_object_that_it_reaches(world: World) -> None:
    given(world, "saved")
    given(world, "unsaved", "b")
    world.do("set", "a", "x", ref("b"))
    looks(world, "b", jar=None, oid=None)
    world.do("commit")
    looks(world, "b", jar=JAR, oid=world.oid("b"))


clause(
    "STATE-13",
    CONTESTED,
    "There is no way from Python to see that an object is sticky.",
    "I:IPersistent/Sticky",
    decision="The two shipped implementations have the debug attributes _p_sticky and _p_status. "
    "Where an implementation has them, they tell; where not, it lacks the capability.",
)


@check("STATE-13", needs=("sticky",), each=cases(state=STATUS))
def sticky_can_be_seen_where_there_is_a_debug_attribute(world: World, state: str) -> None:
    given(world, state)
    gives(world.do("get", "a", "_p_sticky"), state == "sticky")


clause(
    "STATE-14",
    SHOULD,
    "_p_status, for debugging, names the state: unsaved, ghost, saved, changed or sticky; it is "
    "unsaved exactly while there is no jar.",
    "source comment (for debugging and tests, not part of the API)",
)

_NAMED = {
    "oid, no jar": ([step("create", "a"), step("set", "a", "_p_oid", b"a")], "unsaved"),
    "jar, no oid": ([step("create", "a"), step("set", "a", "_p_jar", JAR)], "saved"),
    "jar taken away": (
        [step("create", "a"), step("add", "a"), step("delete", "a", "_p_jar")],
        "unsaved",
    ),
    "jar set to None": (
        [step("create", "a"), step("add", "a"), step("set", "a", "_p_jar", None)],
        "unsaved",
    ),
    "unsaved and written": ([step("create", "a"), step("set", "a", "x", 1)], "unsaved"),
    "unsaved and marked": ([step("create", "a"), step("set", "a", "_p_changed", 1)], "unsaved"),
    "added and written": (
        [step("create", "a"), step("add", "a"), step("set", "a", "x", 1)],
        "changed",
    ),
}


@check("STATE-14", needs=("status",), each=cases(how=_NAMED))
def the_status_says_unsaved_while_there_is_no_jar(world: World, how: str) -> None:
    steps, expected = _NAMED[how]
    for made in steps:
        succeeds(world.apply(made))
    looks(world, "a", status=expected)


clause(
    "STATE-15",
    SHOULD,
    "GHOST, UPTODATE, CHANGED and STICKY can be imported from the module of the interfaces and "
    "from the package; their values are -1, 0, 1 and 2.",
    "D1.3 (example); H constants; I:_p_state",
)

_CONSTANTS = {"GHOST": -1, "UPTODATE": 0, "CHANGED": 1, "STICKY": 2}


@check(
    "STATE-15",
    needs=("interfaces", "package"),
    because="it is about names in modules, not about an object",
    each={
        f"{name} of {module}": {"name": name, "module": module}
        for name in _CONSTANTS
        for module in ("interfaces", "package")
    },
)
def the_states_have_names(implementation: Implementation, name: str, module: str) -> None:
    found = named_in(getattr(implementation, module), name, *_CONSTANTS)
    equal(found, _CONSTANTS[name], f"{name} of the {module}")


clause(
    "STATE-18",
    CONTESTED,
    "Objects are made as Python makes them: an abstract class raises TypeError, and so does one "
    "with another base class behind Persistent whose __new__ wants an argument that it does not "
    "get.",
    "the data model of Python (object.__new__)",
    decision="The C implementation allocates the object itself, and so makes both; the pure-Python "
    "one passes the creation on to the next class, as Python says, and so does the reference.",
)


@check("STATE-18", each=cases(sample=("Abstract", "Wanting", *ABSTRACT)))
def what_cannot_be_made_is_not_made(world: World, sample: str) -> None:
    raises(world.attempt("create", "a", sample), "TypeError")
    raises(world.attempt("make_without_init", "a", sample), "TypeError")


_NEW = ("__new__ value",)


@check(
    "STATE-18",
    each=rows(
        {
            "own": ("Tells__new__", _NEW),
            "before": ("BeforeTells__new__", _NEW),
            "after": ("AfterTells__new__", _NEW),
            "around": ("AroundTells__new__", _NEW),
        },
        "sample",
        "called",
    ),
)
def each_new_on_the_way_is_called_once(world: World, sample: str, called: Tuple[str, ...]) -> None:
    calls(world.do("create", "a", sample), *called)
    looks(world, "a", state=UPTODATE, jar=None)


@check("STATE-18", each=cases(place=("", "Before", "After", "Around")))
def what_a_new_raises_arrives(world: World, place: str) -> None:
    raises(world.attempt("create", "a", place + "Raises__new__"), "ValueError")


clause(
    "STATE-19",
    MUST,
    "What a class is called makes no difference: one with the name of the base class, and slots "
    "with private names, has states and data as any other.",
    "the language reference of Python (private name mangling)",
)


@check("STATE-19", each=cases(sample=("CalledLikeBase", "CalledLikeBaseSlotted")))
def a_class_called_like_its_base_goes_through_its_life(world: World, sample: str) -> None:
    world.do("ghost", "a", sample, (None, {}))
    ghost = world.object("a")
    equal(ghost.state, GHOST, "_p_state")
    world.do("activate", "a")
    prefix = "_{}__".format(world.implementation.persistent.__name__.lstrip("_"))
    for name in ("jar", "oid", "serial", "flags", "size", "ring"):
        world.do("set", "a", prefix + name, [name])
    looks(world, "a", state=CHANGED, jar=ghost.jar, oid=ghost.oid)
    for name in ("jar", "oid", "serial", "flags", "size", "ring"):
        gives(world.do("get", "a", prefix + name), [name])
    world.do("invalidate", "a")
    looks(world, "a", ghost_of(world.object("a")), jar=ghost.jar, oid=ghost.oid)


clause(
    "STATE-20",
    MUST,
    "The base class itself can be instantiated: its objects, which hold no data, are unsaved, get "
    "a jar and an oid, and are made ghosts and loaded as any other.",
    "I:IPersistent; D1.3",
)


@check("STATE-20")
def an_object_of_the_base_class_goes_through_its_life(world: World) -> None:
    world.do("create", "a", "Itself")
    looks(world, "a", state=UPTODATE, jar=None, oid=None)
    given(world, "ghost", "b", "Itself", (None, {}))
    calls(world.do("activate", "b"), "setstate b")
    looks(world, "b", state=UPTODATE, jar=Ref("jar", "jar"))
    calls(world.do("set", "b", "_p_changed", True), "register b")
    world.do("invalidate", "b")
    looks(world, "b", state=GHOST)
