"""The fork server: it holds the implementations, and forks a child for each unit of work.

It never performs an operation of the target itself, so that every child starts from a process that
nothing has happened to. Whatever ends a child becomes a divergence, is shrunk, and the unit goes on
behind it. Requests and reports are JSON, a line each; whoever sent the request closes the pipe, or
sends anything, to have the work stopped.
"""

from __future__ import annotations

import gc
import json
import os
import signal
import sys
from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any

from fixtures import samples
from fixtures.agent import Begin
from stateful.lockstep.divergence import Divergence, Masked, Signature
from stateful.lockstep.settling import Settling
from stateful.processes import child
from stateful.processes.blame import Blamer, Told
from stateful.processes.child import Limits, Orphaned
from stateful.processes.patience import Patience
from stateful.processes.source import LineRecorder, Performed, places_of
from stateful.processes.work import Checkpoint, Post, Unit, loaded

#: How many losses of a unit may stay unexplained before it is given up.
_UNEXPLAINED = 20
#: How many times as much a unit is borne that waits for other processes.
_WAITING = 6

#: No position at all.
_NOTHING = object()

#: What was done and is not told, where nothing was.
_NO_PROGRESS: Mapping[str, Any] = {"done": {}, "covered": []}

_Report = Callable[[str, Any], None]


class ForkServer:
    """Performs units for whoever reads what is passed to ``report``."""

    def __init__(
        self,
        report: _Report,
        limits: Limits,
        watched: int | None = None,
        performed: Callable[[], Performed] | None = None,
    ) -> None:
        self._performed = performed
        self._report = report
        self._limits = limits
        self._patience = Patience(limits.seconds)
        self._watched = watched

    def perform(self, unit: Unit, known: list[Signature], begun: Checkpoint | None = None) -> None:
        """Perform ``unit`` to its end, whatever happens to the processes that do it.

        With ``begun``, it goes on from there, and tells how far it comes from time to time.
        A part in which a process was lost is performed again if that did not happen a second time
        when it was performed alone; else the unit goes on behind it.
        """
        self._patience = Patience(self._limits.seconds)
        after, again = None, False
        unexplained = 0
        kept: list[Any] = []
        before: frozenset[Signature] | None = None
        if begun is not None:
            after, again = begun.after, begun.after is not None
            kept += begun.kept
            before = frozenset(known)
            known += [Signature.parse(text) for text in begun.known]
        repeated: Any = _NOTHING
        while True:
            attempt = _Attempt(self._report, known, kept, before)
            how = self._run(unit, attempt, known, after=after, again=again)
            if how is None:
                return
            position = attempt.position
            attempt.lost()
            self._report("lost", {"how": how, "position": position})
            if not self._explain(unit, attempt, known):
                unexplained += 1
                self._report("unexplained", {"how": how, "position": position})
                if unexplained <= _UNEXPLAINED and position != repeated:
                    repeated = position
                    if position is not None:
                        after, again = position, True
                    continue
            stuck = position is None or (position == after and not again)
            if stuck or unexplained > _UNEXPLAINED:
                self._report("gave up", how)
                return
            after, again = position, False

    @property
    def _bearable(self) -> Limits:
        return replace(self._limits, seconds=self._patience.seconds)

    def _run(
        self,
        unit: Unit,
        attempt: _Attempt,
        known: list[Signature],
        *,
        only: Any = None,
        after: Any = None,
        again: bool = False,
    ) -> str | None:
        limits = self._bearable
        if unit.waits:
            # The processes that it waits for, one after the other, have these limits themselves.
            limits = replace(limits, seconds=_WAITING * limits.seconds)

        def make(send: Callable[[str, Any], None]) -> Post:
            return Post(
                send,
                known,
                only=only,
                after=after,
                again=again,
                kept=attempt.kept,
                patience=self._limits.seconds,
                performed=self._performed,
            )

        how = child.run(
            unit.perform,
            limits,
            attempt.hear,
            watched=self._watched,
            make=make,
        )
        self._patience.heed(how or "")
        return how

    def _explain(self, unit: Unit, attempt: _Attempt, known: list[Signature]) -> bool:
        """Find out what ended the process in ``attempt``, and mask it."""
        if unit.waits:
            # The target is in another process, and cannot have ended this one.
            return False
        blamer = self._blamer(unit)
        if attempt.pending is not None:
            # The process did not survive shrinking.
            self._shrunk(blamer.shrink_difference, attempt.pending, known)
            return True
        if attempt.position is None:
            return False
        alone = _Attempt(lambda kind, content: None, known, list(attempt.kept))
        if self._run(unit, alone, known, only=attempt.position) is None:
            return False
        found = blamer.blame(alone.told, known)
        if found is None:
            if alone.told.steps:
                known.append(alone.told.signature)
            return False
        self._shrunk(blamer.shrink, found, known)
        return True

    def _shrunk(
        self,
        shrink: Callable[[Divergence], Divergence],
        found: Divergence,
        known: list[Signature],
    ) -> None:
        settling = Settling(Masked(known), shrink, Post(self._report))
        settling.settle(found)
        known[:] = settling.known

    def _blamer(self, unit: Unit) -> Blamer:
        reference = loaded(unit.arguments.get("reference", "ref"))
        target = loaded(unit.arguments["target"])

        def run(work: child.Work, limits: Limits, heard: child.Heard) -> str | None:
            return child.run(work, limits, heard, watched=self._watched)

        return Blamer(reference, target, self._bearable, run)


