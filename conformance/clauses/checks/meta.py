"""META - the attributes _p_jar and _p_oid: when they can be set, and what that does."""

from typing import Any

from conformance.clauses.cases import cases
from conformance.clauses.expect import cache_looks, calls, equal, gives, looks, one_of, raises, true
from conformance.clauses.registry import CONTESTED, MAY, MUST, SHOULD, check, clause
from fixtures.implementation import Implementation
from fixtures.states import GHOST, STATUS, UPTODATE, given
from fixtures.values import Ref
from fixtures.world import World

ROOT = b"\0" * 8
OTHER_OID = b"\0\0\0\0\0\0\0\7"

JAR, OTHER_JAR = Ref("jar", "jar"), Ref("jar", "other")

CACHED = cases(state=("ghost", "saved", "changed", "sticky"))

clause("META-02", MAY, "The jar need not declare IPersistentDataManager.", "I:_p_jar")


@check("META-02")
def a_jar_that_declares_nothing_is_taken(world: World) -> None:
    world.do("create", "a")
    seen = world.attempt("set", "a", "_p_jar", JAR)
    world.note("a jar without the interface is " + ("refused" if seen.error else "taken"))


clause(
    "META-03",
    CONTESTED,
    "Once it is assigned to a data manager, an object cannot be re-assigned to another.",
    "I:_p_jar against both implementations",
    decision="It is forbidden while the object is cached only (META-05); the abort of an added "
    "object needs the freedom.",
)


@check("META-03", world={"jars": 2})
def an_added_object_can_change_its_jar(world: World) -> None:
    given(world, "added", "a")
    before = world.object("a")
    calls(world.do("set", "a", "_p_jar", OTHER_JAR))
    looks(world, "a", before._replace(jar=OTHER_JAR))


@check("META-03", world={"jars": 2})
def an_object_can_change_its_jar_while_another_is_cached_under_its_oid(world: World) -> None:
    given(world, "saved", "b")
    world.do("create", "a")
    world.do("set", "a", "_p_oid", world.oid("b"))
    world.do("set", "a", "_p_jar", JAR)
    world.do("set", "a", "_p_jar", OTHER_JAR)
    looks(world, "a", jar=OTHER_JAR)


@check("META-03", world={"jars": 2, "cache": False})
def an_object_of_a_jar_without_cache_can_change_its_jar(world: World) -> None:
    given(world, "saved", "a")
    world.do("set", "a", "_p_jar", OTHER_JAR)
    looks(world, "a", jar=OTHER_JAR)


class _EqualJar:
    """A jar that is equal to everything."""

    __hash__ = None  # type: ignore[assignment]

    def __eq__(self, other: object) -> bool:
        return True


@check("META-03", because="the jars of a world are not equal to each other")
def an_object_can_change_its_jar_for_an_equal_one(implementation: Implementation) -> None:
    obj = implementation.persistent()
    for jar in (_EqualJar(), _EqualJar()):
        obj._p_jar = jar
        true(obj._p_jar is jar, "that _p_jar is the jar that was set last")


clause(
    "META-04",
    MUST,
    "The jar and the oid that an object has can be assigned again; that changes nothing.",
    'I:_p_jar and I:_p_oid ("another"); cPersistence.c Per_set_jar, Per_set_oid',
)


clause(
    "META-05",
    MUST,
    "While the object is cached, setting another jar or deleting _p_jar raises ValueError and "
    "neither loads nor changes the object.",
    'I:_p_jar ("cannot be re-assigned to another"); D2.4.2 by analogy',
)


@check("META-05", needs=("cache", "mapping"), world={"jars": 2})
def an_empty_mapping_is_cached_like_any_object(world: World) -> None:
    given(world, "ghost", "a", "Mapping", {"data": {}})
    for seen in (
        world.attempt("set", "a", "_p_jar", OTHER_JAR),
        world.attempt("delete", "a", "_p_jar"),
    ):
        raises(seen, "ValueError")
        calls(seen)
    looks(world, "a", jar=JAR)


clause(
    "META-06",
    CONTESTED,
    "Once it is assigned an oid, an object cannot be re-assigned another.",
    "I:_p_oid against both implementations",
    decision="As META-03: it is forbidden while the object is cached only (META-07).",
)


@check("META-06")
def an_unsaved_object_can_change_its_oid(world: World) -> None:
    world.do("create", "a")
    world.do("set", "a", "_p_oid", world.oid("a"))
    world.do("set", "a", "_p_oid", OTHER_OID)
    looks(world, "a", oid=OTHER_OID)


@check("META-06")
def an_added_object_can_change_its_oid(world: World) -> None:
    given(world, "added", "a")
    before = world.object("a")
    calls(world.do("set", "a", "_p_oid", OTHER_OID))
    looks(world, "a", before._replace(oid=OTHER_OID))


