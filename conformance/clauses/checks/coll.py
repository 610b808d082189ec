"""COLL - building, reading and copying persistent mappings and lists."""

from typing import Any, Dict, Tuple

from conformance.clauses.cases import Cases, cases, crossed, rows
from conformance.clauses.expect import calls, equal, looks, raises
from conformance.clauses.measure import Measured
from conformance.clauses.registry import BOTH, MAY, MUST, SHOULD, check, clause
from fixtures.states import CHANGED, GHOST, UPTODATE, given
from fixtures.values import ref
from fixtures.world import World

MAPPED = {"a": 1, "b": 2}
LISTED = [3, 1, 2]

_BOTH: Cases = {
    "Mapping": {"sample": "Mapping", "items": MAPPED},
    "List_": {"sample": "List_", "items": LISTED},
}


def _loading(name: str, state: str) -> Tuple[str, ...]:
    return (f"setstate {name}",) if state == "ghost" else ()


def _new(world: World, name: str) -> None:
    seen = world.object(name)
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
    each=crossed(_BOTH, cases(state=("unsaved", "saved", "ghost", "changed"))),
)
def a_copy_has_a_container_of_its_own(world: World, sample: str, items: Any, state: str) -> None:
    both = Measured(world)
    both.given(state, "o", items, further=5)
    before = world.object("o").state
    calls(both.do("copy_collection", "o", "c"), *_loading("o", state))
    equal(both.do("shares_data", "o", "c").value, False, "the copy has the data of the original")
    _new(world, "c")
    now = UPTODATE if before == GHOST else before
    looks(world, "o", state=now)
    both.do("item_write", "c", 0, 9)
    looks(world, "o", state=now)


@check("COLL-06", needs=("mapping",), each=cases(state=("saved", "ghost")))
def a_copy_of_an_old_mapping_has_data(world: World, state: str) -> None:
    both = Measured(world)
    both.given(state, "o", MAPPED, old=True, further=5)
    calls(both.do("copy_collection", "o", "c"), *_loading("o", state))
    _new(world, "c")
    equal("data" in world.object("c").dict, True, "whether the copy has data")
    now = world.object("o")
    equal(now.dict, {"_container": MAPPED, "further": 5}, "the instance dict of the original")
    equal(now.changed, False, "_p_changed of the original")
    both.do("item_write", "c", "z", 9)
    both.do("item_get", "o", ["z"])


clause(
    "COLL-10",
    MUST,
    "Slicing a persistent list, its copy(), copy.copy of it, + and * give a new instance of the "
    "same class.",
    "CH 4.6.0; D2.3",
)

_NEW_LISTS: Dict[str, Tuple[Any, ...]] = {
    "[:]": ("slice_read", {}),
    "[0:1]": ("slice_read", {"start": 0, "stop": 1}),
    "[1:]": ("slice_read", {"start": 1}),
    "[-1:]": ("slice_read", {"start": -1}),
    "[::2]": ("slice_read", {"step": 2}),
    "[::-1]": ("slice_read", {"step": -1}),
    "[5:]": ("slice_read", {"start": 5}),
    "copy()": ("copy_collection", {"how": "copy()"}),
    "copy.copy": ("copy_collection", {"how": "copy.copy"}),
    "+ list": ("list_sum", {"values": [7]}),
    "+ tuple": ("list_sum", {"values": (7,)}),
    "+ persistent list": ("list_sum", {"values": ref("k")}),
    "list +": ("list_sum", {"values": [7], "swapped": True}),
    "tuple +": ("list_sum", {"values": (7,), "swapped": True}),
    "* 2": ("list_product", {"times": 2}),
    "* 0": ("list_product", {"times": 0}),
    "2 *": ("list_product", {"times": 2, "swapped": True}),
}


@check(
    "COLL-10",
    needs=("list",),
    each=crossed(rows(_NEW_LISTS, "op", "arguments"), cases(state=("saved", "ghost"))),
)
def a_list_made_from_a_list_is_of_its_class(
    world: World, op: str, arguments: Dict[str, Any], state: str
) -> None:
    both = Measured(world)
    both.given(state, "l", LISTED)
    both.given("saved", "k", [5])
    calls(both.do(op, object="l", new="n", **arguments), *_loading("l", state))
    _new(world, "n")
    both.do("list_append", "n", 9)
    for name in ("l", "k"):
        looks(world, name, state=UPTODATE)


