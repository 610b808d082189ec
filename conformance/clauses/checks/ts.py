"""TS - time stamps: their bytes, their fields, their time and their hash."""

import calendar
import datetime
import random
import struct
import sys
import types
from fractions import Fraction
from typing import Iterator, List, Tuple

from conformance.clauses.expect import equal, gives, named_in, one_of, true
from conformance.clauses.registry import MAY, MUST, SHOULD, check, clause
from fixtures.implementation import Implementation
from fixtures.world import World

Fields = Tuple[int, int, int, int, int, float]

#: What the arguments are; the arguments; the bytes; str; the hash where a C long has 64 bits.
KNOWN: Tuple[Tuple[str, Fields, str, str, int], ...] = (
    ("first", (1900, 1, 1, 0, 0, 0.0), "0000000000000000", "1900-01-01 00:00:00.000000", 8),
    (
        "minute",
        (1900, 1, 1, 0, 1, 0.0),
        "0000000100000000",
        "1900-01-01 00:01:00.000000",
        -4442925868394654887,
    ),
    (
        "month",
        (1900, 2, 1, 0, 0, 0.0),
        "0000ae6000000000",
        "1900-02-01 00:00:00.000000",
        3856082045748052226,
    ),
    (
        "year",
        (1901, 1, 1, 0, 0, 0.0),
        "00082c8000000000",
        "1901-01-01 00:00:00.000000",
        -9138565295247214636,
    ),
    (
        "epoch",
        (1970, 1, 1, 0, 0, 0.0),
        "023c2b0000000000",
        "1970-01-01 00:00:00.000000",
        6135235092369783671,
    ),
    (
        "fraction",
        (2001, 2, 3, 4, 5, 6.789),
        "033a49151cf765fd",
        "2001-02-03 04:05:06.789000",
        6015483435590236984,
    ),
    (
        "leap day",
        (2000, 2, 29, 23, 59, 59.5),
        "0332b37ffddddddd",
        "2000-02-29 23:59:59.500000",
        4845125764688378837,
    ),
    (
        "new year's eve",
        (1999, 12, 31, 23, 59, 0.0),
        "033161ff00000000",
        "1999-12-31 23:59:00.000000",
        5755805484077409516,
    ),
    (
        "last day",
        (9917, 10, 13, 0, 0, 0.0),
        "fffff96000000000",
        "9917-10-13 00:00:00.000000",
        -1983540208277130971,
    ),
)

#: Bytes at the edges: every bit set, the sign bits, one part full, days that no month has.
ODD = {
    text: {"raw": bytes.fromhex(text)}
    for text in (
        "0000000000000000",
        "0000000000000001",
        "00000000ffffffff",
        "00000001ffffffff",
        "0102030405060708",
        "7fffffff7fffffff",
        "7f7f7f7f7f7f7f7f",
        "8000000080000000",
        "8080808080808080",
        "0001518000000000",
        "ffffffff00000000",
        "ffffffffffffffff",
    )
}


def _random_raws(seed: int, count: int) -> Iterator[bytes]:
    numbers = random.Random(seed)
    for _ in range(count):
        yield struct.pack(">Q", numbers.getrandbits(64))


def _random_fields(seed: int, count: int, last_year: int = 9916) -> Iterator[Fields]:
    numbers = random.Random(seed)
    for _ in range(count):
        year, month = numbers.randint(1900, last_year), numbers.randint(1, 12)
        day = numbers.randint(1, calendar.monthrange(year, month)[1])
        hour, minute = numbers.randint(0, 23), numbers.randint(0, 59)
        yield year, month, day, hour, minute, numbers.random() * 60


def _fields(raw: bytes) -> List[int]:
    """Year, month, day, hour and minute: the digits of the minutes in a mixed radix."""
    rest = int.from_bytes(raw[:4], "big")
    fields: List[int] = []
    for radix, first in ((60, 0), (24, 0), (31, 1), (12, 1)):
        rest, digit = divmod(rest, radix)
        fields.insert(0, digit + first)
    return [rest + 1900, *fields]


def _second(raw: bytes) -> float:
    return float(Fraction(60 * int.from_bytes(raw[4:], "big"), 2**32))


