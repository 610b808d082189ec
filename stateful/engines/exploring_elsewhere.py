"""The explorer over targets elsewhere: all that is tried in a state is judged at once."""

from __future__ import annotations

from collections.abc import Collection, Hashable, Iterator, Sequence
from dataclasses import dataclass, field

from fixtures.errors import Unsupported
from stateful.engines.elsewhere import Draft, Elsewhere, Performed
from stateful.engines.explorer import About, Explorer, Listener
from stateful.engines.journal import Visited
from stateful.engines.scopes import Scope
from stateful.lockstep.abstract import abstract
from stateful.lockstep.divergence import Divergence
from stateful.lockstep.fingerprint import fingerprint
from stateful.traces.step import Step


@dataclass
class _Tried:
    """A run over steps that change nothing, and perhaps one at its end that does.

    ``indexes`` are the numbers of its steps behind the way, ``reached`` the state behind the last
    one, if it leads on.
    """

    performed: Performed
    indexes: list[int] = field(default_factory=list)
    reached: Hashable = None


class ExplorerElsewhere(Explorer):
    """Explores a scope as `Explorer` does; the target, and an accepted one, are ``there``.

    Beside an accepted implementation, steps in which it and the target differ from the reference
    alike lead on as all others do.
    """

    def __init__(
        self,
        there: Elsewhere,
        scope: Scope,
        progress: Visited | None = None,
        listener: Listener | None = None,
    ) -> None:
        super().__init__(there.reference, there.target, scope, (), progress, listener)
        self.known = there.known
        self._there = there

    @property
    def found(self) -> Sequence[Divergence]:
        """What was found so far."""
        return self._there.found

    def begin(self, about: About | None = None) -> Iterator[Divergence]:
        """Number the first state, unless the worlds differ before it is reached."""
        draft = self._there.draft(self.scope.config)
        for step in self._start:
            met = draft.met(step)
            if self.known.kills(step.label, met):
                draft.end()
                return
            draft.add(step, met)
            draft.look()
        state = abstract(draft.world, self.scope.dimensions)
        self.progress.steps += len(self._start)
        before = len(self.found)
        (place,) = self._there.judge([draft.end()])
        yield from self.found[before:]
        if place is None:
            self._number(state, -1, -1)

    def _tried(
        self, number: int, about: About | None, chosen: Collection[int] | None
    ) -> Iterator[Divergence]:
        progress = self.progress
        deeper = progress.nodes[number].depth + 1
        left = [
            index
            for index, step in enumerate(self.steps)
            if self.scope.tries(step, deeper - 1) and (chosen is None or index in chosen)
        ]
        way = self._way_to(number)
        flaky = self._there.flaky
        reached: dict[int, Hashable] = {}
        while left:
            runs = list(self._runs(way, left, deeper))
            before = len(self.found)
            places = self._there.judge([run.performed for run in runs])
            yield from self.found[before:]
            left = []
            for run, place in zip(runs, places, strict=True):
                if place is None:
                    if run.reached is not None:
                        reached[run.indexes[-1]] = run.reached
                    continue
                # Behind it, the worlds differed: what was tried there is tried again.
                behind = run.indexes[max(place - len(way), 0) + 1 :]
                progress.edges -= len(behind)
                left += behind
        for index in sorted(reached):
            self._number(reached[index], number, index)
        progress.flaky += self._there.flaky - flaky

    def _runs(self, way: Sequence[Step], left: Sequence[int], deeper: int) -> Iterator[_Tried]:
        progress, known, covered = self.progress, self.known, self._listener.covered
        here: Hashable = None
        draft: Draft | None = None
        run = _Tried(Performed({}))
        for index in left:
            step = self.steps[index]
            if draft is None:
                draft, run = self._drafted(way)
                if here is None:
                    here = fingerprint(draft.world)
            if not draft.can(step):
                continue
            met = draft.met(step)
            progress.edges += 1
            if known.kills(step.label, met):
                progress.skipped += 1
                continue
            if covered is not None:
                covered(step.label, met)
            if known.masks(step.label, met) and run.indexes:
                # It will differ, and the steps behind it could not be compared.
                yield self._ended(draft, run)
                draft, run = self._drafted(way)
            progress.steps += 1
            try:
                draft.add(step, met)
            except Unsupported:
                continue
            run.indexes.append(index)
            is_same = fingerprint(draft.world) == here
            if is_same and not known.masks(step.label, met):
                continue
            if not is_same and self.scope.leads(step, deeper):
                run.reached = abstract(draft.world, self.scope.dimensions)
            yield self._ended(draft, run)
            draft = None
        if draft is not None and run.indexes:
            yield self._ended(draft, run)
        elif draft is not None:
            draft.end()

    def _drafted(self, way: Sequence[Step]) -> tuple[Draft, _Tried]:
        draft = self._there.draft(self.scope.config)
        for step in way:
            draft.add(step, None)
        self.progress.steps += len(way)
        draft.performed.shared = len(way)
        return draft, _Tried(draft.performed)

    def _ended(self, draft: Draft, run: _Tried) -> _Tried:
        draft.end()
        return run


__all__ = ["ExplorerElsewhere"]