@check("COLL-10", needs=("list",), each=rows(_NEW_LISTS, "op", "arguments"))
def a_list_made_from_a_list_of_the_class_itself_is_of_it(
    world: World, op: str, arguments: Dict[str, Any]
) -> None:
    both = Measured(world)
    both.do("build", "k", "list", [[5]])
    both.do("build", "l", "list", [LISTED])
    both.do(op, object="l", new="n", **arguments)
    _new(world, "n")
    _new(world, "l")


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

_READINGS: Dict[str, Dict[str, Tuple[Any, ...]]] = {
    "Mapping": {
        "len": ("length", {}),
        "bool": ("truth", {}),
        "iter": ("iterate", {}),
        "in": ("contains", {"key": "a"}),
        "not in": ("contains", {"key": "z"}),
        "[]": ("item_read", {"key": "a"}),
        "get": ("item_get", {"arguments": ["b"]}),
        "get default": ("item_get", {"arguments": ["z", 9]}),
        "keys": ("views", {"what": "keys"}),
        "values": ("views", {"what": "values"}),
        "items": ("views", {"what": "items"}),
        "== same": ("compare_collection", {"comparison": "==", "value": MAPPED}),
        "== other": ("compare_collection", {"comparison": "==", "value": {"a": 1}}),
        "!=": ("compare_collection", {"comparison": "!=", "value": MAPPED}),
        "repr": ("repr", {}),
    },
    "List_": {
        "len": ("length", {}),
        "bool": ("truth", {}),
        "iter": ("iterate", {}),
        "reversed": ("iterate_reversed", {}),
        "in": ("contains", {"key": 2}),
        "not in": ("contains", {"key": 9}),
        "[]": ("item_read", {"key": 0}),
        "[-1]": ("item_read", {"key": -1}),
        "count": ("search", {"what": "count", "value": 1}),
        "index": ("search", {"what": "index", "value": 2}),
        "== same": ("compare_collection", {"comparison": "==", "value": LISTED}),
        "== other": ("compare_collection", {"comparison": "==", "value": [3]}),
        "!=": ("compare_collection", {"comparison": "!=", "value": LISTED}),
        "<": ("compare_collection", {"comparison": "<", "value": [4]}),
        "<=": ("compare_collection", {"comparison": "<=", "value": LISTED}),
        ">": ("compare_collection", {"comparison": ">", "value": LISTED}),
        ">=": ("compare_collection", {"comparison": ">=", "value": LISTED}),
        "repr": ("repr", {}),
    },
}

_EACH_READING: Cases = {
    f"{sample} {label}": {"items": _BOTH[sample]["items"], **made}
    for sample, readings in _READINGS.items()
    for label, made in rows(readings, "op", "arguments").items()
}


@check("COLL-13", needs=("mapping", "list"), each=_EACH_READING, caches=BOTH)
def reading_a_ghost_collection_loads_it(
    world: World, items: Any, op: str, arguments: Dict[str, Any]
) -> None:
    both = Measured(world)
    both.given("ghost", "o", items)
    calls(both.do(op, "o", **arguments), "setstate o")
    looks(world, "o", changed=False)
    calls(both.do(op, "o", **arguments))


@check(
    "COLL-13",
    needs=("mapping", "list"),
    each={
        "[] of a mapping": {"items": MAPPED, "key": "z"},
        "[] of a list": {"items": LISTED, "key": 3},
    },
)
def indexing_what_is_missing_loads_a_ghost_and_raises(world: World, items: Any, key: Any) -> None:
    both = Measured(world)
    both.given("ghost", "o", items)
    seen = both.do("item_read", "o", key)
    raises(seen, "LookupError")
    calls(seen, "setstate o")
    looks(world, "o", state=UPTODATE)


clause(
    "COLL-16",
    MUST,
    "PersistentMapping and PersistentList are built like UserDict and UserList, from a mapping or "
    "pairs and keywords, and from an iterable, whose items they copy; they can be subclassed.",
    "D2.3",
)


_MAPPINGS: Dict[str, Tuple[Any, ...]] = {
    "nothing": ([], {}),
    "None": ([None], {}),
    "keywords": ([], {"a": 1, "b": 2}),
    "mapping": ([MAPPED], {}),
    "pairs": ([[["a", 1], ("b", 2)]], {}),
    "mapping and keywords": ([{"a": 1}], {"b": 2}),
    "keyword wins": ([{"a": 1, "b": 9}], {"b": 2}),
    "keyword self": ([], {"self": 1}),
    "persistent": ([ref("o")], {}),
}


