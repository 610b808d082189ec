"""The story: chapters in which a learner reaches goals by pressing buttons.

Each plays in one of the small worlds. A goal is a step, and what it has to do; doing the steps of
all goals of a chapter, one after the other, solves it.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

_Made = Mapping[str, Any]


@dataclass(frozen=True)
class Goal:
    """What is to be reached, in words: by the step ``made``, between these states, with ``calls``.

    ``before`` and ``after`` hold the status of objects, by their names. ``calls`` are names of
    calls, in order.
    """

    words: str
    made: _Made
    before: Mapping[str, str] = field(default_factory=dict)
    after: Mapping[str, str] = field(default_factory=dict)
    calls: tuple[str, ...] = ()


@dataclass(frozen=True)
class Chapter:
    """A chapter: what is told, what is to be reached, and what has been seen then.

    ``world`` is the name of a lesson, ``scene`` the steps that lead from its start to where the
    chapter begins, ``offered`` the steps that can be pressed.
    """

    title: str
    world: str
    scene: tuple[_Made, ...]
    told: tuple[str, ...]
    goals: tuple[Goal, ...]
    offered: tuple[_Made, ...]
    hint: str
    learned: str


_GHOST = {"op": "ghost", "object": "a", "state": {"x": 1}}
_READ = {"op": "get", "object": "a", "name": "x"}
_READ_B = {"op": "get", "object": "b", "name": "x"}
_WRITE = {"op": "set", "object": "a", "name": "x", "value": 0}
_DEACTIVATE = {"op": "deactivate", "object": "a"}
_DEACTIVATE_B = {"op": "deactivate", "object": "b"}
_INVALIDATE = {"op": "invalidate", "object": "a"}
_STICKY = {"op": "make_sticky", "object": "a", "value": True}
_NOT_STICKY = {"op": "make_sticky", "object": "a", "value": False}
_MINIMIZE = {"op": "minimize"}
_SHRINK = {"op": "incrgc"}
_COMMIT, _ABORT = {"op": "commit"}, {"op": "abort"}
_FAIL = {
    "op": "plan",
    "call": "setstate",
    "object": "a",
    "then": [],
    "error": "LoadError",
    "times": 1,
}

_LOOK = Goal("Look at what x is now.", _READ, {"a": "ghost"}, {"a": "saved"}, ("setstate",))

#: The story, from its first chapter to its last.
STORY: tuple[Chapter, ...] = (
    Chapter(
        "What a ghost is",
        "one",
        (),
        (
            (
                "A database holds more objects than a program can keep in memory. So an object may "
                "be there without its data: it knows its oid, and the data manager that loads it."
            ),
            "Such an object is called a ghost.",
        ),
        (
            Goal(
                "Get hold of an object that is stored, with x = 1.",
                _GHOST,
                {"a": "absent"},
                {"a": "ghost"},
            ),
        ),
        (_GHOST,),
        "There is just one button.",
        "a is there, and it holds nothing. Its x is stored, but nobody was asked for it: nothing "
        "was called.",
    ),
    Chapter(
        "Who wakes it",
        "one",
        (_GHOST,),
        (
            (
                "Nobody writes a.load(). A ghost notices that it is touched, and loads itself: it "
                "calls setstate of its data manager. Whoever reads it does not see the difference."
            ),
        ),
        (
            Goal(
                "Make the ghost load itself.",
                _READ,
                {"a": "ghost"},
                {"a": "saved"},
                ("setstate",),
            ),
            Goal(
                "Touch it once more, and see that nobody is asked.",
                _READ,
                {"a": "saved"},
                {"a": "saved"},
            ),
        ),
        (_READ, _DEACTIVATE),
        "Reading an attribute is enough. Then read it again.",
        "One call of setstate, by the first one who asks. Now a is saved: loaded, and equal to "
        "what is stored.",
    ),
    Chapter(
        "Back to sleep",
        "one",
        (_GHOST, _READ),
        (
            (
                "What is loaded takes memory. What is loaded and saved can be forgotten at any "
                "time, since it can be loaded again."
            ),
        ),
        (
            Goal("Make a ghost of a again.", _DEACTIVATE, {"a": "saved"}, {"a": "ghost"}),
            Goal(
                "See that nothing is lost.",
                _READ,
                {"a": "ghost"},
                {"a": "saved"},
                ("setstate",),
            ),
        ),
        (_READ, _DEACTIVATE),
        "Ask a to become a ghost, then read it.",
        "To deactivate is to ask an object to forget what is stored anyway.",
    ),
    Chapter(
        "Who is told of a change",
        "one",
        (_GHOST, _READ),
        (
            (
                "Nobody writes a.save() either. An object that is changed tells its data manager: "
                "it calls register. At the commit the data manager knows what to store."
            ),
        ),
        (
            Goal(
                "Change a, and see who is told.",
                _WRITE,
                {"a": "saved"},
                {"a": "changed"},
                ("register",),
            ),
            Goal(
                "Change it again. Is anybody told?",
                _WRITE,
                {"a": "changed"},
                {"a": "changed"},
            ),
        ),
        (_READ, _WRITE),
        "Write x, and write it once more.",
        "Once is enough: while a is changed, further changes call nobody.",
    ),
    Chapter(
        "A change is not forgotten",
        "one",
        (_GHOST, _READ, _WRITE),
        (
            (
                "a holds x = 0 now, and x = 1 is stored. If a forgot its data, the change would be "
                "gone. Try to make it forget."
            ),
        ),
        (
            Goal(
                "Ask a to become a ghost.",
                _DEACTIVATE,
                {"a": "changed"},
                {"a": "changed"},
            ),
            Goal(
                "Let the cache make ghosts of all that it can.",
                _MINIMIZE,
                {"a": "changed"},
                {"a": "changed"},
            ),
        ),
        (_READ, _DEACTIVATE, _MINIMIZE),
        "Press the two buttons that ask for a ghost.",
        "Neither does anything: to deactivate is a request, and a changed object ignores it.",
    ),
    Chapter(
        "An invalidation is no request",
        "one",
        (_GHOST, _READ, _WRITE),
        (
            (
                "Sometimes the data are wrong: somebody else has stored something newer, or the "
                "transaction has failed. Then an object has to forget them, changed or not: it is "
                "invalidated."
            ),
        ),
        (
            Goal(
                "Make the changed object forget its data.",
                _INVALIDATE,
                {"a": "changed"},
                {"a": "ghost"},
            ),
            _LOOK,
        ),
        (_READ, _DEACTIVATE, _INVALIDATE),
        "Asking does not help, as you know. Invalidate a, then read it.",
        "The change is gone, and a holds what is stored. A deactivation may be ignored; an "
        "invalidation may not.",
    ),
    Chapter(
        "A commit",
        "one",
        (_GHOST,),
        (
            (
                "A transaction ends in one of two ways. By a commit, the data manager stores all "
                "objects that registered with it."
            ),
        ),
        (
            Goal(
                "Change the ghost. It has to be loaded first.",
                _WRITE,
                {"a": "ghost"},
                {"a": "changed"},
                ("setstate", "register"),
            ),
            Goal(
                "End the transaction, so that the change is stored.",
                _COMMIT,
                {"a": "changed"},
                {"a": "saved"},
            ),
        ),
        (_READ, _WRITE, _COMMIT),
        "Write x, then commit.",
        "x = 0 is stored, a is saved, and it keeps its data: nothing has to be loaded again.",
    ),
    Chapter(
        "An abort",
        "one",
        (_GHOST, _WRITE),
        (
            (
                "The other end is an abort: what was changed is not stored. But what becomes of "
                "the object, which holds x = 0?"
            ),
        ),
        (
            Goal(
                "End the transaction, so that the change is thrown away.",
                _ABORT,
                {"a": "changed"},
                {"a": "ghost"},
            ),
            _LOOK,
        ),
        (_READ, _ABORT, _DEACTIVATE),
        "Abort, then read x.",
        "The data manager invalidates what has registered with it. The old data come back when "
        "somebody asks for them, and not before.",
    ),
    Chapter(
        "What sticky is for",
        "one",
        (_GHOST, _READ),
        (
            (
                "Code written in C, such as that of a BTree, works right inside of an object's "
                "data. They must not vanish under its hands. So it makes the object sticky before, "
                "and no longer sticky afterwards."
            ),
        ),
        (
            Goal("Hold a in memory.", _STICKY, {"a": "saved"}, {"a": "sticky"}),
            Goal(
                "Try to make a ghost of it.",
                _DEACTIVATE,
                {"a": "sticky"},
                {"a": "sticky"},
            ),
            Goal("Let go of it.", _NOT_STICKY, {"a": "sticky"}, {"a": "saved"}),
            Goal("Try again.", _DEACTIVATE, {"a": "saved"}, {"a": "ghost"}),
        ),
        (_READ, _DEACTIVATE, _STICKY, _NOT_STICKY),
        "Make a sticky, ask it to become a ghost, make it no longer sticky, ask again.",
        "A sticky object is a saved one that ignores the request to become a ghost, for as long "
        "as somebody needs it.",
    ),
    Chapter(
        "What a cache of one does",
        "one-slot",
        (_DEACTIVATE, _DEACTIVATE_B),
        (
            (
                "Two objects, and a cache with room for one. When it is told to shrink, it makes "
                "ghosts of those that were used longest ago: the ring tells who that is, from the "
                "least recently used one to the most recently used one."
            ),
        ),
        (
            Goal("Read a.", _READ, {"a": "ghost"}, {"a": "saved"}, ("setstate",)),
            Goal("Read b.", _READ_B, {"b": "ghost"}, {"b": "saved"}, ("setstate",)),
            Goal(
                "Let the cache shrink. Who has to go?",
                _SHRINK,
                {"a": "saved", "b": "saved"},
                {"a": "ghost", "b": "saved"},
            ),
            Goal(
                "Change a, so that it must not go.",
                _WRITE,
                {"a": "ghost"},
                {"a": "changed"},
                ("setstate", "register"),
            ),
            Goal(
                "Read b, so that a is the one used longest ago.",
                _READ_B,
                {"b": "saved"},
                {"b": "saved"},
            ),
            Goal(
                "Let the cache shrink again.",
                _SHRINK,
                {"a": "changed", "b": "saved"},
                {"a": "changed", "b": "ghost"},
            ),
        ),
        (_READ, _READ_B, _WRITE, _SHRINK),
        "The goals say what to press, in this order.",
        "The least recently used one goes, unless it is changed or sticky: then the next one does.",
    ),
    Chapter(
        "A load that fails",
        "one",
        (_GHOST,),
        (
            (
                "Data managers live on networks and disks, and a load may fail. Then whoever has "
                "touched the ghost gets the error. And the object?"
            ),
        ),
        (
            Goal("Let the next load fail.", _FAIL, {"a": "ghost"}, {"a": "ghost"}),
            Goal(
                "Read x, and see the error.",
                _READ,
                {"a": "ghost"},
                {"a": "ghost"},
                ("setstate",),
            ),
            Goal(
                "Read x once more.",
                _READ,
                {"a": "ghost"},
                {"a": "saved"},
                ("setstate",),
            ),
        ),
        (_FAIL, _READ),
        "Prepare the failure, then read twice.",
        "It is a ghost as before, without half of its data. The next one who asks tries again.",
    ),
)

__all__ = ["STORY", "Chapter", "Goal"]
