"""The rows for events that move an object between its states, and for failures.

The notation is that of ``notation.py``; the columns of every block are:
unsaved, added, ghost, saved, changed, sticky.
"""

from typing import Any, Dict, List

from conformance.clauses.table.notation import declare
from fixtures.operations.table import step
from fixtures.values import ref

_EVENTS: Dict[str, List[Dict[str, Any]]] = {
    "read x": [step("get", "a", "x")],
    "read a missing name": [step("get", "a", "missing")],
    "x = 9": [step("set", "a", "x", 9)],
    "y = 9": [step("set", "a", "y", 9)],
    "_v_b = 9": [step("set", "a", "_v_b", 9)],
    "delete x": [step("delete", "a", "x")],
    "_p_activate()": [step("activate", "a")],
    "_p_changed = True": [step("set", "a", "_p_changed", True)],
    "__getstate__()": [step("get_state", "a")],
    "_p_getattr('x')": [step("p_getattr", "a", "x")],
    "_p_setattr('x', 9)": [step("p_setattr", "a", "x", 9)],
    "_p_delattr('x')": [step("p_delattr", "a", "x")],
}


def _marks(*values: Any) -> Dict[str, List[Dict[str, Any]]]:
    return {f"_p_changed = {value!r}": [step("set", "a", "_p_changed", value)] for value in values}


def _failing(call: str, error: str, *events: str) -> Dict[str, List[Dict[str, Any]]]:
    plan = step("plan", call, "a", [], error)
    what = {"setstate": "the load", "setstate done": "the load, with the data set,"}.get(call, call)
    return {f"{event}; {what} raises {error}": [plan, *_EVENTS[event]] for event in events}


# Marking

_MARKED = """
effect | none | change | load change | change | none | change
by {clause}; calls {calls}; unsaved STATE-10 TRANS-07; data unsaved STATE-10; \
state ghost TRANS-08 {clause}; calls ghost TRANS-08 {calls}; data ghost TRANS-08; \
changed TRANS-06; state sticky {sticky}
ring  | *       | =        | b a               | *        | * | *
by ACT-29; added ATTR-24
"""

declare(
    "Marking",
    _marks(True),
    _MARKED.format(clause="TRANS-03", calls="TRANS-05", sticky="TRANS-04"),
)
declare(
    "Marking",
    _marks(1, "text", [0], 0.5, -1),
    _MARKED.format(clause="TRANS-15", calls="TRANS-15", sticky="TRANS-04"),
)

_UNMARKED = """
state | = | = | = | = | saved | saved
by {clause}; unsaved STATE-10; ghost TRANS-14; sticky STICKY-06
calls | - | - | - | - | -     | -
by {clause}; unsaved STATE-10; ghost TRANS-14; sticky STICKY-06
data  | = | = | = | = | =     | =
by {clause}; unsaved STATE-10; ghost TRANS-14; sticky STICKY-06
ring  | * | * | = | * | *     | *
by TRANS-14
"""

declare("Marking", _marks(False), _UNMARKED.format(clause="TRANS-13"))
declare("Marking", _marks(0, "", [], 0.0), _UNMARKED.format(clause="TRANS-15"))
declare(
    "Marking",
    {"_p_sticky = True": [step("make_sticky", "a", True)]},
    """
gives | None | * | !ValueError | None   | None | None
by STICKY-02; unsaved STATE-10; ghost STICKY-04
state | =    | * | =           | sticky | =    | =
by STICKY-02; unsaved STATE-10; ghost STICKY-04
calls | -    | * | -           | -      | -    | -
by STICKY-02; unsaved STATE-10; ghost STICKY-04
data  | =    | * | =           | =      | =    | =
by STICKY-02; unsaved STATE-10; ghost STICKY-04
ring  | *    | * | =           | =      | =    | =
by CACHE-31; ghost STICKY-04; saved CACHE-31
""",
    needs=("sticky",),
)
declare(
    "Marking",
    {"_p_sticky = False": [step("make_sticky", "a", False)]},
    """
gives | None | * | * | None | None | None
by STICKY-01; unsaved STATE-10; changed STICKY-02
state | =    | * | * | =    | =    | saved
by STICKY-01; unsaved STATE-10; changed STICKY-02
calls | -    | * | * | -    | -    | -
by STICKY-01; unsaved STATE-10; changed STICKY-02
data  | =    | * | * | =    | =    | =
by STICKY-01; unsaved STATE-10; changed STICKY-02
""",
    needs=("sticky",),
)