@check(
    "COLL-16",
    needs=("mapping",),
    each=crossed(rows(_MAPPINGS, "arguments", "keywords"), cases(kind=("mapping", "Mapping"))),
)
def a_mapping_is_built_from_a_mapping_or_pairs_and_keywords(
    world: World, arguments: Any, keywords: Dict[str, Any], kind: str
) -> None:
    both = Measured(world)
    both.do("build", "o", "mapping", [{"o": 7}])
    calls(both.do("build", "m", kind, arguments, keywords))
    _new(world, "m")
    both.do("item_write", "m", "z", 9)
    _new(world, "m")
    _new(world, "o")


@check("COLL-16", needs=("mapping",), each=cases(kind=("mapping", "Mapping")))
def a_mapping_is_built_from_keys(world: World, kind: str) -> None:
    Measured(world).do("build_from_keys", "m", kind, ["a", "b"], 5)
    _new(world, "m")


_LISTS: Dict[str, Tuple[Any, ...]] = {
    "nothing": ([],),
    "None": ([None],),
    "text": (["ab"],),
    "list": ([[3, 1]],),
    "tuple": ([(3, 1)],),
    "persistent": ([ref("o")],),
}


@check(
    "COLL-16",
    needs=("list",),
    each=crossed(rows(_LISTS, "arguments"), cases(kind=("list", "List_"))),
)
def a_list_is_built_from_an_iterable(world: World, arguments: Any, kind: str) -> None:
    both = Measured(world)
    both.do("build", "o", "list", [[7]])
    calls(both.do("build", "l", kind, arguments))
    _new(world, "l")
    both.do("list_append", "l", 9)
    _new(world, "l")
    _new(world, "o")


clause(
    "COLL-18",
    SHOULD,
    "copy() of a persistent mapping, and its union with another mapping, give a new instance of "
    "the same class, and neither marks the original changed.",
    'N (D2.3: mappings "keep track of when they are mutated in place"; COLL-10 for lists)',
)


_NEW_MAPPINGS: Dict[str, Tuple[Any, ...]] = {
    "copy()": ("copy_collection", {"how": "copy()"}),
    "|": ("map_union", {"value": {"b": 9, "c": 3}}),
    "| persistent": ("map_union", {"value": ref("k")}),
    "dict |": ("map_union", {"value": {"b": 9}, "swapped": True}),
}


@check(
    "COLL-18",
    needs=("mapping",),
    each=crossed(
        rows(_NEW_MAPPINGS, "op", "arguments"), cases(state=("unsaved", "saved", "ghost"))
    ),
)
def a_mapping_made_from_a_mapping_is_of_its_class(
    world: World, op: str, arguments: Dict[str, Any], state: str
) -> None:
    both = Measured(world)
    both.given(state, "m", MAPPED)
    both.given("saved", "k", {"b": 5})
    calls(both.do(op, object="m", new="n", **arguments), *_loading("m", state))
    _new(world, "n")
    both.do("item_write", "n", "z", 9)
    for name in ("m", "k"):
        looks(world, name, state=UPTODATE)


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
    items = _BOTH[sample]["items"]
    given(world, "saved", "o", sample, {"data": items})
    seen = world.attempt(op, "o", done)
    raises(seen, "ValueError")
    now = world.object("o")
    if now.dict == {"data": items}:
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
        "Mapping pop": {"items": MAPPED, "op": "pop", "arguments": {"arguments": ["a", 9]}},
        "Mapping setdefault": {
            "items": MAPPED,
            "op": "map_setdefault",
            "arguments": {"arguments": ["a", 9]},
        },
    },
)
def a_failed_load_of_a_collection_is_not_hidden(
    world: World, items: Any, op: str, arguments: Dict[str, Any]
) -> None:
    both = Measured(world)
    both.given("ghost", "o", items)
    world.do("plan", "setstate", "o", error="LoadError")
    seen = world.attempt(op, "o", **arguments)
    raises(seen, "LoadError")
    calls(seen, "setstate o")
    looks(world, "o", state=GHOST)
    both.do(op, "o", **arguments)
