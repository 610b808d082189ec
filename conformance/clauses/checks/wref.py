"""WREF - weak references, and the dictionary whose keys are such."""

from typing import Any, Dict

from conformance.clauses.cases import cases
from conformance.clauses.expect import calls, equal, gives, looks, named_in, raises, true
from conformance.clauses.registry import BOTH, MUST, SHOULD, check, clause
from fixtures.implementation import Implementation
from fixtures.states import CHANGED, GHOST, UPTODATE, given
from fixtures.values import Ref, ref
from fixtures.world import World

clause(
    "WREF-01",
    MUST,
    "Calling a weak reference answers its object: the one that it holds in _v_ob, else what its "
    "jar has under the oid; None when the jar has none.",
    "wref.py docstrings",
)


@check(
    "WREF-01",
    needs=("weakref",),
    each=cases(state=("unsaved", "added", "ghost", "saved", "changed")),
)
def a_reference_answers_its_object(world: World, state: str) -> None:
    given(world, state)
    before = world.object("a")
    world.do("refer", "a", "r")
    for _ in range(2):
        seen = world.do("dereference", "r")
        gives(seen, ref("a"))
        calls(seen)
    looks(world, "a", before)


@check("WREF-01", needs=("weakref",), each=cases(state=("ghost", "saved")), caches=BOTH)
def a_loaded_reference_asks_its_jar_once(world: World, state: str) -> None:
    given(world, state)
    world.do("load_reference", "a", "r")
    seen = world.do("dereference", "r")
    gives(seen, ref("a"))
    calls(seen, "getitem a")
    seen = world.do("dereference", "r")
    gives(seen, ref("a"))
    calls(seen)


@check("WREF-01", needs=("weakref", "cache"))
def a_loaded_reference_answers_the_object_in_the_cache(world: World) -> None:
    given(world, "saved")
    world.do("refer", "a", "first")
    world.do("load_reference", "a", "second")
    gives(world.do("compare_references", "first", "==", "second"), True)
    world.do("set", "a", "x", 5)
    gives(world.do("dereference", "second"), ref("a"))
    looks(world, "a", dict={"x": 5})


@check("WREF-01", needs=("weakref",))
@check("WREF-01", needs=("weakref",), world={"jars": 2}, each={"other jar": {"jar": "other"}})
def a_reference_to_what_is_gone_answers_none(world: World, jar: str = "jar") -> None:
    given(world, "saved")
    world.do("load_reference", "a" if jar == "other" else "z", "r", jar)
    for _ in range(2):
        seen = world.do("dereference", "r")
        gives(seen, None)
        calls(seen)


@check("WREF-01", needs=("weakref",))
def an_error_of_the_jar_is_not_taken_for_none(world: World) -> None:
    given(world, "saved")
    world.do("load_reference", "a", "r")
    world.do("plan", "getitem", "a", error="ValueError")
    raises(world.attempt("dereference", "r"), "ValueError")


clause(
    "WREF-02",
    MUST,
    "Two weak references to the same object are equal and hash alike, to different objects they "
    "are unequal, and unequal to anything else; comparing or hashing one whose object is gone "
    "raises TypeError.",
    "wref.py docstrings",
)


@check("WREF-02", needs=("weakref",), each=cases(state=("unsaved", "saved")))
def references_to_one_object_are_equal(world: World, state: str) -> None:
    given(world, state)
    world.do("refer", "a", "r")
    world.do("refer", "a", "s")
    gives(world.do("compare_references", "r", "==", "s"), True)
    gives(world.do("compare_references", "r", "!=", "s"), False)
    gives(world.do("compare_references", "r", "==", "r"), True)
    gives(world.do("hash_alike", "r", "s"), True)


@check("WREF-02", needs=("weakref", "cache"))
def a_reference_made_and_one_loaded_are_equal(world: World) -> None:
    given(world, "saved")
    world.do("refer", "a", "r")
    world.do("load_reference", "a", "s")
    gives(world.do("compare_references", "r", "==", "s"), True)
    gives(world.do("compare_references", "s", "==", "r"), True)
    gives(world.do("hash_alike", "r", "s"), True)


