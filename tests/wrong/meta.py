"""Wrong implementations: _p_ attributes."""

from tests.wrong.making import wrong

wrong(
    "refuses the jar that a cached object has",
    breaks="META-04",
    module="persistence",
    old="if head.cache is not None and head.jar is not jar and head.jar != jar:",
    new="if head.cache is not None:",
)
wrong(
    "refuses the oid that a cached object has",
    breaks="META-04",
    module="persistence",
    old="if head.cache is not None and head.oid != oid:",
    new="if head.cache is not None:",
)
wrong(
    "forgets a change when the jar is assigned again",
    breaks="META-04",
    module="persistence",
    old="        if jar is None:\n            head.state = UPTODATE",
    new="        head.state = UPTODATE",
)
wrong(
    "lets a cached object change its jar",
    breaks="META-05 META-23",
    module="persistence",
    old="if head.cache is not None and head.jar is not jar and head.jar != jar:",
    new="if False:",
)
wrong(
    "lets a cached object lose its jar to None",
    breaks="META-23",
    module="persistence",
    old="if head.cache is not None and head.jar is not jar and head.jar != jar:",
    new="if jar is not None and head.cache is not None and head.jar != jar:",
)
wrong(
    "lets a cached object lose its jar",
    breaks="META-05",
    module="persistence",
    old="        if head.cache is not None:\n"
    '            raise ValueError("can\'t delete _p_jar of cached object")',
    new="        head.cache = None",
)
wrong(
    "loads a ghost before it refuses another oid",
    breaks="META-07",
    module="persistence",
    old="if head.cache is not None and head.oid != oid:",
    new="if _use(self).cache is not None and head.oid != oid:",
)
wrong(
    "lets a cached object change its oid",
    breaks="META-07 META-11",
    module="persistence",
    old="if head.cache is not None and head.oid != oid:",
    new="if False:",
)
wrong(
    "lets a cached object lose its oid",
    breaks="META-07 META-11",
    module="persistence",
    old="        if head.cache is not None:\n"
    '            raise ValueError("can\'t delete _p_oid of cached object")',
    new="        pass",
)
wrong(
    "keeps the jar of an object that is in no cache",
    breaks="META-08 META-20",
    module="persistence",
    old="        if head.cache is not None:\n"
    '            raise ValueError("can\'t delete _p_jar of cached object")',
    new='        if head.jar is not None:\n            raise ValueError("can\'t delete _p_jar")',
)
wrong(
    "keeps the oid of an object that has a jar",
    breaks="META-08 META-09",
    module="persistence",
    old="        if head.cache is not None:\n"
    '            raise ValueError("can\'t delete _p_oid of cached object")',
    new='        if head.jar is not None:\n            raise ValueError("can\'t delete _p_oid")',
)
wrong(
    "takes the oid of the root for no oid",
    breaks="META-11",
    module="persistence",
    old="        head.oid = oid",
    new='        head.oid = None if oid == b"\\0" * 8 else oid',
)
wrong(
    "takes a serial of any length",
    breaks="META-12",
    module="persistence",
    old=" and bytes.__len__(serial) == len(NO_SERIAL)",
    new="",
)
wrong(
    "takes a serial of any type",
    breaks="META-12",
    module="persistence",
    old="issubclass(type(serial), bytes) and bytes.__len__(serial) == len(NO_SERIAL)",
    new="len(serial) == len(NO_SERIAL)",
)
wrong(
    "keeps a serial that is deleted",
    breaks="META-12 META-14 META-17",
    module="persistence",
    old="head_of(self).serial = NO_SERIAL",
    new="pass",
)
wrong(
    "resets the serial in __setstate__",
    breaks="META-13",
    module="persistence",
    old="        set_data(self, state)",
    new="        set_data(self, state)\n        head_of(self).serial = NO_SERIAL",
)
wrong(
    "loads a ghost to set its serial",
    breaks="META-14",
    module="persistence",
    old="head_of(self).serial = bytes.__getitem__(serial, slice(None))",
    new="_use(self).serial = serial",
)
wrong(
    "gives whole seconds as modification time",
    breaks="META-15",
    module="persistence",
    old="TimeStamp(serial).timeTime()",
    new="int(TimeStamp(serial).timeTime())",
)
wrong(
    "does not load a ghost for its modification time",
    breaks="META-16",
    module="persistence",
    old="serial = _use(self).serial",
    new="serial = head_of(self).serial",
)
wrong(
    "has a modification time without a serial",
    breaks="META-17",
    module="persistence",
    old="None if serial == NO_SERIAL else",
    new="None if not serial else",
)
wrong(
    "rounds an estimated size down",
    breaks="META-18",
    module="head",
    old="(size // _SIZE_UNIT + 1)",
    new="(size // _SIZE_UNIT)",
)
wrong(
    "lets an estimated size grow without limit",
    breaks="META-18",
    module="head",
    old="return min((size // _SIZE_UNIT + 1) * _SIZE_UNIT, _SIZE_LIMIT)",
    new="return (size // _SIZE_UNIT + 1) * _SIZE_UNIT",
)
wrong(
    "takes None for a data manager",
    breaks="META-19",
    module="persistence",
    old="        if jar is None:\n            head.state = UPTODATE",
    new="        pass",
)
wrong(
    "leaves an object without jar in the state that it had",
    breaks="META-20",
    module="persistence",
    old="        head.jar = None\n        head.state = UPTODATE",
    new="        head.jar = None",
)
wrong(
    "does not provide the interface",
    breaks="META-21",
    module="persistence",
    old="@implementer(IPersistent)\n",
    new="",
)
wrong(
    "shows None as an oid",
    breaks="META-22",
    module="persistence",
    old='oid = "" if head.oid is None else',
    new='oid = "" if head.oid == b"" else',
)
wrong(
    "loads a ghost to set its estimated size",
    breaks="META-24",
    module="persistence",
    old="head_of(self).size = rounded_size(size)",
    new="_use(self).size = rounded_size(size)",
)
