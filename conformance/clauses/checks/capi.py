"""CAPI - the protocol for persistent types in C, and the choice between two builds."""

from conformance.clauses.registry import MUST, SHOULD, clause

_CONTAINERS = "it takes a persistent type written in C, and this suite drives none"
_BUILDS = (
    "the suite takes each build of a package as a target of its own; how a package chooses "
    "between its builds is seen only from outside the process"
)

clause(
    "CAPI-01",
    MUST,
    "An extension type in C begins with the layout of cPersistent_HEAD; only a subclass of the C "
    "base type can be cached.",
    "cPersistence.h; CH 4.3.0 (#69)",
    unchecked=_CONTAINERS,
)
clause(
    "CAPI-02",
    MUST,
    "PER_USE loads a ghost and makes it sticky; if that fails it returns and the object is not "
    "sticky.",
    "cPersistence.h",
    unchecked=_CONTAINERS,
)
clause(
    "CAPI-03",
    MUST,
    "PER_CHANGED on a saved or sticky object with a jar registers it once; on a ghost it does "
    "nothing.",
    "cPersistence.h; cPersistence.c changed",
    unchecked=_CONTAINERS,
)
clause(
    "CAPI-04",
    SHOULD,
    "PER_ACCESSED moves the object to the most recently used end of the ring.",
    "cPersistence.h",
    unchecked=_CONTAINERS,
)
clause(
    "CAPI-05",
    SHOULD,
    "PURE_PYTHON=0 demands all modules in C; every other non-empty value selects pure Python for "
    "all of them together.",
    "CH 4.6.0; _compat.py",
    unchecked=_BUILDS,
)
clause(
    "CAPI-06",
    MUST,
    "A load that fails inside an operation of a container in C passes its exception on, from "
    "every operation, len() and bool() included.",
    "I:Ghost (ACT-06); cPersistence.h PER_USE_OR_RETURN; BTrees#91",
    unchecked=_CONTAINERS,
)
clause(
    "CAPI-07",
    MUST,
    "`key in container` on a ghost that cannot be loaded does not answer False.",
    "I:Ghost (ACT-06); BTrees#161, BTrees#162",
    unchecked=_CONTAINERS,
)
clause(
    "CAPI-09",
    SHOULD,
    "Importing the package leaves the floating-point environment alone (no flush to zero).",
    "CH 4.9.1 (#176)",
    unchecked="an import happens once in a process, long before a check could look",
)
clause(
    "CAPI-10",
    MUST,
    "A container in C that becomes a ghost leaves the cache in order: it is out of the ring, "
    "counted no more, and can be loaded again.",
    "cPickleCache.c (second regime); cPersistence.h PER_GHOSTIFY",
    unchecked=_CONTAINERS,
)