@check("WREF-02", needs=("weakref", "cache"))
def a_loaded_reference_hashes_like_one_made(world: World) -> None:
    given(world, "saved")
    world.do("refer", "a", "r")
    world.do("load_reference", "a", "s")
    gives(world.do("hash_alike", "s", "r"), True)


@check("WREF-02", needs=("weakref",))
def references_to_two_objects_are_unequal(world: World) -> None:
    given(world, "saved", "a")
    given(world, "saved", "b")
    world.do("refer", "a", "r")
    world.do("refer", "b", "s")
    gives(world.do("compare_references", "r", "==", "s"), False)
    gives(world.do("compare_references", "r", "!=", "s"), True)


@check(
    "WREF-02",
    needs=("weakref",),
    each={"int": {"value": 1}, "None": {"value": None}, "object": {"value": ref("a")}},
)
def a_reference_is_unequal_to_anything_else(world: World, value: Any) -> None:
    given(world, "saved")
    world.do("refer", "a", "r")
    world.do("load_reference", "z", "dead")
    for name in ("r", "dead"):
        for swapped in (False, True):
            seen = world.do("compare_reference_other", name, "==", value, swapped)
            equal(seen.value, False, f"{name} ==")
            seen = world.do("compare_reference_other", name, "!=", value, swapped)
            equal(seen.value, True, f"{name} !=")


@check("WREF-02", needs=("weakref",), each=cases(comparison=("==", "!=")))
def comparing_a_dead_reference_raises(world: World, comparison: str) -> None:
    given(world, "saved")
    world.do("refer", "a", "r")
    world.do("load_reference", "z", "dead")
    world.do("load_reference", "y", "gone")
    for first, second in (("r", "dead"), ("dead", "r"), ("dead", "gone"), ("dead", "dead")):
        raises(world.attempt("compare_references", first, comparison, second), "TypeError")


@check("WREF-02", needs=("weakref",))
def hashing_a_dead_reference_raises(world: World) -> None:
    world.do("load_reference", "z", "dead")
    raises(world.attempt("hash_alike", "dead", "dead"), "TypeError")


clause(
    "WREF-03",
    MUST,
    "A weak reference records the oid and the jar of its object as oid and dm, and if there is a "
    "jar, the name of its database as database_name.",
    "wref.py docstrings",
)


@check(
    "WREF-03",
    needs=("weakref",),
    world={"jars": 2},
    each={
        f"{state}, {jar}": {"state": state, "jar": jar}
        for state in ("added", "ghost", "saved")
        for jar in ("jar", "other")
    },
)
def a_reference_records_oid_jar_and_database(world: World, state: str, jar: str) -> None:
    given(world, state, jar=jar)
    world.do("refer", "a", "r")
    expected = {
        "oid": world.object("a").oid,
        "dm": Ref("jar", jar),
        "database_name": f"database of {jar}",
    }
    gives(world.do("recorded_by", "r"), expected)


@check("WREF-03", needs=("weakref",))
def a_reference_to_an_unsaved_object_records_no_database(world: World) -> None:
    given(world, "unsaved")
    world.do("refer", "a", "r")
    expected = {"oid": None, "dm": None}
    gives(world.do("recorded_by", "r"), expected)


clause(
    "WREF-04",
    MUST,
    "PersistentWeakKeyDictionary keeps weak references to its keys; its state holds a list of "
    "pairs (reference, value); pairs whose object is gone are dropped by __setstate__.",
    "wref.py docstrings",
)

_A, _B = ref("a"), ref("b")


def _items(world: World, name: str) -> Dict[Any, Any]:
    keys = world.do("iterate", name).value
    equal(len(set(keys)), len(keys), "the number of different keys")
    return {key: world.do("item_read", name, key).value for key in keys}


@check("WREF-04", needs=("weakref", "weak_dict"))
def the_state_is_a_list_of_pairs(world: World) -> None:
    given(world, "saved", "a")
    given(world, "unsaved", "b")
    world.do("weak_build", "d", [[_A, 1], [_B, 2]])
    expected = [("tuple", "weak", _A, 1), ("tuple", "weak", _B, 2)]
    gives(world.do("weak_state", "d"), {"data": ("list", expected)})
    world.do("set", "d", "further", 5)
    equal(world.do("weak_state", "d").value["further"], 5, "a further attribute in the state")
    equal(_items(world, "d"), {_A: 1, _B: 2}, "the items after all")


