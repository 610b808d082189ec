"""COLL - building, reading and copying persistent mappings and lists."""

from typing import Any, Dict

from conformance.clauses.expect import calls, equal, raises
from conformance.clauses.registry import MAY, MUST, SHOULD, check, clause
from fixtures.states import CHANGED, GHOST, UPTODATE, given
from fixtures.values import ref
from fixtures.world import World

MAPPED = {"a": 1, "b": 2}
LISTED = [3, 1, 2]


def _still(world: World, name: str, data: Any, state: int = UPTODATE) -> None:
    seen = world.object(name)
    equal(seen.dict, {"data": data}, f"the instance dict of the original {name}")
    equal(seen.state, state, f"_p_state of the original {name}")


def _new(world: World, name: str, data: Any, **further: Any) -> None:
    seen = world.object(name)
    equal(seen.dict, dict(further, data=data), f"the instance dict of the new {name}")
    equal(seen.jar, None, f"_p_jar of the new {name}")
    equal(seen.oid, None, f"_p_oid of the new {name}")
    equal(seen.changed, False, f"_p_changed of the new {name}")


clause(
    "COLL-06",
    MUST,
    "copy.copy of a persistent mapping or list copies the container in it; the copy has neither "
    "jar nor oid, and the original is as before.",
    "CH 4.6.0; I:IPersistent._p_oid",
)


@check(
    "COLL-06",
    needs=("mapping", "list"),
    each={
        f"{sample}, {state}": {"sample": sample, "data": data, "state": state}
        for sample, data in (("Mapping", MAPPED), ("List_", LISTED))
        for state in ("unsaved", "saved", "ghost", "changed")
    },
)
def a_copy_has_a_container_of_its_own(world: World, sample: str, data: Any, state: str) -> None:
    given(world, state, "o", sample, {"data": data, "further": 5})
    before = world.object("o").state
    seen = world.do("copy_collection", "o", "c")
    equal(seen.value, sample, "the class of the copy")
    calls(seen, *(["setstate o"] if state == "ghost" else []))
    equal(world.do("shares_data", "o", "c").value, False, "the copy has the data of the original")
    _new(world, "c", data, further=5)
    now = world.object("o")
    equal(now.dict, {"data": data, "further": 5}, "the instance dict of the original")
    equal(now.state, UPTODATE if before == GHOST else before, "_p_state of the original")
    world.do("item_write", "c", 0, 9)
    equal(world.object("o").dict, {"data": data, "further": 5}, "the original after a change")
    equal(world.object("o").state, now.state, "_p_state of the original after a change")


@check(
    "COLL-06", needs=("mapping",), each={state: {"state": state} for state in ("saved", "ghost")}
)
def a_copy_of_an_old_mapping_has_data(world: World, state: str) -> None:
    given(world, state, "o", "Mapping", {"_container": MAPPED, "further": 5})
    seen = world.do("copy_collection", "o", "c")
    calls(seen, *(["setstate o"] if state == "ghost" else []))
    _new(world, "c", MAPPED, further=5)
    now = world.object("o")
    equal(now.dict, {"_container": MAPPED, "further": 5}, "the instance dict of the original")
    equal(now.changed, False, "_p_changed of the original")
    world.do("item_write", "c", "z", 9)
    equal(world.do("item_get", "o", ["z"]).value, None, "the original after a change of the copy")


clause(
    "COLL-10",
    MUST,
    "Slicing a persistent list, its copy(), copy.copy of it, + and * give a new instance of the "
    "same class.",
    "CH 4.6.0; D2.3",
)

_NEW_LISTS = {
    "[:]": ("slice_read", {}, LISTED),
    "[0:1]": ("slice_read", {"start": 0, "stop": 1}, [3]),
    "[1:]": ("slice_read", {"start": 1}, [1, 2]),
    "[-1:]": ("slice_read", {"start": -1}, [2]),
    "[::2]": ("slice_read", {"step": 2}, [3, 2]),
    "[::-1]": ("slice_read", {"step": -1}, [2, 1, 3]),
    "[5:]": ("slice_read", {"start": 5}, []),
    "copy()": ("copy_collection", {"how": "copy()"}, LISTED),
    "copy.copy": ("copy_collection", {"how": "copy.copy"}, LISTED),
    "+ list": ("list_sum", {"values": [7]}, [3, 1, 2, 7]),
    "+ tuple": ("list_sum", {"values": (7,)}, [3, 1, 2, 7]),
    "+ persistent list": ("list_sum", {"values": ref("k")}, [3, 1, 2, 5]),
    "list +": ("list_sum", {"values": [7], "swapped": True}, [7, 3, 1, 2]),
    "tuple +": ("list_sum", {"values": (7,), "swapped": True}, [7, 3, 1, 2]),
    "* 2": ("list_product", {"times": 2}, [3, 1, 2, 3, 1, 2]),
    "* 0": ("list_product", {"times": 0}, []),
    "2 *": ("list_product", {"times": 2, "swapped": True}, [3, 1, 2, 3, 1, 2]),
}


