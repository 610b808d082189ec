"""The glossary: what a word of the field means, in a sentence or two."""

from __future__ import annotations

from collections.abc import Mapping

#: By the word in its basic form; the page finds the plural, too.
GLOSSARY: Mapping[str, str] = {
    "ghost": "An object that is there without its data: it knows its oid and its data manager, and "
    "is loaded when somebody asks for more.",
    "saved": "Loaded, and equal to what is stored.",
    "changed": "Loaded, and different from what is stored: the next commit stores it.",
    "sticky": "Loaded, and kept so for a moment by code that is using the data: a request to "
    "become a ghost is refused.",
    "unsaved": "New: it has no data manager, and is like any other Python object.",
    "data manager": "Loads and stores objects, and takes part in transactions; a connection of "
    "ZODB is one. Objects know it as _p_jar.",
    "jar": "The data manager of an object, in its attribute _p_jar.",
    "oid": "Object id: eight bytes under which an object is stored, in its attribute _p_oid.",
    "serial": "Eight bytes that tell which stored revision an object holds, in _p_serial.",
    "setstate": "jar.setstate(obj): the call with which an object asks its data manager for its "
    "data.",
    "register": "jar.register(obj): the call with which an object tells its data manager that it "
    "has changed.",
    "cache": "Knows all objects of a data manager by their oids, and decides who becomes a ghost "
    "when there are too many.",
    "ring": "The loaded objects of a cache, in the order in which they were last used.",
    "deactivate": "To ask an object to become a ghost. It is a request: a changed or a sticky "
    "object ignores it.",
    "invalidate": "To tell an object that its data are outdated. It becomes a ghost, changed or "
    "not.",
    "commit": "The end of a transaction by which what was changed is stored.",
    "abort": "The end of a transaction by which what was changed is thrown away.",
    "clause": "One sentence of the specification that has been given an id, and is tested.",
}

__all__ = ["GLOSSARY"]
