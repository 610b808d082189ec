"""COLL - what changes a persistent list, and what does not."""

from typing import Any, Dict, Tuple

from conformance.clauses.cases import NO_CACHE, Cases, cases, crossed, rows, uncached
from conformance.clauses.expect import calls, equal, looks, true
from conformance.clauses.measure import Measured
from conformance.clauses.registry import MUST, check, clause
from fixtures.states import CHANGED, GHOST, UPTODATE
from fixtures.values import ref
from fixtures.world import World

STORED = [3, 1, 2, 1]

#: What a change calls, by the state that it finds.
CALLS = {
    "unsaved": (),
    "saved": ("register l",),
    "ghost": ("setstate l", "register l"),
    "changed": (),
}

#: Changes of a list that holds `STORED`: operation and arguments.
CHANGES: Dict[str, Tuple[Any, ...]] = {
    "append": ("list_append", {"value": 9}),
    "extend": ("list_extend", {"values": [8, 9]}),
    "insert": ("list_insert", {"index": 1, "value": 9}),
    "pop": ("pop", {}),
    "remove": ("list_remove", {"value": 1}),
    "reverse": ("list_reverse", {}),
    "sort": ("list_sort", {}),
    "+=": ("list_add", {"values": [8, 9]}),
    "*=": ("list_multiply", {"times": 2}),
    "set item": ("item_write", {"key": 0, "value": 9}),
    "delete item": ("item_delete", {"key": 0}),
    "set slice": ("slice_write", {"values": [7], "start": 1, "stop": 3}),
    "delete slice": ("slice_delete", {"start": 1, "stop": 3}),
    "clear": ("clear", {}),
}

#: The same changes at their edges.
EDGES: Dict[str, Tuple[Any, ...]] = {
    "extend with a persistent list": ("list_extend", {"values": ref("k")}),
    "extend with text": ("list_extend", {"values": "xy"}),
    "extend with a tuple": ("list_extend", {"values": (8,)}),
    "extend with itself": ("list_extend", {"values": ref("l")}),
    "insert first": ("list_insert", {"index": 0, "value": 9}),
    "insert before the last": ("list_insert", {"index": -1, "value": 9}),
    "insert far behind": ("list_insert", {"index": 99, "value": 9}),
    "insert far before": ("list_insert", {"index": -99, "value": 9}),
    "pop first": ("pop", {"arguments": [0]}),
    "pop third": ("pop", {"arguments": [2]}),
    "pop last": ("pop", {"arguments": [-1]}),
    "pop the first from the end": ("pop", {"arguments": [-4]}),
    "pop by keyword": ("pop", {"keywords": {"i": 0}}),
    "remove the first": ("list_remove", {"value": 3}),
    "sort reversed": ("list_sort", {"keywords": {"reverse": True}}),
    "sort by a key": ("list_sort", {"key": "negative"}),
    "sort by a key, reversed": ("list_sort", {"keywords": {"reverse": True}, "key": "negative"}),
    "+= a persistent list": ("list_add", {"values": ref("k")}),
    "+= a tuple": ("list_add", {"values": (8,)}),
    "+= text": ("list_add", {"values": "xy"}),
    "*= 0": ("list_multiply", {"times": 0}),
    "*= -1": ("list_multiply", {"times": -1}),
    "*= 3": ("list_multiply", {"times": 3}),
    "set last item": ("item_write", {"key": -1, "value": 9}),
    "delete last item": ("item_delete", {"key": -1}),
    "set all": ("slice_write", {"values": [7]}),
    "set in steps": ("slice_write", {"values": [8, 9], "step": 2}),
    "set in an empty slice": ("slice_write", {"values": [7], "start": 1, "stop": 1}),
    "set behind the end": ("slice_write", {"values": [7, 8], "start": 99}),
    "set nothing": ("slice_write", {"values": [], "start": 1, "stop": 3}),
    "delete all": ("slice_delete", {}),
    "delete in steps": ("slice_delete", {"step": 2}),
    "delete backwards": ("slice_delete", {"start": 2, "stop": 0, "step": -1}),
    "delete one by slice": ("slice_delete", {"start": -1}),
}


def _each(table: Dict[str, Tuple[Any, ...]], *states: str) -> Cases:
    return crossed(rows(table, "op", "arguments"), cases(state=states))


clause(
    "COLL-07",
    MUST,
    "append, extend, insert, pop, remove, reverse, sort, += and *= of a persistent list, and "
    "setting and deleting an item or a slice, mark it changed and register it once.",
    "D2.3; CH 4.6.0",
)


