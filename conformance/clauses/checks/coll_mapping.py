"""COLL - what changes a persistent mapping, and what does not."""

from typing import Any, Dict, Tuple

from conformance.clauses.cases import NO_CACHE, Cases, cases, crossed, rows, uncached
from conformance.clauses.expect import calls, equal, looks, one_of, raises
from conformance.clauses.measure import Measured
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

#: Changes of a mapping that holds `STORED`: operation and arguments.
CHANGES: Dict[str, Tuple[Any, ...]] = {
    "set new": ("item_write", {"key": "c", "value": 3}),
    "set present": ("item_write", {"key": "a", "value": 9}),
    "del": ("item_delete", {"key": "a"}),
    "pop": ("pop", {"arguments": ["a"]}),
    "pop with default": ("pop", {"arguments": ["b", 9]}),
    "update": ("map_update", {"arguments": [{"a": 9, "c": 3}]}),
    "update with keywords": ("map_update", {"keywords": {"c": 3}}),
    "setdefault": ("map_setdefault", {"arguments": ["c", 3]}),
    "clear": ("clear", {}),
    "union": ("map_unite", {"value": {"a": 9, "c": 3}}),
}


def _each(table: Dict[str, Tuple[Any, ...]], *states: str) -> Cases:
    return crossed(rows(table, "op", "arguments"), cases(state=states))


def _loading(state: str) -> Tuple[str, ...]:
    return ("setstate m",) if state == "ghost" else ()


def _unmarked(world: World, name: str, what: str) -> None:
    seen = world.object(name)
    equal(seen.changed, False, f"_p_changed after {what}")
    equal(seen.state, UPTODATE, f"_p_state after {what}")


def _kept(world: World, before: int) -> None:
    """The mapping has to be in the state that it was in, or loaded if it was a ghost."""
    looks(world, "m", state=UPTODATE if before == GHOST else before)


clause(
    "COLL-01",
    MUST,
    "Setting and deleting an item of a persistent mapping, pop, popitem, update, setdefault of a "
    "new key, clear of a mapping that is not empty and in-place union mark it changed and register "
    "it once.",
    "D2.3; CH 4.6.0",
)


@check("COLL-01", needs=("mapping",), each=_each(CHANGES, *CALLS))
@check(
    "COLL-01", needs=("mapping",), world=NO_CACHE, each=uncached(_each(CHANGES, "saved", "ghost"))
)
def a_change_of_a_mapping_marks_it_changed_and_registers_it_once(
    world: World, op: str, arguments: Dict[str, Any], state: str
) -> None:
    both = Measured(world)
    both.given(state, "m", STORED)
    calls(both.do(op, "m", **arguments), *CALLS[state])
    now = world.object("m")
    equal(bool(now.changed), state != "unsaved", "the truth of _p_changed")
    equal(now.state, UPTODATE if state == "unsaved" else CHANGED, "_p_state")


@check("COLL-01", needs=("mapping",), each=cases(state=CALLS))
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
    world: World, op: str, arguments: Dict[str, Any], state: str
) -> None:
    both = Measured(world)
    both.given(state, "m", STORED)
    both.do(op, "m", **arguments)
    calls(both.do("item_write", "m", "d", 4))
    world.do("commit")
    looks(world, "m", changed=False)
    calls(both.do("item_write", "m", "d", 5), "register m")


clause(
    "COLL-02",
    MUST,
    "clear and popitem do not mark an empty mapping changed, and popitem raises KeyError; neither "
    "does setdefault of a key that is present, which answers what is stored. (clear of a mapping "
    "that still has _container is left open.)",
    "D2.3 (versionchanged 4.5.2); CH 4.6.0; setdefault: N",
)


@check("COLL-02", needs=("mapping",), each=cases(state=CALLS))
def clear_of_an_empty_mapping_does_not_mark_it(world: World, state: str) -> None:
    both = Measured(world)
    both.given(state, "m", {})
    before = world.object("m").state
    calls(both.do("clear", "m"), *_loading(state))
    _kept(world, before)


@check("COLL-02", needs=("mapping",), each=cases(state=CALLS))
def popitem_of_an_empty_mapping_raises_and_does_not_mark_it(world: World, state: str) -> None:
    both = Measured(world)
    both.given(state, "m", {})
    before = world.object("m").state
    seen = both.do("map_popitem", "m")
    raises(seen, "KeyError")
    calls(seen, *_loading(state))
    _kept(world, before)