@check("META-06")
def an_object_can_change_its_oid_while_another_is_cached_under_it(world: World) -> None:
    given(world, "saved", "b")
    world.do("create", "a")
    world.do("set", "a", "_p_oid", world.oid("b"))
    world.do("set", "a", "_p_jar", JAR)
    world.do("set", "a", "_p_oid", OTHER_OID)
    looks(world, "a", oid=OTHER_OID)


@check("META-06", world={"cache": False})
def an_object_of_a_jar_without_cache_can_change_its_oid(world: World) -> None:
    given(world, "saved", "a")
    world.do("set", "a", "_p_oid", OTHER_OID)
    looks(world, "a", oid=OTHER_OID)


clause(
    "META-07",
    MUST,
    "While the object is cached, changing or deleting _p_oid raises ValueError and neither loads "
    "nor changes the object.",
    "I:_p_oid; D2.4.2; CH 4.4.0",
)


@check("META-07", needs=("cache", "mapping"))
def the_oid_of_an_empty_mapping_is_kept_like_any(world: World) -> None:
    given(world, "ghost", "a", "Mapping", {"data": {}})
    for seen in (
        world.attempt("set", "a", "_p_oid", OTHER_OID),
        world.attempt("delete", "a", "_p_oid"),
    ):
        raises(seen, "ValueError")
        calls(seen)
    looks(world, "a", oid=world.oid("a"), state=GHOST)


clause(
    "META-08",
    MUST,
    "_p_oid and _p_jar of an object that is in no cache, or was removed from one, can be deleted, "
    "in either order: they read None then, and the data are kept.",
    "CH 4.0.8 (PR #7)",
)

_ORDERS = {
    "jar first": {"names": ("_p_jar", "_p_oid")},
    "oid first": {"names": ("_p_oid", "_p_jar")},
}


def _deleted(world: World, names: Any) -> None:
    for name in names:
        calls(world.do("delete", "a", name))
    looks(world, "a", jar=None, oid=None, dict={"x": 1})


@check("META-08", each=_ORDERS)
def an_added_object_can_be_taken_back(world: World, names: Any) -> None:
    given(world, "added", "a")
    _deleted(world, names)


@check("META-08", needs=("cache",), each=_ORDERS)
def an_object_removed_from_the_cache_can_be_taken_back(world: World, names: Any) -> None:
    given(world, "saved", "a")
    world.do("cache_del", world.oid("a"))
    _deleted(world, names)


@check("META-08", needs=("cache",), each=_ORDERS)
def an_object_can_be_taken_back_while_another_is_cached_under_its_oid(
    world: World, names: Any
) -> None:
    given(world, "saved", "b")
    given(world, "unsaved", "a")
    world.do("set", "a", "_p_oid", world.oid("b"))
    world.do("set", "a", "_p_jar", JAR)
    _deleted(world, names)


@check("META-08")
def an_object_with_a_jar_and_no_oid_can_be_taken_back(world: World) -> None:
    given(world, "unsaved", "a")
    world.do("set", "a", "_p_jar", JAR)
    _deleted(world, ("_p_oid", "_p_jar"))


@check("META-08")
def an_object_taken_back_can_be_added_again(world: World) -> None:
    given(world, "added", "a")
    _deleted(world, ("_p_jar", "_p_oid"))
    world.do("add", "a")
    looks(world, "a", jar=JAR, oid=world.oid("a"), state=UPTODATE)
    calls(world.do("set", "a", "x", 2), "register a")


clause(
    "META-09",
    SHOULD,
    "_p_oid of an object whose jar has no _cache can be deleted.",
    "D1.2 (the jar there has no _cache); N",
)


@check("META-09", world={"cache": False}, each=CACHED)
def the_oid_can_be_deleted_without_cache(world: World, state: str) -> None:
    given(world, state, "a")
    before = world.object("a")
    calls(world.do("delete", "a", "_p_oid"))
    looks(world, "a", before._replace(oid=None))


clause(
    "META-10",
    CONTESTED,
    "An oid that is not None is a non-empty byte string.",
    "I:_p_oid; OID_TYPE; against both implementations",
    decision="An object takes any value as its oid; a cache takes non-empty bytes only.",
)

_ODD_OIDS = {
    label: {"oid": oid}
    for label, oid in (("text", "abc"), ("empty text", ""), ("no bytes", b""), ("number", 5))
}


@check("META-10", each=_ODD_OIDS)
def an_object_takes_any_oid(world: World, oid: Any) -> None:
    world.do("create", "a")
    world.do("set", "a", "_p_oid", oid)
    looks(world, "a", oid=oid)


