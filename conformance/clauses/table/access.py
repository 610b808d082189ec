"""The rows for events that read and write, in the notation of ``notation.py``.

The columns of every block are: unsaved, added, ghost, saved, changed, sticky.
"""

from typing import Any, Dict, List

from conformance.clauses.table.notation import SLOTS, declare
from fixtures.operations.table import step
from fixtures.values import Ref


def _reads(*names: str) -> Dict[str, List[Dict[str, Any]]]:
    return {f"read {name}": [step("get", "a", name)] for name in names}


# Reading

#: What a read that loads a ghost does.
_LOADING = """
effect | none | none | load | none | none | none
by TRANS-23; unsaved STATE-10; ghost {ghost}; sticky STICKY-07 TRANS-23
ring   | *    | =    | b a  | b a  | b a  | b a
by ATTR-07; added ATTR-24; ghost ACT-29
"""
#: What a read of an attribute that is not there gives.
_MISSING = """
gives  | !AttributeError | " | " | " | " | "
by TRANS-23; unsaved STATE-17; ghost {ghost}
"""
#: What a read that loads nothing does.
_QUIET = """
effect | none | none | none | none | none | none
by TRANS-23; unsaved STATE-10; ghost {ghost}
"""
_UNTOUCHED = """
ring   | *    | *    | =    | =    | =    | =
by ATTR-08
"""

declare(
    "Reading",
    {"read x": [step("get", "a", "x")]},
    """
gives  | 1    | 1    | 1    | 1    | 1    | 1
by TRANS-23; unsaved STATE-17; ghost TRANS-12
"""
    + _LOADING.format(ghost="TRANS-12"),
    slotted="TRANS-12 TRANS-23",
)
declare(
    "Reading",
    _reads("doubled"),
    """
gives  | 2    | 2    | 2    | 2    | 2    | 2
by TRANS-23; unsaved STATE-17; ghost TRANS-12
"""
    + _LOADING.format(ghost="TRANS-12"),
)
declare(
    "Reading",
    {"read a missing name": [step("get", "a", "missing")]},
    """
gives  | !AttributeError | " | " | " | " | "
by TRANS-23; unsaved STATE-17; ghost ATTR-02
"""
    + _LOADING.format(ghost="ATTR-02"),
    slotted="ATTR-02 TRANS-23",
)
declare(
    "Reading",
    _reads("_v_a"),
    """
gives  | 0    | 0    | !AttributeError | 0    | 0    | 0
by TRANS-23; unsaved STATE-17; ghost ATTR-02
"""
    + _LOADING.format(ghost="ATTR-02"),
)
declare(
    "Reading",
    _reads("method"),
    _LOADING.format(ghost="ATTR-02"),
)
declare(
    "Reading",
    _reads("_p_oid", "_p_jar", "_p_serial", "_p_estimated_size", "_p_activate", "_p_deactivate"),
    _QUIET.format(ghost="ATTR-03") + _UNTOUCHED,
)
declare(
    "Reading",
    _reads("_p_state"),
    """
gives  | 0    | 0    | -1   | 0    | 1    | 2
by STATE-09; unsaved STATE-01 STATE-10; added STATE-11; ghost STATE-04; changed STATE-03
"""
    + _QUIET.format(ghost="ATTR-03")
    + _UNTOUCHED,
)
declare(
    "Reading",
    _reads("_p_changed"),
    """
gives  | False | False | None | False | True | False
by unsaved STATE-01 STATE-10; added STATE-11; ghost STATE-04; saved STATE-02; changed STATE-03; \
sticky STATE-06
"""
    + _QUIET.format(ghost="ATTR-03")
    + _UNTOUCHED,
)
declare(
    "Reading",
    _reads("_p_status"),
    """
gives  | 'unsaved' | 'saved' | 'ghost' | 'saved' | 'changed' | 'sticky'
by STATE-14
effect | none      | none    | none    | none    | none      | none
by TRANS-23; unsaved STATE-10; ghost ATTR-03
""",
    needs=("status",),
)
declare(
    "Reading",
    _reads("_p_unknown", "_p_"),
    (_MISSING + _QUIET).format(ghost="ATTR-03") + _UNTOUCHED,
)
declare(
    "Reading",
    _reads("_p_mtime"),
    """
gives  | None | None | *    | *    | *    | *
by META-17
effect | none | none | load | none | none | none
by TRANS-23; unsaved STATE-10; ghost META-16
ring   | *    | =    | b a  | b a  | *    | *
by ACT-29; added ATTR-24; saved META-16
""",
)
declare(
    "Reading",
    _reads("__class__", "__dict__", "__setstate__"),
    _QUIET.format(ghost="ATTR-04") + _UNTOUCHED,
)
declare(
    "Reading",
    _reads("__del__", "__of__"),
    (_MISSING + _QUIET).format(ghost="ATTR-04") + _UNTOUCHED,
)
declare(
    "Reading",
    {
        "repr": [step("repr", "a")],
        "isinstance": [step("isinstance", "a")],
        "type": [step("type", "a")],
        "hash": [step("hash", "a")],
        "a == b": [step("equal", "a", "b")],
    },
    """
effect | none | none | none | none | none | none
by TRANS-23; unsaved STATE-10; ghost ATTR-06
ring   | *    | *    | =    | *    | *    | *
by ATTR-06
""",
)
declare(
    "Reading",
    {"__getstate__()": [step("get_state", "a")]},
    """
gives  | {'x': 1} | "        | "        | "        | "        | "
by PICKLE-01; ghost PICKLE-02
effect | none     | none     | load     | none     | none     | none
by PICKLE-03; unsaved STATE-10 PICKLE-03; ghost PICKLE-02
ring   | *        | *        | b a      | *        | *        | *
by ACT-29
""",
    slotted="PICKLE-03",
)