@check("WREF-04", needs=("weakref", "weak_dict", "cache"))
def setting_the_state_drops_the_dead(world: World) -> None:
    given(world, "saved", "a")
    given(world, "saved", "b")
    world.do("refer", "a", "r")
    world.do("load_reference", "b", "s")
    world.do("load_reference", "z", "dead")
    world.do("weak_build", "d", [])
    world.do("weak_setstate", "d", [["r", 1], ["dead", 2], ["s", 3]], {"further": 5})
    equal(_items(world, "d"), {_A: 1, _B: 3}, "the items")
    gives(world.do("get", "d", "further"), 5)
    expected = [("tuple", "weak", _A, 1), ("tuple", "weak", _B, 3)]
    equal(world.do("weak_state", "d").value["data"], ("list", expected), "the state")


@check("WREF-04", needs=("weakref", "weak_dict"))
def a_ghost_dictionary_loads_its_pairs(world: World) -> None:
    given(world, "saved", "a")
    world.do("refer", "a", "r")
    world.do("load_reference", "z", "dead")
    world.do("weak_ghost", "d", [["r", 1], ["dead", 2]])
    looks(world, "d", state=GHOST)
    seen = world.do("iterate", "d")
    gives(seen, [_A])
    calls(seen, "setstate d")
    looks(world, "d", state=UPTODATE)
    calls(world.do("item_read", "d", _A))


clause(
    "WREF-05",
    SHOULD,
    "What changes a PersistentWeakKeyDictionary marks it changed, and registers it once.",
    "N (the contract of the other collections: COLL-01)",
)

_CHANGES: Dict[str, Any] = {
    "set": ("item_write", {"key": _B, "value": 2}, {_A: 1, _B: 2}),
    "set present": ("item_write", {"key": _A, "value": 2}, {_A: 2}),
    "del": ("item_delete", {"key": _A}, {}),
    "update": ("weak_update", {"pairs": [[_B, 2]]}, {_A: 1, _B: 2}),
    "update from another": ("weak_update_from", {"other": "e"}, {_A: 1, _B: 3}),
}

_EACH_CHANGE = {
    label: {"op": op, "arguments": arguments, "items": items}
    for label, (op, arguments, items) in _CHANGES.items()
}


def _two_and_dictionaries(world: World) -> None:
    given(world, "saved", "a")
    given(world, "saved", "b")
    world.do("refer", "a", "r")
    world.do("weak_ghost", "d", [["r", 1]])
    world.do("weak_build", "e", [[_B, 3]])


@check("WREF-05", needs=("weakref", "weak_dict"), each=_EACH_CHANGE)
def a_change_of_a_dictionary_registers_it_once(
    world: World, op: str, arguments: Dict[str, Any], items: Dict[Any, Any]
) -> None:
    _two_and_dictionaries(world)
    world.do("activate", "d")
    calls(world.do(op, "d", **arguments), "register d")
    looks(world, "d", state=CHANGED)
    looks(world, "e", state=UPTODATE)


clause(
    "WREF-06",
    MUST,
    "Items of a PersistentWeakKeyDictionary are read, set, deleted and asked for by their objects, "
    "as those of a WeakKeyDictionary; it is built from pairs or a mapping, and updated from a "
    "mapping or another one.",
    'wref.py docstrings ("akin to WeakKeyDictionaries")',
)


@check("WREF-06", needs=("weakref", "weak_dict"), each=_EACH_CHANGE)
def a_change_of_a_dictionary_changes_its_items(
    world: World, op: str, arguments: Dict[str, Any], items: Dict[Any, Any]
) -> None:
    _two_and_dictionaries(world)
    gives(world.do(op, "d", **arguments), None)
    equal(_items(world, "d"), items, "the items")
    equal(_items(world, "e"), {_B: 3}, "the items of another")


