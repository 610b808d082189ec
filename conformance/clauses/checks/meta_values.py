"""META, continued - _p_serial, _p_mtime, _p_estimated_size, the interface, None as value."""

import calendar
from typing import Any

from conformance.clauses.cases import cases
from conformance.clauses.expect import (
    calls,
    equal,
    gives,
    looks,
    named_in,
    raises,
    true,
)
from conformance.clauses.registry import CONTESTED, MUST, SHOULD, check, clause
from fixtures.implementation import Implementation
from fixtures.states import GHOST, STATUS, given
from fixtures.values import Ref
from fixtures.world import World

NO_SERIAL = b"\0" * 8

#: 2001-02-03 04:05:30 UTC: the minutes since 1900, counted with months of 31 days, then half of
#: what the second half of the eight bytes can count.
SERIAL = (((((101 * 12 + 1) * 31 + 2) * 24 + 4) * 60) + 5).to_bytes(4, "big") + b"\x80\0\0\0"
SECONDS = calendar.timegm((2001, 2, 3, 4, 5, 30))

EVERY = cases(state=STATUS)
OTHER_OID = b"\0\0\0\0\0\0\0\7"

clause(
    "META-12",
    MUST,
    "_p_serial is eight bytes, by default eight NULs; anything else raises ValueError and leaves "
    "the serial as it was; deleting it brings the default back.",
    "I:_p_serial; D1.6; G",
)


@check("META-12")
def a_new_object_has_the_default_serial(world: World) -> None:
    world.do("create", "a")
    gives(world.do("get", "a", "_p_serial"), NO_SERIAL)


@check("META-12", each={"text": {"serial": b"00000012"}, "high": {"serial": b"\xff" * 8}})
def a_serial_of_eight_bytes_is_kept(world: World, serial: bytes) -> None:
    world.do("create", "a")
    world.do("set", "a", "_p_serial", serial)
    gives(world.do("get", "a", "_p_serial"), serial)


@check(
    "META-12",
    each={
        "short": {"serial": b"1234567"},
        "long": {"serial": b"123456789"},
        "empty": {"serial": b""},
        "text": {"serial": "12345678"},
        "None": {"serial": None},
        "number": {"serial": 8},
        "bytearray": {"serial": bytearray(b"12345678")},
        "list": {"serial": [0, 0, 0, 0, 0, 0, 0, 0]},
    },
)
def what_is_not_eight_bytes_is_refused(world: World, serial: Any) -> None:
    world.do("create", "a")
    world.do("set", "a", "_p_serial", SERIAL)
    raises(world.attempt("set", "a", "_p_serial", serial), "ValueError")
    looks(world, "a", serial=SERIAL)


clause(
    "META-25",
    SHOULD,
    "Where bytes or an integer of a subclass are given as a serial or as a size, what is kept is "
    "plain, and nothing is called that the subclass overrides.",
    "I:_p_serial, _p_estimated_size; K",
)


@check("META-25", each=cases(method=("eq", "hash", "repr", "len", "iter")))
def a_serial_of_a_subclass_is_kept_as_plain_bytes(world: World, method: str) -> None:
    world.do("create", "a")
    world.do("set", "a", "_p_serial", Ref("hostile", f"bytes {method} raises"))
    gives(world.do("get", "a", "_p_serial"), b"\0\0\0\0\0\0\0a")


@check("META-25", each=cases(method=("eq", "hash", "bool", "index", "lt")))
def a_size_of_a_subclass_is_kept_as_a_plain_integer(world: World, method: str) -> None:
    world.do("create", "a")
    world.do("set", "a", "_p_estimated_size", Ref("hostile", f"int {method} raises"))
    gives(world.do("get", "a", "_p_estimated_size"), 64)


@check("META-12", each={"del": {"op": "delete"}, "_p_delattr": {"op": "p_delattr"}})
def a_deleted_serial_is_the_default(world: World, op: str) -> None:
    world.do("create", "a")
    world.do("set", "a", "_p_serial", SERIAL)
    world.do(op, "a", "_p_serial")
    looks(world, "a", serial=NO_SERIAL)
    world.do(op, "a", "_p_serial")
    looks(world, "a", serial=NO_SERIAL)


@check("META-12")
def serials_of_two_objects_are_independent(world: World) -> None:
    world.do("create", "a")
    world.do("create", "b")
    world.do("set", "a", "_p_serial", SERIAL)
    looks(world, "b", serial=NO_SERIAL)


clause("META-13", MUST, "_p_serial is not affected by __setstate__.", "D1.6")


@check("META-13", each={label: made for label, made in EVERY.items() if label != "ghost"})
def a_state_leaves_the_serial_alone(world: World, state: str) -> None:
    given(world, state, "a")
    world.do("set", "a", "_p_serial", SERIAL)
    world.do("set_state", "a", {"x": 5})
    looks(world, "a", serial=SERIAL)


