"""Deciding: the one clause that says why a step does what it does to an object.

A table, keyed by what is done and by what that does to which object. A row is a pattern and the id
of a clause; the first whose pattern fits an object decides. A pattern is words that all have to
hold of one object, or of the step:

=============== ===================================================================================
``saved``       the object is saved before, wherever it is after
``saved>ghost`` it is saved before and a ghost after
``cached``      the cache holds it before; ``uncached``: it does not; ``entering``: it does after
``nooid``       it has a jar, and no oid
``ring``        the order of the ring changes
``several``     several objects change
``skipping``    the ring has one that is changed or sticky before the first that changes
``raises``      the step raises; ``raises:KeyError``: just this
``setstate``    it calls this; likewise ``register``
=============== ===================================================================================
"""

from __future__ import annotations

import functools
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from stateful.traces.step import Step

_STATUSES = ("absent", "unsaved", "ghost", "saved", "changed", "sticky")
_Rows = Sequence[tuple[str, str]]

_FAILED: _Rows = (("ghost>ghost raises setstate", "ACT-06"), ("raises register", "TRANS-16"))
_WRITTEN: _Rows = (
    *_FAILED,
    ("saved>changed nooid", "DM-05"),
    ("saved>changed", "TRANS-03"),
    ("sticky>changed", "TRANS-04"),
    ("changed", "TRANS-06"),
    ("unsaved", "TRANS-07"),
)
_SWEPT: _Rows = (("", "GC-04"),)

#: By the label of a step, or by its first words.
_TABLE: Mapping[str, _Rows] = {
    "create": (("", "STATE-01"),),
    "ghost": (("raises", "GHOST-04"), ("", "STATE-04")),
    "add": (("unsaved", "STATE-11"), ("", "META-04")),
    "fetch": (("", "CACHE-01"),),
    "drop": (("ghost cached", "CACHE-15"), ("cached", "CACHE-16")),
    "plan setstate": (("", "ACT-06"),),
    "plan register": (("", "TRANS-16"),),
    "activate": (
        *_FAILED,
        ("ghost", "ACT-01"),
        ("unsaved", "ACT-03"),
        ("", "ACT-02"),
    ),
    "deactivate": (
        ("ghost", "ACT-13"),
        ("changed", "ACT-10"),
        ("sticky", "ACT-11"),
        ("unsaved", "STATE-10"),
        ("saved>ghost", "TRANS-20"),
        ("", "ACT-08"),
    ),
    "invalidate": (
        ("sticky>ghost", "STICKY-03"),
        ("unsaved", "ACT-26"),
        ("saved", "TRANS-09"),
        ("", "ACT-18"),
    ),
    "get": (
        *_FAILED,
        ("ghost>saved raises", "ATTR-02"),
        ("ghost", "TRANS-12"),
        ("unsaved", "STATE-17"),
        ("ring", "ATTR-07"),
        ("sticky", "STICKY-07"),
        ("", "TRANS-23"),
    ),
    "get _p": (("", "ATTR-03"),),
    "set": (("ghost>changed", "ATTR-09"), *_WRITTEN),
    "set _v": (
        *_FAILED,
        ("ghost", "ATTR-12"),
        ("unsaved", "STATE-17"),
        ("", "ATTR-11"),
    ),
    "set _p_changed True": (("ghost>changed", "TRANS-08"), *_WRITTEN),
    "set _p_changed False": (
        ("changed", "TRANS-13"),
        ("ghost", "TRANS-14"),
        ("sticky", "STICKY-06"),
        ("unsaved", "STATE-10"),
        ("", "STATE-02"),
    ),
    "set _p_changed None": (("unsaved", "STATE-10"), ("saved>ghost", "ACT-09"), ("", "ACT-14")),
    "set _p_jar jar": (("unsaved", "TRANS-22"), ("", "META-04")),
    "set _p_jar None": (
        ("raises", "META-23"),
        ("changed", "META-20"),
        ("ghost", "META-20"),
        ("", "META-19"),
    ),
    "set _p_oid None": (("raises", "META-07"), ("", "META-22")),
    "delete": (
        ("raises:AttributeError", "ATTR-18"),
        *_FAILED,
        ("unsaved", "STATE-17"),
        ("changed", "TRANS-06"),
        ("", "ATTR-16"),
    ),
    "delete _p_changed": (
        ("sticky>ghost", "STICKY-03"),
        ("unsaved", "STATE-10"),
        ("", "ACT-20"),
    ),
    "delete _p_jar": (("raises", "META-05"), ("", "META-08")),
    "delete _p_oid": (("raises", "META-07"), ("", "META-08")),
    "make_sticky": (("unsaved", "STATE-10"), ("ghost", "STICKY-04"), ("", "STICKY-02")),
    "make_sticky False": (
        ("unsaved", "STATE-10"),
        ("ghost", "STICKY-04"),
        ("sticky", "STICKY-01"),
        ("", "STICKY-02"),
    ),
    "cache_set": (("raises", "CACHE-05"), ("entering uncached", "CACHE-05"), ("", "CACHE-04")),
    "cache_del": (("", "CACHE-33"),),
    "new_ghost": (
        ("unsaved>ghost", "GHOST-01"),
        ("unsaved nooid", "GHOST-04"),
        ("raises", "GHOST-03"),
        ("", "GHOST-01"),
    ),
    "mru": (("", "CACHE-26"),),
    "cache_invalidate": (
        ("several", "INV-01"),
        ("sticky>ghost", "STICKY-03"),
        ("changed>ghost", "INV-04"),
        ("saved>ghost", "INV-04"),
        ("", "INV-01"),
    ),
    "cache_invalidate odd": (("", "CACHE-35"),),
    "incrgc": (("skipping", "GC-03"), ("saved>ghost", "GC-02"), ("", "GC-01")),
    "full_sweep": _SWEPT,
    "minimize": _SWEPT,
    "commit": (
        ("raises setstate", "ACT-06"),
        ("changed>saved", "TRANS-10"),
        ("sticky>saved", "STICKY-06"),
        ("ghost setstate", "PICKLE-02"),
        ("setstate", "PICKLE-02"),
        ("unsaved>saved", "TRANS-01"),
        ("entering uncached", "TRANS-01"),
        ("ghost", "CONN-10"),
        ("unsaved", "TRANS-02"),
        ("", "TRANS-10"),
    ),
    "abort": (
        ("raises", "META-05"),
        ("changed>ghost", "TRANS-11"),
        ("sticky>ghost", "STICKY-03"),
        ("saved>ghost", "TRANS-09"),
        ("changed>unsaved", "CONN-03"),
        ("saved>unsaved", "CONN-03"),
        ("sticky>unsaved", "CONN-03"),
        ("ghost>unsaved", "CONN-03"),
        ("ghost", "CONN-10"),
        ("unsaved", "TRANS-02"),
        ("", "TRANS-11"),
    ),
}
#: What only sets the scene: the protocol has no word on it.
SCENE = frozenset({"drop", "forget_registered"})


