"""The regression corpus: recordings that come with the package and are replayed first of all."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

import fixtures
from fixtures.targets import load
from stateful.lockstep.divergence import PASSING, Divergence, Signature
from stateful.processes.isolation import Launch
from stateful.replay.beside import Beside
from stateful.replay.replaying import ERROR, FIXED, Replayed, Replayer
from stateful.replay.saved import Saved, loads, recorded
from stateful.traces.trace import BadTrace

FOLDER = Path(fixtures.__file__).parent / "traces"


@dataclass(frozen=True)
class CorpusResult:
    """What came of the corpus, in the order in which it was replayed.

    A run is not green if ``replayed`` is zero.
    """

    results: tuple[tuple[Saved, Replayed], ...]

    @property
    def replayed(self) -> int:
        """How many recordings were replayed and judged."""
        return len({saved.name for saved, each in self.results if each.verdict != ERROR})

    @property
    def divergences(self) -> tuple[Divergence, ...]:
        """What differs from the recordings."""
        return tuple(result.found for _, result in self.results if result.found is not None)

    @property
    def unjudged(self) -> dict[str, str]:
        """The recordings that could not be judged, such as for a part that is absent: why."""
        return {
            saved.name: result.problem for saved, result in self.results if result.verdict == ERROR
        }


def corpus(folder: Path = FOLDER) -> tuple[Saved, ...]:
    """All recordings in ``folder``, by name. Raises `BadTrace`, also if there is none."""
    found = []
    for path in sorted(folder.glob("*.json")):
        try:
            saved = loads(path.read_text(encoding="utf-8"), path.stem)
            if saved.expected is None:
                raise BadTrace(
                    "expected: a recording is needed, which says what the reference does"
                )
        except (BadTrace, UnicodeDecodeError) as error:
            raise BadTrace(f"{path}: {error}") from None
        found.append(saved)
    if not found:
        raise BadTrace(f"{folder}: there are no traces in this folder")
    return tuple(found)


def replay_beside(beside: Beside) -> Iterator[tuple[Saved, Replayed]]:
    """Replay the traces of the corpus on a target and an accepted implementation."""
    for each in corpus():
        yield each, beside.replay(each.trace)


def replay_each(
    replayer: Replayer, known: Collection[Signature] = (), saved: Iterable[Saved] | None = None
) -> Iterator[tuple[Saved, Replayed]]:
    """Replay recordings, all of the corpus by default, and yield what comes of each at once.

    Differences that are ``known`` and leave the same state behind pass. After one that is new, the
    recording is replayed again behind it, so that what comes later is seen too. Raises
    `TargetError` if the target does not start again.
    """
    for each in corpus() if saved is None else saved:
        passed = [*known]
        while True:
            result = each.replay(replayer, passed)
            if result.verdict != FIXED or len(passed) == len(known):
                yield each, result
            signature = result.found.signature if result.found is not None else None
            if signature is None or signature.field not in PASSING or signature in passed:
                break
            passed.append(signature)


def replay_corpus(launch: Launch, known: Collection[Signature] = ()) -> CorpusResult:
    """Replay the corpus on a target, as `replay_each`.

    Raises `TargetError` if the target does not start.
    """
    with Replayer(launch) as replayer:
        return CorpusResult(tuple(replay_each(replayer, known)))


def record_again(folder: Path = FOLDER) -> int:
    """Write down anew what the reference does in each trace of ``folder``; how many changed."""
    reference = load("ref")
    changed = 0
    for saved in corpus(folder):
        path = folder / f"{saved.name}.json"
        text = recorded(saved.name, saved.trace, reference, saved.about, saved.clauses).dumps()
        if text != path.read_text(encoding="utf-8"):
            path.write_text(text, encoding="utf-8")
            changed += 1
    return changed


if __name__ == "__main__":
    print(f"{record_again()} recordings changed")
