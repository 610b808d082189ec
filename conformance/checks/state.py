"""STATE - the states of a persistent object and what can be seen in each of them."""

from conformance.expect import equal
from conformance.registry import MUST, check, clause
from fixtures.states import CHANGED, GHOST, UPTODATE, given
from fixtures.values import Ref

clause(
    "STATE-01",
    MUST,
    "A new object whose class derives from Persistent is unsaved: _p_jar is None, _p_oid is None, "
    "_p_changed is False (not None), _p_state is UPTODATE.",
    "I:IPersistent/Unsaved; D1.3",
)


@check("STATE-01")
def a_new_object_is_unsaved(world):
    world.do("create", "a")
    seen = world.object("a")
    equal(seen.jar, None, "_p_jar")
    equal(seen.oid, None, "_p_oid")
    equal(seen.changed, False, "_p_changed")
    equal(seen.state, UPTODATE, "_p_state")


clause(
    "STATE-02",
    MUST,
    "A saved object has _p_changed False (not None) and _p_jar set.",
    "I:IPersistent/Saved",
)


@check("STATE-02")
def a_saved_object_has_a_jar_and_is_not_changed(world):
    given(world, "saved")
    seen = world.object("a")
    equal(seen.changed, False, "_p_changed")
    equal(seen.jar, Ref("jar", "jar"), "_p_jar")


clause(
    "STATE-03",
    MUST,
    "A changed object has _p_changed true and _p_jar set; its _p_state is CHANGED.",
    "I:IPersistent/Changed; D1.4",
)


@check("STATE-03")
def a_changed_object_has_a_jar_and_is_changed(world):
    given(world, "saved")
    world.do("set", "a", "x", 2)
    seen = world.object("a")
    equal(bool(seen.changed), True, "_p_changed")
    equal(seen.jar, Ref("jar", "jar"), "_p_jar")
    equal(seen.state, CHANGED, "_p_state")


clause(
    "STATE-04",
    MUST,
    "A ghost has _p_changed None, _p_state GHOST, and _p_jar set to the jar that it came from.",
    "I:IPersistent/Ghost; D1.5",
)


@check("STATE-04", each={"new ghost": {"how": None}, "deactivated": {"how": "deactivate"}})
def a_ghost_has_its_jar_and_no_change_mark(world, how):
    given(world, "ghost" if how is None else "saved")
    if how is not None:
        world.do(how, "a")
    seen = world.object("a")
    equal(seen.changed, None, "_p_changed")
    equal(seen.state, GHOST, "_p_state")
    equal(seen.jar, Ref("jar", "jar"), "_p_jar")
