"""The explorer as a unit of work: each state of a scope is a part."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

from stateful.engines.explorer import Explorer, Listener
from stateful.engines.journal import Node, Progress, Writer, read
from stateful.engines.scopes import SCOPES
from stateful.lockstep.lockstep import quiet_garbage
from stateful.processes.work import Post, Unit, loaded
from stateful.traces.step import Step

#: How often the process may be lost in one state before the rest of that state is left out.
_LOSSES = 30
#: The position of the beginning, where there is no state yet.
_BEGINNING = -1


def explorer_unit(
    target: str,
    scope: str,
    depth: int | None = None,
    reference: str = "ref",
    journal: Path | None = None,
) -> Unit:
    """Exploring the scope called ``scope`` to ``depth``, its own if None. Raises KeyError.

    With a ``journal`` (see `stateful.engines.journal`), it goes on from where that stops, and
    is noted there.
    """
    arguments = {
        "target": target,
        "scope": scope,
        "depth": SCOPES[scope].depth if depth is None else depth,
        "reference": reference,
        "journal": None if journal is None else str(journal.absolute()),
    }
    return Unit("explorer", "stateful.engines.units.explorer:explore_unit", arguments)


def explore_unit(
    post: Post, target: str, scope: str, depth: int, reference: str, journal: str | None = None
) -> dict[str, int]:
    """Explore; a state in which the process was lost is tried again without what ended it."""
    if journal is None:
        progress, writer = _restored(post.kept), None
    else:
        steps = SCOPES[scope].steps(loaded(reference), loaded(target))
        progress = read(Path(journal)).of(scope, steps)
        writer = Writer(Path(journal), scope, steps, progress)
    losses = 0
    if post.after is not None:
        number, losses = post.after[0], post.after[1] + (not post.again)
        if number == _BEGINNING and losses > 1:
            return {}
        if losses > _LOSSES:
            progress.expanded, losses = number + 1, 0
    told = _Told(post, progress, losses, None if post.only is not None else writer)
    listener = Listener(told.starting, post.covered, told.shrinking, told.expanded)
    explorer = Explorer(
        loaded(reference), loaded(target), SCOPES[scope], post.known, progress, listener
    )
    position = post.only or post.after
    with quiet_garbage():
        if position is not None and position[0] != _BEGINNING and not progress.nodes:
            # The first state is kept as soon as its steps were tried, which they never were.
            for _ in explorer.begin():
                pass
        if post.only is not None:
            _alone(post, explorer)
            return {}
        for found in explorer.divergences(depth):
            post.found(found)
    post.settled(None)
    result = explorer.result(depth)
    return {
        "states": result.states,
        "edges": result.edges,
        "steps": result.steps,
        "skipped": result.skipped,
        "flaky": result.flaky,
        "depth": progress.depth,
    }


def _alone(post: Post, explorer: Explorer) -> None:
    """Try the steps of one state, or the beginning, and tell of each."""

    def about(number: int, way: Sequence[Step], before: str) -> None:
        post.trace(explorer.scope.config, way, before)

    number = post.only[0]
    found = explorer.begin(about) if number == _BEGINNING else explorer.expand(number, about)
    for _ in found:
        pass


class _Told:
    """Tells of what an explorer does."""

    def __init__(self, post: Post, progress: Progress, losses: int, writer: Writer | None) -> None:
        self._post = post
        self._writer = writer
        self._progress = progress
        self._losses = losses
        self._sent = len(progress.nodes)
        self._counted = progress.steps

    def starting(self, number: int) -> None:
        self._post.settled(None)
        self._post.part([number, self._losses])
        self._losses = 0

    def shrinking(self, found: Any) -> None:
        self._post.settled(None)
        self._post.shrinking(found)

    def expanded(self, progress: Progress) -> None:
        if self._writer is not None:
            self._writer.expanded(progress)
        new = progress.nodes[self._sent :]
        kept = {
            "new": [[node.parent, node.step, node.key, node.depth] for node in new],
            "expanded": progress.expanded,
            "counts": [progress.edges, progress.steps, progress.skipped, progress.flaky],
        }
        self._post.keep(kept)
        self._sent = len(progress.nodes)
        self._post.count(steps=progress.steps - self._counted)
        self._counted = progress.steps


def _restored(kept: Sequence[Any]) -> Progress:
    progress = Progress()
    for each in kept:
        progress.nodes += [
            Node(parent, step, key=key, depth=depth) for parent, step, key, depth in each["new"]
        ]
        progress.expanded = each["expanded"]
        progress.edges, progress.steps, progress.skipped, progress.flaky = each["counts"]
    return progress
