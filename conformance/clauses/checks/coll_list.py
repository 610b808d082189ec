"""COLL - what changes a persistent list, and what does not."""

from typing import Any, Dict

from conformance.clauses.expect import calls, equal, raises
from conformance.clauses.registry import MUST, check, clause
from fixtures.states import CHANGED, GHOST, UPTODATE, given
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

#: Changes of a list that holds `STORED`: operation, arguments, its value, the data afterwards.
CHANGES = {
    "append": ("list_append", {"value": 9}, None, [3, 1, 2, 1, 9]),
    "extend": ("list_extend", {"values": [8, 9]}, None, [3, 1, 2, 1, 8, 9]),
    "insert": ("list_insert", {"index": 1, "value": 9}, None, [3, 9, 1, 2, 1]),
    "pop": ("pop", {}, 1, [3, 1, 2]),
    "remove": ("list_remove", {"value": 1}, None, [3, 2, 1]),
    "reverse": ("list_reverse", {}, None, [1, 2, 1, 3]),
    "sort": ("list_sort", {}, None, [1, 1, 2, 3]),
    "+=": ("list_add", {"values": [8, 9]}, True, [3, 1, 2, 1, 8, 9]),
    "*=": ("list_multiply", {"times": 2}, True, [3, 1, 2, 1, 3, 1, 2, 1]),
    "set item": ("item_write", {"key": 0, "value": 9}, None, [9, 1, 2, 1]),
    "delete item": ("item_delete", {"key": 0}, None, [1, 2, 1]),
    "set slice": ("slice_write", {"values": [7], "start": 1, "stop": 3}, None, [3, 7, 1]),
    "delete slice": ("slice_delete", {"start": 1, "stop": 3}, None, [3, 1]),
    "clear": ("clear", {}, None, []),
}

#: The same changes at their edges.
EDGES = {
    "extend with a persistent list": (
        "list_extend",
        {"values": ref("k")},
        None,
        [3, 1, 2, 1, 5, 6],
    ),
    "extend with text": ("list_extend", {"values": "xy"}, None, [3, 1, 2, 1, "x", "y"]),
    "extend with a tuple": ("list_extend", {"values": (8,)}, None, [3, 1, 2, 1, 8]),
    "extend with itself": ("list_extend", {"values": ref("l")}, None, STORED + STORED),
    "insert first": ("list_insert", {"index": 0, "value": 9}, None, [9, 3, 1, 2, 1]),
    "insert before the last": ("list_insert", {"index": -1, "value": 9}, None, [3, 1, 2, 9, 1]),
    "insert far behind": ("list_insert", {"index": 99, "value": 9}, None, [3, 1, 2, 1, 9]),
    "insert far before": ("list_insert", {"index": -99, "value": 9}, None, [9, 3, 1, 2, 1]),
    "pop first": ("pop", {"arguments": [0]}, 3, [1, 2, 1]),
    "pop third": ("pop", {"arguments": [2]}, 2, [3, 1, 1]),
    "pop last": ("pop", {"arguments": [-1]}, 1, [3, 1, 2]),
    "pop the first from the end": ("pop", {"arguments": [-4]}, 3, [1, 2, 1]),
    "pop by keyword": ("pop", {"keywords": {"i": 0}}, 3, [1, 2, 1]),
    "remove the first": ("list_remove", {"value": 3}, None, [1, 2, 1]),
    "sort reversed": ("list_sort", {"keywords": {"reverse": True}}, None, [3, 2, 1, 1]),
    "sort by a key": ("list_sort", {"key": "negative"}, None, [3, 2, 1, 1]),
    "sort by a key, reversed": (
        "list_sort",
        {"keywords": {"reverse": True}, "key": "negative"},
        None,
        [1, 1, 2, 3],
    ),
    "+= a persistent list": ("list_add", {"values": ref("k")}, True, [3, 1, 2, 1, 5, 6]),
    "+= a tuple": ("list_add", {"values": (8,)}, True, [3, 1, 2, 1, 8]),
    "+= text": ("list_add", {"values": "xy"}, True, [3, 1, 2, 1, "x", "y"]),
    "*= 0": ("list_multiply", {"times": 0}, True, []),
    "*= -1": ("list_multiply", {"times": -1}, True, []),
    "*= 3": ("list_multiply", {"times": 3}, True, STORED * 3),
    "set last item": ("item_write", {"key": -1, "value": 9}, None, [3, 1, 2, 9]),
    "delete last item": ("item_delete", {"key": -1}, None, [3, 1, 2]),
    "set all": ("slice_write", {"values": [7]}, None, [7]),
    "set in steps": ("slice_write", {"values": [8, 9], "step": 2}, None, [8, 1, 9, 1]),
    "set in an empty slice": (
        "slice_write",
        {"values": [7], "start": 1, "stop": 1},
        None,
        [3, 7, 1, 2, 1],
    ),
    "set behind the end": (
        "slice_write",
        {"values": [7, 8], "start": 99},
        None,
        [3, 1, 2, 1, 7, 8],
    ),
    "set nothing": ("slice_write", {"values": [], "start": 1, "stop": 3}, None, [3, 1]),
    "delete all": ("slice_delete", {}, None, []),
    "delete in steps": ("slice_delete", {"step": 2}, None, [1, 1]),
    "delete backwards": ("slice_delete", {"start": 2, "stop": 0, "step": -1}, None, [3, 1]),
    "delete one by slice": ("slice_delete", {"start": -1}, None, [3, 1, 2]),
}


