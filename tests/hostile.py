"""Targets that misbehave: each function makes one, and its name says what it does."""

from __future__ import annotations

import os
import re
import signal
import sys
import threading
import time
from collections.abc import Callable
from dataclasses import replace
from typing import NoReturn

import persistent_ref
from fixtures.implementation import Implementation
from fixtures.targets import from_package, load

NOT_AN_IMPLEMENTATION = 42
#: NUL, BS, CR, ESC sequences, DEL, C1, marks of direction, half of a pair, other ends of lines.
ACTING = (
    "a\0b\bc\rd\x1b[31m\x1b]0;title\x07\x7f\x9b2J\u202ee\u2066\u200f\ud800\u2028\x85\ufeff",
    "\n::error file=x::pwn%0A\n  ##[error]pwn",
)


class _Holder:
    class Inner:
        """A class, and no implementation."""


HOLDER = _Holder


def fine() -> Implementation:
    """The reference under another name: a target that behaves."""
    return from_package(persistent_ref, "fine", "fine")


def factory_that_raises() -> Implementation:
    raise RuntimeError("the licence has expired")


def factory_that_spins() -> Implementation:
    _spin()


def factory_that_waits() -> Implementation:
    signal.pause()
    raise AssertionError("unreachable")


def factory_that_kills() -> Implementation:
    os.kill(os.getpid(), signal.SIGKILL)
    raise AssertionError("unreachable")


def factory_of_a_number() -> int:
    return 42


def _instead_of_activating(name: str, do: Callable[[], object]) -> Implementation:
    reference = load("ref")

    class Persistent(reference.persistent):  # type: ignore[misc, name-defined]
        def _p_activate(self) -> None:
            do()

    return Implementation(
        name, "0", Persistent, cache=reference.cache, interfaces=reference.interfaces
    )


def aborts_when_activated() -> Implementation:
    return _instead_of_activating("aborts", os.abort)


def exits_when_activated() -> Implementation:
    return _instead_of_activating("exits", lambda: os._exit(7))


def acts_on_the_reader() -> Implementation:
    text = "".join(ACTING)
    reference = load("ref")

    class Persistent(reference.persistent):  # type: ignore[misc, name-defined]
        __slots__ = ()

        def _p_deactivate(self) -> None:
            raise type(ACTING[0].replace("\0", "").replace("\ud800", ""), (ValueError,), {})(text)

    return replace(reference, name=text, version=text, persistent=Persistent)


def hangs_when_activated() -> Implementation:
    return _instead_of_activating("hangs", lambda: time.sleep(3600))


def spins_when_activated() -> Implementation:
    return _instead_of_activating("spins", _spin)


def spins_in_c_when_activated() -> Implementation:
    return _instead_of_activating("spins-in-c", lambda: re.match(r"(a+)+b", "a" * 60))


def deadlocks_when_activated() -> Implementation:
    lock = threading.Lock()
    return _instead_of_activating("deadlocks", lambda: lock.acquire() and lock.acquire())


def looks_for_ever_when_activated() -> Implementation:
    def look() -> None:
        while True:
            time.sleep(0.01)

    return _instead_of_activating("looks", look)


def stops_when_activated() -> Implementation:
    return _instead_of_activating("stops", lambda: os.kill(os.getpid(), signal.SIGSTOP))


def leaves_a_child_when_activated() -> Implementation:
    return _instead_of_activating("leaves", lambda: os._exit(7) if os.fork() else signal.pause())


def closes_everything_when_activated() -> Implementation:
    return _instead_of_activating("closes", lambda: os.closerange(0, 1000))


def closes_everything_and_waits_when_activated() -> Implementation:
    return _instead_of_activating(
        "closes-and-waits", lambda: (os.closerange(0, 1000), signal.pause())
    )


