"""CONN - a data manager with a database behind it: commit, abort, other data managers.

The suite judges the data manager that an implementation ships, if it ships one (see
`fixtures.implementation`). It does not judge ZODB.
"""

from typing import Any, Dict

from conformance.clauses.cases import cases
from conformance.clauses.expect import equal, true
from conformance.clauses.registry import CONTESTED, MUST, check, clause
from fixtures import samples
from fixtures.implementation import Implementation
from fixtures.states import CHANGED, GHOST, STICKY, UPTODATE

OWN = "the data manager is the implementation's own, and a world has only its own jars"
NEEDS = ("data_manager",)

_NO_SAVEPOINTS = "the data managers that this suite knows how to drive need not have savepoints"


def _manager(implementation: Implementation) -> Any:
    return implementation.data_manager()  # type: ignore[misc]


def _plain(implementation: Implementation, **attributes: Any) -> Any:
    obj = samples.of(implementation).Plain()
    obj.__setstate__(dict(attributes))
    return obj


def _stored(manager: Any, obj: Any) -> Any:
    manager.add(obj)
    manager.commit()
    return obj


def _dict(obj: Any) -> Dict[Any, Any]:
    found = object.__getattribute__(obj, "__dict__")
    return dict(found)


def _ring(manager: Any) -> Any:
    return [oid for oid, _ in manager._cache.lru_items()]


def _conflicts(manager: Any) -> bool:
    """Whether a commit in ``manager`` raises a ConflictError."""
    try:
        manager.commit()
    except Exception as error:
        return "ConflictError" in [cls.__name__ for cls in type(error).__mro__]
    return False


clause(
    "CONN-01",
    MUST,
    "The commit of a changed object makes it saved, keeps its data and its volatile attributes, "
    "and keeps it in the ring.",
    "ZODB IConnection; I:Changed->Saved; G",
)


@check("CONN-01", needs=NEEDS, because=OWN)
def a_committed_object_is_saved(implementation: Implementation) -> None:
    manager = _manager(implementation)
    obj = _stored(manager, _plain(implementation, x=1))
    obj.x = 2
    obj._v_a = 3
    equal(obj._p_state, CHANGED, "_p_state before the commit")
    manager.commit()
    equal(obj._p_state, UPTODATE, "_p_state")
    equal(_dict(obj), {"x": 2, "_v_a": 3}, "the instance dict")
    true(obj._p_oid in _ring(manager), "it is in the ring")
    obj._p_invalidate()
    equal(obj.x, 2, "the stored value")
    equal(_dict(obj), {"x": 2}, "the stored state")


@check("CONN-01", needs=NEEDS, because=OWN)
def a_committed_object_registers_its_next_change(implementation: Implementation) -> None:
    manager = _manager(implementation)
    obj = _stored(manager, _plain(implementation, x=1))
    for value in (2, 3):
        obj.x = value
        manager.commit()
        obj._p_deactivate()
        equal(obj.x, value, "the stored value")


@check("CONN-01", needs=NEEDS, because=OWN)
def a_commit_stores_what_is_reachable(implementation: Implementation) -> None:
    manager = _manager(implementation)
    obj = _stored(manager, _plain(implementation))
    obj.child = child = _plain(implementation, x=1)
    child.child = inner = _plain(implementation, x=2)
    manager.commit()
    for found in (child, inner):
        true(found._p_jar is manager, "its jar is the data manager")
        true(manager._cache.get(found._p_oid) is found, "it is in the cache")
        equal(found._p_state, UPTODATE, "_p_state")
    equal(len({obj._p_oid, child._p_oid, inner._p_oid}), 3, "the number of oids")
    inner._p_invalidate()
    equal(inner.x, 2, "the stored value")


clause(
    "CONN-02",
    MUST,
    "The abort of a changed object makes it a ghost with an empty dict, out of the ring.",
    "ZODB IConnection; I:Changed->Ghost; G",
)