@check(
    "COLL-10",
    needs=("list",),
    each={
        f"{label}, {state}": {"op": op, "arguments": arguments, "data": data, "state": state}
        for label, (op, arguments, data) in _NEW_LISTS.items()
        for state in ("saved", "ghost")
    },
)
def a_list_made_from_a_list_is_of_its_class(
    world: World, op: str, arguments: Dict[str, Any], data: Any, state: str
) -> None:
    given(world, state, "l", "List_", {"data": LISTED})
    given(world, "saved", "k", "List_", {"data": [5]})
    seen = world.do(op, object="l", new="n", **arguments)
    equal(seen.value, "List_", "the class of the new list")
    calls(seen, *(["setstate l"] if state == "ghost" else []))
    _new(world, "n", data)
    _still(world, "l", LISTED)
    _still(world, "k", [5])
    world.do("list_append", "n", 9)
    _still(world, "l", LISTED)


@check(
    "COLL-10",
    needs=("list",),
    each={
        label: {"op": op, "arguments": arguments, "data": data}
        for label, (op, arguments, data) in _NEW_LISTS.items()
    },
)
def a_list_made_from_a_list_of_the_class_itself_is_of_it(
    world: World, op: str, arguments: Dict[str, Any], data: Any
) -> None:
    world.do("build", "k", "list", [[5]])
    world.do("build", "l", "list", [LISTED])
    equal(world.do(op, object="l", new="n", **arguments).value, "list", "the class of the new list")
    _new(world, "n", data)
    _new(world, "l", LISTED)


clause(
    "COLL-12",
    MAY,
    "A change that changes nothing may mark a collection changed all the same: an empty update, "
    "extend or sort, *= 1, setting the value that is there.",
    "N",
)


@check(
    "COLL-12",
    needs=("mapping", "list"),
    each={
        "update": {"sample": "Mapping", "op": "map_update", "arguments": {"arguments": [{}]}},
        "set": {"sample": "Mapping", "op": "item_write", "arguments": {"key": "a", "value": 1}},
        "extend": {"sample": "List_", "op": "list_extend", "arguments": {"values": []}},
        "*= 1": {"sample": "List_", "op": "list_multiply", "arguments": {"times": 1}},
        "sort": {"sample": "List_", "op": "list_sort", "arguments": {}},
        "set item": {"sample": "List_", "op": "item_write", "arguments": {"key": 0, "value": 1}},
    },
)
def a_change_that_changes_nothing_is_recorded(
    world: World, sample: str, op: str, arguments: Dict[str, Any]
) -> None:
    data = {"a": 1} if sample == "Mapping" else [1]
    given(world, "saved", "o", sample, {"data": data})
    world.do(op, "o", **arguments)
    marked = world.object("o").state == CHANGED
    world.note(f"{op} that changes nothing {'marks' if marked else 'does not mark'} it changed")


clause(
    "COLL-13",
    MUST,
    "len, iteration, in, indexing and comparison of a collection that is a ghost load it, once.",
    "I:IPersistent/Ghost->Saved",
)

_READINGS: Dict[str, Dict[str, Any]] = {
    "Mapping": {
        "len": ("length", {}, 2),
        "bool": ("truth", {}, True),
        "iter": ("iterate", {}, ["a", "b"]),
        "in": ("contains", {"key": "a"}, True),
        "not in": ("contains", {"key": "z"}, False),
        "[]": ("item_read", {"key": "a"}, 1),
        "get": ("item_get", {"arguments": ["b"]}, 2),
        "get default": ("item_get", {"arguments": ["z", 9]}, 9),
        "keys": ("views", {"what": "keys"}, ["a", "b"]),
        "values": ("views", {"what": "values"}, [1, 2]),
        "items": ("views", {"what": "items"}, [("a", 1), ("b", 2)]),
        "== same": ("compare_collection", {"comparison": "==", "value": MAPPED}, True),
        "== other": ("compare_collection", {"comparison": "==", "value": {"a": 1}}, False),
        "!=": ("compare_collection", {"comparison": "!=", "value": MAPPED}, False),
        "repr": ("repr", {}, "{'a': 1, 'b': 2}"),
    },
    "List_": {
        "len": ("length", {}, 3),
        "bool": ("truth", {}, True),
        "iter": ("iterate", {}, LISTED),
        "reversed": ("iterate_reversed", {}, [2, 1, 3]),
        "in": ("contains", {"key": 2}, True),
        "not in": ("contains", {"key": 9}, False),
        "[]": ("item_read", {"key": 0}, 3),
        "[-1]": ("item_read", {"key": -1}, 2),
        "count": ("search", {"what": "count", "value": 1}, 1),
        "index": ("search", {"what": "index", "value": 2}, 2),
        "== same": ("compare_collection", {"comparison": "==", "value": LISTED}, True),
        "== other": ("compare_collection", {"comparison": "==", "value": [3]}, False),
        "!=": ("compare_collection", {"comparison": "!=", "value": LISTED}, False),
        "<": ("compare_collection", {"comparison": "<", "value": [4]}, True),
        "<=": ("compare_collection", {"comparison": "<=", "value": LISTED}, True),
        ">": ("compare_collection", {"comparison": ">", "value": LISTED}, False),
        ">=": ("compare_collection", {"comparison": ">=", "value": LISTED}, True),
        "repr": ("repr", {}, "[3, 1, 2]"),
    },
}

