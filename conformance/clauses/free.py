"""What no clause decides: outcomes that implementations may choose, and that never gate.

A row stands here only if a clause lists the choices, and names each of them exactly: whatever else
happens there is a divergence like any other. A crash is nobody's choice.
"""

from fnmatch import fnmatchcase
from typing import FrozenSet, NamedTuple, Optional, Sequence, Tuple


class Free(NamedTuple):
    """One choice: these ``operations``, as signatures name them, may end in one of ``outcomes``.

    ``*`` in an operation stands for anything, as in the names of files.

    ``clause`` says so, and ``sentence`` what is left free.
    """

    operations: Tuple[str, ...]
    outcomes: FrozenSet[str]
    clause: str
    sentence: str


FREE: Sequence[Free] = (
    Free(
        tuple(
            operation + " surrogate"
            for operation in (
                *("get", "set", "delete", "getattribute", "setattribute", "delattribute"),
                *("p_getattr", "p_setattr", "p_delattr", "append", "put", "set_behind"),
            )
        ),
        frozenset({"raises UnicodeEncodeError"}),
        "ATTR-21",
        "Whether an attribute name with a lone surrogate is refused.",
    ),
    Free(
        tuple("timestamp_later_than_other list " + other for other in ("None", "bytes", "int")),
        frozenset({"raises TypeError", "raises ValueError"}),
        "TS-06",
        "With which of the two errors what is no time stamp is refused.",
    ),
    Free(
        (
            *("invalidate_iterable " + given for given in ("set", "generator", "keys")),
            *(
                operation + " with " + base + " *"
                for operation in ("cache_invalidate", "reify", "invalidate_iterable *")
                for base in ("object", "list", "dict")
            ),
        ),
        frozenset({"raises TypeError"}),
        "INV-09",
        "Whether other iterables than sequences are invalidated.",
    ),
    Free(
        ("delete _p_sticky", "p_delattr _p_sticky"),
        frozenset({"returns None", "raises TypeError", "raises AttributeError"}),
        "STATE-13",
        "Whether the debug attribute can be deleted.",
    ),
)


def free(operation: str, field: str, actual: str) -> Optional[Free]:
    """What leaves this outcome free; None if it is decided by the reference.

    ``operation`` and ``field`` are those of a signature, ``actual`` is what the target did.
    """
    if field != "error":
        return None
    return next(
        (row for row in FREE if actual in row.outcomes and _is_among(operation, row.operations)),
        None,
    )


def _is_among(operation: str, operations: Sequence[str]) -> bool:
    return any(fnmatchcase(operation, each) for each in operations)


__all__ = ["FREE", "Free", "free"]