@check("COLL-07", needs=("list",), each=_each(CHANGES, *CALLS))
@check("COLL-07", needs=("list",), each=_each(EDGES, "saved"))
@check("COLL-07", needs=("list",), world=NO_CACHE, each=uncached(_each(CHANGES, "saved", "ghost")))
def a_change_of_a_list_marks_it_changed_and_registers_it_once(
    world: World, op: str, arguments: Dict[str, Any], state: str
) -> None:
    both = Measured(world)
    both.given(state, "l", STORED)
    both.given("saved", "k", [5, 6])
    calls(both.do(op, "l", **arguments), *CALLS[state])
    now = world.object("l")
    equal(bool(now.changed), state != "unsaved", "the truth of _p_changed")
    equal(now.state, UPTODATE if state == "unsaved" else CHANGED, "_p_state")
    looks(world, "k", state=UPTODATE)


@check("COLL-07", needs=("list",), each=_each(CHANGES, "saved"))
def a_second_change_of_a_list_does_not_register_again(
    world: World, op: str, arguments: Dict[str, Any], state: str
) -> None:
    both = Measured(world)
    both.given(state, "l", STORED)
    both.do(op, "l", **arguments)
    calls(both.do("list_append", "l", 4))
    world.do("commit")
    looks(world, "l", changed=False)
    calls(both.do("list_append", "l", 5), "register l")


clause(
    "COLL-08",
    MUST,
    "clear and the deletion of a slice mark a list changed only if they removed items.",
    "D2.3 (versionchanged 4.5.2); CH 4.6.0",
)

_NOTHING: Dict[str, Tuple[Any, ...]] = {
    "clear": ("clear", {}, []),
    "del [:]": ("slice_delete", {}, []),
    "del [0:0]": ("slice_delete", {"start": 0, "stop": 0}, []),
    "del [1:1]": ("slice_delete", {"start": 1, "stop": 1}, STORED),
    "del [99:]": ("slice_delete", {"start": 99}, STORED),
    "del [2:1]": ("slice_delete", {"start": 2, "stop": 1}, STORED),
    "del [0:0:2]": ("slice_delete", {"start": 0, "stop": 0, "step": 2}, STORED),
    "del [1:1] of many": ("slice_delete", {"start": 1, "stop": 1}, [0] * 300),
}


@check(
    "COLL-08",
    needs=("list",),
    each=crossed(rows(_NOTHING, "op", "arguments", "data"), cases(state=CALLS)),
)
def removing_nothing_does_not_mark_a_list(
    world: World, op: str, arguments: Dict[str, Any], data: Any, state: str
) -> None:
    both = Measured(world)
    both.given(state, "l", data)
    before = world.object("l").state
    calls(both.do(op, "l", **arguments), *(["setstate l"] if state == "ghost" else []))
    looks(world, "l", state=UPTODATE if before == GHOST else before)


_SOMETHING: Dict[str, Tuple[Any, ...]] = {
    "clear one, 1": ("clear", {}, [1]),
    "clear two, 2": ("clear", {}, [1, 2]),
    "del [:], 1": ("slice_delete", {}, [1]),
    "del [0:1], 2": ("slice_delete", {"start": 0, "stop": 1}, [1, 2]),
    "del [-1:], 2": ("slice_delete", {"start": -1}, [1, 2]),
}


@check("COLL-08", needs=("list",), each=rows(_SOMETHING, "op", "arguments", "data"))
def removing_something_marks_a_list_once(
    world: World, op: str, arguments: Dict[str, Any], data: Any
) -> None:
    both = Measured(world)
    both.given("saved", "l", data)
    calls(both.do(op, "l", **arguments), "register l")
    looks(world, "l", state=CHANGED)


@check("COLL-08", needs=("list",), each={"empty": {"data": []}, "full": {"data": [1]}})
def clear_works_without_a_jar(world: World, data: Any) -> None:
    both = Measured(world)
    both.do("build", "l", "list", [data])
    calls(both.do("clear", "l"))
    looks(world, "l", state=UPTODATE)


clause(
    "COLL-09",
    MUST,
    "pop that fails with IndexError and remove that fails with ValueError leave the list unchanged "
    "and not marked.",
    "D2.3",
)

_FAILURES: Dict[str, Tuple[Any, ...]] = {
    "pop(99)": ("pop", {"arguments": [99]}, STORED),
    "pop(4)": ("pop", {"arguments": [4]}, STORED),
    "pop(-5)": ("pop", {"arguments": [-5]}, STORED),
    "[].pop()": ("pop", {}, []),
    "remove(9)": ("list_remove", {"value": 9}, STORED),
    "[].remove(1)": ("list_remove", {"value": 1}, []),
}


@check(
    "COLL-09",
    needs=("list",),
    each=crossed(
        rows(_FAILURES, "op", "arguments", "data"),
        cases(state=("saved", "ghost", "unsaved")),
    ),
)
def a_failed_removal_leaves_the_list_unchanged(
    world: World, op: str, arguments: Dict[str, Any], data: Any, state: str
) -> None:
    both = Measured(world)
    both.given(state, "l", data)
    seen = both.do(op, "l", **arguments)
    true(seen.error, "whether it fails, as it does for a UserList")
    calls(seen, *(["setstate l"] if state == "ghost" else []))
    now = world.object("l")
    equal(now.changed, False, "_p_changed")
    equal(now.state, UPTODATE, "_p_state")