@check("META-13")
def a_state_with_slots_leaves_the_serial_alone(world: World) -> None:
    world.do("create", "a", "Mixed")
    world.do("set", "a", "_p_serial", SERIAL)
    world.do("set_state", "a", ({"d": 1}, {"s1": 2}))
    looks(world, "a", serial=SERIAL)


clause(
    "META-14",
    MUST,
    "Reading, setting or deleting _p_serial neither loads a ghost nor changes the object.",
    "I:__getattribute__, I:__setattr__, I:__delattr__ (_p_* attributes)",
)


@check("META-14", each=EVERY)
def the_serial_has_nothing_to_do_with_the_state(world: World, state: str) -> None:
    given(world, state, "a")
    before = world.object("a")
    calls(world.do("set", "a", "_p_serial", SERIAL))
    looks(world, "a", before._replace(serial=SERIAL))
    seen = world.do("get", "a", "_p_serial")
    calls(seen)
    gives(seen, SERIAL)
    looks(world, "a", before._replace(serial=SERIAL))
    calls(world.do("delete", "a", "_p_serial"))
    looks(world, "a", before._replace(serial=NO_SERIAL))


clause(
    "META-15",
    MUST,
    "_p_mtime is read-only: a float, the seconds since the epoch that the serial stands for.",
    "I:_p_mtime",
)


@check("META-15", each={label: made for label, made in EVERY.items() if label != "ghost"})
def the_modification_time_follows_from_the_serial(world: World, state: str) -> None:
    given(world, state, "a")
    world.do("set", "a", "_p_serial", SERIAL)
    before = world.object("a")
    seen = world.do("get", "a", "_p_mtime")
    calls(seen)
    equal(type(seen.value), float, "the type of _p_mtime")
    true(abs(seen.value - SECONDS) < 1e-6, f"{seen.value} is {SECONDS} seconds since the epoch")
    looks(world, "a", before)


@check("META-15")
def the_modification_time_changes_with_the_serial(world: World) -> None:
    world.do("create", "a")
    world.do("set", "a", "_p_serial", SERIAL)
    world.do("get", "a", "_p_mtime")
    world.do("set", "a", "_p_serial", SERIAL[:4] + b"\0\0\0\0")
    value = world.do("get", "a", "_p_mtime").value
    true(abs(value - (SECONDS - 30)) < 1e-6, f"{value} is {SECONDS - 30} seconds since the epoch")


@check(
    "META-15",
    needs=("timestamp",),
    because="a comparison with the timestamp part, which is no object of the world",
)
def the_modification_time_is_that_of_the_timestamp(implementation: Implementation) -> None:
    obj = implementation.persistent()
    for serial in (SERIAL, b"\3\x21\x8a\x7f\x12\x34\x56\x78"):
        obj._p_serial = serial
        made = implementation.timestamp(serial)  # type: ignore[misc]
        equal(obj._p_mtime, made.timeTime(), "_p_mtime")


clause(
    "META-16",
    CONTESTED,
    "Reading _p_mtime activates a ghost.",
    "persistent#26 against I:__getattribute__",
    decision="It does, as in both implementations, although _p_* attributes need no activation "
    "by the text; and it records the access, as every read that can load.",
)


@check("META-16")
def a_failed_load_is_not_hidden_by_the_modification_time(world: World) -> None:
    given(world, "ghost", "a")
    world.do("plan", "setstate", "a", error="LoadError")
    raises(world.attempt("get", "a", "_p_mtime"), "LoadError")
    looks(world, "a", state=GHOST)


clause(
    "META-17",
    SHOULD,
    "_p_mtime is None while the serial is eight NULs.",
    "N (both implementations for the default; C for a serial that was set)",
)


@check("META-17")
def a_serial_of_nulls_is_no_modification_time(world: World) -> None:
    world.do("create", "a")
    world.do("set", "a", "_p_serial", NO_SERIAL)
    gives(world.do("get", "a", "_p_mtime"), None)


@check("META-17")
def a_deleted_serial_is_no_modification_time(world: World) -> None:
    world.do("create", "a")
    world.do("set", "a", "_p_serial", SERIAL)
    world.do("delete", "a", "_p_serial")
    gives(world.do("get", "a", "_p_mtime"), None)


clause(
    "META-18",
    MUST,
    "_p_estimated_size is 0 at first; a size is kept as the next greater multiple of 64, at most "
    "1073741760; a negative one raises ValueError, what is no integer TypeError; deleting it "
    "brings 0 back.",
    "D1.7; cPersistence.h (24 bits of 64 bytes); CH 4.0.3",
)