def eats_memory_when_activated() -> Implementation:
    kept: list[bytes] = []

    def eat() -> None:
        while True:
            kept.append(bytes(1 << 24))

    return _instead_of_activating("eats", eat)


def reads_when_activated() -> Implementation:
    return _instead_of_activating("reads", input)


def prints_when_activated() -> Implementation:
    return _instead_of_activating(
        "prints", lambda: (print("garbage", flush=True), os.write(1, b"more garbage\n"))
    )


def raises_system_exit_when_activated() -> Implementation:
    return _instead_of_activating("system-exit", lambda: sys.exit(5))


def _when_used_in_the_middle(name: str, do: Callable[[], object]) -> Implementation:
    """Misbehaves when an object in the ring is marked as used.

    It has another fault, which can be seen in every run: `incrgc` returns a number.
    """
    reference = load("ref")

    class PickleCache(reference.cache):  # type: ignore[misc, name-defined]
        def mru(self, oid: bytes) -> None:
            super().mru(oid)
            if self.ringlen() > 0:
                do()

        def incrgc(self, ignored: object = None) -> int:
            super().incrgc(ignored)
            return 0

    return replace(reference, name=name, cache=PickleCache)


def crashes_in_the_middle() -> Implementation:
    return _when_used_in_the_middle("crashes", os.abort)


def hangs_in_the_middle() -> Implementation:
    return _when_used_in_the_middle("hangs", _spin)


def _spin() -> NoReturn:
    while True:
        pass


def eats_memory_in_the_middle() -> Implementation:
    return _when_used_in_the_middle("eats", lambda: bytearray(1 << 40))


def exits_in_the_middle() -> Implementation:
    return _when_used_in_the_middle("exits", lambda: os._exit(7))


def prints_in_the_middle() -> Implementation:
    return _when_used_in_the_middle(
        "prints", lambda: [os.write(each, b"garbage\n") for each in (1, 2)] and print("garbage")
    )


MARKUP = "</script><img src=x onerror=alert(1)>|`x`<!--\n::error::x\ud800"


def draws_markup() -> Implementation:
    """Markup in its name, its reprs, its exceptions and in what it calls a serial."""
    reference = load("ref")
    raised = type("<b>Error</b>", (Exception,), {})

    class Persistent(reference.persistent):  # type: ignore[misc, name-defined]
        _p_serial = MARKUP

        def __repr__(self) -> str:
            return MARKUP

        def _p_activate(self) -> None:
            raise raised(MARKUP)

    Persistent.__name__ = Persistent.__qualname__ = "<i>Class</i>"
    return replace(reference, name="<u>evil</u>|", version=MARKUP, persistent=Persistent)


def only_persistent() -> Implementation:
    """An implementation without any part but the base class."""
    return Implementation("bare", "1", load("ref").persistent)


def _behind_a_difference(name: str, do: Callable[[], object], count: int = 0) -> Implementation:
    """Misbehaves when an object is marked as used, once `minimize` has left some as they were."""
    reference = load("ref")

    class PickleCache(reference.cache):  # type: ignore[misc, name-defined]
        minimized = worse = False

        def minimize(self) -> None:
            self.minimized = any(obj._p_state == 0 for _, obj in self.lru_items())

        def mru(self, oid: bytes) -> None:
            super().mru(oid)
            if self.minimized:
                self.worse = True
                do()

        @property
        def cache_non_ghost_count(self) -> int:
            return super().cache_non_ghost_count - (count if self.worse else 0)

    return replace(reference, name=name, cache=PickleCache)


def crashes_behind_a_difference() -> Implementation:
    return _behind_a_difference("crashes behind", os.abort)


def _raise_system_error() -> NoReturn:
    raise SystemError("an error without an exception set")


def raises_behind_a_difference() -> Implementation:
    return _behind_a_difference("raises behind", _raise_system_error)


def miscounts_behind_a_difference() -> Implementation:
    return _behind_a_difference("miscounts behind", lambda: None, count=1)