@check(
    "COLL-02",
    needs=("mapping",),
    each=crossed(
        {"no default": {"arguments": ["a"]}, "default": {"arguments": ["a", 9]}},
        cases(state=CALLS),
    ),
)
def setdefault_of_a_present_key_does_not_mark(world: World, arguments: Any, state: str) -> None:
    both = Measured(world)
    both.given(state, "m", STORED)
    before = world.object("m").state
    calls(both.do("map_setdefault", "m", arguments), *_loading(state))
    _kept(world, before)


clause(
    "COLL-03",
    MUST,
    "A deletion or popitem that fails with KeyError leaves the mapping unchanged and not marked.",
    "D2.3; CH 4.6.0",
)


@check("COLL-03", needs=("mapping",), each=cases(state=("saved", "ghost", "unsaved")))
def a_failed_deletion_leaves_the_mapping_unchanged(world: World, state: str) -> None:
    both = Measured(world)
    both.given(state, "m", STORED)
    seen = both.do("item_delete", "m", "z")
    raises(seen, "KeyError")
    calls(seen, *_loading(state))
    _unmarked(world, "m", "the failed deletion")


@check("COLL-03", needs=("mapping",))
def a_failed_popitem_leaves_the_mapping_unchanged(world: World) -> None:
    both = Measured(world)
    both.given("saved", "m", {})
    seen = both.do("map_popitem", "m")
    raises(seen, "KeyError")
    calls(seen)
    _unmarked(world, "m", "the failed popitem")


clause(
    "COLL-04",
    MUST,
    "update accepts a mapping or pairs, and any keyword besides, as UserDict does: b, too.",
    "D2.3; CH 4.6.0",
)


_UPDATES: Dict[str, Tuple[Any, ...]] = {
    "nothing": ([], {}),
    "mapping": ([{"a": 9, "z": 8}], {}),
    "pairs": ([[["a", 9], ("z", 8)]], {}),
    "keywords": ([], {"a": 9, "z": 8}),
    "b": ([], {"b": {"a": 2}}),
    "dict": ([], {"dict": 1}),
    "other": ([], {"other": 1}),
    "both": ([{"a": 9}], {"a": 8, "b": 7}),
    "persistent": ([ref("n")], {}),
}


@check("COLL-04", needs=("mapping",), each=rows(_UPDATES, "arguments", "keywords"))
def update_takes_a_mapping_or_pairs_and_keywords(
    world: World, arguments: Any, keywords: Dict[str, Any]
) -> None:
    both = Measured(world)
    both.given("saved", "m", STORED)
    both.given("saved", "n", {"b": 5, "n": 6})
    both.do("map_update", "m", arguments, keywords)
    _unmarked(world, "n", "the update of another mapping")


@check(
    "COLL-04",
    needs=("mapping",),
    each={"two": {"arguments": [{}, {}]}, "number": {"arguments": [1]}},
)
def update_of_anything_else_raises_and_changes_nothing(world: World, arguments: Any) -> None:
    both = Measured(world)
    both.given("saved", "m", STORED)
    raises(both.do("map_update", "m", arguments), "TypeError")


clause(
    "COLL-05",
    MUST,
    'PersistentMapping keeps its items in "data"; a stored state with "_container" (ZODB before '
    "3.3) can be read all the same, reading it does not mark the mapping changed, and what is "
    'stored later has "data" in its place.',
    "D2.3 (reserved for backwards compatibility); mapping.py comment",
)

_READINGS: Dict[str, Tuple[Any, ...]] = {
    "item": ("item_read", {"key": "a"}),
    "get": ("item_get", {"arguments": ["a"]}),
    "in": ("contains", {"key": "a"}),
    "not in": ("contains", {"key": "z"}),
    "len": ("length", {}),
    "iter": ("iterate", {}),
    "items": ("views", {"what": "items"}),
    "==": ("compare_collection", {"comparison": "==", "value": STORED}),
    "setdefault": ("map_setdefault", {"arguments": ["a", 9]}),
}


@check("COLL-05", needs=("mapping",), each=_each(_READINGS, "saved", "ghost"))
def reading_an_old_state_does_not_mark_it_changed(
    world: World, op: str, arguments: Dict[str, Any], state: str
) -> None:
    both = Measured(world)
    both.given(state, "m", STORED, old=True)
    calls(both.do(op, "m", **arguments), *_loading(state))
    _unmarked(world, "m", "the reading")
    equal(world.do("collection_state", "m").value, {"data": STORED}, "the state to be stored")
    calls(both.do(op, "m", **arguments))
    looks(world, "m", changed=False)