@check("CONN-02", needs=NEEDS, because=OWN)
def an_aborted_object_is_a_ghost(implementation: Implementation) -> None:
    manager = _manager(implementation)
    obj = _stored(manager, _plain(implementation, x=1))
    other = _stored(manager, _plain(implementation, x=5))
    obj.x = 2
    obj._v_a = 3
    manager.abort()
    equal(obj._p_state, GHOST, "_p_state")
    equal(_dict(obj), {}, "the instance dict")
    true(obj._p_oid not in _ring(manager), "it is out of the ring")
    equal(other._p_state, UPTODATE, "_p_state of an object that was not changed")
    equal(obj.x, 1, "the stored value")
    manager.commit()
    obj._p_invalidate()
    equal(obj.x, 1, "the stored value after another commit")


clause(
    "CONN-03",
    MUST,
    "The abort of an added object makes it unsaved again: jar and oid are None, its data are kept.",
    "ZODB IConnection; I:Unsaved; G",
)


@check(
    "CONN-03",
    needs=NEEDS,
    because=OWN,
    each={"added": {"changed": False}, "added and changed": {"changed": True}},
)
def an_added_object_is_unsaved_after_an_abort(
    implementation: Implementation, changed: bool
) -> None:
    manager = _manager(implementation)
    obj = _plain(implementation, x=1)
    manager.add(obj)
    true(obj._p_jar is manager, "its jar is the data manager while it is added")
    true(obj._p_oid is not None, "it has an oid while it is added")
    equal(obj._p_state, UPTODATE, "_p_state while it is added")
    if changed:
        obj.x = 2
    manager.abort()
    equal(obj._p_jar, None, "_p_jar")
    equal(obj._p_oid, None, "_p_oid")
    equal(obj._p_changed, False, "_p_changed")
    equal(_dict(obj), {"x": 2 if changed else 1}, "the instance dict")
    _stored(manager, obj)
    obj._p_invalidate()
    equal(obj.x, 2 if changed else 1, "the value, added again and stored")


clause(
    "CONN-04",
    MUST,
    "A savepoint makes a changed object saved; its rollback makes it a ghost.",
    "ZODB IConnection; I; G",
    unchecked=_NO_SAVEPOINTS,
)
clause(
    "CONN-05",
    MUST,
    "After a savepoint and its rollback an added object is a ghost that keeps jar and oid.",
    "ZODB IConnection; I; G",
    unchecked=_NO_SAVEPOINTS,
)
clause(
    "CONN-06",
    MUST,
    "What another data manager commits makes a saved object a ghost at the next begin, commit or "
    "abort, and not earlier: until then the old revision is seen, by later loads as well.",
    "ZODB IConnection (MVCC); I:Saved->Ghost; G",
)


@check(
    "CONN-06",
    needs=NEEDS,
    because=OWN,
    each=cases(boundary=("begin", "commit", "abort")),
)
def another_commit_is_seen_at_the_boundary(implementation: Implementation, boundary: str) -> None:
    manager = _manager(implementation)
    obj = _stored(manager, _plain(implementation, x=1))
    late = _stored(manager, _plain(implementation, x=1))
    bystander = _stored(manager, _plain(implementation, x=1))
    second = manager.another()
    seen = second.get(obj._p_oid)
    seen_late = second.get(late._p_oid)
    seen_bystander = second.get(bystander._p_oid)
    equal((seen.x, seen_bystander.x), (1, 1), "the values before")
    obj.x = 2
    late.x = 2
    manager.commit()
    equal(seen._p_state, UPTODATE, "_p_state before the boundary")
    equal(seen.x, 1, "the value before the boundary")
    equal(seen_late.x, 1, "the value of an object that was loaded after the commit")
    getattr(second, boundary)()
    equal(seen._p_state, GHOST, "_p_state after the boundary")
    equal(seen_bystander._p_state, UPTODATE, "_p_state of an object that nobody changed")
    equal((seen.x, seen_late.x), (2, 2), "the values after the boundary")


@check("CONN-06", needs=NEEDS, because=OWN)
def the_own_commit_does_not_ghost_the_own_objects(implementation: Implementation) -> None:
    manager = _manager(implementation)
    obj = _stored(manager, _plain(implementation, x=1))
    obj.x = 2
    manager.commit()
    manager.begin()
    equal(obj._p_state, UPTODATE, "_p_state")


