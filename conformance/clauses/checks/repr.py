"""REPR - what a persistent object looks like, without being loaded for it."""

from typing import Any, List

from conformance.clauses.cases import cases
from conformance.clauses.expect import calls, equal, gives, looks, named_in, one_of, raises, true
from conformance.clauses.registry import MUST, SHOULD, check, clause
from fixtures.implementation import Implementation
from fixtures.states import GHOST, given
from fixtures.values import Ref
from fixtures.world import World

JAR = Ref("jar", "jar")


def _class_in(world: World, sample: str) -> str:
    cls = world.sample(sample)
    return f"{cls.__module__}.{cls.__name__}"


clause(
    "REPR-01",
    MUST,
    "The default repr names module and class, and shows the oid and the repr of the jar where "
    "they are set. An oid of eight bytes is shown as 0x and hexadecimal digits without leading "
    "zeros, but with one where there are fewer than eight digits and an odd number of them; any "
    "other oid is shown as its repr.",
    "I:reprs; CH 4.4.0; CH 4.4.3; CH 6.2 (#219)",
)

_SHOWN = {
    "0": (b"\0\0\0\0\0\0\0\0", "0x00"),
    "1": (b"\0\0\0\0\0\0\0\1", "0x01"),
    "2 digits": (b"\0\0\0\0\0\0\0\x12", "0x12"),
    "3 digits": (b"\0\0\0\0\0\0\1\x23", "0x0123"),
    "4 digits": (b"\0\0\0\0\0\0\x12\x34", "0x1234"),
    "5 digits": (b"\0\0\0\0\0\1\x23\x45", "0x012345"),
    "6 digits": (b"\0\0\0\0\0\x12\x34\x56", "0x123456"),
    "7 digits": (b"\0\0\0\0\1\x23\x45\x67", "0x01234567"),
    "8 digits": (b"\0\0\0\0\x12\x34\x56\x78", "0x12345678"),
    "9 digits": (b"\0\0\0\1\x23\x45\x67\x89", "0x123456789"),
    "letters": (b"\0\0\0\0\0\0\xab\xcd", "0xabcd"),
    "15 digits": (b"\1\x23\x45\x67\x89\xab\xcd\xef", "0x123456789abcdef"),
    "16 digits": (b"\x80\0\0\0\0\0\0\0", "0x8000000000000000"),
    "all": (b"\xff" * 8, "0xffffffffffffffff"),
    "7 bytes": (b"1234567", "b'1234567'"),
    "9 bytes": (b"123456789", "b'123456789'"),
    "1 byte": (b"\1", "b'\\x01'"),
    "no bytes": (b"", "b''"),
    "text": ("00000012", "'00000012'"),
    "number": (5, "5"),
}


@check(
    "REPR-01",
    each={label: {"oid": oid, "shown": shown} for label, (oid, shown) in _SHOWN.items()},
)
def the_oid_is_shown(world: World, oid: Any, shown: str) -> None:
    world.do("create", "a")
    world.do("set", "a", "_p_oid", oid)
    text = world.do("repr", "a").value
    true(f" oid {shown}>" in text, f"' oid {shown}>' in {text}")
    true(_class_in(world, "Plain") in text, f"module and class in {text}")
    true(" in " not in text, f"no jar in {text}")


@check("REPR-01")
def neither_oid_nor_jar_is_shown_for_a_new_object(world: World) -> None:
    world.do("create", "a")
    text = world.do("repr", "a").value
    true(_class_in(world, "Plain") in text, f"module and class in {text}")
    true(" oid " not in text, f"no oid in {text}")
    true(" in " not in text, f"no jar in {text}")
    true("None" not in text, f"nothing for None in {text}")


@check("REPR-01")
def the_jar_is_shown_without_oid(world: World) -> None:
    world.do("create", "a")
    world.do("set", "a", "_p_jar", JAR)
    text = world.do("repr", "a").value
    true(" in <jar jar>" in text, f"the repr of the jar in {text}")
    true(" oid " not in text, f"no oid in {text}")