# Activation, deactivation, invalidation

declare(
    "Activation, deactivation, invalidation",
    {"_p_activate()": _EVENTS["_p_activate()"]},
    """
effect | none | none | load | none | none | none
by ACT-02; unsaved STATE-10 ACT-03; added ACT-03; ghost ACT-01
ring   | *    | *    | b a  | =    | =    | =
by ACT-02; ghost ACT-29
""",
    slotted="ACT-01 ACT-02",
)

_DEACTIVATED = """
state | = | * | = | ghost | = | =
by unsaved STATE-10 {ignored}; ghost {ghost}; saved TRANS-20; changed {changed}; sticky {sticky}
calls | - | * | - | -     | - | -
by unsaved STATE-10 {ignored}; ghost {ghost}; saved TRANS-20; changed {changed}; sticky {sticky}
data  | = | * | = | -     | = | =
by unsaved STATE-10 {ignored}; ghost {ghost}; saved TRANS-20 ACT-15; changed {changed}; \
sticky {sticky}
ring  | * | * | = | b     | = | =
by ghost {ghost}; saved ACT-17; changed {changed}; sticky {sticky}
"""

declare(
    "Activation, deactivation, invalidation",
    {"_p_deactivate()": [step("deactivate", "a")]},
    _DEACTIVATED.format(
        ignored="TRANS-07", ghost="ACT-13", changed="ACT-10", sticky="ACT-11 STATE-06"
    ),
    request=True,
    slotted="ACT-10 ACT-11 ACT-13",
)
declare(
    "Activation, deactivation, invalidation",
    _marks(None),
    _DEACTIVATED.format(ignored="ACT-14", ghost="ACT-14", changed="ACT-14", sticky="ACT-14"),
    request=True,
    slotted="ACT-14",
)

_INVALIDATED = """
state | = | ghost | = | ghost | ghost | ghost
by {clause}; unsaved STATE-10; saved TRANS-09 {clause}; sticky STICKY-03
calls | - | -     | - | -     | -     | -
by {clause}; unsaved STATE-10; sticky STICKY-03
data  | = | -     | = | -     | -     | -
by STATE-05 ACT-15; unsaved STATE-10; ghost {clause}; sticky STICKY-03
ring  | * | *     | = | b     | b     | b
by CACHE-10; ghost {clause}
"""

declare(
    "Activation, deactivation, invalidation",
    {"_p_invalidate()": [step("invalidate", "a")]},
    _INVALIDATED.format(clause="ACT-18"),
    slotted="ACT-18",
)
declare(
    "Activation, deactivation, invalidation",
    {"del _p_changed": [step("delete", "a", "_p_changed")]},
    _INVALIDATED.format(clause="ACT-20"),
    slotted="ACT-20",
)

# The cache and the transaction

declare(
    "Cache and transaction",
    {"cache.invalidate(oid)": [step("cache_invalidate", ref("a"))]},
    """
effect | none | none | none | *     | *     | *
by INV-04; unsaved STATE-10 INV-01; added INV-01
state  | /    | /    | /    | ghost | ghost | ghost
by INV-04; saved TRANS-09 INV-04; sticky STICKY-03
calls  | /    | /    | /    | -     | -     | -
by INV-04; sticky STICKY-03
data   | /    | /    | /    | -     | -     | -
by INV-04 STATE-05; sticky STICKY-03
ring   | =    | =    | =    | b     | b     | b
by INV-04; unsaved INV-01; added INV-01; sticky STICKY-03
""",
    needs=("cache",),
    slotted="INV-04",
)