clause(
    "CONN-07",
    MUST,
    "A commit that conflicts with what another data manager has committed raises ConflictError, "
    "stores nothing, and makes the changed object a ghost.",
    "ZODB IConnection; I:Changed->Ghost; G",
)


@check("CONN-07", needs=NEEDS, because=OWN)
def a_conflicting_commit_is_refused(implementation: Implementation) -> None:
    manager = _manager(implementation)
    obj = _stored(manager, _plain(implementation, x=1))
    other = _stored(manager, _plain(implementation, x=1))
    second = manager.another()
    mine, my_other = second.get(obj._p_oid), second.get(other._p_oid)
    mine.x = 3
    my_other.x = 3
    obj.x = 2
    manager.commit()
    true(_conflicts(second), "the commit raises ConflictError")
    equal(mine._p_state, GHOST, "_p_state")
    second.abort()
    equal((mine.x, my_other.x), (2, 1), "the values that are stored")
    manager.begin()
    equal((obj.x, other.x), (2, 1), "the values in the other data manager")


@check("CONN-07", needs=NEEDS, because=OWN)
def changes_of_different_objects_do_not_conflict(implementation: Implementation) -> None:
    manager = _manager(implementation)
    obj = _stored(manager, _plain(implementation, x=1))
    other = _stored(manager, _plain(implementation, x=1))
    second = manager.another()
    second.get(other._p_oid).x = 3
    obj.x = 2
    manager.commit()
    second.commit()
    manager.begin()
    equal((obj.x, other.x), (2, 3), "the values that are stored")


clause(
    "CONN-08",
    MUST,
    "Minimizing the cache makes saved objects ghosts and keeps changed and sticky ones.",
    "ZODB IConnection; I; G",
)


@check("CONN-08", needs=("data_manager", "sticky"), because=OWN)
def minimizing_keeps_changed_and_sticky_objects(implementation: Implementation) -> None:
    manager = _manager(implementation)
    saved, changed, sticky = (_stored(manager, _plain(implementation, x=1)) for _ in range(3))
    changed.x = 2
    sticky._p_sticky = True
    manager._cache.minimize()
    equal(saved._p_state, GHOST, "_p_state of the saved object")
    equal(changed._p_state, CHANGED, "_p_state of the changed object")
    equal(sticky._p_state, STICKY, "_p_state of the sticky object")
    equal(changed.x, 2, "the value of the changed object")


clause(
    "CONN-09",
    CONTESTED,
    "A sticky object that another data manager has changed becomes a ghost at the boundary.",
    "ZODB IConnection; I:Sticky calls it an error",
    decision="As STICKY-03: it becomes a ghost, without an error.",
)


@check("CONN-09", needs=("data_manager", "sticky"), because=OWN)
def a_sticky_object_is_ghosted_at_the_boundary(implementation: Implementation) -> None:
    manager = _manager(implementation)
    obj = _stored(manager, _plain(implementation, x=1))
    second = manager.another()
    seen = second.get(obj._p_oid)
    seen._p_activate()
    seen._p_sticky = True
    obj.x = 2
    manager.commit()
    equal(seen._p_state, STICKY, "_p_state before the boundary")
    second.begin()
    equal(seen._p_state, GHOST, "_p_state after the boundary")
    equal(seen.x, 2, "the value")


clause(
    "CONN-10",
    MUST,
    "Commit and abort leave ghosts ghosts, and do not load them.",
    "ZODB IConnection; I; G",
)


@check(
    "CONN-10",
    needs=NEEDS,
    because=OWN,
    each=cases(boundary=("commit", "abort")),
)
def a_ghost_stays_a_ghost(implementation: Implementation, boundary: str) -> None:
    manager = _manager(implementation)
    obj = _stored(manager, _plain(implementation, x=1))
    other = _stored(manager, _plain(implementation, x=1))
    obj._p_deactivate()
    other.child = obj
    equal(obj._p_state, GHOST, "_p_state before")
    getattr(manager, boundary)()
    equal(obj._p_state, GHOST, "_p_state afterwards")
    equal(_dict(obj), {}, "the instance dict")
    equal(obj.x, 1, "the stored value")


clause(
    "CONN-11",
    MUST,
    "After a transaction that failed, and an abort, the object equals its stored state, and later "
    "writes are stored.",
    "I:register; documentation of transaction",
)


