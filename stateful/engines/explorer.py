"""The explorer: breadth-first over the abstract states of a small world, exhaustive to a depth.

In each abstract state, reached by the first and therefore a shortest trace, every step of the scope
is tried. A step after which nothing visible has changed leaves the worlds to the next step; after
any other one, worlds are made anew by repeating the trace. What differs is pinned by repeating the
trace and the step alone, and its signature is reported the first time that it is met, which is
where its trace is shortest. A step that differs leads nowhere, except where what was returned is
all that differs: after such a step both worlds are the same, and the search goes on behind it.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Hashable, Iterator, Sequence
from dataclasses import dataclass, replace

from fixtures.errors import Unsupported
from fixtures.implementation import Implementation
from fixtures.recording import leave_aside
from fixtures.targets import load
from stateful.engines.journal import Visit, Visited, key_of
from stateful.engines.scopes import Scope
from stateful.lockstep.abstract import abstract
from stateful.lockstep.divergence import PASSING, Divergence, Masked, Signature
from stateful.lockstep.fingerprint import fingerprint
from stateful.lockstep.lockstep import Lockstep, divergence, first_difference, quiet_garbage
from stateful.lockstep.settling import Settling, Watcher
from stateful.lockstep.shrink import shrink_divergence
from stateful.traces.step import Step

#: Told of a step before it is performed: its number in the scope, the whole trace with the step at
#: its end, and the abstract state that the step meets.
About = Callable[[int, Sequence[Step], str], None]


@dataclass(frozen=True)
class Explored:
    """What came of exploring a scope to a depth.

    ``states`` and ``edges`` count abstract states and the steps tried in them, ``steps`` all that
    were performed, repetitions included. ``skipped`` counts steps that are known to end the
    process, ``flaky`` what differed, but not when it was repeated.
    """

    scope: str
    depth: int
    divergences: tuple[Divergence, ...]
    states: int
    edges: int
    steps: int
    skipped: int
    flaky: int


@dataclass(frozen=True)
class Listener:
    """Who is told of what an explorer does while it does it.

    ``starting`` of the number of each state before its steps are tried, -1 before there is one;
    ``covered`` of each step as a signature names it, and of the abstract state that it meets;
    ``expanded`` when all steps were tried in the next state.
    """

    starting: Callable[[int], None] | None = None
    covered: Callable[[str, str], None] | None = None
    expanded: Callable[[Visited], None] | None = None


class Explorer:
    """Explores a scope and yields each distinct divergence once.

    ``known`` are signatures that are not reported; steps that are known to end the process are not
    performed. ``progress`` is where an earlier exploration of the same scope stopped. ``watcher``
    is told of what is found.
    """

    def __init__(
        self,
        reference: Implementation,
        target: Implementation,
        scope: Scope,
        known: Collection[Signature] = (),
        progress: Visited | None = None,
        listener: Listener | None = None,
        watcher: Watcher | None = None,
    ) -> None:
        self.reference = reference
        # Told apart here, so that this need not be done for each pair of worlds.
        self.target = target if target != reference else replace(target, name=f"{target.name} (2)")
        self.scope = scope.offered_by(reference, target)
        self.known = Masked(known)
        self._settling = Settling(self.known, self._smallest, watcher)
        self.steps = self.scope.steps(reference, target)
        self.progress = progress or Visited()
        self._start = tuple(Step.of(made) for made in scope.start)
        self._listener = listener or Listener()
        self._numbers: dict[Hashable, int] = {}
        self._by_key = {node.key: number for number, node in enumerate(self.progress.nodes)}

    def divergences(self, depth: int | None = None) -> Iterator[Divergence]:
        """Try every step in every state that is less than ``depth`` steps away.

        The default is the depth of the scope. Yields what is found at once.
        """
        until = self.scope.depth if depth is None else depth
        starting = self._listener.starting
        with quiet_garbage():
            if not self.progress.nodes:
                if starting is not None:
                    starting(-1)
                yield from self.begin()
            nodes = self.progress.nodes
            while self.progress.expanded < len(nodes):
                number = self.progress.expanded
                if nodes[number].depth >= until:
                    return
                if starting is not None:
                    starting(number)
                yield from self.expand(number)

    @property
    def found(self) -> Sequence[Divergence]:
        """What was found so far."""
        return self._settling.found

    def result(self, depth: int | None = None) -> Explored:
        """What came of it so far."""
        progress = self.progress
        return Explored(
            scope=self.scope.name,
            depth=self.scope.depth if depth is None else depth,
            divergences=tuple(self.found),
            states=len(progress.nodes),
            edges=progress.edges,
            steps=progress.steps,
            skipped=progress.skipped,
            flaky=progress.flaky,
        )

    def begin(self, about: About | None = None) -> Iterator[Divergence]:
        """Number the first state, unless the worlds differ before it is reached.

        ``about`` is told of each step as in `expand`.
        """
        driven = Lockstep(self.reference, self.target, self.scope.config)
        try:
            for number, step in enumerate(self._start):
                way = self._start[: number + 1]
                met = driven.before(step)
                if self.known.kills(step.label, met):
                    return
                if about is not None:
                    about(number, way, met)
                self.progress.steps += 1
                found = driven.perform(step) or driven.compare()
                if found is not None:
                    yield from self._pinned(way, (), about)
                    if found.field not in PASSING or driven.compare() is not None:
                        return
            self._number(abstract(driven.reference, self.scope.dimensions), -1, -1)
        except Unsupported:
            return
        finally:
            driven.close()

    def expand(
        self, number: int, about: About | None = None, chosen: Collection[int] | None = None
    ) -> Iterator[Divergence]:
        """Try every step in the state with this number, the first that was not expanded yet.

        With ``about``, which is told of each step before it is performed, each step is tried in
        worlds of its own, and nothing but what is told is performed: for a state in which something
        is known to end the process. Only steps with ``chosen`` numbers are tried, if any are given.
        """
        progress = self.progress
        before = progress.mark()
        try:
            yield from self._tried(number, about, chosen)
        except BaseException:
            # Not all steps were tried: the state will be expanded once more.
            progress.go_back(before)
            self._numbers = {
                state: each for state, each in self._numbers.items() if each < len(progress.nodes)
            }
            raise
        progress.expanded = number + 1
        # What is kept alive by cycles would fill the memory; what is left would only be looked at.
        leave_aside()
        if self._listener.expanded is not None:
            self._listener.expanded(progress)

    def _tried(
        self, number: int, about: About | None, chosen: Collection[int] | None
    ) -> Iterator[Divergence]:
        progress, known, covered = self.progress, self.known, self._listener.covered
        way = self._way_to(number)
        deeper = progress.nodes[number].depth + 1
        driven: Lockstep | None = None
        here: Hashable = None
        met_by: dict[Hashable, str] = {}
        since: list[Step] = []
        try:
            for index, step in enumerate(self.steps):
                if driven is None:
                    driven, since = self._at(way), []
                    if here is None:
                        here = fingerprint(driven.reference)
                if not driven.can(step) or not self.scope.tries(step, deeper - 1):
                    continue
                if chosen is not None and index not in chosen:
                    continue
                looked_at = step.present, step.absent, step.oids, step.jars
                met = met_by.get(looked_at)
                if met is None:
                    met = met_by[looked_at] = driven.before(step)
                progress.edges += 1
                label = step.label
                if known.concerns(label) and known.kills(label, met):
                    progress.skipped += 1
                    continue
                if covered is not None:
                    covered(label, met)
                if about is not None:
                    about(index, (*way, step), met)
                progress.steps += 1
                try:
                    found = driven.perform(step) or driven.compare()
                    if found is not None:
                        behind = driven.compare() if found.field in PASSING else found
                        for each in (found,) if behind is found else (found, behind):
                            if each is not None and not self._is_known(label, met, each.field):
                                exact = (*way, step)
                                yield from self._pinned(exact, (*way, *since, step), about)
                        found = behind
                    if found is None:
                        if about is None and fingerprint(driven.reference) == here:
                            since.append(step)
                            continue
                        if self.scope.leads(step, deeper):
                            reached = abstract(driven.reference, self.scope.dimensions)
                            self._number(reached, number, index)
                except Unsupported:
                    # One of them can perform what the other cannot: this way is at its end.
                    pass
                driven.close()
                driven = None
        finally:
            if driven is not None:
                driven.close()

    # States

    def _number(self, state: Hashable, parent: int, step: int) -> None:
        """Number a state that was reached, if it is a new one."""
        if state in self._numbers:
            return
        nodes = self.progress.nodes
        key = key_of(state)
        number = self._numbers[state] = self._by_key.get(key, len(nodes))
        if number == len(nodes):
            depth = 0 if parent < 0 else nodes[parent].depth + 1
            nodes.append(Visit(parent, step, depth, key))

    def _way_to(self, number: int) -> tuple[Step, ...]:
        """The steps of the shortest trace to a state."""
        way = self.progress.way_to(number)
        return (*self._start, *(self.steps[index] for index in way))

    def _at(self, way: Sequence[Step]) -> Lockstep:
        driven = Lockstep(self.reference, self.target, self.scope.config)
        for step in way:
            driven.perform(step)
        self.progress.steps += len(way)
        return driven

    # Differences

    def _is_known(self, label: str, met: str, field: str) -> bool:
        return self.known.holds(Signature(label, met, field))

    def _pinned(
        self, trace: Sequence[Step], longer: Sequence[Step], about: About | None
    ) -> Iterator[Divergence]:
        """What differs at the end of ``trace``, or else of a ``longer`` one, if it is new."""
        reference, target, config = self.reference, self.target, self.scope.config
        found = first_difference(reference, target, config, trace, known=self.known)
        is_shortest = found is not None and not self._start and not config
        if found is None and len(longer) > len(trace) and about is None:
            found = first_difference(reference, target, config, longer, known=self.known)
        made = None if found is None else divergence(reference, config, found)
        new = self._settling.settle(made, is_shortest or about is not None)
        self.progress.flaky += found is None
        if new is not None:
            yield new

    def _smallest(self, found: Divergence) -> Divergence:
        return shrink_divergence(self.reference, self.target, found, self.known)


def explore(
    reference_name: str,
    target_name: str,
    scope: Scope,
    depth: int | None = None,
    known: Collection[Signature] = (),
) -> Explored:
    """Explore ``scope`` to ``depth``; what is found depends on the arguments alone.

    Raises `TargetError`.
    """
    explorer = Explorer(load(reference_name), load(target_name), scope, known)
    for _ in explorer.divergences(depth):
        pass
    return explorer.result(depth)


__all__ = ["About", "Explored", "Explorer", "Listener", "explore"]