# Writing

_RING_OF_WRITES = """
ring  | *       | =        | b a               | *        | *    | *
by added ATTR-24; ghost ACT-29
"""

declare(
    "Writing",
    {"x = 9": [step("set", "a", "x", 9)]},
    """
effect | none: +x=9 | change: +x=9 | load change: x=9 | change: +x=9 | none: +x=9 | change: +x=9
by TRANS-03; calls TRANS-05; unsaved STATE-10 TRANS-07; data unsaved STATE-17; \
calls ghost ATTR-09 TRANS-05; data ghost ATTR-09; changed TRANS-06; \
sticky TRANS-04; calls sticky TRANS-05
"""
    + _RING_OF_WRITES,
    slotted="TRANS-03 ATTR-09",
)
declare(
    "Writing",
    {"y = 9": [step("set", "a", "y", 9)]},
    """
effect | none: +y=9 | change: +y=9 | load change: x=1 y=9 | change: +y=9 | none: +y=9 | change: +y=9
by TRANS-03; calls TRANS-05; unsaved STATE-10 TRANS-07; data unsaved STATE-17; \
calls ghost ATTR-09 TRANS-05; data ghost ATTR-09; changed TRANS-06; \
sticky TRANS-04; calls sticky TRANS-05
"""
    + _RING_OF_WRITES,
    slotted="TRANS-03 ATTR-09",
)
declare(
    "Writing",
    {"x = 1, an equal value": [step("set", "a", "x", 1)]},
    """
effect | none | change | load change | change | none | change
by ATTR-10; unsaved STATE-10; data unsaved STATE-17; state sticky TRANS-04
"""
    + _RING_OF_WRITES,
    slotted="ATTR-10",
)
declare(
    "Writing",
    {"doubled = 4, a property that stores nothing": [step("set", "a", "doubled", 4)]},
    """
effect | none | change | load change | change | none | change
by ATTR-20; unsaved STATE-10; data unsaved STATE-17; state sticky TRANS-04
"""
    + _RING_OF_WRITES,
)
declare(
    "Writing",
    {"__class__ = the same class": [step("set", "a", "__class__", Ref("class", "Plain"))]},
    """
effect | none | change | load change | change | none | change
by ATTR-15; unsaved STATE-10; state sticky TRANS-04
"""
    + _RING_OF_WRITES,
)
declare(
    "Writing",
    {"_v_b = 9": [step("set", "a", "_v_b", 9)]},
    """
effect | none: +_v_b=9 | " | load: x=1 _v_b=9 | none: +_v_b=9 | " | "
by ATTR-11; unsaved STATE-10; data unsaved STATE-17; ghost ATTR-12
ring  | *       | =        | b a               | b a      | b a     | b a
by ATTR-13; added ATTR-24; ghost ACT-29
""",
    slotted="ATTR-11 ATTR-12",
)
for _name in ("_p_unknown", "_p_", "_p__v_x"):
    declare(
        "Writing",
        {f"{_name} = 9": [step("set", "a", _name, 9)]},
        f"""
effect | none: +{_name}=9 | " | " | " | " | "
by ATTR-14; unsaved STATE-10; data unsaved STATE-17
ring  | * | = | = | = | = | =
by ATTR-14; added ATTR-24
""",
        slotted="ATTR-14" if _name in SLOTS else "",
    )