@check("WREF-06", needs=("weakref", "weak_dict"))
def items_are_found_by_their_objects(world: World) -> None:
    given(world, "saved", "a")
    given(world, "saved", "b")
    world.do("weak_build", "d", [[_A, 1]])
    gives(world.do("item_read", "d", _A), 1)
    gives(world.do("contains", "d", _A), True)
    gives(world.do("contains", "d", _B), False)
    gives(world.do("weak_get", "d", [_A]), 1)
    gives(world.do("weak_get", "d", [_A, 9]), 1)
    gives(world.do("weak_get", "d", [_B]), None)
    gives(world.do("weak_get", "d", [_B, 9]), 9)
    raises(world.attempt("item_read", "d", _B), "KeyError")
    raises(world.attempt("item_delete", "d", _B), "KeyError")
    equal(_items(world, "d"), {_A: 1}, "the items after all")


@check(
    "WREF-06",
    needs=("weakref", "weak_dict"),
    each={
        "nothing": {"pairs": None, "form": "pairs"},
        "no pairs": {"pairs": [], "form": "pairs"},
        "pairs": {"pairs": [[_A, 1], [_B, 2]], "form": "pairs"},
        "empty mapping": {"pairs": [], "form": "mapping"},
        "mapping": {"pairs": [[_A, 1], [_B, 2]], "form": "mapping"},
    },
)
def a_dictionary_is_built_from_pairs_or_a_mapping(world: World, pairs: Any, form: str) -> None:
    given(world, "saved", "a")
    given(world, "unsaved", "b")
    calls(world.do("weak_build", "d", pairs, form))
    expected = dict(pairs or ())
    equal(_items(world, "d"), expected, "the items")
    looks(world, "d", jar=None, oid=None, changed=False)


clause(
    "WREF-08",
    SHOULD,
    "A PersistentWeakKeyDictionary is built from another one, as it is updated from one.",
    "N (WREF-06; WeakKeyDictionary is)",
)


@check("WREF-08", needs=("weakref", "weak_dict"))
def a_dictionary_is_built_from_another(world: World) -> None:
    given(world, "saved", "a")
    world.do("weak_build", "e", [[_A, 1]])
    world.do("weak_build_from", "d", "e")
    equal(_items(world, "d"), {_A: 1}, "the items")
    world.do("item_delete", "d", _A)
    equal(_items(world, "e"), {_A: 1}, "the items of the other")


clause(
    "WREF-07",
    SHOULD,
    "The _p_oid of a weak reference is the marker WeakRefMarker of the module wref, by which a "
    "serializer knows it; it is no oid.",
    "source comment (WeakRef._p_oid)",
)


@check("WREF-07", needs=("weakref", "package"), because="it looks at modules, not at objects")
def the_oid_of_a_reference_is_the_marker(implementation: Implementation) -> None:
    module = getattr(implementation.package, "wref", None)
    marker = named_in(module, "WeakRefMarker")
    true(marker is not None and not isinstance(marker, bytes), "the marker is an object, no oid")
    instance = implementation.weakref(implementation.persistent())  # type: ignore[misc]
    equal(instance._p_oid is marker, True, "_p_oid of a reference is the marker")


clause(
    "WREF-09",
    SHOULD,
    "Keywords, whose names nothing can refer to weakly, make the building of a "
    "PersistentWeakKeyDictionary fail: they are not ignored.",
    "N (comment in wref.py)",
)


@check("WREF-09", needs=("weakref", "weak_dict"))
def keywords_are_not_ignored(world: World) -> None:
    raises(world.attempt("weak_build_keywords", "d", {"x": 1}), "TypeError", "AttributeError")


clause(
    "WREF-10",
    SHOULD,
    "Two weak references are equal if their objects are, as Python's own are, even if these are "
    "not the same object.",
    'wref.py docstrings ("used much like Python weak references")',
)


@check("WREF-10", needs=("weakref",))
def references_to_equal_objects_are_equal(world: World) -> None:
    given(world, "saved", "a", "Equal")
    given(world, "saved", "b", "Equal")
    world.do("refer", "a", "r")
    world.do("refer", "b", "s")
    gives(world.do("compare_references", "r", "==", "s"), True)
    gives(world.do("compare_references", "r", "!=", "s"), False)
