"""Targets that press Ctrl-C for the user, in the middle of being judged."""

from __future__ import annotations

import os
import signal
from dataclasses import replace
from typing import Any

import persistent_ref
from fixtures.implementation import Implementation
from fixtures.targets import load


def _interrupt() -> None:
    os.kill(int(os.environ["TESTS_JUDGE"]), signal.SIGINT)


class Lazy(persistent_ref.Persistent):
    __slots__ = ()

    def _p_deactivate(self) -> None:
        """Stay as it is."""


class Stamp(persistent_ref.TimeStamp.TimeStamp):  # type: ignore[misc]
    def __init__(self, *arguments: Any) -> None:
        _interrupt()


def at_the_first_stamp() -> Implementation:
    return replace(load("ref"), name="interrupting", persistent=Lazy, timestamp=Stamp)


def at_the_start() -> Implementation:
    _interrupt()
    return load("ref")
