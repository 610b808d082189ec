"""TS - time stamps: their order, the next one, and what makes none."""

import random
from typing import Any, List

from conformance.clauses.cases import cases
from conformance.clauses.expect import equal, gives, raises, true
from conformance.clauses.registry import MUST, SHOULD, check, clause
from fixtures.operations.domains import COMPARISONS
from fixtures.world import World

RAWS = [
    bytes.fromhex(text)
    for text in (
        "0000000000000000",
        "0000000000000001",
        "00000000000000ff",
        "0000000000000100",
        "0000000100000000",
        "7fffffffffffffff",
        "8000000000000000",
        "ffffffff00000000",
        "ffffffffffffffff",
    )
]

#: What is no time stamp.
OTHERS: Any = {
    "int": 1,
    "float": 1.5,
    "None": None,
    "text": "text",
    "bytes": bytes(8),
    "tuple": (1900, 1, 1, 0, 0, 0.0),
}

clause(
    "TS-05",
    MUST,
    "Time stamps are totally ordered by their bytes; a time stamp is unequal to any other kind of "
    "object, and comparing it with one by <, <=, > or >= raises TypeError.",
    'CH 4.0.9 ("supports ordering and equality like the C version")',
)


@check("TS-05", needs=("timestamp",), each=cases(comparison=COMPARISONS))
def stamps_are_ordered_by_their_bytes(world: World, comparison: str) -> None:
    for first in RAWS:
        for second in RAWS:
            expected = COMPARISONS[comparison](first, second)
            seen = world.do("timestamp_compare", [first], comparison, [second])
            equal(seen.value, expected, f"{first.hex()} {comparison} {second.hex()}")


@check("TS-05", needs=("timestamp",), each=cases(comparison=COMPARISONS))
def any_stamps_are_ordered_by_their_bytes(world: World, comparison: str) -> None:
    numbers = random.Random(5)
    for _ in range(30):
        first, second = (numbers.getrandbits(64).to_bytes(8, "big") for _ in range(2))
        expected = COMPARISONS[comparison](first, second)
        seen = world.do("timestamp_compare", [first], comparison, [second])
        equal(seen.value, expected, f"{first.hex()} {comparison} {second.hex()}")


@check(
    "TS-05", needs=("timestamp",), each={name: {"other": other} for name, other in OTHERS.items()}
)
def a_stamp_is_unequal_to_anything_else(world: World, other: Any) -> None:
    for swapped in (False, True):
        seen = world.do("timestamp_compare_other", [bytes(8)], "==", other, swapped)
        gives(seen, False)
        seen = world.do("timestamp_compare_other", [bytes(8)], "!=", other, swapped)
        gives(seen, True)


@check(
    "TS-05",
    needs=("timestamp",),
    each={
        f"{comparison} {name}": {"comparison": comparison, "other": other}
        for comparison in ("<", "<=", ">", ">=")
        for name, other in OTHERS.items()
    },
)
def a_stamp_has_no_order_with_anything_else(world: World, comparison: str, other: Any) -> None:
    for swapped in (False, True):
        seen = world.attempt("timestamp_compare_other", [bytes(8)], comparison, other, swapped)
        raises(seen, "TypeError")


clause(
    "TS-06",
    SHOULD,
    "laterThan(other) returns the time stamp itself if that is later, else one just after other; "
    "what is no time stamp raises TypeError or ValueError.",
    "TimeStampPy.laterThan docstring",
)


@check(
    "TS-06",
    needs=("timestamp",),
    each={
        f"{first} {second}": {"first": bytes.fromhex(first), "second": bytes.fromhex(second)}
        for first, second in (
            ("0000000000000001", "0000000000000000"),
            ("0000000100000000", "00000000ffffffff"),
            ("0000000100000000", "0000000000000000"),
            ("ffffffffffffffff", "fffffffffffffffe"),
            ("8000000000000000", "7fffffffffffffff"),
        )
    },
)
def a_later_stamp_answers_itself(world: World, first: bytes, second: bytes) -> None:
    gives(world.do("timestamp_later", [first], [second]), (first, True))


