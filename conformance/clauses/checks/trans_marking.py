"""TRANS - marking by hand, and what register sees, does and refuses."""

from typing import Any, Dict

from conformance.clauses.cases import cases
from conformance.clauses.checks.trans import CHANGES, JAR
from conformance.clauses.expect import cache_looks, calls, equal, gives, looks, raises, succeeds
from conformance.clauses.registry import BOTH, MUST, SHOULD, check, clause
from fixtures.operations.table import step
from fixtures.states import CHANGED, GHOST, STICKY, UPTODATE, given
from fixtures.world import World

clause(
    "TRANS-13",
    MUST,
    "Setting _p_changed to a false value that is not None on a changed object makes it UPTODATE, "
    "keeps its data, and does not call register.",
    "D1.5",
)


clause(
    "TRANS-14",
    SHOULD,
    "Setting _p_changed to a false value that is not None on a ghost does nothing, and loads "
    "nothing.",
    "source comment (C, setter of _p_changed)",
)


clause(
    "TRANS-15",
    MUST,
    "Truth decides what is assigned to _p_changed: any true value acts like True, any false one "
    "but None like False.",
    "I:_p_changed; D1.5 (any value that is coercible to True)",
)
clause(
    "TRANS-16",
    MUST,
    "After a register that failed the object is not marked changed, so that the next change "
    "registers again.",
    "N (I:_p_changed: register must be called when an object becomes changed)",
)

_BEFORE = {"added": UPTODATE, "ghost": UPTODATE, "saved": UPTODATE, "sticky": STICKY}


def _failing() -> Dict[str, Dict[str, Any]]:
    return {
        f"{change} on {state}": {"change": change, "state": state}
        for change in CHANGES
        for state in ("added", "ghost", "saved")
    }


@check("TRANS-16", each=_failing(), caches=BOTH)
@check(
    "TRANS-16",
    needs=("sticky",),
    each={f"{change} on sticky": {"change": change, "state": "sticky"} for change in CHANGES},
)
def a_change_after_a_failed_register_registers_again(world: World, change: str, state: str) -> None:
    given(world, state)
    loads = ["setstate a"] if state == "ghost" else []
    for failures in range(2):
        world.do("plan", "register", "a", [], "ValueError")
        seen = world.apply(CHANGES[change])
        raises(seen, "ValueError")
        calls(seen, *(loads if failures == 0 else []), "register a")
        looks(world, "a", state=_BEFORE[state], changed=False)
    calls(world.do("set", "a", "z", 5), "register a")
    looks(world, "a", state=CHANGED)
    calls(world.do("set", "a", "z", 6))


clause(
    "TRANS-17",
    SHOULD,
    "register is called before the object is CHANGED: the jar sees it UPTODATE or STICKY.",
    "N (order of the C implementation)",
)


@check("TRANS-17", each=_failing())
@check(
    "TRANS-17",
    needs=("sticky",),
    each={f"{change} on sticky": {"change": change, "state": "sticky"} for change in CHANGES},
)
def register_sees_the_state_before(world: World, change: str, state: str) -> None:
    given(world, state)
    seen = world.apply(CHANGES[change])
    states = [event.state for event in seen.events if event.call == "register"]
    equal(states, [_BEFORE[state]], "_p_state in register")


clause(
    "TRANS-18",
    SHOULD,
    "If register itself sets _p_changed to False, the object is CHANGED afterwards all the same: "
    "the state is set after register returned.",
    "N (order of the C implementation; TRANS-17)",
)


@check("TRANS-18", each=_failing())
def the_state_is_set_after_register(world: World, change: str, state: str) -> None:
    given(world, state)
    world.do("plan", "register", "a", [step("set", "a", "_p_changed", False)])
    seen = world.apply(CHANGES[change])
    succeeds(seen)
    looks(world, "a", state=CHANGED, changed=True)


clause(
    "TRANS-19",
    SHOULD,
    "A change that register makes to the same object does not call register again.",
    "N",
)

_INSIDE = {
    "write": step("set", "a", "inside", 1),
    "delete": step("delete", "a", "z"),
    "mark": step("set", "a", "_p_changed", True),
}


@check(
    "TRANS-19",
    each={
        f"{inside} inside {change}": {"change": change, "inside": inside}
        for change in CHANGES
        for inside in _INSIDE
    },
)
def register_is_not_called_inside_register(world: World, change: str, inside: str) -> None:
    given(world, "saved", data={"x": 1, "z": 0})
    world.do("plan", "register", "a", [_INSIDE[inside]], None, 20)
    calls(world.apply(CHANGES[change]), "register a", of=("register",))
    looks(world, "a", state=CHANGED)


clause(
    "TRANS-20",
    SHOULD,
    "A saved object becomes a ghost when it is deactivated, with and without a cache behind the "
    "jar.",
    "D1.5 (example); I:IPersistent (Saved -> Ghost; may be ignored, ACT-08)",
)

_REQUESTS = {
    "_p_deactivate()": step("deactivate", "a"),
    "_p_changed = None": step("set", "a", "_p_changed", None),
}


@check("TRANS-20", each=cases(how=_REQUESTS), caches=BOTH)
def a_deactivated_object_reloads(world: World, how: str) -> None:
    given(world, "saved")
    world.do("store", "a", {"x": 2})
    seen = world.apply(_REQUESTS[how])
    succeeds(seen)
    calls(seen)
    looks(world, "a", state=GHOST, dict={})
    seen = world.do("get", "a", "x")
    calls(seen, "setstate a")
    gives(seen, 2)


clause(
    "TRANS-21",
    SHOULD,
    "A write whose register fails stores nothing, and a delete removes nothing.",
    "N (order of the C implementation)",
)


clause(
    "TRANS-22",
    MUST,
    "Giving an unsaved object an oid and a jar, in either order, leaves it UPTODATE with its "
    "data, not changed; neither register nor setstate is called, and it enters no cache.",
    "D1.4; D1.5 (initially in the UPTODATE state)",
)

_OID = step("set", "a", "_p_oid", b"\0\0\0\0\0\0\0a")
_JAR = step("set", "a", "_p_jar", JAR)
_ORDERS = {"oid first": [_OID, _JAR], "jar first": [_JAR, _OID]}


@check("TRANS-22", each=cases(order=_ORDERS), caches=BOTH)
@check(
    "TRANS-22",
    needs=("cache",),
    each={f"{order}, cache seen": {"order": order, "cached": True} for order in _ORDERS},
)
def a_linked_object_is_not_changed(world: World, order: str, cached: bool = False) -> None:
    given(world, "unsaved")
    world.do("set", "a", "y", 2)
    for made in _ORDERS[order]:
        seen = world.apply(made)
        succeeds(seen)
        calls(seen)
    looks(
        world,
        "a",
        state=UPTODATE,
        changed=False,
        jar=JAR,
        oid=world.oid("a"),
        dict={"x": 1, "y": 2},
    )
    if cached:
        cache_looks(world, length=0, ringlen=0, non_ghost_count=0)
    calls(world.do("get", "a", "x"))
    calls(world.do("set", "a", "x", 2), "register a")
    looks(world, "a", dict={"x": 2, "y": 2})


clause(
    "TRANS-23",
    MUST,
    "Looking at an object that has a jar and is no ghost (reading attributes or _p_ attributes, "
    "repr, hash, comparing) gives what it holds and changes nothing: it stays in its state, with "
    "its data, and nothing is called on its jar.",
    "I:IPersistent (list of the transitions: reading causes Ghost -> Saved only)",
)