@check("CONN-11", needs=NEEDS, because=OWN)
def writes_after_a_failed_commit_are_stored(implementation: Implementation) -> None:
    manager = _manager(implementation)
    obj = _stored(manager, _plain(implementation, x=1))
    second = manager.another()
    mine = second.get(obj._p_oid)
    mine.x = 3
    obj.x = 2
    manager.commit()
    true(_conflicts(second), "the commit raises ConflictError")
    second.abort()
    equal(mine.x, 2, "the stored value")
    mine.x = 4
    second.commit()
    mine._p_invalidate()
    equal(mine.x, 4, "the value that was written later")
    manager.begin()
    equal(obj.x, 4, "the value in the other data manager")


clause(
    "CONN-12",
    MUST,
    "A write while the connection is closed raises, and leaves no trace when it is used again.",
    "ZODB ConnectionStateError",
    unchecked="the data managers that this suite knows how to drive need not be closed",
)
clause(
    "CONN-13",
    MUST,
    "An object has the same oid in every data manager of a database, and the oid finds it.",
    "Gloss. object id",
)


@check("CONN-13", needs=NEEDS, because=OWN)
def the_oid_finds_the_object_everywhere(implementation: Implementation) -> None:
    manager = _manager(implementation)
    obj = _stored(manager, _plain(implementation, x=1))
    second = manager.another()
    found = second.get(obj._p_oid)
    true(found is not obj, "every data manager has an object of its own")
    equal(type(found), type(obj), "its class")
    equal(found._p_oid, obj._p_oid, "_p_oid")
    true(found._p_jar is second, "its jar is the data manager that gave it")
    true(second.get(obj._p_oid) is found, "it is found once")
    equal(found._p_state, GHOST, "_p_state")
    equal(found.x, 1, "the value")
    try:
        got = manager.get(b"\xff" * 8)
    except KeyError as error:
        got = error
    true(isinstance(got, KeyError), f"KeyError for an oid that nothing has, got {got!r}")


clause(
    "CONN-14",
    MUST,
    "Loading an object puts the objects that it refers to into the cache as ghosts, once each, "
    "where they are not there yet.",
    "D1.2; Gloss. ghost",
)


@check("CONN-14", needs=NEEDS, because=OWN)
def references_come_back_as_ghosts(implementation: Implementation) -> None:
    manager = _manager(implementation)
    obj = _plain(implementation)
    obj.first = obj.again = child = _plain(implementation, x=1)
    obj.known = known = _plain(implementation, x=2)
    _stored(manager, obj)
    second = manager.another()
    before = second.get(known._p_oid)
    equal(before.x, 2, "the value of an object that was loaded before")
    found = second.get(obj._p_oid)
    reference = found.first
    equal(reference._p_state, GHOST, "_p_state of the reference")
    equal(reference._p_oid, child._p_oid, "_p_oid of the reference")
    equal(_dict(reference), {}, "the instance dict of the reference")
    true(found.again is reference, "both attributes refer to one object")
    true(second._cache.get(child._p_oid) is reference, "the cache holds it")
    true(second.get(child._p_oid) is reference, "the oid finds it")
    true(found.known is before, "what was loaded before is referred to")
    equal(before._p_state, UPTODATE, "_p_state of what was loaded before")
    equal(reference.x, 1, "the value of the reference")


clause(
    "CONN-15",
    MUST,
    "_p_serial differs between two stored revisions of an object, and a load brings the serial of "
    "the revision that it loads.",
    "I:_p_serial",
)


@check("CONN-15", needs=NEEDS, because=OWN)
def every_revision_has_a_serial_of_its_own(implementation: Implementation) -> None:
    manager = _manager(implementation)
    obj = _stored(manager, _plain(implementation, x=1))
    serials = [obj._p_serial]
    for value in (2, 3):
        obj.x = value
        manager.commit()
        serials.append(obj._p_serial)
    equal(len(set(serials)), 3, f"the number of serials in {serials}")
    true(b"\0" * 8 not in serials, "no revision has the default serial")
    found = manager.another().get(obj._p_oid)
    found._p_activate()
    equal(found._p_serial, serials[-1], "_p_serial after a load by another data manager")
