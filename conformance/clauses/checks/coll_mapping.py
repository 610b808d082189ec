"""COLL - what changes a persistent mapping, and what does not."""

from typing import Any, Dict

from conformance.clauses.expect import calls, equal, one_of, raises
from conformance.clauses.registry import CONTESTED, MUST, SHOULD, check, clause
from fixtures.states import CHANGED, GHOST, UPTODATE, given
from fixtures.values import ref
from fixtures.world import World

STORED = {"a": 1, "b": 2}

#: What a change calls, by the state that it finds.
CALLS = {
    "unsaved": (),
    "saved": ("register m",),
    "ghost": ("setstate m", "register m"),
    "changed": (),
}

#: Changes of a mapping that holds `STORED`: operation, arguments, its value, the data afterwards.
CHANGES = {
    "set new": ("item_write", {"key": "c", "value": 3}, None, {"a": 1, "b": 2, "c": 3}),
    "set present": ("item_write", {"key": "a", "value": 9}, None, {"a": 9, "b": 2}),
    "del": ("item_delete", {"key": "a"}, None, {"b": 2}),
    "pop": ("pop", {"arguments": ["a"]}, 1, {"b": 2}),
    "pop with default": ("pop", {"arguments": ["b", 9]}, 2, {"a": 1}),
    "update": ("map_update", {"arguments": [{"a": 9, "c": 3}]}, None, {"a": 9, "b": 2, "c": 3}),
    "update with keywords": ("map_update", {"keywords": {"c": 3}}, None, {"a": 1, "b": 2, "c": 3}),
    "setdefault": ("map_setdefault", {"arguments": ["c", 3]}, 3, {"a": 1, "b": 2, "c": 3}),
    "clear": ("clear", {}, None, {}),
    "union": ("map_unite", {"value": {"a": 9, "c": 3}}, True, {"a": 9, "b": 2, "c": 3}),
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


def _unchanged(world: World, name: str, data: Any, what: str) -> None:
    seen = world.object(name)
    equal(seen.dict, {"data": data}, f"the instance dict after {what}")
    equal(seen.changed, False, f"_p_changed after {what}")
    equal(seen.state, UPTODATE, f"_p_state after {what}")


clause(
    "COLL-01",
    MUST,
    "Setting and deleting an item of a persistent mapping, pop, popitem, update, setdefault of a "
    "new key, clear of a mapping that is not empty and in-place union mark it changed and register "
    "it once.",
    "D2.3; CH 4.6.0",
)


@check(
    "COLL-01",
    needs=("mapping",),
    each=_each(CHANGES, *CALLS),
)
@check(
    "COLL-01",
    needs=("mapping",),
    world={"cache": False},
    each={f"{label}, no cache": made for label, made in _each(CHANGES, "saved", "ghost").items()},
)
def a_change_of_a_mapping_marks_it_changed_and_registers_it_once(
    world: World, op: str, arguments: Dict[str, Any], value: Any, data: Any, state: str
) -> None:
    given(world, state, "m", "Mapping", {"data": STORED})
    seen = world.do(op, "m", **arguments)
    equal(seen.value, value, "the value")
    calls(seen, *CALLS[state])
    now = world.object("m")
    equal(now.dict, {"data": data}, "the instance dict")
    equal(bool(now.changed), state != "unsaved", "the truth of _p_changed")
    equal(now.state, UPTODATE if state == "unsaved" else CHANGED, "_p_state")


@check("COLL-01", needs=("mapping",), each={state: {"state": state} for state in CALLS})
def popitem_removes_one_item_and_marks_the_mapping_changed(world: World, state: str) -> None:
    given(world, state, "m", "Mapping", {"data": STORED})
    seen = world.do("map_popitem", "m")
    calls(seen, *CALLS[state])
    one_of(seen.value, tuple(STORED.items()), "the value of popitem")
    left = dict(STORED)
    del left[seen.value[0]]
    now = world.object("m")
    equal(now.dict, {"data": left}, "the instance dict")
    equal(bool(now.changed), state != "unsaved", "the truth of _p_changed")


@check("COLL-01", needs=("mapping",), each=_each(CHANGES, "saved"))
def a_second_change_of_a_mapping_does_not_register_again(
    world: World, op: str, arguments: Dict[str, Any], value: Any, data: Any, state: str
) -> None:
    given(world, state, "m", "Mapping", {"data": STORED})
    world.do(op, "m", **arguments)
    calls(world.do("item_write", "m", "d", 4))
    equal(world.object("m").dict, {"data": dict(data, d=4)}, "the instance dict")
    world.do("commit")
    equal(world.object("m").changed, False, "_p_changed after commit")
    calls(world.do("item_write", "m", "d", 5), "register m")


clause(
    "COLL-02",
    MUST,
    "clear and popitem do not mark an empty mapping changed, and popitem raises KeyError; neither "
    "does setdefault of a key that is present, which answers what is stored. (clear of a mapping "
    "that still has _container is left open.)",
    "D2.3 (versionchanged 4.5.2); CH 4.6.0; setdefault: N",
)


@check("COLL-02", needs=("mapping",), each={state: {"state": state} for state in CALLS})
def clear_of_an_empty_mapping_does_not_mark_it(world: World, state: str) -> None:
    given(world, state, "m", "Mapping", {"data": {}})
    before = world.object("m").state
    seen = world.do("clear", "m")
    calls(seen, *(["setstate m"] if state == "ghost" else []))
    now = world.object("m")
    equal(now.dict, {"data": {}}, "the instance dict")
    equal(now.state, UPTODATE if before == GHOST else before, "_p_state")


@check("COLL-02", needs=("mapping",), each={state: {"state": state} for state in CALLS})
def popitem_of_an_empty_mapping_raises_and_does_not_mark_it(world: World, state: str) -> None:
    given(world, state, "m", "Mapping", {"data": {}})
    before = world.object("m").state
    seen = world.attempt("map_popitem", "m")
    raises(seen, "KeyError")
    calls(seen, *(["setstate m"] if state == "ghost" else []))
    now = world.object("m")
    equal(now.dict, {"data": {}}, "the instance dict")
    equal(now.state, UPTODATE if before == GHOST else before, "_p_state")


@check(
    "COLL-02",
    needs=("mapping",),
    each={
        f"{label}, {state}": {"arguments": arguments, "state": state}
        for label, arguments in {"no default": ["a"], "default": ["a", 9]}.items()
        for state in CALLS
    },
)
def setdefault_of_a_present_key_does_not_mark(world: World, arguments: Any, state: str) -> None:
    given(world, state, "m", "Mapping", {"data": STORED})
    before = world.object("m").state
    seen = world.do("map_setdefault", "m", arguments)
    equal(seen.value, 1, "the value of setdefault")
    calls(seen, *(["setstate m"] if state == "ghost" else []))
    now = world.object("m")
    equal(now.dict, {"data": STORED}, "the instance dict")
    equal(now.state, UPTODATE if before == GHOST else before, "_p_state")


clause(
    "COLL-03",
    MUST,
    "A deletion or popitem that fails with KeyError leaves the mapping unchanged and not marked.",
    "D2.3; CH 4.6.0",
)


@check(
    "COLL-03",
    needs=("mapping",),
    each={
        "saved": {"state": "saved", "made": []},
        "ghost": {"state": "ghost", "made": ["setstate m"]},
        "unsaved": {"state": "unsaved", "made": []},
    },
)
def a_failed_deletion_leaves_the_mapping_unchanged(world: World, state: str, made: Any) -> None:
    given(world, state, "m", "Mapping", {"data": STORED})
    seen = world.attempt("item_delete", "m", "z")
    raises(seen, "KeyError")
    calls(seen, *made)
    _unchanged(world, "m", STORED, "the failed deletion")


@check("COLL-03", needs=("mapping",))
def a_failed_popitem_leaves_the_mapping_unchanged(world: World) -> None:
    given(world, "saved", "m", "Mapping", {"data": {}})
    seen = world.attempt("map_popitem", "m")
    raises(seen, "KeyError")
    calls(seen)
    _unchanged(world, "m", {}, "the failed popitem")


clause(
    "COLL-04",
    MUST,
    "update accepts a mapping or pairs, and any keyword besides, as UserDict does: b, too.",
    "D2.3; CH 4.6.0",
)


@check(
    "COLL-04",
    needs=("mapping",),
    each={
        "nothing": {"arguments": [], "keywords": {}, "data": STORED},
        "mapping": {
            "arguments": [{"a": 9, "z": 8}],
            "keywords": {},
            "data": {"a": 9, "b": 2, "z": 8},
        },
        "pairs": {
            "arguments": [[["a", 9], ("z", 8)]],
            "keywords": {},
            "data": {"a": 9, "b": 2, "z": 8},
        },
        "keywords": {
            "arguments": [],
            "keywords": {"a": 9, "z": 8},
            "data": {"a": 9, "b": 2, "z": 8},
        },
        "b": {"arguments": [], "keywords": {"b": {"a": 2}}, "data": {"a": 1, "b": {"a": 2}}},
        "dict": {"arguments": [], "keywords": {"dict": 1}, "data": {"a": 1, "b": 2, "dict": 1}},
        "other": {"arguments": [], "keywords": {"other": 1}, "data": {"a": 1, "b": 2, "other": 1}},
        "both": {"arguments": [{"a": 9}], "keywords": {"a": 8, "b": 7}, "data": {"a": 8, "b": 7}},
        "persistent": {"arguments": [ref("n")], "keywords": {}, "data": {"a": 1, "b": 5, "n": 6}},
    },
)
def update_takes_a_mapping_or_pairs_and_keywords(
    world: World, arguments: Any, keywords: Dict[str, Any], data: Any
) -> None:
    given(world, "saved", "m", "Mapping", {"data": STORED})
    given(world, "saved", "n", "Mapping", {"data": {"b": 5, "n": 6}})
    equal(world.do("map_update", "m", arguments, keywords).value, None, "the value of update")
    equal(world.object("m").dict, {"data": data}, "the instance dict")
    _unchanged(world, "n", {"b": 5, "n": 6}, "the update of another mapping")


@check(
    "COLL-04",
    needs=("mapping",),
    each={"two": {"arguments": [{}, {}]}, "number": {"arguments": [1]}},
)
def update_of_anything_else_raises_and_changes_nothing(world: World, arguments: Any) -> None:
    given(world, "saved", "m", "Mapping", {"data": STORED})
    raises(world.attempt("map_update", "m", arguments), "TypeError")
    equal(world.object("m").dict, {"data": STORED}, "the instance dict")


clause(
    "COLL-05",
    MUST,
    'PersistentMapping keeps its items in "data"; a stored state with "_container" (ZODB before '
    "3.3) can be read all the same, reading it does not mark the mapping changed, and what is "
    'stored later has "data" in its place.',
    "D2.3 (reserved for backwards compatibility); mapping.py comment",
)

_READINGS = {
    "item": ("item_read", {"key": "a"}, 1),
    "get": ("item_get", {"arguments": ["a"]}, 1),
    "in": ("contains", {"key": "a"}, True),
    "not in": ("contains", {"key": "z"}, False),
    "len": ("length", {}, 2),
    "iter": ("iterate", {}, ["a", "b"]),
    "items": ("views", {"what": "items"}, [("a", 1), ("b", 2)]),
    "==": ("compare_collection", {"comparison": "==", "value": STORED}, True),
    "setdefault": ("map_setdefault", {"arguments": ["a", 9]}, 1),
}


@check(
    "COLL-05",
    needs=("mapping",),
    each={
        f"{label}, {state}": {"op": op, "arguments": arguments, "value": value, "state": state}
        for label, (op, arguments, value) in _READINGS.items()
        for state in ("saved", "ghost")
    },
)
def reading_an_old_state_does_not_mark_it_changed(
    world: World, op: str, arguments: Dict[str, Any], value: Any, state: str
) -> None:
    given(world, state, "m", "Mapping", {"_container": STORED})
    seen = world.do(op, "m", **arguments)
    equal(seen.value, value, "the value")
    calls(seen, *(["setstate m"] if state == "ghost" else []))
    now = world.object("m")
    equal(now.changed, False, "_p_changed")
    equal(now.state, UPTODATE, "_p_state")
    equal(world.do("collection_state", "m").value, {"data": STORED}, "the state to be stored")
    calls(world.do(op, "m", **arguments))
    equal(world.object("m").changed, False, "_p_changed after a second reading")


@check("COLL-05", needs=("mapping",))
def a_mapping_keeps_its_items_in_data(world: World) -> None:
    world.do("build", "m", "mapping", [{"a": 1}], {"b": 2})
    equal(world.object("m").dict, {"data": STORED}, "the instance dict")
    equal(world.do("collection_state", "m").value, {"data": STORED}, "the state to be stored")


@check("COLL-05", needs=("mapping",), each=_each(CHANGES, "saved", "ghost"))
def changing_an_old_state_stores_the_new_one(
    world: World, op: str, arguments: Dict[str, Any], value: Any, data: Any, state: str
) -> None:
    given(world, state, "m", "Mapping", {"_container": STORED})
    seen = world.do(op, "m", **arguments)
    equal(seen.value, value, "the value")
    calls(seen, *CALLS[state])
    now = world.object("m")
    equal(now.dict, {"data": data}, "the instance dict")
    equal(now.state, CHANGED, "_p_state")
    equal(world.do("collection_state", "m").value, {"data": data}, "the state to be stored")


clause(
    "COLL-11",
    SHOULD,
    "pop of a key that is missing raises KeyError or answers the default, and does not mark the "
    "mapping changed.",
    "N (COLL-03 says it of the other removals)",
)


@check(
    "COLL-11",
    needs=("mapping",),
    each={
        f"{label}, {state}": {"arguments": arguments, "keywords": keywords, "state": state}
        for label, (arguments, keywords) in {
            "KeyError": (["z"], {}),
            "default": (["z", 9], {}),
            "default None": (["z", None], {}),
            "keyword": (["z"], {"default": 9}),
        }.items()
        for state in ("saved", "ghost", "unsaved")
    },
)
def pop_of_a_missing_key_does_not_mark(
    world: World, arguments: Any, keywords: Any, state: str
) -> None:
    given(world, state, "m", "Mapping", {"data": STORED})
    seen = world.attempt("pop", "m", arguments, keywords)
    if len(arguments) == 1 and not keywords:
        raises(seen, "KeyError")
    else:
        equal(seen.error, None, "the error of pop")
        equal(seen.value, keywords.get("default", arguments[-1]), "the value of pop")
    calls(seen, *(["setstate m"] if state == "ghost" else []))
    _unchanged(world, "m", STORED, "pop of a missing key")


clause(
    "COLL-14",
    MUST,
    "clear works on a mapping without a jar, empty or not.",
    "CH 4.6.2 (#139)",
)


@check(
    "COLL-14",
    needs=("mapping",),
    each={
        f"{kind}, {len(data)}": {"kind": kind, "data": data}
        for kind in ("mapping", "Mapping")
        for data in ({}, {"a": 1}, STORED)
    },
)
def clear_works_without_a_jar(world: World, kind: str, data: Any) -> None:
    world.do("build", "m", kind, [data])
    equal(world.object("m").dict, {"data": data}, "the instance dict before clear")
    seen = world.do("clear", "m")
    equal(seen.value, None, "the value of clear")
    calls(seen)
    _unchanged(world, "m", {}, "clear")


clause(
    "COLL-15",
    MUST,
    "setdefault(key, default=None) and pop(key[, default]) have the signatures of UserDict's.",
    "CH 4.6.0",
)


@check(
    "COLL-15",
    needs=("mapping",),
    each={
        "no default": {"arguments": ["z"], "keywords": {}, "value": None},
        "positional": {"arguments": ["z", 9], "keywords": {}, "value": 9},
        "keyword": {"arguments": ["z"], "keywords": {"default": 9}, "value": 9},
        "keywords": {"arguments": [], "keywords": {"key": "z", "default": 9}, "value": 9},
    },
)
def setdefault_takes_a_key_and_a_default(
    world: World, arguments: Any, keywords: Dict[str, Any], value: Any
) -> None:
    given(world, "saved", "m", "Mapping", {"data": STORED})
    equal(world.do("map_setdefault", "m", arguments, keywords).value, value, "the value")
    equal(world.object("m").dict, {"data": dict(STORED, z=value)}, "the instance dict")


@check(
    "COLL-15",
    needs=("mapping",),
    each={
        "present": {"arguments": ["a"], "keywords": {}, "value": 1},
        "present, default": {"arguments": ["a", 9], "keywords": {}, "value": 1},
        "default": {"arguments": ["z", 9], "keywords": {}, "value": 9},
        "default None": {"arguments": ["z", None], "keywords": {}, "value": None},
        "keyword": {"arguments": ["z"], "keywords": {"default": 9}, "value": 9},
        "keywords": {"arguments": [], "keywords": {"key": "z", "default": 9}, "value": 9},
    },
)
def pop_takes_a_key_and_perhaps_a_default(
    world: World, arguments: Any, keywords: Dict[str, Any], value: Any
) -> None:
    given(world, "saved", "m", "Mapping", {"data": STORED})
    equal(world.do("pop", "m", arguments, keywords).value, value, "the value of pop")
    left = {key: item for key, item in STORED.items() if key not in arguments}
    equal(world.object("m").dict, {"data": left}, "the instance dict")


@check("COLL-15", needs=("mapping",))
def pop_of_a_missing_key_without_default_raises(world: World) -> None:
    given(world, "saved", "m", "Mapping", {"data": STORED})
    raises(world.attempt("pop", "m", ["z"]), "KeyError")
    equal(world.object("m").dict, {"data": STORED}, "the instance dict")


@check(
    "COLL-15",
    needs=("mapping",),
    each={
        "pop, none": {"op": "pop", "arguments": []},
        "pop, three": {"op": "pop", "arguments": ["z", 1, 2]},
        "setdefault, none": {"op": "map_setdefault", "arguments": []},
        "setdefault, three": {"op": "map_setdefault", "arguments": ["z", 1, 2]},
    },
)
def other_numbers_of_arguments_raise(world: World, op: str, arguments: Any) -> None:
    given(world, "saved", "m", "Mapping", {"data": STORED})
    raises(world.attempt(op, "m", arguments), "TypeError")
    equal(world.object("m").dict, {"data": STORED}, "the instance dict")


clause(
    "COLL-17",
    CONTESTED,
    "update accepts the keyword self, as UserDict does.",
    "CH 4.6.0",
    decision='CH 4.6.0 says "like the native UserDict"; the shipped class raises TypeError. The '
    "reference accepts it.",
)


@check("COLL-17", needs=("mapping",))
def update_accepts_the_keyword_self(world: World) -> None:
    given(world, "saved", "m", "Mapping", {"data": STORED})
    calls(world.do("map_update", "m", [], {"self": 1, "other": 2}), "register m")
    equal(world.object("m").dict, {"data": dict(STORED, self=1, other=2)}, "the instance dict")