_SWEPT = """
effect | none | * | none | *     | none | none
by {keeps}; unsaved STATE-10
state  | /    | / | /    | ghost | /    | /
by {evicts}
calls  | /    | / | /    | -     | /    | /
by {evicts}
data   | /    | / | /    | -     | /    | /
by {evicts} STATE-05
ring   | *    | * | =    | b     | =    | =
by {keeps}; saved {evicts}
"""

declare(
    "Cache and transaction",
    {"incrgc() with cache_size 0": [step("incrgc")]},
    _SWEPT.format(evicts="GC-05", keeps="GC-03"),
    needs=("cache",),
    world={"cache_size": 0},
)
declare(
    "Cache and transaction",
    {"incrgc() with cache_size 1, b being newer": [step("incrgc")]},
    _SWEPT.format(evicts="GC-02", keeps="GC-03"),
    needs=("cache",),
    world={"cache_size": 1},
)
declare(
    "Cache and transaction",
    {"incrgc() with room in the cache": [step("incrgc")]},
    """
effect | none | none | none | none | none | none
by GC-02; unsaved STATE-10 GC-02
ring   | *    | *    | =    | =    | =    | =
by GC-02
""",
    needs=("cache",),
    world={"cache_size": 2},
)
declare(
    "Cache and transaction",
    {"minimize()": [step("minimize")], "full_sweep()": [step("full_sweep")]},
    _SWEPT.format(evicts="GC-04", keeps="GC-04"),
    needs=("cache",),
)
declare(
    "Cache and transaction",
    {"commit": [step("commit")]},
    """
state | = | saved | * | * | saved | *
by unsaved TRANS-02; added TRANS-01; changed TRANS-10
calls | - | -     | * | * | -     | *
by unsaved TRANS-02; added TRANS-01; changed TRANS-10
data  | = | =     | * | * | =     | *
by unsaved TRANS-02; added TRANS-01; changed TRANS-10
""",
)
declare(
    "Cache and transaction",
    {"abort": [step("abort")]},
    """
state | = | unsaved | * | * | ghost | *
by unsaved TRANS-02; added META-08; changed TRANS-11
calls | - | -       | * | * | -     | *
by unsaved TRANS-02; added META-08; changed TRANS-11
data  | = | =       | * | * | -     | *
by unsaved TRANS-02; added META-08; changed TRANS-11 STATE-05
""",
)

# Failures

_LOAD_FAILED = """
gives | / | / | !{error} | / | / | /
by ACT-06
state | / | / | =        | / | / | /
by ACT-06
calls | / | / | setstate | / | / | /
by ACT-06
data  | / | / | -        | / | / | /
by ACT-07
ring  | / | / | =        | / | / | /
by ACT-07
"""

for _call, _cacheless, _sets in (("setstate", True, ()), ("setstate done", False, ("serial",))):
    declare(
        "Failures",
        _failing(_call, "LoadError", *_EVENTS),
        _LOAD_FAILED.format(error="LoadError"),
        cacheless=_cacheless,
        sets=_sets,
    )
    declare(
        "Failures",
        _failing(_call, "KeyboardInterrupt", "read x", "x = 9", "_p_activate()"),
        _LOAD_FAILED.format(error="KeyboardInterrupt"),
        cacheless=_cacheless,
        sets=_sets,
    )

_REGISTER_FAILED = """
gives | / | !{error}  | !{error}          | !{error} | / | !{error}
by TRANS-16
state | / | =         | saved             | =        | / | =
by TRANS-16
calls | / | register  | setstate register | register | / | register
by TRANS-16
data  | / | =         | x=1               | =        | / | =
by {data}
"""

declare(
    "Failures",
    _failing("register", "ValueError", "x = 9", "y = 9", "delete x"),
    _REGISTER_FAILED.format(error="ValueError", data="TRANS-21"),
    slotted="TRANS-21",
)
declare(
    "Failures",
    _failing("register", "KeyboardInterrupt", "x = 9", "delete x"),
    _REGISTER_FAILED.format(error="KeyboardInterrupt", data="TRANS-21"),
)
declare(
    "Failures",
    _failing("register", "ValueError", "_p_changed = True"),
    _REGISTER_FAILED.format(error="ValueError", data="TRANS-16"),
)
