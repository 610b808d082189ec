"""Wrong time stamps."""

from tests.wrong.making import wrong

wrong(
    "cuts the last byte off",
    breaks="TS-01 TS-03",
    module="timestamp",
    old='"""Return the eight bytes (TS-01)."""\n        return self._raw',
    new='"""Return the eight bytes (TS-01)."""\n        return self._raw[:7] + b"\\0"',
)
wrong(
    "gives equal time stamps different hashes",
    breaks="TS-01 TS-12",
    module="timestamp",
    old="value = self._raw[0] << 7",
    new="value = id(self) << 7",
)
wrong(
    "shows microseconds without leading zeros",
    breaks="TS-02 TS-09",
    module="timestamp",
    old=":09.6f",
    new=":.6f",
)
wrong(
    "has the repr of the str",
    breaks="TS-02",
    module="timestamp",
    old="return repr(self._raw)",
    new="return repr(str(self))",
)
wrong(
    "keeps the seconds that it was given",
    breaks="TS-03",
    module="timestamp",
    old="self._minutes, self._seconds = _RAW.unpack(raw)",
    new="self._minutes, self._seconds = _RAW.unpack(raw)\n"
    "        if len(args) == 6: self._seconds = float(args[5]) / _SECOND",
)
wrong(
    "drops fractions of a second from the time",
    breaks="TS-04",
    module="timestamp",
    old="return float(whole) + self.second() - float(_EPOCH)",
    new="return float(whole) + self.second() // 1 - float(_EPOCH)",
)
wrong(
    "counts months of 31 days in the time",
    breaks="TS-04",
    module="timestamp",
    old="datetime.date(year, month, 1).toordinal() +",
    new="datetime.date(year, 1, 1).toordinal() + 31 * (month - 1) +",
)
wrong(
    "orders time stamps by the minute only",
    breaks="TS-05",
    module="timestamp",
    old="NotImplemented if raw is None else self._raw < raw()",
    new="NotImplemented if raw is None else self._raw[:4] < raw()[:4]",
)
wrong(
    "compares with anything as with bytes",
    breaks="TS-05",
    module="timestamp",
    old="NotImplemented if raw is None else self._raw < raw()",
    new="self._raw < (bytes(8) if raw is None else raw())",
)
wrong(
    "equals its bytes",
    breaks="TS-05",
    module="timestamp",
    old="NotImplemented if raw is None else self._raw == raw()",
    new="self._raw == (other if raw is None else raw())",
)
wrong(
    "answers a later time stamp with a copy",
    breaks="TS-06",
    module="timestamp",
    old="if self._raw > other._raw:\n            return self",
    new="if self._raw > other._raw:\n            return type(self)(self._raw)",
)
wrong(
    "answers an equal time stamp with itself",
    breaks="TS-06",
    module="timestamp",
    old="if self._raw > other._raw:",
    new="if self._raw >= other._raw:",
)
wrong(
    "accepts any day",
    breaks="TS-07",
    module="timestamp",
    old="if not 1 <= day <= _month_length(year, month):",
    new="if not 1 <= day <= 31:",
)
wrong(
    "begins again after the last year",
    breaks="TS-08",
    module="timestamp",
    old="if minutes >= _LIMIT:",
    new="minutes %= _LIMIT\n    if False:",
)
wrong(
    "reads the minutes as a signed number",
    breaks="TS-01 TS-09",
    module="timestamp",
    old='_RAW = struct.Struct(">II")',
    new='_RAW = struct.Struct(">iI")',
)
wrong(
    "makes a time stamp of text",
    breaks="TS-11",
    module="timestamp",
    old="""if not issubclass(type(raw), bytes):
        raise""",
    new="""if isinstance(raw, str):
        return raw.encode()
    if not issubclass(type(raw), bytes):
        raise""",
)
wrong(
    "hashes the bytes as Python does",
    breaks="TS-12",
    module="timestamp",
    old="value ^= len(self._raw)",
    new="value = hash(self._raw)",
)
wrong(
    "overflows where the seconds are full",
    breaks="TS-14",
    module="timestamp",
    old="if other._seconds + 1 < _LIMIT:",
    new="if True:",
)
wrong(
    "accepts any second",
    breaks="TS-15",
    module="timestamp",
    old="if not 0 <= second < 60:",
    new="second %= 60\n    if False:",
)
wrong(
    "puts the smaller byte first",
    breaks="TS-02 TS-12 TS-16",
    module="timestamp",
    old='_RAW = struct.Struct(">II")',
    new='_RAW = struct.Struct("<II")',
)
wrong(
    "rounds the seconds instead of cutting them off",
    breaks="TS-16",
    module="timestamp",
    old="int(second / _SECOND)",
    new="min(round(second / _SECOND), _LIMIT - 1)",
)