_DATA: Dict[str, Any] = {"Mapping": MAPPED, "List_": LISTED}

_EACH_READING = {
    f"{sample} {label}": {"sample": sample, "op": op, "arguments": arguments, "value": value}
    for sample, readings in _READINGS.items()
    for label, (op, arguments, value) in readings.items()
}


@check("COLL-13", needs=("mapping", "list"), each=_EACH_READING)
@check(
    "COLL-13",
    needs=("mapping", "list"),
    world={"cache": False},
    each={f"{label}, no cache": made for label, made in _EACH_READING.items()},
)
def reading_a_ghost_collection_loads_it(
    world: World, sample: str, op: str, arguments: Dict[str, Any], value: Any
) -> None:
    given(world, "ghost", "o", sample, {"data": _DATA[sample]})
    seen = world.do(op, "o", **arguments)
    equal(seen.value, value, "the value")
    calls(seen, "setstate o")
    now = world.object("o")
    equal(now.dict, {"data": _DATA[sample]}, "the instance dict")
    equal(now.changed, False, "_p_changed")
    again = world.do(op, "o", **arguments)
    equal(again.value, value, "the value read again")
    calls(again)


@check(
    "COLL-13",
    needs=("mapping", "list"),
    each={
        "[] of a mapping": {"sample": "Mapping", "key": "z", "error": "KeyError"},
        "[] of a list": {"sample": "List_", "key": 3, "error": "IndexError"},
    },
)
def indexing_what_is_missing_loads_a_ghost_and_raises(
    world: World, sample: str, key: Any, error: str
) -> None:
    given(world, "ghost", "o", sample, {"data": _DATA[sample]})
    seen = world.attempt("item_read", "o", key)
    raises(seen, error)
    calls(seen, "setstate o")
    _still(world, "o", _DATA[sample])


clause(
    "COLL-16",
    MUST,
    "PersistentMapping and PersistentList are built like UserDict and UserList, from a mapping or "
    "pairs and keywords, and from an iterable, whose items they copy; they can be subclassed.",
    "D2.3",
)


@check(
    "COLL-16",
    needs=("mapping",),
    each={
        f"{label}, {kind}": {
            "kind": kind,
            "arguments": arguments,
            "keywords": keywords,
            "data": data,
        }
        for label, (arguments, keywords, data) in {
            "nothing": ([], {}, {}),
            "None": ([None], {}, {}),
            "keywords": ([], {"a": 1, "b": 2}, MAPPED),
            "mapping": ([MAPPED], {}, MAPPED),
            "pairs": ([[["a", 1], ("b", 2)]], {}, MAPPED),
            "mapping and keywords": ([{"a": 1}], {"b": 2}, MAPPED),
            "keyword wins": ([{"a": 1, "b": 9}], {"b": 2}, MAPPED),
            "keyword self": ([], {"self": 1}, {"self": 1}),
            "persistent": ([ref("o")], {}, {"o": 7}),
        }.items()
        for kind in ("mapping", "Mapping")
    },
)
def a_mapping_is_built_from_a_mapping_or_pairs_and_keywords(
    world: World, kind: str, arguments: Any, keywords: Dict[str, Any], data: Any
) -> None:
    world.do("build", "o", "mapping", [{"o": 7}])
    seen = world.do("build", "m", kind, arguments, keywords)
    equal(seen.value, kind, "the class")
    calls(seen)
    _new(world, "m", data)
    world.do("item_write", "m", "z", 9)
    _new(world, "m", dict(data, z=9))
    _new(world, "o", {"o": 7})


@check(
    "COLL-16", needs=("mapping",), each={kind: {"kind": kind} for kind in ("mapping", "Mapping")}
)
def a_mapping_is_built_from_keys(world: World, kind: str) -> None:
    equal(world.do("build_from_keys", "m", kind, ["a", "b"], 5).value, kind, "the class")
    _new(world, "m", {"a": 5, "b": 5})