_LIMIT = 1073741760
_SIZES = {
    0: 64,
    1: 64,
    63: 64,
    64: 128,
    65: 128,
    127: 128,
    128: 192,
    1000: 1024,
    1024: 1088,
    2**20: 2**20 + 64,
    1073741631: 1073741632,
    1073741632: 1073741696,
    1073741695: 1073741696,
    1073741696: _LIMIT,
    1073741697: _LIMIT,
    1073741759: _LIMIT,
    _LIMIT: _LIMIT,
    _LIMIT + 1: _LIMIT,
    2**31: _LIMIT,
    2**62: _LIMIT,
}


@check("META-18")
def a_new_object_has_no_estimated_size(world: World) -> None:
    world.do("create", "a")
    gives(world.do("get", "a", "_p_estimated_size"), 0)


@check(
    "META-18",
    each={str(size): {"size": size, "kept": kept} for size, kept in _SIZES.items()},
)
def a_size_is_rounded_up(world: World, size: int, kept: int) -> None:
    world.do("create", "a")
    world.do("set", "a", "_p_estimated_size", size)
    gives(world.do("get", "a", "_p_estimated_size"), kept)


@check("META-18", each={"2**64": {"size": 2**64}, "2**70": {"size": 2**70}})
def a_size_beyond_every_machine_word_is_the_limit(world: World, size: int) -> None:
    world.do("create", "a")
    world.do("set", "a", "_p_estimated_size", size)
    gives(world.do("get", "a", "_p_estimated_size"), _LIMIT)


_NO_SIZES = {
    "-1": (-1, "ValueError"),
    "-64": (-64, "ValueError"),
    "-2**40": (-(2**40), "ValueError"),
    "text": ("x", "TypeError"),
    "digits": ("1", "TypeError"),
    "float": (1.0, "TypeError"),
    "None": (None, "TypeError"),
    "bytes": (b"1", "TypeError"),
}


@check(
    "META-18",
    each={label: {"size": size, "error": error} for label, (size, error) in _NO_SIZES.items()},
)
def what_is_no_size_is_refused(world: World, size: Any, error: str) -> None:
    world.do("create", "a")
    world.do("set", "a", "_p_estimated_size", 1000)
    raises(world.attempt("set", "a", "_p_estimated_size", size), error)
    looks(world, "a", size=1024)


@check("META-18", each={"del": {"op": "delete"}, "_p_delattr": {"op": "p_delattr"}})
def a_deleted_size_is_nothing(world: World, op: str) -> None:
    world.do("create", "a")
    world.do("set", "a", "_p_estimated_size", 1000)
    world.do(op, "a", "_p_estimated_size")
    gives(world.do("get", "a", "_p_estimated_size"), 0)


@check("META-18")
def sizes_of_two_objects_are_independent(world: World) -> None:
    world.do("create", "a")
    world.do("create", "b")
    world.do("set", "a", "_p_estimated_size", 1000)
    looks(world, "b", size=0)


clause(
    "META-24",
    MUST,
    "Reading, setting or deleting _p_estimated_size neither loads a ghost nor changes the object.",
    "I:__getattribute__, I:__setattr__, I:__delattr__ (_p_* attributes)",
)


@check("META-24", each=EVERY)
def the_size_has_nothing_to_do_with_the_state(world: World, state: str) -> None:
    given(world, state, "a")
    before = world.object("a")
    calls(world.do("set", "a", "_p_estimated_size", 1000))
    looks(world, "a", before._replace(size=1024))
    calls(world.do("get", "a", "_p_estimated_size"))
    looks(world, "a", before._replace(size=1024))
    calls(world.do("delete", "a", "_p_estimated_size"))
    looks(world, "a", before._replace(size=0))


clause(
    "META-21",
    MUST,
    "Persistent objects provide IPersistent.",
    'I:IPersistentDataManager.setstate ("must provide the IPersistent interface"); D2.2',
)


@check(
    "META-21",
    needs=("interfaces",),
    because="what an object provides is a question to the interface, not to the object",
)
def persistent_objects_provide_the_interface(implementation: Implementation) -> None:
    class Plain(implementation.persistent):  # type: ignore[name-defined, misc]
        pass

    interface = named_in(implementation.interfaces, "IPersistent")
    true(interface.implementedBy(implementation.persistent), "the base class implements it")
    true(interface.providedBy(implementation.persistent()), "an instance provides it")
    true(interface.providedBy(Plain()), "an instance of a subclass provides it")


clause(
    "META-22",
    MUST,
    "_p_oid = None means that no oid is assigned: the default repr shows none.",
    'I:_p_oid; I:reprs ("if any")',
)


@check("META-22")
def no_oid_is_shown_for_none(world: World) -> None:
    world.do("create", "a")
    world.do("set", "a", "_p_oid", OTHER_OID)
    world.do("set", "a", "_p_oid", None)
    looks(world, "a", oid=None)
    text = world.do("repr", "a").value
    true(" oid " not in text and "None" not in text, f"no oid in {text}")


clause(
    "META-23",
    SHOULD,
    "While the object is cached, _p_jar = None raises ValueError and changes nothing.",
    "N (as META-05)",
)