@check(
    "REPR-01",
    each=cases(state=("added", "ghost", "saved", "changed", "sticky")),
)
def oid_and_jar_are_shown_in_every_state(world: World, state: str) -> None:
    given(world, state, "a")
    before = world.object("a")
    seen = world.do("repr", "a")
    calls(seen)
    true(_class_in(world, "Plain") in seen.value, f"module and class in {seen.value}")
    true(" oid 0x61 in <jar jar>" in seen.value, f"oid and jar in {seen.value}")
    looks(world, "a", before)


@check("REPR-01", each={"slots": {"sample": "Slotted"}, "__getattr__": {"sample": "GetAttr"}})
def every_class_has_the_default_repr(world: World, sample: str) -> None:
    given(world, "ghost", "a", sample, (None, {"x": 1}) if sample == "Slotted" else {"x": 1})
    seen = world.do("repr", "a")
    calls(seen)
    true(_class_in(world, sample) in seen.value, f"module and class in {seen.value}")


def _above(module: str) -> List[str]:
    """The packages that hold a module, which may show its classes as their own."""
    parts = module.split(".")
    return [".".join(parts[:end]) for end in range(1, len(parts))]


@check("REPR-01", because="an object of the base class itself is no sample of the world")
def the_base_class_is_named(implementation: Implementation) -> None:
    cls = implementation.persistent
    text = repr(cls())
    package = implementation.package
    homes = {cls.__module__, *_above(cls.__module__), *((package.__name__,) if package else ())}
    names = sorted(f"<{home}.{name}" for home in homes for name in {cls.__name__, "Persistent"})
    one_of(text.partition(" ")[0], names, "module and class")


clause(
    "REPR-02",
    MUST,
    "Where the class has a _p_repr, what that returns is the repr; if it raises an Exception, "
    "the repr is the default one and includes the repr of the exception. _p_repr is looked up on "
    "the class, and called without loading a ghost.",
    "I:reprs; D1.9; CH 4.4.0",
)


@check(
    "REPR-02",
    each={
        state: {"state": state}
        for state in ("unsaved", "added", "ghost", "saved", "changed", "sticky")
    },
)
def the_class_supplies_the_repr(world: World, state: str) -> None:
    given(world, state, "a", "Repr")
    before = world.object("a")
    seen = world.do("repr", "a")
    gives(seen, "a repr of its own")
    calls(seen, "_p_repr a")
    equal([event.state for event in seen.events], [before.state], "the state that _p_repr sees")
    looks(world, "a", before)


@check(
    "REPR-02",
    each={
        f"{state}, {error}": {"state": state, "error": error}
        for state in ("ghost", "saved")
        for error in ("ValueError", "LoadError")
    },
)
def a_failing_repr_is_shown_in_the_default(world: World, state: str, error: str) -> None:
    given(world, state, "a", "Repr")
    before = world.object("a")
    world.do("plan", "_p_repr", "a", error=error)
    seen = world.do("repr", "a")
    calls(seen, "_p_repr a")
    text = seen.value
    true(f"{error}('planned by the world')" in text, f"the repr of the exception in {text}")
    true(_class_in(world, "Repr") in text, f"module and class in {text}")
    true(" oid 0x61 in <jar jar>" in text, f"oid and jar in {text}")
    looks(world, "a", before)


@check("REPR-02")
def the_default_repr_mentions_no_exception(world: World) -> None:
    world.do("create", "a")
    text = world.do("repr", "a").value
    true("_p_repr" not in text and "Error" not in text, f"no exception in {text}")


@check("REPR-02")
def a_repr_of_the_instance_is_ignored(world: World) -> None:
    world.do("create", "a")
    world.do("create", "b", "Repr")
    plain = world.do("repr", "a").value
    world.do("set", "a", "_p_repr", "an attribute")
    world.do("set", "b", "_p_repr", "an attribute")
    gives(world.do("repr", "a"), plain)
    gives(world.do("repr", "b"), "a repr of its own")


@check("REPR-02")
def a_repr_that_reads_attributes_loads_the_ghost(world: World) -> None:
    given(world, "ghost", "a", "ReadingRepr")
    seen = world.do("repr", "a")
    calls(seen, "setstate a")
    gives(seen, "x is 1")


