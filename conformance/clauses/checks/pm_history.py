"""PM - persistent modules: what a registry remembers, and what it decides for all its clients."""

import functools

from conformance.clauses.expect import equal
from conformance.clauses.module_scene import Scene, fails, module_check
from conformance.clauses.registry import SHOULD, clause

clause(
    "PM-60",
    SHOULD,
    "The revisions of a module that the database has kept are listed and read, and one of them can "
    "be the present one again.",
    "SEED (revision control)",
)


@module_check("PM-60")
def a_former_revision_comes_back(scene: Scene) -> None:
    registry = scene.one.registry
    module = registry.new("m", "x = 1\n")
    held = [module]
    scene.one.commit()
    for number in (2, 3):
        registry.update("m", f"x = {number}\n")
        scene.one.commit()
    scene.two.begin()
    held.append(scene.two.registry.find("m"))
    for connection in (scene.one, scene.two):
        versions = connection.registry.history("m")
        equal([each.number for each in versions], [3, 2, 1], "the revisions")
        equal([each.source for each in versions], ["x = 3\n", "x = 2\n", "x = 1\n"], "the sources")
    registry.revert("m", 1)
    scene.share()
    equal([each.x for each in held], [1, 1], "the module")
    equal(registry.revision("m")[0], 4, "the number of the revision")
    fails(lambda: registry.revert("m", 9), KeyError, "a revision that is not there")
    fails(lambda: registry.history("none"), KeyError, "a module that is not there")


clause(
    "PM-61",
    SHOULD,
    "A registry can have a policy, stored with it, that judges all changes that bring none of "
    "their own.",
    "SEED option C (hooks for managing this information)",
)


@module_check("PM-61")
def a_policy_is_stored(scene: Scene) -> None:
    registry, policy = scene.one.registry, scene.facility.Policy
    registry.policy = policy(deletion="refuse")
    scene.start(lib="x = 1\ny = 1\n", user="from lib import x\n")
    for each in (scene.one.registry, scene.fresh().registry):
        fails(
            functools.partial(each.update, "lib", "y = 2\n"),
            scene.facility.DeletionRefused,
            "a deletion",
        )
    registry.update("lib", "y = 2\n", policy=policy(deletion="allow"))