def _each(cases: Dict[str, Any], *states: str) -> Dict[str, Dict[str, Any]]:
    return {
        f"{label}, {state}": {
            "op": op,
            "arguments": arguments,
            "value": value,
            "data": data,
            "state": state,
        }
        for label, (op, arguments, value, data) in cases.items()
        for state in states
    }


clause(
    "COLL-07",
    MUST,
    "append, extend, insert, pop, remove, reverse, sort, += and *= of a persistent list, and "
    "setting and deleting an item or a slice, mark it changed and register it once.",
    "D2.3; CH 4.6.0",
)


@check("COLL-07", needs=("list",), each=_each(CHANGES, *CALLS))
@check("COLL-07", needs=("list",), each=_each(EDGES, "saved"))
@check(
    "COLL-07",
    needs=("list",),
    world={"cache": False},
    each={f"{label}, no cache": made for label, made in _each(CHANGES, "saved", "ghost").items()},
)
def a_change_of_a_list_marks_it_changed_and_registers_it_once(
    world: World, op: str, arguments: Dict[str, Any], value: Any, data: Any, state: str
) -> None:
    given(world, state, "l", "List_", {"data": STORED})
    given(world, "saved", "k", "List_", {"data": [5, 6]})
    seen = world.do(op, "l", **arguments)
    equal(seen.value, value, "the value")
    calls(seen, *CALLS[state])
    now = world.object("l")
    equal(now.dict, {"data": data}, "the instance dict")
    equal(bool(now.changed), state != "unsaved", "the truth of _p_changed")
    equal(now.state, UPTODATE if state == "unsaved" else CHANGED, "_p_state")
    other = world.object("k")
    equal(other.dict, {"data": [5, 6]}, "the instance dict of another list")
    equal(other.state, UPTODATE, "_p_state of another list")


@check("COLL-07", needs=("list",), each=_each(CHANGES, "saved"))
def a_second_change_of_a_list_does_not_register_again(
    world: World, op: str, arguments: Dict[str, Any], value: Any, data: Any, state: str
) -> None:
    given(world, state, "l", "List_", {"data": STORED})
    world.do(op, "l", **arguments)
    calls(world.do("list_append", "l", 4))
    equal(world.object("l").dict, {"data": [*data, 4]}, "the instance dict")
    world.do("commit")
    equal(world.object("l").changed, False, "_p_changed after commit")
    calls(world.do("list_append", "l", 5), "register l")


clause(
    "COLL-08",
    MUST,
    "clear and the deletion of a slice mark a list changed only if they removed items.",
    "D2.3 (versionchanged 4.5.2); CH 4.6.0",
)