def _raw(fields: Fields) -> bytes:
    year, month, day, hour, minute, second = fields
    days = (year - 1900) * 372 + (month - 1) * 31 + (day - 1)
    minutes = days * 1440 + hour * 60 + minute
    return minutes.to_bytes(4, "big") + int(Fraction(second) * 2**32 / 60).to_bytes(4, "big")


def _hashes(raw: bytes) -> List[int]:
    """The hash of these bytes, for the width of a C long and of a hash where these differ."""
    found = []
    for bits in {8 * struct.calcsize("l"), sys.hash_info.width}:
        value = raw[0] * 128
        for byte in raw:
            value = value * 1000003 % 2**bits ^ byte
        value ^= 8
        value -= 2**bits if value >= 2 ** (bits - 1) else 0
        found.append(-2 if value == -1 else value)
    return found


_EACH_KNOWN = {
    label: {"fields": fields, "raw": bytes.fromhex(raw), "shown": shown, "hashed": hashed}
    for label, fields, raw, shown, hashed in KNOWN
}

clause(
    "TS-01",
    MUST,
    "raw() of a time stamp made from eight bytes is these bytes; two time stamps with equal raw() "
    "are equal and hash alike.",
    "CH 4.0.9",
)


@check("TS-01", needs=("timestamp",), each=ODD)
def raw_is_what_a_stamp_is_made_from(world: World, raw: bytes) -> None:
    seen = world.do("timestamp", [raw]).value
    equal(seen["raw"], raw, "raw()")
    gives(world.do("timestamp", [raw]), seen)
    gives(world.do("timestamp_compare", [raw], "==", [raw]), True)
    gives(world.do("timestamp_compare", [raw], "!=", [raw]), False)


@check("TS-01", needs=("timestamp",))
def raw_is_what_any_stamp_is_made_from(world: World) -> None:
    for raw in _random_raws(1, 50):
        seen = world.do("timestamp", [raw]).value
        equal(seen["raw"], raw, "raw()")
        equal(world.do("timestamp", [raw]).value["hash"], seen["hash"], "the hash of an equal one")
        gives(world.do("timestamp_compare", [raw], "==", [raw]), True)


@check("TS-01", needs=("timestamp",), each=_EACH_KNOWN)
def a_stamp_made_from_fields_equals_one_made_from_its_bytes(
    world: World, fields: Fields, raw: bytes, shown: str, hashed: int
) -> None:
    first = world.do("timestamp", fields).value
    second = world.do("timestamp", [first["raw"]]).value
    equal(second, first, "what a stamp made from the bytes shows")
    gives(world.do("timestamp_compare", fields, "==", [first["raw"]]), True)
    gives(world.do("timestamp_compare", fields, "!=", [first["raw"]]), False)


clause(
    "TS-02",
    MUST,
    "A time stamp is made from year, month, day, hour, minute and a float of seconds, and shows "
    "them; its str is YYYY-MM-DD HH:MM:SS.ffffff, its repr is that of raw().",
    "CH 4.0.9 (repr); source",
)


@check("TS-02", needs=("timestamp",), each=_EACH_KNOWN)
def a_stamp_shows_what_it_is_made_from(
    world: World, fields: Fields, raw: bytes, shown: str, hashed: int
) -> None:
    seen = world.do("timestamp", fields).value
    equal(seen["fields"], fields[:5], "year, month, day, hour, minute")
    true(
        abs(seen["second"] - fields[5]) < 60 / 2**32, f"second {seen['second']!r} is {fields[5]!r}"
    )
    equal(seen["str"], shown, "str")
    equal(seen["repr"], repr(raw), "repr")


@check("TS-02", needs=("timestamp",))
def any_stamp_shows_what_it_is_made_from(world: World) -> None:
    for fields in _random_fields(2, 50):
        seen = world.do("timestamp", fields).value
        equal(seen["fields"], fields[:5], "year, month, day, hour, minute")
        equal(0 <= fields[5] - seen["second"] < 60 / 2**32, True, f"the second of {fields}")
        equal(seen["repr"], repr(seen["raw"]), "repr")
        shown = "{:04}-{:02}-{:02} {:02}:{:02}:{:09.6f}".format(*fields[:5], seen["second"])
        equal(seen["str"], shown, "str")