@check(
    "TS-06",
    needs=("timestamp",),
    each={
        f"{first} {second}": {"first": bytes.fromhex(first), "second": bytes.fromhex(second)}
        for first, second in (
            ("0000000000000000", "0000000000000000"),
            ("0000000000000000", "0000000000000001"),
            ("0000000000000000", "00000000000000ff"),
            ("0000000000000000", "000000000000ffff"),
            ("0000000000000000", "0000000000ffffff"),
            ("0000000000000000", "00000000fffffffe"),
            ("00000000ffffffff", "0000000100000000"),
            ("0102030405060708", "0102030405060708"),
            ("0102030405060708", "0338688d1cf768fd"),
            ("ffffffff00000000", "ffffffff00000000"),
            ("ffffffff00000000", "ffffffff00000001"),
        )
    },
)
def another_stamp_answers_the_moment_after_the_other(
    world: World, first: bytes, second: bytes
) -> None:
    after = (int.from_bytes(second, "big") + 1).to_bytes(8, "big")
    gives(world.do("timestamp_later", [first], [second]), (after, False))


@check(
    "TS-06", needs=("timestamp",), each={name: {"other": other} for name, other in OTHERS.items()}
)
def later_than_takes_stamps_only(world: World, other: Any) -> None:
    seen = world.attempt("timestamp_later_than_other", [bytes(8)], other)
    raises(seen, "TypeError", "ValueError")


clause(
    "TS-07",
    SHOULD,
    "A month, day, hour or minute that does not exist raises ValueError.",
    "source (C: CHECK_RANGE)",
)

_BAD_FIELDS = {
    "month 0": [2001, 0, 3, 4, 5, 6.0],
    "month 13": [2001, 13, 3, 4, 5, 6.0],
    "day 0": [2001, 2, 0, 4, 5, 6.0],
    "day 32": [2001, 1, 32, 4, 5, 6.0],
    "31 April": [2001, 4, 31, 4, 5, 6.0],
    "30 February": [2000, 2, 30, 4, 5, 6.0],
    "29 February": [2001, 2, 29, 4, 5, 6.0],
    "29 February 1900": [1900, 2, 29, 4, 5, 6.0],
    "hour -1": [2001, 2, 3, -1, 5, 6.0],
    "hour 24": [2001, 2, 3, 24, 5, 6.0],
    "minute -1": [2001, 2, 3, 4, -1, 6.0],
    "minute 60": [2001, 2, 3, 4, 60, 6.0],
}


@check(
    "TS-07", needs=("timestamp",), each={name: {"fields": bad} for name, bad in _BAD_FIELDS.items()}
)
def fields_that_make_no_date_raise(world: World, fields: List[Any]) -> None:
    raises(world.attempt("timestamp", fields), "ValueError")


@check(
    "TS-07",
    needs=("timestamp",),
    each={
        "first": {"fields": [2001, 1, 1, 0, 0, 0.0]},
        "last": {"fields": [2001, 12, 31, 23, 59, 59.0]},
        "leap day": {"fields": [2000, 2, 29, 0, 0, 0.0]},
        "leap day 2004": {"fields": [2004, 2, 29, 0, 0, 0.0]},
        "30 April": {"fields": [2001, 4, 30, 0, 0, 0.0]},
    },
)
def fields_at_the_edges_make_a_date(world: World, fields: List[Any]) -> None:
    equal(world.do("timestamp", fields).value["fields"], tuple(fields[:5]), "the fields")


clause(
    "TS-08",
    SHOULD,
    "A moment that four bytes of minutes cannot hold raises ValueError: before 1900, and after "
    "9917-10-14 04:15.",
    "source",
)


@check(
    "TS-08",
    needs=("timestamp",),
    each={
        "1899": {"fields": [1899, 12, 31, 23, 59, 59.0]},
        "0": {"fields": [0, 1, 1, 0, 0, 0.0]},
        "-1": {"fields": [-1, 1, 1, 0, 0, 0.0]},
        "9917-10-14 04:16": {"fields": [9917, 10, 14, 4, 16, 0.0]},
        "9917-10-15": {"fields": [9917, 10, 15, 0, 0, 0.0]},
        "9918": {"fields": [9918, 1, 1, 0, 0, 0.0]},
        "9999": {"fields": [9999, 12, 31, 0, 0, 0.0]},
        "10000": {"fields": [10000, 1, 1, 0, 0, 0.0]},
    },
)
def a_moment_that_cannot_be_held_raises(world: World, fields: List[Any]) -> None:
    raises(world.attempt("timestamp", fields), "ValueError")