@check("COLL-05", needs=("mapping",))
def a_mapping_keeps_its_items_in_data(world: World) -> None:
    world.do("build", "m", "mapping", [{"a": 1}], {"b": 2})
    looks(world, "m", dict={"data": STORED})
    equal(world.do("collection_state", "m").value, {"data": STORED}, "the state to be stored")


@check("COLL-05", needs=("mapping",), each=_each(CHANGES, "saved", "ghost"))
def changing_an_old_state_stores_the_new_one(
    world: World, op: str, arguments: Dict[str, Any], state: str
) -> None:
    both = Measured(world)
    both.given(state, "m", STORED, old=True)
    calls(both.do(op, "m", **arguments), *CALLS[state])
    now = world.object("m")
    equal(list(now.dict), ["data"], "the names in the instance dict")
    equal(now.state, CHANGED, "_p_state")
    equal(world.do("collection_state", "m").value, now.dict, "the state to be stored")


clause(
    "COLL-11",
    SHOULD,
    "pop of a key that is missing raises KeyError or answers the default, and does not mark the "
    "mapping changed.",
    "N (COLL-03 says it of the other removals)",
)


_MISSING: Dict[str, Tuple[Any, ...]] = {
    "KeyError": (["z"], {}),
    "default": (["z", 9], {}),
    "default None": (["z", None], {}),
    "keyword": (["z"], {"default": 9}),
}


@check(
    "COLL-11",
    needs=("mapping",),
    each=crossed(
        rows(_MISSING, "arguments", "keywords"), cases(state=("saved", "ghost", "unsaved"))
    ),
)
def pop_of_a_missing_key_does_not_mark(
    world: World, arguments: Any, keywords: Any, state: str
) -> None:
    both = Measured(world)
    both.given(state, "m", STORED)
    calls(both.do("pop", "m", arguments, keywords), *_loading(state))
    _unmarked(world, "m", "pop of a missing key")


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
    both = Measured(world)
    both.do("build", "m", kind, [data])
    calls(both.do("clear", "m"))
    _unmarked(world, "m", "clear")


clause(
    "COLL-15",
    MUST,
    "setdefault(key, default=None) and pop(key[, default]) have the signatures of UserDict's.",
    "CH 4.6.0",
)


_NEW_KEYS: Dict[str, Tuple[Any, ...]] = {
    "no default": (["z"], {}),
    "positional": (["z", 9], {}),
    "keyword": (["z"], {"default": 9}),
    "keywords": ([], {"key": "z", "default": 9}),
}


@check("COLL-15", needs=("mapping",), each=rows(_NEW_KEYS, "arguments", "keywords"))
def setdefault_takes_a_key_and_a_default(
    world: World, arguments: Any, keywords: Dict[str, Any]
) -> None:
    both = Measured(world)
    both.given("saved", "m", STORED)
    both.do("map_setdefault", "m", arguments, keywords)


_POPS: Dict[str, Tuple[Any, ...]] = {
    "present": (["a"], {}),
    "present, default": (["a", 9], {}),
    "default": (["z", 9], {}),
    "default None": (["z", None], {}),
    "keyword": (["z"], {"default": 9}),
    "keywords": ([], {"key": "z", "default": 9}),
}


@check("COLL-15", needs=("mapping",), each=rows(_POPS, "arguments", "keywords"))
def pop_takes_a_key_and_perhaps_a_default(
    world: World, arguments: Any, keywords: Dict[str, Any]
) -> None:
    both = Measured(world)
    both.given("saved", "m", STORED)
    both.do("pop", "m", arguments, keywords)


@check("COLL-15", needs=("mapping",))
def pop_of_a_missing_key_without_default_raises(world: World) -> None:
    both = Measured(world)
    both.given("saved", "m", STORED)
    raises(both.do("pop", "m", ["z"]), "KeyError")


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
    both = Measured(world)
    both.given("saved", "m", STORED)
    raises(both.do(op, "m", arguments), "TypeError")


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
    both = Measured(world)
    both.given("saved", "m", STORED)
    calls(both.do("map_update", "m", [], {"self": 1, "other": 2}), "register m")