@check("REPR-02")
def a_ghost_that_cannot_be_loaded_has_a_repr(world: World) -> None:
    given(world, "ghost", "a", "ReadingRepr")
    world.do("plan", "setstate", "a", error="LoadError")
    text = world.do("repr", "a").value
    true("LoadError('planned by the world')" in text, f"the repr of the exception in {text}")
    true(" oid 0x61 in <jar jar>" in text, f"oid and jar in {text}")
    looks(world, "a", state=GHOST)


clause(
    "REPR-03",
    SHOULD,
    "An Exception in the repr of the oid or of the jar does not escape: the rest of the repr is "
    "there, and the repr of the exception in place of what failed. The repr of an oid of eight "
    "bytes is not asked for.",
    'N (CH 4.4.0: "better exception handling"); both implementations',
)

_FAILURE = "ValueError('planned by the world')"


@check("REPR-03")
def an_oid_that_cannot_be_shown_is_survived(world: World) -> None:
    world.do("create", "a")
    world.do("set", "a", "_p_jar", JAR)
    world.do("set_unshowable", "a", "_p_oid")
    text = world.do("repr", "a").value
    equal(text.count(_FAILURE), 1, f"the exceptions in {text}")
    true(_class_in(world, "Plain") in text, f"module and class in {text}")
    true("<jar jar>" in text, f"the jar in {text}")


@check("REPR-03")
def a_jar_that_cannot_be_shown_is_survived(world: World) -> None:
    world.do("create", "a")
    world.do("set", "a", "_p_oid", b"\0\0\0\0\0\0\0a")
    world.do("set_unshowable", "a", "_p_jar")
    text = world.do("repr", "a").value
    equal(text.count(_FAILURE), 1, f"the exceptions in {text}")
    true(_class_in(world, "Plain") in text, f"module and class in {text}")
    true("0x61" in text, f"the oid in {text}")


@check("REPR-03")
def oid_and_jar_that_cannot_be_shown_are_survived(world: World) -> None:
    world.do("create", "a")
    world.do("set_unshowable", "a", "_p_oid")
    world.do("set_unshowable", "a", "_p_jar")
    text = world.do("repr", "a").value
    equal(text.count(_FAILURE), 2, f"the exceptions in {text}")
    true(_class_in(world, "Plain") in text, f"module and class in {text}")


@check("REPR-03")
def bytes_with_a_failing_repr_are_survived(world: World) -> None:
    world.do("create", "a")
    world.do("set_unshowable_oid", "a", b"short")
    text = world.do("repr", "a").value
    equal(text.count(_FAILURE), 1, f"the exceptions in {text}")
    world.do("set_unshowable_oid", "a", b"\0\0\0\0\0\0\1\2")
    text = world.do("repr", "a").value
    true(" oid 0x0102>" in text, f"the oid in {text}")


clause(
    "REPR-04",
    SHOULD,
    "What is no Exception, such as KeyboardInterrupt, goes on to the caller: from _p_repr, from "
    "the repr of the oid and from that of the jar.",
    "N (both implementations)",
)


@check("REPR-04")
def an_interrupt_in_the_repr_of_the_class_is_not_swallowed(world: World) -> None:
    given(world, "saved", "a", "Repr")
    world.do("plan", "_p_repr", "a", error="KeyboardInterrupt")
    raises(world.attempt("repr", "a"), "KeyboardInterrupt")


@check("REPR-04", each={"oid": {"name": "_p_oid"}, "jar": {"name": "_p_jar"}})
def an_interrupt_in_the_repr_of_a_part_is_not_swallowed(world: World, name: str) -> None:
    world.do("create", "a")
    world.do("set_unshowable", "a", name, "KeyboardInterrupt")
    raises(world.attempt("repr", "a"), "KeyboardInterrupt")


clause(
    "REPR-05",
    SHOULD,
    "An object of the base class itself is shown as one of the class that the package exports.",
    "CH 4.4.3 (#92); both implementations",
)


@check(
    "REPR-05",
    needs=("package",),
    because="an object of the base class itself is no sample of the world",
)
def the_base_class_is_named_as_exported(implementation: Implementation) -> None:
    package: Any = implementation.package
    named_in(package, "Persistent")
    text = repr(implementation.persistent())
    equal(text.partition(" ")[0], f"<{package.__name__}.Persistent", "module and class")