declare(
    "Writing",
    {"delete x": [step("delete", "a", "x")]},
    """
effect | none: -x | change: -x | load change: - | change: -x | none: -x | change: -x
by ATTR-16; unsaved STATE-10 TRANS-07; data unsaved STATE-17; changed TRANS-06; \
data changed ATTR-16; state sticky STATE-09
"""
    + _RING_OF_WRITES,
    slotted="ATTR-16",
)
declare(
    "Writing",
    {"delete a missing name": [step("delete", "a", "missing")]},
    """
gives | !AttributeError | " | " | " | " | "
by ATTR-18; unsaved STATE-17 ATTR-18
state | =       | *        | *                 | *        | =    | *
by ATTR-18; unsaved STATE-10
data  | =       | =        | x=1               | =        | =    | =
by ATTR-18; unsaved STATE-10
ring  | *       | =        | b a               | *        | *    | *
by added ATTR-24; ghost ACT-29
""",
    slotted="ATTR-18",
)
declare(
    "Writing",
    {"delete _v_a": [step("delete", "a", "_v_a")]},
    """
gives | None    | None     | !AttributeError   | None     | None  | None
by ATTR-17; unsaved STATE-17
effect | none: -_v_a | none: -_v_a | load | none: -_v_a | none: -_v_a | none: -_v_a
by ATTR-17; unsaved STATE-10; data unsaved STATE-17
ring  | *       | =        | b a               | *        | *     | *
by added ATTR-24; ghost ACT-29
""",
    slotted="ATTR-17",
)
for _name in ("_p_unknown", "_p_", "_p__v_x"):
    declare(
        "Writing",
        {f"delete {_name}": [step("set", "a", _name, 9), step("delete", "a", _name)]},
        f"""
effect | none: -{_name} | " | none: - | none: -{_name} | " | "
by ATTR-23; unsaved STATE-10; data unsaved STATE-17
ring  | * | = | = | * | * | *
by added ATTR-24; ghost ATTR-23
""",
        slotted="ATTR-23" if _name in SLOTS else "",
    )
declare(
    "Writing",
    {"delete a missing _p_ name": [step("delete", "a", "_p_unknown")]},
    """
gives  | !AttributeError | " | " | " | " | "
by ATTR-23; unsaved STATE-17 ATTR-23
effect | none | none | none | none | none | none
by ATTR-23; unsaved STATE-10
ring   | *    | =    | =    | *    | *    | *
by added ATTR-24; ghost ATTR-23
""",
    slotted="ATTR-23",
)
declare(
    "Writing",
    {"__setstate__({'x': 5})": [step("set_state", "a", {"x": 5})]},
    """
state | =   | =   | =   | =   | =   | =
by PICKLE-10; unsaved STATE-10
calls | -   | -   | -   | -   | -   | -
by PICKLE-10; unsaved STATE-10; ghost PICKLE-11
data  | x=5 | x=5 | x=5 | x=5 | x=5 | x=5
by PICKLE-06; ghost PICKLE-11
""",
)
declare(
    "Writing",
    {"__setstate__(None)": [step("set_state", "a", None)]},
    """
effect | none | none | none | none | none | none
by PICKLE-07; unsaved STATE-10 PICKLE-07
""",
)
