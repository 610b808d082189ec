"""ATTR - writing and deleting attributes: what is loaded, marked, registered and stored."""

from typing import Any

from conformance.clauses.cases import NO_CACHE, Cases, cases, crossed, uncached
from conformance.clauses.expect import calls, equal, looks
from conformance.clauses.registry import BOTH, CONTESTED, MUST, SHOULD, check, clause
from fixtures.states import CHANGED, UPTODATE, given
from fixtures.values import Ref
from fixtures.world import World

clause(
    "ATTR-09",
    MUST,
    "Writing an attribute of a ghost loads it, then marks it changed and registers it; the value "
    "that was written stands, not the one that was loaded.",
    "I:IPersistent.__setattr__; I:IPersistent (Ghost -> Changed)",
)


@check(
    "ATTR-09", each=cases(name=("z", "_", "_p", "_v", "__p_x", "p_", "v_", "_p-x", "_vx", "__x__"))
)
@check("ATTR-09", world=NO_CACHE, each=uncached(cases(name=("z", "_p", "_v"))))
def a_write_of_any_ordinary_name_registers(world: World, name: str) -> None:
    given(world, "ghost")
    calls(world.do("set", "a", name, 9), "setstate a", "register a")
    looks(world, "a", dict={"x": 1, name: 9}, state=CHANGED)
    world.do("set", "a", "_p_changed", False)
    calls(world.do("delete", "a", name), "register a")
    looks(world, "a", dict={"x": 1})


clause(
    "ATTR-10",
    MUST,
    "Writing a value that equals the present one marks the object changed, too.",
    'I:IPersistent ("when someone sets an attribute"); zodb-dev msg05483',
)


clause(
    "ATTR-11",
    MUST,
    "Writing a _v_ attribute never marks the object changed and never registers it.",
    "D1.6",
)


clause(
    "ATTR-12",
    MUST,
    "Writing a _v_ attribute of a ghost loads it, so that the value lives until the object is a "
    "ghost again.",
    "I:IPersistent.__setattr__ (only special and _p_ names need no activation)",
)


clause(
    "ATTR-13",
    SHOULD,
    "Writing a _v_ attribute records the access: the object becomes the most recently used one.",
    'I:IPersistent._p_setattr ("records the object access")',
)


clause(
    "ATTR-14",
    MUST,
    "Writing an unknown _p_ attribute neither loads the object nor marks it changed.",
    "I:IPersistent.__setattr__; D1.8",
)

ANY = cases(state=("unsaved", "added", "ghost", "saved", "changed", "sticky"))


clause(
    "ATTR-15",
    CONTESTED,
    "Assigning to a special name of a ghost (__class__, __dict__, __del__, __of__, __setstate__) "
    "loads it first and marks it changed.",
    "CH 4.7.0 / #155; D1.8 against I:IPersistent.__setattr__",
    decision='I:IPersistent.__setattr__ says that "special" attributes need no activation when '
    "they are set; D1.8 limits the exception to _p_*, and CH 4.7.0 and both shipped "
    "implementations load for __class__ and __dict__. The reference loads, marks and registers "
    "for every name but _p_*.",
)

SPECIAL: Cases = {
    "__class__": {"name": "__class__", "value": Ref("class", "Deactivate")},
    "__dict__": {"name": "__dict__", "value": {"x": 3}},
    "__del__": {"name": "__del__", "value": 3},
    "__of__": {"name": "__of__", "value": 3},
    "__setstate__": {"name": "__setstate__", "value": 3},
}


@check("ATTR-15", each=crossed(SPECIAL, cases(state=("ghost", "saved"))), caches=BOTH)
def a_write_of_a_special_name_is_a_change(world: World, name: str, value: Any, state: str) -> None:
    given(world, state)
    seen = world.do("set", "a", name, value)
    loads = ["setstate a"] if state == "ghost" else []
    calls(seen, *loads, "register a")
    looks(world, "a", state=CHANGED)
    seen = world.do("get", "a", name)
    equal(seen.value, value, f"a.{name}")
    expected = {"__class__": {"x": 1}, "__dict__": {"x": 3}}.get(name, {"x": 1, name: 3})
    looks(world, "a", dict=expected)


clause(
    "ATTR-16",
    MUST,
    "Deleting an attribute loads a ghost, marks the object changed and registers it.",
    "I:IPersistent.__delattr__",
)


clause(
    "ATTR-17",
    SHOULD,
    "Deleting a _v_ attribute does not mark the object changed.",
    "D1.6 by symmetry; Gloss. volatile attribute",
)


clause(
    "ATTR-18",
    SHOULD,
    "Deleting a missing attribute raises AttributeError and loads a ghost; the object may be "
    "marked changed by it.",
    "N",
)


clause(
    "ATTR-19",
    MUST,
    "Changing a mutable value that is not persistent, in place, does not mark its owner changed.",
    "D1.4 (note); G",
)


@check("ATTR-19", each=cases(state=("ghost", "saved")), caches=BOTH)
def a_change_in_place_is_not_noticed(world: World, state: str) -> None:
    given(world, state, data={"items": [1]})
    calls(world.do("append", "a", "items", 2), of=("register",))
    looks(world, "a", state=UPTODATE, dict={"items": [1, 2]})


clause(
    "ATTR-20",
    MUST,
    "Setting an attribute through a property counts as a change, even if nothing changes.",
    "G: properties",
)


clause(
    "ATTR-23",
    MUST,
    "Deleting an unknown _p_ attribute neither loads the object nor marks it changed.",
    "I:IPersistent.__delattr__; D1.8",
)