@check(
    "COLL-08",
    needs=("list",),
    each={
        f"{label}, {state}": {"op": op, "arguments": arguments, "data": data, "state": state}
        for label, (op, arguments, data) in {
            "clear": ("clear", {}, []),
            "del [:]": ("slice_delete", {}, []),
            "del [0:0]": ("slice_delete", {"start": 0, "stop": 0}, []),
            "del [1:1]": ("slice_delete", {"start": 1, "stop": 1}, STORED),
            "del [99:]": ("slice_delete", {"start": 99}, STORED),
            "del [2:1]": ("slice_delete", {"start": 2, "stop": 1}, STORED),
            "del [0:0:2]": ("slice_delete", {"start": 0, "stop": 0, "step": 2}, STORED),
            "del [1:1] of many": ("slice_delete", {"start": 1, "stop": 1}, [0] * 300),
        }.items()
        for state in CALLS
    },
)
def removing_nothing_does_not_mark_a_list(
    world: World, op: str, arguments: Dict[str, Any], data: Any, state: str
) -> None:
    given(world, state, "l", "List_", {"data": data})
    before = world.object("l").state
    seen = world.do(op, "l", **arguments)
    calls(seen, *(["setstate l"] if state == "ghost" else []))
    now = world.object("l")
    equal(now.dict, {"data": data}, "the instance dict")
    equal(now.state, UPTODATE if before == GHOST else before, "_p_state")


@check(
    "COLL-08",
    needs=("list",),
    each={
        f"{label}, {len(data)}": {"op": op, "arguments": arguments, "data": data, "left": left}
        for label, (op, arguments, data, left) in {
            "clear one": ("clear", {}, [1], []),
            "clear two": ("clear", {}, [1, 2], []),
            "del [:]": ("slice_delete", {}, [1], []),
            "del [0:1]": ("slice_delete", {"start": 0, "stop": 1}, [1, 2], [2]),
            "del [-1:]": ("slice_delete", {"start": -1}, [1, 2], [1]),
        }.items()
    },
)
def removing_something_marks_a_list_once(
    world: World, op: str, arguments: Dict[str, Any], data: Any, left: Any
) -> None:
    given(world, "saved", "l", "List_", {"data": data})
    calls(world.do(op, "l", **arguments), "register l")
    now = world.object("l")
    equal(now.dict, {"data": left}, "the instance dict")
    equal(now.state, CHANGED, "_p_state")


@check("COLL-08", needs=("list",), each={"empty": {"data": []}, "full": {"data": [1]}})
def clear_works_without_a_jar(world: World, data: Any) -> None:
    world.do("build", "l", "list", [data])
    calls(world.do("clear", "l"))
    now = world.object("l")
    equal(now.dict, {"data": []}, "the instance dict")
    equal(now.state, UPTODATE, "_p_state")


clause(
    "COLL-09",
    MUST,
    "pop that fails with IndexError and remove that fails with ValueError leave the list unchanged "
    "and not marked.",
    "D2.3",
)


@check(
    "COLL-09",
    needs=("list",),
    each={
        f"{label}, {state}": {
            "op": op,
            "arguments": arguments,
            "data": data,
            "error": error,
            "state": state,
        }
        for label, (op, arguments, data, error) in {
            "pop(99)": ("pop", {"arguments": [99]}, STORED, "IndexError"),
            "pop(4)": ("pop", {"arguments": [4]}, STORED, "IndexError"),
            "pop(-5)": ("pop", {"arguments": [-5]}, STORED, "IndexError"),
            "[].pop()": ("pop", {}, [], "IndexError"),
            "remove(9)": ("list_remove", {"value": 9}, STORED, "ValueError"),
            "[].remove(1)": ("list_remove", {"value": 1}, [], "ValueError"),
        }.items()
        for state in ("saved", "ghost", "unsaved")
    },
)
def a_failed_removal_leaves_the_list_unchanged(
    world: World, op: str, arguments: Dict[str, Any], data: Any, error: str, state: str
) -> None:
    given(world, state, "l", "List_", {"data": data})
    seen = world.attempt(op, "l", **arguments)
    raises(seen, error)
    calls(seen, *(["setstate l"] if state == "ghost" else []))
    now = world.object("l")
    equal(now.dict, {"data": data}, "the instance dict")
    equal(now.changed, False, "_p_changed")
    equal(now.state, UPTODATE, "_p_state")