clause(
    "TS-03",
    MUST,
    "second() of a time stamp made from six arguments equals second() of one made from its raw().",
    "CH 4.4.0 (#41)",
)


@check("TS-03", needs=("timestamp",))
def seconds_survive_the_bytes(world: World) -> None:
    for fields in [*_random_fields(3, 50), *(known[1] for known in KNOWN)]:
        seen = world.do("timestamp", fields).value
        again = world.do("timestamp", [seen["raw"]]).value
        equal(again["second"], seen["second"], f"second() of the bytes of {fields}")
        equal(again["raw"], seen["raw"], "raw()")
        equal(seen["second"], _second(seen["raw"]), "second() by the bytes")


clause(
    "TS-04",
    MUST,
    "timeTime() is the time since the epoch in seconds, UTC, with an error below 2 microseconds.",
    "CH 4.2.0",
)


def _epoch_seconds(fields: Fields) -> float:
    return calendar.timegm((*fields[:5], 0)) + fields[5]


@check("TS-04", needs=("timestamp",), each=_EACH_KNOWN)
def time_time_counts_the_seconds_since_the_epoch(
    world: World, fields: Fields, raw: bytes, shown: str, hashed: int
) -> None:
    expected = _epoch_seconds(fields)
    got = world.do("timestamp_time", fields).value
    equal(type(got), float, "the type of timeTime()")
    equal(abs(got - expected) < 2e-6, True, f"timeTime() {got!r} is {expected!r}")


@check("TS-04", needs=("timestamp",))
def time_time_of_any_stamp_is_right_to_the_microsecond(world: World) -> None:
    for fields in _random_fields(4, 100, last_year=2100):
        if fields[5] > 59.99999:
            continue
        got = world.do("timestamp_time", fields).value
        equal(abs(got - _epoch_seconds(fields)) < 2e-6, True, f"timeTime() {got!r} of {fields}")


@check("TS-04", needs=("timestamp",))
def time_time_is_right_on_every_first_of_a_month(world: World) -> None:
    for year in (1900, 1901, 1904, 1970, 1999, 2000, 2001, 2004, 2100, 2400):
        for month in range(1, 13):
            fields = (year, month, 1, 0, 0, 0.0)
            got = world.do("timestamp_time", fields).value
            equal(got, _epoch_seconds(fields), f"timeTime() of {fields}")


clause(
    "TS-09",
    SHOULD,
    "Every value of eight bytes has fields and a str, by the arithmetic of the bytes, and a "
    "timeTime().",
    "CH 4.4.0, 4.4.2 (#86, unsigned arithmetic)",
)


def _agrees_with_the_arithmetic(world: World, raw: bytes) -> None:
    seen = world.do("timestamp", [raw]).value
    fields = _fields(raw)
    equal(seen["fields"], tuple(fields), f"the fields of {raw.hex()}")
    equal(seen["second"], _second(raw), f"second() of {raw.hex()}")
    shown = "{:04}-{:02}-{:02} {:02}:{:02}:{:09.6f}".format(*fields, _second(raw))
    equal(seen["str"], shown, f"the str of {raw.hex()}")


def _has_a_time(world: World, raw: bytes) -> None:
    got = world.do("timestamp_time", [raw]).value
    equal(type(got), float, f"the type of timeTime() of {raw.hex()}")
    year, month, day, hour, minute = _fields(raw)
    if day <= calendar.monthrange(year, month)[1]:
        since = datetime.datetime(year, month, day, hour, minute) - datetime.datetime(1970, 1, 1)
        expected = since.total_seconds() + _second(raw)
        equal(abs(got - expected) < 1e-4, True, f"timeTime() {got!r} of {raw.hex()}")


@check("TS-09", needs=("timestamp",), each=ODD)
def odd_bytes_have_fields_and_a_str(world: World, raw: bytes) -> None:
    _agrees_with_the_arithmetic(world, raw)


@check("TS-09", needs=("timestamp",))
def any_bytes_have_fields_and_a_str(world: World) -> None:
    for raw in _random_raws(9, 100):
        _agrees_with_the_arithmetic(world, raw)


@check("TS-09", needs=("timestamp",), each=ODD)
def odd_bytes_have_a_time(world: World, raw: bytes) -> None:
    _has_a_time(world, raw)