@check(
    "COLL-16",
    needs=("list",),
    each={
        f"{label}, {kind}": {"kind": kind, "arguments": arguments, "data": data}
        for label, (arguments, data) in {
            "nothing": ([], []),
            "None": ([None], []),
            "text": (["ab"], ["a", "b"]),
            "list": ([[3, 1]], [3, 1]),
            "tuple": ([(3, 1)], [3, 1]),
            "persistent": ([ref("o")], [7]),
        }.items()
        for kind in ("list", "List_")
    },
)
def a_list_is_built_from_an_iterable(world: World, kind: str, arguments: Any, data: Any) -> None:
    world.do("build", "o", "list", [[7]])
    seen = world.do("build", "l", kind, arguments)
    equal(seen.value, kind, "the class")
    calls(seen)
    _new(world, "l", data)
    world.do("list_append", "l", 9)
    _new(world, "l", [*data, 9])
    _new(world, "o", [7])


clause(
    "COLL-18",
    SHOULD,
    "copy() of a persistent mapping, and its union with another mapping, give a new instance of "
    "the same class, and neither marks the original changed.",
    'N (D2.3: mappings "keep track of when they are mutated in place"; COLL-10 for lists)',
)


@check(
    "COLL-18",
    needs=("mapping",),
    each={
        f"{label}, {state}": {"op": op, "arguments": arguments, "data": data, "state": state}
        for label, (op, arguments, data) in {
            "copy()": ("copy_collection", {"how": "copy()"}, MAPPED),
            "|": ("map_union", {"value": {"b": 9, "c": 3}}, {"a": 1, "b": 9, "c": 3}),
            "| persistent": ("map_union", {"value": ref("k")}, {"a": 1, "b": 5}),
            "dict |": ("map_union", {"value": {"b": 9}, "swapped": True}, MAPPED),
        }.items()
        for state in ("unsaved", "saved", "ghost")
    },
)
def a_mapping_made_from_a_mapping_is_of_its_class(
    world: World, op: str, arguments: Dict[str, Any], data: Any, state: str
) -> None:
    given(world, state, "m", "Mapping", {"data": MAPPED})
    given(world, "saved", "k", "Mapping", {"data": {"b": 5}})
    seen = world.do(op, object="m", new="n", **arguments)
    equal(seen.value, "Mapping", "the class of the new mapping")
    calls(seen, *(["setstate m"] if state == "ghost" else []))
    _new(world, "n", data)
    _still(world, "m", MAPPED)
    _still(world, "k", {"b": 5})
    world.do("item_write", "n", "z", 9)
    _still(world, "m", MAPPED)


clause(
    "COLL-19",
    SHOULD,
    "A change that fails after it has changed some items marks the collection changed, so that "
    "what is in memory is either stored or undone.",
    'N (D2.3: "mutating instances of this class will cause them to be marked as changed")',
)


@check(
    "COLL-19",
    needs=("mapping", "list"),
    each={
        "update": {"sample": "Mapping", "op": "map_update_failing", "done": [["z", 9]]},
        "extend": {"sample": "List_", "op": "list_extend_failing", "done": [8, 9]},
    },
)
def a_half_done_change_is_not_lost(world: World, sample: str, op: str, done: Any) -> None:
    given(world, "saved", "o", sample, {"data": _DATA[sample]})
    seen = world.attempt(op, "o", done)
    raises(seen, "ValueError")
    now = world.object("o")
    if now.dict == {"data": _DATA[sample]}:
        return
    equal(now.state, CHANGED, "_p_state of a collection of which some items were changed")
    calls(seen, "register o")


clause(
    "COLL-20",
    SHOULD,
    "If a ghost collection cannot be loaded, what was asked of it raises that error, even if it is "
    "a KeyError: get, in and pop do not answer as if the item were missing.",
    "N (ACT-06; CAPI-07 says it of C containers)",
)


@check(
    "COLL-20",
    needs=("mapping", "list"),
    each={
        **_EACH_READING,
        "Mapping pop": {
            "sample": "Mapping",
            "op": "pop",
            "arguments": {"arguments": ["a", 9]},
            "value": 1,
        },
        "Mapping setdefault": {
            "sample": "Mapping",
            "op": "map_setdefault",
            "arguments": {"arguments": ["a", 9]},
            "value": 1,
        },
    },
)
def a_failed_load_of_a_collection_is_not_hidden(
    world: World, sample: str, op: str, arguments: Dict[str, Any], value: Any
) -> None:
    given(world, "ghost", "o", sample, {"data": _DATA[sample]})
    world.do("plan", "setstate", "o", error="LoadError")
    seen = world.attempt(op, "o", **arguments)
    raises(seen, "LoadError")
    calls(seen, "setstate o")
    equal(world.object("o").state, GHOST, "_p_state after the failed load")
    equal(world.do(op, "o", **arguments).value, value, "the value once it can be loaded")