@dataclass(frozen=True)
class Done:
    """What a step did: each object in words before and after, the names in the rings, the rest.

    ``does`` and ``calls`` are as in a recording.
    """

    before: Mapping[str, str]
    after: Mapping[str, str]
    rings: tuple[tuple[str, ...], tuple[str, ...]]
    does: str
    calls: Sequence[str]

    @property
    def moved(self) -> tuple[str, ...]:
        """The names of the objects that are not as before."""
        return tuple(name for name in self.after if self.before[name] != self.after[name])


def deciding(step: Step, done: Done) -> str:
    """The id of the clause that decides what ``step`` does; empty if the table has none."""
    rows = _rows(step.label)
    named = step.made.get("object")
    names = [named] if isinstance(named, str) and named in done.after else _by_weight(done)
    general = _general(done)
    facts = [general, *(general.union(_facts(done, name)) for name in names)]
    for words, clause in rows:
        if any(words <= each for each in facts):
            return clause
    return ""


def status(words: str) -> str:
    """The status in the words for an object."""
    return next((word for word in words.split() if word in _STATUSES), "")


@functools.cache
def _rows(label: str) -> tuple[tuple[frozenset[str], str], ...]:
    """The rows of the longest beginning of ``label`` that the table has, as sets of words."""
    name, _, rest = label.partition(" ")
    fitting = [
        key for key in _TABLE if key.partition(" ")[0] == name and f"{name} {rest}".startswith(key)
    ]
    rows = _TABLE[max(fitting, key=len)] if fitting else ()
    return tuple((frozenset(pattern.split()), clause) for pattern, clause in rows)


def _by_weight(done: Done) -> list[str]:
    """All objects, those that a step has moved first."""
    return sorted(done.after, key=lambda name: done.before[name] == done.after[name])


def _general(done: Done) -> set[str]:
    found = {call.split()[0] for call in done.calls}
    if done.does.startswith("raises"):
        found |= {"raises", f"raises:{done.does.split()[1]}"}
    if done.rings[0] != done.rings[1]:
        found.add("ring")
    if len(done.moved) > 1:
        found.add("several")
    ring = done.rings[0]
    first = min((ring.index(name) for name in done.moved if name in ring), default=len(ring))
    if {status(done.before[name]) for name in ring[:first]} & {"changed", "sticky"}:
        found.add("skipping")
    return found


def _facts(done: Done, name: str) -> Iterator[str]:
    before, after = done.before[name], done.after[name]
    yield status(before)
    yield f"{status(before)}>{status(after)}"
    yield "cached" if "cached" in before.split() else "uncached"
    if "cached" in after.split():
        yield "entering"
    if not {"cached", "oid"} & set(before.split()):
        yield "nooid"


__all__ = ["SCENE", "Done", "deciding", "status"]