@check("TS-09", needs=("timestamp",))
def any_bytes_of_a_day_that_exists_have_a_time(world: World) -> None:
    for raw in _random_raws(10, 100):
        year, month, day = _fields(raw)[:3]
        if day <= calendar.monthrange(year, month)[1] and _second(raw) < 59.999:
            _has_a_time(world, raw)


clause(
    "TS-12",
    MUST,
    "The hash of a time stamp is the same function of its bytes in every implementation and on "
    "every platform, but for the width of the integers.",
    "CH 4.0.9, 4.1.0, 4.2.1, 4.2.3",
)


@check("TS-12", needs=("timestamp",), each=_EACH_KNOWN)
def the_hash_is_the_known_one(
    world: World, fields: Fields, raw: bytes, shown: str, hashed: int
) -> None:
    seen = world.do("timestamp", fields).value
    if struct.calcsize("l") == sys.hash_info.width // 8 == 8:
        equal(seen["hash"], hashed, f"the hash of {raw!r}")
    one_of(seen["hash"], _hashes(raw), f"the hash of {raw!r}")


@check("TS-12", needs=("timestamp",), each=ODD)
def the_hash_of_odd_bytes_is_that_of_all_implementations(world: World, raw: bytes) -> None:
    one_of(world.do("timestamp", [raw]).value["hash"], _hashes(raw), f"the hash of {raw!r}")


@check("TS-12", needs=("timestamp",))
def the_hash_of_any_bytes_is_that_of_all_implementations(world: World) -> None:
    for raw in _random_raws(12, 50):
        one_of(world.do("timestamp", [raw]).value["hash"], _hashes(raw), f"the hash of {raw!r}")


clause(
    "TS-13",
    SHOULD,
    "The class of time stamps is imported from the module timestamp of the package, whichever "
    "implementation is in use.",
    "CH 4.0.1",
)


@check("TS-13", needs=("timestamp", "package"), because="it looks at modules, not at objects")
def time_stamps_come_from_the_module_timestamp(implementation: Implementation) -> None:
    module = getattr(implementation.package, "timestamp", None)
    cls = named_in(module, "TimeStamp")
    equal(isinstance(module, types.ModuleType), True, "the package has a module timestamp")
    raw = b"\x03H\xcf\xc5\x1c\xf7h\xfe"
    equal(cls(raw).raw(), raw, "raw() of a stamp")


@check("TS-13", needs=("timestamp",), because="it looks at a class, not at objects")
def time_stamps_have_a_class(implementation: Implementation) -> None:
    cls = implementation.timestamp
    equal(isinstance(cls, type), True, "TimeStamp is a class")
    equal(isinstance(cls(bytes(8)), cls), True, "a stamp is an instance")  # type: ignore


clause(
    "TS-16",
    MUST,
    "The first four bytes are the minutes since 1900, in a calendar whose months have 31 days; the "
    "last four are the seconds in units of 60 / 2**32, cut off; the larger byte comes first.",
    "CH 4.0.9 (both implementations have the same raw()); _timestamp.c, struct TimeStamp",
)


@check("TS-16", needs=("timestamp",), each=_EACH_KNOWN)
def the_bytes_of_known_fields_are_known(
    world: World, fields: Fields, raw: bytes, shown: str, hashed: int
) -> None:
    equal(world.do("timestamp", fields).value["raw"], raw, "raw()")


@check("TS-16", needs=("timestamp",))
def the_bytes_of_any_fields_are_known(world: World) -> None:
    for fields in _random_fields(16, 100):
        equal(world.do("timestamp", fields).value["raw"], _raw(fields), f"raw() of {fields}")


clause(
    "TS-17",
    MAY,
    "A time stamp may be made from three to five arguments: what is missing is 0.",
    "source (C)",
)


@check(
    "TS-17",
    needs=("timestamp",),
    each={str(count): {"arguments": [2001, 2, 3, 4, 5][:count]} for count in (3, 4, 5)},
)
def fewer_than_six_fields_are_recorded(world: World, arguments: List[int]) -> None:
    seen = world.attempt("timestamp", arguments)
    world.note(f"{len(arguments)} fields: {seen.error or seen.value['str']}")
