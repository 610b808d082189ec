"""The explorer as an engine: each state of a scope is a part of a unit."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from fixtures.implementation import Implementation
from stateful.engines.elsewhere import Elsewhere
from stateful.engines.engine import Engine, Sides
from stateful.engines.explorer import Explorer, Listener
from stateful.engines.exploring_elsewhere import ExplorerElsewhere
from stateful.engines.journal import Visit, Visited, Writer, read
from stateful.engines.scopes import SCOPES
from stateful.lockstep.lockstep import quiet_garbage
from stateful.processes.isolation import Launch
from stateful.processes.work import Post, Unit, loaded
from stateful.traces.step import Step

#: How deep each scope is explored in a check, unless its own depth is less. Deeper, an
#: implementation that crashes often takes minutes.
CHECK_DEPTH = 2
#: In a campaign, scopes are explored to depth 1 first, all of them, and so on to this one; then all
#: the way.
_SHALLOW = 2
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
    """Exploring ``scope`` with a target that is loaded where that is done; see `unit`."""
    return unit(Sides(Launch(target), reference=reference), scope, depth, journal)


def unit(sides: Sides, scope: str, depth: int | None = None, journal: Path | None = None) -> Unit:
    """Exploring the scope called ``scope`` to ``depth``, its own if None. Raises KeyError.

    With a ``journal`` (see `stateful.engines.journal`), it goes on from where that stops, and
    is noted there.
    """
    arguments = {
        "scope": scope,
        "depth": SCOPES[scope].depth if depth is None else depth,
        "journal": None if journal is None else str(journal.absolute()),
    }
    if not sides.are_here:
        arguments["sides"] = sides.to_json()
        return Unit(EXPLORER.name, "stateful.engines.units.explorer:explore_elsewhere", arguments)
    arguments.update(target=sides.target.target, reference=sides.reference)
    return Unit(EXPLORER.name, "stateful.engines.units.explorer:explore_unit", arguments)


def _check(sides: Sides) -> Iterator[Unit]:
    # The largest first, so that the workers come to their ends together.
    for name, scope in sorted(SCOPES.items(), key=lambda item: -len(item[1].operations)):
        if scope.shallow:
            yield unit(sides, name, min(CHECK_DEPTH, scope.shallow, scope.depth))


def _campaign(sides: Sides, seed: int) -> Iterator[Unit]:
    deepest = max(scope.depth for scope in SCOPES.values())
    for depth in (*range(1, _SHALLOW + 1), deepest):
        for name, scope in SCOPES.items():
            if depth <= _SHALLOW or scope.depth > _SHALLOW:
                yield unit(sides, name, min(depth, scope.depth))


EXPLORER = Engine("explorer", _check, _campaign)


def explore_elsewhere(
    post: Post, sides: Mapping[str, Any], scope: str, depth: int, journal: str | None = None
) -> dict[str, int]:
    """Explore; what ends a target is told as what it is."""
    with Elsewhere.of(post, sides) as there:
        progress, writer = _begun(there.reference, there.target, scope, journal)
        told = _Told(post, progress, 0, writer)
        listener = Listener(None, post.covered, told.expanded)
        explorer = ExplorerElsewhere(there, SCOPES[scope], progress, listener)
        with quiet_garbage():
            for _ in explorer.divergences(depth):
                pass
        post.count(known=there.known_runs)
        return _counts(explorer, depth)


def explore_unit(
    post: Post, target: str, scope: str, depth: int, reference: str, journal: str | None = None
) -> dict[str, int]:
    """Explore; a state in which the process was lost is tried again without what ended it."""
    progress, writer = _begun(loaded(reference), loaded(target), scope, journal, post.kept)
    losses = 0
    if post.after is not None:
        number, losses = post.after[0], post.after[1] + (not post.again)
        if number == _BEGINNING and losses > 1:
            return {}
        if losses > _LOSSES:
            progress.expanded, losses = number + 1, 0
    told = _Told(post, progress, losses, None if post.only is not None else writer)
    listener = Listener(told.starting, post.covered, told.expanded)
    watcher = post if post.only is None else None
    explorer = Explorer(
        loaded(reference), loaded(target), SCOPES[scope], post.known, progress, listener, watcher
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
        for _ in explorer.divergences(depth):
            pass
    return _counts(explorer, depth)


def _begun(
    reference: Implementation,
    target: Implementation,
    scope: str,
    journal: str | None,
    kept: Sequence[Any] = (),
) -> tuple[Visited, Writer | None]:
    """Where exploring goes on, and who notes how far it comes."""
    if journal is None:
        return _restored(kept), None
    steps = SCOPES[scope].steps(reference, target)
    progress = read(Path(journal)).of(scope, steps)
    return progress, Writer(Path(journal), scope, steps, progress)


def _counts(explorer: Explorer, depth: int) -> dict[str, int]:
    result = explorer.result(depth)
    return {
        "states": result.states,
        "edges": result.edges,
        "steps": result.steps,
        "skipped": result.skipped,
        "flaky": result.flaky,
        "depth": explorer.progress.depth,
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

    def __init__(self, post: Post, progress: Visited, losses: int, writer: Writer | None) -> None:
        self._post = post
        self._writer = writer
        self._progress = progress
        self._losses = losses
        self._sent = len(progress.nodes)
        self._counted = progress.steps

    def starting(self, number: int) -> None:
        self._post.part([number, self._losses])
        self._losses = 0

    def expanded(self, progress: Visited) -> None:
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


def _restored(kept: Sequence[Any]) -> Visited:
    progress = Visited()
    for each in kept:
        progress.nodes += [
            Visit(parent, step, key=key, depth=depth) for parent, step, key, depth in each["new"]
        ]
        progress.expanded = each["expanded"]
        progress.edges, progress.steps, progress.skipped, progress.flaky = each["counts"]
    return progress