class _Attempt:
    """What one process said of its work.

    Checkpoints, and what is kept, are passed on if it is known what was known ``before`` the unit.
    """

    def __init__(
        self,
        report: _Report,
        known: list[Signature],
        kept: list[Any],
        before: frozenset[Signature] | None = None,
    ) -> None:
        self.position: Any = None
        self.kept = kept
        self.pending: Divergence | None = None
        self.told = Told()
        self._report = report
        self._known = known
        self._before = before
        self._unsent = _NO_PROGRESS

    def lost(self) -> None:
        """It says no more: tell what its parts have done and it had not told yet."""
        if self._unsent != _NO_PROGRESS:
            self._report("progress", self._unsent)

    def hear(self, kind: str, content: Any) -> None:
        """Take a message in, and pass it on if it is for whoever asked for the work."""
        if kind == "part":
            self.position, self._unsent = content["position"], content["unsent"]
        elif kind == "keep":
            self.kept.append(content)
            if self._before is not None:
                self._report(kind, content)
        elif kind == "checkpoint":
            if self._before is not None:
                new = [str(each) for each in self._known if each not in self._before]
                self._report(kind, {"after": content, "known": new})
        elif kind == "masked":
            signature = Signature.parse(content)
            if signature not in self._known:
                self._known.append(signature)
        elif kind == "step":
            self.told.hear(kind, content)
        elif kind != "alive":
            if kind == "progress":
                self._unsent = _NO_PROGRESS
            if kind == "shrinking":
                self.pending = Divergence.from_json(content)
            elif kind in ("found", "dropped"):
                if self.pending is not None:
                    self._known.append(self.pending.signature)
                    self.pending = None
                if kind == "found":
                    self._known.append(Signature.parse(content["signature"]))
            self._report(kind, content)


def serve(requests: Any, replies: int) -> None:
    """Perform the unit in each line of ``requests``, until they end."""

    def report(kind: str, content: Any) -> None:
        data = json.dumps([kind, content]).encode() + b"\n"
        while data:
            data = data[os.write(replies, data) :]

    recorder: LineRecorder | None = None
    for line in requests:
        request: Mapping[str, Any] = json.loads(line)
        unit = Unit(**request["unit"])
        unit.resolve()
        if request["cover"] and recorder is None and "target" in unit.arguments:
            recorder = _recorder(unit.arguments["target"])
        for name in ("reference", "target"):
            if name in unit.arguments:
                loaded(unit.arguments[name])
        if "reference" in unit.arguments:
            # Made once here, and not in each child; those of the target may end the process.
            samples.of(loaded(unit.arguments["reference"]))
        # What is there already is shared by all children, unless collecting garbage touches it.
        gc.collect()
        gc.freeze()
        known = [Signature.parse(text) for text in request["known"]]
        try:
            report("ready", None)
            limits = Limits(**request["limits"])
            performed = None if recorder is None else recorder.performed
            begun = None if request["begun"] is None else Checkpoint(**request["begun"])
            ForkServer(report, limits, requests.fileno(), performed).perform(unit, known, begun)
        except (Orphaned, BrokenPipeError):
            return


def _recorder(target: str) -> LineRecorder | None:
    """Begin to record what of the target's source is performed, if it is written in Python."""
    places: dict[str, str] = {}

    def hear(kind: str, content: Any) -> None:
        if kind == "end":
            places.update(content)

    # Where the source is, is asked in a child, so that the target is imported while recording.
    child.run(lambda post: places_of(loaded(target)), Limits(), hear)
    return LineRecorder(places) if places else None


def prepare() -> Begin:
    """What each server does, for which this module has been imported once for all."""
    return _begin


def prepare_with_reference() -> Begin:
    """As `prepare`; the reference, which most servers need, is loaded once for all too."""
    samples.of(loaded("ref"))
    return _begin


def _begin(requests: int, replies: int, *unused: int) -> None:
    """Be where the first line says, then serve until the requests end.

    It sees itself when nobody wants it any more, and ends all that it began.
    """
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    # Unbuffered, so that nothing that arrives is out of sight of who watches the descriptor.
    with os.fdopen(requests, "rb", buffering=0) as lines:
        hello = json.loads(lines.readline())
        os.chdir(hello["folder"])
        os.environ.clear()
        os.environ.update(hello["environment"])
        sys.path[:] = hello["path"]
        serve(lines, replies)