@check(
    "TS-08",
    needs=("timestamp",),
    each={
        "first": {"fields": [1900, 1, 1, 0, 0, 0.0], "raw": bytes(8)},
        "last": {"fields": [9917, 10, 14, 4, 15, 0.0], "raw": b"\xff" * 4 + bytes(4)},
    },
)
def the_first_and_the_last_moment_can_be_held(world: World, fields: List[Any], raw: bytes) -> None:
    equal(world.do("timestamp", fields).value["raw"], raw, "raw()")


clause(
    "TS-11",
    SHOULD,
    "A wrong number of arguments, or arguments of a wrong type, raise TypeError; bytes of a wrong "
    "length raise TypeError or ValueError.",
    "source",
)


@check(
    "TS-11",
    needs=("timestamp",),
    each={
        "none": {"arguments": []},
        "two": {"arguments": [1, 2]},
        "seven": {"arguments": [2001, 2, 3, 4, 5, 6.0, 7]},
        "text": {"arguments": ["abcdefgh"]},
        "int": {"arguments": [1]},
        "None": {"arguments": [None]},
        "text field": {"arguments": ["2001", 2, 3, 4, 5, 6.0]},
        "float field": {"arguments": [2001, 2, 3.0, 4, 5, 6.0]},
        "text second": {"arguments": [2001, 2, 3, 4, 5, "6"]},
    },
)
def wrong_arguments_raise_type_error(world: World, arguments: List[Any]) -> None:
    raises(world.attempt("timestamp", arguments), "TypeError")


@check(
    "TS-11",
    needs=("timestamp",),
    each={str(length): {"length": length} for length in (0, 3, 7, 9, 16)},
)
def bytes_of_a_wrong_length_raise(world: World, length: int) -> None:
    raises(world.attempt("timestamp", [bytes(length)]), "TypeError", "ValueError")


clause(
    "TS-14",
    SHOULD,
    "What laterThan(other) returns is later than other also when the seconds of other are full; "
    "for the last moment that can be held it raises.",
    "TimeStampPy.laterThan docstring (\"which is later than 'other'\")",
)


@check(
    "TS-14",
    needs=("timestamp",),
    each={
        label: {"fields": fields}
        for label, fields in {
            "minute": [1900, 1, 1, 0, 1],
            "hour": [2001, 2, 3, 4, 59],
            "day": [2001, 2, 3, 23, 59],
            "month": [2001, 1, 31, 23, 59],
            "April": [2001, 4, 30, 23, 59],
            "February": [2001, 2, 28, 23, 59],
            "leap February": [2000, 2, 28, 23, 59],
            "leap day": [2000, 2, 29, 23, 59],
            "year": [1999, 12, 31, 23, 59],
        }.items()
    },
)
def the_moment_after_a_full_minute_is_later(world: World, fields: List[int]) -> None:
    start = world.do("timestamp", [*fields, 0.0]).value["raw"]
    full = start[:4] + b"\xff" * 4
    for first in (bytes(8), full):
        raw, same = world.do("timestamp_later", [first], [full]).value
        equal(same, False, "the answer is the stamp itself")
        true(raw > full, f"{raw.hex()} is later than {full.hex()}")
        equal(raw[4:], bytes(4), "the seconds of the answer")
        equal(world.do("timestamp", [raw]).error, None, "the answer has fields")


@check("TS-14", needs=("timestamp",))
def nothing_is_later_than_the_last_moment(world: World) -> None:
    for first in (bytes(8), b"\xff" * 8):
        raises(world.attempt("timestamp_later", [first], [b"\xff" * 8]), "Exception")


clause(
    "TS-15",
    SHOULD,
    "A second below 0 or not below 60 raises ValueError.",
    "N (C leaves seconds unchecked on purpose; but four bytes cannot hold such a second)",
)


@check(
    "TS-15",
    needs=("timestamp",),
    each={str(second): {"second": second} for second in (-1.0, -0.5, 60.0, 61.5, 1e10)},
)
def a_second_that_cannot_be_held_raises(world: World, second: float) -> None:
    raises(world.attempt("timestamp", [2001, 2, 3, 4, 5, second]), "ValueError")
