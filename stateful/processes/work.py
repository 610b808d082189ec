"""Units of work: what an engine does in a process of its own, and how it tells of it.

A unit names a function, ``module:function``, and its arguments, all of them JSON: it can be sent
anywhere. The function takes a `Post` and the arguments, and returns JSON:

    def walk_unit(post: Post, target: str, seed: int, budget: int) -> dict[str, Any]: ...

It loads implementations with `loaded`, masks ``post.known``, and tells what it finds at once, since
the target may end the process at any step. For that case it divides its work into parts, and says
with `Post.part` which one begins. When the process is lost in a part, the unit is performed again
with ``post.only`` set to that part: it performs this one alone, and tells of each step, so that the
last one told is known to be the culprit. Then it is performed with ``post.after`` set to that part
and the new signature among ``post.known``: it goes on behind it.
"""

from __future__ import annotations

import functools
import importlib
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from fixtures import targets
from fixtures.implementation import Implementation
from fixtures.world import trace_json
from stateful.lockstep.divergence import Divergence, Signature
from stateful.processes.source import Performed
from stateful.traces.step import Step

#: Takes a kind of message and its content, as JSON.
Send = Callable[[str, Any], None]

#: Seconds between two messages of what was done and covered, and between two signs of life.
_INTERVAL = 0.05
#: Seconds between two checkpoints.
_CHECKED = 0.25


@dataclass(frozen=True)
class Unit:
    """One piece of work for a process: ``engine`` says for reports which engine it is part of."""

    engine: str
    function: str
    arguments: Mapping[str, Any] = field(default_factory=dict)

    @property
    def waits(self) -> bool:
        """Whether it loads no target, but waits for other processes that do."""
        return "target" not in self.arguments

    def resolve(self) -> Callable[..., Any]:
        """The function, after importing its module."""
        module, _, name = self.function.partition(":")
        found: Callable[..., Any] = getattr(importlib.import_module(module), name)
        return found

    def perform(self, post: Post) -> Any:
        """Perform it here, and return what it returns."""
        return self.resolve()(post, **self.arguments)


@dataclass(frozen=True)
class Checkpoint:
    """How far a unit has come, so that another process can go on from there.

    What it has told up to here belongs to parts that are done. ``after`` is the position of the
    part that comes next, None at the beginning; ``known`` are signatures that are masked there
    besides those that were known to the unit when it began, ``kept`` is what was left for it.
    """

    after: Any = None
    known: Sequence[str] = ()
    kept: Sequence[Any] = ()


class Post:
    """Through this a unit learns what is known, and tells what happens.

    ``known`` are signatures to be masked. ``only`` is the part to be performed alone, with each
    step told; ``after`` the part to go on behind; both None at first. ``again`` says that the part
    ``after`` is to be performed itself: the process was lost in it by chance. ``kept`` is what lost
    processes of this unit have left to it with `keep`, in order. ``patience`` is how many seconds
    of CPU another process may use for an answer. ``performed`` tells what of the target's source
    was performed since it was called last, if that is recorded.
    """

    def __init__(
        self,
        send: Send,
        known: Sequence[Signature] = (),
        *,
        only: Any = None,
        after: Any = None,
        again: bool = False,
        kept: Sequence[Any] = (),
        patience: float = 10.0,
        performed: Callable[[], Performed] | None = None,
    ) -> None:
        self.patience = patience
        self.known = tuple(known)
        self.kept = tuple(kept)
        self.only = only
        self.after = after
        self.again = again
        self._send = send
        self._performed = performed
        self._told = self._spoke = self._checked = 0.0
        self._shrinking = False
        self._done: dict[str, int] = {}
        self._covered: set[tuple[str, str]] = set()
        self._new: list[list[str]] = []

    def part(self, position: Any) -> None:
        """Say that the part at ``position`` (JSON, never None) begins.

        Now and then this is a checkpoint: all that belongs to parts before it is told by then.
        """
        now = time.monotonic()
        is_checkpoint = now - self._checked >= _CHECKED
        if is_checkpoint:
            self._checked = now
            self.flush_all()
        self._send("part", {"position": position, "unsent": self._progress})
        if is_checkpoint:
            self._send("checkpoint", position)

    def alive(self) -> None:
        """Say that this part goes on: whoever waits for the next word is patient anew. Often."""
        if time.monotonic() - self._told >= _INTERVAL:
            self.flush()
        self._breathe()

    def keep(self, content: Any) -> None:
        """Leave something (JSON) to the next process that performs this unit."""
        self._send("keep", content)

    def step(
        self,
        config: Mapping[str, Any],
        step: Step,
        before: str,
        passed: Sequence[Signature] = (),
        first: bool = False,
    ) -> None:
        """Say that ``step`` is about to be performed, in this abstract state, as the next one.

        ``passed`` are the known signatures that the trace has passed on its way so far; ``first``
        says that the worlds are new.
        """
        made = trace_json(config, [step.made])
        self._send("step", [made, step.label, before, [str(each) for each in passed], first])

    def trace(self, config: Mapping[str, Any], steps: Sequence[Step], before: str) -> None:
        """Say that ``steps`` are about to be performed, the last one in this abstract state."""
        made = trace_json(config, [step.made for step in steps])
        self._send("step", [made, steps[-1].label, before, [], True])

    def shrinking(self, found: Divergence) -> None:
        """Say that something was found that is about to be shrunk: it may end the process too.

        `settled` has to follow.
        """
        self._shrinking = True
        self._send("shrinking", found.to_json())

    def found(self, found: Divergence) -> None:
        """Say that something was found that is not known."""
        self._shrinking = False
        self._send("found", found.to_json())

    def masked(self, signature: Signature) -> None:
        """Say that a signature is masked from now on, though nothing new was found."""
        self._send("masked", str(signature))

    def settled(self, found: Divergence | None) -> None:
        """Say that something was found; or, if None, that what was shrunk last is known already."""
        if found is not None:
            self.found(found)
        elif self._shrinking:
            self._shrinking = False
            self._send("dropped", None)

    def tell(self, content: Any) -> None:
        """Say something (JSON) that only whoever made the unit understands."""
        self._send("told", content)

    def count(self, **done: int) -> None:
        """Say how much was done since the last time, such as ``steps=100``: often."""
        for name, number in done.items():
            self._done[name] = self._done.get(name, 0) + number
        if time.monotonic() - self._told >= _INTERVAL:
            self.flush()

    def covered(self, operation: str, before: str) -> None:
        """Say that an operation was performed in an abstract state, as signatures name both.

        It says too that the part goes on.
        """
        self._breathe()
        if (operation, before) not in self._covered:
            self._covered.add((operation, before))
            self._new.append([operation, before])

    def flush_all(self) -> None:
        """Send all that was not sent yet; done for the unit at its end."""
        self.flush()
        performed = {} if self._performed is None else self._performed()
        if performed:
            self._send("source", performed)

    def flush(self) -> None:
        """Send what was counted and covered and is not sent yet."""
        self._told = time.monotonic()
        if self._done or self._new:
            self._send("progress", self._progress)
            self._done, self._new = {}, []

    @property
    def _progress(self) -> dict[str, Any]:
        return {"done": self._done, "covered": self._new}

    def _breathe(self) -> None:
        now = time.monotonic()
        if now - self._spoke >= _INTERVAL:
            self._spoke = now
            self._send("alive", None)


@functools.cache
def loaded(target: str) -> Implementation:
    """The implementation that ``target`` names, loaded once in a process. Raises `TargetError`."""
    return targets.load(target)