@check("META-10", needs=("cache",), each=_ODD_OIDS)
def a_cache_refuses_an_oid_that_is_not_bytes(world: World, oid: Any) -> None:
    world.do("create", "a")
    world.do("set", "a", "_p_oid", oid)
    world.do("set", "a", "_p_jar", JAR)
    raises(world.attempt("cache_set", "a"), "TypeError", "ValueError")
    cache_looks(world, length=0)


clause(
    "META-11",
    MUST,
    "The oid of eight NUL bytes is an oid like any other, reserved for the root object.",
    "I:_p_oid",
)


@check("META-11", needs=("cache",))
def the_oid_of_the_root_is_an_oid(world: World) -> None:
    world.do("create", "a")
    world.do("set", "a", "_p_oid", ROOT)
    world.do("set", "a", "_p_jar", JAR)
    looks(world, "a", oid=ROOT)
    world.do("cache_set", "a")
    gives(world.do("cache_get", ROOT), Ref("object", "a"))
    raises(world.attempt("set", "a", "_p_oid", OTHER_OID), "ValueError")
    raises(world.attempt("delete", "a", "_p_oid"), "ValueError")
    calls(world.do("set", "a", "x", 1), "register a")


@check(
    "META-11",
    needs=("data_manager",),
    because="the data manager is the implementation's own, and a world has only its own jars",
)
def a_data_manager_finds_its_root_under_that_oid(implementation: Implementation) -> None:
    manager = implementation.data_manager()  # type: ignore[misc]
    root = manager.get(ROOT)
    equal(root._p_oid, ROOT, "_p_oid of the root")
    true(root._p_jar is manager, "its jar is the data manager")
    equal(manager.another().get(ROOT)._p_oid, ROOT, "_p_oid of the root in another data manager")


clause(
    "META-19",
    MUST,
    "_p_jar = None on an object that is in no cache means that it has no data manager: it is "
    "unsaved, its writes do not register, and it cannot be made a ghost.",
    'I:_p_jar ("If there is no data manager, then this is None"); D1.3',
)


@check("META-19", world={"cache": False}, each=CACHED)
def an_object_without_jar_is_unsaved(world: World, state: str) -> None:
    given(world, state, "a")
    calls(world.do("set", "a", "_p_jar", None))
    looks(world, "a", jar=None, changed=False, state=UPTODATE)
    calls(world.do("set", "a", "x", 5))
    looks(world, "a", changed=False)
    calls(world.do("deactivate", "a"))
    calls(world.do("invalidate", "a"))
    looks(world, "a", dict={"x": 5})


@check("META-19")
def an_added_object_without_jar_is_unsaved(world: World) -> None:
    given(world, "added", "a")
    world.do("set", "a", "x", 3)
    calls(world.do("set", "a", "_p_jar", None))
    looks(world, "a", changed=False, state=UPTODATE)
    calls(world.do("set", "a", "x", 4))
    calls(world.do("deactivate", "a"))
    looks(world, "a", dict={"x": 4})


@check("META-19", needs=("status",), each=cases(state=STATUS))
def an_object_without_jar_has_the_status_unsaved(world: World, state: str) -> None:
    given(world, state, "a")
    if state not in ("unsaved", "added"):
        world.do("cache_del", world.oid("a"))
    world.do("set", "a", "_p_jar", None)
    looks(world, "a", status="unsaved")


clause(
    "META-20",
    MUST,
    "Taking the jar away from a changed object or a ghost that is in no cache makes it unsaved: "
    "_p_changed False, _p_state UPTODATE.",
    "I:Unsaved; D1.3; CH 4.0.8 (PR #7)",
)


def _unsaved_after_delete(world: World) -> None:
    calls(world.do("delete", "a", "_p_jar"))
    seen = world.object("a")
    one_of(seen.sticky, (False, None), "_p_sticky")
    looks(world, "a", jar=None, changed=False, state=UPTODATE)
    calls(world.do("set", "a", "x", 5))
    gives(world.do("get", "a", "x"), 5)
    looks(world, "a", changed=False)


@check("META-20", world={"cache": False}, each=CACHED)
def an_object_that_lost_its_jar_is_unsaved(world: World, state: str) -> None:
    given(world, state, "a")
    _unsaved_after_delete(world)


@check("META-20", needs=("cache",), each=CACHED)
def an_object_that_lost_cache_and_jar_is_unsaved(world: World, state: str) -> None:
    given(world, state, "a")
    world.do("cache_del", world.oid("a"))
    _unsaved_after_delete(world)


@check("META-20")
def an_added_and_changed_object_that_lost_its_jar_is_unsaved(world: World) -> None:
    given(world, "added", "a")
    world.do("set", "a", "x", 2)
    _unsaved_after_delete(world)
