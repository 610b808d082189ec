"""The rows for hooks of attribute access and for the attributes of the protocol.

The notation is that of ``notation.py``; the columns of every block are:
unsaved, added, ghost, saved, changed, sticky.
"""

from conformance.clauses.table.notation import declare
from fixtures.operations.table import step
from fixtures.values import Ref

_SERIAL = b"\0\0\0\0\0\0\0\7"

# Hooks

declare(
    "Hooks",
    {
        f"_p_getattr({name!r})": [step("p_getattr", "a", name)]
        for name in ("x", "missing", "_v_a", "__len__")
    },
    """
gives  | False | False | False | False | False | False
by HOOK-02
effect | none  | none  | load  | none  | none  | none
by HOOK-03; unsaved STATE-10
ring   | *     | =     | b a   | b a   | b a   | b a
by HOOK-03; added ATTR-24
""",
)
declare(
    "Hooks",
    {
        f"_p_getattr({name!r})": [step("p_getattr", "a", name)]
        for name in (
            "_p_oid",
            "_p_unknown",
            "__class__",
            "__del__",
            "__dict__",
            "__of__",
            "__setstate__",
        )
    },
    """
gives  | True  | True  | True  | True  | True  | True
by HOOK-02
effect | none  | none  | none  | none  | none  | none
by HOOK-02; unsaved STATE-10 HOOK-02
ring   | *     | *     | =     | =     | =     | =
by HOOK-02; saved ATTR-08; changed ATTR-08; sticky ATTR-08
""",
)
declare(
    "Hooks",
    {
        f"_p_setattr({name!r}, 9)": [step("p_setattr", "a", name, 9)]
        for name in ("x", "_v_b", "__class__", "__dict__")
    },
    """
gives  | False | False | False | False | False | False
by HOOK-04
effect | none  | none  | load  | none  | none  | none
by HOOK-04 HOOK-06; unsaved STATE-10 HOOK-04
ring   | *     | =     | b a   | b a   | b a   | b a
by HOOK-04; added ATTR-24
""",
)
declare(
    "Hooks",
    {"_p_setattr('_p_unknown', 9)": [step("p_setattr", "a", "_p_unknown", 9)]},
    """
gives  | True | True | True | True | True | True
by HOOK-04
effect | none: +_p_unknown=9 | " | " | " | " | "
by HOOK-04; unsaved STATE-10; data unsaved HOOK-04
""",
)
declare(
    "Hooks",
    {"_p_setattr('_p_serial', ...)": [step("p_setattr", "a", "_p_serial", _SERIAL)]},
    """
gives  | True | True | True | True | True | True
by HOOK-04
effect | none | none | none | none | none | none
by HOOK-04; unsaved STATE-10
""",
    sets=("serial",),
)
declare(
    "Hooks",
    {
        f"_p_delattr({name!r})": [step("p_delattr", "a", name)]
        for name in ("x", "missing", "_v_a", "__class__", "__dict__")
    },
    """
gives  | False | False | False | False | False | False
by HOOK-05
effect | none  | none  | load  | none  | none  | none
by HOOK-05 HOOK-06; unsaved STATE-10 HOOK-05
ring   | *     | =     | b a   | b a   | b a   | b a
by HOOK-05; added ATTR-24
""",
)
declare(
    "Hooks",
    {
        f"_p_delattr({name!r})": [step("p_delattr", "a", name)]
        for name in ("_p_serial", "_p_estimated_size")
    },
    """
gives  | True | True | True | True | True | True
by HOOK-10
effect | none | none | none | none | none | none
by HOOK-10; unsaved STATE-10
""",
    sets=("serial", "size"),
)

# Attributes of the protocol

declare(
    "Attributes of the protocol",
    {"_p_serial = ...": [step("set", "a", "_p_serial", _SERIAL)]},
    """
effect | none | none | none | none | none | none
by META-14; unsaved STATE-10 META-14
ring   | *    | *    | =    | *    | *    | *
by META-14
""",
    sets=("serial",),
)
declare(
    "Attributes of the protocol",
    {
        "_p_oid = the same": [step("set", "a", "_p_oid", b"\0\0\0\0\0\0\0a")],
        "_p_jar = the same": [step("set", "a", "_p_jar", Ref("jar", "jar"))],
    },
    """
effect | / | none | none | none | none | none
by META-04
""",
)
declare(
    "Attributes of the protocol",
    {
        f"_p_oid = {words}": [step("set", "a", "_p_oid", value)]
        for words, value in (("another", b"\0\0\0\0\0\0\0z"), ("None", None), ("a text", "a"))
    },
    """
gives  | * | * | !ValueError | " | " | "
by META-07
effect | * | * | none        | " | " | "
by META-07
ring   | * | * | =           | " | " | "
by META-07
""",
    needs=("cache",),
)
declare(
    "Attributes of the protocol",
    {"del _p_oid": [step("delete", "a", "_p_oid")]},
    """
gives  | None | None | !ValueError | " | " | "
by META-07; unsaved added META-08
effect | none | none | none        | " | " | "
by META-07; unsaved STATE-10; added META-08
ring   | *    | *    | =           | " | " | "
by META-07
""",
    needs=("cache",),
    sets=("oid",),
)
declare(
    "Attributes of the protocol",
    {"_p_jar = another": [step("set", "a", "_p_jar", Ref("jar", "other"))]},
    """
gives  | * | * | !ValueError | " | " | "
by META-05
effect | * | * | none        | " | " | "
by META-05
ring   | * | * | =           | " | " | "
by META-05
""",
    needs=("cache",),
    world={"jars": 2},
)

_JARLESS = """
gives  | None | None    | !ValueError | " | " | "
by {cached}; unsaved added {uncached}
state  | =    | unsaved | =           | " | " | "
by {cached}; unsaved STATE-10; added {uncached}
calls  | -    | -       | -           | " | " | "
by {cached}; unsaved STATE-10; added {uncached}
data   | =    | =       | =           | " | " | "
by {cached}; unsaved STATE-10; added {uncached}
ring   | *    | *       | =           | " | " | "
by {cached}
"""

declare(
    "Attributes of the protocol",
    {"del _p_jar": [step("delete", "a", "_p_jar")]},
    _JARLESS.format(cached="META-05", uncached="META-08"),
    needs=("cache",),
)
declare(
    "Attributes of the protocol",
    {"_p_jar = None": [step("set", "a", "_p_jar", None)]},
    _JARLESS.format(cached="META-23", uncached="META-19"),
    needs=("cache",),
)
declare(
    "Attributes of the protocol",
    {
        **{f"_p_state = {value}": [step("set", "a", "_p_state", value)] for value in (-1, 0, 1, 2)},
        "del _p_state": [step("delete", "a", "_p_state")],
    },
    """
gives  | !AttributeError | " | " | " | " | "
by STATE-08
effect | none            | " | " | " | " | "
by STATE-08
""",
)
declare(
    "Attributes of the protocol",
    {
        "_p_mtime = 1.0": [step("set", "a", "_p_mtime", 1.0)],
        "del _p_mtime": [step("delete", "a", "_p_mtime")],
    },
    """
gives  | !AttributeError | " | " | " | " | "
by META-15
effect | none            | " | " | " | " | "
by META-15
""",
)
