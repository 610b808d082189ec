"""Time stamps of eight bytes: the serials and transaction ids of a database.

The first four bytes count the minutes since 1900 in a calendar whose months
all have 31 days; the last four hold the seconds, 60 seconds being 2**32.  So
the order of the bytes is the order in time.
"""

from __future__ import annotations

import calendar
import datetime
import functools
import operator
import struct
import sys
from typing import Any, SupportsFloat

__all__ = ["TimeStamp"]

_BASE_YEAR = 1900
_SECOND = 60.0 / (1 << 16) / (1 << 16)
_RAW = struct.Struct(">II")
_LIMIT = 1 << 32

# Seconds from the start of 1901, where the sum is rounded as C rounds it.
_SUM_BASE = datetime.date(1901, 1, 1).toordinal()
_EPOCH = (datetime.date(1970, 1, 1).toordinal() - _SUM_BASE) * 86400


@functools.total_ordering
class TimeStamp:
    """A moment in UTC, made from eight bytes or from its fields (TS-01, TS-02).

    ``TimeStamp(raw)`` or ``TimeStamp(year, month, day, hour=0, minute=0,
    second=0.0)``.  Raises TypeError for other arguments, ValueError for bytes
    of another length, for fields that make no date, and for a moment that
    eight bytes cannot hold (TS-07, TS-08, TS-11).
    """

    __slots__ = ("_minutes", "_raw", "_seconds")

    def __init__(self, *args: Any) -> None:
        raw = _checked_raw(args[0]) if len(args) == 1 else _raw_of_fields(*_checked_fields(*args))
        self._raw = raw
        self._minutes: int
        self._seconds: int
        self._minutes, self._seconds = _RAW.unpack(raw)

    def raw(self) -> bytes:
        """Return the eight bytes (TS-01)."""
        return self._raw

    def year(self) -> int:
        """Return the year."""
        return self._minutes // (12 * 31 * 24 * 60) + _BASE_YEAR

    def month(self) -> int:
        """Return the month, 1 to 12."""
        return self._minutes // (31 * 24 * 60) % 12 + 1

    def day(self) -> int:
        """Return the day, 1 to 31; bytes can hold days that the month has not (TS-09)."""
        return self._minutes // (24 * 60) % 31 + 1

    def hour(self) -> int:
        """Return the hour."""
        return self._minutes // 60 % 24

    def minute(self) -> int:
        """Return the minute."""
        return self._minutes % 60

    def second(self) -> float:
        """Return the seconds with their fraction, as the bytes hold them (TS-03)."""
        return self._seconds * _SECOND

    def timeTime(self) -> float:  # noqa: N802
        """Return the seconds since the epoch (TS-04, TS-09)."""
        year, month = self.year(), self.month()
        days = datetime.date(year, month, 1).toordinal() + self.day() - 1 - _SUM_BASE
        whole = days * 86400 + self.hour() * 3600 + self.minute() * 60
        return float(whole) + self.second() - float(_EPOCH)

    def laterThan(self, other: TimeStamp) -> TimeStamp:  # noqa: N802
        """Return self if it is later than ``other``, else the moment after ``other``.

        Raises TypeError for what is not a TimeStamp, ValueError if ``other`` is
        the last moment (TS-06, TS-14).
        """
        if not issubclass(type(other), TimeStamp):
            raise TypeError(f"expected a TimeStamp, not {type(other).__name__}")
        if self._raw > other._raw:
            return self
        if other._seconds + 1 < _LIMIT:
            return type(self)(_RAW.pack(other._minutes, other._seconds + 1))
        return type(self)(*_next_minute(other))

    def __str__(self) -> str:
        """Show the fields with microseconds (TS-02)."""
        return (
            f"{self.year():04d}-{self.month():02d}-{self.day():02d}"
            f" {self.hour():02d}:{self.minute():02d}:{self.second():09.6f}"
        )

    def __repr__(self) -> str:
        """Show the bytes (TS-02)."""
        return repr(self._raw)

    def __eq__(self, other: object) -> Any:
        """Compare the bytes; whatever has a ``raw()`` is a time stamp (TS-05)."""
        raw = getattr(other, "raw", None)
        return NotImplemented if raw is None else self._raw == raw()

    def __lt__(self, other: Any) -> Any:
        """Compare the bytes; TypeError for what is not a time stamp (TS-05)."""
        raw = getattr(other, "raw", None)
        return NotImplemented if raw is None else self._raw < raw()

    def __hash__(self) -> int:
        """Hash the bytes by the function that all implementations share (TS-12)."""
        value = self._raw[0] << 7
        for byte in self._raw:
            value = (1000003 * value) ^ byte
        value ^= len(self._raw)
        width = sys.hash_info.width
        value &= (1 << width) - 1
        return value - (1 << width) if value >> (width - 1) else value


def _checked_raw(raw: Any) -> bytes:
    if not issubclass(type(raw), bytes):
        raise TypeError(f"a time stamp is made from 8 bytes or fields, not {type(raw).__name__}")
    if bytes.__len__(raw) != _RAW.size:
        raise ValueError(f"a time stamp has 8 bytes, not {bytes.__len__(raw)}")
    return bytes.__getitem__(raw, slice(None))


def _checked_fields(*fields: Any) -> tuple[int, int, int, int, int, float]:
    if not 3 <= len(fields) <= 6:
        raise TypeError(f"a time stamp is made from 8 bytes or 3 to 6 fields, not {len(fields)}")
    fields = (*fields, 0, 0, 0.0)[:6] if len(fields) < 6 else fields
    year, month, day, hour, minute = (operator.index(field) for field in fields[:5])
    if not isinstance(fields[5], SupportsFloat):
        raise TypeError(f"second must be a number, not {type(fields[5]).__name__}")
    second = float(fields[5])
    if year < _BASE_YEAR:
        raise ValueError(f"year must be at least {_BASE_YEAR}: {year}")
    if not 1 <= month <= 12:
        raise ValueError(f"month must be between 1 and 12: {month}")
    if not 1 <= day <= _month_length(year, month):
        raise ValueError(f"day must be between 1 and {_month_length(year, month)}: {day}")
    if not 0 <= hour <= 23:
        raise ValueError(f"hour must be between 0 and 23: {hour}")
    if not 0 <= minute <= 59:
        raise ValueError(f"minute must be between 0 and 59: {minute}")
    if not 0 <= second < 60:
        raise ValueError(f"second must be at least 0 and less than 60: {second}")
    return year, month, day, hour, minute, second


def _month_length(year: int, month: int) -> int:
    return calendar.monthrange(year, month)[1]


def _raw_of_fields(year: int, month: int, day: int, hour: int, minute: int, second: float) -> bytes:
    minutes = (((year - _BASE_YEAR) * 12 + month - 1) * 31 + day - 1) * 24 * 60
    minutes += hour * 60 + minute
    if minutes >= _LIMIT:
        raise ValueError(f"eight bytes cannot hold a moment so late: year {year}")
    return _RAW.pack(minutes, int(second / _SECOND))


def _next_minute(stamp: TimeStamp) -> tuple[int, int, int, int, int]:
    """Return the fields of the minute after ``stamp`` in the true calendar."""
    year, month, day = stamp.year(), stamp.month(), stamp.day()
    clock = stamp.hour() * 60 + stamp.minute() + 1
    if clock == 24 * 60:
        clock = 0
        day += 1
    if day > _month_length(year, month):
        day, month, clock = 1, month + 1, 0
    if month > 12:
        month, year = 1, year + 1
    return year, month, day, clock // 60, clock % 60
